//! Times as a format says that they are written, to nanoseconds.
//!
//! `number` epochs · `iso` RFC 3339 and ISO 8601 · `pattern` strftime · `elapsed` durations · `zone` time zones · `date` the
//! date of times that do not tell theirs · `calendar` and `cursor` for all of them.
//!
//! **Invariant.** No digit is lost: nothing goes through a floating-point number. Nothing is corrected: what a text says
//! is what it is read as; the only things added are those that it leaves out, a date, a year, a zone.

mod calendar;
mod cursor;
mod date;
mod elapsed;
mod iso;
mod number;
mod pattern;
mod zone;

use calendar::{DAY_S, Date, EPOCH, Offset, Parts, SECOND_NS};
use pattern::{Missing, Pattern};
use zone::Zone;

use super::spec::{Time, TimeFormat};

/// A minute, the coarsest granularity that is reported.
const MINUTE_NS: i64 = 60 * SECOND_NS;
/// Longest part of a text that an error quotes, in characters.
const QUOTED_MAX: usize = 60;

/// Reads the times of one file, in file order.
#[derive(Debug, Clone)]
pub struct TimeReader {
    how: How,
    /// In words, for errors.
    expected: String,
    zone: Zone,
    /// Zones that times named.
    zones: Vec<(Vec<u8>, Zone)>,
    base: Date,
    roll: Roll,
    resolution: Resolution,
}

/// How a time is written.
#[derive(Debug, Clone)]
enum How {
    Never,
    Number(i32),
    Elapsed,
    Iso,
    Pattern(Pattern),
}

/// What comes round again where the date is not given, and how often it did.
#[derive(Debug, Clone, Copy, Default)]
struct Roll {
    period: Period,
    rounds: i64,
    /// The time before, on the local clock, in ns.
    last_ns: Option<i64>,
}

/// How often a clock went round.
#[derive(Debug, Clone, Copy, Default)]
struct Rounds {
    half_days: i64,
    years: i64,
}

#[derive(Debug, Clone, Copy, Default)]
enum Period {
    #[default]
    None,
    HalfDay,
    Day,
    Year,
}

/// The granularity of some times.
#[derive(Debug, Clone, Copy)]
struct Resolution {
    /// Every time so far is a multiple of it.
    unit_ns: i64,
    any: bool,
}

impl TimeReader {
    /// A reader of the times of one file. `date` is the date that the file's path or header tells, in any usual form; it
    /// goes before the date of the format.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the pattern, the zone or a date.
    pub fn new(spec: &Time, date: Option<&str>) -> Result<TimeReader, String> {
        let zone = match &spec.zone {
            None => Zone::fixed(0),
            Some(name) => Zone::named(name.as_bytes()).ok_or_else(|| {
                format!("time zone {name:?}: expected UTC, an offset such as +02:00 or a name such as America/New_York")
            })?,
        };
        let how = match spec.format {
            TimeFormat::None => How::Never,
            TimeFormat::EpochS => How::Number(number::SECONDS),
            TimeFormat::EpochMs => How::Number(number::MILLIS),
            TimeFormat::EpochUs => How::Number(number::MICROS),
            TimeFormat::EpochNs => How::Number(number::NANOS),
            TimeFormat::Elapsed => How::Elapsed,
            TimeFormat::Rfc3339 => How::Iso,
            TimeFormat::Strftime => How::Pattern(Pattern::new(spec.pattern.as_deref().ok_or(
                "[time] has the format strftime, but no `pattern` such as %Y-%m-%d %H:%M:%S,%f",
            )?)?),
        };
        let mut reader = TimeReader {
            expected: in_words(spec),
            roll: Roll::of(&how),
            how,
            zone,
            zones: Vec::new(),
            base: EPOCH,
            resolution: Resolution {
                unit_ns: MINUTE_NS,
                any: false,
            },
        };
        if let Some(year) = spec.year {
            reader.base.year = year.into();
        }
        if let Some(date) = date.or(spec.date.as_deref()) {
            reader.set_date(date)?;
        }
        Ok(reader)
    }

    /// Takes the date of times that do not tell theirs from a header line. Call it before the times that it is for.
    ///
    /// # Errors
    ///
    /// Says what was expected and found, if it is no date; nothing is changed then.
    pub fn set_date(&mut self, text: &str) -> Result<(), String> {
        self.base = date::read(text, &self.zone)?;
        self.roll.rounds = 0;
        self.roll.last_ns = None;
        Ok(())
    }

    /// Reads the next time of the file, in nanoseconds since the epoch, or since whatever elapsed times count from.
    ///
    /// Times without date that fall by more than half a day are of the next day; so it is with years, and with half
    /// days where a 12-hour clock has no AM and PM.
    ///
    /// # Errors
    ///
    /// Says what was expected and found.
    pub fn read(&mut self, text: &str) -> Result<i64, String> {
        let bytes = text.as_bytes().trim_ascii();
        let time = match &self.how {
            How::Never => None,
            // Seconds and what is beyond them may be two numbers: `1678221498 s 148000 us`.
            How::Number(number::SECONDS) => {
                number::nanoseconds(bytes, number::SECONDS).or_else(|| elapsed::units(bytes))
            }
            How::Number(unit) => number::nanoseconds(bytes, *unit),
            How::Elapsed => elapsed::read(bytes),
            How::Iso => match iso::read(bytes) {
                Some(parts) => self.instant(&parts, text)?,
                None => None,
            },
            How::Pattern(pattern) => match pattern.read(bytes) {
                Ok(parts) => self.instant(&parts, text)?,
                Err((at, expected)) => {
                    let at = String::from_utf8_lossy(at);
                    let found = if at.is_empty() {
                        "the end".to_owned()
                    } else {
                        quote(&at)
                    };
                    return Err(format!(
                        "{}: expected {expected}, found {found}",
                        self.unlike(text)
                    ));
                }
            },
        };
        let time = time.ok_or_else(|| self.unlike(text))?;
        self.resolution.add(time);
        Ok(time)
    }

    /// The granularity of the times read so far, measured from their digits: the largest of a minute, a second and
    /// tenths of it down to a nanosecond, of which all are multiples. `None` before the first.
    pub fn resolution_ns(&self) -> Option<i64> {
        self.resolution.any.then_some(self.resolution.unit_ns)
    }

    /// What a reader of the times should know: local times that name no instant or two.
    pub fn notes(&self) -> Vec<String> {
        let zones = std::iter::once(&self.zone).chain(self.zones.iter().map(|(_, zone)| zone));
        let notes = zones.flat_map(|zone| {
            let odd = |odd: &zone::Odd, what: &str| {
                (odd.count > 0).then(|| {
                    let first = local_in_words(odd.first_s);
                    format!("{} times are in an hour that {what} (the first: {first}); the earlier instant was taken", odd.count)
                })
            };
            [
                odd(&zone.twice, "the local clock went through twice"),
                odd(&zone.never, "the local clock leapt over"),
            ]
        });
        notes.flatten().collect()
    }

    /// The instant that the parts of a time name; `Ok(None)` if they name none.
    fn instant(&mut self, parts: &Parts<'_>, text: &str) -> Result<Option<i64>, String> {
        if let Some(seconds) = parts.epoch_s {
            let whole = seconds.checked_mul(SECOND_NS);
            return Ok(whole.and_then(|whole| whole.checked_add(parts.nanos.into())));
        }
        let base = self.base;
        let local_ns = self.roll.onwards(|rounds| {
            let year = base.year.checked_add(i32::try_from(rounds.years).ok()?)?;
            let midnight_s =
                parts.date(Date { year, ..base })?.days() * DAY_S + rounds.half_days * (DAY_S / 2);
            midnight_s
                .checked_mul(SECOND_NS)?
                .checked_add(parts.time_of_day_ns()?)
        });
        let Some(local_ns) = local_ns else {
            return Ok(None);
        };
        let local_s = local_ns.div_euclid(SECOND_NS);
        let offset_s = match parts.offset {
            Offset::Unsaid => self.zone.offset_s(local_s),
            Offset::Seconds(seconds) => seconds,
            Offset::Named(name) => match self.zone_of(name) {
                Ok(zone) => zone.offset_s(local_s),
                Err(why) => return Err(format!("{}: {why}", self.unlike(text))),
            },
        };
        Ok(local_ns.checked_sub(i64::from(offset_s) * SECOND_NS))
    }

    /// The zone that a time names.
    fn zone_of(&mut self, name: &[u8]) -> Result<&mut Zone, String> {
        if let Some(at) = self.zones.iter().position(|(known, _)| known == name) {
            return Ok(&mut self.zones[at].1);
        }
        let zone = Zone::named(name).ok_or_else(|| {
            let name = String::from_utf8_lossy(name);
            format!("the time zone {} is not known", quote(&name))
        })?;
        self.zones.push((name.to_owned(), zone));
        let at = self.zones.len() - 1;
        Ok(&mut self.zones[at].1)
    }

    fn unlike(&self, text: &str) -> String {
        format!("time: expected {}, found {}", self.expected, quote(text))
    }
}

impl Roll {
    fn of(how: &How) -> Roll {
        let period = match how {
            How::Pattern(pattern) => match pattern.missing() {
                Missing::Nothing => Period::None,
                Missing::Year => Period::Year,
                Missing::Date => Period::Day,
                Missing::DateAndHalf => Period::HalfDay,
            },
            _ => Period::None,
        };
        Roll {
            period,
            ..Roll::default()
        }
    }

    /// A local time in the round that it is nearest in to the one before, but none before the first round: a line that
    /// is written late after midnight, with a time before it, is of the day before. `local_ns` says what the time is
    /// after that number of rounds.
    fn onwards(&mut self, local_ns: impl Fn(Rounds) -> Option<i64>) -> Option<i64> {
        let (unit, days_2) = match self.period {
            Period::None => return local_ns(Rounds::default()),
            Period::HalfDay => (
                Rounds {
                    half_days: 1,
                    years: 0,
                },
                1,
            ),
            Period::Day => (
                Rounds {
                    half_days: 2,
                    years: 0,
                },
                2,
            ),
            Period::Year => (
                Rounds {
                    half_days: 0,
                    years: 1,
                },
                2 * 365,
            ),
        };
        let after = |rounds: i64| {
            local_ns(Rounds {
                half_days: unit.half_days.checked_mul(rounds)?,
                years: unit.years.checked_mul(rounds)?,
            })
        };
        let half_ns = days_2 * (DAY_S / 4) * SECOND_NS;
        let mut time = after(self.rounds)?;
        if let Some(last) = self.last_ns {
            if last.checked_sub(time)? > half_ns {
                time = after(self.rounds + 1)?;
                self.rounds += 1;
            } else if self.rounds > 0 && time.checked_sub(last)? > half_ns {
                // The next line is most likely of this round again: the last time stays.
                return after(self.rounds - 1);
            }
        }
        self.last_ns = Some(time);
        Some(time)
    }
}

impl Resolution {
    #[inline]
    fn add(&mut self, time_ns: i64) {
        self.any = true;
        while time_ns % self.unit_ns != 0 {
            self.unit_ns = match self.unit_ns {
                MINUTE_NS => SECOND_NS,
                unit => unit / 10,
            };
        }
    }
}

fn in_words(spec: &Time) -> String {
    let words = match spec.format {
        TimeFormat::None => "none, as the format has no times",
        TimeFormat::EpochS => "seconds since the epoch",
        TimeFormat::EpochMs => "milliseconds since the epoch",
        TimeFormat::EpochUs => "microseconds since the epoch",
        TimeFormat::EpochNs => "nanoseconds since the epoch",
        TimeFormat::Rfc3339 => "a time such as 2023-03-07T20:38:18.148Z",
        TimeFormat::Elapsed => "a duration such as 1:02:03.5 or 12.5s",
        TimeFormat::Strftime => {
            return format!(
                "a time like {}",
                spec.pattern.as_deref().unwrap_or_default()
            );
        }
    };
    words.to_owned()
}

fn local_in_words(local_s: i64) -> String {
    let date = Date::of_days(local_s.div_euclid(DAY_S));
    let second = local_s.rem_euclid(DAY_S);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        date.year,
        date.month,
        date.day,
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

fn quote(text: &str) -> String {
    let mut shown: String = text.chars().take(QUOTED_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("`{}`", shown.escape_debug())
}

#[cfg(test)]
mod tests;
