//! Times of day, as a person at this place reads them.
//!
//! **Invariant.** A time of another day says which.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// A time, milliseconds since 1970: hours and minutes, for those of another day with the date.
pub(super) fn time_of_day(time_ms: u64) -> String {
    short(time_ms, &TimeZone::system(), &Zoned::now())
}

fn short(time_ms: u64, zone: &TimeZone, now: &Zoned) -> String {
    let time = i64::try_from(time_ms).map(Timestamp::from_millisecond);
    // A server whose clock is at the end of the world.
    let Ok(Ok(time)) = time else {
        return "??:??".to_owned();
    };
    let time = time.to_zoned(zone.clone());
    let form = match time.date() == now.with_time_zone(zone.clone()).date() {
        true => "%H:%M",
        false => "%Y-%m-%d %H:%M",
    };
    time.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use jiff::tz::Offset;

    use super::*;

    #[test]
    fn times_are_local_and_short() {
        let zone = TimeZone::fixed(Offset::constant(2));
        // Noon of the first of June 2026 in UTC.
        let noon_ms = 1_780_315_200_000;
        let noon = Timestamp::from_millisecond(noon_ms).expect("a time");
        let now = noon.to_zoned(TimeZone::UTC);
        let short = |time_ms| short(time_ms, &zone, &now);
        assert_eq!(short(noon_ms as u64), "14:00");
        let before_ms = noon_ms as u64 - 15 * 3_600_000;
        assert_eq!(short(before_ms), "2026-05-31 23:00");
        assert_eq!(short(u64::MAX), "??:??");
    }
}
