//! The table of events as one Parquet file, for pandas, polars, DuckDB and R.
//!
//! Each column is plain: `BYTE_ARRAY (UTF8)`, `INT64` or `DOUBLE`, nullable unless every row has a value, compressed with
//! Snappy. The file's metadata hold what each column means, under `column:NAME`.
//!
//! **Invariant.** No more than a row group is in memory, however many trials are written.

use std::io::{self, Write};

use super::columns::{self, COLUMNS, Column, Of, Row};
use super::{Exporter, Trial};
use crate::parquet_file::{Field, Kind, TableWriter, Value};

/// Rows of a row group: enough to compress and to skip by, few enough to hold.
const ROWS: usize = 1 << 16;

/// Writes Parquet.
pub struct Archive<W: Write + Send> {
    to: TableWriter<W>,
}

impl<W: Write + Send> Archive<W> {
    /// Begins a file.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn new(to: W) -> io::Result<Archive<W>> {
        Archive::in_groups(to, ROWS)
    }

    /// With row groups of so many rows.
    fn in_groups(to: W, rows_max: usize) -> io::Result<Archive<W>> {
        let fields = COLUMNS.iter().map(field).collect();
        let meanings = COLUMNS.iter().map(|column| {
            let key = format!("column:{}", column.name);
            (key, column.meaning.to_owned())
        });
        let to = TableWriter::new(to, "events", fields, meanings, rows_max)?;
        Ok(Archive { to })
    }
}

impl<W: Write + Send> Exporter for Archive<W> {
    fn add(&mut self, trial: &Trial) -> io::Result<()> {
        columns::rows(trial).try_for_each(|row| {
            self.to
                .add(COLUMNS.iter().map(|column| value(column, &row)))
        })
    }

    fn finish(self: Box<Self>) -> io::Result<Vec<String>> {
        self.to.finish()?;
        Ok(Vec::new())
    }
}

fn value(column: &Column, row: &Row<'_>) -> Value {
    match column.of {
        Of::Text(of) => Value::Text(of(row).map(|text| text.into_owned())),
        Of::Whole(of) => Value::Whole(of(row)),
        Of::Real(of) => Value::Real(of(row)),
    }
}

fn field(column: &Column) -> Field {
    Field {
        name: column.name.to_owned(),
        kind: match column.of {
            Of::Text(_) => Kind::Text,
            Of::Whole(_) => Kind::Whole,
            Of::Real(_) => Kind::Real,
        },
        required: column.required,
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::SerReader as _;

    use super::super::sample;
    use super::*;
    use crate::parquet_file::TableReader;

    #[test]
    fn row_groups_are_bounded_and_run_on_from_trial_to_trial() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let to = file.reopen().expect("the same file");
        let mut to = Box::new(Archive::in_groups(to, 4).expect("it can be written"));
        for _ in 0..2 {
            to.add(&sample::trial()).expect("it can be written");
        }
        to.finish().expect("it can be written");
        let reader = TableReader::open(file.path()).expect("Parquet");
        assert!(reader.about("column:queue").is_some());
        let to = polars::prelude::ParquetReader::new(file.reopen().expect("the same file"));
        let metadata = { to }.get_metadata().expect("Parquet").clone();
        let groups = metadata.row_groups.iter();
        let sizes: Vec<usize> = groups.map(|group| group.num_rows()).collect();
        assert_eq!(sizes, [4, 4, 4, 2]);
        let lines = reader.frame(&["line"]).expect("lines");
        let lines = lines
            .column("line")
            .and_then(|lines| Ok(lines.i64()?.clone()));
        let lines: Vec<i64> = lines.expect("whole numbers").iter().flatten().collect();
        let once = [1, 2, 3, 4, 7, 8, 9];
        assert_eq!(lines, [once, once].concat());
    }
}
