//! A log that is not wholly well formed, line by line: good rows are kept, each bad line becomes a note.

use std::path::Path;

use event_log::{ClockEvent, Event, Record};
use events::{Clock, EventsBuilder, Kind};

use files::note::{Note, Severity};

/// How many bad lines of one file are listed one by one; the rest are counted.
const TOLD: usize = 5;

/// Ticks, clocks and queues are below this, 2^53: no trial comes near it, sums of them do not overflow, and floating-point
/// numbers hold them exactly.
pub(super) const IMPLAUSIBLE: u64 = 1 << 53;

/// Reads the lines of a body (all lines after the header; the last has its line end), the first of which has this
/// number. Peers are named by their ids.
pub(super) fn parse(file: &Path, body: &[u8], first_line: u32) -> (EventsBuilder, Vec<Note>) {
    let mut rows = EventsBuilder::default();
    let mut notes: Vec<Note> = Vec::new();
    let (mut untold, mut last) = (0u64, 0);
    let lines = body.split_inclusive(|&byte| byte == b'\n');
    for (line, bytes) in (first_line..).zip(lines) {
        match decode(bytes).and_then(plausible) {
            Ok(record) => rows.push(0, event(line, &record)),
            Err(found) if notes.len() < TOLD => {
                notes.push(bad_row(file, &found).at_line(u64::from(line)));
            }
            Err(_) => (untold, last) = (untold + 1, line),
        }
    }
    if untold > 0 {
        let found = format!("{untold} more bad lines, the last at {last}");
        notes.push(bad_row(file, &found));
    }
    (rows, notes)
}

/// The row of a line, with or without its line end, if it is one.
pub(super) fn row(bytes: &[u8]) -> Option<Record<ClockEvent>> {
    decode(bytes).and_then(plausible).ok()
}

/// Whether a line, with or without its line end, is a row.
pub(super) fn is_row(bytes: &[u8]) -> bool {
    decode(bytes).is_ok()
}

fn decode(bytes: &[u8]) -> Result<Record<ClockEvent>, String> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| "bytes that are not UTF-8 text".to_owned())?;
    Record::decode_line(text).map_err(|error| {
        let line = text.trim_end();
        if line.is_empty() {
            "an empty line".to_owned()
        } else {
            let shown: String = line.chars().take(80).collect();
            format!("`{shown}` ({error})")
        }
    })
}

/// The record, if none of its counts is beyond all measure, and the table can hold its time.
fn plausible(record: Record<ClockEvent>) -> Result<Record<ClockEvent>, String> {
    let event = &record.event;
    let (sent_tick, sent_clock) = match event.event {
        Event::Receive {
            sent_tick,
            sent_clock,
            ..
        } => (sent_tick.0, sent_clock.0),
        Event::Internal | Event::Send { .. } | Event::Broadcast => (0, 0),
    };
    let counts = [
        ("tick", event.tick.0),
        ("clock", event.clock.0),
        ("queue", event.queue),
        ("sent_tick", sent_tick),
        ("sent_clock", sent_clock),
    ];
    let beyond = counts.iter().find(|(_, count)| *count >= IMPLAUSIBLE);
    let refuse = |column: &str, most: &str, found: u64| {
        Err(format!(
            "an implausible one (column `{column}`: expected a number below {most}, found `{found}`)"
        ))
    };
    match beyond {
        Some((column, count)) => refuse(column, "2^53", *count),
        None if i64::try_from(record.time_ns).is_err() => refuse("time_ns", "2^63", record.time_ns),
        None => Ok(record),
    }
}

fn bad_row(file: &Path, found: &str) -> Note {
    Note::new(
        Severity::Warning,
        file,
        "a row",
        found,
        "the line was left out and the trial stays out of the statistics; repeat the trial, or repair the file",
    )
}

/// The event of a line.
fn event(line: u32, record: &Record<ClockEvent>) -> events::Event {
    let row = &record.event;
    let lamport = |clock: u64| i64::try_from(clock).ok().map(Clock::Lamport);
    let event = events::Event {
        time_ns: i64::try_from(record.time_ns).ok(),
        clock: lamport(row.clock.0),
        queue: Some(row.queue),
        ..events::Event::new(line, Kind::Internal, row.tick.0)
    };
    match row.event {
        Event::Internal => event,
        Event::Broadcast => events::Event {
            kind: Kind::Broadcast,
            ..event
        },
        Event::Send { to } => events::Event {
            kind: Kind::Send,
            to: Some(vec![to.index()]),
            ..event
        },
        Event::Receive {
            from,
            sent_tick,
            sent_clock,
        } => events::Event {
            kind: Kind::Receive,
            from: Some(from.index()),
            sent_tick: Some(sent_tick.0),
            carried: lamport(sent_clock.0),
            ..event
        },
    }
}
