//! Tables in Parquet files, by polars.
//!
//! [`TableReader`] reads columns of text and numbers of any writer: DuckDB, pandas and polars choose other widths for
//! the same numbers. [`FrameWriter`] writes frames, compressed with Snappy.
//!
//! **Invariant.** Of a table no more is in memory than `bound` allows a file of its size.

mod bound;
mod frames;
mod read;

pub use frames::FrameWriter;
pub use read::{TableReader, columns_of};
