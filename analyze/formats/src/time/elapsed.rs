//! Time since the start.

use super::calendar::SECOND_NS;
use super::cursor::Cursor;
use super::number::{self, nanoseconds};

/// Reads `1:02:03.5`, `02:03`, `1 day, 0:00:12.5` (Python), `12.5`, `12.5s`, `250 ms`, `1m2.5s` (Go), `PT1M2.5S` (ISO 8601).
pub(super) fn read(text: &[u8]) -> Option<i64> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let magnitude = if text.contains(&b':') {
        clock(text)
    } else if let [b'P' | b'p', rest @ ..] = text {
        let no_mark = |byte: &u8| !matches!(byte, b'T' | b't');
        units(&rest.iter().copied().filter(no_mark).collect::<Vec<u8>>())
    } else {
        nanoseconds(text, number::SECONDS).or_else(|| units(text))
    };
    let magnitude = magnitude.filter(|&magnitude| magnitude >= 0)?;
    Some(if negative { -magnitude } else { magnitude })
}

/// `days, hours:minutes:seconds`, with what comes first left out.
fn clock(text: &[u8]) -> Option<i64> {
    let colon = text.iter().position(|&byte| byte == b':')?;
    let hours = text[..colon]
        .iter()
        .rposition(|byte| !byte.is_ascii_digit())
        .map_or(0, |at| at + 1);
    let (days, fields) = text.split_at(hours);
    let days = match days.trim_ascii() {
        [] => 0,
        [days @ .., b','] => units(days)?,
        days => units(days)?,
    };
    let mut total: i64 = 0;
    let mut count = 0;
    let mut parts = fields.split(|&byte| byte == b':').peekable();
    while let Some(part) = parts.next() {
        let value = if parts.peek().is_some() {
            whole(part)?.checked_mul(SECOND_NS)?
        } else {
            fractional(part)?
        };
        // Only the first part may be 60 or more: 75:12 is 75 minutes.
        if count > 0 && value >= 60 * SECOND_NS {
            return None;
        }
        total = total.checked_mul(60)?.checked_add(value)?;
        count += 1;
    }
    (count <= 3).then_some(())?;
    total.checked_add(days)
}

fn whole(text: &[u8]) -> Option<i64> {
    let mut cursor = Cursor::new(text);
    let value = cursor.number(1, 9)?;
    cursor.is_empty().then_some(i64::from(value))
}

fn fractional(text: &[u8]) -> Option<i64> {
    text.first()?.is_ascii_digit().then_some(())?;
    nanoseconds(text, number::SECONDS)
}

/// Numbers with their units, one after another.
pub(super) fn units(text: &[u8]) -> Option<i64> {
    let mut cursor = Cursor::new(text);
    let mut total: i64 = 0;
    loop {
        cursor.blanks();
        let number = cursor.run(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b',');
        cursor.blanks();
        let unit = cursor.run(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii());
        // The comma of `1 day, 2 hours`.
        cursor.one_of(b",");
        let (factor, exponent) = unit_of(unit)?;
        let value = nanoseconds(number, exponent)?;
        total = total.checked_add(value.checked_mul(factor)?)?;
        if cursor.is_empty() {
            return Some(total);
        }
    }
}

/// What a unit is: a factor times ten to this power of nanoseconds.
fn unit_of(name: &[u8]) -> Option<(i64, i32)> {
    let name = std::str::from_utf8(name).ok()?.to_lowercase();
    Some(match name.as_str() {
        "ns" | "nsec" | "nsecs" | "nanos" | "nanoseconds" => (1, number::NANOS),
        "us" | "usec" | "usecs" | "µs" | "μs" | "micros" | "microseconds" => (1, number::MICROS),
        "ms" | "msec" | "msecs" | "millis" | "milliseconds" => (1, number::MILLIS),
        "s" | "sec" | "secs" | "second" | "seconds" => (1, number::SECONDS),
        "m" | "min" | "mins" | "minute" | "minutes" => (60, number::SECONDS),
        "h" | "hr" | "hrs" | "hour" | "hours" => (3600, number::SECONDS),
        "d" | "day" | "days" => (86_400, number::SECONDS),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_durations_are_read() {
        for (text, milliseconds) in [
            ("12.5", 12_500),
            ("12.5s", 12_500),
            ("12,5 sec", 12_500),
            ("250ms", 250),
            ("1m2.5s", 62_500),
            ("1h0m0.25s", 3_600_250),
            ("PT1M2.5S", 62_500),
            ("P1DT1S", 86_401_000),
            ("1:02:03.5", 3_723_500),
            ("02:03", 123_000),
            ("75:12", 4_512_000),
            ("0:00:00.250000", 250),
            ("1 day, 0:00:12.5", 86_412_500),
            ("2 minutes, 3 seconds", 123_000),
            ("9 secs 4000 usecs", 9_004),
            ("-1:00", -60_000),
        ] {
            assert_eq!(
                read(text.as_bytes()),
                Some(milliseconds * 1_000_000),
                "{text}"
            );
        }
        assert_eq!(read("1.5µs".as_bytes()), Some(1_500));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            ":",
            "1:",
            "1:2:3:4",
            "1:61",
            "s",
            "12x",
            "P",
            "--1",
            "1:-2",
            "12 s 3",
            "1 fortnight, 0:00:01",
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }
}
