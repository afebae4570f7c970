//! The laws of vector clocks.
//!
//! Source: F. Mattern, "Virtual Time and Global States of Distributed Systems", 1989; C. J. Fidge, "Timestamps in
//! Message-Passing Systems That Preserve the Partial Ordering", 1988.
//!
//! **Invariant.** A vector is judged by the logged vector before it.

use super::findings::{Findings, Place};
use super::law::HistoryLaw;
use super::messages;
use super::reading::Reading;
use crate::history::matching::{Matching, SentStamp};
use crate::history::{Clock, History, Kind, TimeOrigin};

/// Laws that ask whose events a component counts.
const OF_KNOWN_COMPONENTS: [HistoryLaw; 3] = [
    HistoryLaw::OwnComponent,
    HistoryLaw::MergeIsMaximum,
    HistoryLaw::NoKnowledgeFromTheFuture,
];

/// Puts the laws to every vector.
pub(super) fn check(
    history: &History,
    matching: &Matching,
    reading: &Reading,
    findings: &mut Findings,
) {
    if !super::has_vectors(history) {
        return;
    }
    if history.without_log.is_none() {
        let why = "which component of the vectors counts whose events is not known";
        for law in OF_KNOWN_COMPONENTS {
            findings.idle(law, why);
        }
    }
    let mut done = Done::of(history, matching);
    done.common_time &= reading.common_time;
    for (machine, log) in history.machines.iter().enumerate() {
        let mut before: Option<(usize, &[u64])> = None;
        for event in 0..log.events.len() {
            let place = (machine, event);
            let Some(found) = vector(history, place) else {
                findings.undecided(HistoryLaw::VectorMonotonic, "lines without a vector");
                continue;
            };
            if history.without_log.is_some() {
                done.check(history, place, found, findings);
            }
            if let Some((previous, before)) = before {
                let places = (place, (machine, previous));
                let vectors = (before, found);
                monotonic(history, places.0, places.1, vectors, findings);
                if history.without_log.is_some() {
                    own(places, vectors, log.events[event].kind, findings);
                    merge(history, matching, places, vectors, findings);
                }
            }
            before = Some((event, found));
        }
    }
}

pub(super) fn vector(history: &History, (machine, event): Place) -> Option<&[u64]> {
    match &history.machines[machine].events[event].clock {
        Some(Clock::Vector(components)) => Some(components),
        _ => None,
    }
}

fn own(
    (place, previous): (Place, Place),
    (before, found): (&[u64], &[u64]),
    kind: Kind,
    findings: &mut Findings,
) {
    let law = HistoryLaw::OwnComponent;
    let own = place.0;
    let Some((&before, &found)) = before.get(own).zip(found.get(own)) else {
        return findings.undecided(law, "the vector has no component of its own machine");
    };
    findings.examine(law);
    if before.checked_add(1) == Some(found) {
        return;
    }
    let cause = match (found.checked_sub(before), kind) {
        (Some(0), Kind::Send | Kind::Broadcast) => {
            "the line of the send was written, or its message stamped, before the increment"
        }
        (Some(0), _) => "the own component was not incremented for this event",
        (Some(2), _) => {
            "incremented twice: two events in a tick, or a line is missing before this one"
        }
        (Some(_), _) => "own events are skipped: lines before this one are missing",
        (None, _) if found <= 1 => {
            "the vector starts again: the machine was restarted, or another run is appended to the same file"
        }
        (None, _) => "the own component goes backwards",
    };
    findings.violate(law, &[place, previous], cause, || {
        (
            format!("own component {} = {before} + 1", u128::from(before) + 1),
            found.to_string(),
        )
    });
}

fn monotonic(
    history: &History,
    place: Place,
    previous: Place,
    (before, found): (&[u64], &[u64]),
    findings: &mut Findings,
) {
    let law = HistoryLaw::VectorMonotonic;
    findings.examine(law);
    let Some(fell) = before
        .iter()
        .zip(found)
        .position(|(before, found)| found < before)
    else {
        return;
    };
    let cause = if fell == place.0 {
        "the own component goes backwards: a restart, or lines of another run"
    } else if history.machines[place.0].events[place.1].kind == Kind::Receive {
        "the machine forgets what it has learnt: the message's component was taken, not the larger of the two"
    } else {
        "the machine forgets what it has learnt of another"
    };
    let name = history.component_name(fell);
    findings.violate(law, &[place, previous], cause, || {
        (
            format!("at least {} events of {name}", before[fell]),
            found[fell].to_string(),
        )
    });
}

/// Components of peers: after a receive the larger of own and carried, else unchanged. What fell is told elsewhere. A
/// message of a machine without a log may be received on a line that does not say so.
fn merge(
    history: &History,
    matching: &Matching,
    (place, previous): (Place, Place),
    (before, found): (&[u64], &[u64]),
    findings: &mut Findings,
) {
    let law = HistoryLaw::MergeIsMaximum;
    let event = &history.machines[place.0].events[place.1];
    let send = matching.send_of(place.0, place.1);
    let stamp = match event.kind {
        Kind::Receive => match stamp(history, matching, place) {
            Some(stamp) => Some(stamp),
            None => {
                return findings.undecided(law, "the vector that the message carried is not known");
            }
        },
        _ => None,
    };
    let known = history.machines.len().min(found.len());
    let gains_of_absent = before.iter().zip(found).skip(known).any(|(b, f)| f > b);
    if stamp.is_none() && gains_of_absent {
        return findings.undecided(law, "the machine learns of one that has no log");
    }
    findings.examine(law);
    let carried = |peer: usize| {
        stamp
            .as_ref()
            .and_then(|stamp| stamp.get(peer))
            .copied()
            .unwrap_or(0)
    };
    let wrong = |&peer: &usize| peer != place.0 && found[peer] != before[peer].max(carried(peer));
    let told_elsewhere = |&peer: &usize| found[peer] >= before[peer];
    let mut peers = (0..before.len().min(found.len())).filter(wrong);
    let Some(peer) = peers.find(told_elsewhere) else {
        return;
    };
    let expected = before[peer].max(carried(peer));
    let cause = if stamp.is_none() {
        "learnt without a message: the line of a receive is missing, or an entry of the vector was changed"
    } else if found[peer] == before[peer] {
        "what the message carried was not merged"
    } else if found[peer] > expected {
        "the vector gained more than the message carried"
    } else {
        "the component is neither the own nor the carried one"
    };
    findings.violate(
        law,
        &[place, previous, send.unwrap_or(place)],
        cause,
        || {
            let name = history.component_name(peer);
            (
                format!("{expected} events of {name}"),
                found[peer].to_string(),
            )
        },
    );
}

/// The vector that a message carried.
fn stamp(history: &History, matching: &Matching, (machine, event): Place) -> Option<Vec<u64>> {
    if let Some(Clock::Vector(carried)) = &history.machines[machine].events[event].carried {
        return Some(carried.clone());
    }
    let (sender, sent) = matching.send_of(machine, event)?;
    let send = &history.machines[sender].events[sent];
    let Some(Clock::Vector(stamp)) = send.carried.as_ref().or(send.clock.as_ref()) else {
        return None;
    };
    let mut stamp = stamp.clone();
    // The recipient's line shows what the sender counted of itself; which of its events that was, the match has said.
    if send.carried.is_none() {
        let found = vector(history, (machine, event))?.get(sender)?;
        let own = stamp.get_mut(sender)?;
        if found.abs_diff(*own) <= 1 {
            *own = *found;
        }
    }
    Some(stamp)
}

/// What every machine has done, by its own vectors.
pub(super) struct Done {
    /// For each machine, the largest own component up to each event, with the event's time.
    reached: Vec<Vec<(u64, Option<i64>)>>,
    /// By how much a message may be ahead of the line of its send.
    ahead: u64,
    slack_ns: i64,
    common_time: bool,
}

impl Done {
    pub(super) fn of(history: &History, matching: &Matching) -> Done {
        let reached = history.machines.iter().enumerate().map(|(machine, log)| {
            let mut largest = 0;
            let events = 0..log.events.len();
            let reach = events.map(|event| {
                let own = vector(history, (machine, event)).and_then(|vector| vector.get(machine));
                largest = largest.max(own.copied().unwrap_or(0));
                (largest, log.events[event].time_ns)
            });
            reach.collect()
        });
        let behind = matches!(
            matching.inferred.stamp,
            Some(SentStamp::AsLogged | SentStamp::BeforeIncrement)
        );
        Done {
            reached: reached.collect(),
            ahead: u64::from(!behind),
            slack_ns: messages::slack_ns(history),
            common_time: history.dialect.time != Some(TimeOrigin::Machine),
        }
    }

    /// The first event of a machine at which it had done so much, as far as messages can know.
    pub(super) fn event(&self, machine: usize, component: u64) -> Option<usize> {
        let reached = &self.reached[machine];
        let needed = component.saturating_sub(self.ahead);
        let event = reached.partition_point(|&(done, _)| done < needed);
        (event < reached.len()).then_some(event)
    }

    fn check(&self, history: &History, place: Place, found: &[u64], findings: &mut Findings) {
        let law = HistoryLaw::NoKnowledgeFromTheFuture;
        let now_ns = history.machines[place.0].events[place.1].time_ns;
        let mut evidence = vec![place];
        let mut told = None;
        let mut open = false;
        for (peer, &known) in found.iter().enumerate().take(self.reached.len()) {
            let Some(&(done, last_ns)) = self.reached[peer].last() else {
                open |= known > 0;
                continue;
            };
            if peer == place.0 || known == 0 {
                continue;
            }
            let times = last_ns.zip(now_ns).filter(|_| self.common_time);
            if known > done.saturating_add(self.ahead) {
                // A log that ends before this event may lack what the vector knows.
                match times
                    .is_none_or(|(last_ns, now_ns)| last_ns.saturating_add(self.slack_ns) >= now_ns)
                {
                    true => told = told.or(Some((
                        peer,
                        known,
                        done,
                        "a vector that knows more of a machine than the machine itself ever did",
                    ))),
                    false => open = true,
                }
            } else if let Some(event) = self.event(peer, known)
                && let (Some(then_ns), Some(now_ns)) = (
                    self.reached[peer][event].1.filter(|_| self.common_time),
                    now_ns,
                )
                && then_ns > now_ns.saturating_add(self.slack_ns)
            {
                evidence.push((peer, event));
                told = told.or(Some((peer, known, known - 1, "a vector that knows an event before it happened: system clocks differ, or a component was changed")));
            }
        }
        let Some((peer, known, done, cause)) = told else {
            match open {
                true => {
                    findings.undecided(law, "a log ends before what others know of its machine")
                }
                false => findings.examine(law),
            }
            return;
        };
        findings.examine(law);
        if let (1, Some(last)) = (evidence.len(), self.reached[peer].len().checked_sub(1)) {
            evidence.push((peer, last));
        }
        findings.violate(law, &evidence, cause, || {
            (
                format!("at most {done} events of {}", history.machines[peer].name),
                known.to_string(),
            )
        });
    }
}
