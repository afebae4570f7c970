//! Any machine as a process, so that what befalls processes can befall it too: kills, restarts, links that break.
//!
//! The process wakes at each due time of the machine's ticks. It pushes what the tick pushes, then the time of the next tick,
//! so a driver that performs what is due at one time in the order in which it was asked for writes the rows that the tick
//! engine writes.
//!
//! A machine keeps nothing on disk. In a later life its clock starts at 0 again and its queue is empty, but its ticks go on
//! by their schedule: those that were due while it was away never happen, and no number is given twice, so a sender and a
//! tick still name one message.
//!
//! **Invariant.** A tick is performed at its due time plus the delay, or at the first wake after it; no two have one number.

use std::convert::Infallible;
use std::marker::PhantomData;

use event_log::schedule::Dues;
use event_log::{MachineId, Schedule, Tick};

use super::effects::Effects;
use super::units::{Peer, Time};
use super::{EffectsOf, Process};
use crate::{Effect, Machine};

/// What a machine needs to run as a process.
#[derive(Debug, Clone)]
pub struct Ticks<B> {
    /// Builds the machine, whose first tick has this number. It is not 0 in a later life.
    pub build: B,
    /// When its ticks are due, on the driver's clock.
    pub schedule: Schedule,
    /// How many ticks it performs in all its lives.
    pub ticks: u64,
    /// How long after its due time each tick is performed, nanoseconds.
    pub tick_delay_ns: u64,
    /// How many machines the trial has; the peers of a machine are the others, by their ids.
    pub machines: u32,
}

/// A machine that runs as a process.
#[derive(Debug)]
pub struct Ticking<M: Machine, B> {
    machine: M,
    dues: Dues,
    /// Ticks to come, the one that it waits for included.
    ticks_left: u64,
    tick_delay_ns: u64,
    machines: u32,
    next: Option<Time>,
    /// What a tick pushes; its memory is used again.
    pushed: Vec<Effect<M::Message, M::Event>>,
    build: PhantomData<fn() -> B>,
}

impl<M: Machine, B> Ticking<M, B> {
    /// The machine.
    pub fn machine(&self) -> &M {
        &self.machine
    }

    /// Whether it has performed all its ticks.
    pub fn is_done(&self) -> bool {
        self.next.is_none()
    }

    /// Finds the time of the next tick.
    fn advance(&mut self) {
        self.next = self.ticks_left.checked_sub(1).map(|left| {
            self.ticks_left = left;
            Time(self.dues.next_ns()).after_ns(self.tick_delay_ns)
        });
    }

    fn ask<C>(&self, effects: &mut Effects<M::Message, M::Event, C>) {
        if let Some(next) = self.next {
            effects.wake_at(next);
        }
    }
}

impl<M: Machine, B: Fn(Tick) -> M> Process for Ticking<M, B> {
    type Setup = Ticks<B>;
    type Message = M::Message;
    type Event = M::Event;
    type Change = Infallible;
    type Durable = ();

    /// Begins with the first tick that is not yet due; one that is due now is performed.
    fn begin(setup: &Ticks<B>, (): (), now: Time, effects: &mut EffectsOf<Self>) -> Ticking<M, B> {
        let mut dues = setup.schedule.dues();
        let mut tick = 0;
        loop {
            let mut rest = dues.clone();
            let due = Time(rest.next_ns()).after_ns(setup.tick_delay_ns);
            if due >= now || tick == setup.ticks {
                break;
            }
            (dues, tick) = (rest, tick + 1);
        }
        let mut ticking = Ticking {
            machine: (setup.build)(Tick(tick)),
            dues,
            ticks_left: setup.ticks - tick,
            tick_delay_ns: setup.tick_delay_ns,
            machines: setup.machines,
            next: None,
            pushed: Vec::new(),
            build: PhantomData,
        };
        ticking.advance();
        ticking.ask(effects);
        ticking
    }

    fn receive(
        &mut self,
        _now: Time,
        from: Peer,
        message: M::Message,
        _effects: &mut EffectsOf<Self>,
    ) {
        self.machine.receive(MachineId(from.0), message);
    }

    fn link(&mut self, _now: Time, _peer: Peer, _is_up: bool, _effects: &mut EffectsOf<Self>) {}

    fn wake(&mut self, now: Time, effects: &mut EffectsOf<Self>) {
        if self.next.is_none_or(|next| now < next) {
            return;
        }
        self.machine.tick(&mut self.pushed);
        let me = self.machine.id();
        for effect in self.pushed.drain(..) {
            match effect {
                Effect::Record(event) => effects.record(event),
                Effect::Send { to, message } => effects.send(Peer(to.0), message),
                Effect::SendToAll { message } => {
                    for to in (0..self.machines).filter(|&to| to != me.0) {
                        effects.send(Peer(to), message.clone());
                    }
                }
            }
        }
        self.advance();
        self.ask(effects);
    }

    fn replay((): &mut (), change: Infallible) {
        match change {}
    }
}
