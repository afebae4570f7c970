//! All chance of a trial, from one seed.
//!
//! A stream is a ChaCha8 generator keyed by (run seed, trial, purpose), so that no two machines ever share dice, and
//! adding a machine or a trial changes no other stream. Bits become numbers here rather than through a library of
//! distributions because those may change between releases how many bits they take, and a seed in a log must give
//! the same trial for ever.

use event_log::MachineId;
use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

/// What a stream is for; streams of different purposes are independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The dice of one machine.
    Machine(MachineId),
    /// What a trial draws before it starts: rates, then phases.
    Plan,
    /// The delays of messages in virtual time.
    Network,
    /// How long one replica of a group waits before it proposes a view.
    Replica(u32),
}

impl Purpose {
    fn key(self) -> u64 {
        match self {
            Purpose::Machine(id) => u64::from(id.0),
            Purpose::Plan => 1 << 32,
            Purpose::Network => 2 << 32,
            Purpose::Replica(id) => (3 << 32) | u64::from(id),
        }
    }
}

/// A stream of chance.
#[derive(Debug)]
pub struct Stream {
    generator: ChaCha8Rng,
}

impl Stream {
    /// The stream of (run seed, trial, purpose).
    pub fn new(run_seed: u64, trial: u64, purpose: Purpose) -> Stream {
        let mut key = [0u8; 32];
        key[..8].copy_from_slice(&run_seed.to_le_bytes());
        key[8..16].copy_from_slice(&trial.to_le_bytes());
        key[16..24].copy_from_slice(&purpose.key().to_le_bytes());
        key[24..].copy_from_slice(b"driftlab");
        Stream {
            generator: ChaCha8Rng::from_seed(key),
        }
    }

    /// A whole number from 0 to `bound` − 1, every one equally likely; 0 for a bound of 0.
    ///
    /// Multiply-and-reject (Lemire, "Fast Random Integer Generation in an Interval", 2019): exact, no modulo bias.
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound <= 1 {
            return 0;
        }
        loop {
            let wide = u128::from(self.generator.next_u64()) * u128::from(bound);
            // The threshold is less than the bound, so the division for it is hardly ever needed.
            let low = wide as u64;
            if low >= bound || low >= bound.wrapping_neg() % bound {
                return (wide >> 64) as u64;
            }
        }
    }

    /// A number in [0, 1), a multiple of 2⁻⁵³.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (self.generator.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(seed: u64, trial: u64, purpose: Purpose) -> Vec<u64> {
        let mut stream = Stream::new(seed, trial, purpose);
        (0..8).map(|_| stream.below(1000)).collect()
    }

    #[test]
    fn the_numbers_of_a_seed_never_change() {
        // Pinned: a change here changes what every seed in every log means.
        assert_eq!(
            draws(7, 0, Purpose::Machine(MachineId(0))),
            PINNED,
            "the meaning of a seed has changed"
        );
    }

    const PINNED: [u64; 8] = [19, 467, 531, 880, 765, 724, 731, 247];

    #[test]
    fn seed_trial_and_purpose_all_matter() {
        let base = draws(7, 0, Purpose::Machine(MachineId(0)));
        assert_ne!(base, draws(8, 0, Purpose::Machine(MachineId(0))));
        assert_ne!(base, draws(7, 1, Purpose::Machine(MachineId(0))));
        assert_ne!(base, draws(7, 0, Purpose::Machine(MachineId(1))));
        assert_ne!(base, draws(7, 0, Purpose::Plan));
        assert_ne!(base, draws(7, 0, Purpose::Network));
        assert_ne!(base, draws(7, 0, Purpose::Replica(0)));
    }

    #[test]
    fn every_side_of_a_die_is_equally_likely() {
        let mut stream = Stream::new(1, 2, Purpose::Plan);
        let mut counts = [0f64; 10];
        let rolls = 100_000;
        for _ in 0..rolls {
            counts[stream.below(10) as usize] += 1.0;
        }
        let expected = f64::from(rolls) / 10.0;
        let chi_square: f64 = counts
            .iter()
            .map(|count| (count - expected).powi(2) / expected)
            .sum();
        // 27.88 is the 99.9 % quantile of chi-square with 9 degrees of freedom; the seed is fixed.
        assert!(chi_square < 27.88, "chi-square {chi_square}");
    }
}
