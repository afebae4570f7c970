//! Formats that come with the program: families of logs, to read with or to start one's own from.
//!
//! Each is a TOML file in `builtin/`, with an example of its lines at the top.
//!
//! **Invariant.** Every one of them compiles and reads the example at its top, all lines as events.

use std::sync::LazyLock;

use super::spec::Format;

/// The texts, as `analyze formats NAME` shows them: the more particular first.
const TEXTS: [&str; 16] = [
    include_str!("builtin/driftlab.toml"),
    include_str!("builtin/python-logging.toml"),
    include_str!("builtin/bracketed.toml"),
    include_str!("builtin/epoch-sentences.toml"),
    include_str!("builtin/clock-first.toml"),
    include_str!("builtin/time-of-day.toml"),
    include_str!("builtin/elapsed.toml"),
    include_str!("builtin/no-times.toml"),
    include_str!("builtin/vector-sentences.toml"),
    include_str!("builtin/csv.toml"),
    include_str!("builtin/csv-dates.toml"),
    include_str!("builtin/tsv.toml"),
    include_str!("builtin/json-lines.toml"),
    include_str!("builtin/json-lines-dates.toml"),
    include_str!("builtin/shiviz.toml"),
    include_str!("builtin/govector.toml"),
];

static FORMATS: LazyLock<Vec<Format>> = LazyLock::new(|| {
    let parse =
        |text: &&str| toml::from_str(text).expect("a built-in format is one, as a test has shown");
    TEXTS.iter().map(parse).collect()
});

/// The built-in formats.
pub fn builtin() -> &'static [Format] {
    &FORMATS
}

/// The TOML file of a built-in format, with its example and remarks.
pub fn text(name: &str) -> Option<&'static str> {
    let position = builtin().iter().position(|format| format.name == name)?;
    TEXTS.get(position).copied()
}

#[cfg(test)]
mod tests;
