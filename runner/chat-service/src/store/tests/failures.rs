//! The disk says no, once or for good, or is full.

use super::script::{fingerprint, founding, membership, script};
use super::volatile::{Fault, Kept, Volatile, Walk};
use crate::disk::Disk;
use crate::store::Store;

/// What came of a script on a disk with a fault.
enum Outcome {
    /// It could not be made.
    Unmade,
    /// This many batches were called written, and the next one was not, or all were.
    Ended { written: usize, has_failed: bool },
}

fn run(fault: Fault) -> (Volatile, Outcome, Vec<Vec<u8>>) {
    let disk = Volatile::with_fault(fault);
    let batches = script(5, 24);
    let mut states = vec![fingerprint(&founding())];
    states.extend(batches.iter().map(|batch| batch.after.clone()));
    let Ok(mut store) = Store::create_on(disk.clone(), &membership(), founding()) else {
        return (disk, Outcome::Unmade, states);
    };
    let mut written = 0;
    let mut has_failed = false;
    for batch in batches {
        if store.write(batch.changes).is_err() {
            has_failed = true;
            let again = store.write(Vec::new()).expect_err("nothing is tried again");
            assert!(again.to_string().contains("earlier"), "{again}");
            break;
        }
        written += 1;
    }
    drop(store);
    let ended = Outcome::Ended {
        written,
        has_failed,
    };
    (disk, ended, states)
}

/// Runs with a fault, takes the power away at the end, and looks what is there. Says whether a write has failed.
fn judge(fault: Fault) -> bool {
    let (disk, outcome, states) = run(fault);
    let Outcome::Ended {
        written,
        has_failed,
    } = outcome
    else {
        return true;
    };
    let deeds = disk.deeds();
    let mut walk = Walk::new(&deeds);
    walk.to(deeds.len());
    for how in [Kept::Nothing, Kept::All, Kept::Sectors(1), Kept::Writes(2)] {
        let opened = Store::open_on(Volatile::holding(walk.image(how)));
        let (store, _) = opened.unwrap_or_else(|error| panic!("{fault:?}, {how:?}: {error}"));
        let state = fingerprint(store.durable());
        let last = (written + usize::from(has_failed)).min(states.len() - 1);
        let is_known = (written..=last).any(|place| states[place] == state);
        let place = states.iter().position(|other| *other == state);
        assert!(
            is_known,
            "{fault:?}, {how:?}: expected state {written} to {last}, found {place:?}"
        );
    }
    has_failed
}

#[test]
fn a_disk_that_fails_once_or_for_good_ends_the_store_and_loses_nothing() {
    let (disk, _, _) = run(Fault::Full(usize::MAX));
    let count = disk.count();
    let mut failed = 0;
    // Those of the end in order are at the very end.
    for place in 0..count {
        for fault in [Fault::Once(place), Fault::From(place)] {
            failed += usize::from(judge(fault));
        }
    }
    println!("{count} writes and flushes failed, each once and for good: {failed} ended the store");
    assert!(failed > count, "{failed} of {}", 2 * count);
}

#[test]
fn a_full_disk_ends_the_store_and_loses_nothing() {
    let (disk, _, _) = run(Fault::Full(usize::MAX));
    let most = disk.bytes().len();
    let failed = (0..most)
        .step_by(8 << 10)
        .map(|room| judge(Fault::Full(room)));
    let failed = failed.filter(|&failed| failed).count();
    println!("a disk of up to {most} bytes was full {failed} times");
    assert!(failed > 1);
}
