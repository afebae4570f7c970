//! Bits change while nobody looks.

use super::cuts::run;
use super::script::{fingerprint, script};
use super::volatile::{Volatile, chance};
use crate::store::Store;

const FLIPS: usize = 800;

/// What came of flips.
#[derive(Debug, Default)]
struct Found {
    flips: usize,
    /// They were reported.
    reported: usize,
    /// They were in nothing that counts.
    harmless: usize,
    /// The last transaction was taken for one that was cut off.
    rolled_back: usize,
}

/// Flips bits of an image, one at a time, where there is something.
fn flip(image: &[u8], states: &[Vec<u8>]) -> Found {
    let used: Vec<usize> = (0..image.len())
        .filter(|&place| image[place] != 0)
        .collect();
    let (last, before) = (&states[states.len() - 1], &states[states.len() - 2]);
    let mut found = Found::default();
    for flip in 0..FLIPS {
        let drawn = usize::try_from(chance(9, flip, 0)).unwrap_or(usize::MAX) % used.len();
        // Each byte of the head, and then what is used or was: pages of earlier commits are harmless.
        let place = if flip < 320 { flip } else { used[drawn] };
        let mut image = image.to_vec();
        image[place] ^= 1 << (chance(9, flip, 1) % 8);
        found.flips += 1;
        match Store::open_on(Volatile::holding(image)) {
            Err(_) => found.reported += 1,
            Ok((store, _)) => match fingerprint(store.durable()) {
                state if state == *last => found.harmless += 1,
                state if state == *before => found.rolled_back += 1,
                _ => panic!("byte {place}: a state that is neither the last nor the one before"),
            },
        }
    }
    found
}

#[test]
fn a_bit_that_changes_after_an_end_in_order_is_reported_or_changes_nothing() {
    let (run, store) = run(&script(11, 60));
    drop(store);
    let found = flip(&run.disk.bytes(), &run.states);
    println!("after an end in order: {found:?}");
    assert_eq!(found.rolled_back, 0, "{found:?}");
    assert!(found.reported > 50, "{found:?}");
}

/// The last commit before an end that is none is told from one that was cut off by nothing but its sums: the one cannot be
/// told from the other. No earlier one is ever lost.
#[test]
fn a_bit_that_changes_after_a_kill_is_reported_or_takes_the_last_commit_at_most() {
    let (run, store) = run(&script(11, 60));
    let image = run.disk.bytes();
    drop(store);
    let found = flip(&image, &run.states);
    println!("after a kill: {found:?}");
    assert!(found.reported > 0, "{found:?}");
    assert!(found.reported + found.rolled_back > 50, "{found:?}");
}
