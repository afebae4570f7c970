//! What is lost where histories have parted, and what servers say of it (S13).
//!
//! When a server gives way it names what it had committed and its new log does not have: `servers` compares each name with that.
//! Once all follow one history, here: what the others had committed is named, all of it; what is named was committed; and what is
//! named and is no longer in the log of any other server is lost. What another one had at that time it may bring back.
//!
//! **Invariant.** A mark counts once, in however many histories and names it is.

use std::collections::BTreeSet;

use event_log::chat::Property;
use replica::units::{Mark, OpNumber};

use super::finding::Finding;
use super::oracle::{LineageId, Oracle};

/// How many lost things a sentence names.
const NAMED_MAX: usize = 5;

/// Commands that a server says are lost: after a place and up to a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Discarded {
    pub(crate) after: OpNumber,
    pub(crate) through: Mark,
}

/// What a server has said is lost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named {
    pub(crate) discarded: Discarded,
    /// The last place up to which another server had the same in its log at that time.
    pub(crate) kept: OpNumber,
}

impl Discarded {
    fn marks(self, oracle: &Oracle) -> impl Iterator<Item = Mark> + '_ {
        let back = std::iter::successors(Some(self.through), |&mark| oracle.before(mark));
        back.take_while(move |mark| mark.op > self.after)
    }
}

/// What servers say is lost.
pub(super) fn named(oracle: &Oracle, names: &[Named]) -> BTreeSet<Mark> {
    let names = names.iter();
    names.flat_map(|one| one.discarded.marks(oracle)).collect()
}

/// What the histories have that do not go on.
fn lost(oracle: &Oracle, winner: LineageId) -> BTreeSet<Mark> {
    let winner = &oracle.lineages[winner];
    let lost = oracle.lineages.iter().flat_map(|lineage| {
        let fork = lineage.fork(winner);
        (fork.0 + 1..=lineage.end().0).filter_map(move |op| {
            let op = OpNumber(op);
            let ballot = lineage.ballot(op)?;
            Some(Mark { op, ballot })
        })
    });
    let lost = lost.filter(|&mark| !winner.has(mark));
    lost.collect()
}

/// What servers say is lost is what is lost.
pub(super) fn compare(oracle: &Oracle, winner: LineageId, names: &[Named]) -> Result<(), Finding> {
    let (lost, named) = (lost(oracle, winner), named(oracle, names));
    let of = |marks: Vec<Mark>, what: &str| match marks.first() {
        None => Ok(()),
        Some(_) => {
            let first = marks.iter().take(NAMED_MAX).map(Mark::to_string);
            let first = first.collect::<Vec<String>>().join(", ");
            let finding = format!(
                "{} committed commands are lost, and servers name {}: {} {what}: {first} …",
                lost.len(),
                named.len(),
                marks.len(),
            );
            Err(Finding::of(Property::S13, finding))
        }
    };
    let unnamed = lost.difference(&named).copied().collect();
    of(unnamed, "are lost, and no server names them")?;
    let is_committed = |mark: &Mark| oracle.lineages.iter().any(|of| of.has(*mark));
    let never = named.iter().copied().filter(|mark| !is_committed(mark));
    of(never.collect(), "are named, and were never committed")?;
    let alone = names.iter().flat_map(|one| {
        let marks = one.discarded.marks(oracle);
        marks.filter(|mark| mark.op > one.kept)
    });
    let alone: BTreeSet<Mark> = alone.collect();
    of(
        alone.difference(&lost).copied().collect(),
        "are named, no other server had them, and they are not lost",
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chat::application::command::{Command, Entry};
    use chat::identity::TimeMs;
    use replica::units::{Ballot, ReplicaId};

    use super::*;

    fn mark(op: u64, number: u64) -> Mark {
        let proposer = ReplicaId(0);
        Mark {
            op: OpNumber(op),
            ballot: Ballot { number, proposer },
        }
    }

    /// Commits commands of a view behind one of another in a history.
    fn commit(oracle: &mut Oracle, lineage: LineageId, number: u64, ops: &[u64]) {
        for &op in ops {
            let (time, command) = (TimeMs(number * 100 + op), Command::Expire);
            let before = oracle.lineages[lineage].ballot(OpNumber(op - 1));
            let entry = Arc::new(Entry { time, command });
            let known = oracle.log(mark(op, number), before, &entry);
            known.expect("a command of its own");
            assert!(oracle.commit(lineage, mark(op, number).ballot));
        }
    }

    /// Two histories that are the same up to place 2.
    fn parted() -> Oracle {
        let mut oracle = Oracle::new();
        commit(&mut oracle, 0, 1, &[1, 2]);
        let other = oracle.part(0, OpNumber(2));
        commit(&mut oracle, 0, 2, &[3, 4]);
        commit(&mut oracle, other, 3, &[3, 4, 5]);
        oracle
    }

    /// A name, where another server has the same up to a place.
    fn name(after: u64, through: Mark, kept: u64) -> Named {
        let (after, kept) = (OpNumber(after), OpNumber(kept));
        let discarded = Discarded { after, through };
        Named { discarded, kept }
    }

    fn finding(oracle: &Oracle, winner: LineageId, names: &[Named]) -> Option<String> {
        let found = compare(oracle, winner, names);
        found.err().map(|finding| finding.finding)
    }

    #[test]
    fn all_that_is_lost_is_named() {
        let oracle = parted();
        assert_eq!(finding(&oracle, 1, &[name(2, mark(4, 2), 2)]), None);
        // Two servers may name it, each a part.
        let parts = [name(2, mark(3, 2), 2), name(2, mark(4, 2), 2)];
        assert_eq!(finding(&oracle, 1, &parts), None);
        let short = finding(&oracle, 1, &parts[..1]).expect("4@2 is not named");
        assert!(short.contains("1 are lost") && short.contains(&mark(4, 2).to_string()));
        let none = finding(&oracle, 0, &[]).expect("nothing is named");
        assert!(none.contains("3 are lost, and no server names them"));
    }

    #[test]
    fn what_is_named_is_lost_unless_another_server_has_it() {
        let oracle = parted();
        let long = finding(&oracle, 1, &[name(1, mark(4, 2), 1)]).expect("2@1 is there");
        assert!(
            long.contains("1 are named, no other server had them"),
            "{long}"
        );
        // Who gave way was on the side that goes on in the end, where another one was left.
        let back = |kept| [name(2, mark(4, 2), 2), name(2, mark(5, 3), kept)];
        assert_eq!(finding(&oracle, 1, &back(5)), None);
        let kept = finding(&oracle, 1, &back(4)).expect("5@3 was nowhere else");
        assert!(kept.contains(&mark(5, 3).to_string()), "{kept}");
    }

    #[test]
    fn what_is_named_was_committed() {
        let mut oracle = parted();
        let (time, command) = (TimeMs(9), Command::Expire);
        let entry = Arc::new(Entry { time, command });
        let before = Some(mark(4, 2).ballot);
        assert_eq!(oracle.log(mark(5, 2), before, &entry), Ok(false));
        let never = finding(&oracle, 1, &[name(2, mark(5, 2), 2)]);
        let never = never.expect("nobody committed 5@2");
        assert!(never.contains("1 are named, and were never committed"));
    }
}
