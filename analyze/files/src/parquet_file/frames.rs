//! Frames to a table, by polars: each frame a row group.

use std::io::{self, Write};

use polars::io::parquet::write::BatchedWriter;
use polars::prelude::{
    DataFrame, KeyValueMetadata, ParquetCompression, ParquetWriter, PolarsError, Schema,
};

/// Writes a table, frame by frame.
pub struct FrameWriter<W: Write> {
    to: BatchedWriter<W>,
}

impl<W: Write> FrameWriter<W> {
    /// Begins a file of frames of this schema; `about` are its metadata, by key.
    ///
    /// # Errors
    ///
    /// When polars cannot write such columns.
    pub fn new(to: W, schema: &Schema, about: Vec<(String, String)>) -> io::Result<FrameWriter<W>> {
        let to = ParquetWriter::new(to)
            .with_compression(ParquetCompression::Snappy)
            .with_key_value_metadata(Some(KeyValueMetadata::from_static(about)))
            .batched(schema);
        Ok(FrameWriter {
            to: to.map_err(of_polars)?,
        })
    }

    /// Adds a row group.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn add(&mut self, rows: &DataFrame) -> io::Result<()> {
        self.to.write_batch(rows).map_err(of_polars)
    }

    /// Writes the end of the file.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn finish(self) -> io::Result<()> {
        self.to.finish().map(|_| ()).map_err(of_polars)
    }
}

/// What polars says of a file, as what the system says of it where it is that.
pub(super) fn of_polars(error: PolarsError) -> io::Error {
    match error {
        PolarsError::IO { error, .. } => io::Error::new(error.kind(), error.to_string()),
        error => io::Error::other(error.to_string()),
    }
}
