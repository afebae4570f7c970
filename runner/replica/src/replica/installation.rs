//! From decision to service: two waves of installation (R6, R7, and who is left out by R9).
//!
//! Those who must have the view first install it. Once they have it on disk the others get it, and once all have it the
//! candidate serves.
//!
//! **Invariant.** A view is installed on a replica only if it has promised no later one, in the life that the view names.

use std::collections::BTreeMap;

use crate::application::Application;
use crate::choice::Choice;
use crate::durable::{Change, Holding};
use crate::log::{Log, Tail};
use crate::message::{Body, Event};
use crate::rules::{Rule, Tolerance};
use crate::units::{Ballot, Incarnation, OpNumber, ReplicaId};
use crate::view::View;

use super::role::{Candidate, Installer, Primary, Promise, Role};
use super::{EffectsFor, Replica};

impl<A: Application> Replica<A> {
    /// Begins to install the view that is decided.
    pub(super) fn install(&mut self, choice: Choice, out: &mut EffectsFor<A>) {
        let role = std::mem::replace(&mut self.role, Role::Idle);
        let Role::Candidate(Candidate { mut promises, .. }) = role else {
            return;
        };
        let tail = promises.get(&choice.source).map(|source| &source.tail);
        let Some(log) = tail.and_then(|tail| self.disk.extended(tail)) else {
            // What we had when we asked has changed since: the next attempt asks anew.
            return self.back_off();
        };
        self.leave_out(&mut promises, &choice, &log);
        let members = promises.iter();
        let view = View {
            ballot: self.disk.promised,
            members: members
                .map(|(&id, promise)| (id, promise.incarnation))
                .collect(),
        };
        out.record(Event::Decided {
            view: view.clone(),
            end: log.end(),
        });
        let members = view.members.keys().copied();
        let (wave, later) = members.partition(|id| choice.first.contains(id));
        let marks = promises
            .into_iter()
            .map(|(id, promise)| (id, promise.marks));
        self.role = Role::Installer(Installer {
            since: self.now,
            view,
            log,
            marks: marks.collect(),
            wave,
            later,
        });
        self.next_repetition = self.now.after_ns(self.setup.timing.repetition_ns);
        self.go_on_installing(out);
    }

    /// Leaves out who would keep all others waiting for what it lacks (R9), as long as enough are left.
    fn leave_out(
        &self,
        promises: &mut BTreeMap<ReplicaId, Promise<A>>,
        choice: &Choice,
        log: &Log<A>,
    ) {
        if !self.holds(Rule::CatchUpFirst) {
            return;
        }
        let members_min = self.setup.tolerance.members_min(self.setup.replicas);
        let lagging = promises.iter().filter(|&(id, promise)| {
            let is_needed = *id == self.setup.id || choice.first.contains(id);
            !is_needed && self.lags(log, &promise.marks)
        });
        let lagging: Vec<ReplicaId> = lagging.map(|(&id, _)| id).collect();
        for id in lagging {
            if promises.len() > members_min {
                promises.remove(&id);
            }
        }
    }

    /// Goes on to the next wave when the one before it is done, and serves after the last.
    fn go_on_installing(&mut self, out: &mut EffectsFor<A>) {
        loop {
            let Role::Installer(installer) = &mut self.role else {
                return;
            };
            if installer.wave.is_empty() {
                installer.wave = std::mem::take(&mut installer.later);
            }
            if installer.wave.is_empty() {
                return self.serve(out);
            }
            if installer.wave.remove(&self.setup.id) {
                let view = installer.view.clone();
                let tail = installer.log.tail_after(&self.disk.marks(), usize::MAX);
                self.enter_view(view, Box::new(tail), out);
            } else {
                return self.send_installs(out);
            }
        }
    }

    pub(super) fn send_installs(&self, out: &mut EffectsFor<A>) {
        let Role::Installer(installer) = &self.role else {
            return;
        };
        for &member in &installer.wave {
            let marks = installer.marks.get(&member).map_or(&[][..], Vec::as_slice);
            let install = Body::Install {
                view: installer.view.clone(),
                tail: Box::new(installer.log.tail_after(marks, usize::MAX)),
            };
            self.send(member, install, out);
        }
    }

    /// Enters a view with the end of its log; whether what comes before it is there.
    fn enter_view(&mut self, view: View, tail: Box<Tail<A>>, out: &mut EffectsFor<A>) -> bool {
        let Some(log) = self.disk.extended(&tail) else {
            return false;
        };
        let fork = self.disk.log.fork(&log);
        let is_lost = self.state.is_some() && fork < self.committed.op;
        self.name_what_is_given_up(fork, is_lost, out);
        if let Some(snapshot) = log.snapshot()
            && (is_lost || self.state.is_none() || log.base().op > self.committed.op)
        {
            self.state = Some(A::clone(&snapshot.state));
            self.committed = log.base();
        }
        self.persist(Change::Install { view, tail }, out);
        true
    }

    /// Says what it gives up with its log after a place: what is lost, and what may be. That can only be where replicas may go on
    /// without a majority.
    fn name_what_is_given_up(&self, fork: OpNumber, is_lost: bool, out: &mut EffectsFor<A>) {
        let mut after = fork;
        if is_lost {
            let through = self.committed;
            out.record(Event::Discarded { after, through });
            after = through.op;
        }
        if self.setup.tolerance != Tolerance::Crashes {
            return;
        }
        let holdings = self.disk.holdings().into_iter();
        for Holding { view, end } in holdings.filter(|holding| holding.end.op > after) {
            let through = end;
            out.record(Event::Abandoned {
                view,
                after,
                through,
            });
        }
    }

    pub(super) fn on_install(
        &mut self,
        from: ReplicaId,
        view: View,
        tail: Box<Tail<A>>,
        out: &mut EffectsFor<A>,
    ) {
        let (id, ballot) = (self.setup.id, view.ballot);
        let is_mine = view.names(id, self.disk.incarnation)
            || (view.has(id) && !self.holds(Rule::Incarnations));
        let promised = self.disk.promised;
        if !is_mine {
            return;
        }
        if ballot < promised && self.holds(Rule::Fence) {
            return self.send(from, Body::Refuse { promised }, out);
        }
        if ballot > self.disk.view.ballot {
            if !self.enter_view(view, tail, out) {
                return self.send(from, Body::Lack { ballot }, out);
            }
            self.step_down(out);
            self.primary_heard = self.now;
        }
        if ballot == self.disk.view.ballot {
            self.send(from, Body::Installed { ballot }, out);
        }
    }

    pub(super) fn on_installed(
        &mut self,
        (from, incarnation): (ReplicaId, Incarnation),
        ballot: Ballot,
        out: &mut EffectsFor<A>,
    ) {
        let checks_life = self.holds(Rule::Incarnations);
        if let Role::Installer(installer) = &mut self.role
            && installer.view.ballot == ballot
            && (installer.view.names(from, incarnation) || !checks_life)
            && installer.wave.remove(&from)
            && installer.wave.is_empty()
        {
            self.go_on_installing(out);
        }
    }

    /// A member lacks what we took it to have: it gets everything.
    pub(super) fn on_lack(&mut self, from: ReplicaId, ballot: Ballot, out: &mut EffectsFor<A>) {
        if let Role::Installer(installer) = &mut self.role
            && installer.view.ballot == ballot
        {
            installer.marks.remove(&from);
            self.send_installs(out);
        }
    }

    /// All members have installed the view: its log is on all their disks, so all of it is committed.
    fn serve(&mut self, out: &mut EffectsFor<A>) {
        let (view, end) = (self.disk.view.clone(), self.disk.log.end());
        let stored = view.members.keys().map(|&id| (id, end.op)).collect();
        self.role = Role::Primary(Primary {
            stored,
            joiners: BTreeMap::new(),
        });
        let timing = self.setup.timing;
        let settled = self.now.after_ns(timing.gathering_ns);
        self.patient_until = settled.after_ns(timing.patience_ns);
        self.primary_heard = self.now;
        out.record(Event::Serving { view, end });
        self.commit_through(end.op, out);
        self.send_heartbeats(out);
    }
}
