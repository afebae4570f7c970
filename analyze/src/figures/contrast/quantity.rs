//! What the picture shows: conditions in rows, quantities in columns.

use plots::palette::Look;
use statistics::Estimate;

use crate::compare::machines::Machines;
use crate::metrics::catalog::{metric, trial_metric};
use crate::report::{ConditionReport, TrialReport};

/// A condition.
pub(super) struct Row<'a> {
    pub(super) name: String,
    pub(super) condition: &'a ConditionReport,
    /// Its trials that count.
    pub(super) trials: Vec<&'a TrialReport>,
}

/// What has a mark in each row.
pub(super) struct Subject {
    pub(super) name: String,
    pub(super) look: Look,
    /// None for a trial as a whole.
    pub(super) machines: Option<Machines>,
}

/// A quantity: a panel.
pub(super) struct Column {
    pub(super) heading: &'static str,
    /// Marks in each row, from top to bottom.
    pub(super) subjects: Vec<Subject>,
    /// For each row and each subject its values, one a trial.
    pub(super) values: Vec<Vec<Vec<f64>>>,
}

impl Column {
    /// The values of a metric, of a machine or of a trial.
    pub(super) fn new(
        rows: &[Row<'_>],
        heading: &'static str,
        name: &str,
        subjects: Vec<Subject>,
    ) -> Column {
        let value = |trial: &TrialReport, subject: &Subject| match subject.machines {
            Some(machines) => machines.value(trial, metric(name)?),
            None => trial.value(trial_metric(name)?),
        };
        let of_row = |row: &Row<'_>| -> Vec<Vec<f64>> {
            let subjects = subjects.iter();
            subjects
                .map(|subject| {
                    let trials = row.trials.iter();
                    trials.filter_map(|trial| value(trial, subject)).collect()
                })
                .collect()
        };
        Column {
            heading,
            values: rows.iter().map(of_row).collect(),
            subjects,
        }
    }

    /// Whether its means differ between rows.
    pub(super) fn varies(&self) -> bool {
        let means = |row: &Vec<Vec<f64>>| -> Vec<Option<f64>> {
            row.iter().map(|values| Estimate::of(values).mean).collect()
        };
        let mut rows = self.values.iter().map(means);
        let first = rows.next();
        rows.any(|row| Some(row) != first)
    }
}
