//! A new cluster from a backup.
//!
//! It is another cluster, with an id of its own: devices that belong to the old one begin anew there, so that none takes
//! messages that came after the backup for ones that it has shown. Sessions of the backup stay open for who has their tokens. Its
//! views are later than those of the old cluster that the backup knows of.
//!
//! **Invariant.** All servers begin with the same state, in a folder that was not there.

use std::path::Path;

use cluster::service::Service;
use replica::durable::Durable;
use replica::log::Log;
use replica::units::ReplicaId;
use replica::view::View;

use super::backup::Backup;
use crate::local_cluster::folder::{self, Founding};
use crate::settings::limits::LimitSettings;

impl Backup {
    /// The disk of each server of a new cluster that begins with this state.
    pub fn founding(&self, servers: u32) -> Durable<Service> {
        let service = Service::restored(self.application.clone(), None);
        let ballot = self.promised.max(self.mark.ballot).next_of(ReplicaId(0));
        let view = View {
            ballot,
            ..View::founding(servers)
        };
        Durable {
            promised: ballot,
            view,
            log: Log::founding(service),
            ..Durable::default()
        }
    }
}

/// Makes the folder of a new cluster from a backup. Bounds are those of the backup.
///
/// # Errors
///
/// When the file is no backup, or the folder has anything in it.
pub fn restore(file: &Path, folder: &Path, mut founding: Founding) -> anyhow::Result<Backup> {
    let backup = Backup::read(file)?;
    let settings = backup.application.settings();
    founding.pattern.limits = LimitSettings::of(settings);
    founding.pattern.one_device = settings.one_device;
    let durable = backup.founding(founding.servers);
    folder::found(folder, &founding, |_| Ok(durable.clone()))?;
    Ok(backup)
}
