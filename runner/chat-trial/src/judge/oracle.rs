//! What was committed first at each place of the log.
//!
//! Servers that lose each other may go two ways: where a policy allows that, the log has several *lineages*, which are the same
//! up to a fork.
//!
//! A mark knows the mark before it: so the end of a log tells all of it, also what a snapshot has swallowed before anybody looked.
//!
//! **Invariant.** A lineage only grows. A mark names one entry and has one before it, on whatever server it is.

use std::sync::Arc;

use chat::application::command::Entry;
use replica::units::{Ballot, Mark, OpNumber};

use super::mail::Mail;

/// A lineage, by its place in the order of parting; 0 is the first.
pub(crate) type LineageId = usize;

/// A committed command.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) ballot: Ballot,
    pub(crate) entry: Arc<Entry>,
}

/// A command that some server had in its log.
#[derive(Debug, Clone)]
struct Logged {
    ballot: Ballot,
    /// The view of the command before it, if it was seen.
    before: Option<Ballot>,
    entry: Arc<Entry>,
}

/// One history of the service.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lineage {
    /// From place 1.
    pub(crate) places: Vec<Place>,
    /// Up to here it is on the disks of all members of a view. A primary takes for committed what its own disk has not yet taken,
    /// and says nothing of it before it has.
    pub(crate) firm: OpNumber,
    pub(crate) mail: Mail,
}

impl Lineage {
    /// The last place.
    pub(crate) fn end(&self) -> OpNumber {
        OpNumber(self.places.len() as u64)
    }

    /// The view of the command at a place.
    pub(crate) fn ballot(&self, op: OpNumber) -> Option<Ballot> {
        Some(self.place(op)?.ballot)
    }

    pub(crate) fn place(&self, op: OpNumber) -> Option<&Place> {
        self.places.get(usize::try_from(op.0.checked_sub(1)?).ok()?)
    }

    /// Whether it has this mark; every history has the one before the first command.
    pub(crate) fn has(&self, mark: Mark) -> bool {
        mark.op == OpNumber(0) || self.ballot(mark.op) == Some(mark.ballot)
    }

    /// The last place up to which two are the same.
    pub(crate) fn fork(&self, other: &Lineage) -> OpNumber {
        let both = self.places.iter().zip(&other.places);
        let same = both.take_while(|(ours, theirs)| ours.ballot == theirs.ballot);
        OpNumber(same.count() as u64)
    }
}

/// All histories, and every command that any server ever had in its log.
#[derive(Debug, Default)]
pub(crate) struct Oracle {
    pub(crate) lineages: Vec<Lineage>,
    /// By place, with the views whose primaries put it there: one, but where logs have parted.
    logged: Vec<Vec<Logged>>,
}

impl Oracle {
    pub(crate) fn new() -> Oracle {
        Oracle {
            lineages: vec![Lineage::default()],
            logged: Vec::new(),
        }
    }

    /// A server has a command in its log, behind one of the view `before`. Whether that was known; a sentence if the mark
    /// names another one, or has another one before it.
    pub(crate) fn log(
        &mut self,
        mark: Mark,
        before: Option<Ballot>,
        entry: &Arc<Entry>,
    ) -> Result<bool, String> {
        let Some(index) = mark.op.0.checked_sub(1) else {
            return Ok(true);
        };
        let index = index as usize;
        if self.logged.len() <= index {
            self.logged.resize(index + 1, Vec::new());
        }
        let at_place = &mut self.logged[index];
        let Some(known) = at_place.iter_mut().find(|of| of.ballot == mark.ballot) else {
            at_place.push(Logged {
                ballot: mark.ballot,
                before,
                entry: Arc::clone(entry),
            });
            return Ok(false);
        };
        if known.entry != *entry {
            return Err(format!(
                "the log has {:?} at {mark}, where {:?} was seen before",
                entry.command, known.entry.command
            ));
        }
        match (known.before, before) {
            (Some(known), Some(before)) if known != before => Err(format!(
                "the log has a command of view {before} before {mark}, where one of view {known} was seen before"
            )),
            (known_before, before) => {
                known.before = known_before.or(before);
                Ok(true)
            }
        }
    }

    fn logged(&self, mark: Mark) -> Option<&Logged> {
        let index = usize::try_from(mark.op.0.checked_sub(1)?).ok()?;
        let mut at_place = self.logged.get(index)?.iter();
        at_place.find(|of| of.ballot == mark.ballot)
    }

    /// The mark before one.
    pub(crate) fn before(&self, mark: Mark) -> Option<Mark> {
        let ballot = self.logged(mark)?.before?;
        let op = OpNumber(mark.op.0 - 1);
        Some(Mark { op, ballot })
    }

    /// The last place up to which logs that end at these marks are the same, if that is known.
    pub(crate) fn common(&self, one: Mark, other: Mark) -> Option<OpNumber> {
        let (mut one, mut other) = (one, other);
        while one != other && one.op.max(other.op) > OpNumber(0) {
            let (ops, is_both) = ((one.op, other.op), one.op == other.op);
            if ops.0 >= ops.1 {
                one = self.before(one)?;
            }
            if is_both || ops.0 < ops.1 {
                other = self.before(other)?;
            }
        }
        Some(one.op)
    }

    /// A command is committed at the next place of a lineage; false if no server ever had it in its log.
    pub(crate) fn commit(&mut self, lineage: LineageId, ballot: Ballot) -> bool {
        let op = self.lineages[lineage].end().plus(1);
        let logged = self.logged(Mark { op, ballot });
        let entry = logged.map(|of| Arc::clone(&of.entry));
        let places = &mut self.lineages[lineage].places;
        places.extend(entry.map(|entry| Place { ballot, entry }));
        places.len() as u64 == op.0
    }

    /// A lineage that is the same as another up to a place.
    pub(crate) fn part(&mut self, from: LineageId, after: OpNumber) -> LineageId {
        let parent = &self.lineages[from];
        let kept = after.0 as usize;
        let places = parent.places[..kept.min(parent.places.len())].to_vec();
        let mail = parent.mail.until(after);
        let firm = parent.firm.min(after);
        self.lineages.push(Lineage { places, firm, mail });
        self.lineages.len() - 1
    }

    /// A lineage ends at a place: what goes beyond was on no disk that is left, and nobody has heard of it.
    pub(crate) fn end_at(&mut self, lineage: LineageId, end: OpNumber) {
        let lineage = &mut self.lineages[lineage];
        if end < lineage.end() {
            lineage.places.truncate(end.0 as usize);
            lineage.mail = lineage.mail.until(end);
        }
    }

    /// The lineage that has a mark and is as given or, if that has not, the first one.
    pub(crate) fn with(&self, mark: Mark, preferred: LineageId) -> Option<LineageId> {
        if self.lineages[preferred].has(mark) {
            return Some(preferred);
        }
        self.lineages.iter().position(|lineage| lineage.has(mark))
    }
}

#[cfg(test)]
mod tests {
    use chat::application::command::Command;
    use chat::identity::TimeMs;
    use replica::units::ReplicaId;

    use super::*;

    fn mark(op: u64, number: u64) -> Mark {
        let proposer = ReplicaId(0);
        Mark {
            op: OpNumber(op),
            ballot: Ballot { number, proposer },
        }
    }

    fn entry(time: u64) -> Arc<Entry> {
        let command = Command::Expire;
        let time = TimeMs(time);
        Arc::new(Entry { time, command })
    }

    #[test]
    fn a_mark_names_one_command_and_has_one_before_it() {
        let (one, two) = (mark(1, 1).ballot, mark(1, 2).ballot);
        let mut oracle = Oracle::new();
        assert_eq!(oracle.log(mark(2, 2), None, &entry(5)), Ok(false));
        assert_eq!(oracle.before(mark(2, 2)), None);
        assert_eq!(oracle.log(mark(2, 2), Some(one), &entry(5)), Ok(true));
        assert_eq!(oracle.before(mark(2, 2)), Some(mark(1, 1)));
        assert_eq!(oracle.log(mark(2, 1), None, &entry(6)), Ok(false));
        let finding = oracle
            .log(mark(2, 2), None, &entry(6))
            .expect_err("another");
        assert!(finding.contains("2@2.0"), "{finding}");
        let finding = oracle.log(mark(2, 2), Some(two), &entry(5));
        assert!(finding.expect_err("another before it").contains("2@2.0"));
    }

    #[test]
    fn lineages_part_after_what_they_have_in_common() {
        let mut oracle = Oracle::new();
        for op in 1..=4 {
            oracle.log(mark(op, 1), None, &entry(op)).expect("new");
            assert!(oracle.commit(0, mark(op, 1).ballot));
        }
        let other = oracle.part(0, OpNumber(2));
        assert!(!oracle.commit(other, mark(3, 2).ballot), "nobody has it");
        oracle.log(mark(3, 2), None, &entry(9)).expect("new");
        assert!(oracle.commit(other, mark(3, 2).ballot));
        let (first, second) = (&oracle.lineages[0], &oracle.lineages[other]);
        assert_eq!((first.end(), second.end()), (OpNumber(4), OpNumber(3)));
        assert_eq!(first.fork(second), OpNumber(2));
        let time = |lineage: &Lineage| lineage.place(OpNumber(3)).map(|place| place.entry.time);
        assert_eq!(
            (time(first), time(second)),
            (Some(TimeMs(3)), Some(TimeMs(9)))
        );
        assert_eq!(oracle.with(mark(3, 2), 0), Some(other));
        assert_eq!(oracle.with(mark(3, 1), other), Some(0));
        assert_eq!(oracle.with(mark(3, 9), 0), None);
    }
}
