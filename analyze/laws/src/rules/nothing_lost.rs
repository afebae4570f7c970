//! Messages that a channel passed over: a later one was received, they never were.
//!
//! A message that was sent last on its channel and not received is not lost: it waits in a queue or is on its way. Nor is
//! a time message that a machine passed over: it keeps only the newest.
//!
//! **Invariant.** Nobody is accused of what the journal accounts for, or of what a missing line may tell.

use events::{At, Match};

use crate::case::Case;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::messages::send;
use crate::rule::{GAP, NOT_MATCHED, Rule, always};

pub(super) const RULE: Rule = Rule {
    law: Law::NothingLost,
    applies: always,
    check,
};

const ACCOUNTED: &str = "the journal accounts for them, or losses could not be counted";

/// A message that was skipped.
struct Skipped {
    send: At,
    recipient: usize,
    /// The next message of the channel that was received.
    later: At,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    // Who is received behind another is known when no receive follows; all that is received has one behind, or is the last.
    findings.examine(Law::NothingLost, case.deliveries.newly);
    for machine in 0..case.machines() {
        let first = &mut findings.memory.machines[machine].first_gap;
        *first = first.or_else(|| case.first_gap(machine));
    }
    if !case.window.is_last {
        return;
    }
    let mut skipped = Vec::new();
    for recipient in 0..case.machines() {
        let rows = case.rows(recipient);
        let mut receives = case.receives(recipient);
        let in_doubt = receives.any(|at| matches!(rows.matched(at.row), Match::Ambiguous { .. }));
        for sender in (0..case.machines()).filter(|&sender| sender != recipient) {
            passed_over(case, (sender, recipient), in_doubt, &mut skipped, findings);
        }
    }
    tell(case, &skipped, findings);
}

/// Collects the skipped messages of one channel.
fn passed_over(
    case: &Case<'_>,
    (sender, recipient): (usize, usize),
    in_doubt: bool,
    skipped: &mut Vec<Skipped>,
    findings: &mut Findings,
) {
    let law = Law::NothingLost;
    let sends = case.channels.sends(sender, recipient);
    let received = case.deliveries.received(&case.channels, sender, recipient);
    let Some(last) = received.iter().rposition(|&received| received) else {
        return;
    };
    let superseded = case.facts.timekeeper == Some(sender);
    let gap = findings.memory.machines[recipient].first_gap;
    let at = |place: usize| At {
        machine: sender,
        row: sends[place] as usize,
    };
    let (mut doubtful, mut hidden) = (0, 0);
    let mut later = last;
    for place in (0..=last).rev() {
        if received[place] {
            later = place;
        } else if superseded {
        } else if in_doubt {
            doubtful += 1;
        } else if gap.is_some_and(|gap| {
            receive_of(case, at(later), recipient).is_none_or(|row| gap.row <= row)
        }) {
            hidden += 1;
        } else {
            skipped.push(Skipped {
                send: at(place),
                recipient,
                later: at(later),
            });
        }
    }
    findings.undecided(law, doubtful, NOT_MATCHED);
    findings.undecided(law, hidden, GAP);
}

/// The row of a machine that takes a message.
fn receive_of(case: &Case<'_>, sent: At, recipient: usize) -> Option<usize> {
    let rows = case.rows(recipient);
    let mut receives = case.all_receives(recipient);
    let found = receives.find(|at| send(rows, at.row) == Some(sent));
    found.map(|at| at.row)
}

/// Skipped messages are violations, except as many as the journal says did not arrive or may not have, and unless some may
/// be gone without a count.
fn tell(case: &Case<'_>, skipped: &[Skipped], findings: &mut Findings) {
    let law = Law::NothingLost;
    let (count, accounted) = (skipped.len() as u64, case.facts.accounted);
    if case.facts.lossy || count <= accounted {
        return findings.undecided(law, count, ACCOUNTED);
    }
    findings.examine(law, count);
    let cause = match accounted {
        0 => "the message was lost, or the line of its receive is missing or edited",
        _ => "lost messages",
    };
    for one in skipped {
        findings.violate(law, one.recipient, cause, || {
            let row = receive_of(case, one.later, one.recipient);
            let shows = row.map(|row| At {
                machine: one.recipient,
                row,
            });
            let line = |at: At| case.rows(at.machine).line(at.row);
            let (from, to) = (case.name(one.send.machine), case.name(one.recipient));
            let detail = match accounted {
                0 => String::new(),
                _ => format!(
                    ": {count} are missing in this trial, the journal accounts for {accounted}"
                ),
            };
            Proof::new(
                [one.send].into_iter().chain(shows),
                format!(
                    "a receive by {to} of the message that {from} sent on line {}",
                    line(one.send)
                ),
                format!(
                    "none, though the later one of line {} was received",
                    line(one.later)
                ),
            )
            .detail(detail)
        });
    }
}
