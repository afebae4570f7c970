//! Whether somebody has logged in on a connection.
//!
//! **Invariant.** Whoever is welcome stays so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether somebody has logged in on a connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Visitor(Arc<AtomicBool>);

impl Visitor {
    pub(super) fn welcome(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_welcome(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
