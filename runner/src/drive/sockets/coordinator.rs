//! Conducts one trial on real sockets, from the first process to the final manifest.
//!
//! `opening` leads to the common start, this module watches over the trial while it lasts, `closing` ends it, `losses` says
//! what it has lost.

use std::collections::BTreeMap;
use std::time::Duration;

use driver::StorageError;
use event_log::schedule::compress;
use event_log::{JournalEntry, JournalKind, MachineId, OnDisconnect, Party, TrialManifest, layout};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::control::{Order, Report};
use super::handshake::Secret;
use super::pace::system_time_ns;
use super::processes::{Heard, Process};
use super::topology::Topology;
use crate::config::ListenAddr;
use crate::interrupt::Interrupt;
use crate::outcome::{LateMachine, LateTick, RunFolder, TrialOutcome};
use crate::progress::Progress;
use crate::storage::{Journal, create_trial_folder, write_json};

mod closing;
mod losses;
mod opening;

use losses::{Loss, Losses, Missing, list};

/// How long after its nominal end a trial may last.
const OVERTIME_MAX: Duration = Duration::from_secs(10);
/// How long to wait, once a connection is lost, for the reason to come in.
const REASON_TIME_MAX: Duration = Duration::from_millis(500);
/// How often to look for an interrupt and to move the progress bar.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// Why a trial ended before all machines were done.
#[derive(Debug)]
enum Ending {
    /// The trial is over, for a reason that lies in the trial.
    Aborted(String),
    /// It cannot be carried out, for a reason that lies in this host or its configuration.
    Failed(String),
    /// A machine or the hub is lost; the exit of its process will say why.
    Lost(Loss),
}

impl From<StorageError> for Ending {
    fn from(error: StorageError) -> Ending {
        Ending::Failed(error.to_string())
    }
}

/// One trial.
#[derive(Debug)]
pub struct Trial {
    manifest: TrialManifest,
    listen_addrs: BTreeMap<Party, ListenAddr>,
    run: RunFolder,
    secret: Secret,
    progress: Progress,
    interrupt: Interrupt,
}

impl Trial {
    /// A planned trial, not yet begun. `listen_addrs` says who listens, and where.
    pub fn new(
        manifest: TrialManifest,
        listen_addrs: BTreeMap<Party, ListenAddr>,
        run: RunFolder,
        secret: Secret,
        progress: Progress,
        interrupt: Interrupt,
    ) -> Trial {
        Trial {
            manifest,
            listen_addrs,
            run,
            secret,
            progress,
            interrupt,
        }
    }

    /// Runs it to its end. The outcome records what happens; so does the manifest, if it can be written.
    pub async fn run(self) -> TrialOutcome {
        let trial = self.manifest.trial;
        let progress = self.progress.clone();
        let outcome = match Stage::set(self) {
            Err(error) => TrialOutcome::failed(trial, error.to_string()),
            Ok(mut stage) => {
                let ending = stage.conduct().await.err();
                stage.close(ending).await
            }
        };
        progress.trial_ended(&outcome);
        outcome
    }
}

/// A party that has lost its process.
fn gone(party: Party) -> Ending {
    Ending::Lost(Loss { party, fault: None })
}

/// A trial under way: its folder exists.
struct Stage {
    trial: Trial,
    folder: std::path::PathBuf,
    journal: Journal,
    topology: Topology,
    processes: BTreeMap<Party, Process>,
    ears: mpsc::UnboundedReceiver<(Party, Heard)>,
    mouth: mpsc::UnboundedSender<(Party, Heard)>,
    /// Ticks of the machines that are done.
    finished: BTreeMap<MachineId, u64>,
    /// Processes that ended before their machines were done, in the order of the reports.
    gone: Vec<Party>,
    /// Machines of these processes.
    lost: usize,
    /// Messages that did not arrive, or may not have.
    missing: Missing,
    /// The machine with the latest tick of all, measured in its own periods.
    latest: Option<LateMachine>,
}

impl Stage {
    fn set(trial: Trial) -> Result<Stage, StorageError> {
        let folder = create_trial_folder(&trial.run.path, trial.manifest.trial, trial.run.count)?;
        write_json(&folder.join(layout::TRIAL_FILE), &trial.manifest)?;
        let journal = Journal::create(&folder)?;
        let (mouth, ears) = mpsc::unbounded_channel();
        Ok(Stage {
            topology: Topology::of(&trial.manifest.condition),
            trial,
            folder,
            journal,
            processes: BTreeMap::new(),
            ears,
            mouth,
            finished: BTreeMap::new(),
            gone: Vec::new(),
            lost: 0,
            missing: Missing::default(),
            latest: None,
        })
    }

    async fn conduct(&mut self) -> Result<(), Ending> {
        self.open().await?;
        self.watch().await
    }

    /// The next report that is not for the journal alone; `None` at the deadline.
    async fn hear(&mut self, deadline: Instant) -> Result<Option<(Party, Heard)>, Ending> {
        loop {
            if self.trial.interrupt.is_set() {
                return Err(Ending::Aborted("interrupted by the user".to_owned()));
            }
            let look = deadline.min(Instant::now() + LOOK_INTERVAL);
            let heard = tokio::select! {
                biased;
                heard = self.ears.recv() => heard,
                () = sleep_until(look) => {
                    self.trial.progress.trial_moved(self.trial.manifest.trial);
                    if look == deadline { return Ok(None) }
                    continue;
                }
            };
            match heard {
                Some((_, Heard::Report(Report::Journal(entry)))) => self.note(entry)?,
                Some((party, Heard::Report(Report::Failed { problem }))) => {
                    let who = self.topology.name(party);
                    return Err(Ending::Failed(format!("{who}: {problem}")));
                }
                other => return Ok(other),
            }
        }
    }

    /// From the start instant until every machine is done or lost. Without the hub no machine hears another, so its
    /// loss always ends the trial.
    async fn watch(&mut self) -> Result<(), Ending> {
        let reconnect = self.reconnects();
        let condition = &self.trial.manifest.condition;
        let length = Duration::from_nanos(compress(condition.duration_ns, condition.speed));
        let delay = Duration::from_nanos(condition.tick_delay_ns);
        let deadline = Instant::now() + length + delay + OVERTIME_MAX;
        let mut losses = Losses::default();
        while self.finished.len() + self.lost < self.trial.manifest.machines.len() {
            let until = losses.until().unwrap_or(deadline);
            match self.hear(until).await? {
                None => return Err(self.overdue(&losses)),
                Some((
                    _,
                    Heard::Report(Report::Finished {
                        machine,
                        ticks,
                        latest,
                    }),
                )) => self.finish(machine, ticks, latest)?,
                Some((Party::Hub, Heard::Gone)) => return Err(gone(Party::Hub)),
                Some((party, Heard::Gone)) => {
                    let unfinished = self.unfinished(party).count();
                    if unfinished > 0 && !reconnect {
                        return Err(gone(party));
                    }
                    if unfinished > 0 {
                        self.gone.push(party);
                        self.lost += unfinished;
                    }
                }
                // The lost one's own last words, if there are any, say more than its peers'.
                Some((party, Heard::Report(Report::Lost { peer, fault }))) if !reconnect => {
                    let until = Instant::now() + REASON_TIME_MAX;
                    losses.report(party, peer, fault, until);
                }
                // What it lost it lost before the start, and found again; only the reports were late.
                Some((party, Heard::Report(Report::Connected))) => losses.forget(party),
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Whether a lost peer is dialled again.
    fn reconnects(&self) -> bool {
        self.trial.manifest.condition.on_disconnect == Some(OnDisconnect::Reconnect)
    }

    /// A machine is done.
    fn finish(
        &mut self,
        machine: MachineId,
        ticks: u64,
        latest: Option<LateTick>,
    ) -> Result<(), Ending> {
        self.finished.insert(machine, ticks);
        let late = latest.map(|tick| LateMachine { machine, tick });
        self.latest = LateMachine::latest([self.latest, late].into_iter().flatten());
        let detail = latest.map_or_else(String::new, |tick| tick.to_string());
        let kind = JournalKind::Finished;
        let entry = JournalEntry::of_party(system_time_ns(), machine, kind, detail);
        self.note(entry.with_count(ticks))
    }

    /// Machines of a process that are not done.
    fn unfinished(&self, process: Party) -> impl Iterator<Item = u32> {
        let housed = self.topology.housed(process);
        housed.filter(|&id| !self.finished.contains_key(&MachineId(id)))
    }

    fn overdue(&self, losses: &Losses) -> Ending {
        if let Some(loss) = losses.gravest() {
            return Ending::Lost(loss.clone());
        }
        let processes = self.processes.keys();
        let there = processes.filter(|party| !self.gone.contains(party));
        let late = there.flat_map(|&party| self.unfinished(party));
        let late: Vec<String> = late.map(|id| id.to_string()).collect();
        let (machines, were) = match late.len() {
            1 => ("machine", "was"),
            _ => ("machines", "were"),
        };
        Ending::Aborted(format!(
            "{machines} {} {were} not done {} s after the nominal end: it hangs, or this host is overloaded",
            list(&late),
            OVERTIME_MAX.as_secs()
        ))
    }

    async fn order_all(&mut self, order: &Order) {
        for process in self.processes.values_mut() {
            process.order(order).await;
        }
    }

    fn note(&mut self, entry: JournalEntry) -> Result<(), Ending> {
        self.missing.note(&entry);
        Ok(self.journal.write(&entry)?)
    }
}

#[cfg(test)]
mod tests;
