//! A recording of anybody's trial: what its history says, and which messages were matched.
//!
//! **Invariant.** Nothing is corrected: times, clocks and queues stand as they were logged, and [`remarks`] tells what a
//! reader has to know of them.

mod remarks;

use std::collections::BTreeSet;

use event_log::MachineId;

use super::{Reach, Recording, Rows, Track};
use crate::history::matching::{Match, Matching, SentStamp};
use crate::history::{Clock, ClockKind, Event, History, Kind, TimeOrigin};

pub use remarks::{left_out, remarks};

/// Times of a machine that begin within so many nanoseconds after 0 are counted from a start, not from an epoch.
const ELAPSED_NS: i64 = 60_000_000_000;

/// What a history records; `number` is the trial's among those that are read together.
pub fn lower(history: &History, matching: &Matching, number: u64) -> Recording {
    let ids = ids(history);
    let machines = (0..history.machines.len()).map(|machine| {
        let of = &history.machines[machine];
        let named = of.name == ids[machine].to_string();
        Track {
            id: ids[machine],
            name: (!named && !of.name.is_empty()).then(|| of.name.clone()),
            rate_hz: of.rate_hz,
            schedule: None,
            files: of.files.clone(),
            // A log that states the rate and nothing else was begun.
            silent: of.events.is_empty() && of.rate_hz.is_some(),
            rows: rows(history, matching, machine, &ids),
        }
    });
    Recording {
        run: history.group.clone(),
        trial: number,
        name: Some(history.trial.clone()).filter(|name| !name.is_empty()),
        dir: history.dir.clone(),
        started_ns: (history.dialect.time == Some(TimeOrigin::Trial)).then_some(0),
        speed: 1.0,
        timekeeper: None,
        lasted_s: None,
        connections: None,
        one_time: one_time(history),
        additive: clock_kind(history) == Some(ClockKind::Lamport),
        machines: machines.collect(),
    }
}

/// The numbers that are the machines' names, if they are that; else their positions.
fn ids(history: &History) -> Vec<MachineId> {
    let machines = &history.machines;
    let numbers: Option<Vec<u32>> = machines.iter().map(|of| of.name.parse().ok()).collect();
    let distinct =
        |numbers: &Vec<u32>| numbers.iter().collect::<BTreeSet<&u32>>().len() == machines.len();
    let numbers = numbers.filter(distinct);
    let numbers = numbers.unwrap_or_else(|| (0..).take(machines.len()).collect());
    numbers.into_iter().map(MachineId).collect()
}

/// Whether times of different machines can be subtracted: not if each machine counts from its own start. Where nobody
/// says, times that begin at 0 on every machine are taken for such.
fn one_time(history: &History) -> bool {
    match history.dialect.time {
        Some(TimeOrigin::Epoch | TimeOrigin::Trial) => true,
        Some(TimeOrigin::Machine) => false,
        None => {
            let machines = history.machines.iter();
            let firsts = machines.filter_map(|of| of.events.iter().find_map(|e| e.time_ns));
            !firsts.clone().all(|first| (0..ELAPSED_NS).contains(&first))
        }
    }
}

/// What kind of clock the log has: what its dialect says, or what the events show.
fn clock_kind(history: &History) -> Option<ClockKind> {
    let shown = || {
        let events = history.machines.iter().flat_map(|of| &of.events);
        let kinds = events.filter_map(|event| match event.clock.as_ref()? {
            Clock::Lamport(_) => Some(ClockKind::Lamport),
            Clock::Fractional(_) => Some(ClockKind::Fractional),
            Clock::Vector(_) => Some(ClockKind::Vector),
        });
        kinds.reduce(|one, other| {
            if one == ClockKind::Lamport {
                other
            } else {
                one
            }
        })
    };
    history.dialect.clock.or_else(shown)
}

fn rows(history: &History, matching: &Matching, machine: usize, ids: &[MachineId]) -> Rows {
    let of = &history.machines[machine];
    let mut rows = Rows::default();
    for (number, event) in of.events.iter().enumerate() {
        let sent = matching.send_of(machine, number);
        let send = sent.map(|(sender, event)| &history.machines[sender].events[event]);
        let from = event.from.or(sent.map(|(sender, _)| sender));
        let receives = event.kind == Kind::Receive;
        rows.line.push(event.line);
        if of.files.len() > 1 {
            rows.file.push(event.file);
        }
        rows.tick.push(event.tick);
        rows.time_ns.push(event.time_ns);
        rows.event.push(event.kind);
        rows.clock
            .push(event.clock.as_ref().and_then(|clock| clock.scalar(machine)));
        rows.queue.push(event.queue);
        rows.from.push(
            from.filter(|_| receives)
                .and_then(|from| ids.get(from).copied()),
        );
        let to = reach(event, machine, matching, ids, &mut rows.groups);
        rows.to.push(to);
        rows.sent_tick.push(send.map(|send| send.tick));
        rows.carried.push(if receives {
            let told = event
                .carried
                .as_ref()
                .or(send.and_then(|send| send.carried.as_ref()));
            told.and_then(|clock| clock.scalar(from.unwrap_or(machine)))
        } else {
            carried(event, machine, matching.inferred.stamp)
        });
        let of_machine = matching.receives.get(machine);
        let took = of_machine.and_then(|all| all.get(number)).copied();
        rows.took.push(took.unwrap_or(Match::NoReceive));
    }
    rows
}

/// What the message of a send carried: what the line says, or its clock and how messages of this log are stamped.
fn carried(event: &Event, machine: usize, stamp: Option<SentStamp>) -> Option<f64> {
    if !matches!(event.kind, Kind::Send | Kind::Broadcast) {
        return None;
    }
    if let Some(told) = &event.carried {
        return told.scalar(machine);
    }
    let logged = event.clock.as_ref()?.scalar(machine)?;
    Some(match stamp? {
        SentStamp::AsLogged => logged,
        SentStamp::BeforeIncrement => logged - 1.0,
        SentStamp::AfterIncrement => logged + 1.0,
    })
}

/// Who an event's message reaches, as far as the line, or what was inferred of positions, tells.
///
/// Several machines are put in `groups`, if they are not the last group there.
fn reach(
    event: &Event,
    machine: usize,
    matching: &Matching,
    ids: &[MachineId],
    groups: &mut Vec<Vec<usize>>,
) -> Reach {
    let peers = ids.len().saturating_sub(1);
    let one = |to: usize| ids.get(to).map_or(Reach::Unknown, |id| Reach::One(*id));
    let inferred = || {
        let positions = matching.inferred.positions.get(machine)?;
        positions.get(&event.position?).copied()
    };
    match (event.kind, event.to.as_deref()) {
        (Kind::Internal | Kind::Receive, _) => Reach::Nobody,
        (_, Some([to])) => one(*to),
        (_, Some(to)) if to.len() > 1 && to.len() < peers => {
            if groups.last().is_none_or(|last| last != to) {
                groups.push(to.to_vec());
            }
            Reach::Several(groups.len() as u32 - 1)
        }
        (_, Some(to)) if to.len() > 1 => Reach::All,
        (Kind::Broadcast, _) => Reach::All,
        // With one peer there is nobody else.
        (Kind::Send, _) if ids.len() == 2 => one(1 - machine.min(1)),
        (Kind::Send, _) => inferred().map_or(Reach::Unknown, one),
    }
}

#[cfg(test)]
mod tests;
