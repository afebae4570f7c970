//! The machine of the classic scale-model assignment: a tick rate, a Lamport clock, a network queue and a die.
//!
//! Each tick does exactly one thing. With messages in the queue it takes one (or, with [`Drain::All`], every one,
//! each an event of its own) and merges its clock. With an empty queue it rolls: send to one peer, send to another,
//! send to all, or an internal event.
//!
//! # With a timekeeper
//!
//! One machine of the trial, the timekeeper, never rolls: with an empty queue it sends its time to all others, with
//! messages in its queue it receives as ever. The others roll and exchange with everybody as before, but whatever comes
//! from the timekeeper is a time message. They keep these apart from the queue, and only the newest: the one it replaces
//! is dropped unread, because a newer time says all that an older one did. At the start of each tick a machine takes the
//! newest, if one has come, as a `receive` of its own (clock = max + 1); this costs no tick, the ordinary thing follows
//! in the same tick and its row bears the same tick number. The queue in rows is the ordinary one.
//!
//! **Invariant.** Every row's clock exceeds the row's before it, and a receive's clock exceeds the clock that the
//! message carried.

use std::collections::VecDeque;

use event_log::{ClockEvent, Drain, Event, LamportTime, MachineId, Odds, Stamp, Tick};

use crate::chance::Stream;
use crate::lamport::LamportClock;
use crate::{Effect, Machine, Payload};

/// What a machine knows at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Its id, less than `machines`.
    pub id: MachineId,
    /// How many machines the trial has, at least 2.
    pub machines: u32,
    /// How many messages a tick takes.
    pub drain: Drain,
    /// Which clock its messages carry.
    pub stamp: Stamp,
    /// The machine that keeps time for the others, if there is one.
    pub timekeeper: Option<MachineId>,
}

/// A message: which event of the sender it came from, and the sender's clock there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    /// The sender's tick.
    pub sent_tick: Tick,
    /// The sender's clock, after the increment for the send; with [`Stamp::Before`] the one before it.
    pub sent_clock: LamportTime,
}

impl Payload for Message {
    /// Sixteen bytes: tick, clock, both unsigned and big-endian.
    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.sent_tick.0.to_be_bytes());
        bytes.extend_from_slice(&self.sent_clock.0.to_be_bytes());
    }

    fn decode(bytes: &[u8]) -> Option<Message> {
        let (tick, clock) = bytes.split_first_chunk::<8>()?;
        let clock = u64::from_be_bytes(clock.try_into().ok()?);
        (clock <= SENT_CLOCK_MAX).then_some(Message {
            sent_tick: Tick(u64::from_be_bytes(*tick)),
            sent_clock: LamportTime(clock),
        })
    }
}

/// The greatest clock that a message may carry: no trial is long enough to reach it, and a machine that takes it on can
/// count on for as long again before its clock overflows.
const SENT_CLOCK_MAX: u64 = u64::MAX / 2;

/// What a roll decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Send to this peer.
    SendTo(MachineId),
    /// Send to every peer.
    SendToAll,
    /// An internal event.
    Internal,
}

/// Where outcomes come from: chance in a trial, a script in a test.
pub trait Dice {
    /// The outcome of one roll of the machine with these settings.
    fn roll(&mut self, settings: &Settings) -> Outcome;
}

/// Dice that follow the odds, on a stream of chance.
#[derive(Debug)]
pub struct RandomDice {
    odds: Odds,
    stream: Stream,
}

impl RandomDice {
    /// Dice with these odds.
    pub fn new(odds: Odds, stream: Stream) -> RandomDice {
        RandomDice { odds, stream }
    }

    /// One of the three send outcomes, numbered from 0, or `None` for an internal event.
    #[inline]
    fn face(&mut self) -> Option<u64> {
        let face = match self.odds {
            Odds::Sides(sides) => self.stream.below(u64::from(sides)),
            Odds::Internal(internal) => {
                if self.stream.unit() < internal {
                    return None;
                }
                self.stream.below(3)
            }
        };
        (face < 3).then_some(face)
    }
}

impl Dice for RandomDice {
    #[inline]
    fn roll(&mut self, settings: &Settings) -> Outcome {
        match self.face() {
            None => Outcome::Internal,
            Some(2) => Outcome::SendToAll,
            // Three machines: the first outcome names the next id, the second the previous. More machines: each
            // draws uniformly among the others.
            Some(face) => {
                let others = u64::from(settings.machines) - 1;
                let steps = match others {
                    0..=2 if face == 0 => 1,
                    0..=2 => others,
                    _ => 1 + self.stream.below(others),
                };
                let peer = (u64::from(settings.id.0) + steps) % u64::from(settings.machines);
                Outcome::SendTo(MachineId(peer as u32))
            }
        }
    }
}

/// A machine of the scale model.
#[derive(Debug)]
pub struct ScaleModel<D = RandomDice> {
    settings: Settings,
    dice: D,
    clock: LamportClock,
    queue: VecDeque<(MachineId, Message)>,
    /// The newest message of the timekeeper, not yet taken.
    newest_time: Option<(MachineId, Message)>,
    next_tick: Tick,
}

impl<D: Dice> ScaleModel<D> {
    /// A machine before its first tick.
    pub fn new(settings: Settings, dice: D) -> ScaleModel<D> {
        ScaleModel {
            settings,
            dice,
            clock: LamportClock::new(),
            queue: VecDeque::new(),
            newest_time: None,
            next_tick: Tick(0),
        }
    }

    /// The same machine before a later first tick: those before it belong to a life that has ended.
    pub fn from_tick(self, tick: Tick) -> ScaleModel<D> {
        ScaleModel {
            next_tick: tick,
            ..self
        }
    }

    /// The number of its next tick.
    pub fn next_tick(&self) -> Tick {
        self.next_tick
    }

    /// Who sent the messages that have arrived and were not taken, the timekeeper's newest first.
    pub fn waiting_senders(&self) -> impl Iterator<Item = MachineId> + '_ {
        let newest = self.newest_time.iter();
        newest.chain(&self.queue).map(|&(from, _)| from)
    }

    /// Exchanges the dice, for tests that decide each roll.
    pub fn swap_dice(&mut self, dice: &mut D) {
        std::mem::swap(&mut self.dice, dice);
    }

    #[inline]
    fn event(&self, tick: Tick, event: Event) -> ClockEvent {
        ClockEvent {
            tick,
            event,
            clock: self.clock.now(),
            queue: self.queue.len() as u64,
        }
    }

    /// Takes the oldest message, if there is one.
    #[inline]
    fn take(&mut self, tick: Tick) -> Option<ClockEvent> {
        let (from, message) = self.queue.pop_front()?;
        Some(self.merge(tick, from, message))
    }

    #[inline]
    fn merge(&mut self, tick: Tick, from: MachineId, message: Message) -> ClockEvent {
        self.clock.merge(message.sent_clock);
        self.event(
            tick,
            Event::Receive {
                from,
                sent_tick: message.sent_tick,
                sent_clock: message.sent_clock,
            },
        )
    }

    #[inline]
    fn keeps_time(&self) -> bool {
        self.settings.timekeeper == Some(self.settings.id)
    }

    #[inline]
    fn act(&mut self, tick: Tick, effects: &mut Vec<Effect<Message, ClockEvent>>) {
        let outcome = if self.keeps_time() {
            Outcome::SendToAll
        } else {
            self.dice.roll(&self.settings)
        };
        let (before, after) = (self.clock.now(), self.clock.advance());
        let message = Message {
            sent_tick: tick,
            sent_clock: match self.settings.stamp {
                Stamp::After => after,
                Stamp::Before => before,
            },
        };
        let event = match outcome {
            Outcome::Internal => Event::Internal,
            Outcome::SendTo(to) => Event::Send { to },
            Outcome::SendToAll => Event::Broadcast,
        };
        // The record goes first: a send that is not in the log must not be able to reach anybody.
        effects.push(Effect::Record(self.event(tick, event)));
        match outcome {
            Outcome::Internal => {}
            Outcome::SendTo(to) => effects.push(Effect::Send { to, message }),
            Outcome::SendToAll => effects.push(Effect::SendToAll { message }),
        }
    }
}

impl<D: Dice> Machine for ScaleModel<D> {
    type Message = Message;
    type Event = ClockEvent;

    fn id(&self) -> MachineId {
        self.settings.id
    }

    #[inline]
    fn tick(&mut self, effects: &mut Vec<Effect<Message, ClockEvent>>) {
        let tick = self.next_tick;
        self.next_tick = Tick(tick.0 + 1);
        if let Some((from, message)) = self.newest_time.take() {
            let received = self.merge(tick, from, message);
            effects.push(Effect::Record(received));
        }
        match self.take(tick) {
            None => self.act(tick, effects),
            Some(received) => {
                effects.push(Effect::Record(received));
                if self.settings.drain == Drain::All {
                    while let Some(received) = self.take(tick) {
                        effects.push(Effect::Record(received));
                    }
                }
            }
        }
    }

    #[inline]
    fn receive(&mut self, from: MachineId, message: Message) {
        if Some(from) == self.settings.timekeeper {
            self.newest_time = Some((from, message));
        } else {
            self.queue.push_back((from, message));
        }
    }

    fn backlog(&self) -> usize {
        self.queue.len()
    }
}
