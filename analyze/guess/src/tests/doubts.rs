//! What a reading cannot be trusted for must be told.

use super::*;
use crate::{dialect, plausibility};
use events::{Dialect, Machine, ReceiveClock, Trial, TrialInfo, fixtures};

fn event(line: u32, kind: Kind, clock: i64) -> Event {
    Event {
        clock: Some(Clock::Lamport(clock)),
        time_ns: Some(i64::from(line) * 1_000_000_000),
        ..Event::new(line, kind, u64::from(line))
    }
}

/// A trial of two machines, each with these events.
fn of_two(machines: [Vec<Event>; 2]) -> Trial {
    let info = TrialInfo {
        dir: "t".into(),
        dialect: Dialect {
            receive_clock: Some(ReceiveClock::AfterMerge),
            ..Dialect::default()
        },
        ..TrialInfo::default()
    };
    let names = ["0", "1"].map(|name| Machine::new(name.to_owned(), None, Vec::new()));
    fixtures::of(info, names.to_vec(), machines.to_vec())
}

/// Events of these kinds, each with a clock one above the last.
fn steady(kinds: &[Kind], from: u32) -> Vec<Event> {
    let numbered = (from..).zip(kinds.iter().cycle()).take(30);
    numbered
        .map(|(line, kind)| event(line, *kind, i64::from(line)))
        .collect()
}

fn told(trial: Trial) -> Vec<String> {
    let mut doubts = Vec::new();
    plausibility::trials(&[trial], &mut doubts);
    doubts.into_iter().map(|doubt| doubt.what).collect()
}

const MIXED: &[Kind] = &[Kind::Send, Kind::Receive, Kind::Internal];

#[test]
fn a_right_reading_raises_no_suspicion() {
    let right = of_two([steady(MIXED, 1), steady(MIXED, 1)]);
    assert_eq!(told(right), Vec::<String>::new());
}

#[test]
fn what_right_logs_hardly_ever_give_is_told() {
    let both = |events: Vec<Event>| of_two([events.clone(), events]);
    assert_eq!(told(of_two([steady(MIXED, 1), Vec::new()])), ["machines"]);
    assert_eq!(
        told(of_two([steady(MIXED, 1), steady(MIXED, 100)])),
        ["machines"]
    );
    let falling = steady(MIXED, 1)
        .into_iter()
        .map(|event| match event.line % 10 {
            0 => Event {
                clock: Some(Clock::Lamport(1)),
                ..event
            },
            _ => event,
        });
    assert!(told(both(falling.collect())).contains(&"clock".to_owned()));
    let mut missing = steady(MIXED, 1);
    missing.retain(|event| event.line % 9 != 0);
    assert!(told(both(missing)).contains(&"clock".to_owned()));
    assert_eq!(
        told(both(steady(&[Kind::Send, Kind::Receive, Kind::Receive], 1))),
        ["event"]
    );
    assert_eq!(
        told(both(steady(&[Kind::Send, Kind::Internal], 1))),
        ["event"]
    );
    let strange = steady(MIXED, 1).into_iter().map(|event| match event.kind {
        Kind::Receive => Event {
            from: Some(1),
            carried: Some(Clock::Lamport(1_000)),
            ..event
        },
        _ => event,
    });
    let strange: Vec<Event> = strange.collect();
    let twice: Vec<Event> = strange.iter().chain(&strange).cloned().collect();
    assert!(told(both(twice)).contains(&"carried".to_owned()));
}

#[test]
fn sends_of_one_clock_to_nobody_known_are_counted() {
    let about_sends = |events: Vec<Event>| {
        let mut doubts = Vec::new();
        let told = of_two([events, Vec::new()]);
        dialect::infer(&[told], &mut Dialect::default(), &mut doubts);
        let doubt = doubts.into_iter().find(|doubt| doubt.what == "broadcast");
        doubt.map(|doubt| doubt.why).unwrap_or_default()
    };
    let twice =
        |clock: u32| [2 * clock, 2 * clock + 1].map(|line| event(line, Kind::Send, clock.into()));
    let pairs: Vec<Event> = (1..=7).flat_map(twice).collect();
    assert!(about_sends(pairs).contains("7 pairs of sends share a clock"));
    assert!(about_sends(steady(MIXED, 1)).contains("no two sends share a clock"));
}

#[test]
fn a_number_out_of_the_vector_of_a_message_is_told() {
    let of = |carried: Clock| {
        let vectors = steady(MIXED, 1).into_iter().map(|event| Event {
            clock: Some(Clock::Vector(vec![u64::from(event.line), 0])),
            carried: (event.kind == Kind::Receive).then(|| carried.clone()),
            ..event
        });
        told(of_two([vectors.collect(), Vec::new()]))
    };
    assert!(of(Clock::Lamport(0)).contains(&"carried".to_owned()));
    assert!(!of(Clock::Vector(vec![0, 0])).contains(&"carried".to_owned()));
}

#[test]
fn a_line_between_two_clocks_is_not_left_out_in_silence() {
    let dir = tempfile::tempdir().expect("a folder");
    for machine in 0..3 {
        let mut log = String::new();
        for of in trial(1, 1).iter().filter(|of| of.machine == machine) {
            let (what, at) = (of.kind, of.ms);
            match what {
                // Few enough to pass for notices of the end.
                Kind::Internal if of.clock % 7 == 3 => writeln!(log, "all done, {}", of.clock),
                _ => writeln!(log, "{at} {what:?} clock={}", of.clock),
            }
            .expect("text");
        }
        std::fs::write(dir.path().join(format!("vm{machine}.log")), log).expect("a file");
    }
    let guess = guess_below(dir.path().to_owned()).expect("a guess");
    let events: u64 = guess.events.values().sum();
    let all = trial(1, 1).len() as u64;
    assert!(
        events == all || guess.share_explained < 1.0,
        "{:?}",
        guess.found
    );
}

#[test]
fn files_that_may_state_the_missing_rate_are_told() {
    let dir = tempfile::tempdir().expect("a folder");
    let lines = |machine: usize| -> String {
        let line = |step: usize| match step % 5 {
            0 => format!("Received message, clock: {}\n", step * 3 + machine),
            1 => format!("Sent message, clock: {}\n", step / 5 * 15 + machine + 1),
            _ => format!(
                "Internal event, clock: {}\n",
                step / 5 * 15 + machine + step % 5
            ),
        };
        (1..40).map(line).collect()
    };
    for machine in 0..3 {
        let path = dir.path().join(format!("process_{machine}"));
        std::fs::write(path, lines(machine)).expect("a file");
    }
    let about_rates = || {
        let guess = guess_below(dir.path().to_owned()).expect("a format");
        let doubts = guess.doubts.into_iter();
        let told = doubts.filter(|doubt| doubt.what == "rate" && doubt.evidence.ends_with("setup"));
        told.count()
    };
    assert_eq!(about_rates(), 0);
    let setup = |machine| {
        format!(
            "Process {machine} runs at {} ticks per second\n",
            machine + 2
        )
    };
    let setup: String = (0..3).map(setup).collect();
    let path = dir.path().join("setup");
    std::fs::write(&path, setup).expect("a file");
    // They are read.
    assert_eq!(about_rates(), 0);
    std::fs::write(&path, "Trial 4 with the machines of last week\n").expect("a file");
    assert_eq!(about_rates(), 1);
}
