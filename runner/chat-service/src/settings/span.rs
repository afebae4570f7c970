//! Lengths of time, as text with a unit.
//!
//! **Invariant.** A span is positive, and less than a century.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// A length of time such as `1s`, `500ms` or `30s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(Duration);

impl Span {
    /// This many milliseconds.
    pub const fn from_ms(span_ms: u64) -> Span {
        Span(Duration::from_millis(span_ms))
    }

    /// It as the standard library has it.
    pub fn duration(self) -> Duration {
        self.0
    }

    /// Nanoseconds of it.
    pub fn ns(self) -> u64 {
        u64::try_from(self.0.as_nanos()).unwrap_or(u64::MAX)
    }

    /// Whole milliseconds of it.
    pub fn ms(self) -> u64 {
        u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX)
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Span, String> {
        let expected = "expected a length of time with its unit, such as 1s, 500ms or 2m";
        let span: SignedDuration = (text.trim().parse())
            .map_err(|_| format!("`{text}` is not a length of time: {expected}"))?;
        let century = SignedDuration::from_hours(24 * 365 * 100);
        if span <= SignedDuration::ZERO || span >= century {
            return Err(format!(
                "`{text}` is out of range: {expected}, more than none and less than a century"
            ));
        }
        Ok(Span(span.unsigned_abs()))
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Span, String> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> String {
        span.to_string()
    }
}

impl fmt::Display for Span {
    /// The text that is read back.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000)];
        let whole = units
            .iter()
            .find(|(_, length)| self.ns().is_multiple_of(*length));
        match whole {
            Some((unit, length)) => write!(formatter, "{}{unit}", self.ns() / length),
            None => write!(formatter, "{}ns", self.ns()),
        }
    }
}
