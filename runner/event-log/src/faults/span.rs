//! Lengths of time in a file of faults, as people write them.
//!
//! **Invariant.** What is written is read back to the nanosecond.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::interval::Interval;

/// The units, the largest first, with their lengths in nanoseconds.
const UNITS: [(&str, u64); 5] = [
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1000),
    ("ns", 1),
];

/// The longest, nanoseconds: about a century, so that no sum of a few of them overflows.
const SPAN_MAX_NS: u64 = u64::MAX / 6;

/// A length of time. Its text is a number with a unit: `20s`, `0.5s`, `100us`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span {
    /// Nanoseconds.
    pub ns: u64,
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Span, String> {
        let text = text.trim();
        let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
        let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
        let unit = UNITS.iter().find(|(name, _)| *name == unit.trim());
        let length = unit.and_then(|&(_, unit_ns)| nanoseconds(number, unit_ns));
        let ns = length.filter(|&ns| ns <= SPAN_MAX_NS).ok_or_else(|| {
            format!("`{text}`: expected a length of time with its unit, such as 20s, 0.5s or 100us")
        })?;
        Ok(Span { ns })
    }
}

/// A decimal number of units; none if it is no number, finer than a nanosecond, or too large.
fn nanoseconds(number: &str, unit_ns: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut ns = whole.parse::<u64>().ok()?.checked_mul(unit_ns)?;
    let mut place_ns = unit_ns;
    for digit in fraction.chars() {
        let digit = u64::from(digit.to_digit(10)?);
        place_ns = place_ns.is_multiple_of(10).then_some(place_ns / 10)?;
        ns = ns.checked_add(digit * place_ns)?;
    }
    Some(ns)
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Minutes are read and never written: seconds go with all else in a log.
        let mut units = UNITS.iter().skip(1);
        let whole = units.find(|(_, unit_ns)| self.ns.is_multiple_of(*unit_ns));
        let (unit, unit_ns) = whole.unwrap_or(&("ns", 1));
        write!(f, "{}{unit}", self.ns / unit_ns)
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

/// A length of time that is drawn: `0.5s..5s`; or one that is not: `8s`.
pub type SpanRange = Interval<Span>;

/// How much later, or, with a minus before it, how much earlier: `200ms`, `-10s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Offset {
    /// Nanoseconds.
    pub ns: i64,
}

/// An offset that is drawn: `-10s..10s`; or one that is not.
pub type OffsetRange = Interval<Offset>;

impl FromStr for Offset {
    type Err = String;

    fn from_str(text: &str) -> Result<Offset, String> {
        let text = text.trim();
        let (sign, length) = match text.strip_prefix('-') {
            Some(length) => (-1, length),
            None => (1, text),
        };
        // The longest span is a sixth of what fits.
        let Span { ns } = length.parse()?;
        Ok(Offset {
            ns: sign * ns.cast_signed(),
        })
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = Span {
            ns: self.ns.unsigned_abs(),
        };
        let sign = if self.ns < 0 { "-" } else { "" };
        write!(f, "{sign}{length}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(ns in 0..SPAN_MAX_NS, zeros in 0u32..12) {
            let span = Span { ns: ns - ns % 10u64.pow(zeros) };
            prop_assert_eq!(span.to_string().parse(), Ok(span));
        }

        #[test]
        fn an_offset_is_read_back(ns in -(SPAN_MAX_NS.cast_signed())..SPAN_MAX_NS.cast_signed()) {
            prop_assert_eq!(Offset { ns }.to_string().parse(), Ok(Offset { ns }));
        }

        #[test]
        fn no_text_panics(text in ".{0,20}") {
            let _ = text.parse::<Span>();
            let _ = text.parse::<OffsetRange>();
        }
    }

    #[test]
    fn people_write_decimals_and_units() {
        for (text, ns) in [
            ("2m", 120_000_000_000),
            ("0.5s", 500_000_000),
            (" 1.25 ms", 1_250_000),
            ("7ns", 7),
        ] {
            assert_eq!(text.parse(), Ok(Span { ns }), "{text}");
        }
        for text in ["", "5", "s", "1.5ns", "-1s", "1h", "99999999999m", "1.2.3s"] {
            let error = text.parse::<Span>().expect_err(text);
            assert!(error.contains("such as 20s"), "{error}");
        }
    }

    #[test]
    fn an_offset_has_a_sign() {
        let range: OffsetRange = "-10s..0.5s".parse().expect("a range");
        assert_eq!(range.to_string(), "-10s..500ms");
        assert!("--1s".parse::<Offset>().is_err());
    }
}
