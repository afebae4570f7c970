//! A table from a file.

use std::cell::Cell as Shared;
use std::fs::File;
use std::io;
use std::path::Path;
use std::rc::Rc;

use parquet::basic::{ConvertedType, LogicalType};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use super::bound::{Bound, CELL_BYTES_MAX};
use super::error;
use crate::input::{self, InputFile};

/// A value of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// There is none.
    Missing,
    /// A whole number.
    Whole(i128),
    /// A number that may have a fraction.
    Real(f64),
    /// Text.
    Text(String),
}

impl Cell {
    /// The number, if it is whole; also of columns that hold fractions because some of their rows have no value.
    pub fn whole(&self) -> Option<i128> {
        match self {
            Cell::Whole(number) => Some(*number),
            // Every whole number of this size is one that a fraction can hold.
            Cell::Real(number) if number.fract() == 0.0 && number.abs() <= 2f64.powi(53) => {
                Some(*number as i128)
            }
            _ => None,
        }
    }

    /// The text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads a table.
pub struct TableReader {
    file: SerializedFileReader<File>,
    /// The same file, for the headers of its pages.
    pages: File,
    bound: Bound,
    /// Bytes of text that may yet be read.
    text_left: Rc<Shared<u64>>,
}

impl TableReader {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is no Parquet file.
    pub fn open(path: &Path) -> io::Result<TableReader> {
        TableReader::of(input::open(path)?)
    }

    /// Opens a file below a folder that was asked for.
    ///
    /// # Errors
    ///
    /// As [`TableReader::open`], and when it is a link.
    pub fn open_below(path: &Path) -> io::Result<TableReader> {
        TableReader::of(input::open_below(path)?)
    }

    fn of(file: InputFile) -> io::Result<TableReader> {
        let bytes = file.len();
        let pages = file.into_file();
        let file = SerializedFileReader::new(pages.try_clone()?).map_err(error)?;
        let bound = Bound::of(bytes, file.metadata())?;
        Ok(TableReader {
            file,
            pages,
            bound,
            text_left: Rc::new(Shared::new(bound.unpacked())),
        })
    }

    /// What the metadata say under a key.
    pub fn about(&self, key: &str) -> Option<&str> {
        let about = self.file.metadata().file_metadata().key_value_metadata()?;
        let about = about.iter().find(|about| about.key == key)?;
        about.value.as_deref()
    }

    /// Names of the columns, in order.
    pub fn columns(&self) -> Vec<String> {
        let schema = self.file.metadata().file_metadata().schema_descr();
        let columns = schema.columns().iter();
        columns.map(|column| column.path().string()).collect()
    }

    /// How many row groups there are.
    pub fn groups(&self) -> usize {
        self.file.num_row_groups()
    }

    /// The values of one column in one row group.
    ///
    /// # Errors
    ///
    /// As [`TableReader::cells`], and when it cannot be read.
    pub fn column(&self, group: usize, name: &str) -> io::Result<Vec<Cell>> {
        self.cells(group, name)?.take(usize::MAX)
    }

    /// One column in one row group, to be read some rows at a time.
    ///
    /// # Errors
    ///
    /// When there is no such column, when it is of a type that no table of ours has, when its numbers stand for something
    /// else, as those of times and decimals do, or when it cannot be opened.
    pub fn cells(&self, group: usize, name: &str) -> io::Result<Cells> {
        let position = self.columns().iter().position(|column| column == name);
        let position = position.ok_or_else(|| io::Error::other(format!("no column `{name}`")))?;
        let schema = self.file.metadata().file_metadata().schema_descr();
        if let Some(found) = disguise(&schema.column(position)) {
            let problem = format!(
                "column `{name}`: expected whole numbers, numbers with fractions or text, found {found}; cast it to BIGINT, \
                 times to nanoseconds since 1970"
            );
            return Err(io::Error::other(problem));
        }
        let of_column = |problem| io::Error::other(format!("column `{name}`: {problem}"));
        let chunk = self.file.metadata().row_group(group).column(position);
        self.bound.check(&self.pages, chunk).map_err(of_column)?;
        self.open_column(group, position)
            .map_err(error)?
            .ok_or_else(|| {
                let problem =
                    format!("column `{name}`: expected numbers or text, found another type");
                io::Error::other(problem)
            })
    }

    fn open_column(&self, group: usize, position: usize) -> Result<Option<Cells>, ParquetError> {
        let schema = self.file.metadata().file_metadata().schema_descr();
        let column = schema.column(position);
        if column.max_rep_level() > 0 || column.max_def_level() > 1 {
            return Ok(None);
        }
        let unsigned = matches!(
            column.converted_type(),
            ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64
        );
        let group = self.file.get_row_group(group)?;
        let left = usize::try_from(group.metadata().num_rows()).unwrap_or_default();
        let from = group.get_column_reader(position)?;
        let known = matches!(
            from,
            ColumnReader::Int32ColumnReader(_)
                | ColumnReader::Int64ColumnReader(_)
                | ColumnReader::FloatColumnReader(_)
                | ColumnReader::DoubleColumnReader(_)
                | ColumnReader::ByteArrayColumnReader(_)
        );
        Ok(known.then_some(Cells {
            from,
            unsigned,
            left,
            text_left: self.text_left.clone(),
        }))
    }
}

/// The values of a column in a row group that were not read yet.
pub struct Cells {
    from: ColumnReader,
    unsigned: bool,
    left: usize,
    text_left: Rc<Shared<u64>>,
}

impl Cells {
    /// The values of the next rows, so many at most; of none behind the last.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn take(&mut self, most: usize) -> io::Result<Vec<Cell>> {
        let rows = self.left.min(most);
        self.left -= rows;
        let unsigned = self.unsigned;
        let text_left = self.text_left.clone();
        let cells = match &mut self.from {
            ColumnReader::Int32ColumnReader(from) => cells(from, rows, |&number| {
                Ok(Cell::Whole(match unsigned {
                    true => i128::from(number as u32),
                    false => i128::from(number),
                }))
            }),
            ColumnReader::Int64ColumnReader(from) => cells(from, rows, |&number| {
                Ok(Cell::Whole(match unsigned {
                    true => i128::from(number as u64),
                    false => i128::from(number),
                }))
            }),
            ColumnReader::FloatColumnReader(from) => {
                cells(from, rows, |&number| Ok(Cell::Real(f64::from(number))))
            }
            ColumnReader::DoubleColumnReader(from) => {
                cells(from, rows, |&number| Ok(Cell::Real(number)))
            }
            ColumnReader::ByteArrayColumnReader(from) => cells(from, rows, |bytes: &ByteArray| {
                text(bytes.data(), &text_left)
            }),
            // Of another type no column is opened.
            _ => Ok(Vec::new()),
        };
        cells.map_err(error)
    }
}

/// What the values of a column stand for, if that is neither the number nor the text that is stored.
fn disguise(column: &ColumnDescriptor) -> Option<String> {
    match (column.logical_type_ref(), column.converted_type()) {
        // Unknown: a column without a single value.
        (
            Some(
                LogicalType::Integer(_)
                | LogicalType::String
                | LogicalType::Enum
                | LogicalType::Json
                | LogicalType::Unknown,
            ),
            _,
        )
        | (
            None,
            ConvertedType::NONE
            | ConvertedType::UTF8
            | ConvertedType::ENUM
            | ConvertedType::JSON
            | ConvertedType::INT_8
            | ConvertedType::INT_16
            | ConvertedType::INT_32
            | ConvertedType::INT_64
            | ConvertedType::UINT_8
            | ConvertedType::UINT_16
            | ConvertedType::UINT_32
            | ConvertedType::UINT_64,
        ) => None,
        (Some(LogicalType::Timestamp(of)), _) => Some(format!("TIMESTAMP({:?})", of.unit)),
        (Some(LogicalType::Decimal(of)), _) => {
            Some(format!("DECIMAL({}, {})", of.precision, of.scale))
        }
        (None, converted) => Some(converted.to_string()),
        (Some(logical), _) => Some(format!("{logical:?}")),
    }
}

/// A text, unless it is too long or all texts together are.
fn text(bytes: &[u8], left: &Shared<u64>) -> Result<Cell, ParquetError> {
    if bytes.len() > CELL_BYTES_MAX {
        return Err(ParquetError::General(format!(
            "a text of {} bytes: {CELL_BYTES_MAX} are read at most",
            bytes.len()
        )));
    }
    let after = left.get().checked_sub(bytes.len() as u64);
    left.set(after.ok_or_else(|| {
        ParquetError::General("more text than the file may unpack to".to_owned())
    })?);
    Ok(Cell::Text(String::from_utf8_lossy(bytes).into_owned()))
}

/// The values of the next rows of a column, each at its row.
fn cells<T: DataType>(
    from: &mut ColumnReaderImpl<T>,
    rows: usize,
    cell: impl Fn(&T::T) -> Result<Cell, ParquetError>,
) -> Result<Vec<Cell>, ParquetError> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    let mut read = 0;
    while read < rows {
        let (records, _, _) =
            from.read_records(rows - read, Some(&mut levels), None, &mut values)?;
        if records == 0 {
            break;
        }
        read += records;
    }
    let mut values = values.iter().map(cell);
    if levels.is_empty() {
        return values.collect();
    }
    let cells = levels.iter().map(|&level| match level {
        0 => Ok(Cell::Missing),
        _ => values.next().unwrap_or(Ok(Cell::Missing)),
    });
    cells.collect()
}

#[cfg(test)]
mod tests;
