//! The options of `runner trial`, as typed or as written in a file: everything optional, nothing checked yet.
//!
//! Flags and files share one type, so a file can say all that flags can, and `run.json` holds nothing that could not
//! be typed. [`crate::config`] turns the merged options into a validated configuration.

use std::path::PathBuf;

use clap::Args;
use event_log::{Faults, Rate};
use serde::{Deserialize, Serialize};

mod words;

pub use words::{DesignWord, DrainWord, OnDisconnectWord, PhaseWord, StampWord};

/// The most machines that a trial takes.
pub const MACHINES_MAX: u32 = 1000;

/// What a user asked for. `None`: nothing was said, so the default holds.
#[derive(Debug, Clone, Default, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrialOptions {
    /// How many trials to run [default: 5]
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,

    /// Machines in each trial [default: 3, or as many as --rates or the file name]
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machines: Option<u32>,

    /// Nominal length of a trial, with its unit: 60s, 2m, 500ms [default: 60s]
    #[arg(long, value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<String>,

    /// One rate in ticks per second for each machine: 1,3,6 or 0.5,2
    #[arg(
        long,
        value_name = "HZ,HZ,...",
        value_delimiter = ',',
        value_parser = hertz,
        conflicts_with = "rate_range"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rates: Option<Vec<f64>>,

    /// Draw a whole rate per second for each machine from this range, ends included [default: 1..6]
    #[arg(long, value_name = "LOW..HIGH")]
    #[serde(alias = "rate-range", skip_serializing_if = "Option::is_none")]
    pub rate_range: Option<String>,

    /// Sides of the die of an idle machine: 1, 2 and 3 send, the rest is internal [default: 10]
    #[arg(long, value_name = "N", conflicts_with = "internal")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sides: Option<u32>,

    /// Probability of an internal event, 0 to 1; the rest is split evenly over the three send outcomes
    #[arg(long, value_name = "P")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal: Option<f64>,

    /// Messages that a tick takes from the queue: the oldest, or all of them [default: one]
    #[arg(long, value_name = "one|all", value_enum)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drain: Option<DrainWord>,

    /// Where in its first period a machine first ticks [default: random]
    #[arg(long, value_name = "random|aligned", value_enum)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<PhaseWord>,

    /// Seed of all chance; drawn and recorded when not given
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,

    /// Trials side by side [default: on sockets all of them, up to 64 machines in all; in virtual time one per processor]
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jobs: Option<usize>,

    /// Compress time: nominal seconds that pass in one second of real time, on the same sockets [default: 1]
    #[arg(long, value_name = "X")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed: Option<f64>,

    /// Run the very same machines in virtual time: no sockets, no waiting, the same logs for the same seed
    #[arg(long = "virtual", num_args = 0..=1, default_missing_value = "true", require_equals = true, value_name = "true|false")]
    #[serde(rename = "virtual", skip_serializing_if = "Option::is_none")]
    pub virtual_time: Option<bool>,

    /// For very many trials in virtual time: two files for each thousand trials instead of a folder for each; the format is
    /// in the manual of event-log. `analyze` reads them as it reads folders [default: false]
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true, value_name = "true|false")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packed: Option<bool>,

    /// One-way delay of a message in virtual time, constant or a range: 100us, 50us..5ms; with --design hub of each of its two hops [default: 100us]
    #[arg(long, value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<String>,

    /// All to all; all to all with the fastest machine keeping time for the others; or all through a hub, a server that relays every message [default: mesh]
    #[arg(long, value_name = "mesh|timekeeper|hub", value_enum)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub design: Option<DesignWord>,

    /// The clock that a message carries: that of the send event, or by the common mistake the one before it [default: after]
    #[arg(long, value_name = "after|before", value_enum)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stamp: Option<StampWord>,

    /// Inject a fault: every tick happens this long after it is due, at most 5s; in system time, which --speed does not compress: 20ms [default: none]
    #[arg(long, value_name = "TIME")]
    #[serde(alias = "tick-delay", skip_serializing_if = "Option::is_none")]
    pub tick_delay: Option<String>,

    /// What is done to machines and links, in virtual time; only in a file, and from `--faults FILE`.
    #[arg(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faults: Option<Faults>,

    /// When a machine is lost (its process or its connection ends, or it is silent for some 10 s): end the trial, or keep
    /// ticking and try to reach it again; the end of the hub's process ends it either way [default: abort]
    #[arg(long, value_name = "abort|reconnect", value_enum)]
    #[serde(alias = "on-disconnect", skip_serializing_if = "Option::is_none")]
    pub on_disconnect: Option<OnDisconnectWord>,

    /// Machines that share an operating-system process, and its one connection to each other process [default: 1; for more
    /// than 16 machines without an address of their own as many as leave 4 processes per processor, at most 64]
    #[arg(long, value_name = "K")]
    #[serde(alias = "per-process", skip_serializing_if = "Option::is_none")]
    pub per_process: Option<u32>,

    /// Folder that receives the run's own new folder [default: logs]
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out: Option<PathBuf>,

    /// Name of the experiment, the last part of the run folder's name [default: scale-model]
    #[arg(long, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,

    /// A table for the hub; only in a file.
    #[arg(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub: Option<HubOptions>,

    /// A table for each machine; only in a file.
    #[arg(skip)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub machine: Vec<MachineOptions>,
}

/// One of the numbers of `--rates`; blanks around it do not count.
fn hertz(text: &str) -> Result<f64, String> {
    let number = text.trim().parse();
    number.map_err(|_| "expected a number of ticks per second, such as 3 or 0.5".to_owned())
}

/// `[[machine]]`: what a file says of one machine.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MachineOptions {
    /// Its name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Local address to listen on; loopback unless the file says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Port to listen on; 0 or none lets the system choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// Ticks per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Its log, relative to the trial's folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
}

/// `[hub]`: where the hub of design `hub` listens on sockets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HubOptions {
    /// Local address to listen on; loopback unless the file says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Port to listen on; 0 or none lets the system choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
}

impl TrialOptions {
    /// Flags over a file: as [`TrialOptions::or`], and a flag also drops options of the file that contradict it. A driver
    /// drops the options of the other one, a design the addresses of parties that do not listen in it, a number of machines
    /// the tables beyond it. So a user can repeat the record of a run, which holds every option, with a change.
    pub fn over(self, file: TrialOptions) -> TrialOptions {
        let file = file.beside(&self);
        self.or(file)
    }

    /// These options where they are given, `fallback` elsewhere. Options that exclude each other override each
    /// other: a rate range here drops fixed rates there, also those of the machine tables.
    pub fn or(self, fallback: TrialOptions) -> TrialOptions {
        let rates_here = self.rates.is_some() || self.rate_range.is_some();
        let odds_here = self.sides.is_some() || self.internal.is_some();
        let mut machine = if self.machine.is_empty() {
            fallback.machine
        } else {
            self.machine
        };
        if rates_here {
            for table in &mut machine {
                table.rate = None;
            }
        }
        TrialOptions {
            count: self.count.or(fallback.count),
            machines: self.machines.or(fallback.machines),
            duration: self.duration.or(fallback.duration),
            rates: self.rates.or(fallback.rates.filter(|_| !rates_here)),
            rate_range: self
                .rate_range
                .or(fallback.rate_range.filter(|_| !rates_here)),
            sides: self.sides.or(fallback.sides.filter(|_| !odds_here)),
            internal: self.internal.or(fallback.internal.filter(|_| !odds_here)),
            drain: self.drain.or(fallback.drain),
            phase: self.phase.or(fallback.phase),
            seed: self.seed.or(fallback.seed),
            jobs: self.jobs.or(fallback.jobs),
            speed: self.speed.or(fallback.speed),
            virtual_time: self.virtual_time.or(fallback.virtual_time),
            packed: self.packed.or(fallback.packed),
            latency: self.latency.or(fallback.latency),
            design: self.design.or(fallback.design),
            stamp: self.stamp.or(fallback.stamp),
            tick_delay: self.tick_delay.or(fallback.tick_delay),
            faults: self.faults.or(fallback.faults),
            on_disconnect: self.on_disconnect.or(fallback.on_disconnect),
            per_process: self.per_process.or(fallback.per_process),
            out: self.out.or(fallback.out),
            name: self.name.or(fallback.name),
            hub: self.hub.or(fallback.hub),
            machine,
        }
    }

    /// These options as the record of a run means them: without a number of machines a process each machine has its own, on
    /// any host.
    pub fn as_recorded(mut self) -> TrialOptions {
        if !self.virtual_time.unwrap_or(false) {
            self.per_process = self.per_process.or(Some(1));
        }
        self
    }

    /// These options without the addresses of parties that do not listen in this design.
    pub fn beside_design(mut self, design: Option<DesignWord>) -> TrialOptions {
        match design {
            Some(DesignWord::Hub) => {
                for table in &mut self.machine {
                    (table.host, table.port) = (None, None);
                }
            }
            Some(DesignWord::Mesh | DesignWord::Timekeeper) => self.hub = None,
            None => {}
        }
        self
    }

    /// These options without those that contradict `flags`.
    fn beside(mut self, flags: &TrialOptions) -> TrialOptions {
        let driver = self.virtual_time.unwrap_or(false);
        if flags.virtual_time.is_some_and(|flag| flag != driver) {
            (self.latency, self.speed) = (None, None);
            (self.on_disconnect, self.jobs) = (None, None);
            (self.packed, self.per_process) = (None, None);
            self.faults = None;
        }
        self = self.beside_design(flags.design);
        let count = flags.machines.map(|count| count as usize);
        if let Some(count) = count.or(flags.rates.as_ref().map(Vec::len)) {
            (self.machines, self.per_process) = (None, None);
            if !self.machine.is_empty() && count <= MACHINES_MAX as usize {
                self.machine.resize(count, MachineOptions::default());
            }
        }
        self
    }
}
