//! A recording of one of our own trials.

use event_log::{MachineId, Status};

use super::{Reach, Recording, Rows, Track};
use crate::history::matching::Match;
use crate::trial_log::{ClockRows, EventKind, TrialLog};

/// How many sends of a machine are looked at one by one before all are searched.
const NEAR: usize = 8;

/// What its logs record. Times beyond what an `i64` holds are not recorded.
pub fn of(log: &TrialLog) -> Recording {
    let manifest = &log.manifest;
    let condition = &manifest.condition;
    let position = |id| {
        log.machines
            .iter()
            .position(|machine| machine.entry.id == id)
    };
    let complete = manifest.status == Status::Complete && condition.duration_ns > 0;
    let machines = (0..log.machines.len()).map(|machine| track(log, machine));
    let mut recording = Recording {
        run: log.run.clone(),
        trial: manifest.trial,
        name: None,
        dir: log.dir.clone(),
        started_ns: manifest.started_ns.and_then(signed),
        speed: condition.speed,
        timekeeper: manifest.timekeeper.and_then(position),
        lasted_s: complete.then(|| condition.duration_ns as f64 / 1e9),
        connections: Some(condition.connections()),
        one_time: true,
        additive: true,
        machines: machines.collect(),
    };
    find_sends(log, &mut recording);
    recording
}

fn signed(time_ns: u64) -> Option<i64> {
    i64::try_from(time_ns).ok()
}

fn track(log: &TrialLog, machine: usize) -> Track {
    let of = &log.machines[machine];
    let rows = &of.rows;
    let receives = || rows.event.iter().map(|&kind| kind == EventKind::Receive);
    let on_receives = |column: &[u64]| -> Vec<Option<u64>> {
        let values = column.iter().zip(receives());
        values
            .map(|(&value, receive)| receive.then_some(value))
            .collect()
    };
    let of_receives = rows.peer.iter().zip(receives());
    Track {
        id: of.entry.id,
        name: None,
        rate_hz: Some(of.entry.rate.hz()),
        schedule: log.manifest.schedule(&of.entry),
        files: vec![of.file.clone()],
        silent: false,
        rows: Rows {
            line: rows.line.clone(),
            file: Vec::new(),
            tick: rows.tick.clone(),
            time_ns: rows.time_ns.iter().map(|&time| signed(time)).collect(),
            event: rows.event.clone(),
            clock: rows.clock.iter().map(|&clock| Some(clock as f64)).collect(),
            queue: rows.queue.iter().map(|&length| Some(length)).collect(),
            from: of_receives
                .map(|(&peer, receive)| peer.filter(|_| receive))
                .collect(),
            to: (0..rows.len()).map(|row| reach(rows, row)).collect(),
            sent_tick: on_receives(&rows.sent_tick),
            carried: carried(log, rows),
            took: vec![Match::NoReceive; rows.len()],
        },
    }
}

fn reach(rows: &ClockRows, row: usize) -> Reach {
    match rows.event[row] {
        EventKind::Send => rows.peer[row].map_or(Reach::Several(Vec::new()), Reach::One),
        EventKind::Broadcast => Reach::All,
        EventKind::Internal | EventKind::Receive => Reach::Nobody,
    }
}

fn carried(log: &TrialLog, rows: &ClockRows) -> Vec<Option<f64>> {
    let behind = log.manifest.condition.stamp.behind();
    let carried = |row: usize| match rows.event[row] {
        EventKind::Receive => Some(rows.sent_clock[row] as f64),
        EventKind::Send | EventKind::Broadcast => {
            Some(rows.clock[row].saturating_sub(behind) as f64)
        }
        EventKind::Internal => None,
    };
    (0..rows.len()).map(carried).collect()
}

/// (sender, sender's tick) names a message; a receive's send is the row of that tick in the sender's log, if it sends to
/// the receiver. What does not match is left to `check`, which says why.
fn find_sends(log: &TrialLog, recording: &mut Recording) {
    let sends: Vec<Sends> = log.machines.iter().map(|of| Sends::of(&of.rows)).collect();
    let positions: std::collections::HashMap<MachineId, usize> = (0..)
        .zip(&log.machines)
        .map(|(position, of)| (of.entry.id, position))
        .collect();
    for (receiver, track) in recording.machines.iter_mut().enumerate() {
        let rows = &log.machines[receiver].rows;
        // Messages of one sender mostly arrive in the order of sending: the next is not far behind the last.
        let mut next = vec![0; sends.len()];
        for row in 0..rows.len() {
            if rows.event[row] != EventKind::Receive {
                continue;
            }
            let sender = rows.peer[row].and_then(|peer| positions.get(&peer).copied());
            let found = sender
                .filter(|&sender| sender != receiver)
                .and_then(|machine| {
                    let tick = rows.sent_tick[row];
                    let event = sends[machine].find(tick, track.id, &mut next[machine])?;
                    Some(Match::Sent { machine, event })
                });
            track.rows.took[row] = found.unwrap_or(Match::Missing);
        }
    }
}

/// The sends of one machine, findable by tick.
struct Sends<'a> {
    rows: &'a ClockRows,
    /// (tick, row) ascending.
    by_tick: Vec<(u64, usize)>,
}

impl<'a> Sends<'a> {
    fn of(rows: &'a ClockRows) -> Sends<'a> {
        let kinds = [EventKind::Send, EventKind::Broadcast];
        let sends = (0..rows.len()).filter(|&row| kinds.contains(&rows.event[row]));
        let mut by_tick: Vec<(u64, usize)> = sends.map(|row| (rows.tick[row], row)).collect();
        by_tick.sort_unstable();
        Sends { rows, by_tick }
    }

    /// Row of the send at this tick to this machine; `next` is the position to look from.
    fn find(&self, tick: u64, to: MachineId, next: &mut usize) -> Option<usize> {
        let is_before = |&(at, _): &(u64, usize)| at < tick;
        let from = self.by_tick.get(*next..).unwrap_or_default();
        let near = from.iter().take(NEAR).position(|send| !is_before(send));
        let certain = *next == 0 || is_before(&self.by_tick[*next - 1]);
        let position = match near.filter(|_| certain) {
            Some(near) => *next + near,
            None => self.by_tick.partition_point(is_before),
        };
        *next = position;
        let (at, row) = *self.by_tick.get(position)?;
        let reaches =
            self.rows.event[row] == EventKind::Broadcast || self.rows.peer[row] == Some(to);
        (at == tick && reaches).then_some(row)
    }
}
