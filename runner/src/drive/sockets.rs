//! Real sockets and real time: operating-system processes of one machine each, or of several, and one of the hub, if there
//! is one.
//!
//! [`coordinator`] conducts one trial: it starts the processes, waits until all are ready, has them connect, waits until
//! all are connected, and sets one start instant. There is no race and no sleep: each step waits for the reports of the
//! one before. [`machine_process`] and [`hub_process`] are the other side, `member` their common part, [`control`] the
//! messages between them and the coordinator. Between processes: [`topology`] the parties, their connections and their
//! frames, [`links`] the connections, [`handshake`] the proof that a peer is one, [`wire`] the bytes and their seals.
//! [`pace`] keeps the ticks of a process's machines, [`mailbox`] their arrived messages, [`quota`] how much the journal
//! lists of anything that others can repeat.
//!
//! At the end of a trial the coordinator lets the processes take leave of each other: each hears that all it sent has
//! arrived, or the journal hears what is missing.
//!
//! **Invariant.** Every process ends: after its last tick, by order, or when the coordinator is gone.

pub mod control;
pub mod coordinator;
pub mod handshake;
pub mod hub_process;
pub mod links;
pub mod machine_process;
pub mod mailbox;
mod member;
pub mod pace;
mod processes;
pub mod quota;
pub mod topology;
pub mod wire;

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};

use crate::interrupt::Interrupt;
use crate::outcome::{RunFolder, TrialOutcome};
use crate::plan::TrialTask;
use crate::progress::Progress;
use handshake::Secret;

/// Conducts trials, `jobs` at a time, begun in the order given; outcomes come in the order of their numbers.
///
/// Once a trial has failed for a reason of this host (a full disk, a port in use) or the user has interrupted, no
/// further trial begins; those not begun have no outcome.
///
/// # Errors
///
/// When the operating system has no random numbers for the run's secret, or no event loop.
pub fn run_trials(
    tasks: &[TrialTask<'_>],
    jobs: usize,
    run: &RunFolder,
    progress: &Progress,
    interrupt: &Interrupt,
) -> std::io::Result<Vec<TrialOutcome>> {
    let secret = Secret::fresh()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let seats = Arc::new(Semaphore::new(jobs));
        let mut trials = JoinSet::new();
        let mut outcomes: Vec<TrialOutcome> = Vec::new();
        for task in tasks {
            let seat = Arc::clone(&seats).acquire_owned().await;
            while let Some(ended) = trials.try_join_next() {
                outcomes.push(or_failed(ended));
            }
            if interrupt.is_set() || outcomes.iter().any(|outcome: &TrialOutcome| outcome.failed) {
                break;
            }
            let trial = coordinator::Trial::new(
                task.plan(),
                task.config.listen_addrs(),
                run.clone(),
                secret.clone(),
                progress.clone(),
                interrupt.clone(),
            );
            trials.spawn(async move {
                let outcome = trial.run().await;
                drop(seat);
                outcome
            });
        }
        while let Some(ended) = trials.join_next().await {
            outcomes.push(or_failed(ended));
        }
        outcomes.sort_by_key(|outcome| outcome.trial);
        Ok(outcomes)
    })
}

/// The outcome of a trial's task; a panic is a bug of ours and goes on.
fn or_failed(ended: Result<TrialOutcome, JoinError>) -> TrialOutcome {
    ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}
