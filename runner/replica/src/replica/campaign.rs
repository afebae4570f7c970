//! From candidate to decision: promises, and the choice of a log (R1 to R5).
//!
//! A candidate asks all to promise its view, and waits for the answers as long as they take (`pace`). With them [`crate::choice`] says whose log the view starts from and who
//! must have it first.
//!
//! **Invariant.** A ballot is promised on disk before anybody hears of it, by its proposer too.

use std::collections::BTreeMap;

use crate::application::Application;
use crate::choice::{Answer, Election};
use crate::durable::Change;
use crate::message::{Body, Event};
use crate::rules::Rule;
use crate::units::{Ballot, Mark, ReplicaId};

use super::role::{Candidate, Promise, Role};
use super::{EffectsFor, Replica};

impl<A: Application> Replica<A> {
    pub(super) fn campaign(&mut self, out: &mut EffectsFor<A>) {
        if self.leaves_by.is_some() {
            // The next view is for those who stay to propose.
            return self.step_down(out);
        }
        if self.is_serving() {
            out.record(Event::SteppedDown(self.disk.view.ballot));
        }
        let ballot = self.disk.promised.max(self.highest).next_of(self.setup.id);
        self.persist(Change::Promise(ballot), out);
        out.record(Event::Campaigned(ballot));
        self.pace.ask(ballot, self.now);
        let promise = Promise {
            incarnation: self.disk.incarnation,
            view: self.disk.view.clone(),
            end: self.disk.log.end(),
            marks: self.marks(),
            tail: Box::new(self.disk.log.tail_after(&[self.disk.log.end()], usize::MAX)),
        };
        self.role = Role::Candidate(Candidate {
            since: self.now,
            promises: BTreeMap::from([(self.setup.id, promise)]),
            is_waiting: false,
        });
        for id in self.others() {
            let marks = self.marks();
            self.send(id, Body::PrepareView { ballot, marks }, out);
        }
        self.decide(out);
    }

    pub(super) fn on_prepare_view(
        &mut self,
        from: ReplicaId,
        ballot: Ballot,
        marks: &[Mark],
        out: &mut EffectsFor<A>,
    ) {
        self.highest = self.highest.max(ballot);
        if ballot > self.disk.promised {
            self.persist(Change::Promise(ballot), out);
            self.primary_heard = self.now;
            if self.holds(Rule::Fence) || !self.is_serving() {
                self.step_down(out);
            }
        }
        let promised = self.disk.promised;
        if ballot != promised {
            return self.send(from, Body::Refuse { promised }, out);
        }
        let promise = Body::Promise {
            ballot,
            view: self.disk.view.clone(),
            end: self.disk.log.end(),
            marks: self.marks(),
            tail: Box::new(self.disk.log.tail_after(marks, usize::MAX)),
        };
        self.send(from, promise, out);
    }

    pub(super) fn on_promise(
        &mut self,
        from: ReplicaId,
        ballot: Ballot,
        promise: Promise<A>,
        out: &mut EffectsFor<A>,
    ) {
        self.pace.hear(from, ballot, self.now);
        let is_current = ballot == self.disk.promised;
        if let Role::Candidate(candidate) = &mut self.role
            && is_current
        {
            candidate.promises.insert(from, promise);
            self.decide(out);
        }
    }

    pub(super) fn on_refuse(&mut self, promised: Ballot, out: &mut EffectsFor<A>) {
        self.highest = self.highest.max(promised);
        let is_trying = matches!(self.role, Role::Candidate(_) | Role::Installer(_));
        if is_trying && promised > self.disk.promised {
            self.step_down(out);
        }
    }

    /// Decides on the view, if enough have answered; all who have not left have a while to.
    pub(super) fn decide(&mut self, out: &mut EffectsFor<A>) {
        let (now, setup, gathering_ns) = (self.now, self.setup, self.gathering_ns());
        let Role::Candidate(candidate) = &mut self.role else {
            return;
        };
        let detector = &self.detector;
        let mut everybody = (0..setup.replicas).map(ReplicaId);
        let is_complete =
            everybody.all(|id| candidate.promises.contains_key(&id) || detector.has_left(id));
        if !is_complete && now < candidate.since.after_ns(gathering_ns) {
            return;
        }
        let answers = candidate.promises.iter().map(|(&id, promise)| {
            let answer = Answer {
                incarnation: promise.incarnation,
                view: &promise.view,
                end: promise.end,
            };
            (id, answer)
        });
        let election = Election {
            answers: answers.collect(),
            tolerance: setup.tolerance,
            replicas: setup.replicas,
            rules: setup.rules,
        };
        let choice = election.choose(|id, life| detector.is_dead(id, life, now));
        match choice {
            Ok(choice) => self.install(choice, out),
            Err(missing) if !candidate.is_waiting => {
                candidate.is_waiting = true;
                let ballot = self.disk.promised;
                out.record(Event::Waiting { ballot, missing });
            }
            Err(_) => {}
        }
    }
}
