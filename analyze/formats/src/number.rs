//! Numbers and clocks as programs write them.
//!
//! **Invariant.** A text is read whole or refused with what was expected; digits are never lost.

use super::names::{Name, Names};

/// A clock as one line writes it; which machine a named component belongs to is known only at the end of the trial.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RawClock {
    /// `12`.
    Whole(i64),
    /// `12.5`, and `12.0`, which is a whole number if all others of its trial are.
    Fraction(f64),
    /// `[1, 0, 3]`.
    Vector(Vec<u64>),
    /// `{"A": 1, "B": 3}`.
    Named(Vec<(Name, u64)>),
}

impl RawClock {
    /// Its value; of a vector the sum of its components, which grows with every event.
    pub(crate) fn size(&self) -> f64 {
        match self {
            RawClock::Whole(value) => *value as f64,
            RawClock::Fraction(value) => *value,
            RawClock::Vector(components) => components.iter().map(|&value| value as f64).sum(),
            RawClock::Named(components) => components.iter().map(|&(_, value)| value as f64).sum(),
        }
    }
}

/// Reads a number that counts something: `3`, `3.0`, `1,204`.
pub(crate) fn count(text: &str) -> Result<u64, String> {
    match scalar(text) {
        Some(RawClock::Whole(value)) if value >= 0 => Ok(value.unsigned_abs()),
        Some(RawClock::Fraction(value)) if is_count(value) => Ok(value as u64),
        _ => Err(format!("expected a whole number, found `{}`", shown(text))),
    }
}

/// Reads ticks per second: a positive number, with or without `Hz` after it.
pub(crate) fn rate(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches(|c: char| c.is_alphabetic() || matches!(c, '/' | ' '));
    let unit = text[number.len()..].trim().to_ascii_lowercase();
    let known = [
        "",
        "hz",
        "/s",
        "/sec",
        "/second",
        "ticks",
        "ticks/s",
        "ticks/sec",
        "ticks/second",
        "tps",
    ];
    let value = number
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|_| known.contains(&unit.as_str()));
    let value = value.filter(|value| value.is_finite() && *value > 0.0);
    value.ok_or_else(|| {
        format!(
            "expected ticks per second, above zero, found `{}`",
            shown(text)
        )
    })
}

/// Reads the ticks per second of several machines: positive numbers with anything but digits between them, `[1, 4, 6]`.
pub(crate) fn rates(text: &str) -> Result<Vec<f64>, String> {
    let parts = text.split(|c: char| !(c.is_ascii_digit() || c == '.'));
    let parts = parts.map(|part| part.trim_matches('.'));
    let read: Result<Vec<f64>, String> = parts.filter(|part| !part.is_empty()).map(rate).collect();
    match read {
        Ok(rates) if !rates.is_empty() => Ok(rates),
        _ => Err(format!(
            "expected the ticks per second of each machine, above zero, found `{}`",
            shown(text)
        )),
    }
}

/// Reads a period; `unit_s` is its unit in seconds. Gives ticks per second.
pub(crate) fn rate_of_period(text: &str, unit_s: f64) -> Result<f64, String> {
    let number = text.trim_end_matches(|c: char| c.is_alphabetic() || c == ' ');
    let value = number.parse::<f64>().ok().map(|period| {
        let rate = 1.0 / (period * unit_s);
        let digits = number
            .rsplit_once('.')
            .map_or(0, |(_, digits)| digits.len());
        // `0.3333 s` is the rounded period of a whole rate.
        let whole = format!("{:.digits$}", 1.0 / (rate.round() * unit_s));
        if rate.is_finite() && digits >= 2 && whole == number {
            rate.round()
        } else {
            rate
        }
    });
    let value = value.filter(|value| value.is_finite() && *value > 0.0);
    value.ok_or_else(|| {
        format!(
            "expected a time between ticks, above zero, found `{}`",
            shown(text)
        )
    })
}

/// Reads a clock. A vector is anything with several numbers, in whatever brackets.
pub(crate) fn clock(text: &str, vectors: bool, names: &mut Names) -> Result<RawClock, String> {
    let bracketed = text.starts_with(['[', '(', '{', '<']);
    let several = bracketed || (vectors && text.contains([',', ' ', '\t', ';', '|', '/']));
    if !several && let Some(clock) = scalar(text) {
        return Ok(clock);
    }
    let vector = vector(text, names);
    vector.ok_or_else(|| {
        format!(
            "expected a clock: a number or several, found `{}`",
            shown(text)
        )
    })
}

/// A single number: digits, perhaps with a fraction, an exponent or separators of thousands.
fn scalar(text: &str) -> Option<RawClock> {
    let bytes = text.as_bytes();
    if let Ok(value) = text.parse::<i64>() {
        return Some(RawClock::Whole(value));
    }
    if !bytes
        .first()
        .is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.'))
    {
        return None;
    }
    // Digits beyond an i64 would be lost in a float.
    let digits_only = bytes.iter().skip(1).all(u8::is_ascii_digit);
    if let Some(value) = text
        .parse::<f64>()
        .ok()
        .filter(|value| value.is_finite() && !digits_only)
    {
        return Some(RawClock::Fraction(value));
    }
    thousands(text).map(RawClock::Whole)
}

/// `1,204`, `1 204`, `1_204`, `1'204`: groups of three digits after the first, with one kind of separator.
fn thousands(text: &str) -> Option<i64> {
    let separator = text
        .chars()
        .find(|c| matches!(c, ',' | '_' | '\'' | ' ' | '\u{a0}' | '\u{202f}'))?;
    let mut groups = text.split(separator);
    let first = groups.next()?;
    let head = first.trim_start_matches(['-', '+']);
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let well_formed = (1..=3).contains(&head.len())
        && first.len() - head.len() <= 1
        && digits(head)
        && groups.all(|group| group.len() == 3 && digits(group));
    let joined: String = text.chars().filter(|c| *c != separator).collect();
    well_formed.then(|| joined.parse().ok())?
}

/// Components in any brackets: numbers in order, or named ones.
fn vector(text: &str, names: &mut Names) -> Option<RawClock> {
    let inside = text.trim_matches(|c: char| {
        matches!(c, '[' | ']' | '(' | ')' | '{' | '}' | '<' | '>') || c.is_whitespace()
    });
    if !inside.contains([':', '=']) {
        return numbers(inside).map(RawClock::Vector);
    }
    let parts: Vec<&str> = inside.split([',', ';', '|']).collect();
    let by_blanks = || {
        inside
            .split_whitespace()
            .map(|part| part.trim_matches([',', ';', '|']))
            .collect()
    };
    let mut pairs = |parts: Vec<&str>| -> Option<Vec<(Name, u64)>> {
        let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
        parts
            .map(|part| {
                let (name, value) = part.rsplit_once([':', '='])?;
                let name = unquoted(name.trim_end_matches(['=', ':', '>']));
                // Two pairs with a blank between them are not one.
                if name.contains([':', '=']) && name.contains(char::is_whitespace) {
                    return None;
                }
                let value = component(unquoted(value.trim_start_matches('>')))?;
                Some((names.id(name), value))
            })
            .collect()
    };
    pairs(parts)
        .or_else(|| pairs(by_blanks()))
        .filter(|pairs| !pairs.is_empty())
        .map(RawClock::Named)
}

/// Numbers with anything but letters between them.
fn numbers(text: &str) -> Option<Vec<u64>> {
    let parts = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '+' | '_')));
    let parts = parts.filter(|part| !part.is_empty());
    let components: Option<Vec<u64>> = parts.map(component).collect();
    components.filter(|components| !components.is_empty())
}

fn component(text: &str) -> Option<u64> {
    if let Ok(value) = text.parse() {
        return Some(value);
    }
    let value: f64 = text.parse().ok()?;
    is_count(value).then_some(value as u64)
}

/// Whether a float is a whole number from 0 that it holds exactly.
fn is_count(value: f64) -> bool {
    (0.0..=9_007_199_254_740_992.0).contains(&value) && value.fract() == 0.0
}

/// A name without the quotes and blanks around it.
fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\'']).trim()
}

/// A text short enough for a message.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<RawClock, String> {
        clock(text, false, &mut Names::default())
    }

    #[test]
    fn scalars_in_every_spelling() {
        for (text, expected) in [
            ("17", RawClock::Whole(17)),
            ("-3", RawClock::Whole(-3)),
            ("+4", RawClock::Whole(4)),
            ("12.5", RawClock::Fraction(12.5)),
            ("1e3", RawClock::Fraction(1000.0)),
            ("1,204", RawClock::Whole(1204)),
            ("1_204_007", RawClock::Whole(1_204_007)),
            ("1'204", RawClock::Whole(1204)),
            ("1\u{202f}204", RawClock::Whole(1204)),
        ] {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
        for text in ["", "x", "12x", "99999999999999999999", "inf", "1..2"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn vectors_in_every_bracket() {
        let expected = RawClock::Vector(vec![1, 0, 3]);
        for text in [
            "[1, 0, 3]",
            "(1 0 3)",
            "<1|0|3>",
            "1;0;3",
            "[1.0, 0.0, 3.0]",
            "{1,0,3}",
            "array([1, 0, 3])",
        ] {
            let read = read(text);
            assert_eq!(read.is_ok(), !text.starts_with("array"), "{text}");
            if let Ok(read) = read {
                assert_eq!(read, expected, "{text}");
            }
        }
        assert!(read("[1, -2]").is_err());
        assert_eq!(read("[4]"), Ok(RawClock::Vector(vec![4])));
        let mut names = Names::default();
        assert_eq!(
            clock("1,204", true, &mut names),
            Ok(RawClock::Vector(vec![1, 204]))
        );
        assert_eq!(clock("7", true, &mut names), Ok(RawClock::Whole(7)));
    }

    #[test]
    fn named_components_in_every_spelling() {
        for text in [
            r#"{"B": 2, "A": 1}"#,
            "{'B':2,'A':1}",
            "B=2 A=1",
            "<B:2; A:1>",
            "{B => 2, A => 1}",
        ] {
            let mut names = Names::default();
            let expected = RawClock::Named(vec![(names.id("B"), 2), (names.id("A"), 1)]);
            assert_eq!(clock(text, false, &mut names), Ok(expected), "{text}");
        }
    }

    #[test]
    fn rates_and_periods_are_above_zero() {
        assert_eq!(rate("6"), Ok(6.0));
        assert_eq!(rate("2.5 Hz"), Ok(2.5));
        assert_eq!(rate_of_period("0.25", 1.0), Ok(4.0));
        assert_eq!(rate_of_period("250", 0.001), Ok(4.0));
        assert_eq!(rate_of_period("0.1667", 1.0), Ok(6.0));
        assert_eq!(rate_of_period("0.4", 1.0), Ok(2.5));
        for text in ["0", "-1", "fast", "6 apples", "inf"] {
            assert!(rate(text).is_err(), "{text}");
        }
        assert!(rate_of_period("0", 1.0).is_err());
    }

    #[test]
    fn counts_are_whole() {
        assert_eq!(count("3.0"), Ok(3));
        assert_eq!(count("2,048"), Ok(2048));
        assert!(count("2.5").is_err());
        assert!(count("-1").is_err());
    }
}
