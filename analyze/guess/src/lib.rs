//! What format unknown logs are in: a proposal, how much of the logs it explains, and what nothing in them decides.
//!
//! ```text
//! paths → sample → layout → shapes (text or fields) → standing · roles → rules → read with it → dialect
//!                    └ names of files ───────────────────┘
//! ```
//!
//! # Map
//!
//! `sample` files and their first lines · `layout` how a file is cut · `tokens`, `times`, `durations` a line taken apart · `legend` what short words mean · `text`,
//! `records` several lines joined, `vectors` numbers joined, `pairs` parted, `fields` shapes: lines that differ in values alone ·
//! `happened` which field says what happened, `code` which value, where no word does, as `event_clocks` prove · `words` what words say · `names`
//! what file names say, `arrange` whether files so taken run together · `writers` several machines in a file, `restarts`
//! trials one after another · `standing` events, headers and the rest · `behaviour` events that no word names · `roles`
//! what values stand for, by `table`s of their numbers · `rates` which number is one, `stated` rates in paths and in files beside the logs · `when` how times are written ·
//! `recipients`, `called`, `everybody`, `dialect` what the program meant · `remarks` facts in a phrase · `suspect` what is odd in the result · `globs`, `rules`
//! the format · `claimed` which files are logs · `found` examples · `write` its TOML. `infer` goes from a sample to a format, `understand` from shapes to what
//! they mean; `propose` puts it to the test.
//!
//! **Invariant.** Nothing is proposed that was not seen, and what was chosen without proof is a [`Doubt`].

mod answer;
mod arrange;
mod behaviour;
mod called;
mod claimed;
mod code;
mod dialect;
mod durations;
mod event_clocks;
mod everybody;
mod field_shape;
mod fields;
mod found;
mod globs;
mod happened;
mod infer;
mod layout;
mod legend;
mod meaning;
mod names;
mod pairs;
mod propose;
mod rates;
mod recipients;
mod records;
mod remarks;
mod restarts;
mod roles;
mod rules;
mod sample;
mod shape;
mod standing;
mod stated;
mod suspect;
mod table;
mod text;
mod times;
mod tokens;
mod understand;
mod vectors;
mod when;
mod words;
mod write;
mod writers;

#[cfg(test)]
mod tests;

pub use answer::{Doubt, Found, Guess, GuessError};
pub use propose::{guess, is_log};
pub use write::toml;
