//! The queue before the die: a machine with messages takes one.
//!
//! Where the queue is logged, a row that leaves messages must be followed by a receive: arrivals only add to them, so that
//! neither a race between the count and an arrival nor the time of the count can make a correct program fail. Where nobody
//! says whether the count of a receive includes the message taken, one message is not held against it. Without a queue in
//! the logs, a message whose send and receive are both known has waited from one to the other.

use super::facts::{Facts, Trial, percent, rolls};
use super::judgement::{Line, Outcome};
use super::lines::line;
use super::rubric::DeliveryLimits;
use events::{At, Kind, QueueCount, Rows, TimeOrigin};

/// Cases of a finding that are shown.
const SHOWN: usize = 3;

/// Own events, and those while a message waited.
#[derive(Default)]
struct Tally {
    rolls: u64,
    beside: u64,
    lines: Vec<Line>,
}

/// Does a machine with messages take one, rather than roll?
pub(super) fn judge(facts: &Facts<'_>, limits: &DeliveryLimits) -> Outcome {
    let (logged, how) = match logged(facts) {
        Some(tally) => (Some(tally), "queue as logged"),
        None => (waiting(facts, limits), "queue from matched messages"),
    };
    let Some(tally) = logged.filter(|tally| tally.rolls > 0) else {
        return Outcome::cannot_tell(
            "The logs have no queue lengths, and too little about messages to make up for it.",
        );
    };
    let share = tally.beside as f64 / tally.rolls as f64;
    let found = format!("{} of {}, {}", tally.beside, tally.rolls, percent(share));
    let what = format!("own events while a message waits ({how})");
    let expected = format!("at most {}", percent(limits.tolerance));
    if share <= limits.tolerance {
        let summary = match tally.beside {
            0 => "No machine rolls the die while a message waits.",
            _ => "Machines hardly ever roll the die while a message waits.",
        };
        return Outcome::met(summary).number(what, found, expected);
    }
    let points = if share <= 0.1 { 0.5 } else { 0.0 };
    let summary = format!(
        "{} of {} own events happen while a message waits in the queue.",
        tally.beside, tally.rolls
    );
    Outcome::finding(points, "rolls with mail waiting", summary)
        .number(what, found, expected)
        .advise("On every tick look at the queue first; only when it is empty, roll the die.")
        .proven_by(tally.lines)
}

/// By the queue on rows; none where too few rows have it.
fn logged(facts: &Facts<'_>) -> Option<Tally> {
    let machines = || facts.machines().map(|(_, machine, _)| &machine.rows);
    let received = |rows: &Rows| rows.kinds().filter(|&kind| kind == Kind::Receive).count();
    let receives: usize = machines().map(received).sum();
    let is_counted =
        |rows: &Rows, row: usize| rows.kind(row) == Kind::Receive && rows.queue.get(row).is_some();
    let counted = |rows: &Rows| (0..rows.len()).filter(|&row| is_counted(rows, row)).count();
    let counted: usize = machines().map(counted).sum();
    if counted == 0 || counted * 2 < receives {
        return None;
    }
    let mut tally = Tally::default();
    for (trial, machine, _) in facts.machines() {
        let rows = &machine.rows;
        tally.rolls += rows.kinds().filter(|&kind| rolls(kind)).count() as u64;
        for before in 0..rows.len().saturating_sub(1) {
            let left = left_behind(trial, rows, before);
            // Events of one tick are judged as such, elsewhere.
            let shares_tick = rows.tick(before) == rows.tick(before + 1);
            if left > 0 && rolls(rows.kind(before + 1)) && !shares_tick {
                tally.beside += 1;
                if tally.lines.len() < 2 * SHOWN {
                    tally
                        .lines
                        .extend(line(machine, before, format!("{left} left in the queue")));
                    tally.lines.extend(line(machine, before + 1, "no receive"));
                }
            }
        }
    }
    Some(tally)
}

/// How many messages a row is certain to leave in the queue.
fn left_behind(trial: &Trial<'_>, rows: &Rows, row: usize) -> u64 {
    let Some(queue) = rows.queue.get(row) else {
        return 0;
    };
    match (rows.kind(row), trial.table.info.dialect.queue) {
        (Kind::Receive, Some(QueueCount::AfterPop)) => queue,
        (Kind::Receive, _) => queue.saturating_sub(1),
        _ => queue,
    }
}

/// By messages whose send and receive are both known.
fn waiting(facts: &Facts<'_>, limits: &DeliveryLimits) -> Option<Tally> {
    let mut tally = Tally::default();
    let (mut receives, mut known) = (0usize, 0usize);
    for trial in &facts.trials {
        let table = trial.table;
        let origin = table.info.dialect.time;
        if origin == Some(TimeOrigin::Machine) || origin.is_none() {
            return None;
        }
        let speed = table.speed();
        let delivery_ns = (limits.delivery_s / speed * 1e9) as i64;
        for (at, machine) in table.machines.iter().enumerate() {
            let period_s = trial.paces[at].measured_hz.map_or(1.0, |hertz| 1.0 / hertz);
            let patience_ns = delivery_ns + (period_s / speed * 1e9) as i64;
            // From the last event on, the time since which a message that is taken later has waited.
            let mut since: Option<(i64, At)> = None;
            let rows = &machine.rows;
            for row in (0..rows.len()).rev() {
                if rows.kind(row) == Kind::Receive {
                    receives += 1;
                    if let Some(send) = trial.send_of(at, row) {
                        known += 1;
                        let sent_ns = table.machines[send.machine].rows.time_ns.get(send.row);
                        if let Some(time) = sent_ns
                            && since.is_none_or(|(least, _)| time < least)
                        {
                            since = Some((time, send));
                        }
                    }
                    continue;
                }
                tally.rolls += 1;
                let (Some(time), Some((sent, send))) = (rows.time_ns.get(row), since) else {
                    continue;
                };
                if time - sent > patience_ns {
                    tally.beside += 1;
                    if tally.lines.len() < 2 * SHOWN {
                        tally.lines.extend(line(
                            &table.machines[send.machine],
                            send.row,
                            "sent here, and received later",
                        ));
                        tally
                            .lines
                            .extend(line(machine, row, "no receive, although it waits"));
                    }
                }
            }
        }
    }
    (receives > 0 && known * 2 > receives).then_some(tally)
}
