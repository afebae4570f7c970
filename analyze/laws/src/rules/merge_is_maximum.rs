//! Components of peers: after a receive the larger of own and carried, else unchanged.
//!
//! Source: F. Mattern, "Virtual Time and Global States of Distributed Systems", 1989; C. J. Fidge, "Timestamps in
//! Message-Passing Systems That Preserve the Partial Ordering", 1988.
//!
//! **Invariant.** A component that fell breaks another law, not this one.

use std::borrow::Cow;

use events::{At, Kind};

use super::own_component::{for_each_pair, vector};
use crate::case::Case;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::messages::send;
use crate::rule::{GAP, Rule, of_known_components};

pub(super) const RULE: Rule = Rule {
    law: Law::MergeIsMaximum,
    applies: of_known_components,
    check,
};

const NO_STAMP: &str = "the vector that the message carried is not known";
const ALSO_RECEIVES: &str = "the event takes over components of another machine, so it receives a message, and its line does not say which";

fn check(case: &Case<'_>, findings: &mut Findings) {
    for_each_pair(case, |before, at| merge(case, before, at, findings));
}

fn merge(case: &Case<'_>, previous: At, at: At, findings: &mut Findings) {
    let law = Law::MergeIsMaximum;
    let (before, found) = (vector(case, previous), vector(case, at));
    let receives = case.rows(at.machine).kind(at.row) == Kind::Receive;
    let stamp = stamp(case, at).filter(|_| receives);
    if receives && stamp.is_none() {
        return findings.undecided(law, 1, NO_STAMP);
    }
    let mut peers = before.iter().zip(found).enumerate();
    if !receives && peers.any(|(peer, (before, found))| peer != at.machine && found > before) {
        return findings.undecided(law, 1, ALSO_RECEIVES);
    }
    if case.gap(at) > 0 {
        return findings.undecided(law, 1, GAP);
    }
    findings.examine(law, 1);
    let carried = |peer: usize| {
        let component = stamp.as_ref().and_then(|stamp| stamp.get(peer));
        component.copied().unwrap_or(0)
    };
    let wrong =
        |&peer: &usize| peer != at.machine && found[peer] != before[peer].max(carried(peer));
    let told_elsewhere = |&peer: &usize| found[peer] >= before[peer];
    let mut peers = (0..before.len().min(found.len())).filter(wrong);
    let Some(peer) = peers.find(told_elsewhere) else {
        return;
    };
    let expected = before[peer].max(carried(peer));
    let cause = if found[peer] == before[peer] {
        "what the message carried was not merged"
    } else if found[peer] > expected {
        "the vector gained more than the message carried"
    } else {
        "the component is neither the own nor the carried one"
    };
    findings.violate(law, at.machine, cause, || {
        let send = send(case.rows(at.machine), at.row).unwrap_or(at);
        let name = case.trial.name_of(peer);
        let rows = [at, previous, send];
        Proof::new(
            rows,
            format!("{expected} events of {name}"),
            found[peer].to_string(),
        )
    });
}

/// The vector that a message carried.
fn stamp<'a>(case: &Case<'a>, at: At) -> Option<Cow<'a, [u64]>> {
    let rows = case.rows(at.machine);
    if let Some(carried) = rows.carried_vector(at.row) {
        return Some(Cow::Borrowed(carried));
    }
    let send = send(rows, at.row)?;
    let sender = case.rows(send.machine);
    if let Some(carried) = sender.carried_vector(send.row) {
        return Some(Cow::Borrowed(carried));
    }
    let mut stamp = Cow::Borrowed(sender.clock_vector(send.row)?);
    // The recipient's line shows what the sender counted of itself; which of its events that was, the match has said.
    let found = *rows.clock_vector(at.row)?.get(send.machine)?;
    let own = *stamp.get(send.machine)?;
    if own != found && found.abs_diff(own) <= 1 {
        stamp.to_mut()[send.machine] = found;
    }
    Some(stamp)
}
