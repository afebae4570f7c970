//! Which receive took which message: trials whose messages are known, told with less and less.
//!
//! The trials come from the simulator of the check's tests, which knows the send of every receive. What its logs say of a
//! message is taken away step by step; whatever is left, no receive may be matched with another send than its own.

#[path = "common/chance.rs"]
mod chance;
#[path = "common/log.rs"]
mod log;
#[path = "common/simulate.rs"]
mod simulate;

use event_log::Design;
use events::{At, Clock, Event, Kind, Machine, Match, Trial, fixtures};
use log::TrialLog;
use proptest::prelude::*;

/// A way to tell less of a trial, and the least share of receives that must still be matched, over many trials.
struct Level {
    name: &'static str,
    matched_min: f64,
    strip: fn(&mut [Vec<Event>]),
}

const LEVELS: [Level; 14] = [
    Level {
        name: "everything",
        matched_min: 1.0,
        strip: |_| {},
    },
    Level {
        name: "sender, recipient, carried clock",
        matched_min: 1.0,
        strip: |h| each(h, &[no_id]),
    },
    Level {
        name: "sender, carried clock",
        matched_min: 0.95,
        strip: |h| each(h, &[no_id, no_to]),
    },
    Level {
        name: "recipient, carried clock",
        matched_min: 0.9,
        strip: |h| each(h, &[no_id, no_from]),
    },
    Level {
        name: "position of the recipient, carried clock",
        matched_min: 0.85,
        strip: positions,
    },
    Level {
        name: "carried clock",
        matched_min: 0.8,
        strip: |h| each(h, &[no_id, no_from, no_to]),
    },
    Level {
        name: "carried clock of before the increment",
        matched_min: 0.9,
        strip: stamped_before,
    },
    Level {
        name: "sender, recipient, clock",
        matched_min: 1.0,
        strip: |h| each(h, &[no_id, no_carried]),
    },
    Level {
        name: "sender, clock",
        matched_min: 0.6,
        strip: |h| each(h, &[no_id, no_carried, no_to]),
    },
    Level {
        name: "recipient, clock",
        matched_min: 0.55,
        strip: |h| each(h, &[no_id, no_carried, no_from]),
    },
    Level {
        name: "clock",
        matched_min: 0.25,
        strip: |h| each(h, &[no_id, no_carried, no_from, no_to]),
    },
    Level {
        name: "sender, recipient",
        matched_min: 1.0,
        strip: |h| each(h, &[no_id, no_carried, no_clock]),
    },
    Level {
        name: "recipient, carried clock, no times",
        matched_min: 0.9,
        strip: |h| each(h, &[no_id, no_from, no_time]),
    },
    Level {
        name: "recipient, clock, whole seconds",
        matched_min: 0.5,
        strip: |h| each(h, &[no_id, no_carried, no_from, whole_seconds]),
    },
];

fn each(machines: &mut [Vec<Event>], strips: &[fn(&mut Event)]) {
    for event in machines.iter_mut().flatten() {
        strips.iter().for_each(|strip| strip(event));
        if event.kind != Kind::Receive {
            event.carried = None;
        }
    }
}

fn no_id(event: &mut Event) {
    event.message = None;
}

fn no_from(event: &mut Event) {
    event.from = None;
}

fn no_to(event: &mut Event) {
    event.to = None;
}

fn no_carried(event: &mut Event) {
    event.carried = None;
}

fn no_clock(event: &mut Event) {
    event.clock = None;
}

fn no_time(event: &mut Event) {
    event.time_ns = None;
}

fn whole_seconds(event: &mut Event) {
    event.time_ns = event
        .time_ns
        .map(|time_ns| time_ns - time_ns % 1_000_000_000);
}

/// Recipients by their position among the others, counted from the sender on.
fn positions(machines: &mut [Vec<Event>]) {
    let count = machines.len();
    for (machine, events) in machines.iter_mut().enumerate() {
        for event in events {
            if let (Kind::Send, Some(to)) = (event.kind, &event.to) {
                event.position = Some(((to[0] + count - machine) % count) as u32);
            }
        }
    }
    each(machines, &[no_id, no_from, no_to]);
}

/// Messages carry the clock that their sender had before.
fn stamped_before(machines: &mut [Vec<Event>]) {
    each(machines, &[no_id, no_from]);
    for event in machines.iter_mut().flatten() {
        if let Some(Clock::Lamport(carried)) = &mut event.carried {
            *carried -= 1;
        }
    }
}

/// The events of a trial of ours, as lines that say everything.
fn events_of(trial: &Trial) -> Vec<Vec<Event>> {
    let machines = trial.machines.iter().enumerate();
    let events = machines.map(|(machine, of)| {
        let rows = 0..of.rows.len();
        rows.map(|row| trial.event(At { machine, row })).collect()
    });
    events.collect()
}

/// A trial of another program that logs these events, its messages matched.
fn told(whole: &Trial, events: Vec<Vec<Event>>) -> Trial {
    let info = events::TrialInfo {
        manifest: None,
        ..whole.info.clone()
    };
    let names = whole.machines.iter();
    let machines = names.map(|of| Machine::new(of.name.clone(), of.rate_hz, of.files.clone()));
    fixtures::of(info, machines.collect(), events).matched()
}

/// What came of the receives of a trial.
#[derive(Default)]
struct Count {
    receives: usize,
    matched: usize,
}

/// Matches what is left of a trial and compares with what was.
fn compare(log: &TrialLog, level: &Level) -> Result<Count, String> {
    let whole = log.table();
    let logged = events_of(&whole);
    let mut stripped = logged.clone();
    (level.strip)(&mut stripped);
    let trial = told(&whole, stripped);
    let mut count = Count::default();
    for (machine, events) in logged.iter().enumerate() {
        for (row, event) in events.iter().enumerate() {
            let found = trial.machines[machine].rows.matched(row);
            if event.kind != Kind::Receive {
                if found != Match::NoReceive {
                    return Err(format!("{}: no receive, and {found:?}", level.name));
                }
                continue;
            }
            count.receives += 1;
            let Match::Sent {
                machine: sender,
                event: sent,
            } = found
            else {
                continue;
            };
            count.matched += 1;
            let send = &logged[sender][sent];
            if send.message != event.message || Some(sender) != event.from {
                return Err(format!(
                    "{}: {} line {} took {:?}, matched with {sender} line {}; {:?}",
                    level.name, machine, event.line, event.message, send.line, trial.inferred
                ));
            }
        }
    }
    Ok(count)
}

/// A timekeeper's messages are passed over, as no message of the assignment is.
fn usual(seed: u64) -> Option<TrialLog> {
    let log = simulate::trial(seed);
    (log.manifest.condition.design != Design::Timekeeper).then_some(log)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_receive_is_matched_with_another_send_than_its_own(seed: u64) {
        if let Some(log) = usual(seed) {
            for level in &LEVELS {
                if let Err(wrong) = compare(&log, level) {
                    return Err(TestCaseError::fail(wrong));
                }
            }
        }
    }
}

#[test]
fn most_receives_are_matched_where_the_log_can_tell() {
    for level in &LEVELS {
        let mut sum = Count::default();
        // Trials differ much, and few of them would say more of themselves than of the matching.
        for log in (0..200).filter_map(usual) {
            let count = compare(&log, level).expect("no wrong match");
            sum.receives += count.receives;
            sum.matched += count.matched;
        }
        let share = sum.matched as f64 / sum.receives as f64;
        println!(
            "{:5.1} % of {} receives by {}",
            100.0 * share,
            sum.receives,
            level.name
        );
        assert!(share >= level.matched_min, "{}: only {share}", level.name);
    }
}
