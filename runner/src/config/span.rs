//! Lengths of time and ranges, from text and back.

use event_log::{Latency, RateRule};
use jiff::SignedDuration;

/// Nanoseconds of a length of time such as `60s`, `1m 30s`, `100us`.
pub(crate) fn parse_span(text: &str) -> Result<u64, String> {
    let expected = "expected a length of time with its unit, such as 60s, 2m, 500ms or 100us";
    let span: SignedDuration = text
        .trim()
        .parse()
        .map_err(|_| format!("`{text}`: {expected}"))?;
    if span.as_nanos() > i128::from(i64::MAX) / 2 {
        return Err(format!("`{text}`: {expected}, less than a century"));
    }
    u64::try_from(span.as_nanos()).map_err(|_| format!("`{text}`: {expected}, not negative"))
}

/// The text that [`parse_span`] reads back.
pub(crate) fn span_text(nanoseconds: u64) -> String {
    let units = [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000)];
    for (unit, length) in units {
        if nanoseconds.is_multiple_of(length) {
            return format!("{}{unit}", nanoseconds / length);
        }
    }
    format!("{nanoseconds}ns")
}

/// A constant delay, `100us`, or a range, `50us..5ms`.
pub(crate) fn parse_latency(text: &str) -> Result<Latency, String> {
    let (min, max) = text.split_once("..").unwrap_or((text, text));
    let latency = Latency {
        min_ns: parse_span(min)?,
        max_ns: parse_span(max)?,
    };
    if latency.min_ns > latency.max_ns {
        return Err(format!(
            "`{text}`: the range runs backwards, write {max}..{min}"
        ));
    }
    Ok(latency)
}

/// The text that [`parse_latency`] reads back.
pub(crate) fn latency_text(latency: Latency) -> String {
    let min = span_text(latency.min_ns);
    match latency.min_ns == latency.max_ns {
        true => min,
        false => format!("{min}..{}", span_text(latency.max_ns)),
    }
}

/// Whole rates, `1..6`, both ends included.
pub(super) fn parse_rate_range(text: &str) -> Result<RateRule, String> {
    let expected = format!("`{text}`: expected two whole rates per second, such as 1..6");
    let (low, high) = text.split_once("..").ok_or_else(|| expected.clone())?;
    let high = high.strip_prefix('=').unwrap_or(high);
    match (low.trim().parse::<u32>(), high.trim().parse::<u32>()) {
        (Ok(low), Ok(high)) if (1..=high).contains(&low) && high <= 1_000_000 => {
            Ok(RateRule::Range(low, high))
        }
        (Ok(low), Ok(high)) if low > high => Err(format!(
            "`{text}`: the range runs backwards, write {high}..{low}"
        )),
        _ => Err(format!("{expected}, from 1 to 1000000")),
    }
}
