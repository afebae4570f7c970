//! The power goes at every write and every flush of a run.

use super::script::{Batch, fingerprint, founding, membership, script};
use super::volatile::{Kept, Volatile, Walk};
use crate::disk::Disk;
use crate::store::{Store, StoreError};

/// A run of a script on a disk: what is there after each batch, and how much was done to the disk when it was called written.
pub(super) struct Run {
    pub(super) disk: Volatile,
    /// The first is the founding.
    pub(super) states: Vec<Vec<u8>>,
    pub(super) written: Vec<usize>,
}

pub(super) fn run(batches: &[Batch]) -> (Run, Store) {
    let disk = Volatile::default();
    let created = Store::create_on(disk.clone(), &membership(), founding());
    let mut store = created.expect("a new disk");
    let mut states = vec![fingerprint(&founding())];
    let mut written = vec![disk.count()];
    for batch in batches {
        store
            .write(batch.changes.clone())
            .expect("the disk is there");
        states.push(batch.after.clone());
        written.push(disk.count());
    }
    let run = Run {
        disk,
        states,
        written,
    };
    (run, store)
}

/// Cuts of a run, and what was there.
#[derive(Debug, Default)]
struct Found {
    cuts: usize,
    images: usize,
    /// What was asked for last and not called written was there.
    unconfirmed: usize,
    /// The disk was never called made.
    unmade: usize,
}

impl Run {
    /// Opens what a disk may hold after a cut, and says which state it is; none where it never was made.
    fn judge(&self, cut: usize, image: Vec<u8>, how: Kept, found: &mut Found) {
        let confirmed = self.written.iter().rposition(|&written| written <= cut);
        let asked = self.written.iter().rposition(|&written| written < cut);
        let asked = asked.map_or(0, |last| (last + 1).min(self.states.len() - 1));
        let opened = Store::open_on(Volatile::holding(image));
        found.images += 1;
        let (mut store, owner) = match (opened, confirmed) {
            (Ok(opened), _) => opened,
            (Err(_), None) => {
                found.unmade += 1;
                return;
            }
            (Err(error), Some(_)) => panic!("cut {cut}, {how:?}: {error}"),
        };
        assert_eq!(owner, membership());
        let state = fingerprint(store.durable());
        let first = confirmed.unwrap_or(0);
        let last = asked.max(first);
        let place = (first..=last).find(|&place| self.states[place] == state);
        let place = place.unwrap_or_else(|| {
            let other = self.states.iter().position(|other| *other == state);
            panic!("cut {cut}, {how:?}: expected state {first} to {last}, found {other:?}")
        });
        found.unconfirmed += usize::from(place > first);
        // It goes on from there.
        store.write(Vec::new()).expect("the disk is there");
    }

    fn cut_everywhere(&self, seeds: u64) -> Found {
        let deeds = self.disk.deeds();
        let mut walk = Walk::new(&deeds);
        let mut found = Found::default();
        for cut in 0..=deeds.len() {
            walk.to(cut);
            found.cuts += 1;
            let mut ways = vec![Kept::Nothing];
            if walk.waiting() > 0 {
                ways.push(Kept::All);
                ways.extend((0..seeds).map(Kept::Sectors));
            }
            if walk.waiting() > 1 {
                ways.extend((0..seeds).map(Kept::Writes));
            }
            for how in ways {
                self.judge(cut, walk.image(how), how, &mut found);
            }
        }
        found
    }
}

#[test]
fn what_was_called_written_is_there_wherever_the_power_goes() {
    let batches = script(1, 200);
    let (run, store) = run(&batches);
    drop(store);
    let changes: usize = batches.iter().map(|batch| batch.changes.len()).sum();
    let found = run.cut_everywhere(1);
    println!("{changes} changes in {} batches: {found:?}", batches.len());
    assert!(changes >= 200);
    assert!(found.cuts > 4 * batches.len(), "{found:?}");
    assert!(
        found.unconfirmed > 0,
        "some cut comes after all was written and before that was said: {found:?}"
    );
}

/// The same over many scripts, for longer.
#[test]
#[ignore = "minutes; for changes of the store, or of the database"]
fn what_was_called_written_is_there_in_many_runs() {
    for seed in 2..10 {
        let batches = script(seed, 200);
        let (run, store) = run(&batches);
        drop(store);
        println!("seed {seed}: {:?}", run.cut_everywhere(8));
    }
}

#[test]
fn a_disk_is_opened_again_as_often_as_one_likes() {
    let batches = script(3, 60);
    let (run, store) = run(&batches);
    // Nothing ends in order.
    let mut image = run.disk.bytes();
    drop(store);
    for _ in 0..3 {
        let disk = Volatile::holding(image);
        let (store, _) = Store::open_on(disk.clone()).expect("it is whole");
        assert_eq!(
            fingerprint(store.durable()),
            *run.states.last().expect("one")
        );
        let before = disk.bytes();
        drop(store);
        assert!(matches!(
            Store::open_on(Volatile::holding(before)),
            Ok(_) | Err(StoreError::Damaged { .. })
        ));
        image = disk.bytes();
    }
}
