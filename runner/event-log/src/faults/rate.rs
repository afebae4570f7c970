//! How fast a link is.
//!
//! **Invariant.** What is written is read back to the byte; no rate is 0.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The units, the largest first, with their bytes.
const UNITS: [(&str, u64); 4] = [
    ("GiB/s", 1 << 30),
    ("MiB/s", 1 << 20),
    ("KiB/s", 1 << 10),
    ("B/s", 1),
];

/// How many bytes pass in a second. Its text: `64 KiB/s`, `500 B/s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ByteRate {
    /// Bytes a second; not 0.
    pub bytes_per_s: u64,
}

impl ByteRate {
    /// As fast as can be said: nothing takes longer by it.
    pub const UNBOUNDED: ByteRate = ByteRate {
        bytes_per_s: u64::MAX,
    };

    /// How long these bytes take, nanoseconds; the end of all time if they take longer.
    pub fn takes_ns(self, bytes: u64) -> u64 {
        let ns = u128::from(bytes) * 1_000_000_000 / u128::from(self.bytes_per_s.max(1));
        u64::try_from(ns).unwrap_or(u64::MAX)
    }
}

impl Default for ByteRate {
    fn default() -> ByteRate {
        ByteRate::UNBOUNDED
    }
}

impl FromStr for ByteRate {
    type Err = String;

    fn from_str(text: &str) -> Result<ByteRate, String> {
        let text = text.trim();
        let digits = text.find(|letter: char| !letter.is_ascii_digit());
        let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
        let unit = UNITS.iter().find(|(name, _)| *name == unit.trim());
        let number = number.parse::<u64>().ok().filter(|&number| number > 0);
        let rate = number.zip(unit);
        let rate = rate.and_then(|(number, (_, bytes))| number.checked_mul(*bytes));
        let bytes_per_s = rate.ok_or_else(|| {
            format!("`{text}`: expected bytes a second with their unit, such as 64 KiB/s, 2 MiB/s or 500 B/s")
        })?;
        Ok(ByteRate { bytes_per_s })
    }
}

impl fmt::Display for ByteRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut units = UNITS.iter();
        let whole = units.find(|(_, bytes)| self.bytes_per_s.is_multiple_of(*bytes));
        let (unit, bytes) = whole.unwrap_or(&("B/s", 1));
        write!(f, "{} {unit}", self.bytes_per_s / bytes)
    }
}

impl TryFrom<String> for ByteRate {
    type Error = String;

    fn try_from(text: String) -> Result<ByteRate, String> {
        text.parse()
    }
}

impl From<ByteRate> for String {
    fn from(rate: ByteRate) -> String {
        rate.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(bytes in 1u64.., shift in 0u32..40) {
            let rate = ByteRate { bytes_per_s: (bytes >> shift << shift).max(1) };
            prop_assert_eq!(rate.to_string().parse(), Ok(rate));
        }

        #[test]
        fn no_text_panics(text in ".{0,20}") {
            let _ = text.parse::<ByteRate>();
        }
    }

    #[test]
    fn bytes_take_their_time() {
        let rate: ByteRate = "64KiB/s".parse().expect("a rate");
        assert_eq!(rate.to_string(), "64 KiB/s");
        assert_eq!(rate.takes_ns(32 * 1024), 500_000_000);
        assert_eq!(ByteRate::UNBOUNDED.takes_ns(1 << 30), 0);
        for text in ["", "5", "0 B/s", "1 kB/s", "-1 B/s", "99999999999 GiB/s"] {
            let error = text.parse::<ByteRate>().expect_err(text);
            assert!(error.contains("such as 64 KiB/s"), "{error}");
        }
    }
}
