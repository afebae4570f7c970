//! What lies between two worlds: the same experiment on sockets and in virtual time, or twice on one of them.
//!
//! Conditions of one side are held against those of the other that differ in nothing but the world: driver, speed, delay
//! of messages, injected delay of ticks, what the loss of a machine means, machines a process. Per machine and metric the gap is B − A, tested across trials as in
//! [`mod@compare`](crate::compare): pair by pair where both rolled the same dice, and with Holm's correction over all
//! tests of all conditions.
//!
//! [`rows`] is one condition's gap · [`mod@sentence`] what was found, in words.
//!
//! The documentation of [`Gap`] is the manual of the JSON object.
//!
//! **Invariant.** The two sides are never merged, even where they are one condition: an A/A comparison compares.

pub mod outcome;
pub mod rows;
pub mod sentence;

use std::collections::HashSet;

use event_log::Condition;
use statistics::holm::holm;
use thiserror::Error;

use crate::compare::choose::Metrics;
use crate::compare::{ALPHA, CompareError, Sample, compare_samples};
use crate::report::{Report, TrialReport};
pub use outcome::{ConditionGap, GAP_VERSION, Gap};
use rows::Lateness;
pub use rows::POWER;

/// The metrics of each machine that are compared unless others are named. Few: ten pairs of trials can give no p below
/// 1/512, and Holm's correction multiplies it by the number of tests, of three machines at most 24. Lateness twice: a delay
/// of every tick moves the median, which a busy host hardly does; one of some ticks moves the tail only.
pub const USUAL: [&str; 8] = [
    "lateness_p50_ms",
    "lateness_p99_ms",
    "clock_final",
    "jump_max",
    "queue_time_mean",
    "queue_max",
    "lag_mean",
    "wait_mean_s",
];

/// One side: trials that were run in one world.
#[derive(Debug, Clone)]
pub struct World<'a> {
    /// What it is called.
    pub name: String,
    samples: Vec<Sample<'a>>,
}

impl<'a> World<'a> {
    /// The chosen trials of a report that are complete, with whole logs; of those with one seed and number the first. What
    /// repeats a trial that is not chosen is welcome: it may be the other side.
    pub fn of(
        name: impl Into<String>,
        report: &'a Report,
        chosen: impl Fn(&TrialReport) -> bool,
    ) -> World<'a> {
        let conditions = report.conditions.iter().enumerate();
        let samples = conditions.map(|(index, condition)| Sample {
            index,
            label: &condition.label,
            setting: &condition.setting,
            trials: once(report, |trial| trial.condition == index && chosen(trial)),
        });
        World {
            name: name.into(),
            samples: samples.filter(|sample| !sample.trials.is_empty()).collect(),
        }
    }
}

/// Why there is nothing to say.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GapError {
    /// A metric by a wrong name, or sides without a machine in common.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// A side is empty.
    #[error("{name} has no complete trial with whole logs: nothing to compare")]
    Empty {
        /// What the side is called.
        name: String,
    },
    /// The sides have no condition in common.
    #[error(
        "no condition is on both sides: expected conditions that differ in nothing but driver, speed and delays\n\
         {name_a}:\n{a}\n{name_b}:\n{b}"
    )]
    Disjoint {
        /// What side A is called.
        name_a: String,
        /// Its labels.
        a: String,
        /// What side B is called.
        name_b: String,
        /// Its labels.
        b: String,
    },
}

/// Holds one world against another; without metrics by the usual ones.
///
/// # Errors
///
/// [`GapError`] when a name is unknown, or the worlds have nothing in common.
pub fn gap(a: &World, b: &World, metrics: &[String]) -> Result<Gap, GapError> {
    let usual = USUAL.map(str::to_owned);
    let names = if metrics.is_empty() { &usual } else { metrics };
    let metrics = Metrics::named(names)?;
    for world in [a, b] {
        if world.samples.is_empty() {
            let name = world.name.clone();
            return Err(GapError::Empty { name });
        }
    }
    let matched = matches(&a.samples, &b.samples);
    if matched.is_empty() {
        let labels = |world: &World| {
            let labels = world
                .samples
                .iter()
                .map(|sample| format!("  {}", sample.label));
            labels.collect::<Vec<String>>().join("\n")
        };
        return Err(GapError::Disjoint {
            name_a: a.name.clone(),
            a: labels(a),
            name_b: b.name.clone(),
            b: labels(b),
        });
    }
    let mut conditions = Vec::new();
    for (one, other) in matched {
        let comparison = compare_samples(one, other, &metrics)?;
        conditions.push(ConditionGap {
            lateness_a: Lateness::of(&one.trials),
            lateness_b: Lateness::of(&other.trials),
            rows: rows::rows(&comparison),
            a: comparison.a,
            b: comparison.b,
            paired: comparison.paired,
            pairing: comparison.pairing,
        });
    }
    let mut gap = Gap {
        format_version: GAP_VERSION,
        sentence: String::new(),
        found: false,
        a: a.name.clone(),
        b: b.name.clone(),
        alpha: ALPHA,
        tests: 0,
        smallest_p_adjusted: None,
        conditions,
    };
    decide(&mut gap);
    gap.sentence = sentence::sentence(&gap);
    Ok(gap)
}

/// The chosen trials that are whole, each seed and number once.
fn once(report: &Report, chosen: impl Fn(&TrialReport) -> bool) -> Vec<&TrialReport> {
    let mut seen = HashSet::new();
    let trials = report.trials.iter();
    trials
        .filter(|trial| trial.is_whole() && chosen(trial))
        .filter(|trial| trial.dice().is_none_or(|dice| seen.insert(dice)))
        .collect()
}

/// Conditions of A with their partners in B, those first that differ in the fewest respects.
fn matches<'s, 'a>(
    a: &'s [Sample<'a>],
    b: &'s [Sample<'a>],
) -> Vec<(&'s Sample<'a>, &'s Sample<'a>)> {
    let mut candidates = Vec::new();
    for (place_a, one) in a.iter().enumerate() {
        for (place_b, other) in b.iter().enumerate() {
            let (Some(a), Some(b)) = (one.setting.own(), other.setting.own()) else {
                continue;
            };
            if alike(a, b) {
                candidates.push((differences(a, b), place_a, place_b));
            }
        }
    }
    candidates.sort_unstable();
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (_, place_a, place_b) in candidates {
        if found
            .iter()
            .all(|&(one, other)| one != place_a && other != place_b)
        {
            found.push((place_a, place_b));
        }
    }
    found.sort_unstable();
    let samples = found.into_iter();
    samples.map(|(one, other)| (&a[one], &b[other])).collect()
}

/// In how many respects two conditions that are alike are not the same.
fn differences(a: &Condition, b: &Condition) -> usize {
    let differs = [
        a.driver != b.driver,
        a.latency != b.latency,
        a.speed != b.speed,
        a.tick_delay_ns != b.tick_delay_ns,
        a.on_disconnect != b.on_disconnect,
        a.per_process != b.per_process,
    ];
    differs.into_iter().filter(|differs| *differs).count()
}

/// Whether two conditions are one experiment in two worlds.
fn alike(a: &Condition, b: &Condition) -> bool {
    let moved = Condition {
        driver: a.driver,
        latency: a.latency,
        speed: a.speed,
        tick_delay_ns: a.tick_delay_ns,
        on_disconnect: a.on_disconnect,
        per_process: a.per_process,
        ..b.clone()
    };
    moved == *a
}

/// Corrects and decides all tests together, and says what each could have seen.
fn decide(gap: &mut Gap) {
    let alpha = gap.alpha;
    let rows = || gap.conditions.iter().flat_map(|condition| &condition.rows);
    let p: Vec<f64> = rows().filter_map(|row| row.found.p).collect();
    gap.tests = p.len() as u64;
    let smallest = rows().filter(|row| row.found.p.is_some());
    let smallest = smallest.filter_map(|row| row.found.smallest_p);
    let smallest = smallest.reduce(f64::min);
    gap.smallest_p_adjusted = smallest.map(|smallest| (smallest * p.len() as f64).min(1.0));
    let each = alpha / (p.len() as f64).max(1.0);
    let mut adjusted = holm(&p).into_iter();
    for condition in &mut gap.conditions {
        let paired = condition.paired;
        for row in &mut condition.rows {
            let tested = row.found.p.is_some();
            row.found.p_adjusted = tested.then(|| adjusted.next()).flatten();
            row.is_gap = row.found.p_adjusted.is_some_and(|p| p < alpha);
            row.detectable = row.detectable(paired, each);
        }
    }
    gap.found = gap
        .conditions
        .iter()
        .flat_map(|c| &c.rows)
        .any(|row| row.is_gap);
}
