//! How the lines of a trial are read.
//!
//! **Invariant.** What was settled, and not stated, is in the words.

use events::{Dialect, QueueCount, ReceiveClock, Trial, Window};
use std::cell::OnceCell;

use crate::merges::ShortMerge;

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
    /// What an event adds to the clock; none if that is not known.
    pub(crate) step: Option<f64>,
    /// Whether the log shows sends, or has no receive that would need one: an event that is not logged advances a clock
    /// and fills a queue all the same.
    pub(crate) sends_logged: bool,
    /// Whether clocks are vectors.
    pub(crate) vectors: bool,
    short_merge: OnceCell<ShortMerge>,
}

impl Reading {
    /// What the dialect says, with nothing settled; `sends_logged` as the field.
    pub(crate) fn stated(dialect: Dialect, sends_logged: bool) -> Reading {
        Reading {
            shown: dialect.receive_clock.unwrap_or(ReceiveClock::AfterMerge),
            before_pop: dialect.queue == Some(QueueCount::BeforePop),
            step: None,
            words: Vec::new(),
            dialect,
            sends_logged,
            vectors: false,
            short_merge: OnceCell::new(),
        }
    }

    /// Which programs receives that are one short of the clock rule may come from.
    pub(crate) fn short_merge(&self, trial: &Trial) -> ShortMerge {
        let step = self.step.filter(|_| self.shown == ReceiveClock::AfterMerge);
        let all = |step| ShortMerge::ANY.and(trial, &Window::whole(trial), step);
        let find = || step.map_or(ShortMerge::UNKNOWN, all);
        *self.short_merge.get_or_init(find)
    }

    /// Adds words on what was settled.
    pub(crate) fn say(&mut self, words: impl Into<String>) {
        self.words.push(words.into());
    }
}
