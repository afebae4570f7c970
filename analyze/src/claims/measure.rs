//! What is measured of a trial: a metric, and whose.

use std::fmt;

use serde_json::Value;

use crate::compare::choose::{AnyMetric, any_metric};
use crate::compare::machines::{Machines, Rank};
use crate::metrics::catalog::{Metric, TrialMetric};
use crate::report::TrialReport;

/// One number of each trial.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// Name of the metric.
    pub metric: &'static str,
    /// Its unit; empty for a plain number.
    pub unit: &'static str,
    whose: Whose,
}

#[derive(Debug, Clone, Copy)]
enum Whose {
    /// Of one machine, or the mean of the machines of one rank.
    Machines(Machines, &'static Metric),
    /// Of all machines, taken together.
    All(Together, &'static Metric),
    /// Of the trial as a whole.
    Trial(&'static TrialMetric),
}

/// How the values of all machines become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Together {
    Mean,
    Largest,
    Smallest,
}

impl Measure {
    /// From the words of a ledger.
    ///
    /// # Errors
    ///
    /// In words, when the metric is unknown, or the machine is missing, unknown or out of place.
    pub(super) fn named(
        metric: &str,
        machine: Option<&Value>,
        combine: Option<&str>,
    ) -> Result<Measure, String> {
        let metric = match any_metric(metric).map_err(|error| error.to_string())? {
            AnyMetric::Machine(metric) => metric,
            AnyMetric::Trial(metric) if machine.is_some() || combine.is_some() => {
                return Err(format!(
                    "`{}` belongs to the whole trial: leave `machine` and `combine` out",
                    metric.name
                ));
            }
            AnyMetric::Trial(metric) => {
                return Ok(Measure {
                    metric: metric.name,
                    unit: metric.unit,
                    whose: Whose::Trial(metric),
                });
            }
        };
        let machine = machine.ok_or_else(|| {
            format!(
                "`{}` belongs to a machine: add machine = \"slowest\", \"median\", \"fastest\", \"all\" or an id",
                metric.name
            )
        })?;
        Ok(Measure {
            metric: metric.name,
            unit: metric.unit,
            whose: whose(metric, machine, combine)?,
        })
    }

    /// The trial's value; none if its logs cannot give it.
    pub fn value(&self, trial: &TrialReport) -> Option<f64> {
        match self.whose {
            Whose::Machines(machines, metric) => machines.value(trial, metric),
            Whose::All(together, metric) => {
                let values: Option<Vec<f64>> = trial.machines.iter().map(metric.value).collect();
                let values = values?.into_iter();
                match together {
                    Together::Mean => statistics::mean(&values.collect::<Vec<f64>>()),
                    Together::Largest => values.reduce(f64::max),
                    Together::Smallest => values.reduce(f64::min),
                }
            }
            Whose::Trial(metric) => trial.value(metric),
        }
    }
}

fn whose(metric: &'static Metric, machine: &Value, combine: Option<&str>) -> Result<Whose, String> {
    let wrong = || {
        format!(
            "machine = {machine}: expected an id, \"slowest\", \"median\", \"fastest\" or \"all\""
        )
    };
    if machine == "all" {
        let together = match combine {
            Some("mean") => Together::Mean,
            Some("largest") => Together::Largest,
            Some("smallest") => Together::Smallest,
            _ => {
                return Err(
                    "machine = \"all\" needs combine = \"mean\", \"largest\" or \"smallest\": \
                            how the machines of a trial become one number"
                        .to_owned(),
                );
            }
        };
        return Ok(Whose::All(together, metric));
    }
    if combine.is_some() {
        return Err("`combine` goes with machine = \"all\" only: leave it out".to_owned());
    }
    let ranks = [Rank::Slowest, Rank::Median, Rank::Fastest];
    let machines = match machine {
        Value::Number(id) => {
            let id = id.as_u64().and_then(|id| u32::try_from(id).ok());
            Machines::Id(id.ok_or_else(wrong)?)
        }
        Value::String(name) => {
            let rank = ranks.into_iter().find(|rank| rank.name() == name);
            Machines::Ranked(rank.ok_or_else(wrong)?)
        }
        _ => return Err(wrong()),
    };
    Ok(Whose::Machines(machines, metric))
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.metric;
        match self.whose {
            Whose::Machines(Machines::Id(id), _) => write!(f, "{name} of M{id}"),
            Whose::Machines(Machines::Ranked(rank), _) => {
                write!(f, "{name} of the {} machine", rank.name())
            }
            Whose::All(Together::Mean, _) => write!(f, "mean {name} of all machines"),
            Whose::All(Together::Largest, _) => write!(f, "largest {name} of all machines"),
            Whose::All(Together::Smallest, _) => write!(f, "smallest {name} of all machines"),
            Whose::Trial(_) => f.write_str(name),
        }
    }
}
