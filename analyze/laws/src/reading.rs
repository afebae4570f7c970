//! How the lines of a trial are read, where its dialect leaves that open. For our own logs nothing is open.
//!
//! **Invariant.** Of several readings the one that breaks the fewest lines is taken, and said; what all break stays broken.

use std::cell::OnceCell;

use events::{Clock, ClockKind, Dialect, Kind, QueueCount, ReceiveClock, SentStamp, Trial};

use crate::channels::Channels;
use crate::facts::Facts;
use crate::merges::{ShortMerge, equal};
use crate::rules::{clock_rule, queue_rule};

/// Share of the events without a message that must advance a clock with fractions by the same step.
const STEADY: f64 = 0.9;

/// The reading of a trial.
#[derive(Clone)]
pub(crate) struct Reading {
    /// The dialect, with what was open settled.
    pub(crate) dialect: Dialect,
    /// What was settled, in words.
    pub(crate) words: Vec<String>,
    /// Which clock lines show.
    pub(crate) shown: ReceiveClock,
    /// Whether the queue on the line of a receive counts the message that it takes.
    pub(crate) before_pop: bool,
    /// What an event adds to the clock; none if that cannot be told.
    pub(crate) step: Option<f64>,
    /// Whether the log shows sends, or has no receive that would need one: an event that is not logged advances a clock
    /// and fills a queue all the same.
    pub(crate) sends_logged: bool,
    /// Whether clocks are vectors.
    pub(crate) vectors: bool,
    short_merge: OnceCell<ShortMerge>,
}

impl Reading {
    pub(crate) fn of(trial: &Trial, facts: &Facts, channels: &Channels) -> Reading {
        let dialect = trial.info.dialect.clone();
        let mut reading = Reading {
            shown: dialect.receive_clock.unwrap_or(ReceiveClock::AfterMerge),
            before_pop: dialect.queue == Some(QueueCount::BeforePop),
            step: None,
            words: Vec::new(),
            dialect,
            sends_logged: trial.is_own() || sends_logged(trial),
            vectors: false,
            short_merge: OnceCell::new(),
        };
        reading.settle_clock(trial);
        if reading.dialect.receive_clock.is_none() {
            reading.settle_shown(trial);
        }
        if reading.dialect.queue.is_none() {
            reading.settle_queue(trial, facts, channels);
        }
        if !trial.is_own() {
            reading.say_inferred(trial);
        }
        reading
    }

    /// Which programs receives that are one short of the clock rule may come from.
    pub(crate) fn short_merge(&self, trial: &Trial) -> ShortMerge {
        let step = self.step.filter(|_| self.shown == ReceiveClock::AfterMerge);
        let find = || step.map_or(ShortMerge::UNKNOWN, |step| ShortMerge::of(trial, step));
        *self.short_merge.get_or_init(find)
    }

    fn say(&mut self, words: impl Into<String>) {
        self.words.push(words.into());
    }

    fn say_inferred(&mut self, trial: &Trial) {
        match trial.inferred.stamp {
            Some(SentStamp::BeforeIncrement) => self.say(
                "messages carry one less than the clock on the line of their send (stamped before the increment, or the line written after it)",
            ),
            Some(SentStamp::AfterIncrement) => self.say(
                "messages carry one more than the clock on the line of their send (the line written before the increment)",
            ),
            Some(SentStamp::AsLogged) | None => {}
        }
        if trial.inferred.names_are_positions {
            self.say("recipients are named by their position among the sender's connections");
        }
    }

    fn settle_clock(&mut self, trial: &Trial) {
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
        self.vectors = kind == ClockKind::Vector;
        self.dialect.clock.get_or_insert(kind);
        self.step = step;
        if let (ClockKind::Fractional, Some(step)) = (kind, step) {
            self.say(format!(
                "an event adds {step} to the clock, as nearly all do"
            ));
        }
    }

    fn settle_shown(&mut self, trial: &Trial) {
        let broken = |shown| {
            let reading = Reading {
                shown,
                ..self.clone()
            };
            clock_rule::broken(trial, &reading)
        };
        let after = broken(ReceiveClock::AfterMerge);
        let shows_late = self
            .step
            .is_some_and(|step| clock_rule::merges_show_on_the_next_line(trial, step));
        let before_step = shows_late.then_some(ReceiveClock::BeforeStep);
        let before = [ReceiveClock::BeforeMerge].into_iter().chain(before_step);
        let least = before.map(|shown| (broken(shown), shown));
        let least = least.min_by_key(|&(broken, _)| broken);
        if let Some((broken, shown)) = least.filter(|&(broken, _)| broken < after) {
            self.shown = shown;
            let what = match shown {
                ReceiveClock::BeforeStep => "the clock of every line is the one before its event",
                _ => "the clock of a receive is the one before the merge",
            };
            self.say(format!(
                "{what}: so {broken} lines break the clock rule, else {after}"
            ));
        }
        self.dialect.receive_clock = Some(self.shown);
    }

    fn settle_queue(&mut self, trial: &Trial, facts: &Facts, channels: &Channels) {
        let (after, before) = (
            queue_rule::broken(trial, facts, channels, false),
            queue_rule::broken(trial, facts, channels, true),
        );
        self.before_pop = before < after;
        if self.before_pop {
            self.dialect.queue = Some(QueueCount::BeforePop);
            self.say(format!(
                "the queue of a receive counts the message taken (counted before the pop): so {before} lines break the queue rule, else {after}"
            ));
        }
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
