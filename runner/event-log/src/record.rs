//! An event with its system time, and rows of text in both directions.
//!
//! A row is one line of comma-separated fields without quoting: every field is a number or a word. A line that does
//! not parse is a value ([`RowError`]), never a panic, and says which column, what was expected and what was found.

use std::str::FromStr;

use thiserror::Error;

/// A kind of event that has a flat row of its own.
///
/// The clock's events are the first kind; another system on trial brings another.
pub trait Row: Sized {
    /// The header line, without its line end.
    const HEADER: &'static str;

    /// Appends the row, without a line end.
    fn encode(&self, time_ns: u64, line: &mut Vec<u8>);

    /// Reads a row from a line without its line end; returns its system time in nanoseconds and the event.
    ///
    /// # Errors
    ///
    /// [`RowError`] when a field is missing, superfluous or not of its kind.
    fn decode(line: &str) -> Result<(u64, Self), RowError>;
}

/// An event and the system time at which a driver saw it happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<E> {
    /// Nanoseconds since the Unix epoch, UTC.
    pub time_ns: u64,
    /// What happened.
    pub event: E,
}

impl<E: Row> Record<E> {
    /// Appends the row and its line end.
    pub fn encode_line(&self, line: &mut Vec<u8>) {
        self.event.encode(self.time_ns, line);
        line.push(b'\n');
    }

    /// Reads a row from a line; see [`Row::decode`].
    ///
    /// # Errors
    ///
    /// As [`Row::decode`].
    pub fn decode_line(line: &str) -> Result<Record<E>, RowError> {
        let (time_ns, event) = E::decode(line.trim_end_matches(['\n', '\r']))?;
        Ok(Record { time_ns, event })
    }
}

/// Why a line is not a row.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RowError {
    /// The line ends before this column.
    #[error("expected a field for column `{column}`, found the end of the line")]
    Missing {
        /// The first column that is not there.
        column: &'static str,
    },
    /// A field is not what its column holds.
    #[error("column `{column}`: expected {expected}, found `{found}`")]
    Field {
        /// The column.
        column: &'static str,
        /// What it may hold.
        expected: &'static str,
        /// What stood there.
        found: String,
    },
    /// The line goes on after the last column.
    #[error("expected the end of the line after the last column, found `{found}`")]
    Superfluous {
        /// What stood there.
        found: String,
    },
}

/// The fields of a line, taken from the left.
pub(crate) struct Fields<'a> {
    rest: Option<&'a str>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(line: &'a str) -> Fields<'a> {
        Fields { rest: Some(line) }
    }

    pub(crate) fn text(&mut self, column: &'static str) -> Result<&'a str, RowError> {
        let rest = self.rest.take().ok_or(RowError::Missing { column })?;
        match rest.split_once(',') {
            Some((field, rest)) => {
                self.rest = Some(rest);
                Ok(field)
            }
            None => Ok(rest),
        }
    }

    pub(crate) fn number<N: FromStr>(&mut self, column: &'static str) -> Result<N, RowError> {
        let text = self.text(column)?;
        whole_number(text).ok_or_else(|| RowError::Field {
            column,
            expected: "a whole number",
            found: text.to_owned(),
        })
    }

    /// A number, or none where the field is empty.
    pub(crate) fn optional<N: FromStr>(
        &mut self,
        column: &'static str,
    ) -> Result<Option<N>, RowError> {
        let text = self.text(column)?;
        if text.is_empty() {
            return Ok(None);
        }
        let number = whole_number(text).ok_or_else(|| RowError::Field {
            column,
            expected: "a whole number or nothing",
            found: text.to_owned(),
        })?;
        Ok(Some(number))
    }

    /// What has not been taken; none after the last field.
    pub(crate) fn rest(&self) -> Option<&'a str> {
        self.rest
    }

    /// The columns left, which must be just these, must be there and empty; then the line must end.
    pub(crate) fn end_after_empty(&mut self, columns: &[&'static str]) -> Result<(), RowError> {
        for column in columns {
            let text = self.text(column)?;
            if !text.is_empty() {
                return Err(RowError::Field {
                    column,
                    expected: "nothing for this kind of event",
                    found: text.to_owned(),
                });
            }
        }
        match self.rest {
            None => Ok(()),
            Some(rest) => Err(RowError::Superfluous {
                found: rest.to_owned(),
            }),
        }
    }
}

/// The number that these digits are; nothing else is taken for one.
fn whole_number<N: FromStr>(text: &str) -> Option<N> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

/// The numbers below this have at most eight digits.
const EIGHT_DIGITS: u64 = 100_000_000;

/// The eight decimal digits of a number below [`EIGHT_DIGITS`], leading zeros included: a byte each, the first one lowest.
///
/// A division halves it; then both halves, and all four quarters, are split at once, each in its own lane of the word. A
/// product and a shift replace the division in a lane: exact for as few digits as a lane has, which a test tries.
#[inline]
fn eight_digits(number: u64) -> u64 {
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let pairs = hundreds | ((fours - 100 * hundreds) << 16);
    let tens = ((pairs * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | ((pairs - 10 * tens) << 8)
}

/// The bytes of a row, and behind them room that counts for nothing.
type RowBytes = [u8; RowText::BYTES_MAX];

/// Writes a number at a place, eight digits at a time; returns the place behind it. Places go in and out as values, so that
/// a row's length stays in a register.
fn long_number(bytes: &mut RowBytes, at: usize, number: u64) -> usize {
    let (rest, last) = (number / EIGHT_DIGITS, number % EIGHT_DIGITS);
    let at = if rest < EIGHT_DIGITS {
        short_number(bytes, at, rest)
    } else {
        let at = short_number(bytes, at, rest / EIGHT_DIGITS);
        digits(bytes, at, eight_digits(rest % EIGHT_DIGITS), 8)
    };
    digits(bytes, at, eight_digits(last), 8)
}

/// As [`long_number`], of a number below [`EIGHT_DIGITS`].
#[inline]
fn short_number(bytes: &mut RowBytes, at: usize, number: u64) -> usize {
    let all = eight_digits(number);
    let zeros = (all.trailing_zeros() / 8).min(7);
    digits(bytes, at, all >> (8 * zeros), 8 - zeros as usize)
}

/// Writes the lowest `count` of eight digits; what is written behind them does not count.
#[inline]
fn digits(bytes: &mut RowBytes, at: usize, digits: u64, count: usize) -> usize {
    let text = digits | u64::from_le_bytes([b'0'; 8]);
    bytes[at..at + 8].copy_from_slice(&text.to_le_bytes());
    at + count
}

/// A row being written, on the stack until it is whole. The hot path of a run without sockets: no formatting machinery,
/// and one copy for a row rather than one for a field.
pub(crate) struct RowText {
    bytes: RowBytes,
    length: usize,
}

impl RowText {
    /// Seven numbers of twenty digits, a word and commas fit.
    const BYTES_MAX: usize = 192;

    pub(crate) fn new() -> RowText {
        RowText {
            bytes: [0; RowText::BYTES_MAX],
            length: 0,
        }
    }

    #[inline]
    pub(crate) fn text<const N: usize>(&mut self, text: &[u8; N]) {
        self.bytes[self.length..self.length + N].copy_from_slice(text);
        self.length += N;
    }

    /// Appends a number in decimal.
    #[inline]
    pub(crate) fn number(&mut self, number: u64) {
        self.length = if number < EIGHT_DIGITS {
            short_number(&mut self.bytes, self.length, number)
        } else {
            long_number(&mut self.bytes, self.length, number)
        };
    }

    pub(crate) fn append_to(&self, line: &mut Vec<u8>) {
        line.extend_from_slice(&self.bytes[..self.length]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lanes_divide_exactly() {
        for number in (0..10_000).chain(99_990_000..EIGHT_DIGITS) {
            for number in [number, number * 10_000 % EIGHT_DIGITS] {
                let digits: Vec<u8> = format!("{number:08}")
                    .bytes()
                    .map(|digit| digit - b'0')
                    .collect();
                assert_eq!(eight_digits(number).to_le_bytes()[..], digits, "{number}");
            }
        }
    }

    proptest! {
        #[test]
        fn numbers_are_written_as_everybody_writes_them(number: u64, digits in 0u32..64) {
            for number in [number >> digits, 10u64.pow(digits % 20), 10u64.pow(digits % 20) - 1, u64::MAX] {
                let mut text = RowText::new();
                text.text(b"x,");
                text.number(number);
                let mut line = Vec::new();
                text.append_to(&mut line);
                prop_assert_eq!(line, format!("x,{number}").into_bytes());
            }
        }
    }
}
