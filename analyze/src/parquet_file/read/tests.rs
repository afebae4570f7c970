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
