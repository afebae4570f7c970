use polars::prelude::{
    Column, IntoColumn as _, NamedFrom as _, ParquetCompression, ParquetWriter, Series,
};

use super::*;

fn write(column: Column) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let to = file.reopen().expect("the same file");
    let mut frame = DataFrame::new_infer_height(vec![column]).expect("a frame");
    let to = ParquetWriter::new(to).with_compression(ParquetCompression::Snappy);
    to.finish(&mut frame).expect("it can be written");
    file
}

/// A table of one column of texts.
fn texts(texts: impl Iterator<Item = String>) -> tempfile::NamedTempFile {
    let texts: Vec<String> = texts.collect();
    write(Series::new("x".into(), texts).into_column())
}

fn said(file: &tempfile::NamedTempFile) -> String {
    let table = TableReader::open(file.path()).expect("a table");
    table.frame(&["x"]).expect_err("too much").to_string()
}

#[test]
fn columns_stand_in_the_order_that_is_asked_for() {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let to = file.reopen().expect("the same file");
    let columns = vec![
        Series::new("x".into(), [Some(1i64), None]).into_column(),
        Series::new("other".into(), [true, false]).into_column(),
        Series::new("word".into(), [None, Some("a")]).into_column(),
    ];
    let mut frame = DataFrame::new_infer_height(columns).expect("a frame");
    ParquetWriter::new(to)
        .with_row_group_size(Some(1))
        .finish(&mut frame)
        .expect("it can be written");
    let table = TableReader::open(file.path()).expect("a table");
    assert_eq!(table.columns().expect("names"), ["x", "other", "word"]);
    let read = table.frame(&["word", "x"]).expect("two columns");
    let expected = frame.select(["word", "x"]).expect("two columns");
    assert!(read.equals_missing(&expected), "{read:?}");
    assert!(read.columns().iter().all(|column| column.n_chunks() == 1));
    let error = table.frame(&["y"]).expect_err("there is none");
    assert_eq!(error.to_string(), "no column `y`");
    let error = table.frame(&["other"]).expect_err("neither");
    let expected = "column `other`: expected numbers or text, found another type";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_small_file_of_large_texts_is_refused_before_they_are_copied() {
    let one = said(&texts(["a".repeat(40 << 20)].into_iter()));
    assert!(one.contains("a text of 41943040 bytes"), "{one}");
    let page = said(&texts(["a".repeat(100 << 20)].into_iter()));
    assert!(page.contains("a page of"), "{page}");
    // One text of the dictionary, in every row.
    let same = texts((0..200).map(|_| "b".repeat(400_000)));
    let bytes = same.as_file().metadata().expect("a file").len();
    assert!(bytes < 200_000, "{bytes}");
    assert!(said(&same).contains("more text than"), "{}", said(&same));
}

#[test]
fn more_rows_than_a_file_can_hold_are_refused_when_it_is_opened() {
    let file = write(Series::new("x".into(), vec![7i64; 3_000_000]).into_column());
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
    std::fs::write(file.path(), &changed).expect("a file");
    // The footer says where it begins from the end of the file, and the pages still begin where they did.
    let error = said(&file);
    assert!(error.contains("a page of 2147483647 bytes"), "{error}");
}

/// Any bytes of a table may be others: it is read or refused, and nothing else.
#[test]
fn a_damaged_table_is_an_error() {
    let file = texts((0..50).map(|row| format!("text {}", row % 7)));
    let bytes = std::fs::read(file.path()).expect("a file");
    let mut refused = 0;
    for at in 0..bytes.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] ^= change;
            std::fs::write(file.path(), &damaged).expect("a file");
            let table = TableReader::open(file.path());
            let frame = table.and_then(|table| table.frame(&["x"]));
            refused += usize::from(frame.is_err());
        }
    }
    assert!(
        refused > bytes.len() / 2,
        "{refused} of {}",
        3 * bytes.len()
    );
}

/// The number 7 in columns of 64-bit integers that stand for something, by the crate `parquet`, since polars as it is built
/// here writes no times.
const DISGUISED: &[u8] = include_bytes!("disguised.parquet");

#[test]
fn whole_numbers_are_not_read_out_of_times_and_decimals() {
    let table = TableReader::of(DISGUISED.into()).expect("a table");
    for name in ["plain", "unsigned", "integer"] {
        let frame = table.frame(&[name]).expect("a whole number");
        let seven = frame.columns()[0].get(0).expect("a row").extract::<u64>();
        assert_eq!(seven, Some(7), "{name}");
    }
    for (name, found) in [
        ("micros", "found TIMESTAMP(MICROS)"),
        ("millis", "found TIMESTAMP(MILLIS)"),
        ("decimal", "found DECIMAL(9, 2)"),
        ("time", "found TIME(MICROS)"),
    ] {
        let error = table.frame(&[name]).expect_err("another meaning");
        assert!(error.to_string().contains(found), "{error}");
    }
}
