//! How the lines of a trial are read where its dialect leaves that open. For our own logs nothing is open.
//!
//! **Invariant.** Of several readings the one that breaks the fewest lines is taken, and said; what all break stays broken.

use events::{Clock, ClockKind, Kind, QueueCount, ReceiveClock, SentStamp, Trial};

use crate::channels::Channels;
use crate::facts::Facts;
use crate::merges::equal;
use crate::reading::Reading;
use crate::{expected_clock, queue_bounds};

/// Share of the events without a message that must advance a clock with fractions by the same step.
const STEADY: f64 = 0.9;

/// The reading of a trial.
pub(crate) fn settled(trial: &Trial, facts: &Facts, channels: &Channels) -> Reading {
    let sends_logged = trial.is_own() || sends_logged(trial);
    let mut reading = Reading::stated(trial.info.dialect.clone(), sends_logged);
    settle_clock(&mut reading, trial);
    if reading.dialect.receive_clock.is_none() {
        settle_shown(&mut reading, trial);
    }
    if reading.dialect.queue.is_none() {
        settle_queue(&mut reading, trial, facts, channels);
    }
    if !trial.is_own() {
        say_inferred(&mut reading, trial);
    }
    reading
}

fn say_inferred(reading: &mut Reading, trial: &Trial) {
    match trial.inferred.stamp {
        Some(SentStamp::BeforeIncrement) => reading.say(
            "messages carry one less than the clock on the line of their send (stamped before the increment, or the line written after it)",
        ),
        Some(SentStamp::AfterIncrement) => reading.say(
            "messages carry one more than the clock on the line of their send (the line written before the increment)",
        ),
        Some(SentStamp::AsLogged) | None => {}
    }
    if trial.inferred.names_are_positions {
        reading.say("recipients are named by their position among the sender's connections");
    }
}

fn settle_clock(reading: &mut Reading, trial: &Trial) {
    let rows = trial
        .machines
        .iter()
        .flat_map(|of| (0..of.rows.len()).map(|row| of.rows.clock(row)));
    let Some(first) = rows.flatten().next() else {
        return;
    };
    let (kind, step) = match first {
        Clock::Vector(_) => (ClockKind::Vector, Some(1.0)),
        Clock::Lamport(_) => (ClockKind::Lamport, Some(1.0)),
        Clock::Fractional(_) => (ClockKind::Fractional, usual_step(trial)),
    };
    reading.vectors = kind == ClockKind::Vector;
    reading.dialect.clock.get_or_insert(kind);
    reading.step = step;
    if let (ClockKind::Fractional, Some(step)) = (kind, step) {
        reading.say(format!(
            "an event adds {step} to the clock, as nearly all do"
        ));
    }
}

fn settle_shown(reading: &mut Reading, trial: &Trial) {
    let broken = |shown| {
        let mut settled = reading.clone();
        settled.shown = shown;
        expected_clock::broken(trial, &settled)
    };
    let after = broken(ReceiveClock::AfterMerge);
    let shows_late = reading
        .step
        .is_some_and(|step| expected_clock::merges_show_on_the_next_line(trial, step));
    let before_step = shows_late.then_some(ReceiveClock::BeforeStep);
    let before = [ReceiveClock::BeforeMerge].into_iter().chain(before_step);
    let least = before.map(|shown| (broken(shown), shown));
    let least = least.min_by_key(|&(broken, _)| broken);
    if let Some((broken, shown)) = least.filter(|&(broken, _)| broken < after) {
        reading.shown = shown;
        let what = match shown {
            ReceiveClock::BeforeStep => "the clock of every line is the one before its event",
            _ => "the clock of a receive is the one before the merge",
        };
        reading.say(format!(
            "{what}: so {broken} lines break the clock rule, else {after}"
        ));
    }
    reading.dialect.receive_clock = Some(reading.shown);
}

fn settle_queue(reading: &mut Reading, trial: &Trial, facts: &Facts, channels: &Channels) {
    let (after, before) = (
        queue_bounds::broken(trial, facts, channels, false),
        queue_bounds::broken(trial, facts, channels, true),
    );
    reading.before_pop = before < after;
    if reading.before_pop {
        reading.dialect.queue = Some(QueueCount::BeforePop);
        reading.say(format!(
            "the queue of a receive counts the message taken (counted before the pop): so {before} lines break the queue rule, else {after}"
        ));
    }
}

/// Whether a send is on any line, or no receive is.
fn sends_logged(trial: &Trial) -> bool {
    let kinds = || trial.machines.iter().flat_map(|of| of.rows.kinds());
    kinds().any(Kind::sends) || kinds().all(|kind| kind == Kind::Internal)
}

/// What events without a message add to clocks with fractions, if nearly all add the same.
fn usual_step(trial: &Trial) -> Option<f64> {
    let mut steps = Vec::new();
    for rows in trial.machines.iter().map(|of| &of.rows) {
        for row in (1..rows.len()).filter(|&row| rows.kind(row) != Kind::Receive) {
            if let (Some(Clock::Fractional(before)), Some(Clock::Fractional(after))) =
                (rows.clock(row - 1), rows.clock(row))
            {
                steps.push(after - before);
            }
        }
    }
    steps.sort_by(f64::total_cmp);
    let median = *steps.get(steps.len() / 2)?;
    let steady = steps.iter().filter(|step| equal(**step, median)).count();
    (median > 0.0 && steady as f64 >= STEADY * steps.len() as f64)
        .then(|| (median * 1e9).round() / 1e9)
}
