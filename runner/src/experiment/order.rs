//! In which order trials run: blocks of one trial of each condition, shuffled within each block by the seed.
//!
//! Whatever drifts while an experiment runs (a host that warms up, another program that starts) then meets all
//! conditions alike, and an interruption leaves as many trials of one condition as of another, give or take one.

use machine::chance::{Purpose, Stream};

/// A trial number that no run reaches: the stream of the order belongs to no trial.
const NO_TRIAL: u64 = u64::MAX;

/// The index of the condition of each trial, for `blocks` blocks. More blocks continue the same order.
pub fn order(seed: u64, conditions: usize, blocks: u64) -> Vec<usize> {
    let mut stream = Stream::new(seed, NO_TRIAL, Purpose::Plan);
    let mut order = Vec::new();
    for _ in 0..blocks {
        let mut block: Vec<usize> = (0..conditions).collect();
        // Fisher and Yates: every permutation equally likely.
        for last in (1..block.len()).rev() {
            let chosen = stream.below(last as u64 + 1) as usize;
            block.swap(last, chosen);
        }
        order.append(&mut block);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_block_holds_each_condition_once() {
        let order = order(7, 5, 200);
        assert_eq!(order.len(), 1000);
        for block in order.chunks(5) {
            let mut sorted = block.to_vec();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3, 4]);
        }
    }

    #[test]
    fn the_seed_decides_and_nothing_else() {
        assert_eq!(order(7, 6, 50), order(7, 6, 50));
        assert_ne!(order(7, 6, 50), order(8, 6, 50));
        assert_eq!(order(7, 6, 50), order(7, 6, 90)[..300]);
    }

    #[test]
    fn every_condition_takes_every_place() {
        let order = order(3, 3, 600);
        for place in 0..3 {
            for condition in 0..3 {
                let times = order
                    .chunks(3)
                    .filter(|block| block[place] == condition)
                    .count();
                // 200 expected, with a standard deviation of 11.5.
                assert!(
                    (150..250).contains(&times),
                    "condition {condition} stands {times} times at {place}"
                );
            }
        }
    }
}
