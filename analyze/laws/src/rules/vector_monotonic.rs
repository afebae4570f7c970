//! No component of a machine's vector falls.

use events::{At, Kind};

use super::own_component::{for_each_pair, vector};
use crate::case::Case;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::rule::{Rule, of_vectors};

pub(super) const RULE: Rule = Rule {
    law: Law::VectorMonotonic,
    applies: of_vectors,
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for machine in 0..case.machines() {
        let rows = case.rows(machine);
        let without = (0..rows.len()).filter(|&row| rows.clock_vector(row).is_none());
        let without = without.count() as u64;
        findings.undecided(Law::VectorMonotonic, without, "lines without a vector");
    }
    for_each_pair(case, |before, at| monotonic(case, before, at, findings));
}

fn monotonic(case: &Case<'_>, previous: At, at: At, findings: &mut Findings) {
    let law = Law::VectorMonotonic;
    findings.examine(law, 1);
    let (before, found) = (vector(case, previous), vector(case, at));
    let mut pairs = before.iter().zip(found);
    let Some(fell) = pairs.position(|(before, found)| found < before) else {
        return;
    };
    let cause = if fell == at.machine {
        "the own component goes backwards: a restart, or lines of another run"
    } else if case.rows(at.machine).kind(at.row) == Kind::Receive {
        "the machine forgets what it has learnt: the message's component was taken, not the larger of the two"
    } else {
        "the machine forgets what it has learnt of another"
    };
    findings.violate(law, at.machine, cause, || {
        let name = case.trial.name_of(fell);
        Proof::new(
            [at, previous],
            format!("at least {} events of {name}", before[fell]),
            found[fell].to_string(),
        )
    });
}
