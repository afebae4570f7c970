//! Dates and times of day taken apart.

/// Nanoseconds of a second.
pub(super) const SECOND_NS: i64 = 1_000_000_000;
/// Seconds of a day.
pub(super) const DAY_S: i64 = 86_400;

/// A day of the (proleptic Gregorian) calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i32,
    pub(super) month: u32,
    pub(super) day: u32,
}

/// 1970-01-01.
pub(super) const EPOCH: Date = Date {
    year: 1970,
    month: 1,
    day: 1,
};

impl Date {
    /// The day, if there is such a one.
    pub(super) fn new(year: i32, month: u32, day: u32) -> Option<Date> {
        let fits = (1..=12).contains(&month) && day >= 1 && day <= days_of_month(year, month);
        fits.then_some(Date { year, month, day })
    }

    /// Days since 1970-01-01.
    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    pub(super) fn days(self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month = i64::from((self.month + 9) % 12);
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// The day that is this number of days after 1970-01-01. Source: as [`Date::days`], civil_from_days.
    pub(super) fn of_days(days: i64) -> Date {
        let days = days + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Date {
            year: year as i32,
            month: month as u32,
            day: day as u32,
        }
    }
}

fn days_of_month(year: i32, month: u32) -> u32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Number of the month of this English name: in full, or its first three letters (or `Sept`).
pub(super) fn month_of_name(name: &[u8]) -> Option<u32> {
    let is = |month: &str| {
        name.eq_ignore_ascii_case(month.as_bytes())
            || name.eq_ignore_ascii_case(&month.as_bytes()[..3])
            || (month == "september" && name.eq_ignore_ascii_case(b"sept"))
    };
    let at = MONTHS.iter().position(|month| is(month))?;
    u32::try_from(at + 1).ok()
}

/// Where a time's offset from UTC comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Offset<'a> {
    /// Not written.
    #[default]
    Unsaid,
    /// Seconds east of Greenwich.
    Seconds(i32),
    /// A name.
    Named(&'a [u8]),
}

/// What a time says, as far as it does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) year: Option<i32>,
    pub(super) month: Option<u32>,
    pub(super) day: Option<u32>,
    pub(super) day_of_year: Option<u32>,
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
    pub(super) nanos: u32,
    /// With a 12-hour clock: whether it is after noon, where that is written.
    pub(super) afternoon: Option<bool>,
    /// Seconds since the epoch; then nothing above counts but `nanos`.
    pub(super) epoch_s: Option<i64>,
    pub(super) offset: Offset<'a>,
}

impl Parts<'_> {
    /// The day, with what is not said taken from `base`: `None` if there is no such day.
    pub(super) fn date(&self, base: Date) -> Option<Date> {
        let year = self.year.unwrap_or(base.year);
        if let Some(day) = self.day_of_year {
            let first = Date::new(year, 1, 1)?.days();
            let date = Date::of_days(first + i64::from(day) - 1);
            return (date.year == year && day >= 1).then_some(date);
        }
        // A month without a day is its first; so is a year without a month.
        let month = match (self.month, self.year) {
            (Some(month), _) => month,
            (None, Some(_)) => 1,
            (None, None) => base.month,
        };
        let whole = self.month.is_some() || self.year.is_some();
        let day = self.day.unwrap_or(if whole { 1 } else { base.day });
        Date::new(year, month, day)
    }

    /// Nanoseconds since midnight; `None` if there is no such time of day. A leap second is the first of the next
    /// minute, as in Unix time.
    pub(super) fn time_of_day_ns(&self) -> Option<i64> {
        let hour = match self.afternoon {
            Some(afternoon) if (1..=12).contains(&self.hour) => {
                self.hour % 12 + 12 * u32::from(afternoon)
            }
            // Some programs write 13:05 PM.
            Some(true) | None if self.hour <= 24 => self.hour,
            Some(false) if self.hour == 0 => 0,
            _ => return None,
        };
        let past_midnight = hour == 24 && (self.minute, self.second, self.nanos) != (0, 0, 0);
        if past_midnight || self.minute > 59 || self.second > 60 {
            return None;
        }
        let seconds = i64::from(hour * 3600 + self.minute * 60 + self.second);
        Some(seconds * SECOND_NS + i64::from(self.nanos))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(Date::new(2023, 3, 7).map(Date::days), Some(19_423));
        assert_eq!(Date::new(2023, 2, 29), None);
        assert_eq!(Date::new(2024, 2, 29).map(Date::days), Some(19_782));
        assert_eq!(Date::new(2024, 13, 1), None);
        assert_eq!(Date::new(2024, 1, 0), None);
    }

    #[test]
    fn a_missing_date_is_filled_from_the_base() {
        let base = Date::new(2023, 3, 7).expect("a day");
        let parts = Parts::default();
        assert_eq!(parts.date(base), Some(base));
        let month = Parts {
            month: Some(5),
            ..parts
        };
        assert_eq!(month.date(base), Date::new(2023, 5, 1));
        let year = Parts {
            year: Some(2020),
            ..parts
        };
        assert_eq!(year.date(base), Date::new(2020, 1, 1));
        let leap = Parts {
            year: Some(2024),
            day_of_year: Some(366),
            ..parts
        };
        assert_eq!(leap.date(base), Date::new(2024, 12, 31));
        let none = Parts {
            year: Some(2023),
            day_of_year: Some(366),
            ..parts
        };
        assert_eq!(none.date(base), None);
    }

    proptest! {
        #[test]
        fn days_and_dates_are_inverse(days in -700_000..2_000_000_i64) {
            prop_assert_eq!(Date::of_days(days).days(), days);
        }
    }
}
