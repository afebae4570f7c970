//! Times as strftime writes them.
//!
//! The pattern is compiled once. Read leniently, where no digit is at stake: numbers need no leading zeros, names any case,
//! a fraction any number of digits, and `.%f` may be missing, as Python leaves it out when it is zero.

use super::calendar::{Offset, Parts, month_of_name};
use super::cursor::Cursor;

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    items: Vec<Item>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    Literal(u8),
    Blanks,
    Year,
    /// Two digits: 69 to 99 are of the last century, as POSIX says.
    YearOfCentury,
    Month,
    MonthName,
    Day,
    DayOfYear,
    /// A name or a number that other parts make needless.
    WeekdayName,
    Skipped,
    Hour,
    HalfDayHour,
    Meridiem,
    Minute,
    Second,
    Fraction,
    /// A point or a comma and digits, or nothing.
    PointAndFraction,
    Offset,
    Zone,
    Epoch,
}

/// What a pattern leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// Nothing.
    Nothing,
    /// The year.
    Year,
    /// The date.
    Date,
    /// The date, and which half of the day it is.
    DateAndHalf,
}

impl Pattern {
    /// Compiles a pattern; the error says which part is not understood.
    pub(super) fn new(pattern: &str) -> Result<Pattern, String> {
        let mut items = Vec::new();
        compile(pattern.as_bytes(), &mut items)?;
        let known = |item: &Item| !matches!(item, Item::Literal(_) | Item::Blanks);
        if !items.iter().any(known) {
            return Err(format!(
                "pattern of times {pattern:?}: expected one of strftime, such as %Y-%m-%d %H:%M:%S,%f"
            ));
        }
        Ok(Pattern { items })
    }

    /// What it leaves out.
    pub(super) fn missing(&self) -> Missing {
        let has = |item| self.items.contains(&item);
        let date = has(Item::Day) || has(Item::DayOfYear);
        if has(Item::Epoch) || (date && (has(Item::Year) || has(Item::YearOfCentury))) {
            Missing::Nothing
        } else if date {
            Missing::Year
        } else if has(Item::HalfDayHour) && !has(Item::Meridiem) && !has(Item::Hour) {
            Missing::DateAndHalf
        } else {
            Missing::Date
        }
    }

    /// Reads a time; the error says what was expected where.
    pub(super) fn read<'a>(&self, text: &'a [u8]) -> Result<Parts<'a>, (&'a [u8], &'static str)> {
        let mut cursor = Cursor::new(text);
        let mut parts = Parts::default();
        for item in &self.items {
            let at = cursor.rest;
            item.read(&mut cursor, &mut parts)
                .ok_or((at, item.in_words()))?;
        }
        cursor.blanks();
        if cursor.is_empty() {
            Ok(parts)
        } else {
            Err((cursor.rest, "the end"))
        }
    }
}

fn compile(mut pattern: &[u8], items: &mut Vec<Item>) -> Result<(), String> {
    while let Some((&byte, rest)) = pattern.split_first() {
        pattern = rest;
        if byte.is_ascii_whitespace() {
            items.push(Item::Blanks);
        } else if byte == b'%' {
            let (composite, item, rest) = directive(rest)?;
            pattern = rest;
            compile(composite, items)?;
            items.extend(item);
        } else {
            items.push(Item::Literal(byte));
        }
        if let [.., Item::Literal(b'.' | b','), last @ Item::Fraction] = &mut items[..] {
            *last = Item::PointAndFraction;
            items.remove(items.len() - 2);
        }
    }
    Ok(())
}

type Directive<'a> = (&'static [u8], Option<Item>, &'a [u8]);

/// What stands for the directive after a `%`, and what follows it.
fn directive(rest: &[u8]) -> Result<Directive<'_>, String> {
    let mut cursor = Cursor::new(rest);
    // Flags, widths and modifiers change how a time is written, hardly how it is read.
    cursor.run(|byte| b"-_0^#".contains(&byte));
    let point = cursor.one_of(b".").is_some();
    cursor.run(|byte| byte.is_ascii_digit());
    cursor.run(|byte| byte == b':' || byte == b'E' || byte == b'O');
    let Some((&letter, rest)) = cursor.rest.split_first() else {
        return Err("pattern of times: it ends in the middle of a %".to_owned());
    };
    let composite: &[u8] = match letter {
        b'T' | b'X' => b"%H:%M:%S",
        b'F' => b"%Y-%m-%d",
        b'D' | b'x' => b"%m/%d/%y",
        b'R' => b"%H:%M",
        b'r' => b"%I:%M:%S %p",
        b'c' => b"%a %b %d %H:%M:%S %Y",
        b'+' => b"%Y-%m-%dT%H:%M:%S.%f%z",
        _ => b"",
    };
    let item = match letter {
        _ if !composite.is_empty() => None,
        b'f' | b'N' | b'L' if point => Some(Item::PointAndFraction),
        b'f' | b'N' | b'L' => Some(Item::Fraction),
        _ => Some(simple(letter).ok_or_else(|| {
            format!(
                "pattern of times: %{} is not known; known are %Y %y %m %b %B %d %e %j %a %H %I %p %M %S %f %z %Z %s %F %T %D %R %c",
                char::from(letter)
            )
        })?),
    };
    Ok((composite, item, rest))
}

fn simple(letter: u8) -> Option<Item> {
    Some(match letter {
        b'Y' => Item::Year,
        b'y' => Item::YearOfCentury,
        b'm' => Item::Month,
        b'b' | b'B' | b'h' => Item::MonthName,
        b'd' | b'e' => Item::Day,
        b'j' => Item::DayOfYear,
        b'a' | b'A' => Item::WeekdayName,
        b'U' | b'W' | b'V' | b'u' | b'w' => Item::Skipped,
        b'H' | b'k' => Item::Hour,
        b'I' | b'l' => Item::HalfDayHour,
        b'p' | b'P' => Item::Meridiem,
        b'M' => Item::Minute,
        b'S' => Item::Second,
        b'z' => Item::Offset,
        b'Z' | b'Q' => Item::Zone,
        b's' => Item::Epoch,
        b'n' | b't' => Item::Blanks,
        b'%' => Item::Literal(b'%'),
        _ => return None,
    })
}

impl Item {
    #[inline]
    fn read<'a>(self, cursor: &mut Cursor<'a>, parts: &mut Parts<'a>) -> Option<()> {
        match self {
            Item::Literal(byte) => {
                cursor.one_of(&[byte])?;
            }
            Item::Blanks => cursor.blanks(),
            Item::Year => parts.year = i32::try_from(cursor.number(4, 4)?).ok(),
            Item::Month => parts.month = Some(two_digits(cursor)?),
            Item::Day => parts.day = Some(two_digits(cursor)?),
            Item::Hour | Item::HalfDayHour => parts.hour = two_digits(cursor)?,
            Item::Minute => parts.minute = two_digits(cursor)?,
            Item::Second => parts.second = two_digits(cursor)?,
            Item::Fraction => parts.nanos = cursor.fraction()?,
            Item::PointAndFraction => {
                if cursor.one_of(b".,").is_some() {
                    parts.nanos = cursor.fraction()?;
                }
            }
            _ => return self.read_rare(cursor, parts),
        }
        Some(())
    }

    fn read_rare<'a>(self, cursor: &mut Cursor<'a>, parts: &mut Parts<'a>) -> Option<()> {
        cursor.blanks();
        match self {
            Item::YearOfCentury => {
                let year = cursor.number(2, 2)?;
                parts.year = i32::try_from(if year < 69 { 2000 + year } else { 1900 + year }).ok();
            }
            Item::MonthName => parts.month = Some(month_of_name(cursor.word())?),
            Item::DayOfYear => parts.day_of_year = Some(cursor.number(1, 3)?),
            Item::WeekdayName => {
                let name = cursor.word();
                (name.len() >= 2).then_some(())?;
            }
            Item::Skipped => {
                cursor.number(1, 2)?;
            }
            Item::Meridiem => parts.afternoon = Some(meridiem(cursor)?),
            Item::Offset => parts.offset = Offset::Seconds(cursor.offset()?),
            Item::Zone => {
                let name =
                    cursor.run(|byte| byte.is_ascii_alphanumeric() || b"/_+-:".contains(&byte));
                (!name.is_empty()).then_some(())?;
                parts.offset = Offset::Named(name);
            }
            Item::Epoch => {
                let digits = cursor.run(|byte| byte.is_ascii_digit());
                parts.epoch_s = Some(std::str::from_utf8(digits).ok()?.parse().ok()?);
            }
            _ => return None,
        }
        Some(())
    }

    fn in_words(self) -> &'static str {
        match self {
            Item::Literal(b':') => "`:`",
            Item::Literal(b'-') => "`-`",
            Item::Literal(_) | Item::Blanks => "the mark that the pattern has there",
            Item::Year => "a year of four digits",
            Item::YearOfCentury => "a year of two digits",
            Item::Month => "a month",
            Item::MonthName => "the English name of a month",
            Item::Day => "a day",
            Item::DayOfYear => "a day of the year",
            Item::WeekdayName => "a day of the week",
            Item::Skipped => "a number",
            Item::Hour | Item::HalfDayHour => "an hour",
            Item::Meridiem => "AM or PM",
            Item::Minute => "minutes",
            Item::Second => "seconds",
            Item::Fraction | Item::PointAndFraction => "digits of a fraction",
            Item::Offset => "an offset such as +02:00",
            Item::Zone => "a time zone",
            Item::Epoch => "seconds since the epoch",
        }
    }
}

fn two_digits(cursor: &mut Cursor<'_>) -> Option<u32> {
    cursor.number(1, 2).or_else(|| {
        cursor.blanks();
        cursor.number(1, 2)
    })
}

/// `AM`, `p.m.`: whether it is after noon.
fn meridiem(cursor: &mut Cursor<'_>) -> Option<bool> {
    let afternoon = matches!(cursor.one_of(b"AaPp")?, b'P' | b'p');
    let point = cursor.one_of(b".").is_some();
    cursor.one_of(b"Mm")?;
    if point {
        cursor.one_of(b".");
    }
    Some(afternoon)
}
