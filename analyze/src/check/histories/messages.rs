//! What messages must obey: each has a send, comes once, in order, later than it was sent, and none is skipped.
//!
//! **Invariant.** A match that rests on the order of a channel decides nothing about that order.

use std::collections::{HashMap, HashSet};

use super::clocks;
use super::findings::{Findings, Place};
use super::law::HistoryLaw;
use super::reading::Reading;
use crate::history::matching::{Evidence, Match, Matching};
use crate::history::{Clock, Event, History, Kind, TimeOrigin};

/// Times this close say nothing of which came first: a line is written some time after what it tells.
pub(super) const LATE_LINE_NS: i64 = 10_000_000;
/// Times in whole seconds are this close.
const SECOND_NS: i64 = 1_000_000_000;

const NOT_MATCHED: &str = "several sends may be its send";
const BY_ORDER: &str = "matched by the order of the channel itself";
const NO_TIME: &str = "times of different machines do not compare";

/// Puts the laws of messages to every receive, then to every message.
pub(super) fn check(
    history: &History,
    matching: &Matching,
    reading: &Reading,
    findings: &mut Findings,
) {
    let machines = history.machines.len();
    let slack_ns = slack_ns(history);
    for (machine, log) in history.machines.iter().enumerate() {
        let mut newest: Vec<Option<Place>> = vec![None; machines];
        let mut taken: HashMap<Place, usize> = HashMap::new();
        for (event, _) in log
            .events
            .iter()
            .enumerate()
            .filter(|(_, event)| event.kind == Kind::Receive)
        {
            let place = (machine, event);
            has_send(history, matching, place, findings);
            condition(history, matching, reading, place, findings);
            let Some(send) = matching.send_of(machine, event) else {
                for law in [
                    HistoryLaw::ReceivedOnce,
                    HistoryLaw::SendBeforeReceive,
                    HistoryLaw::ChannelOrder,
                ] {
                    findings.undecided(law, NOT_MATCHED);
                }
                continue;
            };
            in_time(history, slack_ns, (place, send), findings);
            if matching.evidence_of(machine, event) == Some(Evidence::ChannelOrder) {
                findings.undecided(HistoryLaw::ReceivedOnce, BY_ORDER);
                findings.undecided(HistoryLaw::ChannelOrder, BY_ORDER);
                continue;
            }
            once(&mut taken, place, send, findings);
            in_order(history, &mut newest, place, send, findings);
        }
    }
    for machine in 0..machines {
        losses(history, matching, machine, findings);
        in_sequence(history, machine, findings);
    }
}

/// Times of one machine, in the order of its lines.
fn in_sequence(history: &History, machine: usize, findings: &mut Findings) {
    let law = HistoryLaw::TickTime;
    let events = &history.machines[machine].events;
    let times = events
        .iter()
        .enumerate()
        .filter_map(|(at, event)| Some((at, event.time_ns?)));
    let times: Vec<(usize, i64)> = times.collect();
    if times.is_empty() && !events.is_empty() {
        findings.idle(law, "lines have no times");
    }
    for pair in times.windows(2) {
        let [(previous, before_ns), (event, now_ns)] = [pair[0], pair[1]];
        findings.examine(law);
        if now_ns >= before_ns {
            continue;
        }
        let cause = match before_ns.saturating_sub(now_ns) {
            ..=LATE_LINE_NS => {
                "lines of several threads are written in another order than they happened"
            }
            _ => "the system clock was set back, or lines of another run stand here",
        };
        findings.violate(law, &[(machine, event), (machine, previous)], cause, || {
            let back = before_ns.saturating_sub(now_ns) as f64 / 1e9;
            (
                "a time not before that of the line above".to_owned(),
                format!("{back:.6} s before it"),
            )
        });
    }
}

fn receive(history: &History, (machine, event): Place) -> &Event {
    &history.machines[machine].events[event]
}

fn has_send(history: &History, matching: &Matching, place: Place, findings: &mut Findings) {
    let law = HistoryLaw::ReceiveHasSend;
    let event = receive(history, place);
    match matching.receives[place.0][place.1] {
        Match::NoReceive => {}
        Match::Sent {
            machine,
            event: sent,
        } => {
            findings.examine(law);
            let send = &history.machines[machine].events[sent];
            if let (Some(told), Some(Clock::Lamport(carried))) =
                (&event.carried, stamp(matching, send))
                && *told != Clock::Lamport(carried)
            {
                let cause =
                    "the clock named by the receive is not the one that its message carried";
                findings.violate(law, &[place, (machine, sent)], cause, || {
                    (
                        format!("a message that carried {carried}"),
                        clocks::words(told),
                    )
                });
            }
        }
        Match::Ambiguous { .. } if event.carried.is_some() || event.message.is_some() => {
            findings.examine(law);
        }
        Match::Ambiguous { .. } => findings.undecided(law, NOT_MATCHED),
        Match::Missing => missing(history, place, findings),
    }
}

/// The stamp that a send's line says or implies.
fn stamp(matching: &Matching, send: &Event) -> Option<Clock> {
    if send.carried.is_some() {
        return send.carried.clone();
    }
    match send.clock.as_ref()? {
        Clock::Lamport(value) => Some(Clock::Lamport(
            value.saturating_sub(matching.inferred.stamp?.shift()),
        )),
        _ => None,
    }
}

/// A receive that no send explains: a finding, if the logs would show the send.
fn missing(history: &History, place: Place, findings: &mut Findings) {
    let law = HistoryLaw::ReceiveHasSend;
    let event = receive(history, place);
    if event.carried.is_none() && event.message.is_none() {
        return findings.undecided(law, "the receive says nothing of its message");
    }
    if history.logs_missing && event.from.is_none() {
        return findings.undecided(
            law,
            "the log of a machine, or a line of one, is missing, and may tell of the send",
        );
    }
    let peers = history.machines.iter().enumerate();
    let mut senders =
        peers.filter(|&(peer, _)| peer != place.0 && event.from.is_none_or(|from| from == peer));
    let covers = |(peer, log): (usize, &crate::history::MachineHistory)| {
        let last = log.events.last();
        let clock = last.and_then(|last| last.clock.as_ref()?.scalar(peer));
        let carried = event
            .carried
            .as_ref()
            .and_then(|carried| carried.scalar(peer));
        let later = last
            .and_then(|last| last.time_ns)
            .zip(event.time_ns)
            .is_some_and(|(last, now)| last > now);
        clock
            .zip(carried)
            .is_some_and(|(clock, carried)| carried < clock)
            || (later && times_compare(history))
    };
    if !senders.all(covers) {
        return findings.undecided(
            law,
            "the sender's log ends before the message, or is not there",
        );
    }
    findings.examine(law);
    let cause =
        "the line of the send is lost, the message was sent to somebody else, or it was invented";
    findings.violate(law, &[place], cause, || {
        let carried = event.carried.as_ref().map(clocks::words);
        let id = event.message.clone();
        let what = carried.map_or_else(
            || format!("id {}", id.unwrap_or_default()),
            |clock| format!("clock {clock}"),
        );
        (
            format!("a send to this machine with {what}"),
            "none in any log".to_owned(),
        )
    });
}

/// The clock condition: by the send's own clock where it is matched, else by the clock that the message carried.
fn condition(
    history: &History,
    matching: &Matching,
    reading: &Reading,
    place: Place,
    findings: &mut Findings,
) {
    let law = HistoryLaw::ClockCondition;
    let (machine, at) = place;
    let events = &history.machines[machine].events;
    let after = match reading.before_merge && events[at].clock_before.is_none() {
        true => events.get(at + 1).and_then(|next| next.clock.as_ref()),
        false => events[at].clock.as_ref(),
    };
    let send = matching.send_of(machine, at);
    let sent = send.and_then(|(sender, sent)| history.machines[sender].events[sent].clock.as_ref());
    let sent = sent.or(events[at].carried.as_ref());
    let (Some(after), Some(sent)) = (after, sent) else {
        return findings.undecided(law, NOT_MATCHED);
    };
    let (broken, equal) = match (after, sent) {
        (Clock::Vector(after), Clock::Vector(sent)) => {
            let sender = send.map(|send| send.0);
            let mut pairs = after.iter().zip(sent).enumerate();
            // Of the sender's own component a stamp may be one behind.
            let lacks = |(peer, (after, sent)): (usize, (&u64, &u64))| {
                after.saturating_add(u64::from(Some(peer) == sender)) < *sent
            };
            (pairs.any(lacks), after == sent)
        }
        _ => match after.scalar(machine).zip(sent.scalar(machine)) {
            Some((after, sent)) => (after <= sent, clocks::equal(after, sent)),
            None => return findings.undecided(law, NOT_MATCHED),
        },
    };
    findings.condition(machine, broken || equal);
    if !broken && !equal {
        return;
    }
    let shift = matching.inferred.stamp.map_or(0, |stamp| stamp.shift());
    let told_behind = send.is_some_and(|(sender, sent)| {
        let send = &history.machines[sender].events[sent];
        let clocks = send.carried.as_ref().zip(send.clock.as_ref());
        let clocks =
            clocks.and_then(|(carried, clock)| carried.scalar(sender).zip(clock.scalar(sender)));
        clocks.is_some_and(|(carried, clock)| carried < clock)
    });
    let cause = if equal && (shift == 1 || told_behind) {
        "messages are stamped before the increment for their send: a recipient that is not ahead gives its receive the clock of the send"
    } else if equal {
        reading.short_merge.cause()
    } else {
        "the line was logged before the merge, or the message's clock was not merged"
    };
    findings.violate(law, &[place, send.unwrap_or(place)], cause, || {
        (
            format!("a clock after {}, that of the send", clocks::words(sent)),
            clocks::words(after),
        )
    });
}

fn once(taken: &mut HashMap<Place, usize>, place: Place, send: Place, findings: &mut Findings) {
    findings.examine(HistoryLaw::ReceivedOnce);
    let first = *taken.entry(send).or_insert(place.1);
    if first != place.1 {
        let evidence = [place, (place.0, first), send];
        let cause = "the message was delivered twice, or its receive logged twice";
        findings.violate(HistoryLaw::ReceivedOnce, &evidence, cause, || {
            (
                "a message of its own".to_owned(),
                "one that was received before".to_owned(),
            )
        });
    }
}

fn in_order(
    history: &History,
    newest: &mut [Option<Place>],
    place: Place,
    send: Place,
    findings: &mut Findings,
) {
    let law = HistoryLaw::ChannelOrder;
    findings.examine(law);
    let before = newest[send.0];
    if let Some((sent, received)) = before.filter(|&(sent, _)| send.1 < sent) {
        let evidence = [place, send, (place.0, received), (send.0, sent)];
        let line = history.machines[send.0].events[sent].line;
        findings.violate(
            law,
            &evidence,
            "a later message of the same sender overtook it",
            || {
                (
                    format!("a message sent after that of line {line}, received before"),
                    "an older one".to_owned(),
                )
            },
        );
    } else {
        newest[send.0] = Some((send.1, place.1));
    }
}

fn times_compare(history: &History) -> bool {
    history.dialect.time != Some(TimeOrigin::Machine)
}

/// Whether times of different machines compare, and no message was received before it was sent: then they would not be of
/// one clock.
pub(super) fn common_time(history: &History, matching: &Matching) -> bool {
    let slack_ns = slack_ns(history);
    let receives = history.machines.iter().enumerate();
    let mut places = receives
        .flat_map(|(machine, log)| (0..log.events.len()).map(move |event| (machine, event)));
    let early = |place: Place| {
        let send = matching.send_of(place.0, place.1)?;
        let received_ns = receive(history, place).time_ns?;
        Some(receive(history, send).time_ns?.saturating_sub(received_ns))
    };
    times_compare(history)
        && !places.any(|place| early(place).is_some_and(|early_ns| early_ns > slack_ns))
}

/// How far apart times must be to say which event came first.
pub(super) fn slack_ns(history: &History) -> i64 {
    let mut times = history
        .machines
        .iter()
        .flat_map(|machine| &machine.events)
        .filter_map(|event| event.time_ns);
    match times.all(|time_ns| time_ns % SECOND_NS == 0) {
        true => SECOND_NS,
        false => LATE_LINE_NS,
    }
}

fn in_time(
    history: &History,
    slack_ns: i64,
    (place, send): (Place, Place),
    findings: &mut Findings,
) {
    let law = HistoryLaw::SendBeforeReceive;
    let times = receive(history, place)
        .time_ns
        .zip(receive(history, send).time_ns);
    let Some((received_ns, sent_ns)) = times.filter(|_| times_compare(history)) else {
        return findings.undecided(law, NO_TIME);
    };
    if sent_ns <= received_ns {
        return findings.examine(law);
    }
    let early_ns = sent_ns.saturating_sub(received_ns);
    if early_ns <= slack_ns {
        return findings.undecided(
            law,
            "the two lines are closer in time than lines are written",
        );
    }
    findings.examine(law);
    let cause =
        "the machines' system clocks differ, or lines are written long after what they tell";
    findings.violate(law, &[place, send], cause, || {
        (
            "a time not before that of the send".to_owned(),
            format!("{:.3} s before", early_ns as f64 / 1e9),
        )
    });
}

/// Messages that a recipient skipped: sent to it by a machine of which it received a later one.
fn losses(history: &History, matching: &Matching, recipient: usize, findings: &mut Findings) {
    let law = HistoryLaw::NothingLost;
    let mut last: Vec<Option<usize>> = vec![None; history.machines.len()];
    let mut received: HashSet<Place> = HashSet::new();
    let mut in_doubt = false;
    for found in &matching.receives[recipient] {
        match found {
            Match::Sent { machine, event } => {
                last[*machine] = last[*machine].max(Some(*event));
                received.insert((*machine, *event));
            }
            Match::Ambiguous { .. } => in_doubt = true,
            Match::NoReceive | Match::Missing => {}
        }
    }
    for (sender, last) in last.into_iter().enumerate() {
        let Some(last) = last else { continue };
        for sent in 0..=last {
            if !addressed(history, matching, (sender, sent), recipient) {
                continue;
            }
            if in_doubt && !received.contains(&(sender, sent)) {
                findings.undecided(law, NOT_MATCHED);
                continue;
            }
            findings.examine(law);
            if received.contains(&(sender, sent)) {
                continue;
            }
            let cause = "the message was lost, or the line of its receive is missing";
            let name = &history.machines[recipient].name;
            findings.violate(law, &[(sender, sent), (sender, last)], cause, || {
                (
                    format!("a receive by {name}, which received the later message"),
                    "none".to_owned(),
                )
            });
        }
    }
}

/// Whether a line says that it sends to a machine.
fn addressed(
    history: &History,
    matching: &Matching,
    (sender, sent): Place,
    recipient: usize,
) -> bool {
    let event = &history.machines[sender].events[sent];
    match (event.kind, &event.to) {
        (Kind::Broadcast, None) => true,
        (Kind::Send, Some(_)) if matching.inferred.names_are_positions => false,
        (Kind::Send | Kind::Broadcast, Some(to)) => to.contains(&recipient),
        _ => false,
    }
}
