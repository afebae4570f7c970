//! Mutations of one field of one row.

use event_log::{Driver, MachineId, Tick};

use super::{
    Outcome, Spoil, drains_all, hops, is, is_time, keeps_time, known_delay, readdressing_shows,
    received, recipients,
};
use crate::common::chance::Chance;
use crate::common::log::{EventKind, TrialLog};

pub(super) const ALL: &[(&str, Spoil)] = &[
    ("clock + 1", |log, _, m, row| {
        set(&mut log.machines[m].rows.clock[row], 1)
    }),
    ("clock - 1", |log, _, m, row| {
        set(&mut log.machines[m].rows.clock[row], -1)
    }),
    ("clock + k", |log, chance, m, row| {
        let by = chance.between(2, 60) as i64;
        set(&mut log.machines[m].rows.clock[row], by)
    }),
    ("clock - k", |log, chance, m, row| {
        let by = chance.between(2, 60) as i64;
        set(&mut log.machines[m].rows.clock[row], -by)
    }),
    ("sent_clock + 1", |log, _, m, row| {
        sent_clock(log, m, row, 1)
    }),
    ("sent_clock - 1", |log, _, m, row| {
        sent_clock(log, m, row, -1)
    }),
    ("sent_clock ± k", |log, chance, m, row| {
        let by = chance.between(2, 60) as i64 * chance.pick(&[1, -1]);
        sent_clock(log, m, row, by)
    }),
    ("sent_tick + 1", |log, _, m, row| sent_tick(log, m, row, 1)),
    ("sent_tick - 1", |log, _, m, row| sent_tick(log, m, row, -1)),
    ("sent_tick ± k", |log, chance, m, row| {
        let by = chance.between(2, 60) as i64 * chance.pick(&[1, -1]);
        sent_tick(log, m, row, by)
    }),
    ("sender changed", sender),
    ("recipient changed", recipient),
    ("peer is the machine itself", |log, _, m, row| {
        peer(log, m, row, m as u32)
    }),
    ("peer is unknown", |log, chance, m, row| {
        let stranger = log.machines.len() as u64 + chance.below(5);
        peer(log, m, row, stranger as u32)
    }),
    ("queue + 1", |log, _, m, row| longer_queue(log, m, row, 1)),
    ("queue + k", |log, chance, m, row| {
        longer_queue(log, m, row, chance.between(2, 20))
    }),
    ("queue - 1", |log, _, m, row| shorter_queue(log, m, row, 1)),
    ("queue - k", |log, chance, m, row| {
        shorter_queue(log, m, row, chance.between(2, 5))
    }),
    ("tick of the row before", |log, _, m, row| {
        match row.checked_sub(1) {
            Some(before) => {
                let rows = &mut log.machines[m].rows;
                if rows.tick[row] == rows.tick[before] {
                    return Outcome::NotHere;
                }
                rows.tick[row] = rows.tick[before];
                Outcome::Spoiled
            }
            None => Outcome::NotHere,
        }
    }),
    ("tick + 1", |log, _, m, row| {
        set(&mut log.machines[m].rows.tick[row], 1)
    }),
    ("tick + k", |log, chance, m, row| {
        let by = chance.between(2, 500) as i64;
        set(&mut log.machines[m].rows.tick[row], by)
    }),
    ("time before due", |log, chance, m, row| {
        let due_ns = log
            .manifest
            .due_ns(&log.machines[m].entry, Tick(log.machines[m].rows.tick[row]));
        // Due times are rounded to less than a microsecond.
        log.machines[m].rows.time_ns[row] =
            due_ns.expect("the trial has a start") - chance.between(1_001, 400_000_000);
        Outcome::Spoiled
    }),
    ("time later than due", |log, chance, m, row| {
        if log.manifest.condition.driver != Driver::Virtual {
            return Outcome::NotHere;
        }
        log.machines[m].rows.time_ns[row] += chance.between(1_001, 400_000_000);
        Outcome::Spoiled
    }),
    (
        "time before the row before",
        |log, chance, m, row| match row.checked_sub(1) {
            Some(before) => {
                let rows = &mut log.machines[m].rows;
                rows.time_ns[row] = rows.time_ns[before] - chance.between(1, 1_000);
                Outcome::Spoiled
            }
            None => Outcome::NotHere,
        },
    ),
    ("time after the row after", |log, chance, m, row| {
        let rows = &mut log.machines[m].rows;
        if row + 1 == rows.len() {
            return Outcome::NotHere;
        }
        rows.time_ns[row] = rows.time_ns[row + 1] + chance.between(1, 1_000_000);
        Outcome::Spoiled
    }),
    ("receive before its send", |log, chance, m, row| {
        let Some(sent_ns) = sent_ns(log, m, row) else {
            return Outcome::NotHere;
        };
        log.machines[m].rows.time_ns[row] = sent_ns - chance.between(1, 1_000);
        Outcome::Spoiled
    }),
    ("send after its receive", send_late),
];

/// Adds to a number that cannot be below 0.
fn set(value: &mut u64, by: i64) -> Outcome {
    match value.checked_add_signed(by) {
        Some(changed) => {
            *value = changed;
            Outcome::Spoiled
        }
        None => Outcome::NotHere,
    }
}

/// Always wrong: the sender's clock at that tick is another.
fn sent_clock(log: &mut TrialLog, m: usize, row: usize, by: i64) -> Outcome {
    if !is(log, m, row, EventKind::Receive) {
        return Outcome::NotHere;
    }
    set(&mut log.machines[m].rows.sent_clock[row], by)
}

/// Always wrong: no two ticks of a machine have the same clock.
fn sent_tick(log: &mut TrialLog, m: usize, row: usize, by: i64) -> Outcome {
    if !is(log, m, row, EventKind::Receive) {
        return Outcome::NotHere;
    }
    set(&mut log.machines[m].rows.sent_tick[row], by)
}

/// May be correct only if the new sender sent this machine, at the same tick and with the same clock, a message that
/// was never received.
fn sender(log: &mut TrialLog, chance: &mut Chance, m: usize, row: usize) -> Outcome {
    let others: Vec<usize> = others(log, m, row);
    if !is(log, m, row, EventKind::Receive) || others.is_empty() {
        return Outcome::NotHere;
    }
    let new = chance.pick(&others);
    let (tick, clock) = {
        let rows = &log.machines[m].rows;
        (rows.sent_tick[row], rows.sent_clock[row])
    };
    let theirs = &log.machines[new].rows;
    let twin = (0..theirs.len()).any(|send| {
        theirs.tick[send] == tick
            && theirs.clock[send] == clock
            && recipients(log, new, send).contains(&m)
    });
    let shows = !twin || received(log, new, m).any(|other| other == tick);
    log.machines[m].rows.peer[row] = Some(MachineId(new as u32));
    Outcome::spoiled_if(shows)
}

fn recipient(log: &mut TrialLog, chance: &mut Chance, m: usize, row: usize) -> Outcome {
    let others: Vec<usize> = others(log, m, row);
    if !is(log, m, row, EventKind::Send) || others.is_empty() {
        return Outcome::NotHere;
    }
    let new = chance.pick(&others);
    let shows = readdressing_shows(log, m, row, &[new]);
    log.machines[m].rows.peer[row] = Some(MachineId(new as u32));
    Outcome::spoiled_if(shows)
}

/// Machines other than this one and the row's peer.
fn others(log: &TrialLog, m: usize, row: usize) -> Vec<usize> {
    let peer = log.machines[m].rows.peer[row].map(MachineId::index);
    (0..log.machines.len())
        .filter(|&other| other != m && Some(other) != peer)
        .collect()
}

fn peer(log: &mut TrialLog, m: usize, row: usize, id: u32) -> Outcome {
    let peer = &mut log.machines[m].rows.peer[row];
    if peer.is_none() {
        return Outcome::NotHere;
    }
    *peer = Some(MachineId(id));
    Outcome::Spoiled
}

/// A longer queue is possible only on a receive, if the next row is a receive that leaves at least one less, or no row
/// follows; and if so many messages had been sent to the machine and not been taken.
fn longer_queue(log: &mut TrialLog, m: usize, row: usize, by: u64) -> Outcome {
    let rows = &log.machines[m].rows;
    let queue = rows.queue[row] + by;
    let next_allows = row + 1 == rows.len()
        || (rows.event[row + 1] == EventKind::Receive
            && rows.queue[row + 1] + u64::from(!is_time(log, m, row + 1)) >= queue);
    let now_ns = rows.time_ns[row];
    let taken = (0..=row)
        .filter(|&taken| is(log, m, taken, EventKind::Receive) && !is_time(log, m, taken))
        .count() as u64;
    let sent = (0..log.machines.len())
        .filter(|&from| !keeps_time(log, from))
        .flat_map(|from| (0..log.machines[from].rows.len()).map(move |send| (from, send)))
        .filter(|&(from, send)| {
            log.machines[from].rows.time_ns[send] + shortest_delay(log) <= now_ns
        })
        .filter(|&(from, send)| recipients(log, from, send).contains(&m))
        .count() as u64;
    let possible = is(log, m, row, EventKind::Receive) && next_allows && taken + queue <= sent;
    let shows =
        !possible || in_timed_tick(log, m, row) || drains_all(log) || known_delay(log).is_some();
    log.machines[m].rows.queue[row] = queue;
    Outcome::spoiled_if(shows)
}

fn shortest_delay(log: &TrialLog) -> u64 {
    log.manifest
        .condition
        .latency
        .map_or(0, |latency| hops(log) * latency.min_ns)
}

/// Whether the row belongs to a tick that began by taking the time: what is left in the queue is then known.
fn in_timed_tick(log: &TrialLog, m: usize, row: usize) -> bool {
    let tick = &log.machines[m].rows.tick;
    let mut same_tick = (0..tick.len()).filter(|&other| tick[other] == tick[row]);
    same_tick.any(|other| is_time(log, m, other))
}

/// A shorter queue is possible if it is no less than one below the queue before: fewer messages arrived in between.
fn shorter_queue(log: &mut TrialLog, m: usize, row: usize, by: u64) -> Outcome {
    let rows = &log.machines[m].rows;
    let Some(queue) = rows.queue[row].checked_sub(by) else {
        return Outcome::NotHere;
    };
    let before = row.checked_sub(1).map_or(0, |before| rows.queue[before]);
    let shows = queue + 1 < before
        || in_timed_tick(log, m, row)
        || drains_all(log)
        || known_delay(log).is_some();
    log.machines[m].rows.queue[row] = queue;
    Outcome::spoiled_if(shows)
}

/// When the message of a receive was sent.
fn sent_ns(log: &TrialLog, m: usize, row: usize) -> Option<u64> {
    if !is(log, m, row, EventKind::Receive) {
        return None;
    }
    let rows = &log.machines[m].rows;
    let theirs = &log.machines[rows.peer[row]?.index()].rows;
    let send = theirs
        .tick
        .iter()
        .position(|&tick| tick == rows.sent_tick[row])?;
    Some(theirs.time_ns[send])
}

fn send_late(log: &mut TrialLog, chance: &mut Chance, m: usize, row: usize) -> Outcome {
    let tick = log.machines[m].rows.tick[row];
    for to in recipients(log, m, row) {
        let theirs = &log.machines[to].rows;
        let receive = (0..theirs.len()).find(|&receive| {
            theirs.event[receive] == EventKind::Receive
                && theirs.peer[receive] == Some(MachineId(m as u32))
                && theirs.sent_tick[receive] == tick
        });
        if let Some(receive) = receive {
            let received_ns = theirs.time_ns[receive];
            log.machines[m].rows.time_ns[row] = received_ns + chance.between(1, 1_000);
            return Outcome::Spoiled;
        }
    }
    Outcome::NotHere
}
