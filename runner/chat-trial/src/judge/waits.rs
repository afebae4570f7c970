//! How long the user of a client waits.
//!
//! **Invariant.** Nobody waits who has not asked for anything.

use machine::process::units::Time;

/// The waiting of one user.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wait {
    /// Since when something is open and nothing was done.
    undone_since: Option<Time>,
    /// Since when something is open and no server has answered.
    pub(crate) unanswered_since: Option<Time>,
    /// The longest time with something open and nothing done, nanoseconds.
    gap_ns: u64,
    /// Whether something was done since the last look.
    was_done: bool,
}

impl Wait {
    /// A life begins, and nothing is open in it.
    pub(crate) fn begin(&mut self, now: Time) {
        self.close(now);
    }

    /// Something is asked for.
    pub(crate) fn invoke(&mut self, now: Time) {
        self.undone_since.get_or_insert(now);
        self.unanswered_since.get_or_insert(now);
    }

    /// Something has ended, and this many operations are open still.
    pub(crate) fn settle(&mut self, now: Time, is_ok: bool, is_answer: bool, open: usize) {
        if is_ok || open == 0 {
            self.close_undone(now);
        }
        if is_ok {
            self.was_done = true;
        }
        if is_answer || open == 0 {
            self.unanswered_since = None;
        }
        if open > 0 {
            self.invoke(now);
        }
    }

    /// Whether something was done since this was asked last.
    pub(crate) fn take_done(&mut self) -> bool {
        std::mem::take(&mut self.was_done)
    }

    /// The longest time with something open and nothing done, up to now.
    pub(crate) fn gap_ns(&self, now: Time) -> u64 {
        let open_ns = self.undone_since.map_or(0, |since| now.since_ns(since));
        self.gap_ns.max(open_ns)
    }

    fn close(&mut self, now: Time) {
        self.close_undone(now);
        self.unanswered_since = None;
    }

    fn close_undone(&mut self, now: Time) {
        self.gap_ns = self.gap_ns(now);
        self.undone_since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_lasts_from_question_to_the_next_thing_that_is_done() {
        let mut wait = Wait::default();
        wait.invoke(Time(10));
        wait.invoke(Time(12));
        assert_eq!(wait.gap_ns(Time(15)), 5);
        wait.settle(Time(20), false, true, 1);
        assert_eq!(wait.unanswered_since, Some(Time(20)));
        assert!(!wait.take_done());
        wait.settle(Time(31), true, true, 0);
        assert_eq!((wait.gap_ns(Time(90)), wait.unanswered_since), (21, None));
        assert!(wait.take_done() && !wait.take_done());
    }

    #[test]
    fn who_has_asked_for_nothing_waits_for_nothing() {
        let mut wait = Wait::default();
        assert_eq!(wait.gap_ns(Time(90)), 0);
        wait.invoke(Time(100));
        wait.settle(Time(130), false, false, 0);
        assert_eq!((wait.gap_ns(Time(900)), wait.unanswered_since), (30, None));
        wait.invoke(Time(1_000));
        wait.begin(Time(1_010));
        assert_eq!(wait.gap_ns(Time(9_000)), 30);
    }
}
