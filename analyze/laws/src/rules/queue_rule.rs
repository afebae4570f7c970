//! The queue on the lines, against what was sent and what was taken.
//!
//! With A(t) the messages that have arrived by t and R the receives so far, the queue is A(t) − R. Logs do not record
//! arrivals, but a message cannot arrive before it is sent, so `queue ≤ sent(t) − R`. Where the delay is known, in
//! virtual time, it cannot arrive later than its longest delay either: `sent(t − longest) − R ≤ queue ≤ sent(t −
//! shortest) − R`, which leaves no freedom at all when the delay is constant. Where recipients are not named every message
//! that may have come counts: the bound is wide, and still a bound.
//!
//! Time messages are in no queue: [`time_messages`] holds them against arrivals.
//!
//! **Invariant.** The bound moves along after a violation: an invented or missing message is told once. A machine that has
//! taken more than was sent shows that sends are missing from the log: then nothing is known of its queue.

mod steps;
mod time_messages;

use event_log::{Design, Driver, Latency};
use events::{At, Kind, Rows, Trial};

use crate::case::Case;
use crate::channels::Channels;
use crate::facts::Facts;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::rule::{Applies, Rule};

pub(super) const RULE: Rule = Rule {
    law: Law::QueueRule,
    applies,
    check,
};

const MISSING: &str = "times of different machines do not compare, or the log of a machine, or a line of one, is missing";
const SENDS_MISSING: &str = "a machine takes more messages than the logs show sends to it";

fn applies(case: &Case<'_>) -> Applies {
    match decidable(case.trial, &case.facts) {
        true => Applies::Yes,
        false => Applies::NotDecidable(MISSING),
    }
}

/// Whether the logs show all that was sent, by one clock. Of our own each log says how far it can be trusted.
fn decidable(trial: &Trial, facts: &Facts) -> bool {
    let whole = !trial.info.logs_missing && trial.machines.iter().all(|of| !of.rows.is_empty());
    trial.is_own() || (facts.common_time && whole)
}

fn check(case: &Case<'_>, findings: &mut Findings<'_>) {
    for machine in 0..case.machines() {
        if case.trial.is_own() {
            steps::check(case, machine, findings);
            arrivals(case, machine, findings);
            time_messages::check(case, machine, findings);
        } else {
            at_most(case, machine, findings);
        }
    }
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
fn are_sends_missing(bounds: &[(usize, i64, i64)]) -> bool {
    bounds.iter().any(|&(_, _, bound)| bound < 0)
}

/// For each receive with a queue and a time: its row, the queue, and the most that can have been left.
fn bounds(
    trial: &Trial,
    facts: &Facts,
    channels: &Channels,
    machine: usize,
) -> Vec<(usize, i64, i64)> {
    let rows = &trial.machines[machine].rows;
    let sent_ns = sent_to(trial, facts, channels, machine);
    let receives = (0..rows.len()).filter(|&row| rows.kind(row) == Kind::Receive);
    let shown = receives.zip(1..).filter_map(|(row, taken)| {
        let until_ns = rows.time_ns.get(row)?.saturating_add(facts.slack_ns);
        let come = sent_ns.partition_point(|&sent_ns| sent_ns <= until_ns) as i64;
        let queue = i64::try_from(rows.queue.get(row)?).unwrap_or(i64::MAX);
        Some((row, queue, come - taken))
    });
    shown.collect()
}

/// The queue on the receives of a machine of others, against the messages that may have been sent to it.
fn at_most(case: &Case<'_>, machine: usize, findings: &mut Findings<'_>) {
    let law = Law::QueueRule;
    let bounds = bounds(case.trial, &case.facts, &case.channels, machine);
    if are_sends_missing(&bounds) {
        return findings.undecided(law, bounds.len() as u64, SENDS_MISSING);
    }
    findings.examine(law, bounds.len() as u64);
    let mut beyond = 0;
    for (row, queue, bound) in bounds {
        let bound = bound.saturating_add(i64::from(case.reading.before_pop));
        let more = queue.saturating_sub(bound).saturating_sub(beyond);
        if more <= 0 {
            continue;
        }
        let cause = match more {
            1 => "the queue was counted before the pop, or a line of a send is missing",
            _ => "lines of sends are missing, or the queue holds messages twice or of another run",
        };
        findings.violate(law, machine, cause, || {
            let most = bound.saturating_add(beyond);
            let expected = format!("at most {most}: so many were sent by then and not yet taken");
            Proof::new([At { machine, row }], expected, queue.to_string())
        });
        beyond = beyond.saturating_add(more);
    }
}

/// Times at which messages were sent to a machine's queue, or may have been, sorted; a send without a time may have been at
/// any time.
fn sent_to(trial: &Trial, facts: &Facts, channels: &Channels, machine: usize) -> Vec<i64> {
    let mut times = Vec::new();
    let senders = (0..trial.machines.len()).filter(|&sender| sender != machine);
    for sender in senders.filter(|&sender| Some(sender) != facts.timekeeper) {
        let time_ns = &trial.machines[sender].rows.time_ns;
        let sends = channels.sends(sender, machine).iter();
        let sends = sends.chain(channels.unaddressed(sender));
        times.extend(sends.map(|&row| time_ns.get(row as usize).unwrap_or(i64::MIN)));
    }
    // Stable: it merges the senders' times, each of which ascends, where the other sort would begin anew.
    times.sort();
    times
}

/// The queue of every row of ours against the messages sent to the machine.
fn arrivals(case: &Case<'_>, machine: usize, findings: &mut Findings<'_>) {
    let law = Law::QueueRule;
    let rows = case.rows(machine);
    let sent = sent_to(case.trial, &case.facts, &case.channels, machine);
    let until_ns = trusted_until(case, machine);
    let (shortest_ns, longest_ns) = match delay(case) {
        Some(latency) => (latency.min_ns, Some(latency.max_ns)),
        None => (0, None),
    };
    let mut bounds = Bounds::default();
    let (mut may, mut must) = (0, 0);
    let mut examined = 0;
    for row in 0..rows.len() {
        let at = At { machine, row };
        let taken = rows.kind(row) == Kind::Receive && !case.takes_time(at);
        bounds.taken += i128::from(taken);
        let (Some(now), Some(queue)) = (rows.time_ns.get(row), rows.queue.get(row)) else {
            findings.undecided(law, 1, "lines without a time or a queue");
            continue;
        };
        if until_ns.is_some_and(|until_ns| now >= until_ns) {
            // Each row has been held against the row before it, but not against what was sent.
            let why = "the log of a sender ends before, or lines are missing";
            findings.undecided(law, (rows.len() - row) as u64, why);
            break;
        }
        examined += 1;
        may = advance(&sent, may, |sent| sent.saturating_add(shortest_ns) <= now);
        let must = longest_ns.map(|longest_ns| {
            must = advance(&sent, must, |sent| sent.saturating_add(longest_ns) < now);
            must
        });
        if let Some((cause, expected)) = bounds.judge(queue, may, must) {
            let found = format!("queue {queue}");
            findings.violate(law, machine, cause, || Proof::new([at], expected, found));
        }
    }
    findings.examine(law, examined);
}

/// What the queue may be, and by how much earlier violations have moved it.
#[derive(Default)]
struct Bounds {
    taken: i128,
    slack_above: i128,
    slack_below: i128,
}

impl Bounds {
    /// The cause and what was expected, where the queue is out of bounds.
    fn judge(
        &mut self,
        queue: u64,
        may: usize,
        must: Option<usize>,
    ) -> Option<(&'static str, String)> {
        let queue = i128::from(queue);
        let taken = self.taken;
        let most = may as i128 - taken + self.slack_above;
        if queue > most {
            self.slack_above += queue - most;
            return Some((
                "invented or duplicated message, or the row of a send was lost or edited",
                format!(
                    "queue of at most {}: {may} messages were sent to this machine by then, it has taken {taken}",
                    most.max(0)
                ),
            ));
        }
        let must = must?;
        let least = must as i128 - taken - self.slack_below;
        if queue < least {
            self.slack_below += least - queue;
            return Some((
                "lost message, or a receive was not logged",
                format!(
                    "queue of at least {least}: {must} messages had arrived by then, the machine had taken {taken}"
                ),
            ));
        }
        None
    }
}

/// How many of the sorted times satisfy a condition that holds up to some time; `from` is the last answer.
#[inline]
fn advance(sorted: &[i64], from: usize, holds: impl Fn(i64) -> bool) -> usize {
    let mut count = from;
    while count > 0 && !holds(sorted[count - 1]) {
        count -= 1;
    }
    while count < sorted.len() && holds(sorted[count]) {
        count += 1;
    }
    count
}

/// Up to when the logs of ours show every send to a machine and every receive of its own; none for ever.
fn trusted_until(case: &Case<'_>, machine: usize) -> Option<i64> {
    if !case.facts.common_time || case.facts.machines[machine].has_gaps {
        return Some(i64::MIN);
    }
    let last = |rows: &Rows| rows.time_ns.get(rows.len().checked_sub(1)?);
    let senders = (0..case.machines()).filter(|&sender| sender != machine);
    let ends = senders.filter_map(|sender| {
        let known = &case.facts.machines[sender];
        let end = last(case.rows(sender)).unwrap_or(i64::MIN);
        match (known.has_gaps, known.ends_early) {
            (true, _) => Some(i64::MIN),
            (false, true) => Some(end),
            (false, false) => None,
        }
    });
    ends.min()
}

/// The shortest and the longest delay of messages in nanoseconds.
struct Delay {
    min_ns: i64,
    max_ns: i64,
}

/// The delay of messages, where it is known and nothing was lost; through a relay that of two hops.
fn delay(case: &Case<'_>) -> Option<Delay> {
    let condition = &case.trial.info.manifest.as_ref()?.condition;
    let known = condition.driver == Driver::Virtual
        && condition.speed == 1.0
        && case.facts.accounted == 0
        && !case.facts.lossy;
    let hops = match condition.design {
        Design::Mesh | Design::Timekeeper => 1,
        Design::Hub => 2,
    };
    let Latency { min_ns, max_ns } = condition.latency.filter(|_| known)?;
    let over = |ns: u64| i64::try_from(ns.saturating_mul(hops)).unwrap_or(i64::MAX);
    Some(Delay {
        min_ns: over(min_ns),
        max_ns: over(max_ns),
    })
}

#[cfg(test)]
mod tests {
    use super::Bounds;

    #[test]
    fn queues_beyond_all_measure_move_the_bounds_and_do_not_overflow() {
        let mut bounds = Bounds::default();
        assert!(bounds.judge(u64::MAX, 3, Some(2)).is_some(), "too many");
        assert!(bounds.judge(u64::MAX, 3, Some(2)).is_none(), "told once");
        assert!(bounds.judge(0, 3, Some(2)).is_some(), "too few");
        assert!(bounds.judge(0, 3, Some(2)).is_none(), "told once");
    }
}
