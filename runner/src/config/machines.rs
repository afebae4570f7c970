//! The machines of a configuration: how many, at which rates, where they listen and log.

use std::path::{Component, Path};

use event_log::{Rate, RateRule};

use super::error::{ConfigError, wrong};
use super::listen_addr::ListenAddr;
use super::span::parse_rate_range;
use crate::numerals::counted;
use crate::options::{MACHINES_MAX, MachineOptions, TrialOptions};

/// One machine of every trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineConfig {
    /// Its name for people.
    pub name: String,
    /// Where it listens; unused with a hub.
    pub listen_addr: ListenAddr,
    /// Its log, relative to the trial's folder.
    pub log: String,
}

/// Whether a machine is as without a table.
pub(super) fn is_default(machine: &MachineConfig, id: u32) -> bool {
    *machine == machine_config(&MachineOptions::default(), id)
}

pub(super) fn machine_count(options: &TrialOptions) -> Result<u32, ConfigError> {
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
                        "names {} where {first} names {other}: make them agree, or drop one",
                        counted(count as u64, "machine")
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
            format!(
                "{}: a trial takes 2 to {MACHINES_MAX}",
                counted(count as u64, "machine")
            ),
        )),
    }
}

pub(super) fn rates(options: &TrialOptions, machines: u32) -> Result<RateRule, ConfigError> {
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

pub(super) fn machines(
    tables: &[MachineOptions],
    count: u32,
) -> Result<Vec<MachineConfig>, ConfigError> {
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
            if machine.listen_addr.port != 0 && earlier.listen_addr == machine.listen_addr {
                return Err(wrong(
                    "[[machine]] port",
                    format!(
                        "{}:{} is named by two machines: give each its own, or 0",
                        machine.listen_addr.host, machine.listen_addr.port
                    ),
                ));
            }
        }
    }
    Ok(machines)
}

/// A machine as its table says, with defaults for the rest.
fn machine_config(table: &MachineOptions, id: u32) -> MachineConfig {
    let log = table.log.clone();
    MachineConfig {
        name: table.name.clone().unwrap_or_else(|| format!("M{id}")),
        listen_addr: ListenAddr::at(table.host.as_deref(), table.port),
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
