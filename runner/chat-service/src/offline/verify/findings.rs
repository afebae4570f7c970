//! What must hold of disks, each for itself and all together.
//!
//! Where two logs have parted only the one of the later view counts: the end of the other was given up, or will be when its server
//! joins. So disks of one view must have the same log as far as both go, and all disks the same state wherever their logs are
//! the same.
//!
//! **Invariant.** A finding names the disks, the place, what was expected and what was found.

use replica::units::{OpNumber, ReplicaId};

use super::super::disks::Disk;

/// What was found of disks that could be read.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) findings: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) agree_through: Option<u64>,
}

pub(super) fn judge(disks: &[Disk]) -> Judged {
    let mut judged = Judged::default();
    for disk in disks {
        judged.alone(disk);
    }
    let filled: Vec<&Disk> = disks
        .iter()
        .filter(|disk| !disk.durable.view.is_none())
        .collect();
    for (place, disk) in filled.iter().enumerate() {
        for other in &filled[place + 1..] {
            judged.pair(disk, other);
        }
    }
    judged
}

impl Judged {
    fn alone(&mut self, disk: &Disk) {
        let (durable, owner) = (&disk.durable, disk.owner);
        let place = disk.folder.display();
        let (view, log) = (&durable.view, &durable.log);
        if view.is_none() {
            self.notes.push(format!(
                "{place}: empty: its server fetches everything from the others when it starts, if all of them run"
            ));
        }
        if durable.promised < view.ballot {
            self.findings.push(format!(
                "{place}: expected to have promised its view {} or a later one, found {}",
                view.ballot, durable.promised
            ));
        }
        if log.end().ballot > view.ballot {
            self.findings.push(format!(
                "{place}: expected no command of a view later than its own, {}, found one of {} at {}",
                view.ballot,
                log.end().ballot,
                log.end().op
            ));
        }
        let own = ReplicaId(owner.server.0);
        if let Some(admitted) = view
            .members
            .get(&own)
            .filter(|&&life| life > durable.incarnation)
        {
            self.findings.push(format!(
                "{place}: its view admitted this server in life {admitted}, expected to be in it or past it, found life {}",
                durable.incarnation
            ));
        }
        let strangers = view.members.keys().filter(|id| id.0 >= owner.servers);
        for stranger in strangers {
            self.findings.push(format!(
                "{place}: expected members of a view among servers 0 to {}, found {stranger}",
                owner.servers - 1
            ));
        }
    }

    fn pair(&mut self, one: &Disk, other: &Disk) {
        let places = (one.folder.display(), other.folder.display());
        if (one.owner.cluster, one.owner.servers) != (other.owner.cluster, other.owner.servers) {
            self.findings.push(format!(
                "{}, {}: disks of different clusters: {} of {} servers, {} of {}",
                places.0,
                places.1,
                one.owner.cluster,
                one.owner.servers,
                other.owner.cluster,
                other.owner.servers
            ));
            return;
        }
        if one.owner.server == other.owner.server {
            self.findings.push(format!(
                "{}, {}: both are the disk of server {}: one is a copy, and must never be started",
                places.0, places.1, one.owner.server.0
            ));
        }
        let (logs, views) = (
            (&one.durable.log, &other.durable.log),
            (&one.durable.view, &other.durable.view),
        );
        let ends = (logs.0.end(), logs.1.end());
        let fork = logs.0.fork(logs.1);
        let agreed = self
            .agree_through
            .map_or(fork.0, |agreed| agreed.min(fork.0));
        self.agree_through = Some(agreed);
        if views.0.ballot == views.1.ballot {
            let shorter = ends.0.op.min(ends.1.op);
            if views.0.members != views.1.members {
                self.findings.push(format!(
                    "{}, {}: both are in view {}, expected the same members, found {} and {}",
                    places.0, places.1, views.0.ballot, views.0, views.1
                ));
            }
            if fork < shorter {
                self.findings.push(format!(
                    "{}, {}: both are in view {}, expected the same log through {shorter}, found that they part after {fork}",
                    places.0, places.1, views.0.ballot
                ));
            }
        } else if fork < ends.0.op && fork < ends.1.op {
            let (older, end) = match views.0.ballot < views.1.ballot {
                true => (&places.0, ends.0),
                false => (&places.1, ends.1),
            };
            self.notes.push(format!(
                "{older}: {} commands after {fork} are in no later view; they are given up when its server joins",
                end.op.0 - fork.0
            ));
        }
        self.states(one, other, fork);
    }

    /// Where their logs are the same their states must be.
    fn states(&mut self, one: &Disk, other: &Disk, fork: OpNumber) {
        let (Some(ours), Some(theirs)) = (one.state_at(fork), other.state_at(fork)) else {
            self.notes.push(format!(
                "{}, {}: the same through {fork}, where one has a snapshot of later commands: their states there are not compared",
                one.folder.display(),
                other.folder.display()
            ));
            return;
        };
        if ours.application() != theirs.application() {
            self.findings.push(format!(
                "{}, {}: the same log through {fork}, expected the same state there, found different ones",
                one.folder.display(),
                other.folder.display()
            ));
        }
    }
}
