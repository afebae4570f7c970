//! Delta debugging: `ddmin` of Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002.
//!
//! **Invariant.** No single item can be taken out of what comes out, if the test says the same each time and is never over.

use std::ops::{ControlFlow, Range};

/// Searches lists that fail, each smaller than the last, from one that fails. The items keep their order. The test breaks off the
/// search where it will; what it found to fail last is the result.
pub(super) fn minimize<T: Clone>(
    mut items: Vec<T>,
    mut fails: impl FnMut(&[T]) -> ControlFlow<(), bool>,
) -> ControlFlow<()> {
    if items.is_empty() || fails(&[])? {
        return ControlFlow::Continue(());
    }
    let mut parts = 2;
    while items.len() > 1 {
        let length = items.len();
        let part = |number: usize| number * length / parts..(number + 1) * length / parts;
        let alone = |of: Range<usize>| items[of].to_vec();
        let without = |of: Range<usize>| [&items[..of.start], &items[of.end..]].concat();
        if let Some(smaller) = first((0..parts).map(part).map(alone), &mut fails)? {
            (items, parts) = (smaller, 2);
        } else if let Some(smaller) = first((0..parts).map(part).map(without), &mut fails)? {
            (items, parts) = (smaller, (parts - 1).max(2));
        } else if parts < length {
            parts = (2 * parts).min(length);
        } else {
            break;
        }
    }
    ControlFlow::Continue(())
}

/// The first list that fails.
fn first<T>(
    lists: impl Iterator<Item = Vec<T>>,
    fails: &mut impl FnMut(&[T]) -> ControlFlow<(), bool>,
) -> ControlFlow<(), Option<Vec<T>>> {
    for list in lists {
        if fails(&list)? {
            return ControlFlow::Continue(Some(list));
        }
    }
    ControlFlow::Continue(None)
}
