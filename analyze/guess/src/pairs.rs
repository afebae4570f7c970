//! A Lamport clock in brackets with the name of its machine: `(12, 2)`, as ties are broken by.
//!
//! It looks like a vector clock of two, but the second number of a vector changes where its machine counts: here it stays
//! the same within each file and differs between files, while the first goes up.
//!
//! **Invariant.** Lists are parted only where files prove it; the rows of a shape stay as many.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::shape::{Body, Gap, Part, Piece, Shape, Slot};
use super::tokens::Class;

/// Lines with such a clock from which a file proves what it is.
const ROWS_MIN: usize = 8;
/// Share of the steps that must not fall.
const MOST: f64 = 0.95;

static PAIR: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^([\[(<])(\s*)(\d+)(\s*)([,;|])(\s*)(\d+)(\s*)([\])>])$").ok());

/// First numbers of a file, by line.
type Steps = Vec<(u32, u64)>;

/// A pair taken apart: the first number, the second, and the marks around them.
fn pair(value: &str) -> Option<(&str, &str, [&str; 3])> {
    let found = PAIR.as_ref()?.captures(value)?;
    let part = |at: usize| found.get(at).map_or("", |part| part.as_str());
    Some((part(3), part(7), [part(1), part(5), part(9)]))
}

/// Parts clocks from the names of machines beside them, where files prove that they are such.
pub(super) fn part(shapes: &mut [Shape]) {
    let candidates: Vec<(usize, usize)> = (0..shapes.len())
        .flat_map(|at| (0..shapes[at].slots.len()).map(move |slot| (at, slot)))
        .filter(|&(at, slot)| is_pair(&shapes[at], slot))
        .collect();
    let Some(names) = names(shapes, &candidates) else {
        return;
    };
    // From the last slot, so that positions before it stay.
    for &(at, slot) in candidates.iter().rev() {
        let pairs = || shapes[at].column(slot).filter_map(pair);
        let named = pairs().all(|(_, name, _)| names.contains(name));
        if named && pairs().any(|(time, ..)| !names.contains(time)) {
            part_one(&mut shapes[at], slot);
        }
    }
}

/// Whether all values of a slot of text are pairs, with the same marks.
fn is_pair(shape: &Shape, slot: usize) -> bool {
    let marks: BTreeSet<_> = shape
        .column(slot)
        .map(|value| pair(value).map(|(_, _, marks)| marks))
        .collect();
    matches!(shape.body, Body::Text(_))
        && shape.slots[slot].class == Class::List
        && marks.len() == 1
        && !marks.contains(&None)
}

/// The names of machines, if some of these pairs are clocks beside one: each file has its own, and its first numbers go up.
fn names(shapes: &[Shape], candidates: &[(usize, usize)]) -> Option<BTreeSet<String>> {
    // By file, the lines and numbers of pairs that say the same name on all lines of it.
    let mut files: BTreeMap<usize, (&str, Steps)> = BTreeMap::new();
    let mut candidates = candidates.to_vec();
    candidates.sort_by_key(|&(at, _)| std::cmp::Reverse(shapes[at].rows.len()));
    for (at, slot) in candidates {
        let rows = || {
            let rows = shapes[at].rows.iter();
            rows.filter_map(|row| Some((row, pair(&row.values[slot])?)))
        };
        let mut own: BTreeMap<usize, &str> = BTreeMap::new();
        // With two machines alone, what a message carries has one name in each file, too: that of the other.
        let is_own = rows().all(|(row, (_, name, _))| {
            *own.entry(row.file).or_insert(name) == name
                && files.get(&row.file).is_none_or(|(known, _)| *known == name)
        });
        for (row, (time, name, _)) in rows().filter(|_| is_own) {
            let (_, steps) = files.entry(row.file).or_insert((name, Vec::new()));
            steps.push((row.line, time.parse().ok()?));
        }
    }
    let (mut pairs, mut held, mut grown) = (0, 0, 0);
    for (_, steps) in files.values_mut() {
        steps.sort_unstable();
        for pair in steps.windows(2) {
            pairs += 1;
            held += usize::from(pair[0].1 <= pair[1].1);
            grown += usize::from(pair[0].1 < pair[1].1);
        }
    }
    let names: BTreeSet<String> = files.values().map(|(name, _)| (*name).to_owned()).collect();
    let proved = names.len() > 1
        && files.values().any(|(_, steps)| steps.len() >= ROWS_MIN)
        && held as f64 >= MOST * f64::from(pairs)
        && grown * 2 > held;
    proved.then_some(names)
}

/// Makes two slots of one that holds pairs.
fn part_one(shape: &mut Shape, slot: usize) {
    let Body::Text(pieces) = &mut shape.body else {
        return;
    };
    let is_it = |piece: &Piece| matches!(piece.part, Part::Slot(of) if of == slot);
    let Some(place) = pieces.iter().position(is_it) else {
        return;
    };
    let mut gaps: Option<[Gap; 4]> = None;
    let mut marks = [String::new(), String::new(), String::new()];
    for row in &mut shape.rows {
        let value = row.values[slot].clone();
        let Some(found) = PAIR.as_ref().and_then(|pair| pair.captures(&value)) else {
            return;
        };
        let seen = [2, 4, 6, 8].map(|at| Gap::of(&found[at]));
        match &mut gaps {
            Some(gaps) => {
                for (known, seen) in gaps.iter_mut().zip(seen) {
                    known.widen(seen);
                }
            }
            None => gaps = Some(seen),
        }
        marks = [1, 5, 9].map(|at| found[at].to_owned());
        row.values[slot] = found[3].to_owned();
        row.values.insert(slot + 1, found[7].to_owned());
    }
    let Some([first, middle, second, last]) = gaps else {
        return;
    };
    for piece in pieces.iter_mut() {
        if let Part::Slot(of) = &mut piece.part
            && *of > slot
        {
            *of += 1;
        }
    }
    let [open, between, close] = marks.map(Part::Literal);
    let before = pieces[place].gap;
    let parts = [
        (before, open),
        (first, Part::Slot(slot)),
        (middle, between),
        (second, Part::Slot(slot + 1)),
        (last, close),
    ];
    let parts = parts.map(|(gap, part)| Piece { gap, part });
    pieces.splice(place..=place, parts);
    let of = shape.slots.remove(slot);
    let number = |left, right| Slot {
        class: Class::Number,
        left,
        right,
        field: None,
    };
    shape.slots.insert(slot, number(of.left, Vec::new()));
    shape.slots.insert(slot + 1, number(Vec::new(), of.right));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{Record, SampleFile};
    use crate::text;

    /// The shapes of files of these lines, parted.
    fn parted(files: [Vec<String>; 2]) -> Vec<Shape> {
        let file = |lines: Vec<String>| SampleFile {
            relative: "x.log".to_owned(),
            records: (1..)
                .zip(lines)
                .map(|(line, text)| Record { line, text })
                .collect(),
        };
        let mut shapes = text::shapes(&files.map(file));
        part(&mut shapes);
        shapes
    }

    #[test]
    fn a_clock_is_parted_from_the_name_that_a_file_keeps() {
        let of = |own: usize| -> Vec<String> {
            let line = |step: usize| match step % 3 {
                0 => format!("took <{}, {}> and is at <{step}, {own}>", step - 1, 9 - own),
                _ => format!("worked, is at <{step}, {own}>"),
            };
            (1..30).map(line).collect()
        };
        for shape in parted([of(4), of(5)]) {
            assert!(shape.slots.iter().all(|slot| slot.class == Class::Number));
            let values = &shape.rows[0].values;
            assert_eq!(values[values.len() - 1], "4", "{values:?}");
        }
    }

    #[test]
    fn a_vector_of_two_stays_whole() {
        let of = |own: usize| -> Vec<String> {
            let line = |step: usize| {
                let mut clock = [step / 4; 2];
                clock[own] = step;
                format!("worked, is at ({}, {})", clock[0], clock[1])
            };
            (1..30).map(line).collect()
        };
        for shape in parted([of(0), of(1)]) {
            assert_eq!(shape.slots.len(), 1);
            assert_eq!(shape.slots[0].class, Class::List);
        }
    }
}
