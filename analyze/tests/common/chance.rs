//! Chance for tests, reproducible from a seed.

/// A stream of chance.
#[derive(Debug)]
pub(crate) struct Chance(statistics::chance::Chance);

impl Chance {
    pub(crate) fn new(seed: u64) -> Chance {
        Chance(statistics::chance::Chance::new(seed))
    }

    /// A number below `end`, which is above 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0.below(end as usize) as u64
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// A number from 0 up to, not including, 1.
    pub(crate) fn unit(&mut self) -> f64 {
        self.0.unit()
    }

    /// One of a list that is not empty.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.0.below(from.len())]
    }
}
