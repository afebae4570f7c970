//! A recording of one of our own trials.
//!
//! **Invariant.** A trial is never in memory twice: each column of its log becomes one of the recording, or goes.

use std::collections::HashMap;

use event_log::{MachineId, Status, TrialManifest};

use super::column::Column;
use super::takes::Takes;
use super::{Reach, Recording, Rows, Track};
use crate::history::matching::Match;
use crate::trial_log::{ClockRows, EventKind, MachineLog};

/// How many sends of a machine are looked at one by one before all are searched.
const NEAR: usize = 8;

/// Who a send reaches that names nobody: the group of no machine, the only one of [`Rows::groups`] in trials of ours.
const NO_GROUP: u32 = 0;

/// What its logs record. Times beyond what an `i64` holds are not recorded.
pub fn of(trial: events::Trial) -> Recording {
    // Bridge: until the metrics read the table.
    let log = crate::trial_log::of(&trial);
    drop(trial);
    let manifest = &log.manifest;
    let condition = &manifest.condition;
    let position = |id| {
        log.machines
            .iter()
            .position(|machine| machine.entry.id == id)
    };
    let complete = manifest.status == Status::Complete && condition.duration_ns > 0;
    let timekeeper = manifest.timekeeper.and_then(position);
    let machines = log.machines.into_iter().map(|of| track(manifest, of));
    let mut machines: Vec<Track> = machines.collect();
    let took: Vec<Takes> = find_sends(&machines);
    for (track, took) in machines.iter_mut().zip(took) {
        track.rows.took = took;
    }
    Recording {
        run: log.run,
        trial: manifest.trial,
        name: None,
        dir: log.dir,
        started_ns: manifest.started_ns.and_then(signed),
        speed: condition.speed,
        timekeeper,
        lasted_s: complete.then(|| condition.duration_ns as f64 / 1e9),
        connections: Some(condition.connections()),
        one_time: true,
        additive: true,
        machines,
    }
}

fn signed(time_ns: u64) -> Option<i64> {
    i64::try_from(time_ns).ok()
}

fn track(manifest: &TrialManifest, of: MachineLog) -> Track {
    Track {
        id: of.entry.id,
        name: None,
        rate_hz: Some(of.entry.rate.hz()),
        schedule: manifest.schedule(&of.entry),
        files: vec![of.file],
        silent: false,
        rows: rows(of.rows, manifest.condition.stamp.behind()),
    }
}

/// A machine's rows but for what they took; messages carry the clock of their send less `behind`.
fn rows(rows: ClockRows, behind: u64) -> Rows {
    let event = rows.event;
    let is_receive = |row: usize| event[row] == EventKind::Receive;
    let time_ns = rows.time_ns.into_iter().map(signed).collect();
    let peers = || rows.peer.iter().zip(&event);
    let from = peers().map(|(&peer, &kind)| peer.filter(|_| kind == EventKind::Receive));
    let from = from.collect();
    let to = peers().map(|(&peer, &kind)| reach(peer, kind)).collect();
    drop(rows.peer);
    let mut carried = rows.sent_clock;
    for (row, (carried, &clock)) in carried.iter_mut().zip(&rows.clock).enumerate() {
        if !is_receive(row) {
            *carried = clock.saturating_sub(behind);
        }
    }
    Rows {
        line: rows.line,
        file: Vec::new(),
        tick: rows.tick,
        time_ns,
        clock: Column::whole(in_units(rows.clock)),
        queue: Column::whole(rows.queue),
        from,
        to,
        groups: vec![Vec::new()],
        sent_tick: Column::of_rows(rows.sent_tick, is_receive),
        carried: Column::of_rows(in_units(carried), |row| event[row] != EventKind::Internal),
        took: Takes::default(),
        event,
    }
}

/// Clocks as the recording holds them, in the memory that they stand in.
fn in_units(clocks: Vec<u64>) -> Vec<f64> {
    clocks.into_iter().map(|clock| clock as f64).collect()
}

fn reach(peer: Option<MachineId>, kind: EventKind) -> Reach {
    match kind {
        EventKind::Send => peer.map_or(Reach::Several(NO_GROUP), Reach::One),
        EventKind::Broadcast => Reach::All,
        EventKind::Internal | EventKind::Receive => Reach::Nobody,
    }
}

/// (sender, sender's tick) names a message; a receive's send is the row of that tick in the sender's log, if it sends to
/// the receiver. What does not match is left to `check`, which says why.
fn find_sends(machines: &[Track]) -> Vec<Takes> {
    let sends: Vec<Sends> = machines.iter().map(|of| Sends::of(&of.rows)).collect();
    let positions: HashMap<MachineId, usize> =
        (0..).zip(machines).map(|(at, of)| (of.id, at)).collect();
    let found = machines.iter().enumerate().map(|(receiver, track)| {
        let rows = &track.rows;
        // Messages of one sender mostly arrive in the order of sending: the next is not far behind the last.
        let mut next = vec![0; sends.len()];
        let take = |row: usize| {
            if rows.event[row] != EventKind::Receive {
                return Match::NoReceive;
            }
            let sender = rows.from.get(row);
            let sender = sender.and_then(|peer| positions.get(&peer).copied());
            let found = sender
                .filter(|&sender| sender != receiver)
                .and_then(|machine| {
                    let tick = rows.sent_tick.get(row)?;
                    let event = sends[machine].find(tick, track.id, &mut next[machine])?;
                    Some(Match::Sent { machine, event })
                });
            found.unwrap_or(Match::Missing)
        };
        (0..rows.len()).map(take).collect()
    });
    found.collect()
}

/// The sends of one machine, findable by tick.
struct Sends<'a> {
    rows: &'a Rows,
    /// Rows, by tick and then by row.
    by_tick: Vec<u32>,
}

impl<'a> Sends<'a> {
    fn of(rows: &'a Rows) -> Sends<'a> {
        let mut by_tick: Vec<u32> = rows.sends().map(|row| row as u32).collect();
        by_tick.sort_by_key(|&row| rows.tick[row as usize]);
        Sends { rows, by_tick }
    }

    /// Row of the send at this tick to this machine; `next` is the position to look from.
    fn find(&self, tick: u64, to: MachineId, next: &mut usize) -> Option<usize> {
        let is_before = |&row: &u32| self.rows.tick[row as usize] < tick;
        let from = self.by_tick.get(*next..).unwrap_or_default();
        let near = from.iter().take(NEAR).position(|row| !is_before(row));
        let certain = *next == 0 || is_before(&self.by_tick[*next - 1]);
        let position = match near.filter(|_| certain) {
            Some(near) => *next + near,
            None => self.by_tick.partition_point(is_before),
        };
        *next = position;
        let row = *self.by_tick.get(position)? as usize;
        let reaches = [Reach::All, Reach::One(to)].contains(&self.rows.to[row]);
        (self.rows.tick[row] == tick && reaches).then_some(row)
    }
}
