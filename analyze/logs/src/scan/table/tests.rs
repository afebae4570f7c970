use std::fs::File;

use polars::prelude::{IntoColumn as _, NamedFrom as _, ParquetCompression, ParquetWriter, Series};

use super::*;

const ROWS: &str = "0,1000000000000000001,send,1,0,1,,\n1,1000000000000000002,receive,4,12,1,1,3\n\
                    2,1000000000000000003,internal,5,0,,,\n";

fn write(columns: Vec<Series>, compression: ParquetCompression) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let columns = columns.into_iter().map(Series::into_column).collect();
    let mut frame = DataFrame::new_infer_height(columns).expect("a frame");
    let to: File = file.reopen().expect("the same file");
    let to = ParquetWriter::new(to).with_compression(compression);
    to.finish(&mut frame).expect("it can be written");
    file
}

/// A log as pandas may write it: numbers with gaps as fractions, columns in another order, and of other widths.
fn columns() -> Vec<Series> {
    let times = [
        1_000_000_000_000_000_001i64,
        1_000_000_000_000_000_002,
        1_000_000_000_000_000_003,
    ];
    vec![
        Series::new("event".into(), ["send", "receive", "internal"]),
        Series::new("queue".into(), [0i32, 12, 0]),
        Series::new("peer".into(), [Some(1.0), Some(1.0), None]),
        Series::new("tick".into(), [0u32, 1, 2]),
        Series::new("time_ns".into(), times),
        Series::new("clock".into(), [1u64, 4, 5]),
        Series::new("sent_tick".into(), [None, Some(1.0), None]),
        Series::new("sent_clock".into(), [None, Some(3.0f32), None]),
        Series::new("note".into(), ["a", "b", "c"]),
    ]
}

fn replaced(by: Series) -> tempfile::NamedTempFile {
    let columns = columns().into_iter();
    let columns = columns.map(|of| match of.name() == by.name() {
        true => by.clone(),
        false => of,
    });
    write(columns.collect(), ParquetCompression::Snappy)
}

#[test]
fn a_table_has_the_rows_of_the_csv_that_it_stands_for_however_it_is_compressed() {
    let lines = frame::of_lines(ROWS.as_bytes(), 3).expect("rows");
    for compression in [
        ParquetCompression::Uncompressed,
        ParquetCompression::Snappy,
        ParquetCompression::Zstd(None),
    ] {
        let file = write(columns(), compression);
        let rows = rows(file.path()).expect("a log");
        assert!(rows.equals_missing(&lines), "{rows:?}");
        let csv = as_csv(file.path()).expect("a log");
        let expected = format!("{}\n{ROWS}", ClockEvent::HEADER);
        assert_eq!(String::from_utf8(csv), Ok(expected));
    }
}

#[test]
fn a_table_with_a_row_that_is_none_is_told_as_its_lines() {
    for (column, line) in [
        (
            Series::new("peer".into(), [Some(1.5), Some(1.0), None]),
            "0,1000000000000000001,send,1,0,1.5,,",
        ),
        (
            Series::new("queue".into(), [0, -12, 0]),
            "1,1000000000000000002,receive,4,-12,1,1,3",
        ),
        (
            Series::new("queue".into(), [None, Some(12), Some(0)]),
            "0,1000000000000000001,send,1,,1,,",
        ),
        (
            Series::new("event".into(), ["se\nnd", "receive", "internal"]),
            "0,1000000000000000001,se nd,1,0,1,,",
        ),
        (
            Series::new("clock".into(), [1u64 << 53, 4, 5]),
            "0,1000000000000000001,send,9007199254740992,0,1,,",
        ),
        (
            Series::new("peer".into(), [1.0, 1.0, 1.0]),
            "2,1000000000000000003,internal,5,0,1,,",
        ),
    ] {
        let file = replaced(column);
        assert!(rows(file.path()).is_none(), "{line}");
        let csv = String::from_utf8(as_csv(file.path()).expect("a log")).expect("text");
        let is_there = csv.lines().any(|known| known == line);
        assert!(is_there, "no {line} in {csv}");
    }
}

#[test]
fn another_table_is_refused() {
    let columns = columns().drain(2..4).collect();
    let file = write(columns, ParquetCompression::Snappy);
    let error = as_csv(file.path()).expect_err("columns are missing");
    assert_eq!(error.to_string(), "no column `time_ns` among peer, tick");
}
