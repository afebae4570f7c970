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
    /// Mean time from send to receive, nominal seconds, over the messages received.
    pub wait_mean_s: Option<f64>,
    /// 99th percentile.
    pub wait_p99_s: Option<f64>,
    /// Longest.
    pub wait_max_s: Option<f64>,
    /// Messages sent to the machine that it did not receive: queued at the end, under way, or lost. None if a peer has
    /// no rows, since nobody knows what that peer sent.
    pub unreceived: Option<u64>,
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
    let rows = &machine.rows;
    let speed = log.manifest.condition.speed;
    let index_of = |id: MachineId| log.machines.iter().position(|peer| peer.entry.id == id);
    let mut matched: Vec<Vec<bool>> = sends
        .iter()
        .map(|peer| vec![false; peer.by_tick.len()])
        .collect();
    let mut waits = Vec::new();
    for row in 0..rows.len() {
        let (EventKind::Receive, Some(from)) = (rows.event[row], rows.peer[row]) else {
            continue;
        };
        let Some(sender) = index_of(from).filter(|&sender| sender != receiver) else {
            continue;
        };
        let Some((position, sent)) = sends[sender].find(rows.sent_tick[row], machine.entry.id)
        else {
            continue;
        };
        matched[sender][position] = true;
        let wait_ns =
            i128::from(rows.time_ns[row]) - i128::from(log.machines[sender].rows.time_ns[sent]);
        waits.push(wait_ns as f64 * speed / 1e9);
    }
    let received: usize = matched.iter().flatten().filter(|&&matched| matched).count();
    let peers = (0..sends.len()).filter(|&peer| peer != receiver);
    let addressed: usize = peers
        .map(|peer| sends[peer].to(machine.entry.id).count())
        .sum();
    let known = log.machines.iter().all(|machine| !machine.rows.is_empty());
    let waits = sorted(waits);
    MessageMetrics {
        wait_mean_s: mean(&waits),
        wait_p99_s: quantile(&waits, 0.99),
        wait_max_s: max(&waits),
        unreceived: known.then(|| addressed.saturating_sub(received) as u64),
    }
}
