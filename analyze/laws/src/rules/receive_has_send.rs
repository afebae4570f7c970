//! Every receive has a send that carried what the receive says it took.
//!
//! Where messages carry no name, counts decide: a machine cannot take more than was sent to it.
//!
//! **Invariant.** A receive is accused only if the log that would show its send is there, is whole and goes on behind it, and
//! if lines name all recipients, as far as other receives show.

mod recipients;

use event_log::Stamp;
use events::{At, Kind, Match};

use crate::case::Case;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::merges::equal;
use crate::messages::send;
use crate::rule::{NOT_MATCHED, Rule, always, in_words};
use recipients::Recipients;

pub(super) const RULE: Rule = Rule {
    law: Law::ReceiveHasSend,
    applies: always,
    check,
};

const LAW: Law = Law::ReceiveHasSend;

fn check(case: &Case<'_>, findings: &mut Findings) {
    let behind = case.trial.stamp().map(|stamp| stamp.shift());
    let recipients = Recipients::of(case);
    for machine in 0..case.machines() {
        findings.turn(machine, 0);
        let rows = case.rows(machine);
        let beyond = beyond_all_sends(case, machine);
        let mut right = 0;
        for at in case.receives(machine) {
            match rows.matched(at.row) {
                Match::Sent { machine, event } => {
                    let send = At {
                        machine,
                        row: event,
                    };
                    right += 1;
                    let told = rows.carried.get(at.row).zip(behind);
                    let clock = case.rows(machine).clock.get(event);
                    let fits = told.is_some_and(|(told, behind)| clock == told.checked_add(behind));
                    if !fits && !case.reading.vectors {
                        content(case, at, send, findings);
                    }
                }
                Match::NoReceive => {}
                _ if case.trial.is_own() => unmatched(case, at, findings),
                _ if beyond.binary_search(&at).is_ok() => {
                    findings.examine(LAW, 1);
                    let cause = "more messages are taken than the logs show sends of: lines of sends are lost, or these were sent before the logs begin";
                    findings.violate(LAW, machine, cause, || {
                        Proof::new([at], "a send for each receive", "fewer sends than receives")
                    });
                }
                Match::Ambiguous { .. } if is_named(case, at) => right += 1,
                Match::Ambiguous { .. } => findings.undecided(LAW, 1, NOT_MATCHED),
                Match::Missing => missing(case, &recipients, at, findings),
            }
        }
        findings.examine(LAW, right);
    }
}

/// Whether the line says anything of its message.
fn is_named(case: &Case<'_>, at: At) -> bool {
    let rows = case.rows(at.machine);
    rows.carried_value(at.row).is_some()
        || rows.carried_vector(at.row).is_some()
        || rows.message(at.row).is_some()
}

/// The message may have carried another clock than the receive says.
fn content(case: &Case<'_>, at: At, send: At, findings: &mut Findings) {
    let told = case.rows(at.machine).carried_value(at.row);
    let Some((told, carried)) = told.zip(case.trial.carried(send)) else {
        return;
    };
    if equal(told, carried) {
        return;
    }
    let clock = case.rows(send.machine).clock_value(send.row);
    let clock = clock.unwrap_or(carried);
    let cause = if told == clock {
        "the message was stamped after the increment for its send, or one of the lines was edited"
    } else if told + 1.0 == clock {
        "the message was stamped before the increment for its send, or one of the lines was edited"
    } else {
        "the message was stamped with another clock than that of its send, or one of the lines was edited"
    };
    findings.violate(LAW, at.machine, cause, || {
        let stamp = case
            .trial
            .info
            .manifest
            .as_ref()
            .map(|of| of.condition.stamp);
        let which = match stamp {
            Some(Stamp::After) => ", the sender's clock after the send",
            Some(Stamp::Before) => ", the sender's clock before the send, as the condition asks",
            None => "",
        };
        Proof::new(
            [at, send],
            format!("a message that carried {carried}{which}"),
            told.to_string(),
        )
    });
}

/// A receive of ours whose send is not in the sender's log.
fn unmatched(case: &Case<'_>, at: At, findings: &mut Findings) {
    let trial = case.trial;
    let rows = case.rows(at.machine);
    // A receive that names no other machine breaks the law of the manifest.
    let Some((sender, sent_tick)) = case.peer(at).zip(rows.sent_tick.get(at.row)) else {
        return;
    };
    if case.facts.may_hide(trial, sender, sent_tick) {
        let why = "the sender's log ends before the message, or lines of it are missing";
        return findings.undecided(LAW, 1, why);
    }
    findings.examine(LAW, 1);
    let sends = case.rows(sender);
    let twin = case
        .channels
        .sends(sender, at.machine)
        .iter()
        .find(|&&row| {
            let send = At {
                machine: sender,
                row: row as usize,
            };
            trial.carried(send) == rows.carried_value(at.row)
        });
    let cause = match twin {
        Some(_) => "sent_tick is wrong",
        None => "invented message, or the row of its send was lost or edited",
    };
    findings.violate(LAW, at.machine, cause, || {
        let there = case.facts.find_tick(trial, sender, sent_tick);
        let shown = there.or(twin.map(|&row| row as usize));
        let shown = shown.map(|row| At {
            machine: sender,
            row,
        });
        let (from, to) = (case.name(sender), case.name(at.machine));
        let found = match there.map(|row| sends.kind(row)) {
            None => format!("no tick {sent_tick} in the log of {from}"),
            Some(Kind::Send) => format!("tick {sent_tick} of {from} sends to another machine"),
            Some(kind) => format!("tick {sent_tick} of {from} is of kind {}", kind.word()),
        };
        let expected = format!("a send from {from} to {to} at tick {sent_tick}");
        let detail = twin.map_or(String::new(), |&row| {
            let clock = rows.carried_value(at.row).unwrap_or_default();
            let tick = sends.tick(row as usize);
            format!(": the message with clock {clock} was sent at tick {tick}")
        });
        Proof::new([at].into_iter().chain(shown), expected, found).detail(detail)
    });
}

/// A receive that no send explains: a finding, if the logs would show the send.
fn missing(case: &Case<'_>, recipients: &Recipients, at: At, findings: &mut Findings) {
    let rows = case.rows(at.machine);
    if !is_named(case, at) {
        return findings.undecided(LAW, 1, "the receive says nothing of its message");
    }
    let from = rows.sender(at.row);
    let gaps = from.is_some_and(|from| case.facts.machines.get(from).is_some_and(|of| of.has_gaps));
    if gaps || (case.trial.info.logs_missing && from.is_none()) {
        let why = "the log of a machine, or a line of one, is missing, and may tell of the send";
        return findings.undecided(LAW, 1, why);
    }
    let mut senders = (0..case.machines())
        .filter(|&peer| peer != at.machine && from.is_none_or(|from| from == peer));
    let named = from.is_none_or(|from| from < case.machines());
    if !named || !senders.all(|sender| covers(case, sender, at)) {
        let why = "the sender's log ends before the message, or is not there";
        return findings.undecided(LAW, 1, why);
    }
    if recipients.are_left_out && recipients.send_to_others(case, at).is_some() {
        let why = "a send of that clock is there, and lines name only some of the recipients: two machines received what was sent to one";
        return findings.undecided(LAW, 1, why);
    }
    findings.examine(LAW, 1);
    let cause =
        "the line of the send is lost, the message was sent to somebody else, or it was invented";
    findings.violate(LAW, at.machine, cause, || {
        let carried = rows.carried(at.row).as_ref().map(in_words);
        let id = || format!("id {}", rows.message(at.row).unwrap_or_default());
        let what = carried.map_or_else(id, |clock| format!("clock {clock}"));
        Proof::new(
            [at],
            format!("a send to this machine with {what}"),
            "none in any log",
        )
    });
}

/// Whether a machine's log goes on behind the send of a receive.
fn covers(case: &Case<'_>, sender: usize, at: At) -> bool {
    let (rows, theirs) = (case.rows(at.machine), case.rows(sender));
    let Some(last) = theirs.len().checked_sub(1) else {
        return false;
    };
    let carried = rows
        .carried(at.row)
        .and_then(|carried| carried.scalar(sender));
    let clocks = theirs.clock_value(last).zip(carried);
    let times = theirs.time_ns.get(last).zip(rows.time_ns.get(at.row));
    clocks.is_some_and(|(last, carried)| carried < last)
        || (case.facts.times_compare && times.is_some_and(|(last, now)| last > now))
}

/// Of receives whose messages carry no name, those beyond all sends that the logs of the senders show, the first of each
/// channel: something is missing, though it cannot be told of which. In order.
fn beyond_all_sends(case: &Case<'_>, recipient: usize) -> Vec<At> {
    let trial = case.trial;
    let absent = trial.info.without_log.as_ref();
    let missing = trial.info.logs_missing || absent.is_none_or(|names| !names.is_empty());
    if trial.is_own() || missing || !case.reading.sends_logged {
        return Vec::new();
    }
    let peers = || (0..case.machines()).filter(|&peer| peer != recipient);
    // A log of all machines together says nothing of who sent what to whom.
    if peers().next().is_none() {
        return Vec::new();
    }
    let senders: Option<Vec<usize>> = case
        .receives(recipient)
        .map(|at| trial.sender(at))
        .collect();
    // Where a receive does not say who sent its message, all senders are one.
    let groups: Vec<Vec<usize>> = match senders {
        Some(_) => peers().map(|peer| vec![peer]).collect(),
        None => vec![peers().collect()],
    };
    let mut beyond = Vec::new();
    for group in groups {
        let sent = group.iter().map(|&sender| {
            case.channels.sends(sender, recipient).len() + case.channels.unaddressed(sender).len()
        });
        let of_group = |at: &At| {
            trial
                .sender(*at)
                .is_none_or(|sender| group.contains(&sender))
        };
        let taken = case.receives(recipient).filter(of_group);
        let taken = taken.filter(|&at| group.iter().all(|&sender| covers(case, sender, at)));
        let taken: Vec<At> = taken.collect();
        let excess = taken.len().saturating_sub(sent.sum());
        let unnamed = taken
            .into_iter()
            .filter(|&at| send(case.rows(recipient), at.row).is_none() && !is_named(case, at));
        beyond.extend(unnamed.take(excess));
    }
    beyond.sort_unstable();
    beyond
}
