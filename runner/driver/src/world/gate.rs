//! The end of a link: what lets messages out, or keeps them.
//!
//! Held, it lets nothing out; slow, it lets out one after the other, each when it has passed.
//!
//! **Invariant.** What is kept comes out in the order in which it came.

use std::collections::VecDeque;

use machine::process::units::{Peer, Time};

/// What is under way.
#[derive(Debug)]
pub(super) struct Flight<M> {
    pub(super) from: Peer,
    pub(super) to: Peer,
    /// The life of the recipient to which it was sent.
    pub(super) life: u32,
    /// The connection on which it was sent: broken links count up.
    pub(super) connection: u32,
    pub(super) cargo: Cargo<M>,
}

#[derive(Debug)]
pub(super) enum Cargo<M> {
    Message(M),
    /// Word that the link to the sender is up, or gone. What both ends notice by themselves passes a link that is held.
    Link {
        is_up: bool,
        passes: bool,
    },
}

/// What waits at the end of a link, and why.
#[derive(Debug)]
pub(super) struct Gate<M> {
    holds: u32,
    is_slow: bool,
    parked: VecDeque<Flight<M>>,
    /// When the first of these has passed.
    passage: Option<Time>,
}

impl<M> Gate<M> {
    pub(super) fn new() -> Gate<M> {
        Gate {
            holds: 0,
            is_slow: false,
            parked: VecDeque::new(),
            passage: None,
        }
    }

    /// Whether this has to wait until the link is released, or for its turn.
    #[inline]
    pub(super) fn keeps(&self, flight: &Flight<M>) -> bool {
        (self.holds > 0 || self.is_slow)
            && !matches!(flight.cargo, Cargo::Link { passes: true, .. })
    }

    pub(super) fn park(&mut self, flight: Flight<M>) {
        self.parked.push_back(flight);
    }

    pub(super) fn hold(&mut self) {
        self.holds += 1;
        self.passage = None;
    }

    /// One hold less; how many messages wait, if it was the last.
    pub(super) fn release(&mut self) -> usize {
        self.holds -= 1;
        let is_message = |flight: &&Flight<M>| matches!(flight.cargo, Cargo::Message(_));
        match self.holds {
            0 => self.parked.iter().filter(is_message).count(),
            _ => 0,
        }
    }

    pub(super) fn set_slow(&mut self, is_slow: bool) {
        self.is_slow = is_slow;
        if !is_slow {
            self.passage = None;
        }
    }

    /// All that waits, if nothing keeps it any more.
    pub(super) fn take_freed(&mut self) -> VecDeque<Flight<M>> {
        match self.holds > 0 || self.is_slow {
            true => VecDeque::new(),
            false => self.take_all(),
        }
    }

    /// All that waits.
    pub(super) fn take_all(&mut self) -> VecDeque<Flight<M>> {
        self.passage = None;
        std::mem::take(&mut self.parked)
    }

    /// The first that waits, if it may set out now: it is not held, and nothing else is on its way.
    pub(super) fn next(&self) -> Option<&Flight<M>> {
        let may_go = self.holds == 0 && self.passage.is_none();
        self.parked.front().filter(|_| may_go)
    }

    /// The first sets out, and has passed at this time.
    pub(super) fn set_out(&mut self, passage: Time) {
        self.passage = Some(passage);
    }

    /// What has passed at this time; none if it was kept from that.
    pub(super) fn pass(&mut self, now: Time) -> Option<Flight<M>> {
        if self.passage != Some(now) {
            return None;
        }
        self.passage = None;
        self.parked.pop_front()
    }
}
