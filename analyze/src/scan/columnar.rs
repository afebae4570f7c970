//! One machine's log in a Parquet file of the same columns: `machine-0.parquet` instead of `machine-0.csv`.
//!
//! Its rows are written out as the lines that they would be, and read as those: what is said of them is what would be said
//! of the CSV, line by line. Made with `COPY (FROM 'machine-0.csv') TO 'machine-0.parquet'` in DuckDB, `to_parquet` in
//! pandas and the like; columns may be of any width, and in any order.

use std::io::{self, Write as _};
use std::path::Path;

use event_log::{ClockEvent, Row as _};

use crate::parquet_file::{Cell, Cells, TableReader};

/// Rows that are taken out of a table at a time: its values take much more room than the lines that are made of them.
const PIECE: usize = 4096;

/// The log as the CSV that it stands for.
///
/// # Errors
///
/// When the file cannot be read, or does not have the columns.
pub(super) fn as_csv(file: &Path) -> io::Result<Vec<u8>> {
    let table = TableReader::open_below(file)?;
    let known = table.columns();
    let columns: Vec<&str> = ClockEvent::HEADER.split(',').collect();
    if let Some(missing) = columns
        .iter()
        .find(|column| !known.iter().any(|name| name == *column))
    {
        let problem = format!("no column `{missing}` among {}", known.join(", "));
        return Err(io::Error::other(problem));
    }
    let mut csv = [ClockEvent::HEADER.as_bytes(), b"\n"].concat();
    for group in 0..table.groups() {
        let cells = columns.iter().map(|column| table.cells(group, column));
        let mut cells: Vec<Cells> = cells.collect::<io::Result<_>>()?;
        loop {
            let piece = cells.iter_mut().map(|column| column.take(PIECE));
            let piece: Vec<Vec<Cell>> = piece.collect::<io::Result<_>>()?;
            let rows = piece.iter().map(Vec::len).min().unwrap_or(0);
            if rows == 0 {
                break;
            }
            for row in 0..rows {
                write_row(&mut csv, &piece, row)?;
            }
        }
    }
    Ok(csv)
}

/// Writes the line of a row of some columns.
fn write_row(to: &mut Vec<u8>, columns: &[Vec<Cell>], row: usize) -> io::Result<()> {
    for (position, column) in columns.iter().enumerate() {
        if position > 0 {
            to.push(b',');
        }
        write(to, &column[row])?;
    }
    to.push(b'\n');
    Ok(())
}

fn write(to: &mut Vec<u8>, cell: &Cell) -> io::Result<()> {
    match (cell.whole(), cell) {
        (Some(number), _) => write!(to, "{number}"),
        (None, Cell::Real(number)) => write!(to, "{number}"),
        // A text with a line end would be two lines.
        (None, Cell::Text(text)) => write!(to, "{}", text.replace(['\n', '\r'], " ")),
        (None, _) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parquet_file::{Field, Kind, TableWriter, Value};

    /// A log as pandas may write it: numbers with gaps as fractions, columns in another order.
    fn table(names: &[&str]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let fields = names.iter().map(|&name| Field {
            name: name.to_owned(),
            kind: match name {
                "event" => Kind::Text,
                "peer" | "sent_tick" | "sent_clock" => Kind::Real,
                _ => Kind::Whole,
            },
            required: false,
        });
        let to = file.reopen().expect("the same file");
        let mut to =
            TableWriter::new(to, "log", fields.collect(), [], 2).expect("it can be written");
        let rows = [
            (
                "send",
                [0, 1_000_000_000_000_000_001, 1, 0],
                [Some(1.0), None, None],
            ),
            (
                "receive",
                [1, 1_000_000_000_000_000_002, 4, 12],
                [Some(1.0), Some(1.0), Some(3.0)],
            ),
            (
                "internal",
                [2, 1_000_000_000_000_000_003, 5, 0],
                [None, None, None],
            ),
        ];
        for (event, [tick, time_ns, clock, queue], [peer, sent_tick, sent_clock]) in rows {
            let value = |name: &&str| match *name {
                "event" => Value::Text(Some(event.to_owned())),
                "peer" => Value::Real(peer),
                "sent_tick" => Value::Real(sent_tick),
                "sent_clock" => Value::Real(sent_clock),
                "tick" => Value::Whole(Some(tick)),
                "time_ns" => Value::Whole(Some(time_ns)),
                "clock" => Value::Whole(Some(clock)),
                _ => Value::Whole(Some(queue)),
            };
            to.add(names.iter().map(value)).expect("a row");
        }
        to.finish().expect("it can be written");
        file
    }

    #[test]
    fn a_table_is_the_csv_that_it_stands_for() {
        let names = [
            "event",
            "queue",
            "peer",
            "tick",
            "time_ns",
            "clock",
            "sent_tick",
            "sent_clock",
        ];
        let csv = as_csv(table(&names).path()).expect("a log");
        let rows = "0,1000000000000000001,send,1,0,1,,\n1,1000000000000000002,receive,4,12,1,1,3\n\
                    2,1000000000000000003,internal,5,0,,,\n";
        assert_eq!(
            String::from_utf8(csv),
            Ok(format!("{}\n{rows}", ClockEvent::HEADER))
        );
    }

    #[test]
    fn another_table_is_refused() {
        let error = as_csv(table(&["event", "tick"]).path()).expect_err("columns are missing");
        assert_eq!(error.to_string(), "no column `time_ns` among event, tick");
    }
}
