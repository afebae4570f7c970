//! The last server goes on alone.
//!
//! A server waits for the others where they may know more than it. If they will never come back somebody must say so: that is
//! this. It enters a view of itself alone, later than all views that its disk knows of.
//!
//! **Invariant.** What the others took without this server is given up, and nothing else.

use std::path::Path;

use anyhow::bail;
use replica::durable::Change;
use replica::log::Tail;
use replica::units::{Mark, ReplicaId};
use replica::view::View;

use crate::disk::Disk as _;
use crate::settings::cluster_file::CLUSTER_FILE;
use crate::settings::{ClusterFile, Tolerate};
use crate::store::Store;

/// A view that was forced, or would be.
#[derive(Debug, Clone)]
pub struct ForcedView {
    /// The server's number.
    pub server: u32,
    /// The view that it was in.
    pub before: View,
    /// The view of itself alone.
    pub after: View,
    /// The last command of its log.
    pub end: Mark,
    /// Where what it had fetched of a later view ends: the others knew more.
    pub fetched: Option<Mark>,
}

/// Makes a server the only member of its view; only says what would be done unless `is_meant`.
///
/// # Errors
///
/// When a server runs on the disk, it is empty or damaged, or the cluster needs a majority.
pub fn force_view(folder: &Path, is_meant: bool) -> anyhow::Result<ForcedView> {
    let (mut store, owner) = Store::open_any(folder)?;
    check_tolerance(folder)?;
    let durable = store.durable();
    if durable.view.is_none() {
        bail!(
            "{}: an empty disk: it has nothing to go on with; restore a backup with `runner chat restore`",
            folder.display()
        );
    }
    let own = ReplicaId(owner.server.0);
    let ballot = durable.promised.max(durable.view.ballot).next_of(own);
    let after = View {
        ballot,
        members: [(own, durable.incarnation)].into(),
    };
    let end = durable.log.end();
    let forced = ForcedView {
        server: owner.server.0,
        before: durable.view.clone(),
        after: after.clone(),
        end,
        fetched: durable.staged.as_ref().map(|staged| staged.end()),
    };
    if is_meant {
        let tail = Tail {
            after: end,
            snapshot: None,
            entries: Vec::new(),
        };
        let install = Change::Install {
            view: after,
            tail: Box::new(tail),
        };
        store.write(vec![install])?;
    }
    Ok(forced)
}

/// A server alone is no majority, so nothing would be won.
fn check_tolerance(folder: &Path) -> anyhow::Result<()> {
    let Some(cluster) = folder.parent() else {
        return Ok(());
    };
    if !cluster.join(CLUSTER_FILE).try_exists()? {
        return Ok(());
    }
    let file = ClusterFile::read(cluster)?;
    if file.tolerate == Tolerate::Partitions && file.servers.len() > 2 {
        bail!(
            "{}: this cluster tolerates partitions, so one server alone never serves; make a new cluster of what it has: \
             `runner chat backup FILE --folder {}`, then `runner chat restore FILE --folder NEW`",
            folder.display(),
            folder.display()
        );
    }
    Ok(())
}
