//! How far off the law is over all machines of all conditions, by regime.
//!
//! Each machine of each condition counts once, by its mean over trials. Near the critical load, where the law predicts
//! no queue and no clock, what its formulas give is taken instead, so that a reader sees how wrong they are there.
//!
//! **Invariant.** Machines without a prediction or without a measured value are in no row.

use crate::report::accuracy::Accuracy;
use crate::report::{ConditionReport, GroupReport};
use crate::theory::quantity::{QUANTITIES, Quantity};
use crate::theory::regime::Regime;
use crate::theory::residual::Residual;

/// Predictions are taken for 0 below this, and have no ratio.
const NOTHING: f64 = 1e-9;

/// One machine's share in it.
struct Case {
    condition: usize,
    machine: Option<u32>,
    measured: f64,
    residual: Residual,
}

/// A row for each quantity in each regime that occurs.
pub(super) fn accuracy(conditions: &[ConditionReport]) -> Vec<Accuracy> {
    let mut rows = Vec::new();
    for quantity in &QUANTITIES {
        for regime in Regime::ALL {
            let machines = conditions
                .iter()
                .enumerate()
                .flat_map(|(index, condition)| {
                    condition.machines.iter().map(move |group| (index, group))
                });
            let cases = machines
                .filter(|(_, group)| group.prediction.regime == Some(regime))
                .filter_map(|(index, group)| case(quantity, index, group));
            rows.extend(row(quantity, regime, &cases.collect::<Vec<Case>>()));
        }
    }
    rows
}

fn case(quantity: &Quantity, condition: usize, group: &GroupReport) -> Option<Case> {
    let formula = (quantity.formula)(&group.prediction.first_order?);
    let estimate = group.estimate(quantity.metric);
    Some(Case {
        condition,
        machine: group.machine,
        measured: estimate.mean?,
        residual: Residual::of(formula, &estimate)?,
    })
}

fn row(quantity: &Quantity, regime: Regime, cases: &[Case]) -> Option<Accuracy> {
    let mean =
        |value: &dyn Fn(&Case) -> f64| cases.iter().map(value).sum::<f64>() / cases.len() as f64;
    let by_size = |a: &&Case, b: &&Case| {
        let (a, b) = (a.residual.error.abs(), b.residual.error.abs());
        a.total_cmp(&b)
    };
    let largest = cases.iter().max_by(by_size)?;
    let ratios: Vec<f64> = cases
        .iter()
        .filter(|case| case.residual.predicted.abs() > NOTHING)
        .map(|case| case.measured / case.residual.predicted)
        .collect();
    Some(Accuracy {
        metric: quantity.metric,
        unit: quantity.unit,
        regime,
        machines: cases.len() as u64,
        mean_predicted: mean(&|case| case.residual.predicted),
        mean_measured: mean(&|case| case.measured),
        mean_error: mean(&|case| case.residual.error),
        root_mean_square_error: mean(&|case| case.residual.error.powi(2)).sqrt(),
        largest_error: largest.residual.error,
        largest_condition: largest.condition,
        largest_machine: largest.machine,
        mean_ratio: statistics::mean(&ratios),
        disagreeing: cases.iter().filter(|case| case.residual.disagrees).count() as u64,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::clock_sources::Accounts;
    use crate::theory::{FirstOrder, Prediction};
    use statistics::Estimate;

    fn group(machine: u32, regime: Regime, queue_last: f64, measured: &[f64]) -> GroupReport {
        let first_order = FirstOrder {
            arrival_rate: 1.0,
            queue_growth: 0.0,
            queue_last,
            logical_rate: 1.0,
            clock_final: 60.0,
        };
        GroupReport {
            machine: Some(machine),
            name: None,
            rate: Some(1.0),
            prediction: Prediction {
                regime: Some(regime),
                first_order: Some(first_order),
                ..Prediction::default()
            },
            residuals: BTreeMap::new(),
            bands: BTreeMap::new(),
            clock_from: Accounts::default(),
            metrics: BTreeMap::from([("queue_last", Estimate::of(measured))]),
        }
    }

    #[test]
    fn errors_are_gathered_by_regime() {
        let machines = [
            group(0, Regime::Overloaded, 30.0, &[32.0, 34.0]),
            group(1, Regime::Overloaded, 10.0, &[5.0, 5.0]),
            group(2, Regime::Critical, 0.0, &[4.0, 6.0]),
            group(3, Regime::Stable, 0.0, &[]),
        ];
        let rows: Vec<Accuracy> = QUANTITIES
            .iter()
            .flat_map(|quantity| Regime::ALL.map(|regime| (quantity, regime)))
            .filter_map(|(quantity, regime)| {
                let own = machines
                    .iter()
                    .filter(|m| m.prediction.regime == Some(regime));
                let cases: Vec<Case> = own.filter_map(|m| case(quantity, 7, m)).collect();
                row(quantity, regime, &cases)
            })
            .collect();
        let [critical, overloaded] = rows.as_slice() else {
            panic!("one quantity is measured, in two regimes: {rows:?}");
        };
        assert_eq!((critical.machines, critical.mean_error), (1, 5.0));
        assert_eq!(critical.mean_ratio, None, "nothing is predicted to be 0");
        // Errors +3 and −5: mean −1, root of 17.
        assert_eq!((overloaded.machines, overloaded.mean_error), (2, -1.0));
        assert!((overloaded.root_mean_square_error - 17f64.sqrt()).abs() < 1e-12);
        assert_eq!(
            (overloaded.largest_error, overloaded.largest_machine),
            (-5.0, Some(1))
        );
        assert_eq!(overloaded.largest_condition, 7);
        // 33 / 30 and 5 / 10.
        assert!((overloaded.mean_ratio.expect("both") - 0.8).abs() < 1e-12);
        // Trials that all give 5 where 10 is predicted disagree; one in 32 and 34 cannot tell from 30.
        assert_eq!(overloaded.disagreeing, 1);
    }
}
