//! The logs of some trials as one text that polars parses at once, and the rows of each log cut out of the frame.
//!
//! To begin parsing costs as much as some hundred rows, so small logs wait for each other; of a large one no more than a
//! stretch is in memory as text.
//!
//! **Invariant.** A log has all its rows or is [`Log::Faulty`]: then its lines are read one by one, by who asked for it.

use std::io::Read as _;
use std::ops::Range;

use polars::prelude::{DataFrame, PolarsResult};

use super::clock_file::is_header;
use super::frame;
use files::input::InputFile;

/// Bytes of text that are parsed at once, about.
const TEXT_BYTES: usize = 4 << 20;

/// What a log has given so far.
pub(super) enum Log {
    /// Rows, in their order.
    Rows(Vec<Piece>),
    /// It is not wholly well formed, or cannot be read.
    Faulty,
}

/// Some rows of a frame that holds the rows of other logs too.
#[derive(Clone)]
pub(super) struct Piece {
    frame: DataFrame,
    rows: Range<usize>,
    /// Which frame it is, by the order of parsing.
    number: usize,
}

/// A log of the batch.
pub(super) type LogNumber = usize;

/// Lines that wait to be parsed.
struct Part {
    of: LogNumber,
    text: Range<usize>,
    lines: usize,
}

/// Logs whose rows are asked for together.
#[derive(Default)]
pub(super) struct Batch {
    logs: Vec<Log>,
    /// The text of the parts, one after another, and then what has no line end yet.
    text: Vec<u8>,
    parts: Vec<Part>,
    /// Frames so far.
    frames: usize,
}

impl Batch {
    /// Whether there is enough to be parsed, or something was parsed before its trial was complete.
    pub(super) fn is_full(&self) -> bool {
        self.frames > 0 || self.text.len() >= TEXT_BYTES
    }

    /// Number of logs so far.
    pub(super) fn len(&self) -> LogNumber {
        self.logs.len()
    }

    /// Adds a log without rows yet.
    fn begin(&mut self) -> LogNumber {
        self.logs.push(Log::Rows(Vec::new()));
        self.logs.len() - 1
    }

    /// Adds a log that is known to have a fault.
    pub(super) fn add_faulty(&mut self) {
        self.logs.push(Log::Faulty);
    }

    /// Adds the log of a file.
    pub(super) fn add_file(&mut self, file: InputFile) {
        let log = self.begin();
        if self.read(log, file).is_none() {
            self.give_up(log);
        }
    }

    /// Adds a log of these lines: the header is not among them.
    pub(super) fn add_lines(&mut self, lines: &[u8]) {
        let log = self.begin();
        let start = self.text.len();
        self.make_room(lines.len());
        self.text.extend_from_slice(lines);
        if self.push(log, start..self.text.len()).is_none() {
            self.give_up(log);
        }
    }

    /// Adds a log of a frame with its rows.
    pub(super) fn add_frame(&mut self, frame: DataFrame) {
        let log = self.begin();
        let rows = 0..frame.height();
        self.give(log, Some((frame, rows)));
        self.frames += 1;
    }

    /// Reads a file stretch by stretch. None where it is not the header and then whole lines, as far as that can be seen.
    fn read(&mut self, log: LogNumber, mut file: InputFile) -> Option<()> {
        let (mut start, mut header) = (self.text.len(), false);
        loop {
            let room = usize::try_from(file.len()).unwrap_or(usize::MAX);
            self.make_room(room.min(TEXT_BYTES) + 1);
            let mut stretch = file.by_ref().take(TEXT_BYTES as u64);
            if stretch.read_to_end(&mut self.text).ok()? == 0 {
                return (header && self.text.len() == start).then_some(());
            }
            if !header {
                let end = self.text[start..].iter().position(|&byte| byte == b'\n')? + 1;
                header = is_header(&self.text[start..start + end]);
                self.text.drain(start..start + end);
            }
            if !header {
                return None;
            }
            let Some(end) = self.text[start..].iter().rposition(|&byte| byte == b'\n') else {
                // Behind the header nothing, or a line that has not ended.
                if self.text.len() - start >= TEXT_BYTES {
                    return None;
                }
                continue;
            };
            let end = start + end + 1;
            self.push(log, start..end)?;
            start = end;
            if self.text.len() >= TEXT_BYTES {
                self.parse();
                if matches!(self.logs[log], Log::Faulty) {
                    return None;
                }
                start = 0;
            }
        }
    }

    /// Makes room for more text: at first for all that is parsed at once, so that it is not moved as it grows.
    fn make_room(&mut self, bytes: usize) {
        match self.text.capacity() {
            0 => self.text.reserve(bytes.max(TEXT_BYTES + TEXT_BYTES / 4)),
            _ => self.text.reserve(bytes),
        }
    }

    fn push(&mut self, of: LogNumber, text: Range<usize>) -> Option<()> {
        let lines = frame::plain_lines(&self.text[text.clone()])?;
        if lines > 0 {
            self.parts.push(Part { of, text, lines });
        }
        Some(())
    }

    /// Forgets what there is of a log, the last.
    fn give_up(&mut self, log: LogNumber) {
        self.logs[log] = Log::Faulty;
        while self.parts.last().is_some_and(|part| part.of == log) {
            self.parts.pop();
        }
        let end = self.parts.last().map_or(0, |part| part.text.end);
        self.text.truncate(end);
    }

    /// Parses the lines that wait.
    fn parse(&mut self) {
        let parts = std::mem::take(&mut self.parts);
        let lines = parts.iter().map(|part| part.lines).sum();
        let end = parts.last().map_or(0, |part| part.text.end);
        if let Some(mut frame) = frame::of_lines(&self.text[..end], lines) {
            if parts.first().map(|part| part.of) != parts.last().map(|part| part.of) {
                // Then each log is cut out of one chunk; stretches of a long one are joined at its end.
                frame.rechunk_mut();
            }
            let mut row = 0;
            for part in &parts {
                let rows = row..row + part.lines;
                row = rows.end;
                self.give(part.of, Some((frame.clone(), rows)));
            }
            self.frames += 1;
        } else if !parts.is_empty() {
            // One of them is not well formed: the others are.
            for part in &parts {
                let frame = frame::of_lines(&self.text[part.text.clone()], part.lines);
                self.give(part.of, frame.map(|frame| (frame, 0..part.lines)));
                self.frames += 1;
            }
        }
        self.text.drain(..end);
    }

    fn give(&mut self, to: LogNumber, rows: Option<(DataFrame, Range<usize>)>) {
        let number = self.frames;
        match (&mut self.logs[to], rows) {
            (Log::Rows(pieces), Some((frame, rows))) => pieces.push(Piece {
                frame,
                rows,
                number,
            }),
            (log, _) => *log = Log::Faulty,
        }
    }

    /// The logs, in the order in which they were added; a log that is well formed and has no row is faulty too.
    pub(super) fn finish(mut self) -> Vec<Log> {
        self.parse();
        let empty = |log: &Log| matches!(log, Log::Rows(pieces) if pieces.is_empty());
        for log in self.logs.iter_mut().filter(|log| empty(log)) {
            *log = Log::Faulty;
        }
        self.logs
    }
}

impl Piece {
    /// All rows of a frame of one log, with a number that no other piece has.
    pub(super) fn alone(frame: DataFrame) -> Piece {
        Piece {
            rows: 0..frame.height(),
            frame,
            number: usize::MAX,
        }
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The rows of some pieces as one frame whose columns have one chunk each; without copying them where they are
    /// neighbours.
    pub(super) fn join(pieces: impl IntoIterator<Item = Piece>) -> PolarsResult<DataFrame> {
        let mut runs: Vec<Piece> = Vec::new();
        for piece in pieces {
            match runs.last_mut() {
                Some(last)
                    if last.number == piece.number
                        && last.number != usize::MAX
                        && last.rows.end == piece.rows.start =>
                {
                    last.rows.end = piece.rows.end;
                }
                _ => runs.push(piece),
            }
        }
        let mut frames = runs
            .into_iter()
            .map(|run| run.frame.slice(run.rows.start as i64, run.rows.len()));
        let Some(first) = frames.next() else {
            return Ok(DataFrame::empty_with_schema(&frame::SCHEMA));
        };
        frame::concatenated(first, frames.collect())
    }
}

#[cfg(test)]
mod tests;
