//! Whole grades of simulated submissions: right ones, and one for each fault.

use super::simulated::{Program, submission};
use super::*;
use ::events::{Clock, Event, Kind};

fn graded(program: &Program, seed: u64) -> Grade {
    grade(&submission(program, seed), &Rubric::default())
}

fn verdict(grade: &Grade, criterion: Criterion) -> Verdict {
    let judged = grade
        .judgements
        .iter()
        .find(|one| one.criterion == criterion);
    judged.expect("every criterion is on").verdict
}

/// Criteria with a finding.
fn found(program: &Program, seed: u64) -> Vec<Criterion> {
    let grade = graded(program, seed);
    grade.findings().iter().map(|one| one.criterion).collect()
}

#[test]
fn a_right_program_meets_everything() {
    let grade = graded(&Program::default(), 1);
    for one in &grade.judgements {
        assert_eq!(one.verdict, Verdict::Met, "{}: {}", one.name, one.summary);
    }
    assert_eq!(grade.points(), grade.points_judged());
    assert_eq!(grade.share(), Some(1.0));
}

/// Every fault with the criterion that has to find it.
fn faults() -> Vec<(&'static str, Program, Criterion)> {
    let right = Program::default;
    vec![
        (
            "three trials",
            Program {
                trials: 3,
                ..right()
            },
            Criterion::Trials,
        ),
        (
            "45 s instead of 60",
            Program {
                duration_s: 45.0,
                ..right()
            },
            Criterion::RunLength,
        ),
        (
            "10 % slow",
            Program {
                pace: 0.9,
                ..right()
            },
            Criterion::TickRate,
        ),
        (
            "10 % fast",
            Program {
                pace: 1.1,
                ..right()
            },
            Criterion::TickRate,
        ),
        (
            "two events a tick",
            Program {
                events_a_tick: 2,
                ..right()
            },
            Criterion::OneEvent,
        ),
        (
            "merge without + 1",
            Program {
                steps_on_merge: false,
                ..right()
            },
            Criterion::Clock,
        ),
        (
            "rolls in 3 of 10 ticks with mail",
            Program {
                rolls_despite_mail: 3,
                ..right()
            },
            Criterion::Drained,
        ),
        (
            "the same, with no queue in the log",
            Program {
                rolls_despite_mail: 3,
                logs_queue: false,
                ..right()
            },
            Criterion::Drained,
        ),
        (
            "forked dice",
            Program {
                forked: true,
                ..right()
            },
            Criterion::Independent,
        ),
        (
            "the same rates in every trial",
            Program {
                fixed_rates: true,
                ..right()
            },
            Criterion::RatesDrawn,
        ),
        (
            "single sends to one peer",
            Program {
                one_peer: true,
                ..right()
            },
            Criterion::Peers,
        ),
        (
            "5 % of messages lost",
            Program {
                loses: 5,
                ..right()
            },
            Criterion::Messages,
        ),
        (
            "no queue in the log",
            Program {
                logs_queue: false,
                ..right()
            },
            Criterion::Fields,
        ),
        (
            "die of 6",
            Program {
                sides: 6,
                ..right()
            },
            Criterion::Dice,
        ),
        (
            "die of 8",
            Program {
                sides: 8,
                ..right()
            },
            Criterion::Dice,
        ),
        (
            "die of 9",
            Program {
                sides: 9,
                ..right()
            },
            Criterion::Dice,
        ),
        (
            "die of 9, twenty trials",
            Program {
                sides: 9,
                trials: 20,
                ..right()
            },
            Criterion::Dice,
        ),
        (
            "die of 11",
            Program {
                sides: 11,
                ..right()
            },
            Criterion::Dice,
        ),
        (
            "die of 11, twenty trials",
            Program {
                sides: 11,
                trials: 20,
                ..right()
            },
            Criterion::Dice,
        ),
    ]
}

#[test]
fn faults_that_need_no_luck_are_found_and_little_else_is() {
    // What a fault brings with it: two events a tick leave less for a rate to be measured by, a queue that is not read
    // lasts to the end, and dice that many machines share are fewer dice.
    let certain = |criterion: &Criterion| *criterion != Criterion::Dice;
    for (name, program, criterion) in faults().iter().filter(|(_, _, one)| certain(one)) {
        for seed in 10..12 {
            let found = found(program, seed);
            assert!(found.contains(criterion), "{name}, seed {seed}: {found:?}");
            assert!(found.len() <= 2, "{name}, seed {seed}: {found:?}");
        }
    }
}

#[test]
fn trials_with_other_dice_beside_right_ones_are_an_experiment() {
    let mut mixed = submission(&Program::default(), 5);
    let varied = submission(
        &Program {
            sides: 4,
            trials: 2,
            ..Program::default()
        },
        6,
    );
    mixed.trials.extend(varied.trials);
    let judged = grade(&mixed, &Rubric::default());
    assert_eq!(verdict(&judged, Criterion::Dice), Verdict::Met);
    let dice = judged
        .judgements
        .iter()
        .find(|one| one.criterion == Criterion::Dice);
    let summary = &dice.expect("it is on").summary;
    assert!(
        summary.starts_with("2 trials rolled another die"),
        "{summary}"
    );
    assert!(
        found(
            &Program {
                sides: 4,
                ..Program::default()
            },
            6
        )
        .contains(&Criterion::Dice)
    );
}

#[test]
fn what_is_not_logged_cannot_be_told_and_takes_no_points() {
    let mut bare = submission(&Program::default(), 7);
    for trial in &mut bare.trials {
        let mut machines = trial.machines.clone();
        let without = |machine: &mut ::events::Machine| -> Vec<Event> {
            machine.rate_hz = None;
            let rows = 0..machine.rows.len();
            let events = rows.map(|row| Event {
                time_ns: None,
                to: None,
                ..machine.rows.event(row)
            });
            events.collect()
        };
        let events = machines.iter_mut().map(without).collect();
        *trial = ::events::fixtures::of(trial.info.clone(), machines, events).matched();
    }
    let judged = grade(&bare, &Rubric::default());
    for criterion in [
        Criterion::RunLength,
        Criterion::RateRange,
        Criterion::TickRate,
        Criterion::Peers,
    ] {
        assert_eq!(
            verdict(&judged, criterion),
            Verdict::CannotTell,
            "{criterion:?}"
        );
    }
    assert_eq!(verdict(&judged, Criterion::Fields), Verdict::Partly);
    let lost = judged
        .findings()
        .iter()
        .map(|one| one.points_possible - one.points.unwrap_or(0.0))
        .sum::<f64>();
    assert!((judged.points_judged() - judged.points() - lost).abs() < 1e-9);
}

/// A right submission that writes each send to all as a line for each recipient; `clock` and `late_ns` are by how much the
/// second line is ahead of the first.
fn in_lines(clock: i64, late_ns: i64) -> Grade {
    let mut written = submission(&Program::default(), 7);
    for trial in &mut written.trials {
        let lines = |machine: &::events::Machine| -> Vec<Event> {
            let events = (0..machine.rows.len()).map(|row| machine.rows.event(row));
            let lines = events.flat_map(|event| match event.to.as_deref() {
                Some(&[first, second]) => {
                    let one = |to, clock: i64, late_ns: i64| Event {
                        kind: Kind::Send,
                        to: Some(vec![to]),
                        time_ns: event.time_ns.map(|time_ns| time_ns + late_ns),
                        clock: match event.clock {
                            Some(Clock::Lamport(value)) => Some(Clock::Lamport(value + clock)),
                            _ => None,
                        },
                        carried: None,
                        ..event.clone()
                    };
                    vec![one(first, 0, 0), one(second, clock, late_ns)]
                }
                _ => vec![event],
            });
            (1..)
                .zip(lines)
                .map(|(line, event)| Event { line, ..event })
                .collect()
        };
        let mut info = trial.info.clone();
        info.dialect.broadcast = None;
        let events = trial.machines.iter().map(lines).collect();
        *trial = ::events::fixtures::of(info, trial.machines.clone(), events).matched();
    }
    grade(&written, &Rubric::default())
}

#[test]
fn a_send_to_all_on_a_line_for_each_recipient_costs_no_points() {
    for late_ns in [0, 2_000_000] {
        let judged = in_lines(0, late_ns);
        let found: Vec<&str> = judged
            .findings()
            .iter()
            .map(|one| one.summary.as_str())
            .collect();
        assert_eq!(found, Vec::<&str>::new(), "{late_ns} ns");
        assert_eq!(verdict(&judged, Criterion::Dice), Verdict::Met);
    }
    // A second apart they are two events of one clock.
    let apart = in_lines(0, 1_000_000_000);
    assert_eq!(verdict(&apart, Criterion::Clock), Verdict::NotMet);
}

#[test]
fn receives_that_a_hole_in_the_logs_may_explain_are_no_finding() {
    let graded = |lost: bool| {
        let mut short = submission(&Program::default(), 7);
        for trial in &mut short.trials {
            let sends = |machine: &::events::Machine| -> Vec<Event> {
                let events = (0..machine.rows.len()).map(|row| machine.rows.event(row));
                let kept = events.filter(|event| event.kind != Kind::Broadcast);
                kept.collect()
            };
            let mut info = trial.info.clone();
            info.logs_missing = lost;
            let machines: Vec<::events::Machine> = trial
                .machines
                .iter()
                .map(|machine| ::events::Machine {
                    gaps: if lost { vec![3] } else { Vec::new() },
                    ..::events::Machine::new(
                        machine.name.clone(),
                        machine.rate_hz,
                        machine.files.clone(),
                    )
                })
                .collect();
            let events = trial.machines.iter().map(sends).collect();
            *trial = ::events::fixtures::of(info, machines, events).matched();
        }
        verdict(&grade(&short, &Rubric::default()), Criterion::Messages)
    };
    assert_eq!(graded(false), Verdict::NotMet);
    assert_eq!(graded(true), Verdict::CannotTell);
}

#[test]
fn aborted_starts_are_set_aside() {
    let mut begun = submission(&Program::default(), 8);
    let aborted = submission(
        &Program {
            duration_s: 4.0,
            trials: 2,
            ..Program::default()
        },
        9,
    );
    begun.trials.extend(aborted.trials);
    let judged = grade(&begun, &Rubric::default());
    assert_eq!((judged.trials, judged.aborted.len()), (5, 2));
    assert_eq!(verdict(&judged, Criterion::RunLength), Verdict::Met);
}

/// How often each fault is found, and how often a right program is accused. Run as said in [`super::simulated`].
#[test]
#[ignore = "a measurement: minutes in a debug build"]
fn power_of_the_grade() {
    let submissions: u64 = match std::env::var("SUBMISSIONS") {
        Ok(count) => count.parse().expect("SUBMISSIONS is a whole number"),
        Err(_) => 200,
    };
    let seeds: Vec<u64> = (1000..1000 + submissions).collect();
    let right = Program::default();
    let accused = files::parallel::map(&seeds, |&seed| !found(&right, seed).is_empty());
    let accused = accused.into_iter().filter(|&one| one).count();
    println!("right programs accused: {accused} of {submissions}");
    for (name, program, criterion) in faults() {
        let hits = files::parallel::map(&seeds, |&seed| found(&program, seed).contains(&criterion));
        let hits = hits.into_iter().filter(|&one| one).count();
        println!(
            "{name}: found by {} in {hits} of {submissions}",
            criterion.key()
        );
    }
    // One percent, and what chance adds to it at three standard deviations.
    let expected = submissions as f64 / 100.0;
    assert!(
        accused as f64 <= expected + 3.0 * expected.sqrt(),
        "{accused}"
    );
}

#[test]
fn a_bug_of_ours_costs_one_submission_only() {
    let failed = isolated(|| panic!("index {} out of bounds", 2));
    let Err(Unreadable(why)) = failed else {
        panic!("a panic is no grade");
    };
    assert!(why.contains("index 2 out of bounds"), "{why}");
    let refused = isolated(|| Err(Unreadable("no logs".to_owned())));
    assert_eq!(refused, Err(Unreadable("no logs".to_owned())));
}
