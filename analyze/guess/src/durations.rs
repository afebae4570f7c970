//! Times since a start that are written with their units, which change with their size: `166.7ms`, `1.68s`.
//!
//! **Invariant.** What [`at_start`] finds, [`describe`] describes.

use std::sync::LazyLock;

use regex::Regex;

use formats::spec::{Time, TimeFormat};

/// How a time is written, with what its pattern leaves open.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Written {
    /// As a format says it.
    pub(super) time: Time,
    /// A regex for all times so written.
    pub(super) regex: String,
    /// Whether it says the date.
    pub(super) has_date: bool,
    /// Whether it says the year.
    pub(super) has_year: bool,
    /// Whether day and month could stand the other way round.
    pub(super) day_or_month: bool,
    /// Whether its parts are `hours:minutes:seconds` alone.
    pub(super) time_of_day: bool,
}

/// `166.7ms` and `1.68s` as Rust writes them, `1m2.5s` as Go does. An epoch has more digits.
const DURATION: &str = r"(?:\d{1,4}h ?)?(?:\d{1,4}m ?)?\d{1,9}(?:\.\d+)? ?(?:ns|us|µs|μs|ms|s)\b";

/// The duration that this text begins with.
pub(super) fn at_start(text: &str) -> Option<&str> {
    static BEGINS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(&format!("^{DURATION}")).ok());
    Some(BEGINS.as_ref()?.find(text)?.as_str())
}

/// How durations are written; `None` when this is none.
pub(super) fn describe(text: &str) -> Option<Written> {
    (at_start(text)? == text).then(|| Written {
        time: Time {
            format: TimeFormat::Elapsed,
            ..Time::default()
        },
        regex: DURATION.to_owned(),
        has_date: false,
        has_year: false,
        day_or_month: false,
        time_of_day: true,
    })
}

/// Whether a word is a unit of time, written out or shortened.
pub(super) fn is_unit(word: &str) -> bool {
    let units = [
        "ns",
        "us",
        "µs",
        "μs",
        "ms",
        "msec",
        "msecs",
        "milliseconds",
        "s",
        "sec",
        "secs",
        "second",
        "seconds",
        "min",
        "mins",
        "minute",
        "minutes",
        "hour",
        "hours",
    ];
    units.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_found_whole_and_nothing_else_is() {
        for text in ["9.5µs", "166.25ms", "3s", "1m2.5s", "2h0m0.25s", "70 ms"] {
            assert_eq!(at_start(&format!("{text}] sent")), Some(text));
            assert!(describe(text).is_some(), "{text}");
        }
        for text in [
            "1700000000123ms",
            "3 sent",
            "12.5",
            "4 messages",
            "5 m",
            "s",
        ] {
            assert_eq!(at_start(text), None, "{text}");
        }
    }
}
