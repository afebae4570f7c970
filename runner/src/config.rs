//! The validated configuration of a run: plain data, every default in one place.
//!
//! This value is what `run.json` stores (in the form of [`TrialOptions`]), so a run can be repeated from its own
//! record.

use std::path::{Component, Path, PathBuf};

use event_log::{Condition, Drain, Driver, Latency, Odds, OnDisconnect, PhaseRule, Rate, RateRule};
use thiserror::Error;

use crate::options::{MachineOptions, TrialOptions};

mod file;
mod span;

pub use file::{FileError, read_file};
use span::{parse_latency, parse_rate_range, parse_span, span_text};

/// More machines than this in one trial is refused: a full mesh of real processes would not fit a host.
pub const MACHINES_MAX: u32 = 1000;
/// More trials than this in one run are refused: what is known of each is kept until the end.
pub const TRIALS_MAX: u64 = 10_000_000;
/// Side by side on sockets by default: as many trials as keep the number of machine processes at or below this.
const PROCESSES_SIDE_BY_SIDE: usize = 64;

/// A run, ready to be carried out.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// How many trials, at least 1.
    pub count: u64,
    /// The machines, at least 2.
    pub machines: Vec<MachineConfig>,
    /// All that trials share with their repetitions.
    pub condition: Condition,
    /// The seed of all chance.
    pub seed: u64,
    /// Trials side by side, at least 1.
    pub jobs: usize,
    /// The folder that receives the run's folder.
    pub out: PathBuf,
    /// Name of the experiment.
    pub name: String,
}

/// One machine of every trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineConfig {
    /// Its name for people.
    pub name: String,
    /// Local address to listen on.
    pub host: String,
    /// Port to listen on; 0 lets the system choose.
    pub port: u16,
    /// Its log, relative to the trial's folder.
    pub log: String,
}

/// An option that cannot be obeyed. Each message says which, what was found and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{option}: {problem}")]
pub struct ConfigError {
    option: &'static str,
    problem: String,
}

/// A [`ConfigError`] about an option.
fn wrong(option: &'static str, problem: impl Into<String>) -> ConfigError {
    ConfigError {
        option,
        problem: problem.into(),
    }
}

impl Config {
    /// Checks options and fills in defaults. `seed` and `processors` are what the surroundings offer: a fresh seed
    /// for when none was given, and the number of processors for the default of `--jobs` in virtual time.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the option that cannot be obeyed.
    pub fn new(options: TrialOptions, seed: u64, processors: usize) -> Result<Config, ConfigError> {
        let count = options.count.unwrap_or(5);
        if !(1..=TRIALS_MAX).contains(&count) {
            let problem = format!("{count} trials: a run takes 1 to {TRIALS_MAX}");
            return Err(wrong("--count", problem));
        }
        let machine_count = machine_count(&options)?;
        let rates = rates(&options, machine_count)?;
        let machines = machines(&options.machine, machine_count)?;
        let condition = condition(&options, machine_count, rates)?;
        let jobs = jobs(&options, &machines, &condition, count, processors)?;
        Ok(Config {
            count,
            machines,
            condition,
            seed: options.seed.unwrap_or(seed),
            jobs,
            out: options.out.unwrap_or_else(|| PathBuf::from("logs")),
            name: name(options.name)?,
        })
    }

    /// The machine tables, if any machine is not as it would be without one.
    fn tables(&self) -> Vec<MachineOptions> {
        if (0..)
            .zip(&self.machines)
            .all(|(id, machine)| is_default(machine, id))
        {
            return Vec::new();
        }
        let table = |machine: &MachineConfig| MachineOptions {
            name: Some(machine.name.clone()),
            host: Some(machine.host.clone()),
            port: Some(machine.port),
            rate: None,
            log: Some(machine.log.clone()),
        };
        self.machines.iter().map(table).collect()
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
            latency: condition.latency.map(|latency| {
                if latency.min_ns == latency.max_ns {
                    span_text(latency.min_ns)
                } else {
                    format!(
                        "{}..{}",
                        span_text(latency.min_ns),
                        span_text(latency.max_ns)
                    )
                }
            }),
            on_disconnect: condition.on_disconnect.map(Into::into),
            out: Some(self.out.clone()),
            name: Some(self.name.clone()),
            machine: self.tables(),
        }
    }
}

/// Whether a machine is as it would be without a table.
fn is_default(machine: &MachineConfig, id: u32) -> bool {
    *machine == machine_config(&MachineOptions::default(), id)
}

fn machine_count(options: &TrialOptions) -> Result<u32, ConfigError> {
    let said = [
        ("--machines", options.machines.map(|count| count as usize)),
        ("--rates", options.rates.as_ref().map(Vec::len)),
        (
            "[[machine]]",
            Some(options.machine.len()).filter(|&count| count > 0),
        ),
    ];
    let mut agreed: Option<(&'static str, usize)> = None;
    for (option, count) in said {
        let Some(count) = count else { continue };
        match agreed {
            Some((first, other)) if other != count => {
                return Err(wrong(
                    option,
                    format!(
                        "names {count} machines where {first} names {other}: make them agree, or drop one"
                    ),
                ));
            }
            _ => agreed = Some((option, count)),
        }
    }
    let (option, count) = agreed.unwrap_or(("--machines", 3));
    match u32::try_from(count) {
        Ok(count) if (2..=MACHINES_MAX).contains(&count) => Ok(count),
        _ => Err(wrong(
            option,
            format!("{count} machines: a trial takes 2 to {MACHINES_MAX}"),
        )),
    }
}

fn rates(options: &TrialOptions, machines: u32) -> Result<RateRule, ConfigError> {
    let tables: Vec<Rate> = options
        .machine
        .iter()
        .filter_map(|table| table.rate)
        .collect();
    if !tables.is_empty() {
        if options.rates.is_some() || options.rate_range.is_some() {
            return Err(wrong(
                "[[machine]]",
                "rates are given both here and by `rates` or `rate_range`: keep one of them",
            ));
        }
        if tables.len() != machines as usize {
            return Err(wrong(
                "[[machine]]",
                format!(
                    "{} of {machines} tables have a rate: give one to each, or to none",
                    tables.len()
                ),
            ));
        }
        return Ok(RateRule::Fixed(tables));
    }
    match (&options.rates, &options.rate_range) {
        (Some(_), Some(_)) => Err(wrong("rates", "give `rates` or `rate_range`, not both")),
        (Some(rates), None) => rates
            .iter()
            .map(|&hertz| Rate::try_from(hertz))
            .collect::<Result<Vec<Rate>, String>>()
            .map(RateRule::Fixed)
            .map_err(|problem| wrong("--rates", problem)),
        (None, Some(range)) => {
            parse_rate_range(range).map_err(|problem| wrong("--rate-range", problem))
        }
        (None, None) => Ok(RateRule::Range(1, 6)),
    }
}

fn machines(tables: &[MachineOptions], count: u32) -> Result<Vec<MachineConfig>, ConfigError> {
    let default = MachineOptions::default();
    let machines: Vec<MachineConfig> = (0..count)
        .map(|id| machine_config(tables.get(id as usize).unwrap_or(&default), id))
        .collect();
    for (id, machine) in machines.iter().enumerate() {
        check_log(&machine.log)?;
        for earlier in &machines[..id] {
            if earlier.log == machine.log {
                return Err(wrong(
                    "[[machine]] log",
                    format!(
                        "`{}` is named by two machines: give each its own",
                        machine.log
                    ),
                ));
            }
            if machine.port != 0 && earlier.port == machine.port && earlier.host == machine.host {
                return Err(wrong(
                    "[[machine]] port",
                    format!(
                        "{}:{} is named by two machines: give each its own, or 0",
                        machine.host, machine.port
                    ),
                ));
            }
        }
    }
    Ok(machines)
}

/// What a table says of a machine, and what goes without saying.
fn machine_config(table: &MachineOptions, id: u32) -> MachineConfig {
    let log = table.log.clone();
    MachineConfig {
        name: table.name.clone().unwrap_or_else(|| format!("M{id}")),
        host: table.host.clone().unwrap_or_else(|| "127.0.0.1".to_owned()),
        port: table.port.unwrap_or(0),
        log: log.unwrap_or_else(|| event_log::layout::machine_file(event_log::MachineId(id))),
    }
}

/// A log lies inside its trial's folder; elsewhere the next trial would overwrite it.
fn check_log(log: &str) -> Result<(), ConfigError> {
    let mut parts = Path::new(log).components();
    let plain = matches!((parts.next(), parts.next()), (Some(Component::Normal(name)), None) if name == log);
    // The manifest's drafts begin with its name.
    let taken =
        log.starts_with(event_log::layout::TRIAL_FILE) || log == event_log::layout::JOURNAL_FILE;
    if plain && !taken {
        return Ok(());
    }
    Err(wrong(
        "[[machine]] log",
        format!(
            "`{log}`: expected a plain file name that the trial's folder does not use yet, such as machine-0.csv; every trial has a folder of its own, so that none overwrites another's logs"
        ),
    ))
}

fn condition(
    options: &TrialOptions,
    machines: u32,
    rates: RateRule,
) -> Result<Condition, ConfigError> {
    let virtual_time = options.virtual_time.unwrap_or(false);
    let duration_ns = parse_span(options.duration.as_deref().unwrap_or("60s"))
        .map_err(|problem| wrong("--duration", problem))?;
    if duration_ns == 0 {
        return Err(wrong("--duration", "0s: a trial takes some time"));
    }
    if !virtual_time && options.latency.is_some() {
        return Err(wrong(
            "--latency",
            "real sockets have the delay they have: add --virtual, or drop it",
        ));
    }
    if virtual_time && options.on_disconnect.is_some() {
        return Err(wrong(
            "--on-disconnect",
            "nobody is lost in virtual time: drop it, or --virtual",
        ));
    }
    let latency = match virtual_time {
        true => Some(latency(options.latency.as_deref().unwrap_or("100us"))?),
        false => None,
    };
    Ok(Condition {
        system: "scale-model".to_owned(),
        driver: if virtual_time {
            Driver::Virtual
        } else {
            Driver::Sockets
        },
        machines,
        rates,
        duration_ns,
        odds: odds(options)?,
        drain: options.drain.map_or(Drain::One, Into::into),
        phase: options.phase.map_or(PhaseRule::Random, Into::into),
        speed: speed(options.speed, virtual_time)?,
        latency,
        on_disconnect: (!virtual_time).then(|| {
            options
                .on_disconnect
                .map_or(OnDisconnect::Abort, Into::into)
        }),
    })
}

fn latency(text: &str) -> Result<Latency, ConfigError> {
    parse_latency(text).map_err(|problem| wrong("--latency", problem))
}

fn odds(options: &TrialOptions) -> Result<Odds, ConfigError> {
    match (options.sides, options.internal) {
        (Some(_), Some(_)) => Err(wrong("sides", "give `sides` or `internal`, not both")),
        (Some(sides), None) if sides < 3 => Err(wrong(
            "--sides",
            format!("{sides}: three sides send, so a die has at least 3"),
        )),
        (Some(sides), None) => Ok(Odds::Sides(sides)),
        (None, Some(internal)) if (0.0..=1.0).contains(&internal) => Ok(Odds::Internal(internal)),
        (None, Some(internal)) => Err(wrong(
            "--internal",
            format!("{internal}: a probability is a number from 0 to 1"),
        )),
        (None, None) => Ok(Odds::Sides(10)),
    }
}

fn speed(speed: Option<f64>, virtual_time: bool) -> Result<f64, ConfigError> {
    match speed {
        Some(speed) if virtual_time && speed != 1.0 => Err(wrong(
            "--speed",
            "virtual time does not wait, so there is nothing to compress: drop it, or --virtual",
        )),
        Some(speed) if !(0.001..=1000.0).contains(&speed) => Err(wrong(
            "--speed",
            format!("{speed}: expected a number from 0.001 to 1000"),
        )),
        speed => Ok(speed.unwrap_or(1.0)),
    }
}

fn jobs(
    options: &TrialOptions,
    machines: &[MachineConfig],
    condition: &Condition,
    count: u64,
    processors: usize,
) -> Result<usize, ConfigError> {
    let trials = usize::try_from(count).unwrap_or(usize::MAX);
    let fixed_ports = machines.iter().any(|machine| machine.port != 0);
    let sockets = condition.driver == Driver::Sockets;
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
        None => PROCESSES_SIDE_BY_SIDE / machines.len(),
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
