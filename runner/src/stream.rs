//! A run for another program: trials in virtual time, written to standard output, and no file anywhere.
//!
//! Workers run trials side by side; each waits for its turn to write, so that trials come in their order and memory holds
//! one trial for each worker. Who reads slowly makes the workers wait.
//!
//! **Invariant.** A stream opens no socket and no file, whatever its configuration says. It does not begin when it may have
//! more events than it is allowed, and ends when nobody reads it any more, or when standard input closes: the kernel
//! closes the pipes of a program that was killed, too.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use driver::sink::PackingSink;
use driver::virtual_time::{drive_to_memory, seats};
use driver::{Seat, StorageError, world_trial};
use event_log::stream::{StreamStart, StreamedTrial};
use event_log::{ClockEvent, Driver, JournalKind, Status, VIRTUAL_EPOCH_NS};
use thiserror::Error;

use crate::interrupt::{Interrupt, on_signal};
use crate::plan::TrialTask;
use crate::run;

/// Exit code of a stream that ended before its last trial.
const CUT_OFF: u8 = 1;

/// Why trials are not streamed.
#[derive(Debug, Error)]
pub enum StreamError {
    /// They would open sockets.
    #[error("trial {trial}: on sockets; a stream is in virtual time and opens none")]
    Sockets {
        /// Number of the first such trial.
        trial: u64,
    },
    /// They may be larger than allowed.
    #[error(
        "the run may have {events} events (every tick at the highest rates, and a receive for every message), more than the {max} allowed"
    )]
    Events {
        /// The most events that they can have.
        events: u64,
        /// What is allowed.
        max: u64,
    },
    /// A trial cannot be carried out.
    #[error(transparent)]
    Trial(#[from] StorageError),
    /// Standard output cannot be written.
    #[error("standard output: {0}")]
    Output(#[from] io::Error),
}

/// Writes trials to standard output, in their order; returns the exit code.
///
/// # Errors
///
/// [`StreamError`] when a trial is on sockets, when they may have more than `events_max` events together, or when standard
/// output cannot be written for another reason than that nobody reads it.
pub fn stream(tasks: &[TrialTask<'_>], events_max: Option<u64>) -> Result<u8, StreamError> {
    let start = admit(tasks, events_max)?;
    write(&mut io::stdout().lock(), &[line(&start)?])?;
    let interrupt = ended();
    let turns = Turns::default();
    let next = AtomicUsize::new(0);
    std::thread::scope(|threads| {
        for _ in 0..run::jobs(tasks).min(tasks.len()) {
            threads.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(task) = tasks.get(number) else { break };
                    let made = make(task, &interrupt);
                    if !turns.take(number, || deliver(made)) {
                        interrupt.set();
                        break;
                    }
                }
            });
        }
    });
    match turns.into_error() {
        None => Ok(0),
        Some(StreamError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            Ok(CUT_OFF)
        }
        Some(error) => Err(error),
    }
}

/// Looks at what the trials are to be, before they begin. Standard output says how large a stream is that is too large, so
/// that the program that asks can say what to do.
fn admit(tasks: &[TrialTask<'_>], max: Option<u64>) -> Result<StreamStart, StreamError> {
    let mut events: u64 = 0;
    for task in tasks {
        if task.config.condition.driver == Driver::Sockets {
            return Err(StreamError::Sockets { trial: task.trial });
        }
        events = events.saturating_add(task.config.events_of_a_trial());
    }
    if let Some(max) = max.filter(|&max| events > max) {
        let trials = None;
        // If nobody reads it, the error says it too.
        let _ = write(
            &mut io::stdout().lock(),
            &[line(&StreamStart { events, trials })?],
        );
        return Err(StreamError::Events { events, max });
    }
    let trials = Some(tasks.len() as u64);
    Ok(StreamStart { events, trials })
}

/// Set when standard input closes, or a signal asks this process to end.
fn ended() -> Interrupt {
    let interrupt = Interrupt::default();
    let by_signal = interrupt.clone();
    on_signal(move || {
        by_signal.set();
    });
    let by_input = interrupt.clone();
    std::thread::spawn(move || {
        // An error is an end, too: nobody can be heard.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        by_input.set();
    });
    interrupt
}

/// A trial as its parts of the stream: the line with its manifest, then the logs of its machines.
type Made = Result<Option<Vec<Vec<u8>>>, StreamError>;

/// Runs a trial; none if it was interrupted.
fn make(task: &TrialTask<'_>, interrupt: &Interrupt) -> Made {
    let mut manifest = task.plan();
    manifest.started_ns = Some(VIRTUAL_EPOCH_NS);
    let mut seats: Vec<Seat<_, PackingSink>> = seats(&manifest, |_| {
        let mut sink = PackingSink::default();
        sink.restart_as_file::<ClockEvent>();
        sink
    });
    let stop = interrupt.flag();
    let (end, shortfall, mut journal) = match &manifest.condition.faults {
        None => (
            drive_to_memory(&manifest, &mut seats, stop)?,
            None,
            Vec::new(),
        ),
        Some(faults) => {
            let account = world_trial::drive_to_memory(&manifest, faults, &mut seats, stop)?;
            (account.end, account.shortfall, account.journal)
        }
    };
    if end.interrupted {
        return Ok(None);
    }
    manifest.status = match shortfall {
        None => Status::Complete,
        Some(_) => Status::Degraded,
    };
    manifest.reason = shortfall;
    let tells = [
        JournalKind::Undelivered,
        JournalKind::Unconfirmed,
        JournalKind::Restarted,
    ];
    journal.retain(|entry| tells.contains(&entry.kind));
    let logs = seats.into_iter().map(|seat| seat.sink);
    let logs: Vec<Vec<u8>> = logs.map(PackingSink::into_rows).collect();
    let log_bytes = logs.iter().map(|log| log.len() as u64).collect();
    let mut parts = vec![line(&StreamedTrial {
        log_bytes,
        journal,
        manifest,
    })?];
    parts.extend(logs);
    Ok(Some(parts))
}

fn deliver(made: Made) -> Result<(), StreamError> {
    match made? {
        Some(parts) => Ok(write(&mut io::stdout().lock(), &parts)?),
        // Whoever asked is gone, or wants no more.
        None => Err(StreamError::Output(io::ErrorKind::BrokenPipe.into())),
    }
}

fn line(of: &impl serde::Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(of)?;
    line.push(b'\n');
    Ok(line)
}

fn write(stdout: &mut impl Write, parts: &[Vec<u8>]) -> io::Result<()> {
    for part in parts {
        stdout.write_all(part)?;
    }
    stdout.flush()
}

/// Whose turn it is to write.
#[derive(Debug, Default)]
struct Turns {
    state: Mutex<Turn>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Turn {
    next: usize,
    error: Option<StreamError>,
}

impl Turns {
    /// Waits for a turn, and takes it; whether there may be another. After an error nobody has a turn.
    fn take(&self, number: usize, write: impl FnOnce() -> Result<(), StreamError>) -> bool {
        // A poisoned lock guards a number and an error, which are whole whatever its holder did.
        let mut turn = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while turn.next != number && turn.error.is_none() {
            let waited = self.changed.wait(turn);
            turn = waited.unwrap_or_else(PoisonError::into_inner);
        }
        if turn.error.is_none() {
            turn.error = write().err();
            turn.next += 1;
        }
        self.changed.notify_all();
        turn.error.is_none()
    }

    fn into_error(self) -> Option<StreamError> {
        let turn = self.state.into_inner();
        turn.unwrap_or_else(PoisonError::into_inner).error
    }
}
