//! The queue column: what its own log says of it, and what the messages sent to the machine say.
//!
//! With A(t) the messages that have arrived by t and R the receives so far, the queue is A(t) − R. Logs do not record
//! arrivals, but a message cannot arrive before it is sent, so `queue ≤ sent(t) − R`. Where the delay is known, in
//! virtual time, it cannot arrive later than its longest delay either: `sent(t − longest) − R ≤ queue ≤ sent(t −
//! shortest) − R`, which leaves no freedom at all when the delay is constant.
//!
//! Time messages are in no queue: `times` holds them against arrivals, and here they count neither as sent nor as taken.
//!
//! **Invariant.** The bound moves along after a violation: an invented or missing message is told once.

use event_log::{Design, Drain, Driver, Latency};

use super::channels::Channels;
use super::facts::{Facts, hole};
use super::findings::{Findings, Telling};
use super::law::Law;
use crate::trial_log::EventKind;

/// Puts the law to the log of one machine.
pub(super) fn check(facts: &Facts, channels: &Channels, machine: usize, findings: &mut Findings) {
    let rows = facts.rows(machine);
    for row in 0..rows.len() {
        let wrong = roll_on_empty(facts, machine, row).or_else(|| step(facts, machine, row));
        if let Some(telling) = wrong {
            let evidence = [
                (machine, Some(row)),
                (machine, row.checked_sub(1).or(Some(row))),
            ];
            findings.violate(Law::QueueRule, machine, &evidence, || telling);
        }
    }
    drained_at_end(facts, machine, findings);
    arrivals(facts, channels, machine, findings);
}

fn roll_on_empty(facts: &Facts, machine: usize, row: usize) -> Option<Telling> {
    let rows = facts.rows(machine);
    (rows.event[row] != EventKind::Receive && rows.queue[row] > 0).then(|| {
        Telling::new(
            "queue 0, because a machine rolls only when its queue is empty",
            format!("queue {}", rows.queue[row]),
            "the machine rolled with messages waiting, or counted the queue at another moment",
        )
    })
}

/// The queue of a row against that of the row before it.
fn step(facts: &Facts, machine: usize, row: usize) -> Option<Telling> {
    let rows = facts.rows(machine);
    let waiting = match row.checked_sub(1) {
        Some(previous) if hole(rows, row) == 0 => rows.queue[previous],
        _ => return None,
    };
    let found = rows.queue[row];
    if rows.event[row] != EventKind::Receive {
        return (waiting > 0).then(|| {
            Telling::new(
                format!("a receive, because {waiting} messages were waiting"),
                format!("{:?}", rows.event[row]).to_lowercase(),
                "the machine rolled with messages waiting, or a receive was logged as another event",
            )
        });
    }
    let least = waiting.saturating_sub(1);
    let same_tick = rows.tick[row] == rows.tick[row - 1];
    let drain = facts.log.manifest.condition.drain;
    let takes_time = facts.takes_time(machine, row);
    let at_once = same_tick && (drain == Drain::All || facts.takes_time(machine, row - 1));
    if at_once && !takes_time && (waiting == 0 || found != least) {
        return Some(Telling::new(
            format!("queue {least}, one less than the row before of the same tick"),
            format!("queue {found}"),
            "a row of this tick is missing, repeated or out of order",
        ));
    }
    if drain == Drain::All && !same_tick && waiting > 0 {
        return Some(Telling::new(
            format!(
                "queue 0 at the end of tick {}, because a tick takes every message",
                rows.tick[row - 1]
            ),
            format!("queue {waiting}"),
            "the last row of that tick is missing, or the machine takes one message a tick",
        ));
    }
    if takes_time {
        return (found < waiting).then(|| {
            Telling::new(
                format!("queue of at least {waiting}: a time message is taken from no queue"),
                format!("queue {found}"),
                "a receive is missing, or the time message was taken from the queue",
            )
        });
    }
    (found < least).then(|| {
        Telling::new(
            format!("queue of at least {least}: {waiting} were waiting and one was taken"),
            format!("queue {found}"),
            "two messages were taken in one tick, a receive is missing, or messages were dropped from the queue",
        )
    })
}

/// With drain `all` the last tick, too, must leave nothing behind.
fn drained_at_end(facts: &Facts, machine: usize, findings: &mut Findings) {
    let rows = facts.rows(machine);
    let drain = facts.log.manifest.condition.drain;
    let Some(last) = rows.len().checked_sub(1) else {
        return;
    };
    if drain != Drain::All || rows.queue[last] == 0 || !facts.complete {
        return;
    }
    findings.violate(Law::QueueRule, machine, &[(machine, Some(last))], || {
        Telling::new(
            "queue 0 at the end of the last tick, because a tick takes every message",
            format!("queue {}", rows.queue[last]),
            "rows at the end of the log are missing, or the machine takes one message a tick",
        )
    });
}

/// The queue of every row against the messages sent to the machine.
fn arrivals(facts: &Facts, channels: &Channels, machine: usize, findings: &mut Findings) {
    let rows = facts.rows(machine);
    let sent = sent_to(facts, channels, machine);
    let until_ns = trusted_until(facts, machine);
    let (shortest_ns, longest_ns) = match delay(facts) {
        Some(latency) => (latency.min_ns, Some(latency.max_ns)),
        None => (0, None),
    };
    let mut bounds = Bounds {
        taken: 0,
        slack_above: 0,
        slack_below: 0,
    };
    let (mut may, mut must) = (0, 0);
    for row in 0..rows.len() {
        let taken = rows.event[row] == EventKind::Receive && !facts.takes_time(machine, row);
        bounds.taken += i128::from(taken);
        let now = rows.time_ns[row];
        if now >= until_ns {
            // Each row has been held against the row before it, but not against what was sent.
            findings.undecided(Law::QueueRule, (rows.len() - row) as u64);
            return;
        }
        findings.examine(Law::QueueRule, 1);
        may = advance(&sent, may, |sent| sent.saturating_add(shortest_ns) <= now);
        if let Some(longest_ns) = longest_ns {
            must = advance(&sent, must, |sent| sent.saturating_add(longest_ns) < now);
        }
        let must = longest_ns.map(|_| must);
        if let Some(telling) = bounds.judge(rows.queue[row], may, must) {
            findings.violate(Law::QueueRule, machine, &[(machine, Some(row))], || telling);
        }
    }
}

/// What the queue may be, and by how much earlier violations have moved it.
struct Bounds {
    taken: i128,
    slack_above: i128,
    slack_below: i128,
}

impl Bounds {
    fn judge(&mut self, queue: u64, may: usize, must: Option<usize>) -> Option<Telling> {
        let queue = i128::from(queue);
        let taken = self.taken;
        let most = may as i128 - taken + self.slack_above;
        if queue > most {
            self.slack_above += queue - most;
            return Some(Telling::new(
                format!(
                    "queue of at most {}: {may} messages were sent to this machine by then, it has taken {taken}",
                    most.max(0)
                ),
                format!("queue {queue}"),
                "invented or duplicated message, or the row of a send was lost or edited",
            ));
        }
        let must = must?;
        let least = must as i128 - taken - self.slack_below;
        if queue < least {
            self.slack_below += least - queue;
            return Some(Telling::new(
                format!(
                    "queue of at least {least}: {must} messages had arrived by then, the machine had taken {taken}"
                ),
                format!("queue {queue}"),
                "lost message, or a receive was not logged",
            ));
        }
        None
    }
}

/// How many of the sorted times satisfy a condition that holds up to some time; `from` is the last answer.
fn advance(sorted: &[u64], from: usize, holds: impl Fn(u64) -> bool) -> usize {
    let mut count = from;
    while count > 0 && !holds(sorted[count - 1]) {
        count -= 1;
    }
    while count < sorted.len() && holds(sorted[count]) {
        count += 1;
    }
    count
}

/// Times at which messages were sent to a machine's queue, sorted.
fn sent_to(facts: &Facts, channels: &Channels, machine: usize) -> Vec<u64> {
    let mut times = Vec::new();
    let senders = (0..facts.log.machines.len()).filter(|&sender| sender != machine);
    for sender in senders.filter(|&sender| Some(sender) != facts.timekeeper) {
        let time_ns = &facts.rows(sender).time_ns;
        let sends = channels.sends(sender, machine).iter();
        times.extend(sends.map(|&row| time_ns[row as usize]));
    }
    // Stable: it merges the senders' times, each of which ascends, where the other sort would begin anew.
    times.sort();
    times
}

/// Up to when the logs show every send to a machine and every receive of its own.
fn trusted_until(facts: &Facts, machine: usize) -> u64 {
    if !facts.common_time || facts.machines[machine].has_holes {
        return 0;
    }
    let senders = (0..facts.log.machines.len()).filter(|&sender| sender != machine);
    let ends = senders.map(|sender| {
        let known = &facts.machines[sender];
        match facts.rows(sender).time_ns.last() {
            _ if known.has_holes => 0,
            Some(&last) if known.ends_early => last,
            None if known.ends_early => 0,
            _ => u64::MAX,
        }
    });
    ends.min().unwrap_or(u64::MAX)
}

/// The delay of messages, where it is known and nothing was lost; through a relay that of two hops.
pub(super) fn delay(facts: &Facts) -> Option<Latency> {
    let condition = &facts.log.manifest.condition;
    let known = condition.driver == Driver::Virtual
        && condition.speed == 1.0
        && facts.accounted == 0
        && !facts.lossy;
    let hops = match condition.design {
        Design::Mesh | Design::Timekeeper => 1,
        Design::Hub => 2,
    };
    let latency = condition.latency.filter(|_| known)?;
    Some(Latency {
        min_ns: latency.min_ns.saturating_mul(hops),
        max_ns: latency.max_ns.saturating_mul(hops),
    })
}

#[cfg(test)]
mod tests {
    use super::Bounds;

    #[test]
    fn queues_beyond_all_measure_move_the_bounds_and_do_not_overflow() {
        let mut bounds = Bounds {
            taken: 0,
            slack_above: 0,
            slack_below: 0,
        };
        assert!(bounds.judge(u64::MAX, 3, Some(2)).is_some(), "too many");
        assert!(bounds.judge(u64::MAX, 3, Some(2)).is_none(), "told once");
        assert!(bounds.judge(0, 3, Some(2)).is_some(), "too few");
        assert!(bounds.judge(0, 3, Some(2)).is_none(), "told once");
    }
}
