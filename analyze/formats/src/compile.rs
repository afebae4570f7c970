//! A format made ready to read with: its regexes compiled once, its rules in the order in which they are tried.
//!
//! **Invariant.** A format that compiles can be read with: what cannot work is refused here, by name.

mod alternative;
mod check;
mod literal;
mod rule;

use std::path::Path;

use regex::Regex;

use super::error::FormatError;
use super::spec::{Format, LineKind};
use super::time::TimeReader;
pub(crate) use alternative::{Field, words};
pub(crate) use rule::{Claim, Rule, Scratch, by_fields};

/// A format, ready to read with.
#[derive(Debug, Clone)]
pub struct Compiled {
    format: Format,
    rules: Vec<Rule>,
    record: Option<Regex>,
    fields: Vec<Field>,
    times: TimeReader,
}

impl Format {
    /// Reads a format from the text of its TOML file; `file` is what errors call it.
    ///
    /// # Errors
    /// What is no TOML, or says what no format says, with the line.
    pub fn from_toml(text: &str, file: &Path) -> Result<Format, FormatError> {
        toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count() + 1);
            FormatError::new(
                format!("{}:{line}", file.display()),
                error.message().trim().to_owned(),
                "see `analyze formats --help` for what a format may say",
            )
        })
    }
}

impl Compiled {
    /// Compiles a format.
    ///
    /// # Errors
    /// A regex that is none, a name that no rule may use, a rule that can never match, settings that contradict.
    pub fn new(format: &Format) -> Result<Compiled, FormatError> {
        let of_format = |error: FormatError| FormatError {
            place: format!("format {}, {}", format.name, error.place),
            ..error
        };
        Compiled::compile(format).map_err(of_format)
    }

    fn compile(format: &Format) -> Result<Compiled, FormatError> {
        check::settings(format)?;
        let mut fields = Vec::new();
        let rules = rule::all(format, &mut fields)?;
        check::rules(format, &rules)?;
        let record = format.lines.record.as_deref();
        let record = record.map(|pattern| rule::regex(pattern, "[lines] record"));
        let times = TimeReader::new(&format.time, None)
            .map_err(|wrong| FormatError::new("[time]", wrong, "correct the [time] section"))?;
        Ok(Compiled {
            format: format.clone(),
            rules,
            record: record.transpose()?,
            fields: fields.into_iter().map(Field::new).collect(),
            times,
        })
    }

    /// What it was compiled from.
    pub fn format(&self) -> &Format {
        &self.format
    }

    /// The kind of its lines.
    pub(crate) fn kind(&self) -> LineKind {
        self.format.lines.kind
    }

    /// A regex that the first line of every record matches.
    pub(crate) fn record(&self) -> Option<&Regex> {
        self.record.as_ref()
    }

    /// The fields that rules name, in the order in which rules number them.
    pub(crate) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// A reader of times, at the start of a log.
    pub(crate) fn times(&self) -> TimeReader {
        self.times.clone()
    }

    /// The rules, in the order in which they are tried: headers, events, what is ignored.
    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }
}
