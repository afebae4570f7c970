//! What is drawn between two ends.
//!
//! **Invariant.** An interval that was read runs forwards, and its text is read back as the same interval.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value that is drawn, both ends included: `0.5s..5s`; or one that is not drawn: `8s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Interval<T> {
    /// The least.
    pub min: T,
    /// The most.
    pub max: T,
}

impl<T: Copy + PartialEq> Interval<T> {
    /// This value alone.
    pub fn exactly(value: T) -> Interval<T> {
        Interval {
            min: value,
            max: value,
        }
    }

    /// Whether nothing is left to chance.
    pub fn is_exact(&self) -> bool {
        self.min == self.max
    }
}

impl<T: FromStr<Err = String> + PartialOrd + fmt::Display> FromStr for Interval<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Interval<T>, String> {
        let (min, max) = text.split_once("..").unwrap_or((text, text));
        let (min, max): (T, T) = (min.parse()?, max.parse()?);
        if min > max {
            return Err(format!(
                "`{text}`: the range runs backwards, write {max}..{min}"
            ));
        }
        Ok(Interval { min, max })
    }
}

impl<T: fmt::Display + PartialEq> fmt::Display for Interval<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.min == self.max {
            true => self.min.fmt(f),
            false => write!(f, "{}..{}", self.min, self.max),
        }
    }
}

impl<T: fmt::Display + PartialEq> Serialize for Interval<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T> Deserialize<'de> for Interval<T>
where
    T: FromStr<Err = String> + PartialOrd + fmt::Display,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Interval<T>, D::Error> {
        deserializer.deserialize_any(Text(PhantomData))
    }
}

/// Reads an interval from text, or from a number that stands without quotes.
struct Text<T>(PhantomData<T>);

impl<T> Visitor<'_> for Text<T>
where
    T: FromStr<Err = String> + PartialOrd + fmt::Display,
{
    type Value = Interval<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value in quotes, or two with .. between")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Interval<T>, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Interval<T>, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Interval<T>, E> {
        self.visit_str(&number.to_string())
    }
}

/// How many, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count(pub u32);

impl FromStr for Count {
    type Err = String;

    fn from_str(text: &str) -> Result<Count, String> {
        let number = text.trim().parse().ok().filter(|&number| number > 0);
        let number = number.ok_or_else(|| {
            format!("`{text}`: expected a number from 1, such as 5, or a range, such as \"3..10\"")
        })?;
        Ok(Count(number))
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::SpanRange;

    #[test]
    fn a_range_runs_forwards() {
        let range: SpanRange = "0.5s..5s".parse().expect("a range");
        assert_eq!(range.to_string(), "500ms..5s");
        let error = "5s..1s".parse::<SpanRange>().expect_err("backwards");
        assert!(error.contains("write 1s..5s"), "{error}");
    }

    #[test]
    fn a_count_stands_with_and_without_quotes() {
        let read = |text: &str| serde_json::from_str::<Interval<Count>>(text);
        assert_eq!(read("5").ok(), Some(Interval::exactly(Count(5))));
        let range = read("\"3..10\"").expect("a range");
        assert_eq!((range.min, range.max), (Count(3), Count(10)));
        for text in ["0", "-1", "\"0..4\"", "\"x\"", "99999999999"] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.contains("such as \"3..10\""), "{error}");
        }
        assert!(read("[1]").is_err());
    }
}
