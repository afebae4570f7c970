//! Ways to change an input: what disks, editors, crashes and enemies do to files.
//!
//! [`bytes`] of any file · [`text`]: lines, words and numbers · [`places`]: files that are missing, exchanged, or something
//! else than files.
//!
//! **Invariant.** What a change does follows from the input and the chance alone: the same case is the same mutant wherever
//! it is made.

mod bytes;
mod places;
mod text;

use std::path::PathBuf;

use super::input::{Entry, Input};
use crate::chance::Chance;

/// A change that applies to the bytes of one file.
type OfBytes = fn(&mut Vec<u8>, &mut Chance);
/// A change that applies to an input as a whole, and to one file of it.
type OfPlaces = fn(&mut Input, &PathBuf, &mut Chance);

/// Makes a mutant: one to three changes, most of them in one file. Returns what was done, in words.
pub(crate) fn mutate(input: &mut Input, chance: &mut Chance) -> Vec<String> {
    let mut done = Vec::new();
    let mut last = None;
    for _ in 0..chance.between(1, 3) {
        // Changes add up more often in one file than apart.
        let again = last.filter(|path| input.0.contains_key(path) && chance.unit() < 0.5);
        let paths: Vec<PathBuf> = input.0.keys().cloned().collect();
        let Some(path) = again.or_else(|| pick(&paths, chance)) else {
            break;
        };
        let name = match chance.below(10) {
            0..3 => of_bytes(input, &path, bytes::ALL, chance),
            3..7 => of_bytes(input, &path, text::ALL, chance),
            _ => {
                let (name, change) = chance.pick(places::ALL);
                change(input, &path, chance);
                name
            }
        };
        done.push(format!("{name}: {}", path.display()));
        last = Some(path);
    }
    done
}

fn of_bytes(
    input: &mut Input,
    path: &PathBuf,
    changes: &[(&'static str, OfBytes)],
    chance: &mut Chance,
) -> &'static str {
    let (name, change) = chance.pick(changes);
    if let Some(Entry::File(bytes)) = input.0.get_mut(path) {
        change(bytes, chance);
    }
    name
}

/// One of some things, if there are any.
fn pick<T: Clone>(from: &[T], chance: &mut Chance) -> Option<T> {
    let count = from.len() as u64;
    (count > 0).then(|| from[chance.below(count) as usize].clone())
}

/// A place in so many bytes, their end included.
fn place(length: usize, chance: &mut Chance) -> usize {
    chance.below(length as u64 + 1) as usize
}

/// A stretch of so many bytes, of at most 400.
fn stretch(length: usize, chance: &mut Chance) -> std::ops::Range<usize> {
    let start = place(length, chance);
    let longest = (length - start).min(400);
    start..start + place(longest, chance)
}

/// Puts bytes at any place.
fn insert(bytes: &mut Vec<u8>, new: impl IntoIterator<Item = u8>, chance: &mut Chance) {
    let at = place(bytes.len(), chance);
    bytes.splice(at..at, new);
}
