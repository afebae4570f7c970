//! How a replica that is no member gets what it lacks, before it is proposed as one (R9).
//!
//! What it fetches lies beside its own log, which still speaks of its own view: in an election it stands for no more than
//! before. Only when it installs a view does the one take the place of the other.
//!
//! **Invariant.** What is fetched never counts as what a replica holds.

use crate::application::Application;
use crate::durable::Change;
use crate::log::{Log, Tail};
use crate::message::{Body, Event};
use crate::units::{Ballot, Incarnation, Mark, ReplicaId};

use super::role::Role;
use super::{EffectsFor, Replica};

impl<A: Application> Replica<A> {
    pub(super) fn fetch(&mut self, from: ReplicaId, out: &mut EffectsFor<A>) {
        let marks = self.marks();
        self.send(from, Body::Fetch { marks }, out);
    }

    /// What this replica has of logs, for whoever sends what it lacks. The committed mark is in every later log.
    pub(super) fn marks(&self) -> Vec<Mark> {
        let mut marks = self.disk.marks();
        marks.extend(self.state.is_some().then_some(self.committed));
        marks
    }

    pub(super) fn on_fetch(
        &mut self,
        (from, incarnation): (ReplicaId, Incarnation),
        marks: &[Mark],
        out: &mut EffectsFor<A>,
    ) {
        let Role::Primary(primary) = &mut self.role else {
            return;
        };
        let limits = self.setup.limits;
        let tail = Box::new(self.disk.log.tail_after(marks, limits.message_max));
        if tail.snapshot.is_none() {
            primary.joiners.insert(from, (incarnation, tail.after.op));
        }
        let ballot = self.disk.view.ballot;
        self.send(from, Body::Supply { ballot, tail }, out);
        // At once, if that is all: in a while it would lack much again.
        self.lead(false, out);
    }

    pub(super) fn on_supply(
        &mut self,
        from: ReplicaId,
        ballot: Ballot,
        tail: Box<Tail<A>>,
        out: &mut EffectsFor<A>,
    ) {
        let is_news = tail.snapshot.is_some() || !tail.entries.is_empty();
        let is_waiting = matches!(self.role, Role::Idle) && !self.is_live();
        if !is_waiting || ballot.proposer != from {
            return;
        }
        self.primary_heard = self.now;
        if is_news && self.disk.extended(&tail).is_some() {
            let end = tail.end();
            self.persist(Change::Stage(tail), out);
            out.record(Event::Staged(end));
            self.fetch(from, out);
        }
    }

    /// Whether somebody with these marks lacks more of a log than may be sent while all wait.
    pub(super) fn lags(&self, log: &Log<A>, marks: &[Mark]) -> bool {
        let known = marks
            .iter()
            .filter(|mark| log.mark_at(mark.op) == Some(**mark));
        let known = known.map(|mark| mark.op).max();
        known.is_none_or(|known| log.end().op.beyond(known) > self.setup.limits.joiner_gap_max)
    }
}
