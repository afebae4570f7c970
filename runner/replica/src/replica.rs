//! A replica: its entries, its roles and its timers.
//!
//! ```text
//! idle ── candidate ── installer ── primary        recovering (an emptied disk) ── idle
//!   └───────┴─ promised a later view, gave up, stalled ─┘             any ── left
//! ```
//!
//! `role` the roles · `campaign` from candidate to decision · `installation` from
//! decision to service · `replication` what a primary and its backups do ·
//! `heartbeat` who is there, and who has been left out · `catch_up` how a replica gets what it lacks · `recovery` an
//! emptied disk · `leave` an end in order · `pace` how long answers take · `timers` what is due by the clock.
//!
//! **Invariant.** `disk` is what the disk will be once all changes that were pushed are on it; whatever is said of it is
//! pushed behind them.

mod campaign;
mod catch_up;
mod heartbeat;
mod inspection;
mod installation;
mod leave;
mod pace;
mod patience;
mod recovery;
mod replication;
mod role;
mod timers;

use machine::chance::{Purpose, Stream};
use machine::process::effects::Effects;
use machine::process::units::Time;

use crate::application::Application;
use crate::detector::Detector;
use crate::durable::{Change, Durable};
use crate::message::{Body, Event, Message};
use crate::rules::Rule;
use crate::setup::Setup;
use crate::units::{Ballot, Incarnation, Mark, ReplicaId};

use pace::Pace;
use role::{Promise, Role};

/// Effects of a replica of this application.
pub type EffectsFor<A> = Effects<Message<A>, Event, Change<A>>;

/// A command that is committed, and what came of it.
#[derive(Debug, Clone)]
pub struct Committed<A: Application> {
    /// Its mark: where it is, and which primary put it there.
    pub mark: Mark,
    /// What came of it.
    pub output: A::Output,
}

/// Why a command is not taken. Nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// This replica does not serve.
    #[error("this replica does not serve; ask the primary, or try again later")]
    NotServing,
    /// Too many commands wait to be committed.
    #[error("too many commands wait to be committed; try again later")]
    Busy,
}

/// A replica.
#[derive(Debug)]
pub struct Replica<A: Application> {
    setup: Setup,
    disk: Durable<A>,
    /// The state after the last command that is known to be committed; none before an emptied disk has a log again.
    state: Option<A>,
    committed: Mark,
    role: Role<A>,
    detector: Detector,
    now: Time,
    next_heartbeat: Time,
    next_repetition: Time,
    /// Until then it does not become a candidate.
    patient_until: Time,
    /// When it last heard that somebody serves, or is about to.
    primary_heard: Time,
    /// The highest ballot that it has heard of.
    highest: Ballot,
    delays: Stream,
    pace: Pace,
    outputs: Vec<Committed<A>>,
    asked: Option<Time>,
    /// Until when what it has taken may be committed, if it is to end.
    leaves_by: Option<Time>,
}

impl<A: Application> Replica<A> {
    /// Begins a life with what the disk kept.
    pub fn begin(setup: Setup, disk: Durable<A>, now: Time, out: &mut EffectsFor<A>) -> Replica<A> {
        let snapshot = disk.log.snapshot();
        let mut replica = Replica {
            setup,
            state: snapshot.map(|snapshot| A::clone(&snapshot.state)),
            committed: disk.log.base(),
            role: Role::Idle,
            detector: Detector::new(setup.timing.suspicion_ns, now),
            now,
            next_heartbeat: now,
            next_repetition: now,
            patient_until: now,
            primary_heard: now,
            highest: disk.promised,
            delays: Stream::new(setup.seed, setup.trial, Purpose::Replica(setup.id.0)),
            pace: Pace::default(),
            outputs: Vec::new(),
            asked: None,
            leaves_by: None,
            disk,
        };
        if replica.disk.is_empty() && setup.rules.hold(Rule::RecoverFirst) {
            replica.begin_empty(out);
        } else {
            replica.begin_life(replica.disk.incarnation.next_life(), out);
            replica.back_off();
            replica.commit_own(out);
        }
        replica.act(out);
        replica.ask(out);
        replica
    }

    /// What a peer says in a life of its own. Heartbeats and everything else count as signs of life.
    pub fn receive(
        &mut self,
        now: Time,
        from: ReplicaId,
        incarnation: Incarnation,
        body: Body<A>,
        out: &mut EffectsFor<A>,
    ) {
        self.enter(now, out);
        self.hear(from, incarnation, body, out);
        self.ask(out);
    }

    /// The time that it asked for has come.
    pub fn wake(&mut self, now: Time, out: &mut EffectsFor<A>) {
        self.enter(now, out);
        self.act(out);
        self.ask(out);
    }

    /// A link to another replica has come up.
    pub fn greet(&mut self, now: Time, peer: ReplicaId, out: &mut EffectsFor<A>) {
        self.enter(now, out);
        if self.has_begun() {
            self.send_heartbeat(peer, out);
        }
        self.ask(out);
    }

    /// Takes a command, which comes out of [`Replica::take_committed`] once it is committed. Returns its mark.
    ///
    /// # Errors
    ///
    /// [`Refusal`] where it is not taken.
    pub fn propose(
        &mut self,
        now: Time,
        command: A::Command,
        out: &mut EffectsFor<A>,
    ) -> Result<Mark, Refusal> {
        self.enter(now, out);
        let proposed = self.add(command, out);
        self.ask(out);
        proposed
    }

    /// Somebody has seen a later view than that of this replica: it serves no more, and asks around (R11).
    pub fn outrun(&mut self, now: Time, out: &mut EffectsFor<A>) {
        self.enter(now, out);
        if self.is_serving() && self.holds(Rule::ClientFence) {
            self.step_down(out);
            self.send_heartbeats(out);
        }
        self.ask(out);
    }

    /// Commands that were committed here since this was called, while this replica served; in order.
    pub fn take_committed(&mut self) -> Vec<Committed<A>> {
        std::mem::take(&mut self.outputs)
    }

    fn holds(&self, rule: Rule) -> bool {
        self.setup.rules.hold(rule)
    }

    fn others(&self) -> impl Iterator<Item = ReplicaId> + use<A> {
        let me = self.setup.id;
        (0..self.setup.replicas)
            .map(ReplicaId)
            .filter(move |&id| id != me)
    }

    fn has_begun(&self) -> bool {
        !matches!(self.role, Role::Shut | Role::Left | Role::Recovering { .. })
    }

    /// Every entry begins here: a gap in one's own running is a crash (R8).
    fn enter(&mut self, now: Time, out: &mut EffectsFor<A>) {
        let gap_ns = now.since_ns(self.now);
        self.now = self.now.max(now);
        let is_stall = gap_ns > self.setup.timing.stall_ns;
        if is_stall && self.has_begun() && self.holds(Rule::StallIsCrash) {
            out.record(Event::Stalled { gap_ns });
            self.begin_again(out);
        }
    }

    /// Ends this life and begins the next, as after a crash, but that nothing is forgotten.
    fn begin_again(&mut self, out: &mut EffectsFor<A>) {
        self.step_down(out);
        self.begin_life(self.disk.incarnation.next_life(), out);
    }

    fn begin_life(&mut self, incarnation: Incarnation, out: &mut EffectsFor<A>) {
        self.persist(Change::Begin(incarnation), out);
        out.record(Event::Begun(incarnation));
        self.detector.restart(self.now);
        self.primary_heard = self.now;
    }

    /// After a view of itself alone all that is on its disk is committed: nobody else had to store it. So it knows what is lost,
    /// if it has to give way to others.
    fn commit_own(&mut self, out: &mut EffectsFor<A>) {
        let (view, id) = (&self.disk.view, self.setup.id);
        if view.members.len() == 1 && view.has(id) && self.holds(Rule::WriteAll) {
            self.commit_through(self.disk.log.end().op, out);
        }
    }

    fn persist(&mut self, change: Change<A>, out: &mut EffectsFor<A>) {
        self.disk.change(change.clone());
        out.persist(change);
    }

    fn send(&self, to: ReplicaId, body: Body<A>, out: &mut EffectsFor<A>) {
        let incarnation = self.disk.incarnation;
        let body = Box::new(body);
        out.send(to.peer(), Message::Peer { incarnation, body });
    }

    fn step_down(&mut self, out: &mut EffectsFor<A>) {
        if self.is_serving() {
            out.record(Event::SteppedDown(self.disk.view.ballot));
        }
        self.role = Role::Idle;
        self.back_off();
    }

    /// Waits before it becomes a candidate (again): longer the higher its id, and a little by chance.
    fn back_off(&mut self) {
        let timing = self.setup.timing;
        let rank_ns = timing
            .rank_delay_ns
            .saturating_mul(u64::from(self.setup.id.0));
        let delay_ns = rank_ns + self.delays.below(timing.jitter_ns);
        self.patient_until = self.now.after_ns(timing.patience_ns).after_ns(delay_ns);
    }

    /// Whether a view of this replica and of those that it hears would be large enough.
    fn hears_enough(&self) -> bool {
        let heard = self
            .others()
            .filter(|&id| !self.detector.suspects(id, self.now));
        1 + heard.count() >= self.setup.tolerance.members_min(self.setup.replicas)
    }

    fn hear(
        &mut self,
        from: ReplicaId,
        incarnation: Incarnation,
        body: Body<A>,
        out: &mut EffectsFor<A>,
    ) {
        match &body {
            Body::Recover { attempt } => return self.on_recover(from, *attempt, out),
            Body::Recall {
                attempt,
                promised,
                known,
            } => return self.on_recall(from, *attempt, (*promised, *known), out),
            _ => {}
        }
        let is_alive = self.detector.hear(from, incarnation, self.now);
        if !self.has_begun() || (!is_alive && self.holds(Rule::Incarnations)) {
            return;
        }
        match body {
            Body::Heartbeat {
                view,
                promised,
                is_serving,
                committed,
            } => {
                self.highest = self.highest.max(promised);
                self.on_heartbeat((from, incarnation), view, is_serving, committed, out);
            }
            Body::Farewell => self.on_farewell((from, incarnation), out),
            Body::PrepareView { ballot, marks } => self.on_prepare_view(from, ballot, &marks, out),
            Body::Promise {
                ballot,
                view,
                end,
                marks,
                tail,
            } => {
                let promise = Promise {
                    incarnation,
                    view,
                    end,
                    marks,
                    tail,
                };
                self.on_promise(from, ballot, promise, out);
            }
            Body::Gathering { ballot } => self.on_gathering(ballot),
            Body::Refuse { promised } => self.on_refuse(promised, out),
            Body::Install { view, tail } => self.on_install(from, view, tail, out),
            Body::Installed { ballot } => self.on_installed((from, incarnation), ballot, out),
            Body::Lack { ballot } => self.on_lack(from, ballot, out),
            Body::Prepare {
                ballot,
                after,
                entries,
                committed,
            } => self.on_prepare(from, ballot, after, entries, committed, out),
            Body::PrepareOk { ballot, through } => {
                self.on_prepare_ok((from, incarnation), ballot, through, out);
            }
            Body::Fetch { marks } => self.on_fetch((from, incarnation), &marks, out),
            Body::Supply { ballot, tail } => self.on_supply(from, ballot, tail, out),
            Body::Recover { .. } | Body::Recall { .. } => {}
        }
    }
}
