//! Receives matched to their sends.
//!
//! Which receive took which send, the trial says: of our own logs by the message's name, of others' as far as their
//! matching is certain. What does not match is left to `check`, which says why.

use events::{At, Match, Trial};
use polars_arrow::bitmap::MutableBitmap;
use serde::{Deserialize, Serialize};

use super::series::{max, of_numbers, quantile};
use super::units::difference;

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
pub fn measure(trial: &Trial) -> Vec<MessageMetrics> {
    let machines = 0..trial.machines.len();
    machines
        .map(|receiver| measure_one(trial, receiver))
        .collect()
}

fn measure_one(trial: &Trial, receiver: usize) -> MessageMetrics {
    let received = Received::of(trial, receiver);
    let matched: usize = received.matched.iter().map(MutableBitmap::set_bits).sum();
    let peers = (0..trial.machines.len()).filter(|&peer| peer != receiver);
    let addressed: Option<usize> = peers.map(|peer| addressed(trial, peer, receiver)).sum();
    let known = trial
        .machines
        .iter()
        .all(|machine| !machine.rows.is_empty());
    let superseded = superseded(trial, receiver, &received);
    let accounted = matched + received.ambiguous + superseded.unwrap_or(0);
    let unreceived = addressed.map(|addressed| addressed.saturating_sub(accounted) as u64);
    let waits = of_numbers(received.waits);
    MessageMetrics {
        wait_mean_s: waits.mean(),
        wait_p99_s: quantile(&waits, 0.99),
        wait_max_s: max(&waits),
        unreceived: unreceived.filter(|_| known),
        superseded: superseded.map(|count| count as u64),
        clock_condition_broken: (received.compared > 0)
            .then(|| received.broken as f64 / received.compared as f64),
    }
}

/// How many messages one machine sent to another; none if the log does not say.
fn addressed(trial: &Trial, machine: usize, receiver: usize) -> Option<usize> {
    let sends = trial.machines[machine].rows.sends();
    let reached = sends.map(|row| {
        let reaches = trial.reaches(At { machine, row }, receiver);
        reaches.map(usize::from)
    });
    reached.sum()
}

/// The receives of one machine beside their sends.
struct Received {
    /// For each sender which rows this machine received; empty where it received nothing.
    matched: Vec<MutableBitmap>,
    /// Receives that took one of several messages, and the log does not say which.
    ambiguous: usize,
    /// Nominal seconds from send to receive, of messages that waited in the queue.
    waits: Vec<f64>,
    /// Receives whose send was found, where both carry a clock.
    compared: u64,
    /// Those of them whose clock does not exceed that of the send.
    broken: u64,
}

impl Received {
    fn of(trial: &Trial, receiver: usize) -> Received {
        let rows = &trial.machines[receiver].rows;
        let (timekeeper, one_time, speed) = (trial.timekeeper(), trial.one_time(), trial.speed());
        let mut received = Received {
            matched: vec![MutableBitmap::new(); trial.machines.len()],
            ambiguous: 0,
            waits: Vec::new(),
            compared: 0,
            broken: 0,
        };
        for row in 0..rows.len() {
            let sent = match rows.matched(row) {
                Match::Sent { machine, event } => At {
                    machine,
                    row: event,
                },
                Match::Ambiguous { .. } => {
                    received.ambiguous += 1;
                    continue;
                }
                Match::NoReceive | Match::Missing => continue,
            };
            let theirs = &trial.machines[sent.machine].rows;
            let matched = &mut received.matched[sent.machine];
            if matched.is_empty() {
                matched.extend_constant(theirs.len(), false);
            }
            matched.set(sent.row, true);
            let clocks = rows.clock_value(row).zip(theirs.clock_value(sent.row));
            if let Some((ours, theirs)) = clocks {
                received.compared += 1;
                received.broken += u64::from(ours <= theirs);
            }
            let at = At {
                machine: receiver,
                row,
            };
            let times = rows.time_ns.get(row).zip(theirs.time_ns.get(sent.row));
            let times = times.filter(|_| one_time && !trial.takes_time(timekeeper, at));
            if let Some((at_ns, sent_ns)) = times {
                let wait_ns = difference(at_ns, sent_ns);
                received.waits.push(wait_ns * speed / 1e9);
            }
        }
        received
    }
}

/// How many of the timekeeper's messages before the last one received were not.
fn superseded(trial: &Trial, receiver: usize, received: &Received) -> Option<usize> {
    let machine = trial.timekeeper()?;
    let theirs = &trial.machines[machine].rows;
    if machine == receiver || theirs.is_empty() {
        return None;
    }
    let matched = &received.matched[machine];
    let last = (0..matched.len()).rev().find(|&row| matched.get(row));
    let passed_over = theirs.sends().take_while(|&row| Some(row) < last);
    let passed_over = passed_over.filter(|&row| {
        !matched.get(row) && trial.reaches(At { machine, row }, receiver) == Some(true)
    });
    Some(passed_over.count())
}
