//! Rows against `trial.json`: machines and ticks it knows, events its odds allow, every tick of a complete trial.

use event_log::Odds;

use super::facts::Facts;
use super::findings::{Findings, Telling};
use super::law::Law;
use crate::trial_log::EventKind;

/// Puts the law to the log of one machine.
pub(super) fn check(facts: &Facts, machine: usize, findings: &mut Findings) {
    let rows = facts.rows(machine);
    findings.examine(Law::Manifest, rows.len() as u64);
    for row in 0..rows.len() {
        let wrong = peer(facts, machine, row)
            .or_else(|| tick(facts, machine, row))
            .or_else(|| chance(facts, machine, row));
        if let Some(telling) = wrong {
            findings.violate(Law::Manifest, machine, &[(machine, Some(row))], || telling);
        }
    }
    extent(facts, machine, findings);
}

/// Sends and receives name another machine of the trial.
fn peer(facts: &Facts, machine: usize, row: usize) -> Option<Telling> {
    let rows = facts.rows(machine);
    let named = matches!(rows.event[row], EventKind::Send | EventKind::Receive);
    if !named || facts.peer(machine, row).is_some() {
        return None;
    }
    let count = facts.log.machines.len();
    let expected = format!(
        "a peer among the {count} machines, other than {}",
        facts.log.machines[machine].entry.id
    );
    Some(match rows.peer[row] {
        Some(id) if facts.position(id) == Some(machine) => Telling::new(
            expected,
            format!("{id}, the machine itself"),
            "rows of another machine stand in this log",
        ),
        Some(id) => Telling::new(
            expected,
            id.to_string(),
            "rows of another run stand in this log, or the peer was edited",
        ),
        None => Telling::new(
            expected,
            "none",
            "the row was edited or badly converted".to_owned(),
        ),
    })
}

/// No tick beyond the last of a complete trial.
fn tick(facts: &Facts, machine: usize, row: usize) -> Option<Telling> {
    let rows = facts.rows(machine);
    let expected = facts.machines[machine].expected_ticks;
    (rows.tick[row] >= expected).then(|| {
        Telling::new(
            format!("{expected} ticks, the last numbered {}", expected.saturating_sub(1)),
            format!("tick {}", rows.tick[row]),
            "the machine went on after the end, ticked at another rate, or rows of another machine stand in this log",
        )
    })
}

/// No event that the odds exclude.
fn chance(facts: &Facts, machine: usize, row: usize) -> Option<Telling> {
    let kind = facts.rows(machine).event[row];
    if facts.timekeeper == Some(machine) {
        let rolled = matches!(kind, EventKind::Internal | EventKind::Send);
        return rolled.then(|| {
            Telling::new(
                "a broadcast or a receive, because this machine keeps time and does not roll",
                format!("{kind:?}").to_lowercase(),
                "the row was edited, or another machine kept time than the manifest says",
            )
        });
    }
    let odds = facts.log.manifest.condition.odds;
    let possible = match (odds, kind) {
        (_, EventKind::Receive) => true,
        (Odds::Sides(sides), EventKind::Send) => sides >= 1,
        (Odds::Sides(sides), EventKind::Broadcast) => sides >= 3,
        (Odds::Sides(sides), EventKind::Internal) => sides >= 4,
        (Odds::Internal(internal), EventKind::Internal) => internal > 0.0,
        (Odds::Internal(internal), EventKind::Send | EventKind::Broadcast) => internal < 1.0,
    };
    (!possible).then(|| {
        let odds = match odds {
            Odds::Sides(sides) => format!("a die of {sides} allows"),
            Odds::Internal(chance) => format!("internal events with probability {chance} allow"),
        };
        Telling::new(
            format!("an event that {odds}"),
            format!("{kind:?}").to_lowercase(),
            "the row was edited, or the machine ran with other odds than the manifest says",
        )
    })
}

/// A complete trial has every tick of every machine.
fn extent(facts: &Facts, machine: usize, findings: &mut Findings) {
    let known = &facts.machines[machine];
    if !known.ends_early || !facts.complete {
        return;
    }
    let last = facts.rows(machine).len().checked_sub(1);
    findings.violate(Law::Manifest, machine, &[(machine, last)], || {
        let shown = known.ticks_shown;
        let cause = if last.is_none() {
            "the log is missing or empty"
        } else {
            "rows at the end of the log are lost, or the trial was not complete"
        };
        Telling::new(
            format!(
                "{} ticks, because the trial is marked complete",
                known.expected_ticks
            ),
            format!("{shown} ticks"),
            cause,
        )
    });
}
