//! Names of peers in the value that says what happened: `SEND TO A` in one column, with all else in others.
//!
//! **Invariant.** A part of such a value is a name only if values that differ in it alone have several machines there.

use std::collections::{BTreeMap, BTreeSet};

use super::meaning::{Meaning, Role};
use super::names::Names;
use super::shape::Shape;
use events::Kind;

/// A peer that a shape's condition names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Called {
    /// The field.
    pub(super) field: String,
    /// The name in it.
    pub(super) name: String,
    /// Whether it is the sender or the recipient.
    pub(super) role: Role,
}

/// By shape, the peer that its condition names.
pub(super) fn peers(shapes: &[Shape], meanings: &[Meaning], names: &Names) -> Vec<Option<Called>> {
    let known = names.all();
    let mut called: Vec<Option<Called>> = vec![None; shapes.len()];
    let mut alike: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let mut rests = vec![None; shapes.len()];
    for (at, (shape, meaning)) in shapes.iter().zip(meanings).enumerate() {
        let role = match meaning.kind() {
            Some(Kind::Send) => Role::To,
            Some(Kind::Receive) => Role::From,
            _ => continue,
        };
        let [(field, value)] = shape.conditions() else {
            continue;
        };
        let is_name = |part: &&str| known.contains(part);
        let parts = value.split(|letter: char| !letter.is_alphanumeric());
        let mut named = parts.filter(is_name);
        let (Some(name), None) = (named.next(), named.next()) else {
            continue;
        };
        if meaning.slot(role).is_some() || name == value {
            continue;
        }
        let rest = (field.clone(), value.replacen(name, "*", 1));
        let of = alike.entry(rest.clone()).or_default();
        of.insert(name.to_owned());
        rests[at] = Some(rest);
        called[at] = Some(Called {
            field: field.clone(),
            name: name.to_owned(),
            role,
        });
    }
    for (called, rest) in called.iter_mut().zip(rests) {
        let several = rest.is_some_and(|rest| alike[&rest].len() > 1);
        *called = called.take().filter(|_| several);
    }
    called
}
