//! No vector knows more of a machine than the machine has done.
//!
//! **Invariant.** A log that ends before an event may lack what the event knows.

use events::{At, SentStamp};

use crate::case::Case;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::rule::{Rule, of_known_components};

pub(super) const RULE: Rule = Rule {
    law: Law::NoKnowledgeFromTheFuture,
    applies: of_known_components,
    check,
};

/// What every machine has done, by its own vectors.
pub(super) struct Done {
    /// For each machine, the largest own component up to each event.
    reached: Vec<Vec<u64>>,
    /// By how much a message may be ahead of the line of its send.
    ahead: u64,
}

impl Done {
    pub(super) fn of(case: &Case<'_>) -> Done {
        let reached = (0..case.machines()).map(|machine| {
            let rows = case.rows(machine);
            let mut largest = 0;
            let reach = (0..rows.len()).map(|row| {
                let own = rows
                    .clock_vector(row)
                    .and_then(|vector| vector.get(machine));
                largest = largest.max(own.copied().unwrap_or(0));
                largest
            });
            reach.collect()
        });
        let stamp = case.trial.stamp();
        let behind = matches!(
            stamp,
            Some(SentStamp::AsLogged | SentStamp::BeforeIncrement)
        );
        Done {
            reached: reached.collect(),
            ahead: u64::from(!behind),
        }
    }

    /// The first event of a machine at which it had done so much, as far as messages can know.
    pub(super) fn event(&self, machine: usize, component: u64) -> Option<usize> {
        let reached = &self.reached[machine];
        let needed = component.saturating_sub(self.ahead);
        let event = reached.partition_point(|&done| done < needed);
        (event < reached.len()).then_some(event)
    }
}

/// What a vector knows and its machine cannot have done.
struct Ahead {
    peer: usize,
    known: u64,
    done: u64,
    cause: &'static str,
    shows: usize,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let law = Law::NoKnowledgeFromTheFuture;
    let done = Done::of(case);
    for machine in 0..case.machines() {
        let rows = case.rows(machine);
        for row in 0..rows.len() {
            let Some(found) = rows.clock_vector(row) else {
                continue;
            };
            let at = At { machine, row };
            let mut open = false;
            let peers = found.iter().enumerate().take(case.machines());
            let peers = peers.filter(|&(peer, &known)| peer != machine && known > 0);
            let mut ahead = peers
                .filter_map(|(peer, &known)| against(case, &done, (peer, known), at, &mut open));
            let Some(ahead) = ahead.next() else {
                match open {
                    true => findings.undecided(
                        law,
                        1,
                        "a log ends before what others know of its machine",
                    ),
                    false => findings.examine(law, 1),
                }
                continue;
            };
            findings.examine(law, 1);
            findings.violate(law, machine, ahead.cause, || {
                let shows = At {
                    machine: ahead.peer,
                    row: ahead.shows,
                };
                Proof::new(
                    [at, shows],
                    format!(
                        "at most {} events of {}",
                        ahead.done, case.trial.machines[ahead.peer].name
                    ),
                    ahead.known.to_string(),
                )
            });
        }
    }
}

/// What an event knows of a peer against what the peer had done; `open` becomes true where that is not known.
fn against(
    case: &Case<'_>,
    done: &Done,
    (peer, known): (usize, u64),
    at: At,
    open: &mut bool,
) -> Option<Ahead> {
    let Some(&reached) = done.reached[peer].last() else {
        *open = true;
        return None;
    };
    let last = done.reached[peer].len() - 1;
    let time_ns = |machine: usize, row: usize| {
        let time_ns = case.rows(machine).time_ns.get(row);
        time_ns.filter(|_| case.facts.common_time)
    };
    let now_ns = time_ns(at.machine, at.row);
    if known > reached.saturating_add(done.ahead) {
        let times = time_ns(peer, last).zip(now_ns);
        let slack_ns = case.facts.slack_ns;
        let goes_on =
            times.is_none_or(|(last_ns, now_ns)| last_ns.saturating_add(slack_ns) >= now_ns);
        let whole = !case.facts.machines[peer].has_gaps;
        *open |= !(goes_on && whole);
        return (goes_on && whole).then_some(Ahead {
            peer,
            known,
            done: reached,
            cause: "a vector that knows more of a machine than the machine itself ever did",
            shows: last,
        });
    }
    let event = done.event(peer, known)?;
    let (then_ns, now_ns) = time_ns(peer, event).zip(now_ns)?;
    (then_ns > now_ns.saturating_add(case.facts.slack_ns)).then_some(Ahead {
        peer,
        known,
        done: known - 1,
        cause: "a vector that knows an event before it happened: system clocks differ, or a component was changed",
        shows: event,
    })
}
