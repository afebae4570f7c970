//! Well-formed rows to columns, by polars.
//!
//! **Invariant.** All or nothing: a body of which any line is not exactly a row yields `None`, and the caller reads it
//! line by line instead. polars is lenient where a row is short, blank or oddly spaced, so its input is screened first.

use std::io::Cursor;
use std::sync::Arc;

use event_log::{MachineId, Row};
use polars::prelude::{
    CsvReadOptions, DataFrame, DataType, Field, PlSmallStr, Schema, SerReader as _,
};

use super::lines::IMPLAUSIBLE;
use crate::trial_log::{ClockRows, EventKind};

/// The columns of a body (all lines after the header) whose first line has this number.
pub(super) fn parse(body: &[u8], first_line: u32) -> Option<ClockRows> {
    let rows = screen(body)?;
    if rows == 0 {
        return Some(ClockRows::default());
    }
    let options = CsvReadOptions::default()
        .with_has_header(false)
        .with_schema(Some(Arc::new(schema())))
        .with_n_threads(Some(1))
        .with_rechunk(true)
        .map_parse_options(|parse| parse.with_quote_char(None));
    let frame = options
        .into_reader_with_file_handle(Cursor::new(body))
        .finish()
        .ok()?;
    let columns = columns(&frame, first_line)?;
    let sound = columns.len() == rows && kinds_agree(&columns, &frame) && plausible(&columns);
    sound.then_some(columns)
}

/// Whether no count is beyond all measure.
fn plausible(rows: &ClockRows) -> bool {
    let counts = [
        &rows.tick,
        &rows.clock,
        &rows.queue,
        &rows.sent_tick,
        &rows.sent_clock,
    ];
    let mut counts = counts.into_iter().flatten();
    counts.all(|&count| count < IMPLAUSIBLE)
}

/// How many rows the body has, if it is made of whole lines of the right number of plain fields.
///
/// That no line has too many fields is left to polars, which refuses them; with the total right, none has too few.
fn screen(body: &[u8]) -> Option<usize> {
    let (mut lines, mut commas) = (0, 0);
    for &byte in body {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' => {}
            b',' => commas += 1,
            b'\n' => lines += 1,
            _ => return None,
        }
    }
    let whole = body.last().is_none_or(|&last| last == b'\n');
    (whole && commas == lines * (names().count() - 1)).then_some(lines)
}

fn names() -> impl Iterator<Item = &'static str> {
    event_log::ClockEvent::HEADER.split(',')
}

fn schema() -> Schema {
    names()
        .map(|name| {
            let kind = match name {
                "event" => DataType::String,
                "peer" => DataType::UInt32,
                _ => DataType::UInt64,
            };
            Field::new(PlSmallStr::from_static(name), kind)
        })
        .collect()
}

fn columns(frame: &DataFrame, first_line: u32) -> Option<ClockRows> {
    let count = u32::try_from(frame.height()).ok()?;
    let peers = frame.column("peer").ok()?.u32().ok()?;
    Some(ClockRows {
        line: (first_line..first_line.checked_add(count)?).collect(),
        tick: numbers(frame, "tick")?,
        time_ns: numbers(frame, "time_ns")?,
        event: kinds(frame)?,
        clock: numbers(frame, "clock")?,
        queue: numbers(frame, "queue")?,
        peer: peers.iter().map(|peer| peer.map(MachineId)).collect(),
        sent_tick: numbers_or_zero(frame, "sent_tick")?,
        sent_clock: numbers_or_zero(frame, "sent_clock")?,
    })
}

fn numbers(frame: &DataFrame, name: &str) -> Option<Vec<u64>> {
    let column = frame.column(name).ok()?.u64().ok()?;
    (column.null_count() == 0).then(|| column.into_no_null_iter().collect())
}

fn numbers_or_zero(frame: &DataFrame, name: &str) -> Option<Vec<u64>> {
    let column = frame.column(name).ok()?.u64().ok()?;
    Some(column.iter().map(Option::unwrap_or_default).collect())
}

fn kinds(frame: &DataFrame) -> Option<Vec<EventKind>> {
    let column = frame.column("event").ok()?.str().ok()?;
    column
        .iter()
        .map(|name| match name? {
            "internal" => Some(EventKind::Internal),
            "send" => Some(EventKind::Send),
            "broadcast" => Some(EventKind::Broadcast),
            "receive" => Some(EventKind::Receive),
            _ => None,
        })
        .collect()
}

/// Whether each row fills just the columns that its kind of event has.
fn kinds_agree(rows: &ClockRows, frame: &DataFrame) -> bool {
    let filled = |name: &str| -> Option<Vec<bool>> {
        let column = frame.column(name).ok()?.u64().ok()?;
        Some(column.iter().map(|value| value.is_some()).collect())
    };
    let (Some(ticks), Some(clocks)) = (filled("sent_tick"), filled("sent_clock")) else {
        return false;
    };
    (0..rows.len()).all(|row| {
        let found = (rows.peer[row].is_some(), ticks[row], clocks[row]);
        found
            == match rows.event[row] {
                EventKind::Internal | EventKind::Broadcast => (false, false, false),
                EventKind::Send => (true, false, false),
                EventKind::Receive => (true, true, true),
            }
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::scan::lines;

    const BODY: &str = "0,1000,send,1,0,1,,\n1,2000,receive,4,12,1,1,3\n2,3000,broadcast,5,1,,,\n3,4000,internal,6,0,,,\n";

    /// Bytes that a log is made of, and some that it is not.
    fn any_byte() -> impl Strategy<Value = u8> {
        prop_oneof![
            prop::sample::select(b"0123456789,\n\r \"-+.abcdefgilnrstv".to_vec()),
            any::<u8>()
        ]
    }

    /// Numbers that a log holds, and some around the largest that it may.
    fn any_count() -> impl Strategy<Value = u64> {
        prop_oneof![
            6 => 0..1_000_000u64,
            2 => (1u64 << 53) - 2..(1 << 53) + 2,
            1 => any::<u64>(),
        ]
    }

    #[test]
    fn a_plain_body_takes_the_fast_path() {
        let rows = parse(BODY.as_bytes(), 2).expect("every line is a row");
        assert_eq!(rows.line, [2, 3, 4, 5]);
        assert_eq!(rows.queue, [0, 12, 1, 0]);
        assert_eq!(
            rows.peer,
            [Some(MachineId(1)), Some(MachineId(1)), None, None]
        );
    }

    proptest! {
        /// What polars accepts, the reader of single lines accepts too, and they read the same.
        #[test]
        fn the_fast_path_never_reads_what_is_no_row(
            edits in prop::collection::vec((0..BODY.len(), prop::option::of(any_byte()), any::<bool>()), 1..4),
        ) {
            let mut body = BODY.as_bytes().to_vec();
            for (at, byte, replace) in edits {
                let at = at.min(body.len().saturating_sub(1));
                match byte {
                    Some(byte) if replace => body[at] = byte,
                    Some(byte) => body.insert(at, byte),
                    None => { body.remove(at); }
                }
            }
            if let Some(rows) = parse(&body, 2) {
                let (slow, notes) = lines::parse(Path::new("machine-0.csv"), &body, 2);
                prop_assert_eq!(notes, vec![]);
                prop_assert_eq!(rows, slow);
            }
        }

        /// Both readers draw the line between a row and an implausible one at the same place.
        #[test]
        fn fast_and_slow_path_agree_on_what_is_implausible(
            counts in prop::collection::vec(any_count(), 5), time_ns: u64,
        ) {
            let [tick, clock, queue, sent_tick, sent_clock] = counts[..] else { unreachable!("five were asked for") };
            let body = format!("{BODY}{tick},{time_ns},receive,{clock},{queue},1,{sent_tick},{sent_clock}\n");
            let (slow, notes) = lines::parse(Path::new("machine-0.csv"), body.as_bytes(), 2);
            let beyond = counts.iter().any(|&count| count >= 1 << 53);
            prop_assert_eq!((notes.len(), slow.len()), if beyond { (1, 4) } else { (0, 5) });
            prop_assert_eq!(parse(body.as_bytes(), 2), (!beyond).then_some(slow));
        }
    }
}
