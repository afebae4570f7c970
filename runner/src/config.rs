//! The validated configuration of a run: plain data, every default in one place.
//!
//! This value is what `run.json` stores (in the form of [`TrialOptions`]), so a run can be repeated from its own
//! record. `file` reads options from files; `machines`, `hub`, `listen_addr`, `condition`,
//! [`faults`], `processes` and `span` check them; `extent` says how large the run may become; `error` what is wrong with an option.

use std::collections::BTreeMap;
use std::path::PathBuf;

use event_log::{Condition, Design, Driver, MachineId, Odds, Party, RateRule};

use crate::options::{HubOptions, MachineOptions, TrialOptions};

mod condition;
mod error;
mod extent;
pub mod faults;
mod file;
mod hub;
mod listen_addr;
mod machines;
mod processes;
pub(crate) mod span;

use condition::condition;
pub use error::ConfigError;
pub(crate) use error::wrong;
pub use file::{FileError, read_file};
use hub::hub;
pub use listen_addr::ListenAddr;
pub use machines::MachineConfig;
use machines::{is_default, machine_count, machines, rates};
pub use processes::ONE_EACH_MAX;
use processes::per_process;
use span::{latency_text, span_text};

/// The most trials of one run: their outcomes are kept until the end.
pub const TRIALS_MAX: u64 = 10_000_000;
/// The most machines of all trials side by side on sockets by default, hubs included. Machines count and not processes,
/// because a host with fewer processors has fewer processes.
const MACHINES_SIDE_BY_SIDE: usize = 64;

/// A run, ready to be carried out.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// How many trials, at least 1.
    pub count: u64,
    /// The machines, at least 2.
    pub machines: Vec<MachineConfig>,
    /// Where the hub listens; none without a hub.
    pub hub: Option<ListenAddr>,
    /// All that trials share with their repetitions.
    pub condition: Condition,
    /// The seed of all chance.
    pub seed: u64,
    /// Trials side by side, at least 1.
    pub jobs: usize,
    /// Whether trials are written in packs; in virtual time only.
    pub packed: bool,
    /// The folder that receives the run's folder.
    pub out: PathBuf,
    /// Name of the experiment.
    pub name: String,
}

impl Config {
    /// Checks options and fills in defaults. The surroundings give `seed` and `processors`: a fresh seed
    /// in case the options have none, and the number of processors for the defaults of `--jobs` in virtual time and of
    /// `--per-process` on sockets.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the invalid option.
    pub fn new(options: TrialOptions, seed: u64, processors: usize) -> Result<Config, ConfigError> {
        let count = options.count.unwrap_or(5);
        if !(1..=TRIALS_MAX).contains(&count) {
            let problem = format!("{count} trials: a run takes 1 to {TRIALS_MAX}");
            return Err(wrong("--count", problem));
        }
        let machine_count = machine_count(&options)?;
        let rates = rates(&options, machine_count)?;
        let machines = machines(&options.machine, machine_count)?;
        let mut condition = condition(&options, machine_count, rates)?;
        condition.per_process =
            per_process(options.per_process, &condition, &machines, processors)?;
        if options.packed == Some(true) && condition.driver == Driver::Sockets {
            let problem = "a trial on real sockets takes its time and has a folder: add --virtual, or drop it";
            return Err(wrong("--packed", problem));
        }
        let packed = options.packed.unwrap_or(false);
        condition.faults = faults::faults(options.faults.clone(), &condition, packed)?;
        let hub = hub(options.hub.as_ref(), &condition, &machines)?;
        let listen_addrs: Vec<&ListenAddr> = match &hub {
            Some(listen_addr) => vec![listen_addr],
            None => machines
                .iter()
                .map(|machine| &machine.listen_addr)
                .collect(),
        };
        let jobs = jobs(&options, &listen_addrs, &condition, count, processors)?;
        Ok(Config {
            count,
            machines,
            hub,
            condition,
            seed: options.seed.unwrap_or(seed),
            jobs,
            packed,
            out: options.out.unwrap_or_else(|| PathBuf::from("logs")),
            name: name(options.name)?,
        })
    }

    /// The machine tables, if any machine differs from the default.
    fn tables(&self) -> Vec<MachineOptions> {
        if (0..)
            .zip(&self.machines)
            .all(|(id, machine)| is_default(machine, id))
        {
            return Vec::new();
        }
        let table = |machine: &MachineConfig| MachineOptions {
            name: Some(machine.name.clone()),
            host: Some(machine.listen_addr.host.clone()),
            port: Some(machine.listen_addr.port),
            rate: None,
            log: Some(machine.log.clone()),
        };
        self.machines.iter().map(table).collect()
    }

    /// The addresses of the parties that listen: every machine, or the hub alone.
    pub fn listen_addrs(&self) -> BTreeMap<Party, ListenAddr> {
        match &self.hub {
            Some(listen_addr) => [(Party::Hub, listen_addr.clone())].into(),
            None => (0..)
                .zip(&self.machines)
                .map(|(id, machine)| (Party::Machine(MachineId(id)), machine.listen_addr.clone()))
                .collect(),
        }
    }

    /// The options that give this configuration; the form in which it is stored.
    pub fn to_options(&self) -> TrialOptions {
        let condition = &self.condition;
        let (rates, rate_range) = match &condition.rates {
            RateRule::Fixed(rates) => (Some(rates.iter().map(|rate| rate.hz()).collect()), None),
            RateRule::Range(low, high) => (None, Some(format!("{low}..{high}"))),
        };
        let (sides, internal) = match condition.odds {
            Odds::Sides(sides) => (Some(sides), None),
            Odds::Internal(internal) => (None, Some(internal)),
        };
        let virtual_time = condition.driver == Driver::Virtual;
        TrialOptions {
            count: Some(self.count),
            machines: Some(condition.machines),
            duration: Some(span_text(condition.duration_ns)),
            rates,
            rate_range,
            sides,
            internal,
            drain: Some(condition.drain.into()),
            phase: Some(condition.phase.into()),
            seed: Some(self.seed),
            // On sockets trials side by side share the host, so it is part of the experiment; in virtual time it is not.
            jobs: (!virtual_time).then_some(self.jobs),
            speed: (!virtual_time).then_some(condition.speed),
            virtual_time: Some(virtual_time),
            packed: self.packed.then_some(true),
            latency: condition.latency.map(latency_text),
            // What is usual goes without saying, so that records of old still say all.
            design: (!condition.design.is_mesh()).then(|| condition.design.into()),
            stamp: (!condition.stamp.is_after()).then(|| condition.stamp.into()),
            tick_delay: (condition.tick_delay_ns > 0).then(|| span_text(condition.tick_delay_ns)),
            faults: condition.faults.clone(),
            on_disconnect: condition.on_disconnect.map(Into::into),
            per_process: (condition.per_process > 1
                || !virtual_time && condition.machines > ONE_EACH_MAX)
                .then_some(condition.per_process),
            out: Some(self.out.clone()),
            name: Some(self.name.clone()),
            hub: self
                .hub
                .as_ref()
                .filter(|listen_addr| !listen_addr.is_usual())
                .map(|listen_addr| HubOptions {
                    host: Some(listen_addr.host.clone()),
                    port: Some(listen_addr.port),
                }),
            machine: self.tables(),
        }
    }
}

fn jobs(
    options: &TrialOptions,
    listen_addrs: &[&ListenAddr],
    condition: &Condition,
    count: u64,
    processors: usize,
) -> Result<usize, ConfigError> {
    let trials = usize::try_from(count).unwrap_or(usize::MAX);
    let fixed_ports = listen_addrs.iter().any(|listen_addr| listen_addr.port != 0);
    let sockets = condition.driver == Driver::Sockets;
    let machines = condition.machines as usize + usize::from(condition.design == Design::Hub);
    let jobs = match options.jobs {
        Some(0) => return Err(wrong("--jobs", "0 trials side by side: give at least 1")),
        Some(jobs) if jobs > 1 && fixed_ports && sockets && trials > 1 => {
            return Err(wrong(
                "--jobs",
                format!(
                    "{jobs} trials side by side cannot share the ports that the file names: use --jobs 1, or port 0"
                ),
            ));
        }
        // More threads than processors would do nothing but wait for each other.
        Some(jobs) if !sockets => jobs.min(processors),
        Some(jobs) => jobs,
        None if !sockets => processors,
        None if fixed_ports => 1,
        None => MACHINES_SIDE_BY_SIDE / machines,
    };
    Ok(jobs.clamp(1, trials.max(1)))
}

fn name(name: Option<String>) -> Result<String, ConfigError> {
    let name = name.unwrap_or_else(|| "scale-model".to_owned());
    let plain = name
        .chars()
        .all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.'));
    if plain && !name.is_empty() && !name.starts_with('.') && name.len() <= 100 {
        Ok(name)
    } else {
        Err(wrong(
            "--name",
            format!(
                "`{name}`: expected at most 100 bytes of letters, digits, `-`, `_` or `.`, not beginning with `.`; it becomes part of a folder's name"
            ),
        ))
    }
}

#[cfg(test)]
mod tests;
