//! Logs in Parquet, which the runner does not write.

use polars::prelude::{DataType, ParquetCompression, ParquetWriter};

use crate::log::TrialLog;
use crate::mutants::input::Entry;

/// A log as pandas or DuckDB would write it.
pub(super) fn of(log: &TrialLog, machine: usize) -> Entry {
    let columns = "tick,time_ns,event,clock,queue,peer,sent_tick,sent_clock";
    let trial = log.table();
    let rows = trial.rows_of(machine);
    let rows = trial.frame().slice(rows.start as i64, rows.len());
    let mut rows = rows.select(columns.split(',')).expect("its columns");
    let events = rows.column("event").expect("kinds");
    let words = events.cast(&DataType::String).expect("words");
    rows.with_column(words).expect("as many");
    let mut bytes = Vec::new();
    let to = ParquetWriter::new(&mut bytes).with_compression(ParquetCompression::Snappy);
    let to = to.with_row_group_size(Some(16));
    to.finish(&mut rows).expect("a table");
    Entry::File(bytes)
}
