//! The date that a path or a header tells, for times that do not.

use super::calendar::{Date, SECOND_NS, month_of_name};
use super::zone::{self, Zone};

/// Finds the date in `2023-03-07`, `run_20230307-203818`, `Tue Mar  7 20:38:18 2023`, or an epoch such as
/// `1678239498.147712`. The error says what was expected.
pub(super) fn read(text: &str, zone: &Zone) -> Result<Date, String> {
    let words: Vec<&str> = text
        .split(|byte: char| !byte.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let found = year_first(&words)
        .or_else(|| by_name(&words))
        .or_else(|| epoch(&words, zone));
    found.ok_or_else(|| {
        format!(
            "expected a date such as 2023-03-07, found {text:?}; say `date` in [time] of the format"
        )
    })
}

fn number(word: &str, digits: usize) -> Option<u32> {
    let all = word.len() == digits && word.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| word.parse().ok())?
}

fn short(word: &str) -> Option<u32> {
    number(word, 2).or_else(|| number(word, 1))
}

fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    // Others are ports, pids and counts.
    let plausible = (1970..2200).contains(&year);
    Date::new(i32::try_from(year).ok().filter(|_| plausible)?, month, day)
}

/// Year, month and day in this order, apart or together.
fn year_first(words: &[&str]) -> Option<Date> {
    let apart = words.windows(3).find_map(|window| {
        // `07T20`, of RFC 3339.
        let day = window[2].split(['T', 't']).next()?;
        date(number(window[0], 4)?, short(window[1])?, short(day)?)
    });
    apart.or_else(|| {
        words.iter().find_map(|word| {
            let (digits, rest) = word.split_at_checked(8)?;
            if !(rest.is_empty() || rest.starts_with(['T', 't']) || rest.len() == 6) {
                return None;
            }
            date(
                number(&digits[..4], 4)?,
                number(&digits[4..6], 2)?,
                number(&digits[6..], 2)?,
            )
        })
    })
}

/// A month by its name, and a day and a year somewhere.
fn by_name(words: &[&str]) -> Option<Date> {
    let at = words
        .iter()
        .position(|word| month_of_name(word.as_bytes()).is_some())?;
    let month = month_of_name(words[at].as_bytes())?;
    let year = words[at..].iter().find_map(|word| {
        let year = number(word, 4)?;
        (1970..2200).contains(&year).then_some(year)
    })?;
    let after = words.get(at + 1).and_then(|word| short(word));
    let before = at.checked_sub(1).and_then(|at| short(words[at]));
    date(year, month, after.or(before)?)
}

/// Seconds since the epoch, or finer units by their digits.
fn epoch(words: &[&str], zone: &Zone) -> Option<Date> {
    words.iter().find_map(|word| {
        let per_second = match word.len() {
            10 => 1,
            13 => 1_000,
            16 => 1_000_000,
            19 => SECOND_NS,
            _ => return None,
        };
        let value: i64 = word.parse().ok()?;
        Some(zone::date_of(zone, value / per_second))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_found_in_names() {
        let zone = Zone::fixed(0);
        for text in [
            "2023-03-07",
            "2023_3_7",
            "Process1_2023-03-07 21:40:37.591435",
            "2023-03-07T20:38:18Z",
            "run_20230307-203818",
            "20230307203818",
            "20230307T203818",
            "Tue Mar  7 20:38:18 2023",
            "7 March 2023",
            "March 7, 2023",
            "1678221498.147712",
            "machine_0_1678221498147",
        ] {
            assert_eq!(
                read(text, &zone),
                Ok(Date {
                    year: 2023,
                    month: 3,
                    day: 7
                }),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in ["", "machine 3", "2023", "07-03-23", "99999999", "é234567"] {
            let refused = read(text, &Zone::fixed(0));
            assert!(
                refused.is_err_and(|error| error.contains("expected a date")),
                "{text}"
            );
        }
    }
}
