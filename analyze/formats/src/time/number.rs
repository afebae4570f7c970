//! Decimal numbers to nanoseconds, digit by digit: a floating-point number has no room for the nanoseconds of an epoch.

/// Nanoseconds of a second, a millisecond, a microsecond and a nanosecond, as powers of ten.
pub(super) const SECONDS: i32 = 9;
/// See [`SECONDS`].
pub(super) const MILLIS: i32 = 6;
/// See [`SECONDS`].
pub(super) const MICROS: i32 = 3;
/// See [`SECONDS`].
pub(super) const NANOS: i32 = 0;

/// The most significant digits that are kept: what a `u64` holds, and more than nanoseconds in an `i64` have.
const DIGITS_MAX: u32 = 19;

/// The powers of ten that a `u64` holds.
const POWERS: [u64; 20] = {
    let mut powers = [1; 20];
    let mut at = 1;
    while at < 20 {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// Reads `-12.5e3`, with a point or a comma before the fraction, in units of ten to the power of `unit` nanoseconds.
/// Digits below a nanosecond are cut off. `None` if it is no such number, or more than 292 years.
pub(super) fn nanoseconds(text: &[u8], unit: i32) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let decimal = Decimal::read(digits)?;
    let magnitude = scale(decimal.mantissa, decimal.exponent.checked_add(unit)?)?;
    let value = i64::try_from(magnitude).ok()?;
    Some(if negative { -value } else { value })
}

/// `mantissa · 10^exponent`.
struct Decimal {
    mantissa: u64,
    exponent: i32,
}

impl Decimal {
    fn read(text: &[u8]) -> Option<Decimal> {
        let mut decimal = Decimal {
            mantissa: 0,
            exponent: 0,
        };
        let (mut kept, mut any, mut point) = (0u32, false, false);
        let mut at = 0;
        while let Some(&byte) = text.get(at) {
            match byte {
                b'0'..=b'9' => {
                    any = true;
                    if kept < DIGITS_MAX {
                        decimal.mantissa = decimal.mantissa * 10 + u64::from(byte - b'0');
                        kept += u32::from(decimal.mantissa > 0);
                        decimal.exponent -= i32::from(point);
                    } else {
                        decimal.exponent = decimal.exponent.checked_add(i32::from(!point))?;
                    }
                }
                b'.' | b',' if !point => point = true,
                _ => break,
            }
            at += 1;
        }
        let exponent = match text.get(at) {
            None => 0,
            Some(b'e' | b'E') => std::str::from_utf8(&text[at + 1..])
                .ok()?
                .parse::<i32>()
                .ok()?,
            Some(_) => return None,
        };
        decimal.exponent = decimal.exponent.checked_add(exponent)?;
        any.then_some(decimal)
    }
}

/// `mantissa · 10^exponent`, cut to a whole number; `None` if it is too large.
fn scale(mantissa: u64, exponent: i32) -> Option<u64> {
    if mantissa == 0 {
        return Some(0);
    }
    let power = POWERS.get(exponent.unsigned_abs() as usize);
    match (power, exponent < 0) {
        (Some(power), true) => Some(mantissa / power),
        (Some(power), false) => mantissa.checked_mul(*power),
        (None, true) => Some(0),
        (None, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digits_are_kept() {
        let read = |text: &str, unit| nanoseconds(text.as_bytes(), unit);
        assert_eq!(
            read("1741130946.475907", SECONDS),
            Some(1_741_130_946_475_907_000)
        );
        assert_eq!(
            read("1.741130946475907e9", SECONDS),
            Some(1_741_130_946_475_907_000)
        );
        assert_eq!(
            read("1741130946475907123", NANOS),
            Some(1_741_130_946_475_907_123)
        );
        assert_eq!(
            read("1741130946475,907123", MILLIS),
            Some(1_741_130_946_475_907_123)
        );
        assert_eq!(read("17411309464759071E2", MICROS), None);
        assert_eq!(read("0.0000000019999999999999999999999", SECONDS), Some(1));
        assert_eq!(read("-2.5", SECONDS), Some(-2_500_000_000));
        assert_eq!(
            read("100000000000000000000000e-20", SECONDS),
            Some(1_000_000_000_000)
        );
        assert_eq!(read(".5", SECONDS), Some(500_000_000));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            ".",
            "-",
            "e9",
            "1.2.3",
            "0x10",
            "nan",
            "inf",
            "1e",
            "1e99999999999",
            "12s",
            "9223372036.9",
            "1e2147483647",
            " 1",
        ] {
            assert_eq!(nanoseconds(text.as_bytes(), SECONDS), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whole_and_fraction_are_put_together(seconds in 0..9_000_000_000_i64, nanos in 0..1_000_000_000_i64) {
            let text = format!("{seconds}.{nanos:09}");
            prop_assert_eq!(nanoseconds(text.as_bytes(), SECONDS), Some(seconds * 1_000_000_000 + nanos));
        }
    }
}
