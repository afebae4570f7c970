//! What format unknown logs are in: a proposal, how much of the logs it explains, and what nothing in them decides.
//!
//! ```text
//! paths → sample → layout → shapes (text or fields) → line_class · roles → rules → read with it → dialect
//!                    └ names of files ───────────────────┘
//! ```
//!
//! # Map
//!
//! `sample` files and their first lines · `layout` how a file is cut · `tokens`, `times`, `durations` a line taken apart ·
//! `legend` what short words mean · `text`, `records` several lines joined, `vectors` numbers joined, `pairs` parted,
//! `fields` shapes: lines that differ in values alone · `event_column` which field says what happened, `code` which value,
//! where no word does, as `event_clocks` prove · `words` what words say · `names` what file names say, `path_layout` whether
//! files so taken run together · `writers` several machines in a file, `trial_boundaries` trials one after another ·
//! `line_class` events, headers and the rest · `behaviour` events that no word names · `roles` what values stand for, by
//! `table`s of their numbers · `rates` which number is one, `rates_in_paths` rates in paths and in files beside the logs ·
//! `when` how times are written · `peer_names`, `peer_column`, `broadcast_name`, `dialect` what the program meant · `remarks`
//! facts in a phrase · `plausibility` what is odd in the result · `globs`, `rules` the format · `log_files` which files are
//! logs · `examples` of each rule · `write` its TOML. `infer` goes from a sample to a format, `understand` from shapes to what
//! they mean; `propose` puts it to the test.
//!
//! **Invariant.** Nothing is proposed that was not seen, and what was chosen without proof is a [`Doubt`].

mod answer;
mod behaviour;
mod broadcast_name;
mod code;
mod dialect;
mod durations;
mod event_clocks;
mod event_column;
mod examples;
mod field_shape;
mod fields;
mod globs;
mod infer;
mod layout;
mod legend;
mod line_class;
mod log_files;
mod meaning;
mod names;
mod pairs;
mod path_layout;
mod peer_column;
mod peer_names;
mod plausibility;
mod propose;
mod rates;
mod rates_in_paths;
mod records;
mod remarks;
mod roles;
mod rules;
mod sample;
mod shape;
mod table;
mod text;
mod times;
mod tokens;
mod trial_boundaries;
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
