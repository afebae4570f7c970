use super::*;
use laws::fixtures::log;

fn group(numbers: impl IntoIterator<Item = u64>) -> Group {
    let mut manifest = log(&[&[], &[]]).manifest;
    let mut group = Group::new(&manifest);
    for (place, number) in numbers.into_iter().enumerate() {
        manifest.trial = number;
        group.add(place, &manifest).expect("a number of a trial");
    }
    group
}

/// Of each call: how many trials it counts to, which of them it makes, and which of those are there.
fn calls(group: &Group) -> Vec<(u64, (u64, u64), Vec<u64>)> {
    let batches = group.batches();
    let calls = batches.iter().map(|batch| {
        let numbers = batch.trials.iter().map(|&(number, _)| number).collect();
        (batch.count, (batch.shard, batch.of), numbers)
    });
    calls.collect()
}

#[test]
fn a_whole_run_takes_one_call_and_a_large_one_several() {
    assert_eq!(calls(&group([0, 1, 2])), [(3, (0, 1), vec![0, 1, 2])]);
    let mut large = group([0, 1, 2, 3]);
    large.ticks = BATCH_TICKS / 2;
    let two = [(4, (0, 2), vec![0, 2]), (4, (1, 2), vec![1, 3])];
    assert_eq!(calls(&large), two);
}

#[test]
fn of_a_few_trials_among_many_each_is_made_alone() {
    let few = [(8, (7, 8), vec![7]), (101, (100, 101), vec![100])];
    assert_eq!(calls(&group([100, 7])), few);
}

#[test]
fn a_copy_of_a_trial_is_compared_as_well() {
    let group = group([0, 1, 1]);
    let batches = group.batches();
    let places: Vec<usize> = batches[0]
        .trials
        .iter()
        .flat_map(|(_, of)| of.to_vec())
        .collect();
    assert_eq!(places, [0, 1, 2]);
}

#[test]
fn no_number_is_beyond_what_can_be_counted() {
    let mut manifest = log(&[&[], &[]]).manifest;
    let mut group = Group::new(&manifest);
    manifest.trial = u64::MAX;
    assert!(group.add(0, &manifest).is_err());
    manifest.trial = u64::MAX - 1;
    assert!(group.add(0, &manifest).is_ok());
    assert_eq!(calls(&group)[0].0, u64::MAX);
}
