//! Receives matched to their sends.
//!
//! Which receive took which send, the recording says: of our own logs by the message's name, of others' as far as
//! [`crate::history::matching`] is certain. What does not match is left to `check`, which says why.

use serde::{Deserialize, Serialize};
use statistics::{max, mean, quantile, sorted};

use super::units::difference;
use crate::history::matching::Match;
use crate::recording::row_set::RowSet;
use crate::recording::{At, Recording};

/// What became of the messages sent to a machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct MessageMetrics {
    /// Mean time from send to receive, nominal seconds, over the messages received; without a timekeeper's, which wait in
    /// no queue.
    pub wait_mean_s: Option<f64>,
    /// 99th percentile.
    pub wait_p99_s: Option<f64>,
    /// Longest.
    pub wait_max_s: Option<f64>,
    /// Messages sent to the machine that it did not receive: queued at the end, under way, or lost; without those
    /// superseded. None if a peer has no rows, or does not tell whom it sends to: nobody knows what was sent.
    pub unreceived: Option<u64>,
    /// Messages of a timekeeper that the machine passed over, because it took a newer one; none if nobody keeps time for
    /// it, or the timekeeper has no rows.
    pub superseded: Option<u64>,
    /// Share of the receives, from 0 to 1, whose clock does not exceed the clock of the send event; over those whose
    /// send the sender's log shows.
    pub clock_condition_broken: Option<f64>,
}

/// Measures the messages to each machine.
pub fn measure(recording: &Recording) -> Vec<MessageMetrics> {
    let machines = 0..recording.machines.len();
    machines
        .map(|receiver| measure_one(recording, receiver))
        .collect()
}

fn measure_one(recording: &Recording, receiver: usize) -> MessageMetrics {
    let received = Received::of(recording, receiver);
    let matched: usize = received.matched.iter().map(RowSet::len).sum();
    let peers = (0..recording.machines.len()).filter(|&peer| peer != receiver);
    let addressed: Option<usize> = peers.map(|peer| addressed(recording, peer, receiver)).sum();
    let tracks = &recording.machines;
    let known = tracks.iter().all(|track| !track.rows.is_empty());
    let superseded = superseded(recording, receiver, &received);
    let accounted = matched + received.ambiguous + superseded.unwrap_or(0);
    let unreceived = addressed.map(|addressed| addressed.saturating_sub(accounted) as u64);
    let waits = sorted(received.waits);
    MessageMetrics {
        wait_mean_s: mean(&waits),
        wait_p99_s: quantile(&waits, 0.99),
        wait_max_s: max(&waits),
        unreceived: unreceived.filter(|_| known),
        superseded: superseded.map(|count| count as u64),
        clock_condition_broken: (received.compared > 0)
            .then(|| received.broken as f64 / received.compared as f64),
    }
}

/// How many messages one machine sent to another; none if the log does not tell.
fn addressed(recording: &Recording, sender: usize, receiver: usize) -> Option<usize> {
    let sends = recording.machines[sender].rows.sends();
    let reached = sends.map(|row| {
        let at = At {
            machine: sender,
            row,
        };
        recording.reaches(at, receiver).map(usize::from)
    });
    reached.sum()
}

/// The receives of one machine beside their sends.
struct Received {
    /// For each sender the rows of its sends that this machine received.
    matched: Vec<RowSet>,
    /// Receives that took one of several messages, and the log does not tell which.
    ambiguous: usize,
    /// Nominal seconds from send to receive, of messages that waited in the queue.
    waits: Vec<f64>,
    /// Receives whose send was found, where both carry a clock.
    compared: u64,
    /// Those of them whose clock does not exceed that of the send.
    broken: u64,
}

impl Received {
    fn of(recording: &Recording, receiver: usize) -> Received {
        let rows = &recording.machines[receiver].rows;
        let mut received = Received {
            matched: vec![RowSet::default(); recording.machines.len()],
            ambiguous: 0,
            waits: Vec::new(),
            compared: 0,
            broken: 0,
        };
        for row in 0..rows.len() {
            let ambiguous = matches!(rows.took.get(row), Match::Ambiguous { .. });
            received.ambiguous += usize::from(ambiguous);
            let Some(sent) = rows.send_of(row) else {
                continue;
            };
            let theirs = &recording.machines[sent.machine].rows;
            received.matched[sent.machine].insert(sent.row);
            if let Some((ours, theirs)) = rows.clock.get(row).zip(theirs.clock.get(sent.row)) {
                received.compared += 1;
                received.broken += u64::from(ours <= theirs);
            }
            let times = rows.time_ns.get(row).zip(theirs.time_ns.get(sent.row));
            let waited = recording.one_time && !recording.takes_time(receiver, row);
            if let Some((at, sent_at)) = times.filter(|_| waited) {
                let wait_ns = difference(at, sent_at);
                received.waits.push(wait_ns * recording.speed / 1e9);
            }
        }
        received
    }
}

/// How many of the timekeeper's messages before the last one received were not.
fn superseded(recording: &Recording, receiver: usize, received: &Received) -> Option<usize> {
    let timekeeper = recording.timekeeper?;
    let theirs = &recording.machines[timekeeper].rows;
    if timekeeper == receiver || theirs.is_empty() {
        return None;
    }
    let matched = &received.matched[timekeeper];
    let last = matched.last();
    let passed_over = theirs.sends().take_while(|&row| row < last).filter(|&row| {
        let at = At {
            machine: timekeeper,
            row,
        };
        !matched.contains(row) && recording.reaches(at, receiver) == Some(true)
    });
    Some(passed_over.count())
}
