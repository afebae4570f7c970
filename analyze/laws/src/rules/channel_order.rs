//! Messages of one sender to one recipient are received in the order in which they were sent.
//!
//! **Invariant.** A match that rests on the order of a channel decides nothing about that order, and a message that comes
//! again is told by another law.

use events::At;

use crate::case::Case;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::messages::{by_order, send};
use crate::rule::{BY_ORDER, NOT_MATCHED, Rule, always};

pub(super) const RULE: Rule = Rule {
    law: Law::ChannelOrder,
    applies: always,
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let law = Law::ChannelOrder;
    for machine in 0..case.machines() {
        let rows = case.rows(machine);
        findings.turn(machine, 0);
        // Of each sender: the newest send that was received, and its receive.
        let mut newest = std::mem::take(&mut findings.memory.machines[machine].newest);
        newest.resize(case.machines(), None);
        let (mut examined, mut unmatched, mut ordered) = (0, 0, 0);
        for at in case.receives(machine) {
            let Some(send) = send(rows, at.row) else {
                unmatched += 1;
                continue;
            };
            if by_order(rows, at.row) {
                ordered += 1;
                continue;
            }
            if case.deliveries.is_again(at) {
                continue;
            }
            examined += 1;
            match newest[send.machine].filter(|(sent, _)| send.row < sent.row) {
                Some(later) => overtaken(case, (at, send), later, findings),
                None => newest[send.machine] = Some((send, at)),
            }
        }
        findings.examine(law, examined);
        findings.undecided(law, unmatched, NOT_MATCHED);
        findings.undecided(law, ordered, BY_ORDER);
        if !case.window.is_last {
            findings.memory.machines[machine].newest = newest;
        }
    }
}

fn overtaken(
    case: &Case<'_>,
    (at, send): (At, At),
    (later, received): (At, At),
    findings: &mut Findings,
) {
    let cause = "messages overtook each other, or lines are out of order";
    findings.violate(Law::ChannelOrder, at.machine, cause, || {
        let line = |at: At| case.rows(at.machine).line(at.row);
        Proof::new(
            [at, send, received, later],
            format!(
                "a message sent after that of line {}, received before",
                line(later)
            ),
            format!("the older one of line {}", line(send)),
        )
    });
}
