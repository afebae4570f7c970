//! The end of a server's log that it has not committed, as it was before a snapshot swallowed it.
//!
//! A server commits, makes a snapshot and drops what is in it within one call: what it has committed is then no longer in its log.
//!
//! **Invariant.** The views of a tail are those of the log from `first` on, without a gap.

use std::collections::VecDeque;

use cluster::service::Service;
use replica::log::Log;
use replica::units::{Ballot, Mark, OpNumber};

use super::LogEntry;

/// The views of the commands at the end of a log.
#[derive(Debug, Clone)]
pub(crate) struct Tail {
    /// The place of the first.
    first: OpNumber,
    ballots: VecDeque<Ballot>,
    /// The end of the log, when it was looked at last.
    end: Mark,
}

impl Default for Tail {
    fn default() -> Tail {
        Tail {
            first: OpNumber(1),
            ballots: VecDeque::new(),
            end: Mark::default(),
        }
    }
}

impl Tail {
    /// Whether the log has changed since this was looked at.
    pub(crate) fn is_behind(&self, log: &Log<Service>) -> bool {
        log.end() != self.end
    }

    /// Follows a log, of which everything up to `committed` is known. `alone` was put into it and maybe swallowed since the last look.
    pub(crate) fn follow(&mut self, log: &Log<Service>, committed: OpNumber, alone: &[LogEntry]) {
        let (before, base) = (self.end, log.base().op);
        self.end = log.end();
        let appended = self.end.op.0 - (alone.len() as u64).min(self.end.op.0);
        let ballot = |op: OpNumber| match log.mark_at(op) {
            Some(mark) if op > base => Some(mark.ballot),
            _ => {
                let index = op.0.checked_sub(appended + 1)?;
                Some(alone.get(index as usize)?.ballot)
            }
        };
        let is_same = log.mark_at(before.op) == Some(before);
        let is_swallowed = before.op < base && before.op.0 >= appended;
        let mut from = before.op.plus(1);
        if !(is_same || is_swallowed) {
            self.restart(committed.plus(1));
            from = self.first;
        }
        for op in (from.0..=self.end.op.0).map(OpNumber) {
            match ballot(op) {
                Some(ballot) => self.ballots.push_back(ballot),
                None => self.restart(op.plus(1)),
            }
        }
    }

    fn restart(&mut self, first: OpNumber) {
        self.first = first;
        self.ballots.clear();
    }

    /// The first command, if it is at this place.
    pub(crate) fn take(&mut self, op: OpNumber) -> Option<Mark> {
        if op != self.first {
            return None;
        }
        let ballot = self.ballots.pop_front()?;
        self.first = self.first.plus(1);
        Some(Mark { op, ballot })
    }
}
