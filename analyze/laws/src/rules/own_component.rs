//! In a machine's vector its own component counts its events.

use events::{At, Kind};

use crate::case::Case;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::rule::{GAP, ONE_SEND, Rule, of_known_components};

pub(super) const RULE: Rule = Rule {
    law: Law::OwnComponent,
    applies: of_known_components,
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for_each_pair(case, |before, at| own(case, before, at, findings));
}

/// Each row that shows a vector, with the last before it that does.
pub(super) fn for_each_pair(case: &Case<'_>, mut visit: impl FnMut(At, At)) {
    for machine in 0..case.machines() {
        let rows = case.rows(machine);
        let mut before = None;
        for row in (0..rows.len()).filter(|&row| rows.clock_vector(row).is_some()) {
            let at = At { machine, row };
            if let Some(before) = before.replace(at) {
                visit(before, at);
            }
        }
    }
}

/// The vector of a row.
pub(super) fn vector<'a>(case: &Case<'a>, at: At) -> &'a [u64] {
    case.rows(at.machine)
        .clock_vector(at.row)
        .unwrap_or_default()
}

fn own(case: &Case<'_>, previous: At, at: At, findings: &mut Findings) {
    let law = Law::OwnComponent;
    let own = |at: At| vector(case, at).get(at.machine).copied();
    let Some((before, found)) = own(previous).zip(own(at)) else {
        return findings.undecided(law, 1, "the vector has no component of its own machine");
    };
    if case.gap(at) > 0 && found > before {
        return findings.undecided(law, 1, GAP);
    }
    let (same, now) = (vector(case, previous), vector(case, at));
    if same == now && previous.row + 1 == at.row && case.may_be_one_send(at) {
        return findings.undecided(law, 1, ONE_SEND);
    }
    findings.examine(law, 1);
    if before.checked_add(1) == Some(found) {
        return;
    }
    let cause = match (
        found.checked_sub(before),
        case.rows(at.machine).kind(at.row),
    ) {
        (Some(0), Kind::Send | Kind::Broadcast) => {
            "the line of the send was written, or its message stamped, before the increment"
        }
        (Some(0), _) => "the own component was not incremented for this event",
        (Some(2), _) => {
            "incremented twice: two events in a tick, or a line is missing before this one"
        }
        (Some(_), _) => "own events are skipped: lines before this one are missing",
        (None, _) if found <= 1 => {
            "the vector starts again: the machine was restarted, or another run is appended to the same file"
        }
        (None, _) => "the own component goes backwards",
    };
    findings.violate(law, at.machine, cause, || {
        let expected = format!("own component {} = {before} + 1", u128::from(before) + 1);
        Proof::new([at, previous], expected, found.to_string())
    });
}
