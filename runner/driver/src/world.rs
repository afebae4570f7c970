//! A world: processes in virtual time, with links, disks and lives that faults can strike.
//!
//! Every message under way, every wake time and every flush has its place in one order, (due time, order of scheduling), as in
//! the [`engine`](crate::engine) of ticks; time jumps from one to the next. The engine is faster and knows no fault. Without
//! faults, and with delays that are not drawn, machines that run as processes write the same rows here as there: delays that are
//! drawn are drawn by link and message here, in the order of sending there.
//!
//! ```text
//! run: queue ─→ process ─→ outbox ─→ links ─→ queue
//!                            └─→ disk ─→ queue
//! ```
//!
//! What a fault can do are methods, to be called between two [`runs`](World::run): of a place in `lives`, of a link in
//! `connections`. A run also ends at a point of a process that somebody [waits for](World::watch).
//!
//! # Map
//!
//! [`actor`] what a process is here · [`setting`] what is given · [`witness`] what is reported · [`links`], `gate` their ends, [`disks`],
//! `place` the parts · `queue` what is to come · `departures`, `transport`, `flushes` how effects, messages and changes go their way · `watch`
//! points that are waited for · `lives`, `connections` what faults do to them.
//!
//! **Invariant.** A world depends on its setting, its setups and the faults alone. Nothing of a life that has ended is performed.

pub mod actor;
mod connections;
mod departures;
pub mod disks;
mod flushes;
mod gate;
pub mod links;
mod lives;
mod place;
mod queue;
pub mod setting;
mod transport;
mod watch;
pub mod witness;

use std::collections::VecDeque;

use event_log::faults::Point;
use machine::process::effects::Effects;
use machine::process::units::{Peer, Time};

use actor::Actor;
use gate::Flight;
use links::Links;
use place::Place;
use queue::Queue;
use setting::Setting;
use watch::Watches;
use witness::Witness;

/// What is to come.
#[derive(Debug)]
enum Happening<M> {
    Arrival(Flight<M>),
    Wake {
        at: usize,
        life: u32,
    },
    Flushed {
        at: usize,
        life: u32,
    },
    /// A message is through a slow link.
    Passage {
        from: Peer,
        to: Peer,
    },
    /// Who hung up dials again.
    Redial {
        from: Peer,
        to: Peer,
    },
}

/// What has waited and comes before all that is to come, so that nothing of its link overtakes it.
#[derive(Debug)]
enum Passed<M> {
    /// It waited in a link that was held.
    Hold(Flight<M>),
    /// It waited for a process that stood still.
    Link(Flight<M>),
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// Nothing is left to happen before the time that was given.
    Time,
    /// A point has come that somebody waits for.
    Point,
}

/// Processes in virtual time.
pub struct World<P: Actor, W> {
    setting: Setting,
    now: Time,
    places: Vec<Place<P>>,
    links: Links<P::Message>,
    queue: Queue<Happening<P::Message>>,
    watches: Watches,
    /// Places that were interrupted by a point, or by a pause that is over, and go on first.
    interrupted: VecDeque<usize>,
    at_once: VecDeque<Passed<P::Message>>,
    /// What a call pushes; its memory is used again.
    effects: Effects<P::Message, P::Event, P::Change>,
    witness: W,
    events: u64,
}

impl<P: Actor, W: Witness<P>> World<P, W> {
    /// A world of processes that have not begun. The first `servers` of them are servers, the others clients; the peer of a
    /// process is its place among them.
    pub fn new(setting: Setting, servers: u32, setups: Vec<P::Setup>, witness: W) -> World<P, W> {
        let places: Vec<Place<P>> = (0..)
            .zip(setups)
            .map(|(number, setup)| Place::new(Peer(number), setup))
            .collect();
        World {
            setting,
            now: setting.start,
            links: Links::new(places.len()),
            places,
            queue: Queue::new(),
            watches: Watches::new(servers),
            interrupted: VecDeque::new(),
            at_once: VecDeque::new(),
            effects: Effects::new(),
            witness,
            events: 0,
        }
    }

    /// Puts this on the disk of a process that has not begun; until then it is empty.
    pub fn load(&mut self, who: Peer, durable: P::Durable) {
        self.places[who.0 as usize].durable = durable;
    }

    /// Begins the first life of every process, in their order.
    ///
    /// # Errors
    ///
    /// What the witness says.
    pub fn begin_all(&mut self) -> Result<(), W::Error> {
        for place in 0..self.places.len() as u32 {
            self.begin(Peer(place))?;
        }
        Ok(())
    }

    /// The time.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Things that have happened: arrivals, wakes and flushes.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// How many processes there are.
    pub fn places(&self) -> u32 {
        self.places.len() as u32
    }

    /// How many of them are servers.
    pub fn servers(&self) -> u32 {
        self.watches.servers()
    }

    /// A process; none while it is down.
    pub fn process(&self, who: Peer) -> Option<&P> {
        self.places[who.0 as usize].process.as_ref()
    }

    /// What the disk of a process holds.
    pub fn durable(&self, who: Peer) -> &P::Durable {
        &self.places[who.0 as usize].durable
    }

    /// Who watches.
    pub fn witness(&self) -> &W {
        &self.witness
    }

    /// Who watches, after all.
    pub fn into_witness(self) -> W {
        self.witness
    }

    /// Who watches, after all, and the processes as they are then; none where one is down.
    pub fn into_parts(self) -> (W, Vec<Option<P>>) {
        let places = self.places.into_iter();
        (self.witness, places.map(|place| place.process).collect())
    }

    /// Waits for a point, by a number of the caller's.
    pub fn watch(&mut self, number: u32, point: Point) {
        self.watches.arm(number, point);
    }

    /// Waits for no point any more; the numbers of those that have not come.
    pub fn unwatch(&mut self) -> Vec<u32> {
        let numbers = self.watches.numbers().collect();
        self.watches.disarm_all();
        numbers
    }

    /// The points that have come, by their numbers, and whose they were.
    pub fn take_points(&mut self) -> Vec<(u32, Peer)> {
        self.watches.take_come()
    }

    /// Lets everything happen that is due before this time, or everything that is to come; ends early at a point.
    ///
    /// # Errors
    ///
    /// What the witness says.
    ///
    /// # Panics
    ///
    /// If a process sends to a peer that the world does not have: no message of such a process could mean anything.
    pub fn run(&mut self, before: Option<Time>) -> Result<Pause, W::Error> {
        let limit = before.unwrap_or(Time(u64::MAX));
        loop {
            if self.watches.has_come() {
                return Ok(Pause::Point);
            }
            if let Some(at) = self.interrupted.pop_front() {
                self.depart(at)?;
            } else if let Some(passed) = self.at_once.pop_front() {
                self.events += 1;
                match passed {
                    Passed::Hold(flight) => self.arrive(flight)?,
                    Passed::Link(flight) => self.hand_over(flight)?,
                }
            } else if let Some((due, happening)) = self.queue.pop_before(limit) {
                self.now = due;
                self.events += 1;
                self.step(happening)?;
            } else {
                self.now = self.now.max(before.unwrap_or(self.now));
                return Ok(Pause::Time);
            }
        }
    }

    #[inline]
    fn step(&mut self, happening: Happening<P::Message>) -> Result<(), W::Error> {
        match happening {
            Happening::Arrival(flight) => self.arrive(flight),
            Happening::Wake { at, life } => self.wake(at, life),
            Happening::Flushed { at, life } => self.flushed(at, life),
            Happening::Passage { from, to } => self.pass(from, to),
            Happening::Redial { from, to } => {
                self.mend_link(from, to);
                Ok(())
            }
        }
    }

    #[inline]
    fn wake(&mut self, at: usize, life: u32) -> Result<(), W::Error> {
        let place = &mut self.places[at];
        // A pause ends with the wake time that has passed.
        if place.life != life || place.wake != Some(self.now) || place.is_paused() {
            return Ok(());
        }
        place.wake = None;
        let has_left = place.has_left();
        match &mut place.process {
            Some(process) if !has_left => process.wake(self.now, &mut self.effects),
            _ => return Ok(()),
        }
        self.perform(at)
    }
}

#[cfg(test)]
mod tests;
