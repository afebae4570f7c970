//! The log: a snapshot and the commands after it.
//!
//! What a log says of the past that its snapshot has swallowed is the marks at which views began. So two logs can always be
//! compared, and where two groups have gone their own ways the place at which they parted is known.
//!
//! **Invariant.** Two logs that have the same mark are the same up to it.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::application::Application;
use crate::units::{Ballot, Mark, OpNumber};

/// Beginnings of views that a snapshot remembers.
const LINEAGE_MAX: usize = 1024;

/// A command in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<C> {
    /// The view whose primary put it there.
    pub ballot: Ballot,
    /// The command.
    pub command: C,
}

/// The state after a command, in place of all commands up to it.
#[derive(Debug, Clone)]
pub struct Snapshot<A> {
    /// The last command in it.
    pub mark: Mark,
    /// The first command of each view in it that has one, the oldest first; the newest thousand.
    pub lineage: Vec<Mark>,
    /// The state.
    pub state: Arc<A>,
}

/// The end of a log, for one who has the beginning.
#[derive(Debug, Clone)]
pub struct Tail<A: Application> {
    /// What is to be there already; the snapshot's mark if there is a snapshot.
    pub after: Mark,
    /// What replaces everything before, where too much was missing.
    pub snapshot: Option<Snapshot<A>>,
    /// The commands from there on.
    pub entries: Vec<Entry<A::Command>>,
}

impl<A: Application> Tail<A> {
    /// The last mark of the log that this is the end of.
    pub fn end(&self) -> Mark {
        self.entries.last().map_or(self.after, |last| Mark {
            op: self.after.op.plus(self.entries.len()),
            ballot: last.ballot,
        })
    }

    fn mark_at(&self, op: OpNumber) -> Option<Mark> {
        if op == self.after.op {
            return Some(self.after);
        }
        let place = op.beyond(self.after.op).checked_sub(1)?;
        let ballot = self.entries.get(place)?.ballot;
        Some(Mark { op, ballot })
    }
}

/// A log. Without a snapshot it is that of an emptied disk.
#[derive(Debug, Clone)]
pub struct Log<A: Application> {
    snapshot: Option<Snapshot<A>>,
    entries: VecDeque<Entry<A::Command>>,
}

impl<A: Application> Default for Log<A> {
    fn default() -> Log<A> {
        Log {
            snapshot: None,
            entries: VecDeque::new(),
        }
    }
}

impl<A: Application> Log<A> {
    /// The log of a group before its first command.
    pub fn founding(application: A) -> Log<A> {
        Log {
            snapshot: Some(Snapshot {
                mark: Mark::default(),
                lineage: vec![Mark::default()],
                state: Arc::new(application),
            }),
            entries: VecDeque::new(),
        }
    }

    /// Its snapshot; none on an emptied disk.
    pub fn snapshot(&self) -> Option<&Snapshot<A>> {
        self.snapshot.as_ref()
    }

    /// The last command that the snapshot has swallowed.
    pub fn base(&self) -> Mark {
        let snapshot = self.snapshot.as_ref();
        snapshot.map_or(Mark::default(), |snapshot| snapshot.mark)
    }

    /// The last command.
    pub fn end(&self) -> Mark {
        let base = self.base();
        self.entries.back().map_or(base, |last| Mark {
            op: base.op.plus(self.entries.len()),
            ballot: last.ballot,
        })
    }

    /// Commands after the snapshot.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry<A::Command>> + '_ {
        self.entries.iter()
    }

    /// The command at a place after the snapshot.
    pub fn entry(&self, op: OpNumber) -> Option<&Entry<A::Command>> {
        let place = op.beyond(self.base().op).checked_sub(1)?;
        self.entries.get(place)
    }

    /// The mark at a place from the snapshot on.
    pub fn mark_at(&self, op: OpNumber) -> Option<Mark> {
        let base = self.base();
        if op == base.op && self.snapshot.is_some() {
            return Some(base);
        }
        let ballot = self.entry(op)?.ballot;
        Some(Mark { op, ballot })
    }

    /// First marks of all views that have a command here, as far as they are remembered.
    fn lineage(&self) -> Vec<Mark> {
        let snapshot = self.snapshot.as_ref();
        let mut lineage = snapshot.map_or(Vec::new(), |snapshot| snapshot.lineage.clone());
        let first = self.base().op.0 + 1;
        for (op, entry) in (first..).map(OpNumber).zip(&self.entries) {
            let ballot = entry.ballot;
            if lineage.last().is_none_or(|last| last.ballot != ballot) {
                lineage.push(Mark { op, ballot });
            }
        }
        let forgotten = lineage.len().saturating_sub(LINEAGE_MAX);
        lineage.drain(..forgotten);
        lineage
    }

    /// The last place up to which this log and another are the same, as far as both remember.
    pub fn fork(&self, other: &Log<A>) -> OpNumber {
        let last_of = |lineage: &[Mark], place: usize, end: OpNumber| {
            lineage
                .get(place + 1)
                .map_or(end, |next| OpNumber(next.op.0 - 1))
        };
        let (ours, theirs) = (self.lineage(), other.lineage());
        for (place, first) in ours.iter().enumerate().rev() {
            let same = theirs.iter().position(|mark| mark.ballot == first.ballot);
            if let Some(same) = same {
                let end = last_of(&ours, place, self.end().op);
                return end.min(last_of(&theirs, same, other.end().op));
            }
        }
        OpNumber(0)
    }

    /// What is missing to somebody who has these marks of some log, at most `entries_max` commands of it.
    pub fn tail_after(&self, marks: &[Mark], entries_max: usize) -> Tail<A> {
        let known = marks
            .iter()
            .filter(|mark| self.mark_at(mark.op) == Some(**mark));
        let known = known.max().copied();
        let after = known.unwrap_or(self.base());
        let snapshot = match known {
            Some(_) => None,
            None => self.snapshot.clone(),
        };
        let skipped = after.op.beyond(self.base().op);
        let entries = self.entries.iter().skip(skipped).take(entries_max);
        Tail {
            after,
            snapshot,
            entries: entries.cloned().collect(),
        }
    }

    /// This log up to where a tail begins, and the tail; none if they do not fit together.
    pub fn extended(&self, tail: &Tail<A>) -> Option<Log<A>> {
        if tail.snapshot.is_some() {
            return Some(Log {
                snapshot: tail.snapshot.clone(),
                entries: tail.entries.iter().cloned().collect(),
            });
        }
        let base = self.base();
        let (kept, skipped) = (tail.after.op.beyond(base.op), base.op.beyond(tail.after.op));
        // Where our snapshot has gone past its beginning, the tail must have the same command there.
        let meeting = self.mark_at(tail.after.op.max(base.op))?;
        if tail.mark_at(meeting.op) != Some(meeting) {
            return None;
        }
        let mut entries = self.entries.clone();
        entries.truncate(kept);
        entries.extend(tail.entries.iter().skip(skipped).cloned());
        Some(Log {
            snapshot: self.snapshot.clone(),
            entries,
        })
    }

    /// Puts commands at the end.
    pub(crate) fn append(&mut self, entries: Vec<Entry<A::Command>>) {
        self.entries.extend(entries);
    }

    /// A snapshot of this log up to a mark of it, after which the state is this one.
    pub(crate) fn snapshot_at(&self, mark: Mark, state: A) -> Snapshot<A> {
        let mut lineage = self.lineage();
        lineage.retain(|first| first.op <= mark.op);
        Snapshot {
            mark,
            lineage,
            state: Arc::new(state),
        }
    }

    /// Puts a snapshot in the place of the commands that it has swallowed.
    pub(crate) fn compact(&mut self, snapshot: Snapshot<A>) {
        let swallowed = snapshot.mark.op.beyond(self.base().op);
        self.entries.drain(..swallowed.min(self.entries.len()));
        self.snapshot = Some(snapshot);
    }
}
