//! A table from a file, by polars.

use std::any::Any;
use std::borrow::Cow;
use std::cell::Cell;
use std::io::{self, Cursor};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Once;

use polars::io::mmap::MmapBytesReader;
use polars::prelude::{
    ArrowDataType, ArrowTimeUnit, DataFrame, DataType, ParallelStrategy, ParquetReader,
    PolarsResult, SerReader as _,
};

use super::bound::{Bound, CELL_BYTES_MAX};
use super::frames::of_polars;
use crate::input::{self, WHOLE_BYTES_MAX};

/// Names of the columns of a file, in order, from its metadata alone.
///
/// # Errors
///
/// When it cannot be read, is no Parquet file, or does not say it as it should.
pub fn columns_of(path: &Path) -> io::Result<Vec<String>> {
    let file = input::open(path)?.into_file();
    guarded(|| names(ParquetReader::new(file)))
}

fn names<R: MmapBytesReader>(mut reader: ParquetReader<R>) -> PolarsResult<Vec<String>> {
    let schema = reader.schema()?;
    Ok(schema.iter_names().map(|name| name.to_string()).collect())
}

/// Reads a table.
pub struct TableReader<'a> {
    /// The file: what is mapped into memory could change while it is read.
    bytes: Cow<'a, [u8]>,
    bound: Bound,
}

impl<'a> TableReader<'a> {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// When it cannot be read, is no Parquet file, or claims more rows than it can hold.
    pub fn open(path: &Path) -> io::Result<TableReader<'static>> {
        TableReader::of(input::bytes(path, WHOLE_BYTES_MAX)?.into())
    }

    /// Opens a file below a folder that was asked for.
    ///
    /// # Errors
    ///
    /// As [`TableReader::open`], and when it is a link.
    pub fn open_below(path: &Path) -> io::Result<TableReader<'static>> {
        TableReader::of(input::bytes_below(path, WHOLE_BYTES_MAX)?.into())
    }

    /// Reads a file that is in memory.
    ///
    /// # Errors
    ///
    /// When it is no Parquet file, or claims more rows than it can hold.
    pub fn of(bytes: Cow<'a, [u8]>) -> io::Result<TableReader<'a>> {
        let bound = guarded(|| {
            let mut reader = ParquetReader::new(Cursor::new(&*bytes));
            let groups = reader.get_metadata()?.row_groups.iter();
            Ok(Bound::of(
                bytes.len() as u64,
                groups.map(|of| of.num_rows()),
            ))
        })??;
        Ok(TableReader { bytes, bound })
    }

    /// What the metadata say under a key.
    pub fn about(&self, key: &str) -> Option<String> {
        let about = guarded(|| {
            let mut reader = ParquetReader::new(Cursor::new(&*self.bytes));
            let about = reader.get_metadata()?.key_value_metadata().iter().flatten();
            let mut about = about.filter(|about| about.key == key);
            Ok(about.next().and_then(|about| about.value.clone()))
        });
        about.ok().flatten()
    }

    /// Names of the columns, in order.
    ///
    /// # Errors
    ///
    /// When the file does not say it as it should.
    pub fn columns(&self) -> io::Result<Vec<String>> {
        guarded(|| names(ParquetReader::new(Cursor::new(&*self.bytes))))
    }

    /// Some columns, in the order of these names: numbers as they are, text as text. Each is in one chunk.
    ///
    /// # Errors
    ///
    /// When one is not there, when its values are neither numbers nor text, or stand for something else, as those of times
    /// and decimals do, when it takes more memory than a file of this size may, or when it cannot be read.
    pub fn frame(&self, names: &[&str]) -> io::Result<DataFrame> {
        for name in names {
            let of_column = |problem| io::Error::other(format!("column `{name}`: {problem}"));
            let is_text = self.is_text(name)?;
            for place in self.places(name)? {
                let (offsets, compressed) = place;
                let pages = self.bound.place(offsets, compressed).map_err(of_column)?;
                let pages = &self.bytes[pages];
                self.bound.check(pages, is_text).map_err(of_column)?;
            }
        }
        let columns = names.iter().map(|&name| name.to_owned()).collect();
        let frame = guarded(|| {
            let frame = ParquetReader::new(Cursor::new(&*self.bytes))
                .with_columns(Some(columns))
                .read_parallel(ParallelStrategy::None)
                .finish()?;
            let texts = frame.into_columns().into_iter().map(|column| {
                let is_number = column.dtype().is_primitive_numeric() || column.dtype().is_null();
                let column = match is_number || column.dtype().is_string() {
                    true => column,
                    false => column.strict_cast(&DataType::String)?,
                };
                Ok(column.rechunk())
            });
            let columns = texts.collect::<PolarsResult<Vec<_>>>()?;
            DataFrame::new_infer_height(columns)?.select(names.iter().copied())
        })?;
        self.check_texts(&frame)?;
        Ok(frame)
    }

    /// Whether a column holds text.
    fn is_text(&self, name: &str) -> io::Result<bool> {
        use ArrowDataType as Type;
        let kind = guarded(|| {
            let mut reader = ParquetReader::new(Cursor::new(&*self.bytes));
            Ok(reader
                .schema()?
                .get(name)
                .map(|field| field.dtype().clone()))
        })?;
        let kind = kind.ok_or_else(|| io::Error::other(format!("no column `{name}`")))?;
        let refuse = |expected: &str, found: String, advice: &str| {
            let problem = format!("column `{name}`: expected {expected}, found {found}{advice}");
            Err(io::Error::other(problem))
        };
        match &kind {
            Type::Utf8 | Type::LargeUtf8 | Type::Utf8View => Ok(true),
            Type::Binary | Type::LargeBinary | Type::BinaryView => Ok(true),
            Type::Dictionary(_, of, _)
                if matches!(**of, Type::Utf8 | Type::LargeUtf8 | Type::Utf8View) =>
            {
                Ok(true)
            }
            Type::Null | Type::Float32 | Type::Float64 => Ok(false),
            Type::Int8 | Type::Int16 | Type::Int32 | Type::Int64 => Ok(false),
            Type::UInt8 | Type::UInt16 | Type::UInt32 | Type::UInt64 => Ok(false),
            kind => match disguise(kind) {
                Some(found) => refuse(
                    "whole numbers, numbers with fractions or text",
                    found,
                    "; cast it to BIGINT, times to nanoseconds since 1970",
                ),
                None => refuse("numbers or text", "another type".to_owned(), ""),
            },
        }
    }

    /// Where the pages of a column are, in each row group: the offsets of its dictionary and its data, and its size.
    #[expect(clippy::type_complexity, reason = "said once, and taken apart at once")]
    fn places(&self, name: &str) -> io::Result<Vec<((Option<i64>, i64), i64)>> {
        guarded(|| {
            let mut reader = ParquetReader::new(Cursor::new(&*self.bytes));
            let groups = reader.get_metadata()?.row_groups.iter();
            let places = groups.flat_map(|group| {
                group
                    .columns_under_root_iter(name)
                    .into_iter()
                    .flatten()
                    .map(|chunk| {
                        let offsets = (chunk.dictionary_page_offset(), chunk.data_page_offset());
                        (offsets, chunk.compressed_size())
                    })
            });
            Ok(places.collect())
        })
    }

    /// Refuses text that is small in the file and large where each row has its own.
    fn check_texts(&self, frame: &DataFrame) -> io::Result<()> {
        let mut left = self.bound.unpacked();
        for column in frame.columns().iter().filter(|of| of.dtype().is_string()) {
            let texts = column.str().map_err(of_polars)?;
            for text in texts.iter().flatten() {
                if text.len() > CELL_BYTES_MAX {
                    return Err(io::Error::other(format!(
                        "a text of {} bytes: {CELL_BYTES_MAX} are read at most",
                        text.len()
                    )));
                }
                left = left
                    .checked_sub(text.len() as u64)
                    .ok_or_else(|| io::Error::other("more text than the file may unpack to"))?;
            }
        }
        Ok(())
    }
}

/// What numbers of a type stand for, if it is not the number that is stored.
fn disguise(kind: &ArrowDataType) -> Option<String> {
    let of_unit = |kind: &str, unit: &ArrowTimeUnit| {
        let unit = match unit {
            ArrowTimeUnit::Second => "SECONDS",
            ArrowTimeUnit::Millisecond => "MILLIS",
            ArrowTimeUnit::Microsecond => "MICROS",
            ArrowTimeUnit::Nanosecond => "NANOS",
        };
        Some(format!("{kind}({unit})"))
    };
    match kind {
        ArrowDataType::Timestamp(unit, _) => of_unit("TIMESTAMP", unit),
        ArrowDataType::Time32(unit) | ArrowDataType::Time64(unit) => of_unit("TIME", unit),
        ArrowDataType::Duration(unit) => of_unit("DURATION", unit),
        ArrowDataType::Date32 | ArrowDataType::Date64 => Some("DATE".to_owned()),
        ArrowDataType::Decimal(precision, scale) => Some(format!("DECIMAL({precision}, {scale})")),
        _ => None,
    }
}

thread_local! {
    /// Whether what this thread does is guarded: then a panic is an answer, and nothing to be printed.
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Does some work of polars on a file of others, on this thread alone. polars panics at some damaged files that it is not
/// prepared for: that is an error of the file.
fn guarded<T>(work: impl FnOnce() -> PolarsResult<T>) -> io::Result<T> {
    static SILENCE: Once = Once::new();
    SILENCE.call_once(|| {
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !IS_GUARDED.get() {
                told(panic);
            }
        }));
    });
    IS_GUARDED.set(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    IS_GUARDED.set(false);
    match done {
        Ok(done) => done.map_err(of_polars),
        Err(panic) => {
            let problem = format!("a damaged file: {}", words(&*panic));
            Err(io::Error::other(problem))
        }
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("polars cannot read it")
}

#[cfg(test)]
mod tests;
