//! What a primary and its backups do with commands (R7).
//!
//! A primary sends a command to all members and writes it, at the same time. It is committed once all members have it on
//! disk: then it is applied, and answered. A backup learns of it with the next command or heartbeat.
//!
//! **Invariant.** While a view lasts, the log of each member is a beginning of the primary's; `committed` never goes back in
//! it.

use crate::application::Application;
use crate::durable::Change;
use crate::log::Entry;
use crate::message::{Body, Event};
use crate::rules::Rule;
use crate::units::{Ballot, Incarnation, Mark, OpNumber, ReplicaId};

use super::role::Role;
use super::{Committed, EffectsFor, Refusal, Replica};

impl<A: Application> Replica<A> {
    /// Whether a message of this view comes too late, because a later one is promised (R1).
    fn is_fenced(&self, ballot: Ballot) -> bool {
        ballot != self.disk.promised && self.holds(Rule::Fence)
    }

    pub(super) fn add(
        &mut self,
        command: A::Command,
        out: &mut EffectsFor<A>,
    ) -> Result<Mark, Refusal> {
        let ballot = self.disk.view.ballot;
        if !self.is_serving() || self.is_fenced(ballot) || self.leaves_by.is_some() {
            return Err(Refusal::NotServing);
        }
        let end = self.disk.log.end();
        if end.op.beyond(self.committed.op) >= self.setup.limits.window_max {
            return Err(Refusal::Busy);
        }
        let mark = Mark {
            op: end.op.plus(1),
            ballot,
        };
        let entries = vec![Entry { ballot, command }];
        let members = self.disk.view.members.keys();
        for &member in members.filter(|&&id| id != self.setup.id) {
            let prepare = Body::Prepare {
                ballot,
                after: end.op,
                entries: entries.clone(),
                committed: self.committed.op,
            };
            self.send(member, prepare, out);
        }
        let is_first = end == self.committed;
        if is_first {
            self.next_repetition = self.now.after_ns(self.setup.timing.repetition_ns);
        }
        self.store(entries, out);
        self.commit_stored(out);
        Ok(mark)
    }

    fn store(&mut self, entries: Vec<Entry<A::Command>>, out: &mut EffectsFor<A>) {
        let change = Change::Append(entries);
        match self.holds(Rule::WriteToDisk) {
            true => self.persist(change, out),
            false => self.disk.change(change),
        }
    }

    pub(super) fn on_prepare(
        &mut self,
        from: ReplicaId,
        ballot: Ballot,
        after: OpNumber,
        entries: Vec<Entry<A::Command>>,
        committed: OpNumber,
        out: &mut EffectsFor<A>,
    ) {
        if ballot != self.disk.view.ballot || self.is_fenced(ballot) || !self.is_live() {
            return;
        }
        self.primary_heard = self.now;
        let end = self.disk.log.end().op;
        if after <= end {
            let entries: Vec<_> = entries.into_iter().skip(end.beyond(after)).collect();
            if !entries.is_empty() {
                self.store(entries, out);
            }
        }
        let through = self.disk.log.end().op;
        self.send(from, Body::PrepareOk { ballot, through }, out);
        self.commit_through(committed, out);
    }

    pub(super) fn on_prepare_ok(
        &mut self,
        (from, incarnation): (ReplicaId, Incarnation),
        ballot: Ballot,
        through: OpNumber,
        out: &mut EffectsFor<A>,
    ) {
        let view = &self.disk.view;
        let is_member = match self.holds(Rule::Incarnations) {
            true => view.names(from, incarnation),
            false => view.has(from),
        };
        if ballot != view.ballot || self.is_fenced(ballot) || !is_member {
            return;
        }
        let Role::Primary(primary) = &mut self.role else {
            return;
        };
        let stored = primary.stored.entry(from).or_default();
        *stored = through.max(*stored);
        self.commit_stored(out);
    }

    /// Commits what all members have.
    fn commit_stored(&mut self, out: &mut EffectsFor<A>) {
        let (id, end) = (self.setup.id, self.disk.log.end().op);
        let waits = self.holds(Rule::WriteAll);
        let Role::Primary(primary) = &mut self.role else {
            return;
        };
        primary.stored.insert(id, end);
        let by_all = primary.stored.values().min().copied().unwrap_or(end);
        let through = if waits { by_all } else { end };
        if through > self.committed.op {
            self.commit_through(through, out);
            let ballot = self.disk.view.ballot;
            out.record(Event::Committed { ballot, through });
        }
    }

    /// Applies what is committed, as far as the log goes.
    pub(super) fn commit_through(&mut self, through: OpNumber, out: &mut EffectsFor<A>) {
        let is_serving = self.is_serving();
        while self.committed.op < through {
            let op = self.committed.op.plus(1);
            let (Some(entry), Some(state)) = (self.disk.log.entry(op), &mut self.state) else {
                break;
            };
            let output = state.apply(op, &entry.command);
            let ballot = entry.ballot;
            self.committed = Mark { op, ballot };
            if is_serving {
                let mark = self.committed;
                self.outputs.push(Committed { mark, output });
            }
        }
        let swallowed = self.committed.op.beyond(self.disk.log.base().op);
        if swallowed > self.setup.limits.log_max
            && let Some(state) = &self.state
        {
            let snapshot = self.disk.log.snapshot_at(self.committed, state.clone());
            self.persist(Change::Compact(snapshot), out);
            out.record(Event::Compacted(self.committed.op));
        }
    }

    /// What a primary does by the clock.
    pub(super) fn lead(&mut self, repeats: bool, out: &mut EffectsFor<A>) {
        if !self.hears_enough() {
            // Nothing can be committed here: clients had better ask elsewhere.
            return self.step_down(out);
        }
        if self.now >= self.patient_until {
            let members = &self.disk.view.members;
            let dead = members.iter().find(|&(&id, &incarnation)| {
                id != self.setup.id && self.detector.is_dead(id, incarnation, self.now)
            });
            if let Some((&dead, _)) = dead {
                out.record(Event::Suspected(dead));
                return self.campaign(out);
            }
            if self.has_joiner() {
                return self.campaign(out);
            }
        }
        if repeats {
            self.repeat(out);
        }
    }

    /// Whether somebody who is no member has caught up, and still runs in that life.
    fn has_joiner(&self) -> bool {
        let Role::Primary(primary) = &self.role else {
            return false;
        };
        let (end, gap_max) = (self.disk.log.end().op, self.setup.limits.joiner_gap_max);
        primary
            .joiners
            .iter()
            .any(|(&id, &(incarnation, through))| {
                let is_alive = !self.detector.is_dead(id, incarnation, self.now);
                let is_new = !self.disk.view.names(id, incarnation);
                is_alive && is_new && end.beyond(through) <= gap_max
            })
    }

    /// Sends again what members have not said that they stored.
    fn repeat(&mut self, out: &mut EffectsFor<A>) {
        let Role::Primary(primary) = &self.role else {
            return;
        };
        let log = &self.disk.log;
        let behind = primary.stored.iter();
        for (&member, &after) in behind.filter(|&(_, &stored)| stored < log.end().op) {
            let skipped = after.beyond(log.base().op);
            let entries = log.entries().skip(skipped);
            let prepare = Body::Prepare {
                ballot: self.disk.view.ballot,
                after,
                entries: entries
                    .take(self.setup.limits.message_max)
                    .cloned()
                    .collect(),
                committed: self.committed.op,
            };
            self.send(member, prepare, out);
        }
    }
}
