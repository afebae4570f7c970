//! RFC 3339 and ISO 8601, and what people write who mean them.

use super::calendar::{Offset, Parts};
use super::cursor::Cursor;

/// Reads `2023-03-07T20:38:18.148+01:00` and its kin: a blank or another mark for the `T`, `/` or `.` in the date, none at
/// all (`20230307T203818`), a comma before the fraction, no seconds, no offset, and what Go (`+0000 UTC m=+0.5`) and
/// Java (`+01:00[Europe/Paris]`) append.
pub(super) fn read(text: &[u8]) -> Option<Parts<'_>> {
    let mut cursor = Cursor::new(text);
    let year = cursor.number(4, 4)?;
    let separator = cursor.one_of(b"-/.");
    let month = cursor.number(2, 2)?;
    if let Some(separator) = separator {
        cursor.one_of(&[separator])?;
    }
    let mut parts = Parts {
        year: i32::try_from(year).ok(),
        month: Some(month),
        day: Some(cursor.number(2, 2)?),
        ..Parts::default()
    };
    if cursor.is_empty() {
        return Some(parts);
    }
    // `2023-03-07, 20:38:18`, too.
    cursor.one_of(b",");
    cursor.one_of(b"Tt _:-")?;
    cursor.blanks();
    time_of_day(&mut cursor, &mut parts)?;
    parts.offset = offset(&mut cursor)?;
    Some(parts)
}

fn time_of_day(cursor: &mut Cursor<'_>, parts: &mut Parts<'_>) -> Option<()> {
    parts.hour = cursor.number(2, 2)?;
    let separator = cursor.one_of(b":-.");
    parts.minute = cursor.number(2, 2)?;
    let seconds = match separator {
        Some(separator) => cursor.one_of(&[separator]).is_some(),
        None => cursor.rest.first().is_some_and(u8::is_ascii_digit),
    };
    if !seconds {
        return Some(());
    }
    parts.second = cursor.number(2, 2)?;
    // `:` before milliseconds is how some loggers write them.
    if cursor.one_of(b".,:").is_some() {
        parts.nanos = cursor.fraction()?;
    }
    Some(())
}

/// What follows the time of day, to the end.
fn offset<'a>(cursor: &mut Cursor<'a>) -> Option<Offset<'a>> {
    cursor.blanks();
    let mut offset = Offset::Unsaid;
    if matches!(cursor.rest.first(), Some(b'Z' | b'z' | b'+' | b'-')) {
        offset = Offset::Seconds(cursor.offset()?);
        cursor.blanks();
    }
    let bracket = cursor.one_of(b"[").is_some();
    let name = cursor.run(|byte| byte.is_ascii_alphabetic() || b"/_-".contains(&byte));
    if bracket {
        cursor.one_of(b"]")?;
    }
    if offset == Offset::Unsaid && !name.is_empty() {
        offset = Offset::Named(name);
    }
    cursor.blanks();
    // Go's monotonic reading.
    if cursor.rest.starts_with(b"m=") {
        cursor.rest = &[];
    }
    cursor.is_empty().then_some(offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_time_are_one_time() {
        let plain = Parts {
            year: Some(2023),
            month: Some(3),
            day: Some(7),
            hour: 20,
            minute: 38,
            second: 18,
            nanos: 148_000_000,
            ..Parts::default()
        };
        for text in [
            "2023-03-07T20:38:18.148",
            "2023-03-07 20:38:18,148000000000",
            "2023/03/07  20:38:18.148",
            "2023-03-07:20:38:18,148",
            "2023-03-07, 20:38:18:148",
            "20230307T203818.148",
            "20230307_203818.148",
            "2023-03-07_20-38-18.148",
        ] {
            assert_eq!(read(text.as_bytes()), Some(plain), "{text}");
        }
        let with = |offset| Some(Parts { offset, ..plain });
        let two = Offset::Seconds(7200);
        for (text, offset) in [
            ("2023-03-07t20:38:18.148z", Offset::Seconds(0)),
            ("2023-03-07T20:38:18.148+02:00", two),
            ("2023-03-07 20:38:18.148 +0200", two),
            ("2023-03-07 20:38:18.148+02", two),
            ("2023-03-07 20:38:18.148 +0200 EET m=+0.002", two),
            ("2023-03-07T20:38:18.148+02:00[Europe/Kyiv]", two),
            ("2023-03-07 20:38:18.148 UTC", Offset::Named(b"UTC")),
            (
                "2023-03-07T20:38:18.148[Europe/Kyiv]",
                Offset::Named(b"Europe/Kyiv"),
            ),
        ] {
            assert_eq!(read(text.as_bytes()), with(offset), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2023",
            "2023-03",
            "2023-03/07 10:00",
            "2023-03-07T",
            "2023-03-07 20",
            "2023-03-07 20:38:18.",
            "2023-03-07 20:38:18 +2",
            "2023-03-07 20:38:18+02:",
            "2023-03-07 20:38:18 and more 1",
            "x2023-03-07",
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }
}
