//! Rows as they stand in a log, with the lines that they stand on.

use polars::prelude::{DataFrame, IdxCa, IdxSize, NamedFrom as _, PolarsResult};

use crate::scan::frame;

/// Rows as they stand in a log, and their lines.
#[derive(Clone)]
pub(super) struct Rows {
    pub(super) frame: DataFrame,
    pub(super) lines: Vec<u32>,
}

impl Rows {
    /// None.
    pub(super) fn none() -> Rows {
        Rows {
            frame: DataFrame::empty_with_schema(&frame::SCHEMA),
            lines: Vec::new(),
        }
    }

    /// Adds rows that stand behind.
    ///
    /// # Errors
    ///
    /// When polars cannot join them, which is a bug.
    pub(super) fn append(&mut self, others: Rows) -> PolarsResult<()> {
        self.lines.extend(others.lines);
        let frame = std::mem::take(&mut self.frame);
        self.frame = match frame.height() {
            0 => others.frame,
            _ => frame::concatenated(frame, vec![others.frame])?,
        };
        Ok(())
    }

    /// Those at some places.
    ///
    /// # Errors
    ///
    /// When polars cannot take them, which is a bug.
    pub(super) fn at(&self, places: &[u32]) -> PolarsResult<Rows> {
        let taken: Vec<IdxSize> = places.iter().map(|&row| row as IdxSize).collect();
        Ok(Rows {
            frame: self.frame.take(&IdxCa::new("".into(), taken))?,
            lines: places.iter().map(|&row| self.lines[row as usize]).collect(),
        })
    }

    /// Those behind a line, or all.
    pub(super) fn behind(&self, line: Option<u32>) -> Rows {
        let before = line.map_or(0, |line| self.lines.partition_point(|&of| of <= line));
        Rows {
            frame: self.frame.slice(before as i64, self.lines.len() - before),
            lines: self.lines[before..].to_vec(),
        }
    }
}
