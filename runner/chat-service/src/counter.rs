//! Numbers that grow, counted in one place and shown in another.
//!
//! **Invariant.** A counter never goes back while the process runs.

use std::sync::atomic::{AtomicU64, Ordering};

/// A figure: a name in Prometheus' style, and a value.
pub type Figure = (&'static str, u64);

/// A number that grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub fn increase(&self) {
        self.add(1);
    }

    /// This many more.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// What it is now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
