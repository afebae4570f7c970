//! The values that decide a claim: which conditions, which trials, one number each.
//!
//! **Invariant.** Which trials decide depends on their seeds and numbers alone, never on their values: of each condition the
//! first `trials` in the order of seed and number. Fewer decide nothing, and what lies beyond is not looked at.

use std::path::Path;
use std::rc::Rc;

use serde_json::Value;

use super::claim::{Claim, Quantity, Relation};
use super::measure::Measure;
use super::options::{self, Options};
use crate::compare::counted;
use crate::compare::pairing::Pairing;
use crate::report::{Report, TrialReport};
use crate::sources::SourceError;
use crate::sources::reports::Reports;

/// The values that decide one part of a claim.
#[derive(Debug, Clone, PartialEq)]
pub enum Samples {
    /// Of one condition.
    One(Vec<f64>),
    /// Of two, to be compared.
    Two {
        /// The claim's own.
        a: Vec<f64>,
        /// Those of `than`.
        b: Vec<f64>,
        /// Whether value i of either side belongs to the same trial, or to trials that rolled the same dice.
        paired: bool,
    },
    /// Of the conditions of a sweep, in the order of the swept option.
    Sweep(Vec<Vec<f64>>),
}

/// One part of a claim; most claims have one.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// What tells it from the others, such as `internal = 0.5`.
    pub label: String,
    /// Its values.
    pub samples: Samples,
}

/// All that decides a claim.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drawn {
    /// Labels of the conditions that were looked at.
    pub conditions: Vec<String>,
    /// The parts; of no use where something is lacking.
    pub parts: Vec<Part>,
    /// Why these trials decide nothing.
    pub lacking: Option<String>,
}

/// Why nothing can be drawn.
#[derive(Debug)]
pub(super) enum DrawError {
    /// The ledger names what its logs do not have.
    Ledger(String),
    /// The logs cannot be read.
    Logs(SourceError),
}

impl From<String> for DrawError {
    fn from(problem: String) -> DrawError {
        DrawError::Ledger(problem)
    }
}

/// A condition of a report.
#[derive(Clone)]
struct Place {
    report: Rc<Report>,
    index: usize,
    options: Options,
}

impl Place {
    fn label(&self) -> &str {
        &self.report.conditions[self.index].label
    }

    fn same_as(&self, other: &Place) -> bool {
        Rc::ptr_eq(&self.report, &other.report) && self.index == other.index
    }

    /// The counted trials in the order in which they are taken.
    fn trials(&self) -> Vec<&TrialReport> {
        let mut trials = counted(&self.report, self.index);
        trials.sort_by(|a, b| key(a).cmp(&key(b)));
        trials
    }
}

fn key(trial: &TrialReport) -> (Option<u64>, u64, &str) {
    (trial.seed, trial.trial, &trial.run)
}

/// Draws the values of a claim. `base` is the folder of the ledger.
pub(super) fn draw(claim: &Claim, base: &Path, reports: &mut Reports) -> Result<Drawn, DrawError> {
    let places = find(&claim.quantity, base, reports)?;
    let mut drawn = Drawn::default();
    let mut draft = Draft {
        claim,
        drawn: &mut drawn,
    };
    if let Relation::Trend { over, .. } = &claim.relation {
        draft.sweep(in_order(places, over)?);
        return Ok(drawn);
    }
    if places.len() > 1 && !claim.each {
        let matched: Vec<Options> = places.iter().map(|place| place.options.clone()).collect();
        return Err(DrawError::Ledger(format!(
            "{} conditions match where one is meant; they differ in {}: add one of these to `where`, or each = true \
             for a claim about every one of them",
            places.len(),
            options::differences(&matched)
        )));
    }
    let all: Vec<Options> = places.iter().map(|place| place.options.clone()).collect();
    for place in &places {
        let label = match places.len() {
            1 => String::new(),
            _ => options::difference_of(&place.options, &all),
        };
        match &claim.than {
            None => draft.one(label, place),
            Some(than) => {
                let other = other_place(claim, than, place, base, reports)?;
                draft.two(label, place, &other, than);
            }
        }
    }
    Ok(drawn)
}

/// The conditions that a quantity names.
fn find(quantity: &Quantity, base: &Path, reports: &mut Reports) -> Result<Vec<Place>, DrawError> {
    let report = reports.of(base, &quantity.logs).map_err(DrawError::Logs)?;
    // Claims name conditions by their options, which others' logs do not state.
    let conditions = report.conditions.iter().enumerate();
    let (indices, all): (Vec<usize>, Vec<Options>) = conditions
        .filter_map(|(index, condition)| Some((index, options::of(condition.setting.own()?))))
        .unzip();
    let found = options::matching(&all, &quantity.conditions)
        .map_err(|problem| format!("{}: {problem}", quantity.logs))?;
    let place = |found: usize| Place {
        report: Rc::clone(&report),
        index: indices[found],
        options: all[found].clone(),
    };
    Ok(found.into_iter().map(place).collect())
}

/// The condition that `than` names; the same one where it names no other.
fn other_place(
    claim: &Claim,
    than: &Quantity,
    place: &Place,
    base: &Path,
    reports: &mut Reports,
) -> Result<Place, DrawError> {
    if than.logs == claim.quantity.logs && than.conditions == claim.quantity.conditions {
        return Ok(place.clone());
    }
    let mut found = find(than, base, reports).map_err(|error| match error {
        DrawError::Ledger(problem) => DrawError::Ledger(format!("than: {problem}")),
        error => error,
    })?;
    let matched: Vec<Options> = found.iter().map(|place| place.options.clone()).collect();
    match (found.pop(), found.is_empty()) {
        (Some(other), true) => Ok(other),
        _ => Err(DrawError::Ledger(format!(
            "than: {} conditions match where one is meant; they differ in {}",
            matched.len(),
            options::differences(&matched)
        ))),
    }
}

/// The conditions of a sweep in the order of its option, which is all that they may differ in.
fn in_order(mut places: Vec<Place>, over: &str) -> Result<Vec<Place>, String> {
    let all: Vec<Options> = places.iter().map(|place| place.options.clone()).collect();
    let value = |place: &Place| place.options.get(over).and_then(Value::as_f64);
    if let Some(without) = places.iter().find(|place| value(place).is_none()) {
        return Err(format!(
            "trend: `{over}` is no number in `{}`; conditions differ in {}",
            without.label(),
            options::differences(&all)
        ));
    }
    let others = options::differ_besides(&all, over);
    if !others.is_empty() {
        return Err(format!(
            "trend: the conditions that match differ not only in `{over}` but also in {}: add these to `where`",
            others.join(", ")
        ));
    }
    places.sort_by(|a, b| f64::total_cmp(&value(a).unwrap_or(0.0), &value(b).unwrap_or(0.0)));
    let repeated = places
        .windows(2)
        .any(|pair| value(&pair[0]) == value(&pair[1]));
    if repeated || places.len() < 2 {
        return Err(format!(
            "trend: expected conditions with two values of `{over}` or more, and each value once; conditions differ in {}",
            options::differences(&all)
        ));
    }
    Ok(places)
}

/// What has been drawn so far.
struct Draft<'a> {
    claim: &'a Claim,
    drawn: &'a mut Drawn,
}

impl Draft<'_> {
    fn one(&mut self, label: String, place: &Place) {
        let values = self.values(place, &place.trials(), &self.claim.quantity.measure);
        self.push(label, Samples::One(values));
    }

    fn two(&mut self, label: String, place: &Place, other: &Place, than: &Quantity) {
        let (mut a, mut b) = (place.trials(), other.trials());
        let mut paired = place.same_as(other);
        if !paired {
            let setting = |place: &Place| place.report.conditions[place.index].setting.clone();
            let pairing = Pairing::of(&setting(place), &a, &setting(other), &b);
            paired = pairing.is_paired();
            (a, b) = pairing.compared(&a, &b);
        }
        let a = self.values(place, &a, &self.claim.quantity.measure);
        let b = self.values(other, &b, &than.measure);
        self.push(label, Samples::Two { a, b, paired });
    }

    fn sweep(&mut self, places: Vec<Place>) {
        let measure = &self.claim.quantity.measure;
        let samples = places
            .iter()
            .map(|place| self.values(place, &place.trials(), measure))
            .collect();
        self.push(String::new(), Samples::Sweep(samples));
    }

    fn push(&mut self, label: String, samples: Samples) {
        self.drawn.parts.push(Part { label, samples });
    }

    /// The values of the first trials, as many as decide; notes what is lacking.
    fn values(&mut self, place: &Place, trials: &[&TrialReport], measure: &Measure) -> Vec<f64> {
        let label = place.label().to_owned();
        let wanted = usize::try_from(self.claim.trials).unwrap_or(usize::MAX);
        let taken = &trials[..trials.len().min(wanted)];
        if taken.len() < wanted {
            self.lack(format!("{} of {wanted} trials of `{label}`", taken.len()));
        }
        let broken = taken.iter();
        let broken = broken.filter(|trial| trial.violations != Some(0)).count();
        if broken > 0 {
            self.lack(format!(
                "{broken} of {wanted} trials of `{label}` break a law of logical clocks: see analyze check"
            ));
        }
        let values: Vec<f64> = taken
            .iter()
            .filter_map(|trial| measure.value(trial))
            .collect();
        let silent = taken.len() - values.len();
        if silent > 0 {
            self.lack(format!(
                "{silent} of {wanted} trials of `{label}` have no {measure}"
            ));
        }
        if !self.drawn.conditions.contains(&label) {
            self.drawn.conditions.push(label);
        }
        values
    }

    fn lack(&mut self, what: String) {
        self.drawn.lacking.get_or_insert(what);
    }
}
