//! The table of events as CSV (RFC 4180): a header, commas, quotes where need be, CRLF between records.
//!
//! A text that a spreadsheet would take for a formula has `'` before it (`cell`): who reads the text back takes one `'`
//! away from fields that begin with such signs behind it. Parquet holds all text as it is.
//!
//! **Invariant.** A null is an empty field; a number is written so that it reads back as the same number.

use std::borrow::Cow;
use std::io::{self, Write};

use polars::io::csv::write::BatchedWriter;
use polars::prelude::{
    ChunkApply as _, CsvWriter, DataFrame, DataType, IntoColumn, PolarsResult, SerWriter,
};

use super::{Exporter, Trial, refused, table};
use crate::visible_text::visible_field;

/// Rows that are written at a time.
const ROWS: usize = 1 << 16;

/// Writes CSV.
pub struct Csv<W: Write> {
    to: BatchedWriter<W>,
}

impl<W: Write> Csv<W> {
    /// Begins a file.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn new(to: W) -> io::Result<Csv<W>> {
        let writer = CsvWriter::new(to).with_line_terminator("\r\n".into());
        let to = writer.batched(&table::schema()).map_err(refused)?;
        Ok(Csv { to })
    }
}

impl<W: Write> Exporter for Csv<W> {
    fn add(&mut self, trial: &Trial) -> io::Result<()> {
        for frame in table::frames(trial, ROWS) {
            let cells = frame.and_then(|frame| cells(&frame)).map_err(refused)?;
            self.to.write_batch(&cells).map_err(refused)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<String>> {
        self.to.finish().map_err(refused)?;
        Ok(Vec::new())
    }
}

/// The frame with all texts as cells.
fn cells(frame: &DataFrame) -> PolarsResult<DataFrame> {
    let columns = frame.columns().iter().map(|column| match column.dtype() {
        DataType::String => {
            let texts = column.as_materialized_series().str()?;
            Ok(texts.apply_values(cell).into_column())
        }
        _ => Ok(column.clone()),
    });
    DataFrame::new(frame.height(), columns.collect::<PolarsResult<_>>()?)
}

/// Signs with which a spreadsheet begins a formula.
const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];

/// A text as a field of CSV that spreadsheets do not take for a formula: `'` stands before `=`, `+`, `-`, `@`, a tab and
/// a line end, also where `'` stands there already, so that it can be taken away again. What a terminal would obey is shown
/// instead.
pub(crate) fn cell(text: &str) -> Cow<'_, str> {
    let seen = visible_field(text);
    match text.trim_start_matches('\'').starts_with(FORMULA) {
        true => Cow::Owned(format!("'{seen}")),
        false => seen,
    }
}

/// The text of such a field.
pub(crate) fn uncelled(field: &str) -> &str {
    let is_marked = field.trim_start_matches('\'').starts_with(FORMULA);
    field
        .strip_prefix('\'')
        .filter(|_| is_marked)
        .unwrap_or(field)
}

#[cfg(test)]
mod tests {
    use events::exported::COLUMNS;
    use proptest::prelude::*;

    use super::super::sample;
    use super::*;

    #[test]
    fn a_record_for_each_event_with_empty_fields_for_nulls() {
        let mut bytes = Vec::new();
        let mut to = Box::new(Csv::new(&mut bytes).expect("memory can be written"));
        to.add(&sample::trial()).expect("memory can be written");
        to.finish().expect("memory can be written");
        let text = String::from_utf8(bytes).expect("text");
        let records: Vec<&str> = text.split_terminator("\r\n").collect();
        let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
        assert_eq!(records[0], names.join(","));
        let first = "theirs,\"night, 1\",sentences,0,a 1,2.5,logs/a 1.log,1,0,1,1000000000,epoch,0.0,send,1,,,,,,0,,[1],,1,,,,,,,,,\"[1,0]\",\"{";
        assert!(records[1].starts_with(first), "{}", records[1]);
        assert_eq!(
            records[5],
            "theirs,\"night, 1\",sentences,1,1,,logs/1.log,7,0,7,,epoch,,internal,,,,,,,,,,,,,,,,,,,,\"[0,1]\","
        );
        assert_eq!(
            records[6],
            "theirs,\"night, 1\",sentences,1,1,,logs/1.log,8,1,8,1500000001,epoch,0.500000001,receive,2,,,,0.5,,1,0,,,1,,,,sent,0,0,1,0.500000001,\"[1,2]\","
        );
        assert!(records[7].contains(",ambiguous,,,,,"), "{}", records[7]);
        assert_eq!(records.len(), 8);
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
            prop_assert!(!field.starts_with(FORMULA));
            prop_assert_eq!(uncelled(&field), &text);
        }
    }
}
