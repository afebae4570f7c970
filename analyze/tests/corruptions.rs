//! Correct logs of the runner, spoilt in 54 ways: how many of each kind `analyze check` sees.
//!
//! Kinds are those that an edit, a disk, a copy or a wrong program leaves behind: rows, fields, whole logs, the manifest.
//! Most are the mutations of `common/mutate`, whose rules say where a spoilt log may be another correct one; a few are
//! nobody's to find without running the trial again from its seed.
//!
//! ```text
//! cargo test -p analyze --test corruptions                                 each kind in virtual time
//! cargo test -p analyze --test corruptions -- --ignored --nocapture        the table: thirty places of each, on sockets too
//! ```

mod programs;
mod common {
    pub(crate) mod chance;
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
use corruption::kinds::{self, Found};
use corruption::study::{Study, replays};

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
    let study = Study::run(&bases, 1, false);
    for (kind, counts) in kinds::ALL.iter().zip(&study.counts) {
        assert!(counts.of > 0, "{}: applies nowhere", kind.name);
        if kind.found == Found::ByTheLaws {
            assert!(counts.caught > 0, "{}: not found", kind.name);
        }
    }
    assert_eq!(study.missed, Vec::<String>::new());
}

#[test]
#[ignore = "runs the program some thousand times: for changes to the laws"]
fn the_table_of_kinds() {
    let in_virtual_time = Base::in_virtual_time(8);
    let on_sockets = Base::on_sockets();
    let again = replays();
    let mut studies = Vec::new();
    for replay in [false, true] {
        if replay && !again {
            println!("`analyze check` has no --replay: its columns are left out");
            continue;
        }
        for bases in [&in_virtual_time, &on_sockets] {
            studies.push(Study::run(bases, PLACES, replay));
        }
    }
    println!("{}", Study::table(&studies));
    for study in &studies {
        assert_eq!(study.missed, Vec::<String>::new());
    }
    // A trial in virtual time is the same bytes from its seed: whatever differs is seen.
    if let Some(replayed) = studies.get(2) {
        for (kind, counts) in kinds::ALL.iter().zip(&replayed.counts) {
            assert_eq!(counts.caught, counts.of, "{}", kind.name);
        }
    }
}
