//! What a server says of itself to whoever asks.
//!
//! **Invariant.** To say it changes nothing, and costs a look at every account once a second at most.

use chat::identity::ServerId;
use chat::wire::status::{ReplicaStatus, Status, Totals};
use machine::process::units::Time;

use super::Server;

/// How long totals serve.
const TOTALS_AGE_NS: u64 = 1_000_000_000;

impl Server {
    /// How it is now, as it answers a client that asks.
    pub fn status(&mut self, now: Time) -> Status {
        let mut status = self.door.status();
        self.fill_in(now, &mut status);
        status
    }

    /// Says what the door does not know.
    pub(super) fn fill_in(&mut self, now: Time, status: &mut Status) {
        status.replica = self.replica_status();
        status.totals = self.totals(now);
    }

    fn replica_status(&self) -> ReplicaStatus {
        let disk = self.replica.disk();
        let server = |id: replica::units::ReplicaId| ServerId(id.0);
        let members = disk.view.members.keys();
        let stored = self.replica.stored();
        ReplicaStatus {
            members: members.map(|&id| server(id)).collect(),
            is_live: self.replica.is_live(),
            end: disk.log.end().op.0,
            committed: self.replica.committed().op.0,
            stored: stored.map(|(id, op)| (server(id), op.0)).collect(),
        }
    }

    fn totals(&mut self, now: Time) -> Totals {
        let is_fresh = |at: Time| now.since_ns(at) < TOTALS_AGE_NS;
        if !self.totals.0.is_some_and(is_fresh) {
            self.totals = (Some(now), self.application().totals());
        }
        self.totals.1
    }
}
