//! Virtual time: the very same machines, no sockets, no waiting.
//!
//! [`driver::engine`] is the event queue, with faults [`driver::world`] is; this module runs the trials of a run on them, as many at a time as there are
//! threads, and [`packed`] does so for runs of very many.
//!
//! **Invariant.** A trial's folder depends on configuration and seed alone: bit-identical on every platform and for
//! every number of threads.

pub mod packed;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use driver::StorageError;
use driver::engine::End;
use driver::sink::GatheringSink;
use driver::virtual_time::{drive_to_files, seats};
use driver::world_trial::{self, Account};
use event_log::{
    ClockEvent, JournalEntry, JournalKind, Status, TrialManifest, VIRTUAL_EPOCH_NS, layout,
};

use crate::interrupt::Interrupt;
use crate::outcome::{RunFolder, TrialOutcome};
use crate::plan::TrialTask;
use crate::progress::Progress;
use crate::storage::{
    Journal, create_trial_folder, write_fault_log, write_faults, write_json_of_seed,
};

/// Runs trials, `jobs` at a time; outcomes come in the order of their numbers. After a failure or an interrupt no
/// further trial begins.
pub fn run_trials(
    tasks: &[TrialTask<'_>],
    jobs: usize,
    run: &RunFolder,
    progress: &Progress,
    interrupt: &Interrupt,
) -> Vec<TrialOutcome> {
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let (sender, outcomes) = mpsc::channel();
    std::thread::scope(|threads| {
        for _ in 0..jobs.min(tasks.len()) {
            let sender = sender.clone();
            let (next, failed) = (&next, &failed);
            threads.spawn(move || {
                while !interrupt.is_set() && !failed.load(Ordering::Relaxed) {
                    let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) else {
                        break;
                    };
                    let outcome = run_trial(task.plan(), run, interrupt).unwrap_or_else(|error| {
                        TrialOutcome::failed(task.trial, error.to_string())
                    });
                    failed.fetch_or(outcome.failed, Ordering::Relaxed);
                    progress.trial_ended(&outcome);
                    let _ = sender.send(outcome);
                }
            });
        }
    });
    drop(sender);
    let mut outcomes: Vec<TrialOutcome> = outcomes.into_iter().collect();
    outcomes.sort_by_key(|outcome| outcome.trial);
    outcomes
}

fn run_trial(
    mut manifest: TrialManifest,
    run: &RunFolder,
    interrupt: &Interrupt,
) -> Result<TrialOutcome, StorageError> {
    let folder = create_trial_folder(&run.path, manifest.trial, run.count)?;
    let trial_file = folder.join(layout::TRIAL_FILE);
    manifest.started_ns = Some(VIRTUAL_EPOCH_NS);
    write_json_of_seed(&trial_file, &manifest)?;
    let mut journal = Journal::create(&folder)?;
    journal.write(&JournalEntry::of_trial(
        VIRTUAL_EPOCH_NS,
        JournalKind::Started,
        "",
    ))?;

    let mut seats = seats(&manifest, |entry| {
        GatheringSink::new::<ClockEvent>(folder.join(&entry.log), manifest.ticks_expected(entry))
    });
    let faults = manifest.condition.faults.clone();
    let (end, shortfall) = match &faults {
        None => (
            drive_to_files(&manifest, &mut seats, interrupt.flag())?,
            None,
        ),
        Some(faults) => {
            let stop = interrupt.flag();
            let account = world_trial::drive_to_files(&manifest, faults, &mut seats, stop)?;
            write_account(&folder, &mut journal, &account)?;
            (account.end, account.shortfall)
        }
    };
    for seat in &mut seats {
        seat.sink.flush()?;
    }

    let End {
        last_ns,
        ticks,
        interrupted,
    } = end;
    let kind = if interrupted {
        manifest.status = Status::Aborted;
        manifest.reason = Some("interrupted by the user".to_owned());
        JournalKind::Stopped
    } else {
        manifest.status = match shortfall {
            None => Status::Complete,
            Some(_) => Status::Degraded,
        };
        manifest.reason = shortfall;
        JournalKind::Finished
    };
    let detail = manifest.reason.clone().unwrap_or_default();
    let entry = JournalEntry::of_trial(last_ns.unwrap_or(VIRTUAL_EPOCH_NS), kind, detail);
    journal.write(&entry.with_count(ticks))?;
    write_json_of_seed(&trial_file, &manifest)?;
    Ok(TrialOutcome::of(&manifest, ticks))
}

/// Writes what was to be done to a trial, what was done, and what came of it.
fn write_account(
    folder: &Path,
    journal: &mut Journal,
    account: &Account,
) -> Result<(), StorageError> {
    write_faults(folder, &account.plain)?;
    write_fault_log(folder, &account.fault_log)?;
    account
        .journal
        .iter()
        .try_for_each(|entry| journal.write(entry))
}
