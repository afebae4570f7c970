//! Rows against `trial.json`: machines and ticks it knows, events its odds allow, every tick of a complete trial.

use event_log::{Condition, Odds};
use events::{At, Kind};

use crate::case::Case;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::rule::{Rule, with_manifest};

pub(super) const RULE: Rule = Rule {
    law: Law::Manifest,
    applies: with_manifest,
    check,
};

/// A cause, what was expected and what was found.
type Wrong = (&'static str, String, String);

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(manifest) = case.trial.info.manifest.as_deref() else {
        return;
    };
    for machine in 0..case.machines() {
        findings.turn(machine, 0);
        let rows = case.rows(machine);
        findings.examine(Law::Manifest, case.new_rows(machine).len() as u64);
        let possible = Kind::ALL.map(|kind| is_possible(case, &manifest.condition, machine, kind));
        let expected = case.facts.machines[machine].expected_ticks;
        for row in case.new_rows(machine) {
            let at = At { machine, row };
            let kind = rows.kind(row);
            let named = matches!(kind, Kind::Send | Kind::Receive);
            let wrong = if named && case.peer(at).is_none() {
                peer(case, at)
            } else if rows.tick(row) >= expected {
                (
                    "the machine went on after the end, ticked at another rate, or rows of another machine stand in this log",
                    format!(
                        "{expected} ticks, the last numbered {}",
                        expected.saturating_sub(1)
                    ),
                    format!("tick {}", rows.tick(row)),
                )
            } else if !possible[kind as usize] {
                chance(case, manifest.condition.odds, machine, kind)
            } else {
                continue;
            };
            let (cause, expected, found) = wrong;
            findings.violate(Law::Manifest, machine, cause, || {
                Proof::new([at], expected, found)
            });
        }
        if case.window.is_last {
            extent(case, machine, findings);
        }
    }
}

/// Sends and receives name another machine of the trial.
fn peer(case: &Case<'_>, at: At) -> Wrong {
    let id = case.trial.machines[at.machine].id;
    let expected = format!(
        "a peer among the {} machines, other than {id}",
        case.machines()
    );
    match case.rows(at.machine).peer.get(at.row) {
        Some(peer) if peer as usize == at.machine => (
            "rows of another machine stand in this log",
            expected,
            format!("{id}, the machine itself"),
        ),
        Some(peer) => (
            "rows of another run stand in this log, or the peer was edited",
            expected,
            case.trial.name_of(peer as usize).to_owned(),
        ),
        None => (
            "the row was edited or badly converted",
            expected,
            "none".to_owned(),
        ),
    }
}

/// Whether the odds allow a kind of event.
fn is_possible(case: &Case<'_>, condition: &Condition, machine: usize, kind: Kind) -> bool {
    if case.facts.timekeeper == Some(machine) {
        return !matches!(kind, Kind::Internal | Kind::Send);
    }
    match (condition.odds, kind) {
        (_, Kind::Receive) => true,
        (Odds::Sides(sides), Kind::Send) => sides >= 1,
        (Odds::Sides(sides), Kind::Broadcast) => sides >= 3,
        (Odds::Sides(sides), Kind::Internal) => sides >= 4,
        (Odds::Internal(internal), Kind::Internal) => internal > 0.0,
        (Odds::Internal(internal), Kind::Send | Kind::Broadcast) => internal < 1.0,
    }
}

/// An event that the odds exclude.
fn chance(case: &Case<'_>, odds: Odds, machine: usize, kind: Kind) -> Wrong {
    if case.facts.timekeeper == Some(machine) {
        return (
            "the row was edited, or another machine kept time than the manifest says",
            "a broadcast or a receive, because this machine keeps time and does not roll"
                .to_owned(),
            kind.word().to_owned(),
        );
    }
    let odds = match odds {
        Odds::Sides(sides) => format!("a die of {sides} allows"),
        Odds::Internal(chance) => format!("internal events with probability {chance} allow"),
    };
    (
        "the row was edited, or the machine ran with other odds than the manifest says",
        format!("an event that {odds}"),
        kind.word().to_owned(),
    )
}

/// A complete trial has every tick of every machine.
fn extent(case: &Case<'_>, machine: usize, findings: &mut Findings) {
    let known = &case.facts.machines[machine];
    if !known.ends_early || !case.facts.complete {
        return;
    }
    let last = case.rows(machine).len().checked_sub(1);
    let cause = match last {
        None => "the log is missing or empty",
        Some(_) => "rows at the end of the log are lost, or the trial was not complete",
    };
    findings.violate(Law::Manifest, machine, cause, || Proof {
        rows: vec![(machine, last)],
        ..Proof::new(
            [],
            format!(
                "{} ticks, because the trial is marked complete",
                known.expected_ticks
            ),
            format!("{} ticks", known.ticks_shown),
        )
    });
}
