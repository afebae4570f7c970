//! Tables in Parquet files.
//!
//! [`TableReader`] reads columns of text and numbers, whoever wrote them: DuckDB, pandas and polars choose other widths for
//! the same numbers. [`FrameWriter`] writes frames, and [`TableWriter`] rows, compressed with Snappy.
//!
//! **Invariant.** Of a table no more is in memory than `bound` allows a file of its size.

mod bound;
mod frames;
mod read;
mod write;

use std::io;

use parquet::errors::ParquetError;

pub use frames::FrameWriter;
pub use read::TableReader;
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
