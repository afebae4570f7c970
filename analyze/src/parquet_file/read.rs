//! A table from a file.

use std::fs::File;
use std::io;
use std::path::Path;

use parquet::basic::ConvertedType;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};

use super::error;

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
}

impl TableReader {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is no Parquet file.
    pub fn open(path: &Path) -> io::Result<TableReader> {
        let file = SerializedFileReader::new(File::open(path)?).map_err(error)?;
        Ok(TableReader { file })
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
    /// When there is no such column, when it is of a type that no table of ours has, or when it cannot be read.
    pub fn column(&self, group: usize, name: &str) -> io::Result<Vec<Cell>> {
        let position = self.columns().iter().position(|column| column == name);
        let position = position.ok_or_else(|| io::Error::other(format!("no column `{name}`")))?;
        self.cells(group, position).map_err(error)?.ok_or_else(|| {
            let problem = format!("column `{name}`: expected numbers or text, found another type");
            io::Error::other(problem)
        })
    }

    fn cells(&self, group: usize, position: usize) -> Result<Option<Vec<Cell>>, ParquetError> {
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
        let rows = usize::try_from(group.metadata().num_rows()).unwrap_or_default();
        let cells = match group.get_column_reader(position)? {
            ColumnReader::Int32ColumnReader(from) => cells(from, rows, |&number| match unsigned {
                true => Cell::Whole(i128::from(number as u32)),
                false => Cell::Whole(i128::from(number)),
            }),
            ColumnReader::Int64ColumnReader(from) => cells(from, rows, |&number| match unsigned {
                true => Cell::Whole(i128::from(number as u64)),
                false => Cell::Whole(i128::from(number)),
            }),
            ColumnReader::FloatColumnReader(from) => {
                cells(from, rows, |&number| Cell::Real(f64::from(number)))
            }
            ColumnReader::DoubleColumnReader(from) => {
                cells(from, rows, |&number| Cell::Real(number))
            }
            ColumnReader::ByteArrayColumnReader(from) => cells(from, rows, |bytes: &ByteArray| {
                Cell::Text(String::from_utf8_lossy(bytes.data()).into_owned())
            }),
            _ => return Ok(None),
        };
        cells.map(Some)
    }
}

/// All values of a column, each at its row.
fn cells<T: DataType>(
    mut from: ColumnReaderImpl<T>,
    rows: usize,
    cell: impl Fn(&T::T) -> Cell,
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
        return Ok(values.collect());
    }
    let cells = levels.iter().map(|&level| match level {
        0 => Cell::Missing,
        _ => values.next().unwrap_or(Cell::Missing),
    });
    Ok(cells.collect())
}
