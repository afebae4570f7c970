//! All chance of a trial, from one seed.
//!
//! A stream is a ChaCha8 generator keyed by (run seed, trial, purpose), so that no two machines ever share dice, and
//! adding a machine or a trial changes no other stream. Bits become numbers here rather than through a library of
//! distributions because those may change between releases how many bits they take, and a seed in a log must give
//! the same trial for ever.
//!
//! What befalls a message or a flush is drawn by its number ([`Series`]): what is left out of a trial then changes the chance
//! of nothing else.

use event_log::{MachineId, Tick};
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
    /// The disk of one process in a world.
    Disk(u32),
    /// One fault or storm of a schedule, by its place in it.
    Fault(u32),
    /// The dice of a machine in a later life, which begins with this tick.
    Life(MachineId, Tick),
    /// The messages from one process of a world to another, by their numbers.
    Link(u32, u32),
    /// What a client of a service is to do, and when.
    Client(u32),
    /// What a client draws itself in one life of it.
    ClientLife(u32, u32),
    /// What a server draws for its clients in one life of it. A life has a number of at most 48 bits.
    ServerLife(u32, u64),
}

impl Purpose {
    fn key(self) -> u64 {
        match self {
            Purpose::Machine(id) => u64::from(id.0),
            Purpose::Plan => 1 << 32,
            Purpose::Network => 2 << 32,
            Purpose::Replica(id) => (3 << 32) | u64::from(id),
            Purpose::Disk(id) => (4 << 32) | u64::from(id),
            Purpose::Fault(place) => (5 << 32) | u64::from(place),
            Purpose::Client(id) => (6 << 32) | u64::from(id),
            // Of servers and clients the lowest 12 and 28 bits: no world has as many.
            Purpose::ClientLife(id, life) => {
                (1 << 60) | ((u64::from(id) & 0xfff_ffff) << 32) | u64::from(life)
            }
            Purpose::ServerLife(id, life) => {
                (1 << 61) | ((u64::from(id) & 0xfff) << 48) | (life & 0xffff_ffff_ffff)
            }
            // Of the number of the tick the lowest 32 bits: no trial is long enough to need more.
            Purpose::Life(id, tick) => {
                (1 << 62) | (u64::from(id.0) << 32) | (tick.0 & u64::from(u32::MAX))
            }
            Purpose::Link(from, to) => (1 << 63) | (u64::from(from) << 31) | u64::from(to),
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
        unit_of(self.generator.next_u64())
    }

    /// A number with mean 1, exponentially distributed, by comparisons alone (von Neumann, "Various Techniques Used in
    /// Connection With Random Digits", 1951): a logarithm would not be the same to the last bit on every platform.
    pub fn exponential(&mut self) -> f64 {
        let mut whole = 0.0;
        loop {
            let first = self.unit();
            let (mut last, mut length) = (first, 1);
            loop {
                let next = self.unit();
                if next >= last {
                    break;
                }
                (last, length) = (next, length + 1);
            }
            // A run that descends this often is accepted with the chance e⁻ˣ.
            if length % 2 == 1 {
                return whole + first;
            }
            whole += 1.0;
        }
    }

    /// 32 bytes of chance, for what nobody may guess.
    pub fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.generator.fill_bytes(&mut bytes);
        bytes
    }
}

/// Words of chance by number: those of number n depend on purpose and n alone, whatever was drawn before.
#[derive(Debug)]
pub struct Series {
    stream: Stream,
    next: u64,
}

impl Series {
    /// The series of (run seed, trial, purpose).
    pub fn new(run_seed: u64, trial: u64, purpose: Purpose) -> Series {
        Series {
            stream: Stream::new(run_seed, trial, purpose),
            next: 0,
        }
    }

    /// The words of a number. To go from one number to the next costs least.
    // Not `inline`: the generator would be built into another place, and no more into `Stream::below`, which costs the engine of
    // ticks some 4 %.
    pub fn words(&mut self, number: u64) -> Words {
        let generator = &mut self.stream.generator;
        if number != self.next {
            // The generator counts words of 32 bits.
            generator.set_word_pos(u128::from(number) * 2 * Words::COUNT as u128);
        }
        self.next = number + 1;
        Words([(); Words::COUNT].map(|()| generator.next_u64()))
    }
}

/// The words of one number of a [`Series`], each for a decision of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words([u64; Words::COUNT]);

impl Words {
    /// How many decisions there are.
    pub const COUNT: usize = 4;

    /// A whole number from `min` to `max`, both included, by the word of a decision. Every one is equally likely to within
    /// one part in 2⁶⁴ of their number: a word is never thrown away, so that all numbers of a series have as many.
    ///
    /// # Panics
    ///
    /// If there is no such decision, or `min` exceeds `max`.
    #[inline]
    pub fn within(&self, decision: usize, min: u64, max: u64) -> u64 {
        assert!(min <= max, "from {min} to {max}");
        let wide = u128::from(self.0[decision]) * (u128::from(max - min) + 1);
        min + (wide >> 64) as u64
    }

    /// Whether what has this chance happens, by the word of a decision.
    ///
    /// # Panics
    ///
    /// If there is no such decision.
    #[inline]
    pub fn happens(&self, decision: usize, chance: f64) -> bool {
        unit_of(self.0[decision]) < chance
    }
}

/// A number in [0, 1), a multiple of 2⁻⁵³.
#[inline]
fn unit_of(word: u64) -> f64 {
    (word >> 11) as f64 / (1u64 << 53) as f64
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
        assert_ne!(base, draws(7, 0, Purpose::Life(MachineId(0), Tick(1))));
        let link = draws(7, 0, Purpose::Link(0, 1));
        assert_ne!(link, draws(7, 0, Purpose::Link(1, 0)));
        assert_ne!(link, draws(7, 0, Purpose::Disk(1)));
        assert_ne!(
            draws(7, 0, Purpose::Disk(1)),
            draws(7, 0, Purpose::Fault(1))
        );
    }

    #[test]
    fn lives_of_servers_and_clients_have_chance_of_their_own() {
        let purposes = [
            Purpose::Client(1),
            Purpose::ClientLife(1, 1),
            Purpose::ClientLife(1, 2),
            Purpose::ClientLife(2, 1),
            Purpose::ServerLife(1, 1),
            Purpose::ServerLife(1, 1 << 32),
            Purpose::ServerLife(2, 1),
            Purpose::Machine(MachineId(1)),
            Purpose::Life(MachineId(1), Tick(1)),
            Purpose::Link(1, 1),
        ];
        let all: std::collections::BTreeSet<[u8; 32]> = purposes
            .into_iter()
            .map(|purpose| Stream::new(7, 0, purpose).bytes())
            .collect();
        assert_eq!(all.len(), purposes.len());
    }

    #[test]
    fn distances_are_exponential() {
        let mut stream = Stream::new(7, 0, Purpose::Client(0));
        let draws: Vec<f64> = (0..20_000).map(|_| stream.exponential()).collect();
        let above = |bound: f64| {
            let count = draws.iter().filter(|&&draw| draw > bound).count();
            count as f64 / draws.len() as f64
        };
        // Five standard errors of a share of 20,000 are below 0.018; the seed is fixed.
        for bound in [0.1f64, 0.5, 1.0, 2.0, 4.0] {
            let expected = (-bound).exp();
            let found = above(bound);
            assert!(
                (found - expected).abs() < 0.018,
                "{bound}: {found}, {expected}"
            );
        }
    }

    #[test]
    fn the_words_of_a_number_are_the_same_in_any_order() {
        let series = || Series::new(7, 0, Purpose::Link(0, 1));
        let mut ascending = series();
        let all: Vec<Words> = (0..100).map(|number| ascending.words(number)).collect();
        let mut jumping = series();
        for number in [99, 0, 1, 50, 51, 52, 3, 99] {
            assert_eq!(jumping.words(number), all[number as usize], "{number}");
        }
        assert_eq!(all[0], PINNED_WORDS, "the meaning of a seed has changed");
    }

    const PINNED_WORDS: Words = Words([
        2577211478151996498,
        6822136787138559969,
        9081620058107708849,
        15936252888017241571,
    ]);

    #[test]
    fn a_decision_stays_within_its_bounds() {
        let words = Words([0, u64::MAX, 1 << 63, 0]);
        assert_eq!(words.within(0, 5, 9), 5);
        assert_eq!(words.within(1, 5, 9), 9);
        assert_eq!(words.within(1, 0, u64::MAX), u64::MAX);
        assert!(words.happens(0, 1e-9) && !words.happens(0, 0.0));
        assert!(words.happens(1, 1.0) && !words.happens(2, 0.5));
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
