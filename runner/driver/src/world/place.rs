//! The place of a process: its lives, its disk, and what waits there.

use std::collections::VecDeque;

use machine::process::outbox::{Departure, Outbox};
use machine::process::units::{Peer, Time};

use super::actor::Actor;
use super::disks::Disk;
use super::gate::Flight;
use super::witness::LifeEnd;

/// How far a process is with its end in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrderlyEnd {
    /// Nobody has asked for it.
    No,
    /// It stands still, and hears of it when it goes on.
    Due,
    /// It knows.
    Told,
}

/// A place and what is there.
pub(super) struct Place<P: Actor> {
    pub(super) setup: P::Setup,
    /// None while it is down.
    pub(super) process: Option<P>,
    /// How often it has begun.
    pub(super) life: u32,
    /// What its disk holds.
    pub(super) durable: P::Durable,
    pub(super) disk: Disk<P::Change>,
    pub(super) outbox: Outbox<P::Message, P::Event, P::Change>,
    /// An effect that may leave and waits because a fault comes first.
    pub(super) ready: Option<Departure<P::Message, P::Event>>,
    /// When it is to be woken.
    pub(super) wake: Option<Time>,
    /// How far the calendar of its host is off, nanoseconds.
    pub(super) calendar_shift_ns: i64,
    /// Pauses in force.
    pub(super) pauses: u32,
    /// What arrived during a pause.
    pub(super) deferred: VecDeque<Flight<P::Message>>,
    /// Whether it was asked to end in order.
    pub(super) end: OrderlyEnd,
    /// How its last life ended.
    pub(super) last_end: Option<LifeEnd>,
}

impl<P: Actor> Place<P> {
    pub(super) fn new(who: Peer, setup: P::Setup) -> Place<P> {
        Place {
            setup,
            process: None,
            life: 0,
            durable: P::Durable::default(),
            disk: Disk::new(who),
            outbox: Outbox::new(),
            ready: None,
            wake: None,
            calendar_shift_ns: 0,
            pauses: 0,
            deferred: VecDeque::new(),
            end: OrderlyEnd::No,
            last_end: None,
        }
    }

    pub(super) fn is_paused(&self) -> bool {
        self.pauses > 0
    }

    /// Whether a process that was asked to end has nothing more to do.
    pub(super) fn has_left(&self) -> bool {
        self.end == OrderlyEnd::Told && self.process.as_ref().is_some_and(P::has_left)
    }

    /// Whether it takes what arrives for a life of it.
    pub(super) fn receives(&self, life: u32) -> bool {
        self.process.is_some() && self.life == life && !self.has_left()
    }

    /// Whether a process that was asked to end has done and said all.
    pub(super) fn has_said_all(&self) -> bool {
        self.has_left()
            && self.ready.is_none()
            && self.outbox.is_empty()
            && self.disk.pending.is_empty()
    }

    /// What it wanted to do and has not done, taken away.
    pub(super) fn take_left_behind(&mut self) -> Vec<Departure<P::Message, P::Event>> {
        let rest = std::mem::take(&mut self.outbox).into_left_behind();
        self.ready.take().into_iter().chain(rest).collect()
    }

    /// Ends the life but for its disk; the process that it was.
    pub(super) fn vacate(&mut self) -> Option<P> {
        self.wake = None;
        self.pauses = 0;
        self.end = OrderlyEnd::No;
        self.process.take()
    }
}
