//! What may leave a process, and when.
//!
//! A driver puts all effects into the [`Outbox`] of their process and performs what it gives out. Where a change waits for
//! the disk, everything behind it waits too; the changes themselves are given out early and all at once, so that one flush
//! takes many (group commit).
//!
//! ```
//! use machine::process::effects::Effects;
//! use machine::process::outbox::{Departure, Outbox};
//! use machine::process::units::Peer;
//!
//! let mut effects = Effects::<&str, (), &str>::new();
//! effects.send(Peer(1), "prepare");
//! effects.persist("entry");
//! effects.send(Peer(9), "done");
//!
//! let mut outbox = Outbox::new();
//! outbox.put(&mut effects);
//! assert_eq!(outbox.depart(), Some(Departure::Send { to: Peer(1), message: "prepare" }));
//! assert_eq!(outbox.depart(), None); // the entry is not on disk
//!
//! assert_eq!(outbox.take_changes(), ["entry"]); // to be written, and flushed
//! assert_eq!(outbox.depart(), None);
//! outbox.flushed(1);
//! assert_eq!(outbox.depart(), Some(Departure::Send { to: Peer(9), message: "done" }));
//! ```
//!
//! **Invariant.** An effect departs only after every change that was put before it is on disk, and after every effect that
//! was put before it. [`Departure`] has no case for a change, so none can pass for another effect.

use std::collections::VecDeque;

use super::effects::{Effect, Effects};
use super::units::{Peer, Time};

/// An effect that may be performed now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Departure<M, E> {
    /// Hand a message to a peer.
    Send {
        /// The recipient.
        to: Peer,
        /// The message.
        message: M,
    },
    /// Write an event to the log.
    Record(E),
    /// Close the link to a peer.
    HangUp(Peer),
}

#[derive(Debug)]
enum Place<M, E> {
    Departure(Departure<M, E>),
    /// A change stood here: what follows waits until the disk has it.
    Barrier,
}

/// The effects of one life of a process that are not yet performed.
#[derive(Debug)]
pub struct Outbox<M, E, C> {
    places: VecDeque<Place<M, E>>,
    /// Changes that nobody has begun to write.
    unwritten: Vec<C>,
    /// Changes that were taken, and are not known to be on disk.
    unflushed: usize,
    /// Changes on disk whose places have not been passed.
    flushed: usize,
    wake: Option<Time>,
}

impl<M, E, C> Outbox<M, E, C> {
    /// Nothing to perform.
    pub fn new() -> Outbox<M, E, C> {
        Outbox {
            places: VecDeque::new(),
            unwritten: Vec::new(),
            unflushed: 0,
            flushed: 0,
            wake: None,
        }
    }

    /// Puts effects behind all others.
    pub fn put(&mut self, effects: &mut Effects<M, E, C>) {
        for effect in effects.drain() {
            self.places.push_back(match effect {
                Effect::Send { to, message } => Place::Departure(Departure::Send { to, message }),
                Effect::Record(event) => Place::Departure(Departure::Record(event)),
                Effect::HangUp(peer) => Place::Departure(Departure::HangUp(peer)),
                Effect::Persist(change) => {
                    self.unwritten.push(change);
                    Place::Barrier
                }
                Effect::WakeAt(time) => {
                    self.wake = Some(time);
                    continue;
                }
            });
        }
    }

    /// The next effect that may be performed; none while the next one waits for the disk.
    pub fn depart(&mut self) -> Option<Departure<M, E>> {
        loop {
            match self.places.pop_front()? {
                Place::Departure(departure) => return Some(departure),
                Place::Barrier if self.flushed > 0 => self.flushed -= 1,
                Place::Barrier => {
                    self.places.push_front(Place::Barrier);
                    return None;
                }
            }
        }
    }

    /// All changes that nobody has taken, the oldest first: to be written in this order.
    pub fn take_changes(&mut self) -> Vec<C> {
        self.unflushed += self.unwritten.len();
        std::mem::take(&mut self.unwritten)
    }

    /// The oldest changes that were taken, this many, are on disk.
    ///
    /// # Panics
    ///
    /// If fewer were taken: the driver claims to have flushed what it does not have.
    pub fn flushed(&mut self, changes: usize) {
        assert!(
            changes <= self.unflushed,
            "{changes} changes are flushed, {} were taken",
            self.unflushed
        );
        self.unflushed -= changes;
        self.flushed += changes;
    }

    /// The last wake time that was asked for since this was called.
    pub fn take_wake(&mut self) -> Option<Time> {
        self.wake.take()
    }

    /// What has not departed, when the life has ended and it never will.
    pub fn into_left_behind(self) -> impl Iterator<Item = Departure<M, E>> {
        self.places.into_iter().filter_map(|place| match place {
            Place::Departure(departure) => Some(departure),
            Place::Barrier => None,
        })
    }

    /// Whether every effect that was put has been performed.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

impl<M, E, C> Default for Outbox<M, E, C> {
    fn default() -> Outbox<M, E, C> {
        Outbox::new()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a driver does next.
    #[derive(Debug, Clone)]
    enum Step {
        Put(Vec<Effect<u32, u32, u32>>),
        Depart,
        TakeChanges,
        /// This many of those taken, or fewer if there are not as many.
        Flush(usize),
    }

    fn effect() -> impl Strategy<Value = Effect<u32, u32, u32>> {
        prop_oneof![
            any::<u32>().prop_map(|message| Effect::Send {
                to: Peer(message % 3),
                message
            }),
            any::<u32>().prop_map(Effect::Record),
            any::<u32>().prop_map(Effect::Persist),
            any::<u64>().prop_map(|time| Effect::WakeAt(Time(time))),
            (0..3u32).prop_map(|peer| Effect::HangUp(Peer(peer))),
        ]
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            1 => proptest::collection::vec(effect(), 0..6).prop_map(Step::Put),
            3 => Just(Step::Depart),
            1 => Just(Step::TakeChanges),
            1 => (0..4usize).prop_map(Step::Flush),
        ]
    }

    fn as_effect(departure: Departure<u32, u32>) -> Effect<u32, u32, u32> {
        match departure {
            Departure::Send { to, message } => Effect::Send { to, message },
            Departure::Record(event) => Effect::Record(event),
            Departure::HangUp(peer) => Effect::HangUp(peer),
        }
    }

    /// Everything put in, where we stand in it, and what the disk has: the contract, said slowly.
    #[derive(Default)]
    struct Ledger {
        put: Vec<Effect<u32, u32, u32>>,
        departed: usize,
        taken: Vec<u32>,
        on_disk: usize,
        wake: Option<Time>,
    }

    impl Ledger {
        /// What may leave next, by the contract.
        fn next(&self) -> Option<Effect<u32, u32, u32>> {
            let mut left = self.on_disk;
            let mut departures = 0;
            for effect in &self.put {
                match effect {
                    Effect::Persist(_) => left = left.checked_sub(1)?,
                    Effect::WakeAt(_) => {}
                    effect if departures == self.departed => return Some(effect.clone()),
                    _ => departures += 1,
                }
            }
            None
        }
    }

    proptest! {
        #[test]
        fn nothing_that_follows_a_change_leaves_before_it_is_on_disk(
            steps in proptest::collection::vec(step(), 0..60)
        ) {
            let mut outbox = Outbox::new();
            let mut ledger = Ledger::default();
            for step in steps {
                match step {
                    Step::Put(list) => {
                        for effect in &list {
                            if let Effect::WakeAt(time) = effect {
                                ledger.wake = Some(*time);
                            }
                        }
                        ledger.put.extend(list.iter().cloned());
                        let mut effects = Effects::new();
                        list.into_iter().for_each(|effect| effects.push(effect));
                        outbox.put(&mut effects);
                        prop_assert_eq!(outbox.take_wake(), ledger.wake.take());
                    }
                    Step::Depart => {
                        let expected = ledger.next();
                        let found = outbox.depart().map(as_effect);
                        prop_assert_eq!(&found, &expected);
                        ledger.departed += usize::from(found.is_some());
                    }
                    Step::TakeChanges => ledger.taken.extend(outbox.take_changes()),
                    Step::Flush(changes) => {
                        let changes = changes.min(ledger.taken.len() - ledger.on_disk);
                        outbox.flushed(changes);
                        ledger.on_disk += changes;
                    }
                }
            }
            // With a disk that keeps up everything leaves, and every change was taken once, in order.
            ledger.taken.extend(outbox.take_changes());
            let changes = ledger.put.iter().filter_map(|effect| match effect {
                Effect::Persist(change) => Some(*change),
                _ => None,
            });
            prop_assert_eq!(&ledger.taken, &changes.collect::<Vec<_>>());
            outbox.flushed(ledger.taken.len() - ledger.on_disk);
            while outbox.depart().is_some() {}
            prop_assert!(outbox.is_empty());
        }
    }

    #[test]
    fn what_has_not_left_is_known_at_the_end() {
        let mut effects = Effects::<&str, u8, u8>::new();
        effects.send(Peer(1), "gone");
        effects.persist(1);
        effects.send(Peer(2), "behind");
        effects.record(7);
        effects.send(Peer(1), "last");
        let mut outbox = Outbox::new();
        outbox.put(&mut effects);
        assert!(outbox.depart().is_some() && outbox.depart().is_none());
        let send = |to, message| Departure::Send {
            to: Peer(to),
            message,
        };
        let left: Vec<_> = outbox.into_left_behind().collect();
        assert_eq!(
            left,
            [send(2, "behind"), Departure::Record(7), send(1, "last")]
        );
    }

    #[test]
    #[should_panic(expected = "2 changes are flushed, 1 were taken")]
    fn a_driver_cannot_flush_what_it_has_not_taken() {
        let mut effects = Effects::<(), (), u8>::new();
        effects.persist(1);
        effects.persist(2);
        let mut outbox = Outbox::new();
        outbox.put(&mut effects);
        assert_eq!(outbox.take_changes().len(), 2);
        outbox.flushed(1);
        outbox.flushed(2);
    }
}
