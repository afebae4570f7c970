//! The folder of a server: found, opened, or filled again.
//!
//! **Invariant.** A folder without state is never taken for a new one unless the operator says which: of a new cluster, or lost.

use std::path::Path;

use anyhow::bail;
use chat::limits::Settings;
use chat::rule::Rules;
use cluster::service::Service;
use replica::durable::Durable;
use tracing::warn;

use super::start::Start;
use crate::settings::ServerSettings;
use crate::store::{DATABASE, Membership, Store};

/// Opens the disk of a server, or makes it, as the operator says.
pub(super) fn open(
    settings: &ServerSettings,
    start: Start,
) -> anyhow::Result<(Store, Durable<Service>)> {
    let (folder, membership) = (&settings.folder, membership(settings)?);
    if start.founds {
        let durable = founding(settings)?;
        let store = Store::create(folder, &membership, durable.clone())?;
        return Ok((store, durable));
    }
    let is_there = folder.join(DATABASE).try_exists()?;
    if start.has_empty_disk && !is_there {
        let store = Store::create(folder, &membership, Durable::default())?;
        warn!(
            "this disk was lost, as the operator says: this server begins with nothing, and waits until all others have \
             told it what they promised"
        );
        return Ok((store, Durable::default()));
    }
    let (store, durable) = Store::open(folder, &membership)?;
    let folder = folder.display();
    match (start.has_empty_disk, durable.view.is_none()) {
        (true, false) => bail!(
            "{folder}: expected an empty folder for --empty-disk, and this one has a server's state; leave the flag out, \
             or move the folder away if its content is not to be trusted"
        ),
        (false, true) => bail!(
            "{folder}: expected a server's state, and this one is still empty: it was begun with --empty-disk, and has \
             not heard from all others yet. Start it with --empty-disk again"
        ),
        _ => {}
    }
    warn_of_other_limits(settings, &durable);
    Ok((store, durable))
}

/// What is on the disk of each server of a new cluster.
pub(crate) fn founding(settings: &ServerSettings) -> anyhow::Result<Durable<Service>> {
    let service = Service::new(bounds(settings), Rules::default());
    Ok(Durable::founding(membership(settings)?.servers, service))
}

/// Makes the disk of a server in this folder, with this on it.
///
/// # Errors
///
/// When there is one, or the system does not let us.
pub(crate) fn found(
    settings: &ServerSettings,
    folder: &Path,
    durable: Durable<Service>,
) -> anyhow::Result<Store> {
    Ok(Store::create(folder, &membership(settings)?, durable)?)
}

/// Whose disk a server with these settings has.
fn membership(settings: &ServerSettings) -> anyhow::Result<Membership> {
    Ok(Membership {
        cluster: settings.cluster,
        server: settings.id(),
        servers: u32::try_from(settings.servers.len())?,
    })
}

fn bounds(settings: &ServerSettings) -> Settings {
    settings.limits.settings(settings.one_device)
}

/// Bounds of the service are part of what is replicated: the file can say others, and they do not hold.
fn warn_of_other_limits(settings: &ServerSettings, durable: &Durable<Service>) {
    let Some(snapshot) = durable.log.snapshot() else {
        return;
    };
    let held = snapshot.state.application().settings();
    if *held != bounds(settings) {
        warn!(
            ?held,
            "[limits] and one_device are not those that the cluster was founded with, which hold"
        );
    }
}
