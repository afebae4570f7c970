use event_log::Rate;

use super::*;
use laws::fixtures::{self, correct};

fn trial(logs: &[&[&'static str]]) -> Trial {
    fixtures::log(logs).trial()
}

fn with(machine: usize, row: usize, line: &'static str) -> Trial {
    fixtures::with(machine, row, line).trial()
}

fn sound() -> Trial {
    let logs = correct();
    trial(&[&logs[0], &logs[1]])
}

/// The same machines, every tick a roll.
fn dice() -> Trial {
    trial(&[
        &[
            "0,0,send,1,0,1,,",
            "1,1000,send,2,0,1,,",
            "2,2000,internal,3,0,,,",
            "3,3000,internal,4,0,,,",
        ],
        &[
            "0,100,send,1,0,0,,",
            "1,1100,broadcast,2,0,,,",
            "2,2100,internal,3,0,,,",
            "3,3100,internal,4,0,,,",
        ],
    ])
}

fn places(compared: &Compared) -> Vec<(Option<u32>, Option<u32>, u64)> {
    let differences = compared.differences.iter();
    differences
        .map(|one| (one.machine.map(|id| id.0), one.evidence.line, one.differing))
        .collect()
}

#[test]
fn a_trial_is_the_one_that_its_seed_gives() {
    let compared = rows(&sound(), &sound());
    assert_eq!((compared.units, places(&compared)), (8, vec![]));
    let compared = rolls(&sound(), &dice());
    assert_eq!((compared.units, places(&compared)), (5, vec![]));
}

#[test]
fn every_field_of_a_row_in_virtual_time_is_compared() {
    for line in [
        "2,2001,internal,3,0,,,",
        "2,2000,broadcast,3,0,,,",
        "2,2000,internal,4,0,,,",
        "2,2000,internal,3,1,,,",
        "4,2000,internal,3,0,,,",
    ] {
        let compared = rows(&with(0, 2, line), &sound());
        assert_eq!(places(&compared), [(Some(0), Some(4), 1)], "{line}");
    }
}

#[test]
fn a_line_that_could_not_be_read_is_no_difference_and_shifts_none() {
    let compared = rows(&with(0, 1, ""), &sound());
    assert_eq!((compared.units, places(&compared)), (7, vec![]));
    let compared = rolls(&with(0, 0, ""), &dice());
    assert_eq!((compared.units, places(&compared)), (2, vec![]));
}

#[test]
fn a_roll_that_was_changed_is_found_on_sockets_and_times_are_not_compared() {
    let compared = rolls(&with(0, 1, "1,1007,internal,2,0,,,"), &dice());
    assert_eq!(places(&compared), [(Some(0), Some(3), 1)]);
    let text = compared.differences[0].to_string();
    let expected = "replay violated by machine 0 in trial-000: the trial is the one that its seed gives\n  \
        logs/run/trial-000/machine-0.csv:3   1,1007000000,internal,2,0,,,\n  \
        expected a send to machine 1 at roll 2 of the machine, found an internal event; likely cause: the line was changed, \
        or seed or settings in the manifest were";
    assert_eq!(text, expected);
    let late = rolls(&with(0, 1, "1,1300,send,2,0,1,,"), &dice());
    assert_eq!(places(&late), []);
}

#[test]
fn rows_beyond_the_end_are_differences() {
    let short = trial(&[&["0,0,send,1,0,1,,"], &correct()[1]]);
    let compared = rows(&sound(), &short);
    assert_eq!(places(&compared), [(Some(0), Some(3), 3)]);
    let expected = &compared.differences[0].expected;
    assert_eq!(expected, "the end of the log after 1 rows");
}

#[test]
fn rates_phases_and_the_timekeeper_are_compared() {
    let mut seeded = sound();
    let manifest = seeded.info.manifest.as_mut().expect("one of ours");
    manifest.machines[1].rate = Rate::from_hz(2);
    manifest.machines[0].phase_ns = 7;
    manifest.timekeeper = Some(MachineId(1));
    let found = rolls(&sound(), &seeded).differences;
    let words: Vec<&str> = found.iter().map(|one| one.expected.as_str()).collect();
    assert!(
        words.starts_with(&[
            "rate 1, phase_ns 7",
            "rate 2, phase_ns 100000000",
            "machine 1 keeps time"
        ]),
        "{words:?}"
    );
}
