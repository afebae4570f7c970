//! Time messages: where a machine keeps time, each tick of the others takes the newest that has come, if one has.
//!
//! Where the delay is known, in virtual time, a message sent at s has come for certain at t > s + longest and cannot have
//! come at t < s + shortest. On sockets nothing is known but that none comes before it was sent, and `messages` sees to it.
//!
//! **Invariant.** A message not taken in time is told once.

use super::channels::Channels;
use super::facts::Facts;
use super::findings::{Findings, Telling};
use super::law::Law;
use super::queues::delay;

/// Puts the law to the log of one machine.
pub(super) fn check(facts: &Facts, channels: &Channels, machine: usize, findings: &mut Findings) {
    let Some(timekeeper) = facts.timekeeper.filter(|&timekeeper| timekeeper != machine) else {
        return;
    };
    let Some(latency) = delay(facts) else { return };
    if [timekeeper, machine]
        .iter()
        .any(|&one| facts.machines[one].has_holes)
    {
        return;
    }
    let (rows, theirs) = (facts.rows(machine), facts.rows(timekeeper));
    let sends = channels.sends(timekeeper, machine);
    let sent_ns = |at: usize| theirs.time_ns[sends[at] as usize];
    let (mut certain, mut possible, mut seen) = (0, 0, 0);
    for row in 0..rows.len() {
        if row > 0 && rows.tick[row] == rows.tick[row - 1] {
            continue;
        }
        let now = rows.time_ns[row];
        while certain < sends.len() && sent_ns(certain).saturating_add(latency.max_ns) < now {
            certain += 1;
        }
        while possible < sends.len() && sent_ns(possible).saturating_add(latency.min_ns) <= now {
            possible += 1;
        }
        let taken = facts.takes_time(machine, row).then(|| {
            let sent_tick = rows.sent_tick[row];
            sends.partition_point(|&send| theirs.tick[send as usize] <= sent_tick)
        });
        let wrong = judge(taken, seen, certain, possible);
        seen = seen.max(certain).max(taken.unwrap_or(0));
        if let Some(telling) = wrong {
            let shown = sends.get(certain.max(1) - 1).map(|&send| send as usize);
            let evidence = [(machine, Some(row)), (timekeeper, shown)];
            let evidence = &evidence[..if shown.is_some() { 2 } else { 1 }];
            findings.violate(Law::QueueRule, machine, evidence, || telling);
        }
    }
}

/// Messages are counted in the order of sending: `taken` is the number of the one that the tick took, `seen` that of the
/// newest one dealt with before, `certain` and `possible` how many have come at least and at most.
fn judge(taken: Option<usize>, seen: usize, certain: usize, possible: usize) -> Option<Telling> {
    match taken {
        Some(taken) if taken > possible => Some(Telling::new(
            format!("one of the first {possible} time messages: no other can have come by then"),
            format!("the one numbered {taken}"),
            "the receive names the wrong send, or the row was edited",
        )),
        Some(taken) if taken < certain => Some(Telling::new(
            format!("the time message numbered {certain} or a newer one: it had come by then"),
            format!("the one numbered {taken}"),
            "the machine took another time message than the newest",
        )),
        None if certain > seen => Some(Telling::new(
            format!("a receive of the time message numbered {certain}: it had come by then"),
            "none in this tick",
            "the machine did not take the time, or the row that took it was lost",
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn each_tick_takes_the_newest_time_message_that_has_come() {
        // Three were sent; two have come for certain, the third may have.
        let right = [Some(2), Some(3)];
        let wrong = [None, Some(1), Some(4)];
        for taken in right {
            assert!(judge(taken, 0, 2, 3).is_none(), "{taken:?}");
        }
        for taken in wrong {
            assert!(judge(taken, 0, 2, 3).is_some(), "{taken:?}");
        }
        assert!(judge(None, 2, 2, 3).is_none(), "both were taken before");
    }
}
