//! What format unknown logs are in: a proposal, how much of the logs it explains, and what could not be told.
//!
//! ```text
//! paths → sample → layout → shapes (text or fields) → standing · roles → rules → read with it → dialect
//!                    └ names of files ───────────────────┘
//! ```
//!
//! # Map
//!
//! `sample` files and their first lines · `layout` how a file is cut · `tokens`, `times` a line taken apart · `text`,
//! `fields` shapes: lines that differ in values alone · `words` what words say · `names` what file names say ·
//! `standing` events, headers and the rest · `roles` what values stand for, by `table`s of their numbers · `when` how
//! times are written · `globs`, `rules` the format.
//!
//! **Invariant.** Nothing is proposed that was not seen, and what was chosen without proof is told as a [`Doubt`].

mod fields;
mod globs;
mod infer;
mod layout;
mod meaning;
mod names;
mod roles;
mod rules;
mod sample;
mod shape;
mod standing;
mod table;
mod text;
mod times;
mod tokens;
mod when;
mod words;

#[cfg(test)]
mod tests;

use serde::Serialize;

use shape::{Body, Part, Shape};

/// What could not be told from the logs, or was chosen without proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Doubt {
    /// What it is about: `time`, `queue`, `machine`, `event`, `files`, ….
    pub what: String,
    /// What is not known and why, in words.
    pub why: String,
    /// What it rests on: a line, a value, a name.
    pub evidence: String,
}

/// A line of a shape, as it was or, of fields, as names and values.
fn example(shape: &Shape) -> String {
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
