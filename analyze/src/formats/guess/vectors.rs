//! Vector clocks that no brackets hold together: `1,0,3` or `1 0 3` between other numbers.
//!
//! Numbers side by side are one clock if they keep the law of vector clocks: none falls; the writer's own goes up with
//! every event; the others stay but where something is received; and different writers own different ones.
//!
//! **Invariant.** Numbers are joined only where the law was seen to hold; the rows of a shape stay as many.

use std::collections::BTreeSet;

use super::meaning::{Meaning, Role};
use super::shape::{Body, Part, Piece, Shape, Slot};
use super::table::Table;
use super::tokens::Class;
use crate::history::Kind;

/// Components at most.
const COMPONENTS_MAX: usize = 16;
/// Share of the events that must have such numbers, and of the pairs of neighbours that must keep the law.
const MOST: f64 = 0.95;
/// Pairs of neighbours from which the law is proved.
const PAIRS_MIN: f64 = 8.0;
/// What may stand between components.
const SEPARATORS: [&str; 4] = [",", ";", "|", "/"];

/// The slots that are one clock: the first of each shape, and how many follow one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    first: Vec<Option<usize>>,
    components: usize,
}

/// Numbers of these shapes, side by side, that keep the law of vector clocks; the longest of several.
pub(super) fn find(shapes: &[Shape], meanings: &[Meaning]) -> Option<Found> {
    let runs: Vec<Vec<Vec<usize>>> = shapes
        .iter()
        .zip(meanings)
        .map(|(shape, meaning)| match meaning.kind() {
            Some(_) => runs(shape, meaning),
            None => Vec::new(),
        })
        .collect();
    let longest = runs.iter().flatten().map(Vec::len).max()?;
    let events = |is: &dyn Fn(usize) -> bool| {
        let of = (0..shapes.len()).filter(|&at| meanings[at].kind().is_some() && is(at));
        of.map(|at| shapes[at].rows.len()).sum::<usize>() as f64
    };
    let table = Table::new(shapes, meanings);
    (2..=longest.min(COMPONENTS_MAX))
        .rev()
        .find_map(|components| {
            let windows = |runs: &Vec<Vec<usize>>| -> Vec<usize> {
                let windows = runs.iter().flat_map(|run| run.windows(components));
                windows.map(|window| window[0]).collect()
            };
            let candidates: Vec<Vec<usize>> = runs.iter().map(windows).collect();
            if events(&|at| !candidates[at].is_empty()) < MOST * events(&|_| true) {
                return None;
            }
            let law = |first: &[Option<usize>]| Law::of(&table, meanings, first, components);
            let first = table.ascend(&candidates, |first| law(first).share());
            law(&first).proved().then_some(Found { first, components })
        })
}

/// Slots of whole numbers with the same mark between them, or with nothing but blanks.
fn runs(shape: &Shape, meaning: &Meaning) -> Vec<Vec<usize>> {
    let whole = |slot: usize| {
        let digits = |value: &str| value.bytes().all(|byte| byte.is_ascii_digit());
        meaning.roles[slot] == Role::None
            && shape.slots[slot].class == Class::Number
            && shape.column(slot).all(digits)
            && !super::roles::is_epoch(shape, slot)
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
    let mut open: Option<Option<&str>> = None;
    let mut between: Option<&str> = None;
    for piece in pieces {
        match &piece.part {
            Part::Slot(slot) if whole(*slot) => {
                // A run goes on with the mark that it has, and begins with any.
                match (runs.last_mut(), open) {
                    (Some(run), Some(mark)) if run.len() == 1 || mark == between => {
                        run.push(*slot);
                        open = Some(between);
                    }
                    _ => {
                        runs.push(vec![*slot]);
                        open = Some(None);
                    }
                }
                between = None;
            }
            Part::Literal(text) if between.is_none() && SEPARATORS.contains(&text.as_str()) => {
                between = Some(text);
            }
            _ => (open, between) = (None, None),
        }
    }
    runs.retain(|run| run.len() > 1);
    runs
}

/// How the pairs of neighbours keep the law.
#[derive(Debug, Default)]
struct Law {
    pairs: f64,
    kept: f64,
    /// Pairs in which something of another was learnt.
    learnt: f64,
    /// The component that each writer owns.
    own: BTreeSet<usize>,
    writers: usize,
    /// By component, how often it falls and how often it grows.
    steps: Vec<(u32, u32)>,
}

impl Law {
    fn of(
        table: &Table<'_>,
        meanings: &[Meaning],
        first: &[Option<usize>],
        components: usize,
    ) -> Law {
        let mut law = Law::default();
        for track in &table.tracks {
            let clock = |&(shape, row): &(usize, usize)| -> Option<(Kind, Vec<f64>)> {
                let first = first[shape]?;
                let numbers =
                    (first..first + components).map(|slot| table.number(shape, slot, row));
                Some((meanings[shape].kind()?, numbers.collect::<Option<_>>()?))
            };
            let clocks: Vec<(Kind, Vec<f64>)> = track.iter().filter_map(clock).collect();
            law.track(&clocks, components);
        }
        law
    }

    fn track(&mut self, clocks: &[(Kind, Vec<f64>)], components: usize) {
        let grown = |of: usize| {
            clocks
                .windows(2)
                .filter(|pair| pair[0].1[of] < pair[1].1[of])
                .count()
        };
        let Some(own) = (0..components).max_by_key(|&of| grown(of)) else {
            return;
        };
        if clocks.len() < 2 {
            return;
        }
        self.own.insert(own);
        self.writers += 1;
        self.steps.resize(components, (0, 0));
        for pair in clocks.windows(2) {
            let ((before_kind, before), (kind, after)) = (&pair[0], &pair[1]);
            let holds = before
                .iter()
                .zip(after)
                .all(|(before, after)| before <= after);
            let others = (0..components).filter(|&of| of != own);
            let learns = others.into_iter().any(|of| before[of] < after[of]);
            // What a receive brought may show on the event after it.
            let may_learn = *kind == Kind::Receive || *before_kind == Kind::Receive;
            // A send to all may be written once for each recipient.
            let twin = *kind == Kind::Send && *before_kind == Kind::Send && before == after;
            for ((falls, grows), (before, after)) in
                self.steps.iter_mut().zip(before.iter().zip(after))
            {
                *falls += u32::from(after < before);
                *grows += u32::from(after > before);
            }
            self.pairs += 1.0;
            self.learnt += f64::from(u8::from(learns));
            let keeps = holds && (before[own] < after[own] || twin) && (!learns || may_learn);
            self.kept += f64::from(u8::from(keeps));
        }
    }

    fn share(&self) -> f64 {
        if self.pairs > 0.0 {
            self.kept / self.pairs
        } else {
            0.0
        }
    }

    /// A clock beside a number that is mostly zero keeps the law, too; but then all writers own the same component.
    fn proved(&self) -> bool {
        self.pairs >= PAIRS_MIN
            && self.share() >= MOST
            && self.learnt > 0.0
            && self.steps.iter().all(|(falls, grows)| falls * 10 <= *grows)
            && (self.own.len() > 1 || self.writers == 1)
    }
}

/// Makes one slot of the numbers that are one clock.
pub(super) fn join(shapes: &mut [Shape], found: &Found) {
    for (shape, first) in shapes.iter_mut().zip(&found.first) {
        if let (Some(first), Body::Text(_)) = (*first, &shape.body) {
            join_one(shape, first, first + found.components - 1);
        }
    }
}

fn join_one(shape: &mut Shape, first: usize, last: usize) {
    let Body::Text(pieces) = &mut shape.body else {
        return;
    };
    let place = |pieces: &[Piece], of: usize| {
        pieces
            .iter()
            .position(|piece| matches!(piece.part, Part::Slot(slot) if slot == of))
    };
    let (Some(start), Some(end)) = (place(pieces, first), place(pieces, last)) else {
        return;
    };
    // What stands before each component but the first.
    let mut between: Vec<String> = Vec::new();
    let mut open = String::new();
    for piece in pieces.drain(start + 1..=end) {
        if piece.gap.min > 0 {
            open.push(' ');
        }
        match piece.part {
            Part::Literal(text) => open.push_str(&text),
            Part::Slot(_) => between.push(std::mem::take(&mut open)),
            Part::End => {}
        }
    }
    for piece in pieces.iter_mut() {
        if let Part::Slot(slot) = &mut piece.part
            && *slot > last
        {
            *slot -= last - first;
        }
    }
    let right = shape.slots[last].right.clone();
    shape.slots.drain(first + 1..=last);
    shape.slots[first] = Slot {
        class: Class::List,
        right,
        ..shape.slots[first].clone()
    };
    for row in &mut shape.rows {
        let rest: Vec<String> = row.values.drain(first + 1..=last).collect();
        for (between, component) in between.iter().zip(rest) {
            row.values[first].push_str(between);
            row.values[first].push_str(&component);
        }
    }
}

/// A regex for a clock without brackets, after one of them.
pub(super) fn regex(clock: &str) -> String {
    let mut regex = r"\d+".to_owned();
    let mut parts = clock.split(|letter: char| letter.is_ascii_digit());
    parts.next();
    for separator in parts.filter(|separator| !separator.is_empty()) {
        match separator.trim() {
            "" => regex.push_str(r"\s+"),
            mark => regex.push_str(&format!(r"\s*{}\s*", regex::escape(mark))),
        }
        regex.push_str(r"\d+");
    }
    regex
}
