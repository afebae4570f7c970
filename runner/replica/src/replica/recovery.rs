//! An emptied disk (R10).
//!
//! What it has promised is forgotten, so it promises nothing before it knows the highest promise of all the others: none that
//! it gave can be higher, because whoever asked for it had promised it before. Its lives are forgotten too: it skips ahead
//! of all that anybody knows of, and a life that nobody knows of has promised and stored nothing that counts.
//!
//! **Invariant.** Until everybody else has answered, the replica says nothing but its question.

use std::collections::BTreeMap;

use crate::application::Application;
use crate::durable::Change;
use crate::message::{Body, Event};
use crate::units::{Ballot, Incarnation, ReplicaId};

use super::role::Role;
use super::{EffectsFor, Replica};

impl<A: Application> Replica<A> {
    pub(super) fn begin_empty(&mut self, out: &mut EffectsFor<A>) {
        out.record(Event::EmptyDisk);
        if !self.setup.may_recover {
            self.role = Role::Shut;
            return;
        }
        self.role = Role::Recovering {
            attempt: self.now.0,
            recalls: BTreeMap::new(),
        };
        self.next_repetition = self.now.after_ns(self.setup.timing.repetition_ns);
        self.ask_all(out);
    }

    pub(super) fn ask_all(&mut self, out: &mut EffectsFor<A>) {
        let Role::Recovering { attempt, recalls } = &self.role else {
            return;
        };
        for id in self.others().filter(|id| !recalls.contains_key(id)) {
            self.send(id, Body::Recover { attempt: *attempt }, out);
        }
    }

    pub(super) fn on_recover(&mut self, from: ReplicaId, attempt: u64, out: &mut EffectsFor<A>) {
        if !self.has_begun() {
            return;
        }
        let member = self.disk.view.members.get(&from).copied();
        let known = self.detector.life(from).max(member.unwrap_or_default());
        let recall = Body::Recall {
            attempt,
            promised: self.disk.promised,
            known,
        };
        self.send(from, recall, out);
    }

    pub(super) fn on_recall(
        &mut self,
        from: ReplicaId,
        to: u64,
        recall: (Ballot, Incarnation),
        out: &mut EffectsFor<A>,
    ) {
        let others = self.others().count();
        let Role::Recovering { attempt, recalls } = &mut self.role else {
            return;
        };
        if *attempt != to {
            return;
        }
        recalls.insert(from, recall);
        if recalls.len() < others {
            return;
        }
        let promised = recalls.values().map(|&(promised, _)| promised).max();
        let known = recalls.values().map(|&(_, known)| known).max();
        let (promised, known) = (promised.unwrap_or_default(), known.unwrap_or_default());
        self.role = Role::Idle;
        self.highest = self.highest.max(promised);
        self.persist(Change::Promise(promised), out);
        out.record(Event::Recovered { promised });
        self.begin_life(known.next_disk().next_life(), out);
        self.back_off();
    }
}
