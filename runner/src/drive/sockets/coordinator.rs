//! Conducts one trial on real sockets, from the first process to the final manifest; its end is in `closing`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use event_log::schedule::compress;
use event_log::{JournalEntry, JournalKind, MachineId, OnDisconnect, TrialManifest, layout};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::control::{Order, Report, Setup};
use super::handshake::Secret;
use super::mesh::CONNECT_TIME_MAX;
use super::pace::system_time_ns;
use super::processes::{Heard, Process};
use crate::config::MachineConfig;
use crate::interrupt::Interrupt;
use crate::progress::Progress;
use crate::run::{RunFolder, TrialOutcome};
use crate::storage::{Journal, StorageError, create_trial_folder, write_json};

mod closing;

/// How long all machines together may take to listen, or to connect.
const STEP_TIME_MAX: Duration = CONNECT_TIME_MAX.saturating_add(Duration::from_secs(20));
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
    /// A machine was lost; why becomes clear when its process has been reaped.
    Lost(MachineId),
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
    machines: Vec<MachineConfig>,
    run: RunFolder,
    secret: Secret,
    progress: Progress,
    interrupt: Interrupt,
}

impl Trial {
    /// A planned trial, not yet begun.
    pub fn new(
        manifest: TrialManifest,
        machines: Vec<MachineConfig>,
        run: RunFolder,
        secret: Secret,
        progress: Progress,
        interrupt: Interrupt,
    ) -> Trial {
        Trial {
            manifest,
            machines,
            run,
            secret,
            progress,
            interrupt,
        }
    }

    /// Runs it to its end. Whatever happens becomes part of the outcome and, if it can be written, of the manifest.
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

/// A trial under way: its folder exists.
struct Stage {
    trial: Trial,
    folder: std::path::PathBuf,
    journal: Journal,
    processes: Vec<Process>,
    ears: mpsc::UnboundedReceiver<(MachineId, Heard)>,
    mouth: mpsc::UnboundedSender<(MachineId, Heard)>,
    /// Ticks of the machines that are done.
    finished: BTreeMap<MachineId, u64>,
    /// Machines whose processes ended before they were done, in the order in which that was heard.
    gone: Vec<MachineId>,
}

impl Stage {
    fn set(trial: Trial) -> Result<Stage, StorageError> {
        let folder = create_trial_folder(&trial.run.path, trial.manifest.trial, trial.run.count)?;
        write_json(&folder.join(layout::TRIAL_FILE), &trial.manifest)?;
        let journal = Journal::create(&folder)?;
        let (mouth, ears) = mpsc::unbounded_channel();
        Ok(Stage {
            trial,
            folder,
            journal,
            processes: Vec::new(),
            ears,
            mouth,
            finished: BTreeMap::new(),
            gone: Vec::new(),
        })
    }

    async fn conduct(&mut self) -> Result<(), Ending> {
        self.start_processes().await?;
        let addresses = self.gather_addresses().await?;
        for (entry, address) in self.trial.manifest.machines.iter_mut().zip(&addresses) {
            entry.address = Some(address.to_string());
        }
        self.order_all(&Order::Connect { addresses }).await;
        self.gather_connected().await?;
        self.start().await?;
        self.watch().await
    }

    async fn start_processes(&mut self) -> Result<(), Ending> {
        let machines = self.trial.machines.clone();
        for (machine, id) in machines.into_iter().zip(0..) {
            let id = MachineId(id);
            let mut process = Process::start(id, self.mouth.clone()).map_err(Ending::Failed)?;
            let setup = Setup {
                manifest: self.trial.manifest.clone(),
                machine: id,
                log: self.folder.join(&machine.log),
                host: machine.host,
                port: machine.port,
                secret: self.trial.secret.clone(),
            };
            process.order(&Order::Setup(Box::new(setup))).await;
            self.processes.push(process);
        }
        Ok(())
    }

    async fn gather_addresses(&mut self) -> Result<Vec<SocketAddr>, Ending> {
        let deadline = Instant::now() + STEP_TIME_MAX;
        let mut addresses = BTreeMap::new();
        while addresses.len() < self.processes.len() {
            if let (id, Report::Listening { address, process }) =
                self.hear_before(deadline, "listen").await?
            {
                self.note(JournalEntry::of_machine(
                    system_time_ns(),
                    id,
                    JournalKind::Listening,
                    format!("{address}, process {process}"),
                ))?;
                addresses.insert(id, address);
            }
        }
        Ok(addresses.into_values().collect())
    }

    async fn gather_connected(&mut self) -> Result<(), Ending> {
        let deadline = Instant::now() + STEP_TIME_MAX;
        let mut connected = BTreeSet::new();
        while connected.len() < self.processes.len() {
            match self.hear_before(deadline, "connect").await? {
                (id, Report::Connected) => drop(connected.insert(id)),
                // A handshake that was too slow for one side; both will say so when they have found each other again.
                (id, Report::Lost { peer }) => connected.retain(|one| *one != id && *one != peer),
                _ => {}
            }
        }
        Ok(())
    }

    /// The next report during start-up, when nobody may be missing.
    async fn hear_before(
        &mut self,
        deadline: Instant,
        step: &str,
    ) -> Result<(MachineId, Report), Ending> {
        match self.hear(deadline).await? {
            None => {
                let seconds = STEP_TIME_MAX.as_secs();
                Err(Ending::Failed(format!(
                    "not all machines managed to {step} within {seconds} s: is this host overloaded? try fewer --jobs"
                )))
            }
            Some((id, Heard::Gone)) => Err(Ending::Lost(id)),
            Some((id, Heard::Report(report))) => Ok((id, report)),
        }
    }

    /// The next thing heard that is not for the journal alone; `None` at the deadline.
    async fn hear(&mut self, deadline: Instant) -> Result<Option<(MachineId, Heard)>, Ending> {
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
                Some((id, Heard::Report(Report::Failed { problem }))) => {
                    return Err(Ending::Failed(format!("machine {id}: {problem}")));
                }
                other => return Ok(other),
            }
        }
    }

    async fn start(&mut self) -> Result<(), Ending> {
        // Long enough for the order to reach everybody; a machine that hears of it late ticks late, and its log says so.
        let lead_ns = 50_000_000 + 1_000_000 * self.processes.len() as u64;
        let started_ns = system_time_ns() + lead_ns;
        self.trial.manifest.started_ns = Some(started_ns);
        self.order_all(&Order::Start { started_ns }).await;
        write_json(&self.folder.join(layout::TRIAL_FILE), &self.trial.manifest)?;
        self.note(JournalEntry::of_trial(
            started_ns,
            JournalKind::Started,
            "every machine is connected to every other",
        ))?;
        self.trial.progress.trial_started(&self.trial.manifest);
        Ok(())
    }

    /// From the start instant until every machine is done or lost.
    async fn watch(&mut self) -> Result<(), Ending> {
        let condition = &self.trial.manifest.condition;
        let reconnect = condition.on_disconnect == Some(OnDisconnect::Reconnect);
        let length = Duration::from_nanos(compress(condition.duration_ns, condition.speed));
        let delay = Duration::from_nanos(condition.tick_delay_ns);
        let deadline = Instant::now() + length + delay + OVERTIME_MAX;
        let mut lost: Option<(MachineId, Instant)> = None;
        while self.finished.len() + self.gone.len() < self.processes.len() {
            let until = lost.map_or(deadline, |(_, until)| until);
            match self.hear(until).await? {
                None => return Err(self.overdue(lost)),
                Some((id, Heard::Report(Report::Finished { ticks }))) => {
                    self.finished.insert(id, ticks);
                    self.note(
                        JournalEntry::of_machine(system_time_ns(), id, JournalKind::Finished, "")
                            .with_count(ticks),
                    )?;
                }
                Some((id, Heard::Gone)) if !self.finished.contains_key(&id) => {
                    if !reconnect {
                        return Err(Ending::Lost(id));
                    }
                    self.gone.push(id);
                }
                // The lost machine's own last words, if there are any, say more than its peers'.
                Some((_, Heard::Report(Report::Lost { peer }))) if !reconnect && lost.is_none() => {
                    lost = Some((peer, Instant::now() + REASON_TIME_MAX));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn overdue(&self, lost: Option<(MachineId, Instant)>) -> Ending {
        match lost {
            Some((peer, _)) => Ending::Lost(peer),
            None => {
                let ids = (0..self.processes.len() as u32).map(MachineId);
                let late =
                    ids.filter(|id| !self.finished.contains_key(id) && !self.gone.contains(id));
                let late: Vec<String> = late.map(|id| id.to_string()).collect();
                Ending::Aborted(format!(
                    "machine {} was not done {} s after the nominal end: it hangs, or this host is overloaded",
                    late.join(", "),
                    OVERTIME_MAX.as_secs()
                ))
            }
        }
    }

    async fn order_all(&mut self, order: &Order) {
        for process in &mut self.processes {
            process.order(order).await;
        }
    }

    fn note(&mut self, entry: JournalEntry) -> Result<(), Ending> {
        Ok(self.journal.write(&entry)?)
    }
}
