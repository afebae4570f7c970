//! Time messages: where a machine keeps time, each tick of the others takes the newest that has come, if one has.
//!
//! Where the delay is known, in virtual time, a message sent at s has come for certain at t > s + longest and cannot have
//! come at t < s + shortest. On sockets nothing is known but that none comes before it was sent, and another law sees to it.
//!
//! **Invariant.** A message not taken in time is one violation.

use events::At;

use super::delay::delay;
use crate::case::Case;
use crate::channels::among;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::memory::TimeMessages;

/// A cause, what was expected and what was found.
type Wrong = (&'static str, String, String);

/// Puts the law to the log of one machine.
pub(super) fn check(case: &Case<'_>, machine: usize, findings: &mut Findings) {
    let keeper = case.facts.timekeeper.filter(|&keeper| keeper != machine);
    let Some((keeper, latency)) = keeper.zip(delay(case)) else {
        return;
    };
    if [keeper, machine]
        .iter()
        .any(|&one| case.facts.machines[one].has_gaps)
    {
        return;
    }
    let (rows, theirs) = (case.rows(machine), case.rows(keeper));
    let memory = std::mem::take(&mut findings.memory.machines[machine].time_messages);
    let TimeMessages {
        before,
        mut open,
        mut certain,
        mut possible,
        mut seen,
    } = memory;
    let sends = case.channels.sends(keeper, machine);
    let sends = among(sends, &case.new_rows(keeper));
    open.extend(sends.iter().map(|&send| At {
        machine: keeper,
        row: send as usize,
    }));
    let sent = before + open.len();
    let send = |number: usize| open[number - before].row;
    let sent_ns = |number: usize| theirs.time_ns.get(send(number)).unwrap_or(i64::MAX);
    for row in case.new_rows(machine) {
        let at = At { machine, row };
        let now = rows.time_ns.get(row);
        let Some(now) = now.filter(|_| row == 0 || rows.tick(row) != rows.tick(row - 1)) else {
            continue;
        };
        while certain < sent && sent_ns(certain).saturating_add(latency.max_ns) < now {
            certain += 1;
        }
        while possible < sent && sent_ns(possible).saturating_add(latency.min_ns) <= now {
            possible += 1;
        }
        let sent_tick = rows.sent_tick.get(row).filter(|_| case.takes_time(at));
        let taken = sent_tick.map(|sent_tick| {
            before + open.partition_point(|send| theirs.tick(send.row) <= sent_tick)
        });
        let wrong = judge(taken, seen, certain, possible);
        seen = seen.max(certain).max(taken.unwrap_or(0));
        if let Some((cause, expected, found)) = wrong {
            let shown = (sent > 0).then(|| At {
                machine: keeper,
                row: send(certain.max(1) - 1),
            });
            findings.violate(Law::QueueRule, machine, cause, || {
                Proof::new([at].into_iter().chain(shown), expected, found)
            });
        }
    }
    if !case.window.is_last {
        // The message last known to have come is shown beside a violation; one not dealt with may yet be taken.
        let keep = certain
            .min(possible)
            .min(seen)
            .saturating_sub(1)
            .max(before);
        findings.memory.machines[machine].time_messages = TimeMessages {
            before: keep,
            open: open.split_off(keep - before),
            certain,
            possible,
            seen,
        };
    }
}

/// Messages are counted in the order of sending: `taken` is the number of the one that the tick took, `seen` that of the
/// newest one dealt with before, `certain` and `possible` how many have come at least and at most.
fn judge(taken: Option<usize>, seen: usize, certain: usize, possible: usize) -> Option<Wrong> {
    match taken {
        Some(taken) if taken > possible => Some((
            "the receive names the wrong send, or the row was edited",
            format!("one of the first {possible} time messages: no other can have come by then"),
            format!("the one numbered {taken}"),
        )),
        Some(taken) if taken < certain => Some((
            "the machine took another time message than the newest",
            format!("the time message numbered {certain} or a newer one: it had come by then"),
            format!("the one numbered {taken}"),
        )),
        None if certain > seen => Some((
            "the machine did not take the time, or the row that took it was lost",
            format!("a receive of the time message numbered {certain}: it had come by then"),
            "none in this tick".to_owned(),
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
