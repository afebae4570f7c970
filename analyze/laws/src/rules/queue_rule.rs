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
//! **Invariant.** The bound moves along after a violation. A machine that has taken more than was sent shows that sends are missing from the log: then nothing is known of its queue.

mod delay;
mod steps;
mod time_messages;

use delay::delay;
use events::{At, Kind};

use crate::case::Case;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::memory::Arrivals;
use crate::queue_bounds::{are_sends_missing, bounds, decidable, sent_to};
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

fn check(case: &Case<'_>, findings: &mut Findings) {
    for machine in 0..case.machines() {
        if case.trial.is_own() {
            findings.turn(machine, 0);
            steps::check(case, machine, findings);
            findings.turn(machine, 1);
            arrivals(case, machine, findings);
            findings.turn(machine, 2);
            time_messages::check(case, machine, findings);
        } else {
            at_most(case, machine, findings);
        }
    }
}

/// The queue on the receives of a machine of others, against the messages that may have been sent to it.
fn at_most(case: &Case<'_>, machine: usize, findings: &mut Findings) {
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

/// The queue of every row of ours against the messages sent to the machine.
fn arrivals(case: &Case<'_>, machine: usize, findings: &mut Findings) {
    let law = Law::QueueRule;
    let rows = case.rows(machine);
    let mut before = std::mem::take(&mut findings.memory.machines[machine].arrivals);
    let mut sent = sent_to(
        case.trial,
        &case.facts,
        &case.channels,
        &case.window,
        machine,
    );
    if !before.open.is_empty() {
        sent.append(&mut before.open);
        sent.sort();
    }
    let come = before.come;
    let until_ns = trusted_until(case, machine);
    let (shortest_ns, longest_ns) = match delay(case) {
        Some(latency) => (latency.min_ns, Some(latency.max_ns)),
        None => (0, None),
    };
    let mut bounds = before.bounds;
    let (mut may, mut must) = (0, 0);
    let mut examined = 0;
    for row in case.new_rows(machine) {
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
            findings.undecided(law, (case.new_rows(machine).end - row) as u64, why);
            // No row behind will be, either.
            (sent, may, must) = (Vec::new(), 0, 0);
            break;
        }
        examined += 1;
        may = advance(&sent, may, |sent| sent.saturating_add(shortest_ns) <= now);
        let must = longest_ns.map(|longest_ns| {
            must = advance(&sent, must, |sent| sent.saturating_add(longest_ns) < now);
            must
        });
        if let Some((cause, expected)) =
            bounds.judge(queue, come + may, must.map(|must| come + must))
        {
            let found = format!("queue {queue}");
            findings.violate(law, machine, cause, || Proof::new([at], expected, found));
        }
    }
    findings.examine(law, examined);
    if !case.window.is_last {
        let until = longest_ns.map_or(may, |_| must.min(may));
        findings.memory.machines[machine].arrivals = Arrivals {
            bounds,
            come: come + until,
            open: sent.split_off(until),
        };
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
    let senders = (0..case.machines()).filter(|&sender| sender != machine);
    let ends = senders.filter_map(|sender| {
        let known = &case.facts.machines[sender];
        let end = known.last_ns.unwrap_or(i64::MIN);
        match (known.has_gaps, known.ends_early) {
            (true, _) => Some(i64::MIN),
            (false, true) => Some(end),
            (false, false) => None,
        }
    });
    ends.min()
}
