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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::units::ReplicaId;

    /// Says how many commands it has applied.
    #[derive(Debug, Clone, PartialEq, Eq)]
    struct Count(u64);

    impl Application for Count {
        type Command = u64;
        type Output = ();

        fn apply(&mut self, _op: OpNumber, _command: &u64) {
            self.0 += 1;
        }

        fn digest(&self) -> [u8; 32] {
            std::array::from_fn(|place| self.0.to_be_bytes()[place % 8])
        }
    }

    fn entries(views: &[(u64, usize)], proposer: u32) -> Vec<Entry<u64>> {
        let views = views.iter().flat_map(|&(number, count)| {
            let proposer = ReplicaId(proposer);
            let ballot = Ballot { number, proposer };
            (0..count as u64).map(move |command| Entry { ballot, command })
        });
        views.collect()
    }

    fn log(entries: Vec<Entry<u64>>, compacted: usize) -> Log<Count> {
        let mut log = Log::founding(Count(0));
        log.append(entries);
        let op = OpNumber(compacted as u64);
        if let Some(mark) = log.mark_at(op) {
            log.compact(log.snapshot_at(mark, Count(op.0)));
        }
        log
    }

    fn parts(log: &Log<Count>) -> (Mark, Vec<Entry<u64>>) {
        (log.base(), log.entries().cloned().collect())
    }

    /// Views with numbers that rise, and how many commands each has.
    fn views() -> impl Strategy<Value = Vec<(u64, usize)>> {
        proptest::collection::vec(0..5usize, 0..5).prop_map(|counts| (1..).zip(counts).collect())
    }

    proptest! {
        #[test]
        fn who_has_a_beginning_and_gets_the_rest_has_the_log(
            views in views(), kept in 0..25usize, ours in 0..25usize, theirs in 0..25usize,
        ) {
            let all = entries(&views, 0);
            let whole = log(all.clone(), ours);
            let beginning = log(all[..kept.min(all.len())].to_vec(), theirs);
            let tail = whole.tail_after(&[beginning.end()], usize::MAX);
            let extended = beginning.extended(&tail).expect("they fit together");
            prop_assert_eq!(extended.end(), whole.end());
            // From the later of both snapshots on, the same commands.
            let (base, rest) = parts(&extended);
            let skipped = whole.base().op.beyond(base.op);
            let ours = whole.entries().cloned().collect::<Vec<_>>();
            let both = base.op.beyond(whole.base().op);
            prop_assert_eq!(&rest[skipped.min(rest.len())..], &ours[both.min(ours.len())..]);
            prop_assert_eq!(extended.fork(&whole), whole.end().op);
        }

        #[test]
        fn a_log_that_parted_is_never_extended_and_the_fork_is_known(
            common in views(), mine in 1..4usize, other in 1..4usize, compacted in 0..25usize,
        ) {
            let shared = entries(&common, 0);
            let count = shared.len() as u64;
            let after = |proposer, more| {
                let mut all = shared.clone();
                all.extend(entries(&[(9, more)], proposer));
                all
            };
            let (mine, other) = (log(after(1, mine), 0), log(after(2, other), compacted));
            prop_assert_eq!(mine.fork(&other), OpNumber(count));
            prop_assert_eq!(other.fork(&mine), OpNumber(count));
            let tail = other.tail_after(&[mine.end()], usize::MAX);
            prop_assert!(tail.snapshot.is_some(), "it has nothing to build on");
            let replaced = mine.extended(&tail).expect("a snapshot replaces all");
            prop_assert_eq!(parts(&replaced), parts(&other));
            let foreign = Tail { snapshot: None, after: other.end(), entries: Vec::new() };
            prop_assert!(mine.extended(&foreign).is_none());
        }
    }
}
