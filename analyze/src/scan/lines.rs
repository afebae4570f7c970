//! A log that is not wholly well formed, line by line: good rows are kept, each bad line becomes a note.

use std::path::Path;

use event_log::{ClockEvent, Event, Record};

use crate::note::{Note, Severity};
use crate::trial_log::{ClockRows, EventKind};

/// How many bad lines of one file are told one by one; the rest are counted.
const TOLD: usize = 5;

/// Ticks, clocks and queues are below this, 2^53: no trial comes near it, sums of them do not overflow, and floating-point
/// numbers hold them exactly.
pub(super) const IMPLAUSIBLE: u64 = 1 << 53;

/// Reads the lines of a body (all lines after the header; the last has its line end), the first of which has this
/// number.
pub(super) fn parse(file: &Path, body: &[u8], first_line: u32) -> (ClockRows, Vec<Note>) {
    let mut rows = ClockRows::default();
    let mut notes: Vec<Note> = Vec::new();
    let (mut untold, mut last) = (0u64, 0);
    let lines = body.split_inclusive(|&byte| byte == b'\n');
    for (line, bytes) in (first_line..).zip(lines) {
        match decode(bytes).and_then(plausible) {
            Ok(record) => push(&mut rows, line, &record),
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

/// The record, if none of its counts is beyond all measure.
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
    match counts.iter().find(|(_, count)| *count >= IMPLAUSIBLE) {
        None => Ok(record),
        Some((column, count)) => Err(format!(
            "an implausible one (column `{column}`: expected a number below 2^53, found `{count}`)"
        )),
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

fn push(rows: &mut ClockRows, line: u32, record: &Record<ClockEvent>) {
    let event = &record.event;
    let (kind, peer, sent_tick, sent_clock) = match event.event {
        Event::Internal => (EventKind::Internal, None, 0, 0),
        Event::Broadcast => (EventKind::Broadcast, None, 0, 0),
        Event::Send { to } => (EventKind::Send, Some(to), 0, 0),
        Event::Receive {
            from,
            sent_tick,
            sent_clock,
        } => (EventKind::Receive, Some(from), sent_tick.0, sent_clock.0),
    };
    rows.line.push(line);
    rows.tick.push(event.tick.0);
    rows.time_ns.push(record.time_ns);
    rows.event.push(kind);
    rows.clock.push(event.clock.0);
    rows.queue.push(event.queue);
    rows.peer.push(peer);
    rows.sent_tick.push(sent_tick);
    rows.sent_clock.push(sent_clock);
}
