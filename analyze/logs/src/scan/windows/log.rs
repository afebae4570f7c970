//! One of the logs of a long trial, read forward stretch by stretch.
//!
//! **Invariant.** What was read is the header and then whole rows, whose times and ticks never fall.

use std::collections::VecDeque;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use event_log::MachineId;
use events::schema;
use files::input::{self, InputFile};
use files::note::Note;
use polars::prelude::DataFrame;

use super::rows::Rows;
use crate::scan::clock_file::{cut_off_note, is_header};
use crate::scan::{frame, lines};

/// The fewest bytes that are read at once.
const STRETCH_MIN: usize = 1 << 10;
/// The most bytes that are read at once.
const STRETCH_MAX: usize = 4 << 20;
/// Bytes at the end of a log that hold its last row.
const TAIL_BYTES: u64 = 4096;
/// The line of the first row.
const FIRST_LINE: u32 = 2;

/// A log that is being read.
pub(super) struct Log {
    file: InputFile,
    stretch: usize,
    /// What has no line end yet.
    text: Vec<u8>,
    /// What was read and not yet given.
    frames: VecDeque<DataFrame>,
    /// The line of the first row that was not yet given.
    line: u32,
    /// The tick of the last row that was given.
    tick_given: Option<u64>,
    /// Time and tick of the last row that was read.
    last: (i64, u64),
    /// Lines that were read, the header included.
    lines_read: u64,
    is_over: bool,
    end: End,
}

/// The last row of a log.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub(super) tick: u64,
    pub(super) time_ns: i64,
    /// The sender of what it received.
    pub(super) from: Option<MachineId>,
}

impl Log {
    /// Opens a log and looks at its beginning and its end. None where it cannot be opened, or is not the header and then rows.
    pub(super) fn open(file: &Path, stretch: usize) -> Option<Log> {
        let end = end(file)?;
        let mut opened = input::open_below(file).ok()?;
        let mut text = Vec::new();
        opened
            .by_ref()
            .take(TAIL_BYTES)
            .read_to_end(&mut text)
            .ok()?;
        let header = text.iter().position(|&byte| byte == b'\n')? + 1;
        if !is_header(&text[..header]) {
            return None;
        }
        text.drain(..header);
        Some(Log {
            file: opened,
            stretch: stretch.clamp(STRETCH_MIN, STRETCH_MAX),
            text,
            frames: VecDeque::new(),
            line: FIRST_LINE,
            tick_given: None,
            last: (i64::MIN, 0),
            lines_read: 1,
            is_over: false,
            end,
        })
    }

    pub(super) fn end(&self) -> End {
        self.end
    }

    /// Whether all of it was read.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// The tick of the last row that was given.
    pub(super) fn tick_before(&self) -> Option<u64> {
        self.tick_given
    }

    /// What is wrong with it, once it was read: it may end in a line that was cut off.
    pub(super) fn note(&self, file: &Path) -> Option<Note> {
        let is_cut = self.is_over && !self.text.is_empty();
        is_cut.then(|| cut_off_note(file, &self.text).at_line(self.lines_read + 1))
    }

    /// The time of the last row that was read.
    pub(super) fn read_until_ns(&self) -> i64 {
        self.last.0
    }

    /// Whether a row that was not yet given is before a time.
    pub(super) fn has_before(&self, time_ns: i64) -> bool {
        let first = self
            .frames
            .front()
            .and_then(|of| times(of)?.first().copied());
        first.is_some_and(|first| first < time_ns)
    }

    /// Reads on; how many bytes. None where what comes is no row, or not in the order of time and ticks.
    pub(super) fn read(&mut self) -> Option<usize> {
        let mut stretch = self.file.by_ref().take(self.stretch as u64);
        let read = stretch.read_to_end(&mut self.text).ok()?;
        self.is_over = read == 0;
        let end = self.text.iter().rposition(|&byte| byte == b'\n');
        match end {
            Some(end) => self.parse(end + 1)?,
            // What has no line end is the rest of a line that was cut off, if nothing follows.
            None if !self.is_over => return None,
            None => {}
        }
        // A log that grows has another end than the one that was looked at.
        let is_whole = self.last == (self.end.time_ns, self.end.tick);
        (!self.is_over || is_whole).then_some(read)
    }

    /// Parses the text up to a place.
    fn parse(&mut self, end: usize) -> Option<()> {
        let lines = frame::plain_lines(&self.text[..end])?;
        let mut rows = frame::of_lines(&self.text[..end], lines)?;
        rows.rechunk_mut();
        self.text.drain(..end);
        self.lines_read += lines as u64;
        self.last = in_order(&rows, self.last)?;
        self.frames.push_back(rows);
        Some(())
    }

    /// The rows before a time that were not yet given, or all of them.
    pub(super) fn take(&mut self, end_ns: Option<i64>) -> Rows {
        let mut taken: Vec<DataFrame> = Vec::new();
        while let Some(front) = self.frames.pop_front() {
            let before = match (end_ns, times(&front)) {
                (Some(end_ns), Some(times)) => times.partition_point(|&time_ns| time_ns < end_ns),
                _ => front.height(),
            };
            if before < front.height() {
                self.frames
                    .push_front(front.slice(before as i64, front.height() - before));
                taken.push(front.slice(0, before));
                break;
            }
            taken.push(front);
        }
        let rows: usize = taken.iter().map(DataFrame::height).sum();
        let last = taken.iter().rev().find_map(|of| ticks(of)?.last().copied());
        self.tick_given = last.or(self.tick_given);
        let lines: Vec<u32> = (self.line..=u32::MAX).take(rows).collect();
        self.line = self.line.saturating_add(rows as u32);
        let mut frame = DataFrame::empty_with_schema(&frame::SCHEMA);
        for of in taken {
            frame
                .vstack_mut_owned(of)
                .expect("rows of one log have the same columns");
        }
        frame.rechunk_mut();
        Rows { frame, lines }
    }
}

/// The times of some rows, which are in one chunk.
fn times(rows: &DataFrame) -> Option<&[i64]> {
    let times = rows.column(schema::TIME_NS.name).ok()?;
    times.as_materialized_series().i64().ok()?.cont_slice().ok()
}

/// The ticks of some rows, which are in one chunk.
fn ticks(rows: &DataFrame) -> Option<&[u64]> {
    let ticks = rows.column(schema::TICK.name).ok()?;
    ticks.as_materialized_series().u64().ok()?.cont_slice().ok()
}

/// Time and tick of the last of some rows behind others that ended with `last`; none where they fall.
fn in_order(rows: &DataFrame, last: (i64, u64)) -> Option<(i64, u64)> {
    let (ticks, times) = (ticks(rows)?, times(rows)?);
    let first = (*times.first()?, *ticks.first()?);
    let rises = first.0 >= last.0 && first.1 >= last.1 && times.is_sorted() && ticks.is_sorted();
    rises.then_some((*times.last()?, *ticks.last()?))
}

/// The last row of a log, before what may be cut off behind it; none where it has none.
fn end(file: &Path) -> Option<End> {
    let opened = input::open_below(file).ok()?;
    let bytes = opened.len();
    let mut opened = opened.into_file();
    opened
        .seek(SeekFrom::Start(bytes.saturating_sub(TAIL_BYTES)))
        .ok()?;
    let mut tail = Vec::new();
    opened.take(TAIL_BYTES).read_to_end(&mut tail).ok()?;
    let end = tail.iter().rposition(|&byte| byte == b'\n')?;
    let text = &tail[..end];
    let begin = text.iter().rposition(|&byte| byte == b'\n')? + 1;
    let record = lines::row(&tail[begin..=end])?;
    Some(End {
        tick: record.event.tick.0,
        time_ns: i64::try_from(record.time_ns).ok()?,
        from: match record.event.event {
            event_log::Event::Receive { from, .. } => Some(from),
            _ => None,
        },
    })
}
