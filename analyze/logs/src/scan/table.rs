//! One machine's log in a Parquet file of the same columns: `machine-0.parquet` instead of `machine-0.csv`.
//!
//! Made with `COPY (FROM 'machine-0.csv') TO 'machine-0.parquet'` in DuckDB, `to_parquet` in pandas and the like; columns may
//! be of any width, and in any order. What is said of a row that is none is what would be said of its line in the CSV: of a
//! table with such a row the lines are written out, and read one by one.

use std::io::{self, Write as _};
use std::path::Path;

use event_log::{ClockEvent, Row as _};
use polars::prelude::{AnyValue, Column, DataFrame, DataType, PolarsError, PolarsResult};

use super::frame::{self, SCHEMA};
use files::parquet_file::TableReader;

/// Fractions hold every whole number up to this size.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// The cells of a log, of whatever type.
///
/// # Errors
///
/// When the file cannot be read, or does not have the columns.
fn cells(file: &Path) -> io::Result<DataFrame> {
    let table = TableReader::open_below(file)?;
    let known = table.columns()?;
    let columns: Vec<&str> = ClockEvent::HEADER.split(',').collect();
    let is_known = |column: &&str| known.iter().any(|name| name == column);
    if let Some(missing) = columns.iter().find(|column| !is_known(column)) {
        let problem = format!("no column `{missing}` among {}", known.join(", "));
        return Err(io::Error::other(problem));
    }
    table.frame(&columns)
}

/// The rows of a log. None where it cannot be read, where a row is none, and where there is none.
pub(super) fn rows(file: &Path) -> Option<DataFrame> {
    let cells = cells(file).ok().filter(|cells| cells.height() > 0)?;
    let height = cells.height();
    let columns = cells.into_columns().into_iter().zip(SCHEMA.iter_values());
    let columns = columns.map(|(column, of)| typed(&column, of));
    let frame = DataFrame::new(height, columns.collect::<PolarsResult<_>>().ok()?).ok()?;
    frame::is_whole(&frame).then_some(frame)
}

/// A column in the type that a log's has; an error where a value is not one of that type.
fn typed(column: &Column, of: &DataType) -> PolarsResult<Column> {
    if column.dtype().is_float() {
        // A column of whole numbers is one of fractions to some programs where some rows have no number.
        let fractions = column.cast(&DataType::Float64)?;
        let is_whole = |value: f64| value.fract() == 0.0 && value.abs() <= WHOLE_MAX;
        if !fractions.f64()?.iter().flatten().all(is_whole) {
            let problem = "expected whole numbers, found fractions".into();
            return Err(PolarsError::ComputeError(problem));
        }
    }
    Ok(column.strict_cast(of)?.rechunk())
}

/// The log as the CSV that it stands for.
///
/// # Errors
///
/// When the file cannot be read, or does not have the columns.
pub(super) fn as_csv(file: &Path) -> io::Result<Vec<u8>> {
    let cells = cells(file)?;
    let columns = cells.columns().iter();
    let columns = columns.map(|of| of.as_materialized_series().iter());
    let mut columns: Vec<_> = columns.collect();
    let mut csv = [ClockEvent::HEADER.as_bytes(), b"\n"].concat();
    for _ in 0..cells.height() {
        for (position, column) in columns.iter_mut().enumerate() {
            if position > 0 {
                csv.push(b',');
            }
            write(&mut csv, column.next())?;
        }
        csv.push(b'\n');
    }
    Ok(csv)
}

fn write(to: &mut Vec<u8>, cell: Option<AnyValue<'_>>) -> io::Result<()> {
    match cell {
        None | Some(AnyValue::Null) => Ok(()),
        // A text with a line end would be two lines.
        Some(AnyValue::String(text)) => write!(to, "{}", text.replace(['\n', '\r'], " ")),
        Some(AnyValue::Float32(number)) => write!(to, "{number}"),
        Some(AnyValue::Float64(number)) => write!(to, "{number}"),
        Some(number) => write!(to, "{number}"),
    }
}

#[cfg(test)]
mod tests;
