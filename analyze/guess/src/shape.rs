//! Lines that differ in their values alone.
//!
//! **Invariant.** Every row of a shape has a value for each of its slots; an absent field is an empty value.

use super::tokens::Class;

/// Lines of one shape.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// What is the same in all its lines.
    pub(super) body: Body,
    /// The words of it, in order, in lower case.
    pub(super) words: Vec<String>,
    /// What divides its lines from those of other shapes, if that is one value.
    pub(super) code: Option<String>,
    /// What varies.
    pub(super) slots: Vec<Slot>,
    /// Its lines, in the order of reading.
    pub(super) rows: Vec<Row>,
}

/// What is the same in all lines of a shape.
#[derive(Debug, Clone)]
pub(super) enum Body {
    /// Literal text between slots.
    Text(Vec<Piece>),
    /// Values that fields must have: by name of the field.
    Fields(Vec<(String, String)>),
}

/// A part of a text line, with the gap before it.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// Spaces before it, as seen.
    pub(super) gap: Gap,
    /// What it is.
    pub(super) part: Part,
}

/// A part of a text line.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// The same text in every line.
    Literal(String),
    /// The slot of this position.
    Slot(usize),
    /// The end of the line.
    End,
}

/// Spaces between two parts, over all lines of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gap {
    /// The fewest.
    pub(super) min: usize,
    /// The most.
    pub(super) max: usize,
    /// Whether all of them are blanks, not tabs.
    pub(super) blanks: bool,
    /// Whether there are colour codes among them.
    pub(super) colour: bool,
}

impl Gap {
    pub(super) fn of(text: &str) -> Gap {
        Gap {
            min: text.len(),
            max: text.len(),
            blanks: text.bytes().all(|byte| byte == b' '),
            colour: text.contains('\x1b'),
        }
    }

    pub(super) fn widen(&mut self, other: Gap) {
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.blanks &= other.blanks;
        self.colour |= other.colour;
    }

    /// A regex for such gaps and their likes.
    pub(super) fn regex(self) -> &'static str {
        match (self.colour, self.min, self.max) {
            (true, _, _) => r"(?:\s|\x1b\[[0-9;]*[A-Za-z])*",
            (_, 0, 0) => "",
            (_, 0, _) => r"\s*",
            (_, 1, 1) if self.blanks => " ",
            _ => r"\s+",
        }
    }
}

/// A place that holds values.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    /// What the values are.
    pub(super) class: Class,
    /// Words before it, the nearest first.
    pub(super) left: Vec<String>,
    /// Words after it, the nearest first.
    pub(super) right: Vec<String>,
    /// Name of the field, where lines have fields.
    pub(super) field: Option<String>,
}

/// One line, or one record of several.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Its file, by position in the sample.
    pub(super) file: usize,
    /// Its line, from 1.
    pub(super) line: u32,
    /// The values of its slots.
    pub(super) values: Vec<String>,
}

impl Shape {
    /// Whether the lines hold a vector clock by names, which only events have.
    pub(super) fn has_named_clock(&self) -> bool {
        let is_named = |value: &str| value.starts_with('{') && value.contains([':', '=']);
        let mut slots = (0..self.slots.len()).filter(|&slot| self.slots[slot].class == Class::List);
        slots.any(|slot| self.column(slot).all(is_named))
    }

    /// Values that its fields must have; none of text.
    pub(super) fn conditions(&self) -> &[(String, String)] {
        match &self.body {
            Body::Text(_) => &[],
            Body::Fields(conditions) => conditions,
        }
    }

    /// The values of a slot.
    pub(super) fn column(&self, slot: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().map(move |row| row.values[slot].as_str())
    }

    /// The values of a slot that are numbers; of a list the sum of its numbers, which only grows with a vector clock.
    pub(super) fn number(&self, row: usize, slot: usize) -> Option<f64> {
        let value = self.rows[row].values[slot].trim();
        match self.slots[slot].class {
            Class::List => Some(components(value).iter().sum()),
            Class::Time => None,
            _ => value.parse().ok().filter(|number: &f64| number.is_finite()),
        }
    }

    /// Whether all values of a slot that are there are numbers, and some are.
    pub(super) fn is_numeric(&self, slot: usize) -> bool {
        let mut values = self
            .column(slot)
            .filter(|value| !value.is_empty())
            .peekable();
        let class = self.slots[slot].class;
        class == Class::List
            || (class != Class::Time
                && values.peek().is_some()
                && values.all(|value| value.trim().parse::<f64>().is_ok_and(f64::is_finite)))
    }

    /// In how many files it occurs.
    pub(super) fn files(&self) -> usize {
        let mut files: Vec<usize> = self.rows.iter().map(|row| row.file).collect();
        files.sort_unstable();
        files.dedup();
        files.len()
    }

    /// Whether a slot holds the number of a line of source code: `130` of `machine.cc:130`.
    pub(super) fn is_place_in_source(&self, of: usize) -> bool {
        const EXTENSIONS: &str = "c cc cpp cxx h hh hpp cs go rs py java kt kts js mjs ts rb swift scala clj ex exs erl hs ml php pl lua dart zig jl";
        let Body::Text(pieces) = &self.body else {
            return false;
        };
        let is_slot = |piece: &Piece| matches!(piece.part, Part::Slot(slot) if slot == of);
        let Some(at) = pieces.iter().position(is_slot) else {
            return false;
        };
        let text = |back: usize| match pieces.get(at.checked_sub(back)?) {
            Some(Piece {
                part: Part::Literal(text),
                ..
            }) => Some(text.as_str()),
            _ => None,
        };
        let together = pieces[at.saturating_sub(2)..=at]
            .iter()
            .all(|piece| piece.gap.max == 0);
        let is_code = |text: &str| EXTENSIONS.split(' ').any(|known| known == text);
        together && text(1) == Some(":") && text(3) == Some(".") && text(2).is_some_and(is_code)
    }

    /// The different values of a slot, at most `limit` and one.
    pub(super) fn distinct(&self, slot: usize, limit: usize) -> std::collections::BTreeSet<&str> {
        let mut distinct = std::collections::BTreeSet::new();
        for value in self.column(slot) {
            distinct.insert(value);
            if distinct.len() > limit {
                break;
            }
        }
        distinct
    }
}

/// The numbers of a list, without the names before them.
pub(super) fn components(list: &str) -> Vec<f64> {
    let parts = list.split([',', ';', '|', '/']).flat_map(|part| {
        let value = part.rsplit([':', '=']).next().unwrap_or(part);
        value.split_whitespace()
    });
    let digits = |part: &str| {
        part.trim_matches(|letter: char| !(letter.is_ascii_digit() || letter == '-'))
            .parse()
            .ok()
    };
    parts.filter_map(digits).collect()
}

/// A line of a shape, as it was or, of fields, as names and values.
pub(super) fn example(shape: &Shape) -> String {
    let Some(row) = shape.rows.first() else {
        return String::new();
    };
    match &shape.body {
        Body::Text(pieces) => {
            let mut line = String::new();
            for piece in pieces {
                if piece.gap.min > 0 {
                    line.push(' ');
                }
                match &piece.part {
                    Part::Literal(text) => line.push_str(text),
                    Part::Slot(slot) => line.push_str(&row.values[*slot]),
                    Part::End => {}
                }
            }
            line.trim().to_owned()
        }
        Body::Fields(conditions) => {
            let said = shape
                .slots
                .iter()
                .zip(&row.values)
                .filter_map(|(slot, value)| Some(format!("{} = {value}", slot.field.as_ref()?)));
            let fixed = conditions
                .iter()
                .map(|(field, value)| format!("{field} = {value}"));
            fixed.chain(said).collect::<Vec<_>>().join(", ")
        }
    }
}

/// The literal texts just before a slot of a line of text, two at most: `node` and `-` of `node-2`.
pub(super) fn marks_before(shape: &Shape, of: usize) -> Vec<&str> {
    let Body::Text(pieces) = &shape.body else {
        return Vec::new();
    };
    let before = pieces
        .iter()
        .take_while(|piece| !matches!(piece.part, Part::Slot(slot) if slot == of));
    let mut marks: Vec<Option<&str>> = before
        .map(|piece| match &piece.part {
            Part::Literal(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    marks.reverse();
    marks.into_iter().take(2).map_while(|mark| mark).collect()
}
