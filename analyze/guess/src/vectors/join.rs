//! Numbers that are one vector clock made one value: that of the machine, and that of a message it received.
//!
//! **Invariant.** The rows of a shape stay as many, and so do their characters.

use super::runs::{Found, runs};
use crate::meaning::Meaning;
use crate::shape::{Body, Part, Piece, Shape, Slot};
use crate::tokens::Class;
use events::Kind;

/// Makes one slot of the numbers that are one clock.
pub(crate) fn join(shapes: &mut [Shape], meanings: &[Meaning], found: &Found) {
    let last = found.components - 1;
    for ((shape, meaning), first) in shapes.iter_mut().zip(meanings).zip(&found.first) {
        if let (Some(first), Body::Text(_)) = (*first, &shape.body) {
            let mut all = vec![first];
            all.extend(message(shape, meaning, first, found.components));
            all.sort_unstable();
            // From the right, as slots behind those that are joined move.
            for first in all.into_iter().rev() {
                join_one(shape, first, first + last);
            }
        }
    }
}

/// The first slot of the clock that a received message brought: as many numbers side by side, none ever above the
/// receiver's own after it.
fn message(shape: &Shape, meaning: &Meaning, clock: usize, components: usize) -> Option<usize> {
    if meaning.kind() != Some(Kind::Receive) || shape.rows.len() < 2 {
        return None;
    }
    let beside = |run: &Vec<usize>| {
        run.len() == components && (run[0] + components <= clock || run[0] >= clock + components)
    };
    let known = |run: &Vec<usize>| {
        (0..shape.rows.len()).all(|row| {
            let mut pairs = run.iter().zip(clock..);
            pairs.all(|(&sent, own)| shape.number(row, sent) <= shape.number(row, own))
        })
    };
    let mut runs = runs(shape, meaning).into_iter();
    runs.find(|run| beside(run) && known(run)).map(|run| run[0])
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
pub(crate) fn regex(clock: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_regex_of_a_clock_takes_its_likes() {
        for (clock, like) in [("1,0,3", "10,20, 7"), ("1 0 3", "4  5 6"), ("1; 0", "7;8")] {
            let regex = regex::Regex::new(&format!("^{}$", regex(clock))).expect("a regex");
            assert!(regex.is_match(clock) && regex.is_match(like), "{clock}");
        }
        assert!(
            !regex::Regex::new(&format!("^{}$", regex("1,0")))
                .expect("a regex")
                .is_match("1,0,3")
        );
    }
}
