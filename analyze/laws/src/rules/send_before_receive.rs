//! No message is received before it was sent, by system time.

use events::At;

use crate::case::Case;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::messages::send;
use crate::rule::{NOT_MATCHED, Rule, always};

pub(super) const RULE: Rule = Rule {
    law: Law::SendBeforeReceive,
    applies: always,
    check,
};

const NO_TIME: &str = "times of different machines do not compare";
const CLOSE: &str = "the two lines are closer in time than lines are written";

fn check(case: &Case<'_>, findings: &mut Findings) {
    let law = Law::SendBeforeReceive;
    for machine in 0..case.machines() {
        findings.turn(machine, 0);
        let rows = case.rows(machine);
        let (mut examined, mut unmatched, mut without, mut close) = (0, 0, 0, 0);
        for at in case.receives(machine) {
            let Some(send) = send(rows, at.row) else {
                unmatched += 1;
                continue;
            };
            let times = rows
                .time_ns
                .get(at.row)
                .zip(case.rows(send.machine).time_ns.get(send.row));
            let Some((received_ns, sent_ns)) = times.filter(|_| case.facts.times_compare) else {
                without += 1;
                continue;
            };
            let early_ns = sent_ns.saturating_sub(received_ns);
            if early_ns > 0 && early_ns <= case.facts.slack_ns {
                close += 1;
                continue;
            }
            examined += 1;
            if early_ns > 0 {
                early(case, at, send, (received_ns, sent_ns), findings);
            }
        }
        findings.examine(law, examined);
        findings.undecided(law, unmatched, NOT_MATCHED);
        findings.undecided(law, without, NO_TIME);
        findings.undecided(law, close, CLOSE);
    }
}

fn early(case: &Case<'_>, at: At, send: At, times: (i64, i64), findings: &mut Findings) {
    let cause = match case.trial.is_own() {
        true => {
            "the receive names the wrong send, a row was edited, or the system clock was set back"
        }
        false => {
            "the machines' system clocks differ, or lines are written long after what they tell"
        }
    };
    findings.violate(Law::SendBeforeReceive, at.machine, cause, || {
        let (received_ns, sent_ns) = times;
        let expected = format!("a time of at least {sent_ns} ns, when it was sent");
        let early_ns = sent_ns.saturating_sub(received_ns);
        Proof::new(
            [at, send],
            expected,
            format!("{received_ns} ns, {early_ns} ns before"),
        )
    });
}
