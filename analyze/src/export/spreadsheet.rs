//! The table of events as CSV (RFC 4180): a header, commas, quotes where need be, CRLF between records.
//!
//! A text that a spreadsheet would take for a formula has `'` before it (`cell`): who reads the text back takes one `'`
//! away from fields that begin with such signs behind it. Parquet holds all text as it is.
//!
//! **Invariant.** A null is an empty field; a number is written so that it reads back as the same number.

use std::borrow::Cow;
use std::io::{self, Write};

use csv::{Terminator, Writer, WriterBuilder};

use super::columns::{self, COLUMNS, Of};
use super::{Exporter, Trial};
use crate::visible_text::visible_field;

/// Writes CSV.
pub struct Spreadsheet<W: Write> {
    to: Writer<W>,
}

impl<W: Write> Spreadsheet<W> {
    /// Begins with the header.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn new(to: W) -> io::Result<Spreadsheet<W>> {
        let mut to = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .from_writer(to);
        to.write_record(COLUMNS.iter().map(|column| column.name))?;
        Ok(Spreadsheet { to })
    }
}

impl<W: Write> Exporter for Spreadsheet<W> {
    fn add(&mut self, trial: &Trial) -> io::Result<()> {
        for row in columns::rows(trial) {
            for column in COLUMNS {
                match column.of {
                    Of::Text(of) => {
                        let text = of(&row).unwrap_or_default();
                        self.to.write_field(cell(&text).as_bytes())?;
                    }
                    Of::Whole(of) => self.to.write_field(text(of(&row)))?,
                    Of::Real(of) => self.to.write_field(text(of(&row)))?,
                }
            }
            self.to.write_record(None::<&[u8]>)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<String>> {
        self.to.flush()?;
        Ok(Vec::new())
    }
}

/// A text as a field of CSV that spreadsheets do not take for a formula: `'` stands before `=`, `+`, `-`, `@`, a tab and
/// a line end, also where `'` stands there already, so that it can be taken away again. What a terminal would obey is shown
/// instead.
pub(crate) fn cell(text: &str) -> Cow<'_, str> {
    let formula = ['=', '+', '-', '@', '\t', '\r', '\n'];
    let seen = visible_field(text);
    match text.trim_start_matches('\'').starts_with(formula) {
        true => Cow::Owned(format!("'{seen}")),
        false => seen,
    }
}

fn text<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample;
    use super::*;

    #[test]
    fn a_record_for_each_event_with_empty_fields_for_nulls() {
        let mut bytes = Vec::new();
        let mut to = Box::new(Spreadsheet::new(&mut bytes).expect("memory can be written"));
        to.add(&sample::trial()).expect("memory can be written");
        to.finish().expect("memory can be written");
        let text = String::from_utf8(bytes).expect("text");
        let records: Vec<&str> = text.split_terminator("\r\n").collect();
        let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
        assert_eq!(records[0], names.join(","));
        assert_eq!(
            records[1],
            "theirs,\"night, 1\",sentences,0,a 1,2.5,logs/a 1.log,1,0,1,1000000000,epoch,0,send,1,,,,,0,,[1],,1,,,,,,,,\"[1,0]\""
        );
        assert_eq!(
            records[5],
            "theirs,\"night, 1\",sentences,1,1,,logs/1.log,7,0,7,,epoch,,internal,,,,,,,,,,,,,,,,,,\"[0,1]\""
        );
        assert_eq!(
            records[6],
            "theirs,\"night, 1\",sentences,1,1,,logs/1.log,8,1,8,1500000001,epoch,0.500000001,receive,2,,,,0.5,1,0,,,1,,,sent,0,0,1,0.500000001,\"[1,2]\""
        );
        assert!(records[7].contains(",ambiguous,,,,,"), "{}", records[7]);
        assert_eq!(records.len(), 8);
    }

    /// As a reader takes the sign away again.
    fn read_back(field: &str) -> &str {
        let formula = ['=', '+', '-', '@', '\t', '\r', '\n'];
        let is_marked = field.trim_start_matches('\'').starts_with(formula);
        field
            .strip_prefix('\'')
            .filter(|_| is_marked)
            .unwrap_or(field)
    }

    #[test]
    fn text_is_no_formula() {
        assert_eq!(cell("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(cell("-2+3"), "'-2+3");
        assert_eq!(cell("'=1"), "''=1");
        assert_eq!(cell("trial-000"), "trial-000");
        assert_eq!(cell("'quoted'"), "'quoted'");
        assert_eq!(cell("\u{1b}[31mred"), "·[31mred");
    }

    proptest! {
        #[test]
        fn every_text_reads_back(text in "['=+@\t\r\na-]{0,5}") {
            let field = cell(&text);
            prop_assert!(!field.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']));
            prop_assert_eq!(read_back(&field), &text);
        }
    }
}
