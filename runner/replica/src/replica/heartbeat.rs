//! Who is there, and who has been left out (R12).
//!
//! A replica that learns of a later view without it does not fight: it begins a new life and asks to join. Two groups
//! without a common member are another matter. Only a partition under [`crate::rules::Tolerance::Crashes`] makes them, and
//! both have served: the one that has committed less gives way, and says what is lost. Of what it does not know, because it has
//! begun again since, it says what it held and in which view: what all members of a view have given up was committed if all
//! held it, and is lost.
//!
//! **Invariant.** Of two groups that meet at most one gives way to the other.

use crate::application::Application;
use crate::message::{Body, Event};
use crate::rules::Rule;
use crate::units::{Incarnation, OpNumber, ReplicaId};
use crate::view::View;

use super::role::Role;
use super::{EffectsFor, Replica};

impl<A: Application> Replica<A> {
    pub(super) fn send_heartbeats(&self, out: &mut EffectsFor<A>) {
        for id in self.others() {
            self.send_heartbeat(id, out);
        }
    }

    pub(super) fn send_heartbeat(&self, to: ReplicaId, out: &mut EffectsFor<A>) {
        let heartbeat = Body::Heartbeat {
            view: self.disk.view.clone(),
            promised: self.disk.promised,
            is_serving: self.is_serving(),
            committed: self.committed.op,
        };
        self.send(to, heartbeat, out);
    }

    pub(super) fn on_heartbeat(
        &mut self,
        (from, incarnation): (ReplicaId, Incarnation),
        view: View,
        is_serving: bool,
        committed: OpNumber,
        out: &mut EffectsFor<A>,
    ) {
        if is_serving && view.ballot >= self.disk.view.ballot {
            self.primary_heard = self.now;
        }
        if self.is_live() && view.names(from, incarnation) {
            self.face(&view, is_serving, committed, out);
        }
        let is_member = view.names(self.setup.id, self.disk.incarnation);
        if !is_serving || view.primary() != from {
            return;
        }
        if is_member && view.ballot == self.disk.view.ballot {
            self.commit_through(committed, out);
        } else if !is_member
            && !self.is_live()
            && matches!(self.role, Role::Idle)
            && self.holds(Rule::Rejoin)
        {
            self.fetch(from, out);
        }
    }

    /// A live replica faces the view of another live one.
    fn face(
        &mut self,
        view: &View,
        is_serving: bool,
        committed: OpNumber,
        out: &mut EffectsFor<A>,
    ) {
        let ours = &self.disk.view;
        if view.names(self.setup.id, self.disk.incarnation) {
            return;
        }
        if ours.members.keys().all(|&id| !view.has(id)) {
            // What a primary has committed its backups have, if they do not know it yet.
            let known = match self.is_serving() {
                true => self.committed.op,
                false => self.disk.log.end().op,
            };
            let theirs = (committed, view.members.len(), view.ballot);
            if is_serving && theirs > (known, ours.members.len(), ours.ballot) {
                out.record(Event::Diverged { view: view.clone() });
                self.begin_again(out);
            }
        } else if view.ballot > ours.ballot && self.holds(Rule::ExcludedIsDead) {
            out.record(Event::Excluded { view: view.clone() });
            self.begin_again(out);
        }
    }
}
