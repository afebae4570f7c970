//! Chance for permutations and simulations; the only source of it in this crate.
//!
//! SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014, with the constants
//! of Vigna's public-domain `splitmix64.c`.
//!
//! **Invariant.** All chance comes from a seed that stands in the code: the same logs give the same numbers everywhere.

/// A stream of chance.
#[derive(Debug, Clone)]
pub struct Chance {
    state: u64,
}

impl Chance {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Chance {
        Chance { state: seed }
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A whole number below `bound`, every one equally likely; 0 for a bound of 0.
    ///
    /// Multiply-and-reject (Lemire, "Fast random integer generation in an interval", 2019): exact, no modulo bias.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = bound as u64;
        let threshold = match bound {
            0 | 1 => return 0,
            _ => bound.wrapping_neg() % bound,
        };
        loop {
            let wide = u128::from(self.bits()) * u128::from(bound);
            if wide as u64 >= threshold {
                return (wide >> 64) as usize;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_splitmix64() {
        // The first outputs of splitmix64.c for seed 1234567, as published on Rosetta Code ("Splitmix64").
        let mut chance = Chance::new(1_234_567);
        let first = [(); 3].map(|()| chance.bits());
        let published = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
        ];
        assert_eq!(first, published);
    }

    #[test]
    fn every_number_below_a_bound_is_equally_likely() {
        let mut chance = Chance::new(1);
        let mut counts = [0f64; 7];
        let draws = 70_000;
        for _ in 0..draws {
            counts[chance.below(7)] += 1.0;
        }
        let expected = f64::from(draws) / 7.0;
        let squares = counts.map(|count| (count - expected).powi(2) / expected);
        // 22.46 is the 99.9 % quantile of chi-square with 6 degrees of freedom; the seed is fixed.
        assert!(squares.iter().sum::<f64>() < 22.46, "{counts:?}");
        assert_eq!((chance.below(0), chance.below(1)), (0, 0));
    }
}
