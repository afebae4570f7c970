//! Correct logs of the runner, spoilt in 54 ways: how many of each kind `analyze check` sees.
//!
//! Kinds are those that an edit, a disk, a copy or a wrong program leaves behind: rows, fields, whole logs, the manifest.
//! Most are the mutations of `common/mutate`, whose rules say where a spoilt log may be another correct one; a few are
//! nobody's to find without running the trial again from its seed, as `--replay` does.
//!
//! ```text
//! cargo test -p analyze --test corruptions                                 each kind in virtual time
//! cargo test -p analyze --test corruptions -- --ignored --nocapture        the table: thirty places of each, on sockets too
//! ```

mod programs;
mod common {
    pub(crate) mod chance;
    pub(crate) mod log;
    pub(crate) mod mutate;
}
mod corruption {
    pub(crate) mod base;
    mod fields;
    pub(crate) mod kinds;
    mod manifest;
    pub(crate) mod study;
}

use common::chance::Chance;
use corruption::base::Base;
use corruption::kinds::{self, Proof};
use corruption::study::Study;

/// Places of each kind in the table, on each driver.
const PLACES: u64 = 30;

#[test]
fn there_are_fifty_four_kinds() {
    let mut names: Vec<&str> = kinds::ALL.iter().map(|kind| kind.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 54);
}

#[test]
fn each_kind_is_found_in_virtual_time() {
    let bases = Base::in_virtual_time(2);
    let by_laws = Study::run(&bases, 1, false);
    let by_replay = Study::run(&bases, 1, true);
    assert_eq!(by_laws.missed, Vec::<String>::new());
    let counts = by_laws.counts.iter().zip(&by_replay.counts);
    for (kind, (laws, replay)) in kinds::ALL.iter().zip(counts) {
        assert!(laws.of > 0, "{}: applies nowhere", kind.name);
        assert_eq!(replay.caught, replay.of, "{}, by replay", kind.name);
        if kind.proof == Proof::Laws {
            assert_eq!(laws.caught, laws.of, "{}", kind.name);
        }
    }
}

/// A long trial is read in windows of time, and its windows show what the whole shows: the same words, counts and lines.
#[test]
fn windows_show_of_each_kind_what_the_whole_trial_shows() {
    let bases = Base::in_virtual_time(2);
    for base in &bases {
        let [whole, windows] = base.whole_and_in_windows(&base.log, WINDOW_BYTES);
        assert_eq!(whole, windows, "correct");
    }
    windows_show_what_the_whole_shows(&bases, 1);
}

#[test]
#[ignore = "runs the program some thousand times: for changes to windows"]
fn windows_show_at_many_places_what_the_whole_trial_shows() {
    windows_show_what_the_whole_shows(&Base::in_virtual_time(8), 8);
    windows_show_what_the_whole_shows(&Base::on_sockets(), 8);
}

/// Bytes of windows, far fewer than a trial has.
const WINDOW_BYTES: u32 = 1_500;

fn windows_show_what_the_whole_shows(bases: &[Base], places: u64) {
    let mut shown = 0;
    for (number, kind) in (0..).zip(&kinds::ALL) {
        for place in 0..places {
            let mut chance = Chance::new(number * 1_000 + place);
            let turns = (0..bases.len()).map(|turn| &bases[(place as usize + turn) % bases.len()]);
            let mut spoilt = turns
                .filter_map(|base| Some((base, kind.spoil(&base.log, &base.other, &mut chance)?)));
            let Some((base, (log, _))) = spoilt.next() else {
                continue;
            };
            let [whole, windows] = base.whole_and_in_windows(&log, WINDOW_BYTES);
            assert_eq!(whole, windows, "{}, place {place}", kind.name);
            shown += 1;
        }
    }
    assert!(shown >= kinds::ALL.len() / 2, "{shown} were spoilt");
}

#[test]
#[ignore = "runs the program some thousand times: for changes to the laws"]
fn the_table_of_kinds() {
    let (in_virtual_time, on_sockets) = (Base::in_virtual_time(8), Base::on_sockets());
    let study = |bases, replay| Study::run(bases, PLACES, replay);
    let studies = [
        ("virtual", study(&in_virtual_time, false)),
        ("sockets", study(&on_sockets, false)),
        ("replay, virtual", study(&in_virtual_time, true)),
        ("replay, sockets", study(&on_sockets, true)),
    ];
    println!("{}", Study::table(&studies));
    for (of, study) in &studies {
        assert_eq!(study.missed, Vec::<String>::new(), "{of}");
    }
    let [.., (_, in_virtual_time), (_, on_sockets)] = &studies;
    let counts = in_virtual_time.counts.iter().zip(&on_sockets.counts);
    for (kind, (in_virtual_time, on_sockets)) in kinds::ALL.iter().zip(counts) {
        assert_eq!(in_virtual_time.caught, in_virtual_time.of, "{}", kind.name);
        if kind.proof == Proof::Dice {
            assert_eq!(on_sockets.caught, on_sockets.of, "{}", kind.name);
        }
    }
}
