//! The queue of a row against that of the row before it, where a tick is one event: what a machine waits for it takes.

use event_log::Drain;
use events::{At, Kind};

use crate::case::Case;
use crate::findings::{Findings, Proof};
use crate::law::Law;

/// A cause, what was expected and what was found.
type Wrong = (&'static str, String, String);

/// Puts the law to the log of one machine.
pub(super) fn check(case: &Case<'_>, machine: usize, findings: &mut Findings) {
    let rows = case.rows(machine);
    let drain = case
        .trial
        .info
        .manifest
        .as_ref()
        .map(|of| of.condition.drain);
    let drains = drain == Some(Drain::All);
    let plain = !drains && case.facts.timekeeper.is_none();
    let queue = rows.queue.values();
    if queue.len() < rows.len() {
        return;
    }
    for row in case.new_rows(machine) {
        let waiting = row.checked_sub(1).map_or(0, |row| queue[row]);
        let receives = rows.kind(row) == Kind::Receive;
        if (!receives && queue[row] == 0 && waiting == 0) || (plain && receives && waiting <= 1) {
            continue;
        }
        let at = At { machine, row };
        let rolled = (!receives && queue[row] > 0).then(|| {
            (
                "the machine rolled with messages waiting, or counted the queue at another moment",
                "queue 0, because a machine rolls only when its queue is empty".to_owned(),
                format!("queue {}", queue[row]),
            )
        });
        if let Some((cause, expected, found)) = rolled.or_else(|| step(case, at, drains)) {
            findings.violate(Law::QueueRule, machine, cause, || {
                Proof::new([at, case.previous(at).unwrap_or(at)], expected, found)
            });
        }
    }
    if drains && case.window.is_last {
        drained_at_end(case, machine, findings);
    }
}

fn step(case: &Case<'_>, at: At, drains: bool) -> Option<Wrong> {
    let rows = case.rows(at.machine);
    let previous = case.previous(at).filter(|_| case.gap(at) == 0)?;
    let queue = rows.queue.values();
    let (waiting, found) = (queue[previous.row], queue[at.row]);
    if rows.kind(at.row) != Kind::Receive {
        return (waiting > 0).then(|| {
            (
                "the machine rolled with messages waiting, or a receive was logged as another event",
                format!("a receive, because {waiting} messages were waiting"),
                rows.kind(at.row).word().to_owned(),
            )
        });
    }
    let least = waiting.saturating_sub(1);
    let found_queue = format!("queue {found}");
    let same_tick = rows.tick(at.row) == rows.tick(previous.row);
    let takes_time = case.takes_time(at);
    let at_once = same_tick && (drains || case.takes_time(previous));
    if at_once && !takes_time && (waiting == 0 || found != least) {
        let expected = format!("queue {least}, one less than the row before of the same tick");
        let cause = "a row of this tick is missing, repeated or out of order";
        return Some((cause, expected, found_queue));
    }
    if drains && !same_tick && waiting > 0 {
        let tick = rows.tick(previous.row);
        return Some((
            "the last row of that tick is missing, or the machine takes one message a tick",
            format!("queue 0 at the end of tick {tick}, because a tick takes every message"),
            format!("queue {waiting}"),
        ));
    }
    if takes_time {
        let cause = "a receive is missing, or the time message was taken from the queue";
        let expected =
            || format!("queue of at least {waiting}: a time message is taken from no queue");
        return (found < waiting).then(|| (cause, expected(), found_queue));
    }
    let cause = "two messages were taken in one tick, a receive is missing, or messages were dropped from the queue";
    let expected =
        || format!("queue of at least {least}: {waiting} were waiting and one was taken");
    (found < least).then(|| (cause, expected(), found_queue))
}

/// With drain `all` the last tick, too, must leave nothing behind.
fn drained_at_end(case: &Case<'_>, machine: usize, findings: &mut Findings) {
    let rows = case.rows(machine);
    let last = rows.len().checked_sub(1);
    let left = last.and_then(|row| Some((row, rows.queue.get(row)?)));
    let Some((row, queue)) = left.filter(|&(_, queue)| queue > 0 && case.facts.complete) else {
        return;
    };
    let cause = "rows at the end of the log are missing, or the machine takes one message a tick";
    findings.violate(Law::QueueRule, machine, cause, || {
        Proof::new(
            [At { machine, row }],
            "queue 0 at the end of the last tick, because a tick takes every message",
            format!("queue {queue}"),
        )
    });
}
