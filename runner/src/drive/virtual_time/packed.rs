//! Trials in virtual time, in packs: with very many trials, folders would be most of the work.
//!
//! Each worker writes one pack at a time and holds the rows of one trial, so memory does not grow with the number of
//! trials; neither do the outcomes, for complete trials are only counted.
//!
//! **Invariant.** A pack depends on configuration and seed alone, and is whole or not there.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use driver::Seat;
use driver::StorageError;
use driver::sink::PackingSink;
use driver::virtual_time::{drive_to_memory, seats};
use event_log::pack::PACK_TRIALS;
use event_log::{ClockEvent, Status, VIRTUAL_EPOCH_NS};

use crate::config::Config;
use crate::interrupt::Interrupt;
use crate::outcome::{RunFolder, TrialOutcome};
use crate::plan::plan_trial;
use crate::progress::Progress;
use crate::storage::pack::PackWriter;

/// The outcome of packs.
#[derive(Debug, Default)]
pub struct PackOutcome {
    /// Trials in packs that are whole.
    pub complete: u64,
    /// Packs that could not be written, each by its first trial.
    pub failed: Vec<TrialOutcome>,
}

/// The numbers of the trials of a pack.
pub fn trials(pack: u64, count: u64) -> std::ops::Range<u64> {
    let first = pack * PACK_TRIALS;
    first..(first + PACK_TRIALS).min(count)
}

/// Writes these packs, `config.jobs` at a time. After a failure or an interrupt no further trial begins.
pub fn run_packs(
    config: &Config,
    packs: &[u64],
    run: &RunFolder,
    progress: &Progress,
    interrupt: &Interrupt,
) -> PackOutcome {
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let outcome = Mutex::new(PackOutcome::default());
    std::thread::scope(|threads| {
        for _ in 0..config.jobs.min(packs.len()) {
            threads.spawn(|| {
                let mut sinks = Vec::new();
                while !interrupt.is_set() && !failed.load(Ordering::Relaxed) {
                    let Some(&pack) = packs.get(next.fetch_add(1, Ordering::Relaxed)) else {
                        break;
                    };
                    let written = write_pack(config, pack, run, &mut sinks, progress, interrupt);
                    // A poisoned lock guards plain numbers, which are whole whatever its holder did.
                    let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
                    match written {
                        Ok(complete) => outcome.complete += complete,
                        Err(error) => {
                            failed.store(true, Ordering::Relaxed);
                            let first = trials(pack, run.count).start;
                            outcome
                                .failed
                                .push(TrialOutcome::failed(first, error.to_string()));
                        }
                    }
                }
            });
        }
    });
    outcome.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Writes one pack; returns how many trials it holds, none after an interrupt.
fn write_pack(
    config: &Config,
    pack: u64,
    run: &RunFolder,
    sinks: &mut Vec<PackingSink>,
    progress: &Progress,
    interrupt: &Interrupt,
) -> Result<u64, StorageError> {
    let mut writer = PackWriter::create::<ClockEvent>(&run.path, pack, run.count)?;
    for trial in trials(pack, run.count) {
        let added = add_trial(config, trial, &mut writer, sinks, interrupt);
        match added {
            Ok(Some(outcome)) => progress.trial_ended(&outcome),
            Ok(None) => {
                writer.discard();
                return Ok(0);
            }
            Err(error) => {
                writer.discard();
                return Err(error);
            }
        }
    }
    writer.finish()?;
    let trials = trials(pack, run.count);
    Ok(trials.end - trials.start)
}

/// Runs a trial into a pack; none if it was interrupted.
fn add_trial(
    config: &Config,
    trial: u64,
    writer: &mut PackWriter,
    sinks: &mut Vec<PackingSink>,
    interrupt: &Interrupt,
) -> Result<Option<TrialOutcome>, StorageError> {
    let mut manifest = plan_trial(config, trial);
    manifest.started_ns = Some(VIRTUAL_EPOCH_NS);
    let mut seats: Vec<Seat<_, PackingSink>> = seats(&manifest, |machine| {
        let mut sink = sinks.pop().unwrap_or_default();
        sink.restart(trial, machine.id);
        sink
    });
    let end = drive_to_memory(&manifest, &mut seats, interrupt.flag())?;
    let outcome = if end.interrupted {
        None
    } else {
        manifest.status = Status::Complete;
        let outcome = TrialOutcome::of(&manifest, end.ticks);
        writer.add(manifest, end.last_ns, seats.iter().map(|seat| &seat.sink))?;
        Some(outcome)
    };
    sinks.extend(seats.into_iter().map(|seat| seat.sink));
    Ok(outcome)
}
