//! How a suspicion is put: what is odd, and an event that shows it.

use events::Machine;

use crate::answer::Doubt;

/// Events from which a share of them means something.
pub(super) const EVENTS_MIN: usize = 20;

pub(super) fn doubt(doubts: &mut Vec<Doubt>, what: &str, why: String, evidence: String) {
    doubts.push(Doubt {
        what: what.to_owned(),
        why,
        evidence,
    });
}

/// Where an event stands: `file:line`.
pub(super) fn at(machine: &Machine, row: usize) -> String {
    format!("{}:{}", machine.file(row).display(), machine.rows.line(row))
}
