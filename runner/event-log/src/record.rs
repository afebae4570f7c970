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
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(number) if plain => Ok(number),
            _ => Err(RowError::Field {
                column,
                expected: "a whole number",
                found: text.to_owned(),
            }),
        }
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

/// The decimal digits of 0 to 99, two each.
const PAIRS: [u8; 200] = pairs();

const fn pairs() -> [u8; 200] {
    let mut pairs = [0; 200];
    let mut number = 0;
    while number < 100 {
        pairs[2 * number] = b'0' + (number / 10) as u8;
        pairs[2 * number + 1] = b'0' + (number % 10) as u8;
        number += 1;
    }
    pairs
}

/// A row being written, on the stack until it is whole. The hot path of a run without sockets: no formatting machinery,
/// and one copy for a row rather than one for a field.
pub(crate) struct RowText {
    bytes: [u8; RowText::BYTES_MAX],
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

    /// Appends a number in decimal, from its end, four digits at a time: each step waits for the division before it.
    #[inline]
    pub(crate) fn number(&mut self, mut number: u64) {
        let digits = number.checked_ilog10().unwrap_or(0) as usize + 1;
        let field = &mut self.bytes[self.length..self.length + digits];
        self.length += digits;
        let mut end = digits;
        while end > 4 {
            let four = (number % 10_000) as usize;
            number /= 10_000;
            let (high, low) = (2 * (four / 100), 2 * (four % 100));
            let group = &mut field[end - 4..end];
            group[..2].copy_from_slice(&PAIRS[high..high + 2]);
            group[2..].copy_from_slice(&PAIRS[low..low + 2]);
            end -= 4;
        }
        let mut number = number as usize;
        while end > 1 {
            let pair = 2 * (number % 100);
            number /= 100;
            field[end - 2..end].copy_from_slice(&PAIRS[pair..pair + 2]);
            end -= 2;
        }
        if end == 1 {
            field[0] = b'0' + number as u8;
        }
    }

    pub(crate) fn append_to(&self, line: &mut Vec<u8>) {
        line.extend_from_slice(&self.bytes[..self.length]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
