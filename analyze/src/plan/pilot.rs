//! What a pilot says of a metric: a value for each trial, their mean and their spread.

use statistics::difference::Moments;
use text::number::number;

use super::error::PlanError;
use super::question::{Effect, Subject};
use crate::compare::choose::{AnyMetric, any_metric};
use crate::report::TrialReport;

/// The pilot's values, one a trial.
pub(super) struct Pilot {
    /// Name of the metric.
    metric: String,
    pub(super) values: Vec<f64>,
    pub(super) unit: &'static str,
    /// Whose they are: `M0`, `slowest`, or `trial`.
    pub(super) machine: String,
}

impl Pilot {
    /// The values of a metric in these trials. `subject` says whose, and is of no matter for a metric of whole trials,
    /// which says so itself.
    pub(super) fn of(
        trials: &[&TrialReport],
        metric: &str,
        subject: Subject,
    ) -> Result<Pilot, PlanError> {
        let Subject(machines) = subject;
        let trials = trials.iter();
        let (values, unit, machine) = match any_metric(metric)? {
            AnyMetric::Machine(metric) => (
                trials
                    .filter_map(|trial| machines.value(trial, metric))
                    .collect(),
                metric.unit,
                subject.to_string(),
            ),
            AnyMetric::Trial(metric) => (
                trials.filter_map(|trial| trial.value(metric)).collect(),
                metric.unit,
                metric.owner().to_owned(),
            ),
        };
        Ok(Pilot {
            metric: metric.to_owned(),
            values,
            unit,
            machine,
        })
    }

    /// Standard deviation between trials, which is above 0.
    pub(super) fn spread(&self) -> Result<f64, PlanError> {
        let variance = self.moments().and_then(|moments| moments.variance);
        let variance = variance.ok_or_else(|| PlanError::TooSmall {
            metric: self.metric.clone(),
            found: self.values.len(),
        })?;
        if variance == 0.0 {
            return Err(PlanError::NoSpread {
                metric: self.metric.clone(),
                value: number(self.values.first().copied()),
                trials: self.values.len(),
            });
        }
        Ok(variance.sqrt())
    }

    /// A change in the metric's unit.
    pub(super) fn size_of(&self, effect: Effect) -> Result<f64, PlanError> {
        let mean = self.moments().map_or(0.0, |moments| moments.mean);
        match effect {
            Effect::Absolute(size) => Ok(size),
            Effect::Relative(_) if mean == 0.0 => Err(PlanError::NoMean {
                metric: self.metric.clone(),
            }),
            Effect::Relative(share) => Ok(share * mean),
        }
    }

    fn moments(&self) -> Option<Moments> {
        Moments::of(&self.values)
    }
}
