//! The table of events as one Parquet file, for pandas, polars, DuckDB and R.
//!
//! Columns are compressed with Snappy, which every reader knows. The file's metadata hold what each column means, under
//! `column:NAME`.
//!
//! **Invariant.** No more than two row groups and a trial are in memory, however many trials are written.

use std::io::{self, Write};

use events::exported;
use polars::prelude::DataFrame;

use super::exporter::{Exporter, refused};
use super::table;
use super::trial::Trial;
use files::parquet_file::FrameWriter;

/// Rows of a row group: enough to compress and to skip by, few enough to hold.
const ROWS: usize = 1 << 16;

/// Writes Parquet.
pub struct Parquet<W: Write> {
    to: FrameWriter<W>,
    /// Rows that wait for their row group to be full.
    waiting: DataFrame,
    rows_max: usize,
}

impl<W: Write> Parquet<W> {
    /// Begins a file.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn new(to: W) -> io::Result<Parquet<W>> {
        Parquet::in_groups(to, ROWS)
    }

    /// With row groups of this many rows at most.
    fn in_groups(to: W, rows_max: usize) -> io::Result<Parquet<W>> {
        let schema = table::schema();
        let meanings = exported::COLUMNS.iter().map(|column| {
            let key = format!("column:{}", column.name);
            (key, column.meaning.to_owned())
        });
        Ok(Parquet {
            to: FrameWriter::new(to, &schema, meanings.collect())?,
            waiting: DataFrame::empty_with_schema(&schema),
            rows_max,
        })
    }

    /// Writes the row groups that are full, or all that waits.
    fn write(&mut self, all: bool) -> io::Result<()> {
        let height = self.waiting.height();
        let mut done = 0;
        while height - done >= self.rows_max || (all && done < height) {
            let group = self.waiting.slice(done as i64, self.rows_max);
            self.to.add(&group)?;
            done += group.height();
        }
        self.waiting = self.waiting.slice(done as i64, height - done);
        Ok(())
    }
}

impl<W: Write> Exporter for Parquet<W> {
    fn add(&mut self, trial: &Trial) -> io::Result<()> {
        for frame in table::frames(trial, self.rows_max) {
            let frame = frame.map_err(refused)?;
            self.waiting.vstack_mut(&frame).map_err(refused)?;
            self.waiting.rechunk_mut();
            self.write(false)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<String>> {
        self.write(true)?;
        self.to.finish()?;
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::{ParquetReader, SerReader};

    use super::super::sample;
    use super::*;

    #[test]
    fn row_groups_are_bounded_and_run_on_from_trial_to_trial() {
        let mut bytes = Vec::new();
        let mut to = Box::new(Parquet::in_groups(&mut bytes, 4).expect("it can be written"));
        for _ in 0..2 {
            to.add(&sample::trial()).expect("it can be written");
        }
        to.finish().expect("it can be written");
        let mut reader = ParquetReader::new(std::io::Cursor::new(bytes));
        let metadata = reader.get_metadata().expect("Parquet").clone();
        let sizes = metadata.row_groups.iter().map(|group| group.num_rows());
        assert_eq!(sizes.collect::<Vec<_>>(), [4, 4, 4, 2]);
        let keys = metadata.key_value_metadata().as_ref().expect("metadata");
        assert!(keys.iter().any(|entry| entry.key == "column:queue"));
        let frame = reader.finish().expect("rows");
        let lines = frame
            .column("line")
            .expect("a column")
            .u32()
            .expect("positions");
        let lines: Vec<u32> = lines.into_no_null_iter().collect();
        assert_eq!(lines, [1, 2, 3, 4, 7, 8, 9].repeat(2));
    }
}
