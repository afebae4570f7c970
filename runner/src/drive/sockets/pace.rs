//! Machines in real time: wait for the next tick of any of them, take the messages that have arrived, perform the tick.
//!
//! A plain loop on a thread of its own, for all machines of a process, because a thread's wait ends within some ten
//! microseconds of its time where an asynchronous timer rounds to a millisecond. Sockets are other tasks' business;
//! arrivals wait in the [`Mailbox`] and wake nobody.
//!
//! **Invariant.** Each tick has its absolute time: when it is due, later by the delay that the condition injects. A
//! late tick is performed late and delays none but those due while it is performed, none is skipped and none is early.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use driver::{Beat, Seat};
use driver::{Sink, StorageError};
use event_log::schedule::compress;
use event_log::{MachineId, Tick};
use machine::{Effect, Machine};

use super::mailbox::{Letter, Mailbox};
use crate::outcome::LateTick;

/// System time, nanoseconds since the Unix epoch; 0 where the clock of the host is before it.
pub fn system_time_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    })
}

/// The schedule on the clock that never jumps, so that setting the system's clock neither stalls nor floods a trial.
struct Pace {
    origin: Instant,
    origin_ns: u64,
}

impl Pace {
    /// Reads both clocks at one instant: again, if the thread was held up in between.
    fn now() -> Pace {
        const APART_MAX: Duration = Duration::from_micros(20);
        const ATTEMPTS: usize = 1000;
        let mut best: Option<(Duration, Pace)> = None;
        for _ in 0..ATTEMPTS {
            let origin = Instant::now();
            let origin_ns = system_time_ns();
            let apart = origin.elapsed();
            if best.as_ref().is_none_or(|(least, _)| apart < *least) {
                best = Some((apart, Pace { origin, origin_ns }));
            }
            if apart < APART_MAX {
                break;
            }
        }
        best.map_or_else(
            || Pace {
                origin: Instant::now(),
                origin_ns: system_time_ns(),
            },
            |(_, pace)| pace,
        )
    }

    fn wait(&self, due_ns: u64) -> Duration {
        let due = self.origin + Duration::from_nanos(due_ns.saturating_sub(self.origin_ns));
        due.saturating_duration_since(Instant::now())
    }
}

/// The two clocks may be some microseconds apart; a row must not bear a time before it was due.
fn settle(due_ns: u64) -> u64 {
    const APART_MAX_NS: u64 = 1_000_000;
    loop {
        let now_ns = system_time_ns();
        if now_ns >= due_ns || due_ns - now_ns > APART_MAX_NS {
            return now_ns;
        }
        std::hint::spin_loop();
    }
}

/// The recipient of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipients {
    /// This machine.
    One(MachineId),
    /// Every machine but its sender.
    AllOthers,
}

/// Performs the ticks of the machines of a process, with successive ids, until all are done or the order to stop comes;
/// returns whether it came before. `finished` gets each machine's number of ticks when it is done or stopped, and the latest
/// tick if that was late by more than a period.
///
/// # Errors
///
/// [`StorageError`] when a log cannot be written; all machines of the process end there.
pub fn run<M, S>(
    seats: &mut [Seat<M, S>],
    mailbox: &Mailbox<M::Message>,
    mut send: impl FnMut(MachineId, Recipients, M::Message),
    mut finished: impl FnMut(MachineId, u64, Option<LateTick>),
) -> Result<bool, StorageError>
where
    M: Machine,
    S: Sink<M::Event>,
{
    let pace = Pace::now();
    let mut agenda = Agenda::new(seats);
    for seat in seats.iter().filter(|seat| seat.beat.ticks == 0) {
        finished(seat.machine.id(), 0, None);
    }
    let mut latest = vec![None; seats.len()];
    let (mut letters, mut effects) = (Vec::new(), Vec::new());
    while let Some((due_ns, tick, place)) = agenda.next() {
        if mailbox.stopped_within(pace.wait(due_ns)) {
            for (place, performed) in agenda.left() {
                finished(seats[place].machine.id(), performed, latest[place]);
            }
            return Ok(true);
        }
        // Whatever has arrived by now is in the queues before the tick looks at its own; and the time is read after that,
        // so that no receive bears a time before its send's.
        mailbox.take(&mut letters);
        hand_out(seats, &mut letters);
        let time_ns = settle(due_ns);
        let seat = &mut seats[place];
        note_late(&mut latest[place], &seat.beat, tick, time_ns);
        let from = seat.machine.id();
        seat.machine.tick(&mut effects);
        for effect in effects.drain(..) {
            match effect {
                Effect::Record(event) => seat.sink.record(time_ns, &event)?,
                Effect::Send { to, message } => send(from, Recipients::One(to), message),
                Effect::SendToAll { message } => send(from, Recipients::AllOthers, message),
            }
        }
        agenda.performed(&seat.beat, tick, place);
        if tick + 1 == seat.beat.ticks {
            finished(from, seat.beat.ticks, latest[place]);
        }
    }
    Ok(false)
}

/// Records a tick if it is the latest so far and late by more than a period.
fn note_late(latest: &mut Option<LateTick>, beat: &Beat, tick: u64, time_ns: u64) {
    let period_ns = compress(beat.schedule.rate.period_ns(), beat.schedule.speed);
    let late_ns = time_ns.saturating_sub(beat.time_ns(Tick(tick)));
    if late_ns > latest.map_or(period_ns, |latest| latest.late_ns) {
        *latest = Some(LateTick {
            tick,
            late_ns,
            period_ns,
        });
    }
}

/// Puts letters into their recipients' queues.
fn hand_out<M: Machine, S>(seats: &mut [Seat<M, S>], letters: &mut Vec<Letter<M::Message>>) {
    let Some(first) = seats.first().map(|seat| seat.machine.id().index()) else {
        return;
    };
    for Letter { from, to, message } in letters.drain(..) {
        let place = to.index().checked_sub(first);
        if let Some(seat) = place.and_then(|place| seats.get_mut(place)) {
            seat.machine.receive(from, message);
        }
    }
}

/// The next tick of each machine that has one, by the time when it is due.
struct Agenda {
    /// Due time, number of the tick, place of the machine's seat.
    ticks: BinaryHeap<Reverse<(u64, u64, usize)>>,
}

impl Agenda {
    fn new<M, S>(seats: &[Seat<M, S>]) -> Agenda {
        let mut agenda = Agenda {
            ticks: BinaryHeap::with_capacity(seats.len()),
        };
        for (place, seat) in seats.iter().enumerate() {
            agenda.wait_for(&seat.beat, 0, place);
        }
        agenda
    }

    fn wait_for(&mut self, beat: &Beat, tick: u64, place: usize) {
        if tick < beat.ticks {
            let due_ns = beat.time_ns(Tick(tick));
            self.ticks.push(Reverse((due_ns, tick, place)));
        }
    }

    fn next(&self) -> Option<(u64, u64, usize)> {
        self.ticks.peek().map(|Reverse(next)| *next)
    }

    /// This tick, the next one, has been performed.
    fn performed(&mut self, beat: &Beat, tick: u64, place: usize) {
        self.ticks.pop();
        self.wait_for(beat, tick + 1, place);
    }

    /// Places of the machines that are not done, with the ticks that they have performed.
    fn left(&self) -> impl Iterator<Item = (usize, u64)> {
        let left = self.ticks.iter();
        left.map(|Reverse((_, tick, place))| (*place, *tick))
    }
}

#[cfg(test)]
mod tests;
