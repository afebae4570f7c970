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
mod tests {
    use std::sync::Arc;

    use parquet::basic::Type as Physical;
    use parquet::data_type::Int64Type;
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::types::Type;

    use super::*;
    use crate::parquet_file::{Field, Kind, TableWriter, Value};

    #[test]
    fn a_column_in_pieces_is_the_column_as_a_whole() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let fields = [("x", Kind::Whole), ("word", Kind::Text)].map(|(name, kind)| Field {
            name: name.to_owned(),
            kind,
            required: false,
        });
        let to = file.reopen().expect("the same file");
        let mut to = TableWriter::new(to, "table", fields.to_vec(), [], 9).expect("a writer");
        for row in 0..9 {
            let x = (row % 4 != 1).then_some(row);
            let word = (row % 3 != 2).then(|| format!("word {row}"));
            let row = [Value::Whole(x), Value::Text(word)];
            to.add(row).expect("a row");
        }
        to.finish().expect("it can be written");
        let table = TableReader::open(file.path()).expect("a table");
        for name in ["x", "word"] {
            let whole = table.column(0, name).expect("a column");
            assert_eq!(whole.len(), 9);
            for most in 1..12 {
                let mut column = table.cells(0, name).expect("a column");
                let mut cells = Vec::new();
                loop {
                    let piece = column.take(most).expect("some rows");
                    if piece.is_empty() {
                        break;
                    }
                    assert!(piece.len() <= most);
                    cells.extend(piece);
                }
                assert_eq!(cells, whole, "{most} at a time");
            }
        }
    }

    /// A table of one column of texts.
    fn texts(texts: impl Iterator<Item = String>) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let field = Field {
            name: "x".to_owned(),
            kind: Kind::Text,
            required: true,
        };
        let to = file.reopen().expect("the same file");
        let mut to = TableWriter::new(to, "table", vec![field], [], 4096).expect("a writer");
        for text in texts {
            to.add([Value::Text(Some(text))]).expect("a row");
        }
        to.finish().expect("it can be written");
        file
    }

    #[test]
    fn a_small_file_of_large_texts_is_refused_before_they_are_copied() {
        let said = |file: &tempfile::NamedTempFile| {
            let table = TableReader::open(file.path()).expect("a table");
            table.column(0, "x").expect_err("too much").to_string()
        };
        let one = texts(["a".repeat(40 << 20)].into_iter());
        assert!(
            said(&one).contains("a text of 41943040 bytes"),
            "{}",
            said(&one)
        );
        let page = texts(["a".repeat(100 << 20)].into_iter());
        assert!(said(&page).contains("a page of"), "{}", said(&page));
        // One text of the dictionary, in every row.
        let same = texts((0..200).map(|_| "b".repeat(400_000)));
        let bytes = same.as_file().metadata().expect("a file").len();
        assert!(bytes < 200_000, "{bytes}");
        assert!(said(&same).contains("more text than"), "{}", said(&same));
    }

    #[test]
    fn more_rows_than_a_file_can_hold_are_refused_when_it_is_opened() {
        const ROWS: usize = 3_000_000;
        let x = Type::primitive_type_builder("x", Physical::INT64)
            .with_repetition(parquet::basic::Repetition::REQUIRED);
        let x = Arc::new(x.build().expect("a column"));
        let schema = Type::group_type_builder("table").with_fields(vec![x]);
        let schema = Arc::new(schema.build().expect("a schema"));
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let to = file.reopen().expect("the same file");
        let properties = Arc::new(WriterProperties::builder().build());
        let mut to = SerializedFileWriter::new(to, schema, properties).expect("a writer");
        let mut group = to.next_row_group().expect("a row group");
        let mut column = group.next_column().expect("a column").expect("the first");
        let values = column.typed::<Int64Type>();
        values
            .write_batch(&vec![7; ROWS], None, None)
            .expect("it can be written");
        column.close().expect("the end of the column");
        group.close().expect("the end of the row group");
        to.close().expect("the end of the file");
        let error = TableReader::open(file.path()).err().expect("too many rows");
        let said = error.to_string();
        assert!(
            said.contains("3000000 rows in a file of") && said.contains("2 for each byte"),
            "{said}"
        );
    }

    #[test]
    fn a_page_that_claims_more_than_it_has_is_refused_before_room_is_made() {
        let file = texts((0..50).map(|row| format!("text {row}")));
        let bytes = std::fs::read(file.path()).expect("a file");
        // Field 2 of the first page's header, the bytes that it unpacks to, as a number of five bytes: four gigabytes.
        let header = bytes.windows(2).position(|pair| pair == [0x15, 0x04]);
        let at = header.expect("the header of a dictionary page") + 3;
        let end = at
            + bytes[at..]
                .iter()
                .position(|byte| *byte < 0x80)
                .expect("a number")
            + 1;
        let claimed = [0xfe, 0xff, 0xff, 0xff, 0x0f];
        let changed = [&bytes[..at], &claimed, &bytes[end..]].concat();
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), &changed).expect("a file");
        // The footer says where it begins from the end of the file, and the pages still begin where they did.
        let table = TableReader::open(file.path()).expect("a table");
        let error = table.column(0, "x").expect_err("two gigabytes").to_string();
        assert!(error.contains("a page of 2147483647 bytes"), "{error}");
    }

    /// The number 7 in a column `x` of 64-bit integers that stand for something.
    fn seven(logical: Option<LogicalType>, converted: ConvertedType) -> io::Result<Vec<Cell>> {
        let x = Type::primitive_type_builder("x", Physical::INT64)
            .with_repetition(parquet::basic::Repetition::REQUIRED)
            .with_logical_type(logical)
            .with_converted_type(converted)
            .with_precision(9)
            .with_scale(2)
            .build()
            .expect("a column");
        let schema = Type::group_type_builder("table").with_fields(vec![Arc::new(x)]);
        let schema = Arc::new(schema.build().expect("a schema"));
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let to = file.reopen().expect("the same file");
        let properties = Arc::new(WriterProperties::builder().build());
        let mut to = SerializedFileWriter::new(to, schema, properties).expect("a writer");
        let mut group = to.next_row_group().expect("a row group");
        let mut column = group.next_column().expect("a column").expect("the first");
        let values = column.typed::<Int64Type>().write_batch(&[7], None, None);
        assert_eq!(values.expect("it can be written"), 1);
        column.close().expect("the end of the column");
        group.close().expect("the end of the row group");
        to.close().expect("the end of the file");
        TableReader::open(file.path())?.column(0, "x")
    }

    #[test]
    fn whole_numbers_are_not_read_out_of_times_and_decimals() {
        for (logical, converted) in [
            (None, ConvertedType::NONE),
            (None, ConvertedType::UINT_64),
            (Some(LogicalType::integer(64, true)), ConvertedType::NONE),
        ] {
            let cells = seven(logical, converted).expect("a whole number");
            assert_eq!(cells, [Cell::Whole(7)]);
        }
        let micros = LogicalType::timestamp(true, parquet::basic::TimeUnit::MICROS);
        for (logical, converted, found) in [
            (Some(micros), ConvertedType::NONE, "found TIMESTAMP(MICROS)"),
            (None, ConvertedType::TIMESTAMP_MILLIS, "found TIMESTAMP"),
            (None, ConvertedType::DECIMAL, "found DECIMAL"),
            (None, ConvertedType::TIME_MICROS, "found T"),
        ] {
            let error = seven(logical, converted).expect_err("another meaning");
            assert!(error.to_string().contains(found), "{error}");
        }
    }
}
