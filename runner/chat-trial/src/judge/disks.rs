//! What is on the disks of the servers, as it gets there.
//!
//! **Invariant.** What is known here was flushed: nothing of it is lost but by a wipe.

use cluster::service::Service;
use event_log::chat::Property;
use replica::durable::Durable;
use replica::units::{Ballot, Incarnation, Mark, OpNumber, ReplicaId};
use replica::view::View;

use super::finding::Finding;

/// A disk of a server.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct DiskTrack {
    incarnation: Incarnation,
    pub(crate) promised: Ballot,
    view: Ballot,
    /// Whether it has a view at all: an emptied disk has none until its server is a member again.
    has_view: bool,
    end: Mark,
}

/// The disks of all servers.
#[derive(Debug)]
pub(crate) struct Disks {
    pub(crate) tracks: Vec<DiskTrack>,
}

impl Disks {
    pub(crate) fn new(servers: u32) -> Disks {
        Disks {
            tracks: vec![
                DiskTrack {
                    has_view: true,
                    ..DiskTrack::default()
                };
                servers as usize
            ],
        }
    }

    /// How many disks have a view.
    pub(crate) fn with_view(&self) -> usize {
        self.tracks.iter().filter(|disk| disk.has_view).count()
    }

    /// A disk was wiped.
    pub(crate) fn wiped(&mut self, at: usize) {
        self.tracks[at] = DiskTrack::default();
    }

    /// A disk has changed: what it says of its life, its promise and its view never goes back (S8).
    pub(crate) fn written(&mut self, at: usize, disk: &Durable<Service>) -> Result<(), Finding> {
        let before = self.tracks[at];
        let now = DiskTrack {
            incarnation: disk.incarnation,
            promised: disk.promised,
            view: disk.view.ballot,
            has_view: !disk.view.is_none(),
            end: disk.log.end(),
        };
        self.tracks[at] = now;
        let finding = if now.incarnation < before.incarnation {
            format!("life {} after {}", now.incarnation, before.incarnation)
        } else if now.promised < before.promised {
            format!("promise {} after {}", now.promised, before.promised)
        } else if now.view < before.view {
            format!("view {} after {}", now.view, before.view)
        } else {
            return Ok(());
        };
        Err(Finding::of(Property::S8, format!("its disk has {finding}")))
    }

    /// A primary takes commands up to a place for committed: each other member of its view has them on disk (S10).
    pub(crate) fn stored_by_others(
        &self,
        primary: ReplicaId,
        view: &View,
        through: OpNumber,
    ) -> Result<(), Finding> {
        for (&member, &incarnation) in view.members.iter().filter(|&(&id, _)| id != primary) {
            let disk = &self.tracks[member.0 as usize];
            let is_other = disk.incarnation.disk != incarnation.disk || disk.incarnation.life == 0;
            let has_moved_on = disk.view > view.ballot;
            if !(is_other || has_moved_on || self.holds(member.0 as usize, view.ballot, through)) {
                let finding = format!(
                    "server {} takes {through} for committed in view {view}, and the disk of member {member} ends at {} in \
                     view {}",
                    primary, disk.end, disk.view
                );
                return Err(Finding::of(Property::S10, finding));
            }
        }
        Ok(())
    }

    /// A server says that commands up to a place are committed: it has them on disk (S10).
    pub(crate) fn stored(
        &self,
        at: usize,
        ballot: Ballot,
        through: OpNumber,
    ) -> Result<(), Finding> {
        let disk = &self.tracks[at];
        match disk.view != ballot || self.holds(at, ballot, through) {
            true => Ok(()),
            false => Err(Finding::of(
                Property::S10,
                format!(
                    "it says that {through} is committed, and its disk ends at {}",
                    disk.end
                ),
            )),
        }
    }

    fn holds(&self, at: usize, ballot: Ballot, through: OpNumber) -> bool {
        let disk = &self.tracks[at];
        disk.view == ballot && disk.end.op >= through
    }
}
