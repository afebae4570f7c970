//! What a response figure shows: a face for each panel, a curve for each line of it.
//!
//! Where the same machines stand under every condition each has a curve. Where rates are drawn, the slowest and the
//! fastest of each trial have one. Where the number of machines is swept, there are also quantities of a whole trial.

use event_log::{Condition, Design, RateRule};
use plots::axes::rate;
use plots::palette::{COLOURS, Look, looks, slot};
use statistics::Estimate;

use crate::report::{ConditionReport, GroupReport};
use crate::theory::Prediction;

use super::super::sweep::{Parameter, Sweep, fixed};

/// A measured quantity.
pub(super) struct Face {
    /// What it is, with its unit.
    pub(super) heading: &'static str,
    /// Whether it can be below 0.
    pub(super) signed: bool,
    /// Whether it grows over decades.
    pub(super) decades: bool,
    pub(super) curves: Vec<Curve>,
}

/// A line of it.
pub(super) struct Curve {
    pub(super) name: String,
    pub(super) look: Look,
    pub(super) points: Vec<Point>,
}

/// One condition.
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) measured: Estimate,
    /// What to compare with: the first-order law, or a bound.
    pub(super) expected: Option<f64>,
}

/// A quantity of machines.
struct Quantity {
    /// Name in the catalog of metrics.
    metric: &'static str,
    heading: &'static str,
    signed: bool,
    /// What the first-order law says of it.
    law: fn(&Prediction) -> Option<f64>,
}

const CLOCK: Quantity = Quantity {
    metric: "clock_final",
    heading: "clock at the end (units)",
    signed: false,
    law: |prediction| prediction.predicted_clock_final,
};
const DRIFT: Quantity = Quantity {
    metric: "drift_final",
    heading: "gained over its own nominal clock (units)",
    signed: true,
    law: |_| None,
};
const QUEUE: Quantity = Quantity {
    metric: "queue_last",
    heading: "queue at the end (messages)",
    signed: false,
    law: |prediction| prediction.predicted_queue_last,
};
const JUMP: Quantity = Quantity {
    metric: "jump_max",
    heading: "largest jump (units)",
    signed: false,
    law: |_| None,
};
const LAG: Quantity = Quantity {
    metric: "lag_mean",
    heading: "mean lag behind the furthest clock (units)",
    signed: false,
    law: |_| None,
};

/// The faces of a sweep.
pub(super) fn faces(sweep: &Sweep<'_>) -> Vec<Face> {
    let conditions = || sweep.places.iter().map(|(_, condition)| *condition);
    let is_fixed = conditions().all(|c| c.setting.own().and_then(fixed).is_some());
    match sweep.parameter {
        Parameter::Machines => of_trials(sweep, !is_fixed),
        _ if is_fixed => [CLOCK, QUEUE, JUMP, LAG]
            .map(|quantity| of_machines(sweep, &quantity))
            .into(),
        _ => [DRIFT, QUEUE, JUMP, LAG]
            .map(|quantity| of_ranks(sweep, &quantity))
            .into(),
    }
}

/// The faces of one sweep under several options: a curve for the slowest machine under each.
pub(super) fn faces_of_families(families: &[(&'static str, Sweep<'_>)]) -> Vec<Face> {
    let of = |quantity: Quantity| {
        let numbered = families.iter().enumerate();
        let curves = numbered.map(|(index, (word, sweep))| {
            let metric = format!("slowest_{}", quantity.metric);
            // Neither a machine nor a rank.
            let look = slot(COLOURS - 1 - index);
            whole_curve(sweep, (*word).to_owned(), look, &metric, |_| None)
        });
        Face {
            heading: quantity.heading,
            signed: quantity.signed,
            decades: false,
            curves: curves.collect(),
        }
    };
    [CLOCK, QUEUE, JUMP, LAG].map(of).into()
}

/// A curve for each machine.
fn of_machines(sweep: &Sweep<'_>, quantity: &Quantity) -> Face {
    let first = &sweep.places[0].1.machines;
    let rates: Vec<f64> = first.iter().filter_map(|machine| machine.rate).collect();
    let curve = |(machine, look): (&GroupReport, Look)| {
        let id = machine.machine;
        let points = sweep.places.iter().map(|(x, condition)| {
            let group = group(condition, id);
            let none = Estimate::new(0, None, None);
            Point {
                x: *x,
                measured: group.map_or(none, |g| g.estimate(quantity.metric)),
                expected: group.and_then(|group| (quantity.law)(&group.prediction)),
            }
        });
        let rate_of = |c: &ConditionReport| group(c, id).and_then(|group| group.rate);
        let same = sweep.places.iter().all(|(_, c)| rate_of(c) == machine.rate);
        let name = format!("M{}", id.unwrap_or_default());
        Curve {
            name: match machine.rate.filter(|_| same) {
                Some(hertz) => format!("{name} · {} Hz", rate(hertz)),
                None => name,
            },
            look,
            points: points.collect(),
        }
    };
    Face {
        heading: quantity.heading,
        signed: quantity.signed,
        decades: false,
        curves: first.iter().zip(looks(&rates)).map(curve).collect(),
    }
}

/// The machine of this id.
fn group(condition: &ConditionReport, id: Option<u32>) -> Option<&GroupReport> {
    let mut groups = condition.machines.iter();
    groups.find(|group| group.machine == id)
}

/// A curve for the slowest and one for the fastest machine of each trial.
fn of_ranks(sweep: &Sweep<'_>, quantity: &Quantity) -> Face {
    let ranks = ["slowest", "fastest"].map(|rank| rank_curve(sweep, rank, quantity.metric));
    Face {
        heading: quantity.heading,
        signed: quantity.signed,
        decades: false,
        curves: ranks.into(),
    }
}

/// Ranks are not machines: they have colours of their own, the same in every figure.
fn rank_curve(sweep: &Sweep<'_>, rank: &str, metric: &str) -> Curve {
    let look = slot(COLOURS / 2 + if rank == "slowest" { 0 } else { 2 });
    let metric = format!("{rank}_{metric}");
    whole_curve(sweep, rank.to_owned(), look, &metric, |_| None)
}

/// A metric of whole trials.
fn whole_curve(
    sweep: &Sweep<'_>,
    name: String,
    look: Look,
    metric: &str,
    expected: fn(&Condition) -> Option<f64>,
) -> Curve {
    let points = sweep.places.iter().map(|(x, condition)| Point {
        x: *x,
        measured: condition.estimate(metric),
        expected: condition.setting.own().and_then(expected),
    });
    Curve {
        name,
        look,
        points: points.collect(),
    }
}

/// Messages and connections of a trial, lag and queue of its machines.
fn of_trials(sweep: &Sweep<'_>, drawn: bool) -> Vec<Face> {
    let all = |name: &str, metric: &str, expected| {
        whole_curve(sweep, name.to_owned(), slot(0), metric, expected)
    };
    let sum = |heading, curve| Face {
        heading,
        signed: false,
        decades: sweep.spans_decades(),
        curves: vec![curve],
    };
    let machines = |heading, of_trial: &str, of_machine: &str| {
        let mut curves = vec![all("mean of all", of_trial, |_| None)];
        if drawn {
            let ranks = ["slowest", "fastest"].map(|rank| rank_curve(sweep, rank, of_machine));
            curves.extend(ranks);
        }
        Face {
            heading,
            signed: false,
            decades: false,
            curves,
        }
    };
    let links = match sweep.places[0].1.setting.own().map(|own| own.design) {
        Some(Design::Hub) => "n, to the hub",
        _ => "n (n − 1) / 2",
    };
    let messages = all("all machines", "trial_messages_per_s", most_messages_per_s);
    vec![
        sum("messages sent per second", messages),
        sum("connections", all(links, "trial_connections", |_| None)),
        machines(LAG.heading, "trial_lag_mean", "lag_mean"),
        machines(
            "mean queue (messages)",
            "trial_queue_mean",
            "queue_time_mean",
        ),
    ]
}

/// Messages per second if no tick were spent on reading: then every tick rolls, and of three send outcomes two send to
/// one peer and one sends to all. None with a timekeeper, which does not roll.
fn most_messages_per_s(condition: &Condition) -> Option<f64> {
    let machines = f64::from(condition.machines);
    let ticks_per_s = match &condition.rates {
        RateRule::Fixed(rates) => rates.iter().map(|rate| rate.hz()).sum(),
        RateRule::Range(low, high) => machines * f64::midpoint(f64::from(*low), f64::from(*high)),
    };
    let copies = condition.odds.each_send() * (2.0 + (machines - 1.0));
    (condition.design != Design::Timekeeper).then_some(ticks_per_s * copies)
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::fixtures;

    #[test]
    fn three_machines_that_never_read_send_four_tenths_of_a_message_a_tick() {
        let mut condition = fixtures::condition(&[1, 3, 6]);
        let most = most_messages_per_s(&condition).expect("a bound");
        assert!((most - 4.0).abs() < 1e-12, "{most}");
        condition.rates = RateRule::Range(1, 6);
        let most = most_messages_per_s(&condition).expect("a bound");
        assert!((most - 0.4 * 10.5).abs() < 1e-12, "{most}");
        condition.design = Design::Timekeeper;
        assert_eq!(most_messages_per_s(&condition), None);
    }
}
