//! What is lost where histories have parted, and what servers say of it (S13).
//!
//! When a server takes over another log it names what it gives up with its own: what it knew to be committed is lost, and what it
//! held in a view without knowing is lost if all members of the view say the same. `given_up` compares each name with what the
//! server had. Once all follow one history, here: what the others had committed is named, all of it; what is named was
//! committed; and what is named and is no longer in the log of any other server is lost. What another one had at that time it
//! may bring back.
//!
//! **Invariant.** A mark counts once, in however many histories and names it is.

use std::collections::{BTreeMap, BTreeSet};

use event_log::chat::Property;
use replica::units::{Ballot, Mark, OpNumber, ReplicaId};

use super::finding::Finding;
use super::giving::GivenUp;
use super::oracle::{LineageId, Oracle};
use super::servers::Servers;

/// How many lost things a sentence names.
const NAMED_MAX: usize = 5;

/// What a server has said that it gives up.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) server: ReplicaId,
    pub(crate) given_up: GivenUp,
    /// The last place up to which another server had the same in its log at that time.
    pub(crate) kept: OpNumber,
}

/// What servers say is lost, each command with whether no other server had it when they did: what one of them knew to be
/// committed, and what all members of a view have given up.
pub(super) fn named(oracle: &Oracle, names: &[Named]) -> BTreeMap<Mark, bool> {
    let mut lost: BTreeMap<Mark, bool> = BTreeMap::new();
    let mut given_up: BTreeMap<(Ballot, Mark), BTreeSet<ReplicaId>> = BTreeMap::new();
    for name in names {
        for mark in name.given_up.marks(oracle) {
            let is_lost = match &name.given_up.held {
                None => true,
                Some(view) => {
                    let by = given_up.entry((view.ballot, mark)).or_default();
                    by.insert(name.server);
                    view.members.keys().all(|id| by.contains(id))
                }
            };
            if is_lost {
                *lost.entry(mark).or_default() |= mark.op > name.kept;
            }
        }
    }
    lost
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
pub(super) fn compare(
    servers: &Servers,
    winner: LineageId,
    names: &[Named],
) -> Result<(), Finding> {
    let oracle = &servers.oracle;
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
    let unnamed = lost.iter().filter(|mark| !named.contains_key(mark));
    of(
        unnamed.copied().collect(),
        "are lost, and no server names them",
    )?;
    let is_committed = |mark: Mark| {
        let mut lineages = oracle.lineages.iter();
        lineages.any(|of| of.has(mark)) || servers.holdings.is_committed(oracle, mark)
    };
    let never = named.keys().copied().filter(|&mark| !is_committed(mark));
    of(never.collect(), "are named, and were never committed")?;
    let winner = &oracle.lineages[winner];
    let alone = named.iter().filter(|&(_, &is_alone)| is_alone);
    let alone = alone.map(|(&mark, _)| mark);
    of(
        alone.filter(|&mark| winner.has(mark)).collect(),
        "are named, no other server had them, and they are not lost",
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chat::application::command::{Command, Entry};
    use chat::identity::TimeMs;
    use replica::units::Incarnation;

    use replica::view::View;

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
    fn parted() -> Servers {
        let mut servers = Servers::new(3, true, true);
        let oracle = &mut servers.oracle;
        commit(oracle, 0, 1, &[1, 2]);
        let other = oracle.part(0, OpNumber(2));
        commit(oracle, 0, 2, &[3, 4]);
        commit(oracle, other, 3, &[3, 4, 5]);
        servers
    }

    /// A name, where another server has the same up to a place.
    fn name(after: u64, through: Mark, kept: u64) -> Named {
        let (after, kept) = (OpNumber(after), OpNumber(kept));
        Named {
            server: ReplicaId(0),
            given_up: GivenUp {
                after,
                through,
                held: None,
            },
            kept,
        }
    }

    /// The same of what a server held in a view of the first two.
    fn held(by: u32, number: u64, name: Named) -> Named {
        let members = [0, 1].map(|id| (ReplicaId(id), Incarnation::default()));
        let view = View {
            ballot: mark(0, number).ballot,
            members: BTreeMap::from(members),
        };
        Named {
            server: ReplicaId(by),
            given_up: GivenUp {
                held: Some(view),
                ..name.given_up
            },
            ..name
        }
    }

    fn finding(servers: &Servers, winner: LineageId, names: &[Named]) -> Option<String> {
        let found = compare(servers, winner, names);
        found.err().map(|finding| finding.finding)
    }

    #[test]
    fn all_that_is_lost_is_named() {
        let parted = parted();
        assert_eq!(finding(&parted, 1, &[name(2, mark(4, 2), 2)]), None);
        // Two servers may name it, each a part.
        let parts = [name(2, mark(3, 2), 2), name(2, mark(4, 2), 2)];
        assert_eq!(finding(&parted, 1, &parts), None);
        let short = finding(&parted, 1, &parts[..1]).expect("4@2 is not named");
        assert!(short.contains("1 are lost") && short.contains(&mark(4, 2).to_string()));
        let none = finding(&parted, 0, &[]).expect("nothing is named");
        assert!(none.contains("3 are lost, and no server names them"));
    }

    #[test]
    fn what_is_named_is_lost_unless_another_server_has_it() {
        let parted = parted();
        let long = finding(&parted, 1, &[name(1, mark(4, 2), 1)]).expect("2@1 is there");
        assert!(
            long.contains("1 are named, no other server had them"),
            "{long}"
        );
        // Who gave way was on the side that goes on in the end, where another one was left.
        let back = |kept| [name(2, mark(4, 2), 2), name(2, mark(5, 3), kept)];
        assert_eq!(finding(&parted, 1, &back(5)), None);
        let kept = finding(&parted, 1, &back(4)).expect("5@3 was nowhere else");
        assert!(kept.contains(&mark(5, 3).to_string()), "{kept}");
    }

    #[test]
    fn what_is_named_was_committed() {
        let mut parted = parted();
        let (time, command) = (TimeMs(9), Command::Expire);
        let entry = Arc::new(Entry { time, command });
        let before = Some(mark(4, 2).ballot);
        let known = parted.oracle.log(mark(5, 2), before, &entry);
        assert_eq!(known, Ok(false));
        let never = finding(&parted, 1, &[name(2, mark(5, 2), 2)]);
        let never = never.expect("nobody committed 5@2");
        assert!(never.contains("1 are named, and were never committed"));
        // All members of the view held it: so it was, though nobody knew.
        let all = held(0, 2, name(0, mark(5, 2), 0)).given_up.held;
        for id in [0, 1] {
            let view = all.as_ref().expect("a view");
            parted.holdings.see(ReplicaId(id), view, mark(5, 2));
        }
        assert_eq!(finding(&parted, 1, &[name(2, mark(5, 2), 2)]), None);
    }

    #[test]
    fn what_all_members_of_a_view_give_up_is_lost() {
        let parted = parted();
        let name = || name(2, mark(4, 2), 2);
        let all = [held(0, 2, name()), held(1, 2, name())];
        assert_eq!(finding(&parted, 1, &all), None);
        // One member alone, or two of different views, may be wrong: the other one may have it.
        for few in [&all[..1], &[held(0, 2, name()), held(1, 3, name())]] {
            let few = finding(&parted, 1, few).expect("nobody knows");
            assert!(
                few.contains("2 are lost, and no server names them"),
                "{few}"
            );
        }
        // The second had it when the first gave it up; when the second did nobody had.
        let back = |kept| {
            let of = |by| held(by, 2, self::name(2, mark(4, 2), kept));
            finding(&parted, 0, &[name_all(), of(0), of(1)])
        };
        assert_eq!(back(4), None);
        assert!(back(3).expect("4@2 is there").contains("they are not lost"));
    }

    /// What the second history has alone.
    fn name_all() -> Named {
        name(2, mark(5, 3), 2)
    }
}
