//! Receives matched to their sends.
//!
//! (sender, sender's tick) names a message; a receive's send is the row of that tick in the sender's log, if it sends
//! to the receiver. What does not match is left to `check`, which says why.

use event_log::MachineId;
use serde::Serialize;

use crate::statistics::{max, mean, quantile, sorted};
use crate::trial_log::{ClockRows, EventKind, TrialLog};

/// What became of the messages sent to a machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct MessageMetrics {
    /// Mean time from send to receive, nominal seconds, over the messages received; without a timekeeper's, which wait in
    /// no queue.
    pub wait_mean_s: Option<f64>,
    /// 99th percentile.
    pub wait_p99_s: Option<f64>,
    /// Longest.
    pub wait_max_s: Option<f64>,
    /// Messages sent to the machine that it did not receive: queued at the end, under way, or lost; without those
    /// superseded. None if a peer has no rows, since nobody knows what that peer sent.
    pub unreceived: Option<u64>,
    /// Messages of a timekeeper that the machine passed over, because it took a newer one; none if nobody keeps time for
    /// it, or the timekeeper has no rows.
    pub superseded: Option<u64>,
    /// Share of the receives, from 0 to 1, whose clock does not exceed the clock of the send event; over those whose
    /// send the sender's log shows.
    pub clock_condition_broken: Option<f64>,
}

/// The sends of one machine, findable by tick.
pub(crate) struct Sends<'a> {
    rows: &'a ClockRows,
    /// (tick, row) ascending.
    by_tick: Vec<(u64, usize)>,
}

impl<'a> Sends<'a> {
    pub(crate) fn of(rows: &'a ClockRows) -> Sends<'a> {
        let kinds = [EventKind::Send, EventKind::Broadcast];
        let sends = (0..rows.len()).filter(|&row| kinds.contains(&rows.event[row]));
        let mut by_tick: Vec<(u64, usize)> = sends.map(|row| (rows.tick[row], row)).collect();
        by_tick.sort_unstable();
        Sends { rows, by_tick }
    }

    /// Whether the row sends to this machine.
    fn reaches(&self, row: usize, to: MachineId) -> bool {
        self.rows.event[row] == EventKind::Broadcast || self.rows.peer[row] == Some(to)
    }

    /// Position, among all sends, and row of the send at this tick to this machine.
    pub(crate) fn find(&self, tick: u64, to: MachineId) -> Option<(usize, usize)> {
        let position = self.by_tick.partition_point(|&(at, _)| at < tick);
        let (at, row) = *self.by_tick.get(position)?;
        (at == tick && self.reaches(row, to)).then_some((position, row))
    }

    /// All rows that send to this machine.
    pub(crate) fn to(&self, to: MachineId) -> impl Iterator<Item = usize> {
        let rows = self.by_tick.iter().map(|&(_, row)| row);
        rows.filter(move |&row| self.reaches(row, to))
    }
}

/// Measures the messages to each machine.
pub fn measure(log: &TrialLog) -> Vec<MessageMetrics> {
    let sends: Vec<Sends> = log
        .machines
        .iter()
        .map(|machine| Sends::of(&machine.rows))
        .collect();
    (0..log.machines.len())
        .map(|receiver| measure_one(log, &sends, receiver))
        .collect()
}

fn measure_one(log: &TrialLog, sends: &[Sends], receiver: usize) -> MessageMetrics {
    let machine = &log.machines[receiver];
    let received = Received::of(log, sends, receiver);
    let matched = received
        .matched
        .iter()
        .flatten()
        .filter(|&&matched| matched);
    let matched = matched.count();
    let peers = (0..sends.len()).filter(|&peer| peer != receiver);
    let addressed: usize = peers
        .map(|peer| sends[peer].to(machine.entry.id).count())
        .sum();
    let known = log.machines.iter().all(|machine| !machine.rows.is_empty());
    let superseded = superseded(log, sends, receiver, &received);
    let accounted = matched + superseded.unwrap_or(0);
    let waits = sorted(received.waits);
    MessageMetrics {
        wait_mean_s: mean(&waits),
        wait_p99_s: quantile(&waits, 0.99),
        wait_max_s: max(&waits),
        unreceived: known.then(|| addressed.saturating_sub(accounted) as u64),
        superseded: superseded.map(|count| count as u64),
        clock_condition_broken: (received.receives > 0)
            .then(|| received.broken as f64 / received.receives as f64),
    }
}

/// The receives of one machine beside their sends.
struct Received {
    /// For each sender, beside each of its sends: whether this machine received it.
    matched: Vec<Vec<bool>>,
    /// Nominal seconds from send to receive, of messages that waited in the queue.
    waits: Vec<f64>,
    /// Receives whose send was found.
    receives: u64,
    /// Those of them whose clock does not exceed that of the send.
    broken: u64,
}

impl Received {
    fn of(log: &TrialLog, sends: &[Sends], receiver: usize) -> Received {
        let machine = &log.machines[receiver];
        let rows = &machine.rows;
        let speed = log.manifest.condition.speed;
        let unmatched = sends.iter().map(|peer| vec![false; peer.by_tick.len()]);
        let mut received = Received {
            matched: unmatched.collect(),
            waits: Vec::new(),
            receives: 0,
            broken: 0,
        };
        for row in 0..rows.len() {
            let (EventKind::Receive, Some(from)) = (rows.event[row], rows.peer[row]) else {
                continue;
            };
            let Some(sender) = position(log, from).filter(|&sender| sender != receiver) else {
                continue;
            };
            let Some((at, sent)) = sends[sender].find(rows.sent_tick[row], machine.entry.id) else {
                continue;
            };
            let theirs = &log.machines[sender].rows;
            received.matched[sender][at] = true;
            received.receives += 1;
            received.broken += u64::from(rows.clock[row] <= theirs.clock[sent]);
            if !log.takes_time(receiver, row) {
                let wait_ns = i128::from(rows.time_ns[row]) - i128::from(theirs.time_ns[sent]);
                received.waits.push(wait_ns as f64 * speed / 1e9);
            }
        }
        received
    }
}

fn position(log: &TrialLog, id: MachineId) -> Option<usize> {
    log.machines.iter().position(|peer| peer.entry.id == id)
}

/// How many of the timekeeper's messages before the last one received were not.
fn superseded(
    log: &TrialLog,
    sends: &[Sends],
    receiver: usize,
    received: &Received,
) -> Option<usize> {
    let timekeeper = position(log, log.manifest.timekeeper?)?;
    let theirs = &sends[timekeeper];
    if timekeeper == receiver || theirs.rows.is_empty() {
        return None;
    }
    let matched = &received.matched[timekeeper];
    let to = log.machines[receiver].entry.id;
    let last = matched.iter().rposition(|&matched| matched).unwrap_or(0);
    let before = theirs.by_tick.iter().zip(matched).take(last);
    let passed_over = before.filter(|((_, row), matched)| !**matched && theirs.reaches(*row, to));
    Some(passed_over.count())
}
