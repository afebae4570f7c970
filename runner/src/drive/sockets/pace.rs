//! A machine in real time: waits for the next tick, takes arrivals meanwhile, performs what the tick asks for.
//!
//! A plain loop on a thread of its own, because a thread's wait ends within some ten microseconds of its time where an
//! asynchronous timer rounds to a millisecond. Sockets are other tasks' business; arrivals come through a channel.
//!
//! **Invariant.** Each tick has its absolute time: when it is due, later by the delay that the condition injects. A
//! late tick is performed late and delays no other, none is skipped and none is early.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use event_log::{MachineId, Tick};
use machine::{Effect, Machine};

use crate::drive::Beat;
use crate::storage::{Sink, StorageError};

/// What reaches a machine between ticks.
#[derive(Debug)]
pub enum Arrival<M> {
    /// A message for its queue.
    Message(MachineId, M),
    /// It must stop.
    Stop,
}

/// System time, nanoseconds since the Unix epoch; 0 on a host whose clock is before it.
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

/// What a machine got done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticks {
    /// Ticks performed.
    pub performed: u64,
    /// Whether it was told to stop before it had performed all.
    pub stopped_early: bool,
}

/// Performs a machine's ticks until they are done or it is told to stop.
///
/// # Errors
///
/// [`StorageError`] when the log cannot be written; the machine ends there.
pub fn run<M, S>(
    machine: &mut M,
    others: &[MachineId],
    beat: &Beat,
    arrivals: &Receiver<Arrival<M::Message>>,
    sink: &mut S,
    mut send: impl FnMut(MachineId, M::Message),
) -> Result<Ticks, StorageError>
where
    M: Machine,
    S: Sink<M::Event>,
{
    let pace = Pace::now();
    let mut effects = Vec::new();
    for tick in 0..beat.ticks {
        let due_ns = beat.time_ns(Tick(tick));
        loop {
            // Whatever has arrived by now is in the queue before the tick looks at it.
            match arrivals.recv_timeout(pace.wait(due_ns)) {
                Ok(Arrival::Message(from, message)) => machine.receive(from, message),
                Ok(Arrival::Stop) | Err(RecvTimeoutError::Disconnected) => {
                    return Ok(Ticks {
                        performed: tick,
                        stopped_early: true,
                    });
                }
                Err(RecvTimeoutError::Timeout) => break,
            }
        }
        let time_ns = settle(due_ns);
        machine.tick(&mut effects);
        for effect in effects.drain(..) {
            match effect {
                Effect::Record(event) => sink.record(time_ns, &event)?,
                Effect::Send { to, message } => send(to, message),
                Effect::SendToAll { message } => {
                    for &to in others {
                        send(to, message.clone());
                    }
                }
            }
        }
    }
    Ok(Ticks {
        performed: beat.ticks,
        stopped_early: false,
    })
}
