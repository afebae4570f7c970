//! One event in a tick.

use super::facts::{Facts, Trial, is_one_act, percent};
use super::judgement::{Line, Outcome};
use super::lines::line;
use super::rubric::Tolerance;
use events::{At, Machine};

/// Lines of a finding that are shown: pairs.
const PAIRS_SHOWN: usize = 2;
/// Ticks of a machine that do not count, as long as they are so few.
const FEW: f64 = 2.0;

/// What the ticks of a machine hold beside one event each.
struct Extra {
    /// Share of its events that are beyond one a tick.
    share: f64,
    /// The later event of the first two in one tick.
    first: Option<usize>,
}

/// Does a tick hold one event?
pub(super) fn judge(facts: &Facts<'_>, limits: &Tolerance) -> Outcome {
    let mut worst: Option<(String, f64)> = None;
    let (mut known, mut beyond) = (0usize, 0usize);
    let mut lines: Vec<Line> = Vec::new();
    for trial in &facts.trials {
        for (at, machine) in trial.table.machines.iter().enumerate() {
            let Some(extra) = extra(trial, at) else {
                continue;
            };
            known += 1;
            let allowed = limits.tolerance.max(FEW / machine.rows.len() as f64);
            if worst.as_ref().is_none_or(|(_, share)| extra.share > *share) {
                worst = Some((facts.called(trial, machine), extra.share));
            }
            if extra.share > allowed {
                beyond += 1;
                if lines.len() < 2 * PAIRS_SHOWN {
                    lines.extend(pair(machine, extra.first));
                }
            }
        }
    }
    let Some((name, share)) = worst else {
        return Outcome::cannot_tell("The logs have neither ticks nor times that are fine enough.");
    };
    let found = format!("{} at most", percent(share));
    let expected = format!("at most {}", percent(limits.tolerance));
    let what = "events beyond one a tick, share of a machine's events";
    if beyond == 0 {
        return Outcome::met("Ticks hold one event each.").number(what, found, expected);
    }
    let met = 1.0 - beyond as f64 / known as f64;
    let met = if met < 0.5 { 0.0 } else { met };
    let summary = format!(
        "Ticks hold several events in {beyond} of {known} machines; in {name} {} of the events are beyond one a tick.",
        percent(share)
    );
    Outcome::finding(met, "several events a tick", summary)
        .number(what, found, expected)
        .advise("A tick takes one message or rolls the die once, and then waits for the next tick; look for a loop inside the tick.")
        .proven_by(lines)
}

/// What a machine's ticks hold; none where nobody can tell.
fn extra(trial: &Trial<'_>, at: usize) -> Option<Extra> {
    let (machine, pace) = (&trial.table.machines[at], &trial.paces[at]);
    let rows = &machine.rows;
    if rows.len() < 2 {
        return None;
    }
    let total = rows.len() as f64;
    let timekeeper = trial.table.timekeeper();
    let takes_time = |row: usize| trial.table.takes_time(timekeeper, At { machine: at, row });
    let shared = |later: usize| rows.tick(later) == rows.tick(later - 1) && !takes_time(later - 1);
    let numbered = (1..rows.len()).filter(|&later| shared(later)).count();
    // Of others' logs numbers of ticks are the dialect's, not the log's.
    if numbered > 0 && trial.table.is_own() {
        return Some(Extra {
            share: numbered as f64 / total,
            first: (1..rows.len()).find(|&later| shared(later)),
        });
    }
    if let Some(share) = pace.close {
        return Some(Extra {
            share,
            first: (share > 0.0).then(|| closest(machine)).flatten(),
        });
    }
    // Times in whole seconds: only the sum of events tells.
    let due = pace.nominal_hz? * (pace.span_s? + pace.resolution_s) + 1.0;
    Some(Extra {
        share: (1.0 - due / total).max(0.0),
        first: None,
    })
}

/// The later event of the two that are closest in time.
fn closest(machine: &Machine) -> Option<usize> {
    let rows = &machine.rows;
    let gap = |&later: &usize| {
        let before_ns = rows.time_ns.get(later - 1)?;
        Some(rows.time_ns.get(later)?.saturating_sub(before_ns))
    };
    (1..rows.len())
        .filter(|&later| !is_one_act(rows, later))
        .min_by_key(gap)
}

fn pair(machine: &Machine, later: Option<usize>) -> Vec<Line> {
    let Some(later) = later else {
        return Vec::new();
    };
    let lines = [(later - 1, "an event"), (later, "another in the same tick")];
    lines
        .into_iter()
        .filter_map(|(event, shows)| line(machine, event, shows))
        .collect()
}
