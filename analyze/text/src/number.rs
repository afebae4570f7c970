//! How numbers are written.
//!
//! **Invariant.** An unknown value is a dash, never 0.

use statistics::Estimate;

/// What stands for a value that is not known.
pub const UNKNOWN: &str = "–";

/// Numbers this close to a whole one, relative to their size, are written as it: they differ by rounding alone.
const ROUNDING: f64 = 1e-6;

/// A number with about three significant digits; whole numbers whole.
pub fn number(value: Option<f64>) -> String {
    let Some(value) = value else {
        return UNKNOWN.to_owned();
    };
    let rounding = ROUNDING * value.abs().max(1.0);
    let whole = (value - value.round()).abs() < rounding;
    fixed(value, if whole { 0 } else { decimals_for(value) })
}

/// A nominal rate as it was stated.
pub fn rate(hertz: Option<f64>) -> String {
    hertz.map_or(UNKNOWN.to_owned(), |hertz| hertz.to_string())
}

/// A number with about three significant digits and its sign; zero, also by rounding, without one.
pub fn signed(value: f64) -> String {
    let text = number(Some(value));
    if text.chars().all(|c| c == '0' || c == '.') {
        "0".to_owned()
    } else if value > 0.0 {
        format!("+{text}")
    } else {
        text
    }
}

/// A mean with half the width of its interval: `4.21 ± 0.35`, both to the digit that the interval leaves certain; the
/// mean alone where there is no interval.
pub fn estimate(estimate: &Estimate) -> String {
    match (estimate.mean, estimate.half_width()) {
        (Some(mean), Some(half)) if half > ROUNDING * mean.abs().max(1.0) => {
            let decimals = decimals_for(half * 10.0).min(decimals_for(mean).max(2));
            format!("{} ± {}", fixed(mean, decimals), fixed(half, decimals))
        }
        (Some(mean), Some(_)) => format!("{} ± 0", number(Some(mean))),
        (mean, _) => number(mean),
    }
}

/// An estimate with the ends of its interval, `37.4 (33.7 to 41.1)`, all to the digit that the interval leaves certain; an
/// end that is not known is a dash, and without both the estimate stands alone.
pub fn number_with_interval(value: Option<f64>, low: Option<f64>, high: Option<f64>) -> String {
    let (Some(known), true) = (value, low.is_some() || high.is_some()) else {
        return number(value);
    };
    let widest = [low, high]
        .into_iter()
        .flatten()
        .map(|end| (end - known).abs());
    let half = widest.fold(0.0, f64::max);
    let decimals = decimals_for(half * 10.0).min(decimals_for(known).max(2));
    let end = |end: Option<f64>| end.map_or(UNKNOWN.to_owned(), |end| fixed(end, decimals));
    format!("{} ({} to {})", fixed(known, decimals), end(low), end(high))
}

/// A number with this many decimals and its thousands apart, with a true minus sign: `−1,203.5`.
pub fn grouped(value: f64, decimals: usize) -> String {
    let digits = format!("{:.*}", decimals, value.abs());
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, format!(".{fraction}")),
        None => (digits.as_str(), String::new()),
    };
    let zero = digits.chars().all(|c| c == '0' || c == '.');
    let sign = if value < 0.0 && !zero { "−" } else { "" };
    format!("{sign}{}{fraction}", thousands_apart(whole))
}

/// A count with its thousands apart: `1,203`.
pub fn count(count: u64) -> String {
    thousands_apart(&count.to_string())
}

fn thousands_apart(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Decimals that leave three significant digits, at most four.
fn decimals_for(value: f64) -> usize {
    match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        size if size >= 0.1 => 3,
        _ => 4,
    }
}

/// With this number of decimals, and never minus zero.
fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.chars().all(|c| c == '0' || c == '.') => digits.to_owned(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(
            [999, 1_000, 1_234_567].map(count),
            ["999", "1,000", "1,234,567"]
        );
        assert_eq!(grouped(-1_203.456, 1), "−1,203.5");
        assert_eq!(grouped(-0.001, 2), "0.00");
    }

    #[test]
    fn three_digits_are_enough() {
        let written = [
            0.0, 7.0, 360.0, 123.456, 12.345, 1.2345, 0.12345, 0.001_23, -1e-9,
        ]
        .map(|value| number(Some(value)));
        assert_eq!(
            written,
            [
                "0", "7", "360", "123", "12.3", "1.23", "0.123", "0.0012", "0"
            ]
        );
        assert_eq!(number(None), "–");
        assert_eq!(
            [2.5, -2.5, 0.0, 1e-9].map(signed),
            ["+2.50", "-2.50", "0", "0"]
        );
    }

    #[test]
    fn an_interval_is_written_by_its_ends() {
        let text = number_with_interval(Some(37.42), Some(33.71), Some(41.13));
        assert_eq!(text, "37.4 (33.7 to 41.1)");
        assert_eq!(
            number_with_interval(Some(0.95), Some(0.831), Some(0.994)),
            "0.95 (0.83 to 0.99)"
        );
        assert_eq!(
            number_with_interval(Some(2.0), None, Some(3.0)),
            "2.0 (– to 3.0)"
        );
        assert_eq!(number_with_interval(Some(2.0), None, None), "2");
        assert_eq!(number_with_interval(None, None, None), "–");
    }

    #[test]
    fn a_mean_is_as_precise_as_its_interval() {
        let with = |mean: f64, half: f64| {
            let mut known = Estimate::new(5, Some(mean), None);
            (known.low, known.high) = (Some(mean - half), Some(mean + half));
            estimate(&known)
        };
        assert_eq!(with(240.123, 31.6), "240 ± 32");
        assert_eq!(with(4.2134, 0.352), "4.21 ± 0.35");
        assert_eq!(with(12.0, 0.0), "12 ± 0");
        assert_eq!(with(3.000_000_000_1, 1e-10), "3 ± 0");
        assert_eq!(estimate(&Estimate::of(&[1.5])), "1.50");
        assert_eq!(estimate(&Estimate::of(&[])), "–");
    }
}
