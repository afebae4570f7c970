//! How much the words beside a slot say of its role.

use crate::meaning::{Meaning, Role};
use crate::shape::Slot;
use crate::words;

/// Share of the values that must behave.
pub(super) const MOST: f64 = 0.9;

/// How much the words beside a slot say that it has this role.
pub(crate) fn label(role: Role, slot: &Slot) -> f64 {
    let weigh = |words: &[String]| -> f64 {
        let near = words.iter().take(6).zip(0_u8..);
        near.map(|(word, far)| words::role_weight(role, word) / (1.0 + 0.25 * f64::from(far)))
            .sum()
    };
    weigh(&slot.left) + 0.6 * weigh(&slot.right)
}

/// Whether a slot has no role yet.
pub(super) fn free(meaning: &Meaning, slot: usize) -> bool {
    meaning.roles[slot] == Role::None
}
