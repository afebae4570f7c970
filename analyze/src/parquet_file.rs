//! Tables in Parquet files, row group by row group; the only user of the parquet crate.
//!
//! [`TableWriter`] fills flat columns of text and numbers, compressed with Snappy; [`TableReader`] reads such columns,
//! whoever wrote them: DuckDB, pandas and polars choose other widths for the same numbers.
//!
//! **Invariant.** No more than a row group is in memory, and of one no more than `bound` allows a file of this size.

mod bound;
mod read;
mod write;

use std::io;

use parquet::errors::ParquetError;

pub use read::{Cell, Cells, TableReader};
pub use write::{Field, Kind, TableWriter, Value};

fn error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => *source,
            Err(source) => io::Error::other(source),
        },
        error => io::Error::other(error),
    }
}
