//! How many messages can have waited when a machine took one: those that were sent to it by then, less those that it took.
//!
//! **Invariant.** Where recipients are not named every message that may have come counts: the bound is wide, and still a
//! bound.

use crate::channels::{Channels, among};
use crate::facts::Facts;
use events::{Kind, Trial, Window};

/// Whether the logs show all that was sent, by one clock. Of our own each log says how far it can be trusted.
pub(crate) fn decidable(trial: &Trial, facts: &Facts) -> bool {
    let whole = !trial.info.logs_missing && trial.machines.iter().all(|of| !of.rows.is_empty());
    trial.is_own() || (facts.common_time && whole)
}

/// How many lines break the law when the message taken is counted, or not.
pub(crate) fn broken(trial: &Trial, facts: &Facts, channels: &Channels, before_pop: bool) -> usize {
    if trial.is_own() || !decidable(trial, facts) {
        return 0;
    }
    let machines = (0..trial.machines.len()).map(|machine| bounds(trial, facts, channels, machine));
    machines
        .filter(|bounds| !are_sends_missing(bounds))
        .flatten()
        .filter(|&(_, queue, bound)| queue > bound + i64::from(before_pop))
        .count()
}

/// Whether more was taken than sent.
pub(crate) fn are_sends_missing(bounds: &[(usize, i64, i64)]) -> bool {
    bounds.iter().any(|&(_, _, bound)| bound < 0)
}

/// For each receive with a queue and a time: its row, the queue, and the most that can have been left.
pub(crate) fn bounds(
    trial: &Trial,
    facts: &Facts,
    channels: &Channels,
    machine: usize,
) -> Vec<(usize, i64, i64)> {
    let rows = &trial.machines[machine].rows;
    let sent_ns = sent_to(trial, facts, channels, &Window::whole(trial), machine);
    let receives = (0..rows.len()).filter(|&row| rows.kind(row) == Kind::Receive);
    let shown = receives.zip(1..).filter_map(|(row, taken)| {
        let until_ns = rows.time_ns.get(row)?.saturating_add(facts.slack_ns);
        let come = sent_ns.partition_point(|&sent_ns| sent_ns <= until_ns) as i64;
        let queue = i64::try_from(rows.queue.get(row)?).unwrap_or(i64::MAX);
        Some((row, queue, come - taken))
    });
    shown.collect()
}

/// Times at which messages were sent to a machine's queue by rows that are new, or may have been, sorted; a send without a time
/// may have been at any time.
pub(crate) fn sent_to(
    trial: &Trial,
    facts: &Facts,
    channels: &Channels,
    window: &Window,
    machine: usize,
) -> Vec<i64> {
    let mut times = Vec::new();
    let senders = (0..trial.machines.len()).filter(|&sender| sender != machine);
    for sender in senders.filter(|&sender| Some(sender) != facts.timekeeper) {
        let time_ns = &trial.machines[sender].rows.time_ns;
        let new = &window.new[sender];
        let sends = among(channels.sends(sender, machine), new).iter();
        let sends = sends.chain(among(channels.unaddressed(sender), new));
        times.extend(sends.map(|&row| time_ns.get(row as usize).unwrap_or(i64::MIN)));
    }
    // Stable: it merges the senders' times, each of which ascends, where the other sort would begin anew.
    times.sort();
    times
}
