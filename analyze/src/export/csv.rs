//! The table of events as CSV (RFC 4180): a header, commas, quotes where need be, CRLF between records.
//!
//! A text that a spreadsheet would take for a formula has `'` before it (`cell`): who reads the text back takes one `'`
//! away from fields that begin with such signs behind it. Parquet holds all text as it is.
//!
//! **Invariant.** A null is an empty field; a number is written so that it reads back as the same number.

use std::io::{self, Write};

use polars::io::csv::write::BatchedWriter;
use polars::prelude::{
    ChunkApply as _, CsvWriter, DataFrame, DataType, IntoColumn, PolarsResult, SerWriter,
};

use super::exporter::{Exporter, refused};
use super::table;
use super::trial::Trial;
use formats::exchange::cells::cell;

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

#[cfg(test)]
mod tests {
    use events::exported::COLUMNS;

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
}
