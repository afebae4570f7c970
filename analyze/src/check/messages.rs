//! Every receive against its send: it exists, carries the same clock, and is received later, once and in order.
//!
//! **Invariant.** A receive that names no send of its channel is judged by one law only; what it displaces is not
//! blamed for it.

use event_log::Stamp;

use super::channels::Channels;
use super::facts::Facts;
use super::findings::{Findings, Telling};
use super::law::Law;
use crate::trial_log::EventKind;

/// Puts the laws to every channel and notes in `channels` which row received which message.
pub(super) fn check(facts: &Facts, channels: &mut Channels, findings: &mut Findings) {
    let machines = facts.log.machines.len();
    for recipient in 0..machines {
        for sender in (0..machines).filter(|&sender| sender != recipient) {
            receives(facts, channels, sender, recipient, findings);
        }
    }
}

/// Matches the receives of one channel, in file order.
fn receives(
    facts: &Facts,
    channels: &mut Channels,
    sender: usize,
    recipient: usize,
    findings: &mut Findings,
) {
    let rows = facts.rows(recipient);
    let mut expected_at = 0;
    let mut latest: Option<usize> = None;
    for index in 0..channels.receives(sender, recipient).len() {
        let row = channels.receives(sender, recipient)[index];
        let sent_tick = rows.sent_tick[row as usize];
        let Some(at) = find(facts, channels, sender, recipient, expected_at, sent_tick) else {
            unmatched(facts, channels, sender, recipient, row as usize, findings);
            continue;
        };
        let send = channels.sends(sender, recipient)[at] as usize;
        let receive = row as usize;
        content(facts, (sender, send), (recipient, receive), findings);
        let earlier = channels.received_at(sender, recipient, at);
        once(
            facts,
            (sender, send),
            (recipient, receive),
            earlier,
            findings,
        );
        if earlier.is_some() {
            continue;
        }
        order(
            facts,
            (sender, send),
            (recipient, receive),
            latest,
            findings,
        );
        channels.receive(sender, recipient, at, row);
        latest = latest
            .filter(|&other| rows.sent_tick[other] > sent_tick)
            .or(Some(receive));
        expected_at = at + 1;
    }
}

/// Position of the send of this tick in its channel; `guess` is where it stands when nothing is amiss.
fn find(
    facts: &Facts,
    channels: &Channels,
    sender: usize,
    recipient: usize,
    guess: usize,
    sent_tick: u64,
) -> Option<usize> {
    let tick = &facts.rows(sender).tick;
    let sends = channels.sends(sender, recipient);
    let is_it = |at: usize| {
        sends
            .get(at)
            .is_some_and(|&row| tick[row as usize] == sent_tick)
    };
    if is_it(guess) {
        return Some(guess);
    }
    let at = sends.partition_point(|&row| tick[row as usize] < sent_tick);
    is_it(at).then_some(at)
}

/// A receive whose send is not in the sender's log.
fn unmatched(
    facts: &Facts,
    channels: &Channels,
    sender: usize,
    recipient: usize,
    row: usize,
    findings: &mut Findings,
) {
    let rows = facts.rows(recipient);
    let sent_tick = rows.sent_tick[row];
    if facts.may_hide(sender, sent_tick) {
        findings.undecided(Law::ReceiveHasSend, 1);
        return;
    }
    findings.examine(Law::ReceiveHasSend, 1);
    let behind = facts.log.manifest.condition.stamp.behind();
    let there = facts.find_tick(sender, sent_tick);
    let twin = channels.sends(sender, recipient).iter().find(|&&send| {
        let clock = facts.rows(sender).clock[send as usize];
        clock.saturating_sub(behind) == rows.sent_clock[row]
    });
    let shown = there.or(twin.map(|&send| send as usize));
    let evidence = [
        (recipient, Some(row)),
        shown.map_or((recipient, Some(row)), |send| (sender, Some(send))),
    ];
    findings.violate(Law::ReceiveHasSend, recipient, &evidence, || {
        let from = facts.log.machines[sender].entry.id;
        let to = facts.log.machines[recipient].entry.id;
        let found = match there.map(|send| facts.rows(sender).event[send]) {
            None => format!("no tick {sent_tick} in the log of machine {from}"),
            Some(EventKind::Send) => {
                format!("tick {sent_tick} of machine {from} sends to another machine")
            }
            Some(kind) => format!(
                "tick {sent_tick} of machine {from} is of kind {}",
                format!("{kind:?}").to_lowercase()
            ),
        };
        let cause = match twin {
            Some(&send) => format!(
                "sent_tick is wrong: the message with clock {} was sent at tick {}",
                rows.sent_clock[row],
                facts.rows(sender).tick[send as usize]
            ),
            None => "invented message, or the row of its send was lost or edited".to_owned(),
        };
        Telling::new(
            format!("a send from machine {from} to machine {to} at tick {sent_tick}"),
            found,
            cause,
        )
    });
}

/// The message carries the clock of its send, and is received no earlier.
fn content(
    facts: &Facts,
    (sender, send): (usize, usize),
    (recipient, row): (usize, usize),
    findings: &mut Findings,
) {
    let (sent, received) = (facts.rows(sender), facts.rows(recipient));
    let evidence = [(recipient, Some(row)), (sender, Some(send))];
    findings.examine(Law::ReceiveHasSend, 1);
    let stamp = facts.log.manifest.condition.stamp;
    let (carried, clock) = (received.sent_clock[row], sent.clock[send]);
    if carried != clock.saturating_sub(stamp.behind()) {
        findings.violate(Law::ReceiveHasSend, recipient, &evidence, || {
            let cause = if carried == clock {
                "the message was stamped after the increment for its send, or one of the rows was edited"
            } else if carried.saturating_add(1) == clock {
                "the message was stamped before the increment for its send"
            } else {
                "the message was stamped with another clock than that of its send, or one of the rows was edited"
            };
            let expected = match stamp {
                Stamp::After => format!("sent_clock {clock}, the sender's clock after the send"),
                Stamp::Before => format!(
                    "sent_clock {}, the sender's clock before the send, as the condition asks",
                    clock.saturating_sub(1)
                ),
            };
            Telling::new(expected, carried.to_string(), cause)
        });
    }
    if !facts.common_time {
        findings.undecided(Law::SendBeforeReceive, 1);
        return;
    }
    findings.examine(Law::SendBeforeReceive, 1);
    let (sent_ns, received_ns) = (sent.time_ns[send], received.time_ns[row]);
    if received_ns < sent_ns {
        findings.violate(Law::SendBeforeReceive, recipient, &evidence, || {
            Telling::new(
                format!("a time of at least {sent_ns}, when it was sent"),
                format!("{received_ns}, {} ns earlier", sent_ns - received_ns),
                "the receive names the wrong send, a row was edited, or the system clock was set back",
            )
        });
    }
}

fn once(
    facts: &Facts,
    (sender, send): (usize, usize),
    (recipient, row): (usize, usize),
    earlier: Option<usize>,
    findings: &mut Findings,
) {
    findings.examine(Law::ReceivedOnce, 1);
    if earlier.is_none() {
        return;
    }
    let evidence = [
        (recipient, Some(row)),
        (recipient, earlier),
        (sender, Some(send)),
    ];
    findings.violate(Law::ReceivedOnce, recipient, &evidence, || {
        let tick = facts.rows(sender).tick[send];
        let from = facts.log.machines[sender].entry.id;
        Telling::new(
            format!("one receive of the message that machine {from} sent at tick {tick}"),
            "a second",
            "duplicated message, or a row logged twice",
        )
    });
}

fn order(
    facts: &Facts,
    (sender, send): (usize, usize),
    (recipient, row): (usize, usize),
    latest: Option<usize>,
    findings: &mut Findings,
) {
    let rows = facts.rows(recipient);
    findings.examine(Law::ChannelOrder, 1);
    let Some(latest) = latest.filter(|&latest| rows.sent_tick[latest] > rows.sent_tick[row]) else {
        return;
    };
    let evidence = [
        (recipient, Some(row)),
        (recipient, Some(latest)),
        (sender, Some(send)),
    ];
    findings.violate(Law::ChannelOrder, recipient, &evidence, || {
        Telling::new(
            format!(
                "sent_tick above {}, that of the receive before it on this channel",
                rows.sent_tick[latest]
            ),
            rows.sent_tick[row].to_string(),
            "messages overtook each other, or rows are out of order",
        )
    });
}
