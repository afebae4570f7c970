//! A table to a file.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::error;

/// A column to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether every row has a value.
    pub required: bool,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text: `BYTE_ARRAY (UTF8)`.
    Text,
    /// Whole numbers of 64 bits: `INT64`.
    Whole,
    /// Numbers with fractions: `DOUBLE`.
    Real,
}

/// A value of a row; none where the row has none.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Of a column of [`Kind::Text`].
    Text(Option<String>),
    /// Of a column of [`Kind::Whole`].
    Whole(Option<i64>),
    /// Of a column of [`Kind::Real`].
    Real(Option<f64>),
}

/// Writes a table, row by row.
pub struct TableWriter<W: Write + Send> {
    to: SerializedFileWriter<W>,
    fields: Vec<Field>,
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

impl<W: Write + Send> TableWriter<W> {
    /// Begins a file with row groups of so many rows; `about` are its metadata, by key.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn new(
        to: W,
        name: &str,
        fields: Vec<Field>,
        about: impl IntoIterator<Item = (String, String)>,
        rows_max: usize,
    ) -> io::Result<TableWriter<W>> {
        let types = fields.iter().map(|field| of(field).map(Arc::new));
        let types = types.collect::<Result<_, _>>().map_err(error)?;
        let schema = Type::group_type_builder(name).with_fields(types);
        let schema = Arc::new(schema.build().map_err(error)?);
        let about = about.into_iter();
        let about: Vec<KeyValue> = about.map(|(key, text)| KeyValue::new(key, text)).collect();
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("driftlab analyze {}", env!("CARGO_PKG_VERSION")))
            .set_key_value_metadata(Some(about));
        let to = SerializedFileWriter::new(to, schema, Arc::new(properties.build()));
        Ok(TableWriter {
            to: to.map_err(error)?,
            columns: fields.iter().map(|field| Values::of(field.kind)).collect(),
            fields,
            rows: 0,
            rows_max,
        })
    }

    /// Adds a row: a value for each column, in order.
    ///
    /// # Errors
    ///
    /// When a row group is full and cannot be written, or when a value is not of its column.
    pub fn add(&mut self, row: impl IntoIterator<Item = Value>) -> io::Result<()> {
        let mut values = row.into_iter();
        for column in &mut self.columns {
            match (column, values.next()) {
                (Values::Text(to), Some(Value::Text(value))) => {
                    to.push(value.map(|text| text.into_bytes().into()));
                }
                (Values::Whole(to), Some(Value::Whole(value))) => to.push(value),
                (Values::Real(to), Some(Value::Real(value))) => to.push(value),
                _ => return Err(io::Error::other("a value is not of its column")),
            }
        }
        self.rows += 1;
        if self.rows == self.rows_max {
            self.write_group().map_err(error)?;
        }
        Ok(())
    }

    /// Writes what is left, and the end of the file.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn finish(mut self) -> io::Result<()> {
        if self.rows > 0 {
            self.write_group().map_err(error)?;
        }
        self.to.finish().map_err(error)?;
        self.to.inner_mut().flush()
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.to.next_row_group()?;
        for (field, values) in self.fields.iter().zip(&mut self.columns) {
            let Some(mut to) = group.next_column()? else {
                break;
            };
            values.drain_into(&mut to, field.required)?;
            to.close()?;
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }
}

impl Values {
    fn of(kind: Kind) -> Values {
        match kind {
            Kind::Text => Values::Text(Vec::new()),
            Kind::Whole => Values::Whole(Vec::new()),
            Kind::Real => Values::Real(Vec::new()),
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

fn of(field: &Field) -> Result<Type, ParquetError> {
    let (physical, converted) = match field.kind {
        Kind::Text => (Physical::BYTE_ARRAY, ConvertedType::UTF8),
        Kind::Whole => (Physical::INT64, ConvertedType::NONE),
        Kind::Real => (Physical::DOUBLE, ConvertedType::NONE),
    };
    let repetition = match field.required {
        true => Repetition::REQUIRED,
        false => Repetition::OPTIONAL,
    };
    Type::primitive_type_builder(&field.name, physical)
        .with_converted_type(converted)
        .with_repetition(repetition)
        .build()
}
