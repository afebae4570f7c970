//! No message is received twice.

use crate::case::Case;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::messages::{by_order, send};
use crate::rule::{BY_ORDER, NOT_MATCHED, Rule, always};

pub(super) const RULE: Rule = Rule {
    law: Law::ReceivedOnce,
    applies: always,
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let law = Law::ReceivedOnce;
    for machine in 0..case.machines() {
        findings.turn(machine, 0);
        let rows = case.rows(machine);
        let (mut examined, mut unmatched, mut ordered) = (0, 0, 0);
        for at in case.receives(machine) {
            let Some(sent) = send(rows, at.row) else {
                unmatched += 1;
                continue;
            };
            if by_order(rows, at.row) {
                ordered += 1;
                continue;
            }
            examined += 1;
            if case.deliveries.is_again(at) {
                let cause = "the message was duplicated, or its receive logged twice";
                findings.violate(law, machine, cause, || {
                    let first = case
                        .all_receives(machine)
                        .find(|first| send(rows, first.row) == Some(sent));
                    let from = case.name(sent.machine);
                    let line = case.rows(sent.machine).line(sent.row);
                    let rows = [at].into_iter().chain(first).chain([sent]);
                    let expected =
                        format!("one receive of the message that {from} sent on line {line}");
                    Proof::new(rows, expected, "a second")
                });
            }
        }
        findings.examine(law, examined);
        findings.undecided(law, unmatched, NOT_MATCHED);
        findings.undecided(law, ordered, BY_ORDER);
    }
}
