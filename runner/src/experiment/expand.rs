//! From a draft to conditions: the list, crossed with the grid, crossed with the drivers.

use std::path::{Path, PathBuf};

use toml::Table;

use super::draft::{Axis, Draft, Listed, options_of, words};
use super::{Experiment, ExperimentError, NamedCondition};
use crate::config::Config;
use crate::options::TrialOptions;

/// More conditions than this are taken for a slip in the grid.
const CONDITIONS_MAX: usize = 10_000;

/// Which drivers to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Drivers {
    /// As the file says: sockets, unless it says `virtual = true`.
    #[default]
    AsWritten,
    /// All conditions on sockets.
    Sockets,
    /// All conditions in virtual time.
    Virtual,
    /// Each condition on both.
    Both,
}

/// Choices of the command line, which override the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// Which drivers to use.
    pub drivers: Drivers,
    /// Trials of each condition.
    pub count: Option<u64>,
    /// Seed of all chance.
    pub seed: Option<u64>,
    /// Trials side by side.
    pub jobs: Option<usize>,
    /// Folder that receives the run's folder.
    pub out: Option<PathBuf>,
}

/// What the surroundings offer where neither file nor command line says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Surroundings {
    /// A fresh seed.
    pub seed: u64,
    /// The number of processors.
    pub processors: usize,
}

/// A condition before validation.
struct Candidate {
    label: String,
    options: TrialOptions,
}

impl Experiment {
    /// Makes an experiment of a draft that was read from `file`. Every condition is validated.
    ///
    /// # Errors
    ///
    /// [`ExperimentError`] names the file, the condition and the invalid option.
    pub fn new(
        file: &Path,
        draft: Draft,
        choices: Choices,
        surroundings: Surroundings,
    ) -> Result<Experiment, ExperimentError> {
        let fail = |problem: String| ExperimentError::new(file, problem);
        let candidates = candidates(&draft, choices.drivers).map_err(fail)?;
        let count = choices.count.or(draft.count).unwrap_or(5);
        let total = count
            .checked_mul(candidates.len() as u64)
            .filter(|&total| total > 0)
            .ok_or_else(|| fail(format!("count: {count} trials of each condition")))?;
        let whole = TrialOptions {
            count: Some(total),
            seed: choices.seed.or(draft.seed).or(Some(surroundings.seed)),
            jobs: choices.jobs.or(draft.jobs),
            out: choices.out.or(draft.out),
            name: draft.name,
            ..TrialOptions::default()
        };
        let mut conditions: Vec<NamedCondition> = Vec::new();
        for Candidate { label, options } in candidates {
            let options = whole.clone().or(options);
            let config = Config::new(options, surroundings.seed, surroundings.processors)
                .map_err(|error| fail(format!("condition `{label}`: {error}")))?;
            if config.packed {
                let problem = "packed: only `runner trial` packs; drop it";
                return Err(fail(format!("condition `{label}`: {problem}")));
            }
            let named = NamedCondition { label, config };
            check_different(&conditions, &named).map_err(fail)?;
            conditions.push(named);
        }
        let Some(NamedCondition { config: first, .. }) = conditions.first() else {
            return Err(fail("no conditions".to_owned()));
        };
        Ok(Experiment {
            name: first.name.clone(),
            question: draft.question,
            count_per_condition: count,
            seed: first.seed,
            out: first.out.clone(),
            conditions,
        })
    }
}

/// The analysis takes equal conditions for one, whatever their labels.
fn check_different(earlier: &[NamedCondition], named: &NamedCondition) -> Result<(), String> {
    for other in earlier {
        if other.config.condition == named.config.condition {
            return Err(format!(
                "conditions `{}` and `{}` are identical: drop one, or raise `count`",
                other.label, named.label
            ));
        }
        if other.label == named.label {
            return Err(format!(
                "label: two different conditions are called `{}`: give each its own",
                named.label
            ));
        }
    }
    Ok(())
}

fn candidates(draft: &Draft, drivers: Drivers) -> Result<Vec<Candidate>, String> {
    let cells = cells(&draft.grid)?;
    let listed = match draft.listed.as_slice() {
        [] => [Listed {
            label: String::new(),
            options: TrialOptions::default(),
        }]
        .into(),
        listed => listed.to_vec(),
    };
    let mut candidates = Vec::new();
    for listed in &listed {
        for cell in &cells {
            let label = match (listed.label.as_str(), cell.label.as_str()) {
                ("", only) | (only, "") => only.to_owned(),
                (first, second) => format!("{first} · {second}"),
            };
            let own = cell.options.clone().or(listed.options.clone());
            add_drivers(&mut candidates, label, own, &draft.base, drivers)?;
        }
    }
    Ok(candidates)
}

/// All combinations of the grid's values, the first key slowest; one without options for no grid.
fn cells(grid: &[Axis]) -> Result<Vec<Candidate>, String> {
    let sizes = grid.iter().map(|axis| axis.values.len());
    let size = sizes.fold(1, usize::saturating_mul);
    if size > CONDITIONS_MAX {
        return Err(format!(
            "[grid]: {size} combinations: expected at most {CONDITIONS_MAX}"
        ));
    }
    let mut tables: Vec<(Vec<String>, Table)> = vec![(Vec::new(), Table::new())];
    for axis in grid {
        let longer = tables.iter().flat_map(|(parts, table)| {
            axis.values.iter().map(move |value| {
                let mut parts = parts.clone();
                let mut table = table.clone();
                parts.push(words(&axis.key, value));
                table.insert(axis.key.clone(), value.clone());
                (parts, table)
            })
        });
        tables = longer.collect();
    }
    let cells = tables.into_iter().map(|(parts, table)| {
        let label = parts.join(" · ");
        let options = options_of(table).map_err(|problem| format!("[grid] {label}: {problem}"))?;
        Ok(Candidate { label, options })
    });
    cells.collect()
}

/// Adds a condition, once for each driver. Its own options win over those of the base; a base names the addresses of all
/// designs, and each condition takes those of its own design.
fn add_drivers(
    candidates: &mut Vec<Candidate>,
    label: String,
    own: TrialOptions,
    base: &TrialOptions,
    drivers: Drivers,
) -> Result<(), String> {
    let base = base.clone().beside_design(own.design);
    let chosen: &[bool] = match drivers {
        Drivers::AsWritten => {
            let options = own.or(base);
            candidates.push(Candidate { label, options });
            return Ok(());
        }
        Drivers::Sockets => &[false],
        Drivers::Virtual => &[true],
        Drivers::Both => &[false, true],
    };
    if own.virtual_time.is_some() {
        return Err(format!(
            "condition `{label}`: virtual: the file itself chooses the driver: drop it there, or drop --virtual, --sockets or --both"
        ));
    }
    for &virtual_time in chosen {
        let mut base = base.clone();
        let mut label = label.clone();
        if drivers == Drivers::Both {
            // The base is for both drivers, so what only one of them knows is meant for that one.
            if virtual_time {
                (base.speed, base.on_disconnect) = (None, None);
                base.per_process = None;
            } else {
                base.latency = None;
            }
            label += if virtual_time {
                " · virtual time"
            } else {
                " · sockets"
            };
        }
        let driver = TrialOptions {
            virtual_time: Some(virtual_time),
            ..own.clone()
        };
        candidates.push(Candidate {
            label,
            options: driver.or(base),
        });
    }
    Ok(())
}
