//! Values of logical clocks.

/// A logical clock.
#[derive(Debug, Clone, PartialEq)]
pub enum Clock {
    /// A Lamport clock.
    Lamport(i64),
    /// A clock whose values have fractions.
    Fractional(f64),
    /// A vector clock, a component for each machine in the order of [`crate::Trial::machines`], then of
    /// [`crate::TrialInfo::without_log`].
    Vector(Vec<u64>),
}

impl Clock {
    /// The value that stands for it on a line: of a vector the machine's own component.
    pub fn scalar(&self, own: usize) -> Option<f64> {
        match self {
            Clock::Lamport(value) => Some(*value as f64),
            Clock::Fractional(value) => Some(*value),
            Clock::Vector(components) => components.get(own).map(|&value| value as f64),
        }
    }
}
