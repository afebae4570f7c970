//! What is lost where histories have parted, and what servers say of it (S13).
//!
//! When a server gives way it names what it had committed and its new log does not have: `servers` compares each name with that.
//! Here, once all follow one history: what the others had committed is named, all of it; what is named was committed; and of two
//! histories what is named is just what is lost. Of three, one may name what another has kept, which goes on in the end.
//!
//! **Invariant.** While a server that may come back has another history, nothing is lost, and nothing is asked.

use std::collections::BTreeSet;

use cluster::client::event::Verdict as Told;
use event_log::chat::{Property, TrialSummary};
use replica::units::{Mark, OpNumber};

use super::Judge;
use super::finding::Finding;
use super::mail::{MessageName, ordinal};
use super::oracle::{LineageId, Oracle};
use crate::node::{Node, serving};

/// How many lost things a sentence names.
const NAMED_MAX: usize = 5;

/// Commands that a server says are lost: after a place and up to a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Discarded {
    pub(crate) after: OpNumber,
    pub(crate) through: Mark,
}

impl Discarded {
    fn marks(self, oracle: &Oracle) -> impl Iterator<Item = Mark> + '_ {
        let back = std::iter::successors(Some(self.through), |&mark| oracle.before(mark));
        back.take_while(move |mark| mark.op > self.after)
    }
}

/// What servers say is lost.
fn named(oracle: &Oracle, discarded: &[Discarded]) -> BTreeSet<Mark> {
    let discarded = discarded.iter();
    discarded.flat_map(|one| one.marks(oracle)).collect()
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
fn compare(oracle: &Oracle, winner: LineageId, named: &BTreeSet<Mark>) -> Result<(), Finding> {
    let lost = lost(oracle, winner);
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
    let unnamed = lost.difference(named).copied().collect();
    of(unnamed, "are lost, and no server names them")?;
    let mut others = named.difference(&lost).copied();
    match oracle.lineages.len() {
        2 => of(others.collect(), "are named, and are not lost"),
        _ => {
            let is_committed = |mark: Mark| oracle.lineages.iter().any(|of| of.has(mark));
            let never = others.by_ref().filter(|&mark| !is_committed(mark));
            of(never.collect(), "are named, and were never committed")
        }
    }
}

impl Judge<'_> {
    /// The history that goes on: that of the server which serves; without one, the longest.
    pub(super) fn winner(&self, primary: Option<usize>) -> LineageId {
        let tracks = &self.servers.tracks;
        let longest = (0..tracks.len()).max_by_key(|&at| tracks[at].committed);
        primary.or(longest).map_or(0, |at| tracks[at].lineage)
    }

    /// Whether all servers are there, one serves, and all follow its history.
    pub(super) fn are_together(&self, nodes: &[Option<&Node>]) -> bool {
        let Some(primary) = serving(nodes) else {
            return false;
        };
        let winner = &self.servers.oracle.lineages[self.winner(Some(primary))];
        let servers = nodes.iter().take(self.count as usize);
        let mut replicas = servers.map(|node| Some((*node)?.server()?.replica()));
        replicas.all(|replica| replica.is_some_and(|one| winner.has(one.committed())))
    }

    /// Acknowledged messages are there (S11); where a policy loses some, servers name just those that are lost (S13).
    pub(super) fn check_losses(&self, nodes: &[Option<&Node>]) -> Result<(), Finding> {
        let winner = self.winner(serving(nodes));
        let oracle = &self.servers.oracle;
        if self.may_part && oracle.lineages.len() > 1 {
            return match self.are_together(nodes) {
                true => compare(oracle, winner, &named(oracle, &self.discarded)),
                false => Ok(()),
            };
        }
        let missing = self.missing(winner);
        match missing.first() {
            None => Ok(()),
            Some((session, sequence)) => Err(Finding::of(
                Property::S11,
                format!(
                    "{} acknowledged messages are gone, message {} of session {} the first",
                    missing.len(),
                    sequence.0,
                    ordinal(session.0)
                ),
            )),
        }
    }

    /// Acknowledged messages that the history which goes on does not have.
    fn missing(&self, winner: LineageId) -> Vec<MessageName> {
        let mail = &self.servers.oracle.lineages[winner].mail;
        let acknowledged = self.ledger.sends.iter();
        let acknowledged = acknowledged.filter(|send| send.verdict == Some(Told::Done));
        acknowledged
            .filter_map(|send| send.name)
            .filter(|&name| mail.sent(name).is_none())
            .collect()
    }

    /// Counts acknowledged messages that are lost: those that servers name, and those that they do not.
    pub(super) fn count_losses(&self, nodes: &[Option<&Node>], summary: &mut TrialSummary) {
        if self.servers.have_parted() && !self.are_together(nodes) {
            return;
        }
        let oracle = &self.servers.oracle;
        let named = named(oracle, &self.discarded);
        for name in self.missing(self.winner(serving(nodes))) {
            let is_named = oracle.lineages.iter().any(|lineage| {
                let mark = lineage.mail.sent(name).and_then(|sent| {
                    let (op, ballot) = (sent.op, lineage.ballot(sent.op)?);
                    Some(Mark { op, ballot })
                });
                mark.is_some_and(|mark| named.contains(&mark))
            });
            match is_named {
                true => summary.discarded += 1,
                false => summary.lost += 1,
            }
        }
    }
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

    fn through(after: u64, through: Mark) -> Discarded {
        let after = OpNumber(after);
        Discarded { after, through }
    }

    fn finding(oracle: &Oracle, winner: LineageId, discarded: &[Discarded]) -> Option<String> {
        let found = compare(oracle, winner, &named(oracle, discarded));
        found.err().map(|finding| finding.finding)
    }

    #[test]
    fn of_two_histories_just_what_is_lost_is_named() {
        let oracle = parted();
        assert_eq!(finding(&oracle, 1, &[through(2, mark(4, 2))]), None);
        // Two servers may name it, each a part.
        let parts = [through(2, mark(3, 2)), through(2, mark(4, 2))];
        assert_eq!(finding(&oracle, 1, &parts), None);
        let short = finding(&oracle, 1, &parts[..1]).expect("4@2 is not named");
        assert!(short.contains("1 are lost") && short.contains(&mark(4, 2).to_string()));
        let none = finding(&oracle, 0, &[]).expect("nothing is named");
        assert!(none.contains("3 are lost, and no server names them"));
        let long = finding(&oracle, 1, &[through(1, mark(4, 2))]).expect("2@1 is there");
        assert!(long.contains("1 are named, and are not lost"), "{long}");
        let other = [through(2, mark(4, 2)), through(3, mark(4, 3))];
        assert!(finding(&oracle, 1, &other).is_some(), "4@3 is there");
    }

    #[test]
    fn of_three_one_may_name_what_another_has_kept_but_nothing_that_never_was() {
        let mut oracle = parted();
        let third = oracle.part(1, OpNumber(4));
        commit(&mut oracle, third, 4, &[5]);
        let discarded = [
            through(2, mark(4, 2)),
            through(4, mark(5, 3)),
            through(2, mark(4, 3)),
        ];
        assert_eq!(finding(&oracle, third, &discarded), None);
        let (time, command) = (TimeMs(9), Command::Expire);
        let entry = Arc::new(Entry { time, command });
        let before = Some(mark(4, 2).ballot);
        let known = oracle.log(mark(5, 2), before, &entry);
        assert_eq!(known, Ok(false));
        let discarded = [through(2, mark(5, 2)), through(4, mark(5, 3))];
        let never = finding(&oracle, third, &discarded).expect("nobody committed 5@2");
        assert!(never.contains("1 are named, and were never committed"));
    }
}
