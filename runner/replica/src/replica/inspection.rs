//! What others may see of a replica, and what tests may decide for it.
//!
//! **Invariant.** Without the feature `mutants` nothing here changes a replica.

use crate::application::Application;
use crate::durable::Durable;
use crate::rules::Rule;
use crate::setup::Setup;
use crate::units::{Mark, OpNumber, ReplicaId};

use super::Replica;
use super::role::Role;

impl<A: Application> Replica<A> {
    /// The disk as it will be.
    pub fn disk(&self) -> &Durable<A> {
        &self.disk
    }

    /// Its setup.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Whether it serves.
    pub fn is_serving(&self) -> bool {
        matches!(self.role, Role::Primary(_))
    }

    /// Whether it has installed its view in this life.
    pub fn is_live(&self) -> bool {
        let (view, id) = (&self.disk.view, self.setup.id);
        let is_member = match self.holds(Rule::Incarnations) {
            true => view.names(id, self.disk.incarnation),
            false => view.has(id),
        };
        is_member && !self.has_left()
    }

    /// The last command that it knows to be committed.
    pub fn committed(&self) -> Mark {
        self.committed
    }

    /// The state after that command; none before an emptied disk has a log again.
    pub fn state(&self) -> Option<&A> {
        self.state.as_ref()
    }

    /// How far each other member has the log on disk, as far as it knows; nobody while it does not serve.
    pub fn stored(&self) -> impl Iterator<Item = (ReplicaId, OpNumber)> {
        let primary = match &self.role {
            Role::Primary(primary) => Some(primary),
            _ => None,
        };
        let stored = primary.into_iter().flat_map(|primary| &primary.stored);
        let own = self.setup.id;
        stored
            .map(|(&id, &op)| (id, op))
            .filter(move |&(id, _)| id != own)
    }

    /// Who serves and stays, as far as it knows.
    pub fn primary(&self) -> Option<ReplicaId> {
        let is_heard = self.now < self.primary_heard.after_ns(self.setup.timing.orphan_ns());
        let primary = self.disk.view.primary();
        match primary == self.setup.id {
            true => (self.is_serving() && self.leaves_by.is_none()).then_some(primary),
            false => {
                let is_there = is_heard && !self.detector.has_left(primary);
                (is_there && !self.disk.view.is_none()).then_some(primary)
            }
        }
    }

    /// Becomes a candidate at once: for a test that decides who proposes.
    #[cfg(any(test, feature = "mutants"))]
    pub fn campaign_now(
        &mut self,
        now: machine::process::units::Time,
        out: &mut super::EffectsFor<A>,
    ) {
        self.enter(now, out);
        if self.has_begun() && !self.disk.view.is_none() {
            self.campaign(out);
        }
        self.ask(out);
    }

    /// Takes a peer for dead until it is heard: for a test that decides who is suspected.
    #[cfg(any(test, feature = "mutants"))]
    pub fn presume_dead(&mut self, peer: ReplicaId) {
        self.detector.presume_dead(peer);
    }
}
