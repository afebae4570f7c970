//! `run.json` and `trial.json`: what was run, and how each trial ended.
//!
//! A trial's manifest stands on its own: with its machines' logs it can be moved away from its run and still be read.

use serde::{Deserialize, Serialize};

use crate::design::{Design, Stamp};
use crate::faults::Faults;
use crate::schedule::Schedule;
use crate::units::{MachineId, Rate, Tick};

/// Version of the run directory of the scale model; see [`System::format_version`]. Readers refuse any other.
pub const FORMAT_VERSION: u32 = 1;

/// `run.json`. `C` is the configuration: the runner's own type when writing, any JSON value when reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunManifest<C> {
    /// [`System::format_version`] of the writer.
    pub format_version: u32,
    /// What was on trial; manifests without it are of the scale model.
    #[serde(default, skip_serializing_if = "System::is_scale_model")]
    pub system: System,
    /// The program that wrote the run.
    pub tool: Tool,
    /// When the run began, RFC 3339, UTC.
    pub created: String,
    /// Where it ran: operating system, architecture, processors.
    pub host: String,
    /// What performed the ticks.
    pub driver: Driver,
    /// The seed from which all chance of the run derives.
    pub seed: u64,
    /// The full validated configuration; `runner trial --config run.json` repeats the run from it.
    pub config: C,
}

/// `shard-0-of-3.json`: that a part of the run was carried out by a job of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardManifest {
    /// [`crate::FORMAT_VERSION`] of the writer.
    pub format_version: u32,
    /// Number of the shard, from 0: it has the trials whose numbers leave this when divided by `of`.
    pub shard: u64,
    /// How many shards the run has.
    pub of: u64,
    /// The program that ran it.
    pub tool: Tool,
    /// When it began, RFC 3339, UTC.
    pub created: String,
    /// Where it ran.
    pub host: String,
}

/// What any manifest says of how it is to be read: it stands in `run.json` and `trial.json` of every system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestHead {
    /// [`System::format_version`] of the writer.
    pub format_version: u32,
    /// What was on trial.
    #[serde(default)]
    pub system: System,
}

/// A system on trial.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// Machines of different speeds with Lamport clocks.
    #[default]
    ScaleModel,
    /// The replicated chat service.
    Chat,
}

impl System {
    /// Version of its run directory. Readers refuse any other.
    pub fn format_version(self) -> u32 {
        match self {
            System::ScaleModel => FORMAT_VERSION,
            System::Chat => 2,
        }
    }

    /// The word in a manifest.
    pub fn name(self) -> &'static str {
        match self {
            System::ScaleModel => "scale-model",
            System::Chat => "chat",
        }
    }

    fn is_scale_model(&self) -> bool {
        *self == System::ScaleModel
    }
}

/// A program and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Name of the program.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The commit it was built from, where the build could tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

/// What performed the ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Driver {
    /// Operating-system processes that talk TCP in real time.
    Sockets,
    /// One event queue in virtual time.
    Virtual,
}

impl Driver {
    /// The driver, as part of a sentence.
    pub fn phrase(self) -> &'static str {
        match self {
            Driver::Sockets => "on sockets",
            Driver::Virtual => "in virtual time",
        }
    }
}

/// How a trial stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Under way; in a run that is over it means that the trial was cut off.
    Running,
    /// Every machine performed all its ticks, and every message arrived.
    Complete,
    /// The trial ended on time, but a machine was lost on the way (only with [`OnDisconnect::Reconnect`] or by a fault), or
    /// messages did not arrive or may not have: the manifest says how many, the journal between whom. Or a fault that was meant
    /// did not take effect.
    Degraded,
    /// The trial was stopped early; the manifest says why.
    Aborted,
}

impl Status {
    /// The word in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            Status::Running => "running",
            Status::Complete => "complete",
            Status::Degraded => "degraded",
            Status::Aborted => "aborted",
        }
    }
}

/// `trial.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialManifest {
    /// [`crate::FORMAT_VERSION`] of the writer.
    pub format_version: u32,
    /// Number of the trial in its run, from 0.
    pub trial: u64,
    /// The run's seed; with `trial` it determines all chance of this trial.
    pub seed: u64,
    /// All that the trial shares with its repetitions.
    pub condition: Condition,
    /// Common start, nanoseconds since the Unix epoch; none if the trial never started.
    pub started_ns: Option<u64>,
    /// How the trial stands.
    pub status: Status,
    /// The machine that keeps time; only in [`Design::Timekeeper`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timekeeper: Option<MachineId>,
    /// Why it did not complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where the hub listened; only in [`Design::Hub`] on sockets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub_address: Option<String>,
    /// The machines, in the order of their ids.
    pub machines: Vec<MachineEntry>,
}

impl TrialManifest {
    /// The due times of a machine's ticks; none if the trial never started.
    pub fn schedule(&self, machine: &MachineEntry) -> Option<Schedule> {
        Some(Schedule {
            started_ns: self.started_ns?,
            phase_ns: machine.phase_ns,
            rate: machine.rate,
            speed: self.condition.speed,
        })
    }

    /// How many ticks a machine performs in a complete trial.
    pub fn ticks_expected(&self, machine: &MachineEntry) -> u64 {
        Schedule {
            started_ns: 0,
            phase_ns: machine.phase_ns,
            rate: machine.rate,
            speed: 1.0,
        }
        .ticks_within(self.condition.duration_ns)
    }

    /// System time at which a tick is due; none if the trial never started.
    pub fn due_ns(&self, machine: &MachineEntry, tick: Tick) -> Option<u64> {
        Some(self.schedule(machine)?.due_ns(tick))
    }
}

/// One machine of a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MachineEntry {
    /// Its id.
    pub id: MachineId,
    /// Its name for people.
    pub name: String,
    /// Its log, relative to the trial's folder.
    pub log: String,
    /// Nominal ticks per second.
    pub rate: Rate,
    /// Nominal delay of its first tick after the start, nanoseconds.
    pub phase_ns: u64,
    /// Where it listened, with the machines that share its process; none in virtual time, nor with a hub, where it only
    /// dials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// The configuration of a trial, seed aside: trials of one condition are repetitions of one experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// The system on trial; `scale-model` is the first.
    pub system: String,
    /// What performed the ticks.
    pub driver: Driver,
    /// How many machines.
    pub machines: u32,
    /// Their rates, or the range from which each trial draws them.
    pub rates: RateRule,
    /// Nominal length of the trial, nanoseconds.
    pub duration_ns: u64,
    /// What a machine with an empty queue does.
    pub odds: Odds,
    /// How many messages a tick takes from the queue.
    pub drain: Drain,
    /// Where in its first period a machine first ticks.
    pub phase: PhaseRule,
    /// Nominal seconds in a second of system time.
    pub speed: f64,
    /// One-way delay of a message, with a relay of each hop; virtual time only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<Latency>,
    /// How the machines are connected, and what they are for.
    #[serde(default, skip_serializing_if = "Design::is_mesh")]
    pub design: Design,
    /// Which clock a message carries.
    #[serde(default, skip_serializing_if = "Stamp::is_after")]
    pub stamp: Stamp,
    /// An injected fault: every tick is performed this long after it is due, nanoseconds of system time.
    #[serde(default, skip_serializing_if = "is_none_ns")]
    pub tick_delay_ns: u64,
    /// What is done to the machines and their links; virtual time only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub faults: Option<Faults>,
    /// What the loss of a machine means; sockets only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_disconnect: Option<OnDisconnect>,
    /// How many machines share an operating-system process, and with it its connections; 1 unless said otherwise. In
    /// virtual time it means nothing and is 1.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub per_process: u32,
}

impl Condition {
    /// Processes of machines, a hub's not counted: the last may have fewer machines than the others.
    pub fn processes(&self) -> u32 {
        self.machines.div_ceil(self.per_process.max(1))
    }

    /// Connections that a trial holds: one for each pair of processes, or with a hub one for each process.
    pub fn connections(&self) -> u64 {
        self.design.connections(self.processes())
    }
}

fn one() -> u32 {
    1
}

fn is_one(count: &u32) -> bool {
    *count == 1
}

fn is_none_ns(nanoseconds: &u64) -> bool {
    *nanoseconds == 0
}

/// The rates of a trial's machines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateRule {
    /// One rate for each machine, in the order of their ids.
    Fixed(Vec<Rate>),
    /// Whole rates per second, drawn uniformly from this range, both ends included, by each trial.
    Range(u32, u32),
}

/// What a machine with an empty queue does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Odds {
    /// A die of this many sides: 1 and 2 send to one peer, 3 sends to all, the rest is an internal event.
    Sides(u32),
    /// An internal event with this probability; the rest is split evenly over the three send outcomes.
    Internal(f64),
}

impl Odds {
    /// The chance of each of the three send outcomes.
    pub fn each_send(self) -> f64 {
        match self {
            Odds::Sides(sides) => 1.0 / f64::from(sides),
            Odds::Internal(internal) => (1.0 - internal) / 3.0,
        }
    }

    /// The chance that a roll sends a message to one given peer, in a trial of `machines` machines.
    ///
    /// Two outcomes name one peer (uniformly among the others), one names all; 0.2 for a die of ten and three machines.
    pub fn per_peer(self, machines: u32) -> f64 {
        let others = f64::from(machines.saturating_sub(1).max(1));
        self.each_send() * (2.0 / others + 1.0)
    }
}

/// How many messages a tick takes from the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drain {
    /// The oldest.
    One,
    /// Every one, oldest first.
    All,
}

/// Where in its first period a machine first ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseRule {
    /// Drawn uniformly from the period.
    Random,
    /// At once: all machines tick at the start.
    Aligned,
}

/// One-way delay of a message in virtual time, drawn uniformly from the range for each message, FIFO per channel; with a
/// relay the delay of each of two hops, and FIFO on each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latency {
    /// Shortest, nanoseconds.
    pub min_ns: u64,
    /// Longest, nanoseconds.
    pub max_ns: u64,
}

/// What the loss of a machine means on sockets: its process is gone, its connection ended, or nothing has been heard on it
/// for some ten seconds. The loss of the hub's process, if there is one, ends the trial in either case: nobody would hear of
/// anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDisconnect {
    /// The trial is over: the others stop.
    Abort,
    /// The others keep ticking and try to reach it again.
    Reconnect,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A manifest of a run as releases before the second system wrote it.
    const RUN: &str = r#"{"format_version":1,"tool":{"name":"runner","version":"0.1.0"},"created":"2026-11-21T02:14:05Z","host":"linux x86_64, 2 processors","driver":"virtual","seed":7,"config":{"count":5,"rates":[1.0,2.5]}}"#;
    /// A manifest of a trial of the same time.
    const TRIAL: &str = r#"{"format_version":1,"trial":7,"seed":9,"condition":{"system":"scale-model","driver":"virtual","machines":2,"rates":{"range":[1,6]},"duration_ns":60000000000,"odds":{"sides":10},"drain":"one","phase":"random","speed":1.0,"latency":{"min_ns":100000,"max_ns":100000}},"started_ns":1000000000000000000,"status":"complete","machines":[{"id":0,"name":"M0","log":"machine-0.csv","rate":2.5,"phase_ns":17}]}"#;

    #[test]
    fn manifests_of_the_scale_model_keep_their_bytes() {
        let run: RunManifest<serde_json::Value> = serde_json::from_str(RUN).expect("a manifest");
        assert_eq!(run.system, System::ScaleModel);
        assert_eq!(serde_json::to_string(&run).expect("plain data"), RUN);
        let trial: TrialManifest = serde_json::from_str(TRIAL).expect("a manifest");
        assert_eq!(serde_json::to_string(&trial).expect("plain data"), TRIAL);
    }

    #[test]
    fn every_manifest_says_how_it_is_to_be_read() {
        for text in [RUN, TRIAL] {
            let head: ManifestHead = serde_json::from_str(text).expect("a head");
            let expected = (FORMAT_VERSION, System::ScaleModel);
            assert_eq!((head.format_version, head.system), expected);
        }
        let head = r#"{"format_version":2,"system":"chat","trial":3}"#;
        let head: ManifestHead = serde_json::from_str(head).expect("a head");
        assert_eq!((head.format_version, head.system), (2, System::Chat));
        let unknown = r#"{"format_version":2,"system":"post-office"}"#;
        assert!(serde_json::from_str::<ManifestHead>(unknown).is_err());
    }
}
