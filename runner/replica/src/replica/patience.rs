//! How long a candidate waits, and how it asks the others to wait.
//!
//! **Invariant.** Nobody waits longer for a candidate than for a primary that is silent, unless it says that it still tries.

use crate::application::Application;
use crate::message::Body;
use crate::units::Ballot;

use super::role::Role;
use super::{EffectsFor, Replica};

impl<A: Application> Replica<A> {
    /// How long a candidate waits for the answers of all whom it hears before it decides with fewer.
    pub(super) fn gathering_ns(&self) -> u64 {
        let heard = self
            .others()
            .filter(|&id| !self.detector.suspects(id, self.now));
        self.pace.wait_ns(&self.setup.timing, heard)
    }

    /// How long a candidate tries before it gives up: long enough for all whom it hears to answer, and then to install the
    /// view.
    pub(super) fn attempt_ns(&self) -> u64 {
        let answered_ns = self.gathering_ns().saturating_mul(2);
        answered_ns.max(self.setup.timing.attempt_ns)
    }

    /// Says that it still gathers answers, or installs a view, where that takes longer than others wait by themselves.
    pub(super) fn ask_for_patience(&self, out: &mut EffectsFor<A>) {
        let is_trying = matches!(self.role, Role::Candidate(_) | Role::Installer(_));
        if is_trying && self.attempt_ns() > self.setup.timing.attempt_ns {
            let ballot = self.disk.promised;
            for id in self.others() {
                self.send(id, Body::Gathering { ballot }, out);
            }
        }
    }

    pub(super) fn on_gathering(&mut self, ballot: Ballot) {
        if ballot == self.disk.promised {
            self.primary_heard = self.now;
        }
    }
}
