//! How the lines of a trial are read, where its dialect leaves that open.
//!
//! **Invariant.** Of two readings the one that breaks fewer lines is taken, and said; what both break stays broken.

use super::merges::ShortMerge;
use super::{clocks, messages, queues};
use crate::history::matching::{Matching, SentStamp};
use crate::history::{Clock, ClockKind, Dialect, Event, History, Kind, QueueCount, ReceiveClock};

/// Share of the events without a message that must advance a clock with fractions by the same step.
const STEADY: f64 = 0.9;

/// The reading of a trial.
pub(super) struct Reading {
    /// The dialect, with what was open settled.
    pub(super) dialect: Dialect,
    /// What was settled, in words.
    pub(super) words: Vec<String>,
    /// Whether the clock on the line of a receive is the one before the merge.
    pub(super) before_merge: bool,
    /// Whether the queue on the line of a receive counts the message that it takes.
    pub(super) before_pop: bool,
    /// What an event adds to the clock; none if that cannot be told.
    pub(super) step: Option<f64>,
    /// Which programs receives that are one short of the clock rule may come from.
    pub(super) short_merge: ShortMerge,
    /// Whether the log shows sends, or has no receive that would need one: an event that is not logged advances a clock
    /// and fills a queue all the same.
    pub(super) sends_logged: bool,
    /// Whether times of different machines are of one clock, as far as the messages tell.
    pub(super) common_time: bool,
}

impl Reading {
    pub(super) fn of(history: &History, matching: &Matching) -> Reading {
        let dialect = history.dialect.clone();
        let mut reading = Reading {
            before_merge: dialect.receive_clock == Some(ReceiveClock::BeforeMerge),
            before_pop: dialect.queue == Some(QueueCount::BeforePop),
            step: None,
            words: Vec::new(),
            dialect,
            short_merge: ShortMerge::NONE,
            sends_logged: sends_logged(history),
            common_time: messages::common_time(history, matching),
        };
        reading.settle_clock(history);
        if let Some(step) = reading.step {
            reading.short_merge = ShortMerge::of(history, matching, step);
        }
        if reading.dialect.receive_clock.is_none() {
            reading.settle_merge(history, matching);
        }
        if reading.dialect.queue.is_none() {
            reading.settle_queue(history);
        }
        match matching.inferred.stamp {
            Some(SentStamp::BeforeIncrement) => reading.say(
                "messages carry one less than the clock on the line of their send (stamped before the increment, or the line written after it)",
            ),
            Some(SentStamp::AfterIncrement) => reading.say(
                "messages carry one more than the clock on the line of their send (the line written before the increment)",
            ),
            Some(SentStamp::AsLogged) | None => {}
        }
        if matching.inferred.names_are_positions {
            reading.say("recipients are named by their position among the sender's connections");
        }
        reading
    }

    fn say(&mut self, words: impl Into<String>) {
        self.words.push(words.into());
    }

    fn settle_clock(&mut self, history: &History) {
        let events = || history.machines.iter().flat_map(|machine| &machine.events);
        let Some(first) = events().find_map(|event| event.clock.as_ref()) else {
            return;
        };
        let (kind, step) = match first {
            Clock::Vector(_) => (ClockKind::Vector, Some(1.0)),
            Clock::Lamport(_) => (ClockKind::Lamport, Some(1.0)),
            Clock::Fractional(_) => (ClockKind::Fractional, usual_step(history)),
        };
        self.dialect.clock.get_or_insert(kind);
        self.step = step;
        if let (ClockKind::Fractional, Some(step)) = (kind, step) {
            self.say(format!(
                "an event adds {step} to the clock, as nearly all do"
            ));
        }
    }

    fn settle_merge(&mut self, history: &History, matching: &Matching) {
        let broken = |before_merge| {
            let reading = Reading {
                before_merge,
                dialect: self.dialect.clone(),
                words: Vec::new(),
                ..*self
            };
            clocks::broken(history, matching, &reading)
        };
        let (after, before) = (broken(false), broken(true));
        self.before_merge = before < after;
        self.dialect.receive_clock = Some(match self.before_merge {
            true => ReceiveClock::BeforeMerge,
            false => ReceiveClock::AfterMerge,
        });
        if self.before_merge {
            self.say(format!(
                "the clock of a receive is the one before the merge: so {before} lines break the clock rule, else {after}"
            ));
        }
    }

    fn settle_queue(&mut self, history: &History) {
        let (after, before) = (
            queues::broken(history, self.common_time, false),
            queues::broken(history, self.common_time, true),
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
fn sends_logged(history: &History) -> bool {
    let mut events = history.machines.iter().flat_map(|machine| &machine.events);
    let is_send = |event: &Event| matches!(event.kind, Kind::Send | Kind::Broadcast);
    events.clone().any(is_send) || events.all(|event| event.kind == Kind::Internal)
}

/// What events without a message add to clocks with fractions, if nearly all add the same.
fn usual_step(history: &History) -> Option<f64> {
    let mut steps = Vec::new();
    for machine in &history.machines {
        for pair in machine.events.windows(2) {
            if let (Some(Clock::Fractional(before)), Some(Clock::Fractional(after))) =
                (&pair[0].clock, &pair[1].clock)
                && pair[1].kind != Kind::Receive
            {
                steps.push(after - before);
            }
        }
    }
    steps.sort_by(f64::total_cmp);
    let median = *steps.get(steps.len() / 2)?;
    let steady = steps
        .iter()
        .filter(|step| clocks::equal(**step, median))
        .count();
    (median > 0.0 && steady as f64 >= STEADY * steps.len() as f64)
        .then(|| (median * 1e9).round() / 1e9)
}
