//! Time zones, the one module that needs jiff for them.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use super::calendar::{DAY_S, Date};
use super::cursor::Cursor;

/// A time zone, and what it was asked last.
#[derive(Debug, Clone)]
pub(super) struct Zone {
    kind: Kind,
    /// A local day (days since the epoch) all of which has one offset, and that offset.
    day: Option<(i64, i32)>,
    /// Local times that there were twice.
    pub(super) twice: Odd,
    /// Local times that there were not.
    pub(super) never: Odd,
}

#[derive(Debug, Clone)]
enum Kind {
    Fixed(i32),
    Named(TimeZone),
}

/// Times that do not name one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Odd {
    /// How many.
    pub(super) count: u64,
    /// The first: local seconds since the epoch.
    pub(super) first_s: i64,
}

impl Odd {
    fn add(&mut self, local_s: i64) {
        if self.count == 0 {
            self.first_s = local_s;
        }
        self.count += 1;
    }
}

/// Abbreviations that mean one offset in logs, in hours: those of RFC 2822 and of Europe.
const ABBREVIATIONS: [(&str, i32); 19] = [
    ("UTC", 0),
    ("GMT", 0),
    ("UT", 0),
    ("Z", 0),
    ("WET", 0),
    ("WEST", 1),
    ("CET", 1),
    ("CEST", 2),
    ("EET", 2),
    ("EEST", 3),
    ("EST", -5),
    ("EDT", -4),
    ("CST", -6),
    ("CDT", -5),
    ("MST", -7),
    ("MDT", -6),
    ("PST", -8),
    ("PDT", -7),
    ("JST", 9),
];

impl Zone {
    pub(super) const fn fixed(offset_s: i32) -> Zone {
        let none = Odd {
            count: 0,
            first_s: 0,
        };
        Zone {
            kind: Kind::Fixed(offset_s),
            day: None,
            twice: Odd { ..none },
            never: none,
        }
    }

    /// The zone of this name: `UTC`, `+02:00`, `EST`, `America/New_York`. `None` if there is no such zone.
    pub(super) fn named(name: &[u8]) -> Option<Zone> {
        let name = name.trim_ascii();
        let abbreviation = ABBREVIATIONS
            .iter()
            .find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes()));
        if let Some((_, hours)) = abbreviation {
            return Some(Zone::fixed(hours * 3600));
        }
        let mut cursor = Cursor::new(name);
        let offset = cursor.offset().filter(|_| cursor.is_empty());
        if let Some(offset_s) = offset {
            return Some(Zone::fixed(offset_s));
        }
        let zone = TimeZone::get(std::str::from_utf8(name).ok()?).ok()?;
        Some(Zone {
            kind: Kind::Named(zone),
            ..Zone::fixed(0)
        })
    }

    /// Seconds east of Greenwich at this local time, given as seconds since 1970-01-01 00:00 on the local clock. Of two
    /// instants that a local time may name, it is the earlier; so it is of a time that the clock leapt over.
    pub(super) fn offset_s(&mut self, local_s: i64) -> i32 {
        let day = local_s.div_euclid(DAY_S);
        match (&self.kind, self.day) {
            (Kind::Fixed(offset), _) => *offset,
            (Kind::Named(_), Some((known, offset))) if known == day => offset,
            (Kind::Named(zone), _) => {
                let ends = (at(zone, day * DAY_S), at(zone, day * DAY_S + DAY_S - 1));
                if let (
                    Some(AmbiguousOffset::Unambiguous { offset: first }),
                    Some(AmbiguousOffset::Unambiguous { offset: last }),
                ) = ends
                    && first == last
                {
                    self.day = Some((day, first.seconds()));
                    return first.seconds();
                }
                match at(zone, local_s) {
                    Some(AmbiguousOffset::Unambiguous { offset }) => offset.seconds(),
                    Some(AmbiguousOffset::Fold { before, .. }) => {
                        self.twice.add(local_s);
                        before.seconds()
                    }
                    Some(AmbiguousOffset::Gap { after, .. }) => {
                        self.never.add(local_s);
                        after.seconds()
                    }
                    None => 0,
                }
            }
        }
    }
}

/// What jiff says of a local time; `None` beyond its years.
fn at(zone: &TimeZone, local_s: i64) -> Option<AmbiguousOffset> {
    let date = Date::of_days(local_s.div_euclid(DAY_S));
    let second = i32::try_from(local_s.rem_euclid(DAY_S)).ok()?;
    let time = DateTime::new(
        i16::try_from(date.year).ok()?,
        i8::try_from(date.month).ok()?,
        i8::try_from(date.day).ok()?,
        i8::try_from(second / 3600).ok()?,
        i8::try_from(second / 60 % 60).ok()?,
        i8::try_from(second % 60).ok()?,
        0,
    );
    let time = time.ok()?;
    Some(zone.to_ambiguous_timestamp(time).offset())
}

/// The date of an instant in a zone that has these rules.
pub(super) fn date_of(zone: &Zone, epoch_s: i64) -> Date {
    let offset_s = match &zone.kind {
        Kind::Fixed(offset) => *offset,
        Kind::Named(zone) => {
            let timestamp = jiff::Timestamp::from_second(epoch_s);
            let offset = timestamp.map_or(Offset::UTC, |timestamp| zone.to_offset(timestamp));
            offset.seconds()
        }
    };
    Date::of_days((epoch_s + i64::from(offset_s)).div_euclid(DAY_S))
}
