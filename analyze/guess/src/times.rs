//! Dates and times of day as people write them: found in a line, and said as a pattern.
//!
//! **Invariant.** What [`REGEX`] finds, [`describe`] can describe.

use std::sync::LazyLock;

use regex::Regex;

use super::durations::{self, Written};
use formats::spec::{Time, TimeFormat};

/// Months by name; weekdays may stand before them.
const MONTH: &str = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*";
const WEEKDAY: &str = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*";
const CLOCK: &str = r"\d{1,2}:\d{2}:\d{2}(?:[.,:]\d{1,9})?(?: ?[AaPp]\.?[Mm]\b\.?)?(?: ?(?:Z\b|UTC\b|GMT\b|[+-]\d{2}:?\d{2}\b))?";

/// An epoch as two numbers with their units, seconds and what is beyond them: `1678221498 secs 148 usecs`.
const TWO_UNITS: &str = r"[12]\d{9} ?(?:seconds|secs|sec|s)\b,? +\d{1,9} ?(?:microseconds|usecs|usec|us|nanoseconds|nsecs|nsec|ns|milliseconds|msecs|msec|ms)\b";

/// A time, with or without a date.
pub(super) static REGEX: LazyLock<String> = LazyLock::new(|| {
    let date = format!(
        r"(?:{WEEKDAY},? +)?(?:\d{{4}}[-/._]\d{{1,2}}[-/._]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{2,4}}|\d{{1,2}}[-/ ]{MONTH}[-/ ,]+\d{{4}}|{MONTH} +\d{{1,2}}(?:,? +\d{{4}})?|\d{{8}})"
    );
    format!(
        r"{date}(?:[T_:]|-| - | at |, *| +){CLOCK}(?: +\d{{4}}\b)?|\d{{8}}[T_-]\d{{6}}(?:[.,]\d+)?Z?|{CLOCK}|\d{{1,3}}:\d{{2}}\.\d+|{TWO_UNITS}"
    )
});

static PARTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = format!(
        r"^(?:(?<weekday>{WEEKDAY})(?<w>,? +))?(?:(?<y1>\d{{4}})(?<a>[-/._])(?<m1>\d{{1,2}})[-/._](?<d1>\d{{1,2}})|(?<f2>\d{{1,2}})(?<b>[-/.])(?<s2>\d{{1,2}})[-/.](?<y2>\d{{2,4}})|(?<d3>\d{{1,2}})(?<c>[-/ ])(?<m3>{MONTH})(?<c2>[-/ ,]+)(?<y3>\d{{4}})|(?<m4>{MONTH})(?<e> +)(?<d4>\d{{1,2}})(?:(?<e2>,? +)(?<y4>\d{{4}}))?|(?<compact>\d{{8}}))?(?<sep>[T_:]|-| - | at |, *| +)?(?:(?<hour>\d{{1,2}}):\d{{2}}:\d{{2}}|(?<hms>\d{{6}}))(?:(?<mark>[.,:])(?<fraction>\d+))?(?<p>(?<pspace> ?)[AaPp]\.?[Mm]\.?)?(?:(?<zspace> ?)(?<zone>Z|UTC|GMT|[+-]\d{{2}}:?\d{{2}}))?(?:(?<yspace> +)(?<y5>\d{{4}}))?$"
    );
    Regex::new(&pattern).ok()
});

/// How these times are written, all in the same way; `None` when they are not times.
pub(super) fn describe(examples: &[&str]) -> Option<Written> {
    let first = *examples.first()?;
    let parts = PARTS.as_ref()?;
    let Some(found) = parts.captures(first) else {
        return elapsed(first)
            .or_else(|| two_units(first))
            .or_else(|| durations::describe(first));
    };
    let has = |name: &str| {
        examples.iter().any(|text| {
            parts
                .captures(text)
                .is_some_and(|found| found.name(name).is_some())
        })
    };
    let text = |name: &str| found.name(name).map_or("", |part| part.as_str());
    let (date, has_year, day_or_month) = date_pattern(&found, examples, parts);
    let hour = if has("p") { "%I" } else { "%H" };
    let clock = if has("hms") {
        "%H%M%S".to_owned()
    } else {
        format!("{hour}:%M:%S")
    };
    let fraction = if has("fraction") {
        let mark = examples
            .iter()
            .find_map(|text| parts.captures(text)?.name("mark").map(|mark| mark.as_str()));
        format!("{}%f", mark.unwrap_or("."))
    } else {
        String::new()
    };
    let period = if has("p") {
        format!("{}%p", text("pspace"))
    } else {
        String::new()
    };
    let zone = match text("zone") {
        "" => String::new(),
        name if name.starts_with(['+', '-']) => format!("{}%z", text("zspace")),
        name => format!("{}{name}", text("zspace")),
    };
    let trailing_year = if has("y5") { " %Y" } else { "" };
    let separator = if text("sep").trim().is_empty() && !text("sep").is_empty() {
        " "
    } else {
        text("sep")
    };
    let pattern = format!("{date}{separator}{clock}{fraction}{period}{zone}{trailing_year}");
    let iso = date == "%Y-%m-%d"
        && ["T", " "].contains(&separator)
        && period.is_empty()
        && text("zspace").is_empty()
        && matches!(fraction.as_str(), "" | ".%f")
        && !matches!(text("zone"), "UTC" | "GMT");
    let has_date = !date.is_empty();
    Some(Written {
        time: Time {
            format: if iso {
                TimeFormat::Rfc3339
            } else {
                TimeFormat::Strftime
            },
            pattern: (!iso).then_some(pattern),
            ..Time::default()
        },
        regex: generalise(examples),
        has_date,
        has_year: has_year || has("y5"),
        day_or_month,
        time_of_day: !has_date,
    })
}

/// `minutes:seconds`, which no clock on a wall shows.
fn elapsed(text: &str) -> Option<Written> {
    static SHORT: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^\d{1,3}:\d{2}\.\d+$").ok());
    SHORT.as_ref()?.is_match(text).then(|| Written {
        time: Time {
            format: TimeFormat::Elapsed,
            ..Time::default()
        },
        regex: r"\d+:\d{2}\.\d+".to_owned(),
        has_date: false,
        has_year: false,
        day_or_month: false,
        time_of_day: true,
    })
}

/// An epoch in two units.
fn two_units(text: &str) -> Option<Written> {
    static EPOCH: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(&format!("^{TWO_UNITS}$")).ok());
    EPOCH.as_ref()?.is_match(text).then(|| Written {
        time: Time {
            format: TimeFormat::EpochS,
            ..Time::default()
        },
        regex: r"\d+ ?[a-z]+,?\s+\d+ ?[a-z]+".to_owned(),
        has_date: true,
        has_year: true,
        day_or_month: false,
        time_of_day: false,
    })
}

/// The date's part of a pattern, whether it has a year, and whether day and month cannot be told apart.
fn date_pattern(
    found: &regex::Captures<'_>,
    examples: &[&str],
    parts: &Regex,
) -> (String, bool, bool) {
    let text = |name: &str| found.name(name).map_or("", |part| part.as_str());
    let weekday = match text("weekday") {
        "" => String::new(),
        name => format!(
            "{}{}",
            if name.len() > 3 { "%A" } else { "%a" },
            spaced(text("w"))
        ),
    };
    let month = |name: &str| if text(name).len() > 3 { "%B" } else { "%b" };
    let (date, has_year, open) = if found.name("y1").is_some() {
        let mark = text("a");
        (format!("%Y{mark}%m{mark}%d"), true, false)
    } else if found.name("f2").is_some() {
        let mark = text("b");
        let year = if text("y2").len() == 4 { "%Y" } else { "%y" };
        let beyond = |name: &str| {
            examples.iter().any(|text| {
                let value = parts
                    .captures(text)
                    .and_then(|found| found.name(name)?.as_str().parse::<u32>().ok());
                value.is_some_and(|value| value > 12)
            })
        };
        let (day_first, month_first) = (beyond("f2") || mark == ".", beyond("s2"));
        let order = if day_first {
            ("%d", "%m")
        } else {
            ("%m", "%d")
        };
        (
            format!("{}{mark}{}{mark}{year}", order.0, order.1),
            true,
            !day_first && !month_first,
        )
    } else if found.name("d3").is_some() {
        (
            format!("%d{}{}{}%Y", text("c"), month("m3"), spaced(text("c2"))),
            true,
            false,
        )
    } else if found.name("m4").is_some() {
        let year = if found.name("y4").is_some() {
            format!("{}%Y", spaced(text("e2")))
        } else {
            String::new()
        };
        (format!("{} %d{year}", month("m4")), !year.is_empty(), false)
    } else if found.name("compact").is_some() {
        ("%Y%m%d".to_owned(), true, false)
    } else {
        (String::new(), false, false)
    };
    (weekday + &date, has_year, open)
}

fn spaced(text: &str) -> String {
    let mut spaced: String = text.split_whitespace().collect();
    if text.contains(' ') {
        spaced.push(' ');
    }
    spaced
}

/// A regex for all of them: digits by number, letters by class.
fn generalise(examples: &[&str]) -> String {
    let mut shapes: Vec<String> = examples.iter().map(|text| shape(text)).collect();
    shapes.sort();
    shapes.dedup();
    match shapes.as_slice() {
        [one] => one.clone(),
        several => format!("(?:{})", several.join("|")),
    }
}

fn shape(text: &str) -> String {
    let mut shape = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let class = |letter: char| match letter {
            '0'..='9' => r"\d",
            letter if letter.is_alphabetic() => "[A-Za-z]",
            ' ' => " ",
            _ => "",
        };
        let own = class(letter);
        if own.is_empty() {
            if letter == '-' {
                shape.push('-');
            } else {
                shape.push_str(&regex::escape(&letter.to_string()));
            }
            continue;
        }
        while letters.next_if(|&next| class(next) == own).is_some() {}
        shape.push_str(own);
        shape.push('+');
    }
    shape.replace(" +", r"\s+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_write_them_are_found_whole_and_described() {
        let finder = Regex::new(&REGEX).expect("a regex");
        for (text, pattern) in [
            ("2023-03-07 20:38:18,148", "%Y-%m-%d %H:%M:%S,%f"),
            ("2023/03/07 12:00:00", "%Y/%m/%d %H:%M:%S"),
            ("2023-03-01:21:40:39,839", "%Y-%m-%d:%H:%M:%S,%f"),
            ("03/17/2023, 08:38:18 PM", "%m/%d/%Y, %I:%M:%S %p"),
            ("Mar 7, 2023 8:38:18 PM", "%b %d, %Y %I:%M:%S %p"),
            ("Tue Mar  7 20:38:18 2023", "%a %b %d %H:%M:%S %Y"),
            ("Mar  7 20:38:18", "%b %d %H:%M:%S"),
            ("07/Mar/2023:20:38:18 +0100", "%d/%b/%Y:%H:%M:%S %z"),
            ("20230307T203818", "%Y%m%dT%H%M%S"),
            ("12:03:04.123", "%H:%M:%S.%f"),
            ("12:03:04", "%H:%M:%S"),
        ] {
            let found = finder.find(text).map(|found| found.as_str());
            assert_eq!(found, Some(text));
            let written = describe(&[text]).expect(text);
            assert_eq!(written.time.pattern.as_deref(), Some(pattern), "{text}");
            let regex = Regex::new(&format!("^{}$", written.regex)).expect("a regex");
            assert!(regex.is_match(text), "{} of {text}", written.regex);
        }
        for text in [
            "2023-03-07T20:38:18Z",
            "2023-03-07 20:38:18.148+01:00",
            "2023-03-07T20:38:18.148",
        ] {
            let written = describe(&[text]).expect(text);
            assert_eq!(written.time.format, TimeFormat::Rfc3339, "{text}");
        }
    }

    #[test]
    fn day_and_month_are_told_apart_by_what_no_month_is() {
        let written = describe(&["03/04/2023 10:00:00", "13/04/2023 10:00:00"]).expect("times");
        assert_eq!(written.time.pattern.as_deref(), Some("%d/%m/%Y %H:%M:%S"));
        assert!(!written.day_or_month);
        assert!(
            describe(&["03/04/2023 10:00:00"])
                .expect("a time")
                .day_or_month
        );
    }
}
