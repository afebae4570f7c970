//! The table of events as one Parquet file, for pandas, polars, DuckDB and R; the only user of the parquet crate.
//!
//! Each column is plain: `BYTE_ARRAY (UTF8)`, `INT64` or `DOUBLE`, nullable unless every row has a value, compressed with
//! Snappy. The file's metadata hold what each column means, under `column:NAME`.
//!
//! **Invariant.** No more than a row group is in memory, however many trials are written.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::columns::{self, COLUMNS, Column, Of, Row};
use super::{Exporter, Trial};

/// Rows of a row group: enough to compress and to skip by, few enough to hold.
const ROWS: usize = 1 << 16;

/// Writes Parquet.
pub struct Archive<W: Write + Send> {
    to: SerializedFileWriter<W>,
    /// The columns of the row group that is being filled.
    columns: Vec<Values>,
    rows: usize,
    rows_max: usize,
}

/// The values of a column in a row group.
enum Values {
    Text(Vec<Option<ByteArray>>),
    Whole(Vec<Option<i64>>),
    Real(Vec<Option<f64>>),
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
        let fields = COLUMNS.iter().map(|column| field(column).map(Arc::new));
        let fields = fields.collect::<Result<_, _>>().map_err(error)?;
        let schema = Type::group_type_builder("events").with_fields(fields);
        let schema = Arc::new(schema.build().map_err(error)?);
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("driftlab analyze {}", env!("CARGO_PKG_VERSION")))
            .set_key_value_metadata(Some(meanings()));
        let to = SerializedFileWriter::new(to, schema, Arc::new(properties.build()));
        Ok(Archive {
            to: to.map_err(error)?,
            columns: COLUMNS.iter().map(Values::of).collect(),
            rows: 0,
            rows_max,
        })
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.to.next_row_group()?;
        for (column, values) in COLUMNS.iter().zip(&mut self.columns) {
            let Some(mut to) = group.next_column()? else {
                break;
            };
            values.drain_into(&mut to, column.required)?;
            to.close()?;
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }
}

impl<W: Write + Send> Exporter for Archive<W> {
    fn add(&mut self, trial: &Trial) -> io::Result<()> {
        for row in columns::rows(trial) {
            for (column, values) in COLUMNS.iter().zip(&mut self.columns) {
                values.push(column, &row);
            }
            self.rows += 1;
            if self.rows == self.rows_max {
                self.write_group().map_err(error)?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<String>> {
        if self.rows > 0 {
            self.write_group().map_err(error)?;
        }
        self.to.finish().map_err(error)?;
        self.to.inner_mut().flush()?;
        Ok(Vec::new())
    }
}

impl Values {
    fn of(column: &Column) -> Values {
        match column.of {
            Of::Text(_) => Values::Text(Vec::new()),
            Of::Whole(_) => Values::Whole(Vec::new()),
            Of::Real(_) => Values::Real(Vec::new()),
        }
    }

    fn push(&mut self, column: &Column, row: &Row<'_>) {
        match (self, column.of) {
            (Values::Text(values), Of::Text(of)) => {
                values.push(of(row).map(|text| text.into_owned().into_bytes().into()));
            }
            (Values::Whole(values), Of::Whole(of)) => values.push(of(row)),
            (Values::Real(values), Of::Real(of)) => values.push(of(row)),
            _ => unreachable!("values are made of their column"),
        }
    }

    fn drain_into(
        &mut self,
        to: &mut SerializedColumnWriter<'_>,
        required: bool,
    ) -> Result<(), ParquetError> {
        match self {
            Values::Text(values) => drain::<ByteArrayType>(values, to, required),
            Values::Whole(values) => drain::<Int64Type>(values, to, required),
            Values::Real(values) => drain::<DoubleType>(values, to, required),
        }
    }
}

fn drain<T: DataType>(
    values: &mut Vec<Option<T::T>>,
    to: &mut SerializedColumnWriter<'_>,
    required: bool,
) -> Result<(), ParquetError> {
    let there: Vec<i16> = values.iter().map(|value| value.is_some().into()).collect();
    let values: Vec<T::T> = values.drain(..).flatten().collect();
    let levels = (!required).then_some(there.as_slice());
    to.typed::<T>().write_batch(&values, levels, None)?;
    Ok(())
}

fn field(column: &Column) -> Result<Type, ParquetError> {
    let (physical, converted) = match column.of {
        Of::Text(_) => (Physical::BYTE_ARRAY, ConvertedType::UTF8),
        Of::Whole(_) => (Physical::INT64, ConvertedType::NONE),
        Of::Real(_) => (Physical::DOUBLE, ConvertedType::NONE),
    };
    let repetition = match column.required {
        true => Repetition::REQUIRED,
        false => Repetition::OPTIONAL,
    };
    Type::primitive_type_builder(column.name, physical)
        .with_converted_type(converted)
        .with_repetition(repetition)
        .build()
}

fn meanings() -> Vec<KeyValue> {
    let meaning = |column: &Column| {
        KeyValue::new(format!("column:{}", column.name), column.meaning.to_owned())
    };
    COLUMNS.iter().map(meaning).collect()
}

fn error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => *source,
            Err(source) => io::Error::other(source),
        },
        error => io::Error::other(error),
    }
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader as _, SerializedFileReader};

    use super::super::sample;
    use super::*;

    #[test]
    fn row_groups_are_bounded_and_run_on_from_trial_to_trial() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let to = file.reopen().expect("the same file");
        let mut to = Box::new(Archive::in_groups(to, 4).expect("it can be written"));
        for _ in 0..2 {
            to.add(&sample::trial()).expect("it can be written");
        }
        to.finish().expect("it can be written");
        let reader = SerializedFileReader::new(file.into_file()).expect("Parquet");
        let groups = reader.metadata().row_groups().iter();
        let rows: Vec<i64> = groups.map(|group| group.num_rows()).collect();
        assert_eq!(rows, [4, 4, 4, 2]);
        let about = reader.metadata().file_metadata().key_value_metadata();
        let meanings = about.expect("metadata").iter();
        let queue = meanings.filter(|about| about.key == "column:queue").count();
        assert_eq!(queue, 1);
        let lines = reader.get_row_iter(None).expect("rows").map(|row| {
            let row = row.expect("a row");
            let mut fields = row.get_column_iter();
            let line = fields.find(|(name, _)| *name == "line");
            line.expect("a line").1.to_string()
        });
        let lines: Vec<String> = lines.collect();
        let once = ["1", "2", "3", "4", "7", "8", "9"];
        assert_eq!(lines, [once, once].concat());
    }
}
