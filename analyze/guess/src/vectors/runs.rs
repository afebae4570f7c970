//! Numbers side by side that may be one clock.

use crate::meaning::{Meaning, Role};
use crate::roles::is_epoch;
use crate::shape::{Body, Part, Shape};
use crate::tokens::Class;

/// What may stand between components.
const SEPARATORS: [&str; 4] = [",", ";", "|", "/"];

/// The slots that are one clock: the first of each shape, and how many follow one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(super) first: Vec<Option<usize>>,
    pub(super) components: usize,
}

/// Slots of whole numbers with the same mark between them, or with nothing but blanks.
pub(super) fn runs(shape: &Shape, meaning: &Meaning) -> Vec<Vec<usize>> {
    let whole = |slot: usize| {
        let digits = |value: &str| value.bytes().all(|byte| byte.is_ascii_digit());
        meaning.roles[slot] == Role::None
            && shape.slots[slot].class == Class::Number
            && shape.column(slot).all(digits)
            && !is_epoch(shape, slot)
    };
    let Body::Text(pieces) = &shape.body else {
        // Of fields those that follow one another.
        let all: Vec<usize> = (0..shape.slots.len()).collect();
        let runs = all.split(|&slot| !whole(slot) || shape.column(slot).any(str::is_empty));
        return runs
            .filter(|run| run.len() > 1)
            .map(<[_]>::to_vec)
            .collect();
    };
    let mut runs: Vec<Vec<usize>> = Vec::new();
    let (mut last, mut between): (Option<usize>, Option<&str>) = (None, None);
    // The mark that the last run has between its numbers, if it may go on.
    let mut mark: Option<Option<&str>> = None;
    for piece in pieces {
        match &piece.part {
            Part::Slot(slot) if whole(*slot) => {
                match (last, runs.last_mut()) {
                    (Some(_), Some(run)) if mark == Some(between) => run.push(*slot),
                    // With another mark another run begins, at the number before it.
                    (Some(last), _) => {
                        runs.push(vec![last, *slot]);
                        mark = Some(between);
                    }
                    (None, _) => {}
                }
                (last, between) = (Some(*slot), None);
            }
            Part::Literal(text) if between.is_none() && SEPARATORS.contains(&text.as_str()) => {
                between = Some(text);
            }
            _ => (last, between, mark) = (None, None, None),
        }
    }
    runs
}
