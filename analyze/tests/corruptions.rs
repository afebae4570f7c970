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
