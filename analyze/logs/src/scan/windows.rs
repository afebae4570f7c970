//! A long trial, a stretch of time after another: no more of it is in memory than the rows of a window.
//!
//! ```text
//! logs, each read forward ─→ rows up to a time that all of them have passed ─┬→ a trial of these rows, and where they begin
//! rows of windows before that are still needed ──────────────────────────────┘        │
//!        └──────────────────────── what [`Windows::keep`] is asked for ←──────────────┘
//! ```
//!
//! `log` reads one of the logs.
//!
//! **Invariant.** Each row is new in one window, and a window has all rows of its stretch of time. What is not in the order of
//! time, and a log that is not well formed to its last byte, is refused: such a trial is read whole.

mod log;

use std::path::PathBuf;

use event_log::{Driver, TrialManifest};
use events::{LogEnd, Trial, TrialInfo, Window};
use files::note::Note;
use polars::prelude::{DataFrame, IdxCa, IdxSize, NamedFrom as _, PolarsResult};

use super::clock_file;
use super::frame;
use super::manifest::{manifest, number_note, status_note};
use super::place::TrialPlace;
use super::rows;
use super::trial::{beside_logs, info};
use log::Log;

/// How large a trial is that is read in windows, and how large these are, both in bytes of the text of its logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// A trial of no more bytes is read whole.
    pub whole_max: u64,
    /// Bytes of a window, about.
    pub window: u64,
}

impl Default for Sizes {
    fn default() -> Sizes {
        Sizes {
            whole_max: 200 << 20,
            window: 32 << 20,
        }
    }
}

/// A trial that is read in windows.
pub struct Windows {
    info: TrialInfo,
    files: Vec<PathBuf>,
    logs: Vec<Log>,
    /// Of each machine the rows of earlier windows that are still needed.
    kept: Vec<Rows>,
    /// The rows of the window given last, machine after machine.
    given: Vec<Rows>,
    window_bytes: u64,
    is_over: bool,
    /// What is to be said of the trial, as [`super::Loaded::notes`].
    pub notes: Vec<Note>,
}

/// Rows as they stand in a log, and their lines.
struct Rows {
    frame: DataFrame,
    lines: Vec<u32>,
}

/// Why a trial cannot be read in windows: a log is not well formed, or its rows are not in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotInOrder;

impl Windows {
    /// Opens a trial; none if it is not large, or if it cannot be read in windows, as far as that shows before it is read.
    pub fn open(place: &TrialPlace, sizes: Sizes) -> Option<Windows> {
        if place.packed.is_some() {
            return None;
        }
        let manifest = manifest(place).ok()?;
        let files: Vec<PathBuf> = manifest
            .machines
            .iter()
            .map(|of| place.dir.join(&of.log))
            .collect();
        let bytes = files
            .iter()
            .map(|file| Some(file.symlink_metadata().ok()?.len()));
        if bytes.sum::<Option<u64>>()? <= sizes.whole_max {
            return None;
        }
        // Metrics count from the start.
        i64::try_from(manifest.started_ns?).ok()?;
        let stretch = sizes.window / manifest.machines.len().max(1) as u64;
        let logs = files.iter().map(|file| match clock_file::is_table(file) {
            true => None,
            false => Log::open(file, usize::try_from(stretch).ok()?),
        });
        let logs: Vec<Log> = logs.collect::<Option<_>>()?;
        let mut notes: Vec<Note> = status_note(&place.dir, &manifest).into_iter().collect();
        notes.extend(number_note(&place.dir, &manifest));
        let counts = beside_logs(&place.dir, &manifest, &mut notes);
        // What a machine that begins again has forgotten takes the whole trial to tell.
        if !counts.restarts.is_empty() {
            return None;
        }
        Some(Windows {
            info: info(&place.run, &place.dir, manifest, &counts),
            kept: logs.iter().map(|_| Rows::none()).collect(),
            given: Vec::new(),
            files,
            logs,
            window_bytes: sizes.window,
            is_over: false,
            notes,
        })
    }

    fn manifest(&self) -> Option<&TrialManifest> {
        self.info.manifest.as_deref()
    }

    /// What drove the trial.
    pub fn driver(&self) -> Option<Driver> {
        self.manifest().map(|manifest| manifest.condition.driver)
    }

    /// How each log ends.
    pub fn ends(&self) -> Vec<LogEnd> {
        let keeper = self.manifest().and_then(|manifest| manifest.timekeeper);
        let logs = self
            .logs
            .iter()
            .zip(self.manifest().into_iter().flat_map(|of| &of.machines));
        logs.map(|(log, entry)| {
            let end = log.end();
            let takes_time =
                keeper.is_some_and(|keeper| keeper != entry.id && end.from == Some(keeper));
            LogEnd {
                tick: Some((end.tick, takes_time)),
                time_ns: Some(end.time_ns),
            }
        })
        .collect()
    }

    /// The next window: the rows that are kept and those that are new, and which are; none behind the last.
    ///
    /// # Errors
    ///
    /// When the trial must be read whole.
    pub fn next(&mut self) -> Result<Option<(Trial, Window)>, NotInOrder> {
        if self.is_over {
            return Ok(None);
        }
        let end_ns = self.read()?;
        self.is_over = end_ns.is_none();
        let mut new = Vec::with_capacity(self.logs.len());
        self.given.clear();
        for (log, kept) in self.logs.iter_mut().zip(&mut self.kept) {
            let mut rows = std::mem::replace(kept, Rows::none());
            let begin = rows.lines.len();
            let taken = log.take(end_ns);
            rows.lines.extend(taken.lines);
            rows.frame = match begin {
                0 => taken.frame,
                _ => frame::concatenated(rows.frame, vec![taken.frame]).map_err(|_| NotInOrder)?,
            };
            new.push(begin..rows.lines.len());
            self.given.push(rows);
        }
        let trial = self.trial().map_err(|_| NotInOrder)?;
        let window = Window {
            new,
            is_last: self.is_over,
        };
        Ok(Some((trial, window)))
    }

    /// Reads on until there is enough for a window; up to when all logs are read then, none if to their ends.
    fn read(&mut self) -> Result<Option<i64>, NotInOrder> {
        let mut bytes = 0;
        loop {
            let open = self.logs.iter_mut().filter(|log| !log.is_over());
            let Some(behind) = open.min_by_key(|log| log.read_until_ns()) else {
                return Ok(None);
            };
            bytes += behind.read().ok_or(NotInOrder)? as u64;
            let open = self.logs.iter().filter(|log| !log.is_over());
            let end_ns = open.map(Log::read_until_ns).min();
            let is_some =
                end_ns.is_some_and(|end_ns| self.logs.iter().any(|log| log.has_before(end_ns)));
            if is_some && bytes >= self.window_bytes {
                return Ok(end_ns);
            }
        }
    }

    fn trial(&self) -> PolarsResult<Trial> {
        let frames = self.given.iter().map(|rows| rows.frame.clone());
        let mut frames = frames.filter(|frame| frame.height() > 0);
        let frame = match frames.next() {
            Some(first) => frame::concatenated(first, frames.collect())?,
            None => DataFrame::empty_with_schema(&frame::SCHEMA),
        };
        let lines = self
            .given
            .iter()
            .flat_map(|rows| rows.lines.iter().copied());
        let lengths = self.given.iter().map(|rows| rows.lines.len());
        rows::trial(
            self.info.clone(),
            self.files.clone(),
            frame,
            lines.collect(),
            lengths.collect(),
        )
    }

    /// Keeps rows of the window given last for the next: of each machine those at these places, ascending.
    ///
    /// # Errors
    ///
    /// When there is no such row, which is a bug.
    pub fn keep(&mut self, kept: &[Vec<u32>]) -> PolarsResult<()> {
        let given = std::mem::take(&mut self.given);
        let kept = given.into_iter().zip(kept).map(|(rows, kept)| {
            let places: Vec<IdxSize> = kept.iter().map(|&row| row as IdxSize).collect();
            Ok(Rows {
                frame: rows.frame.take(&IdxCa::new("".into(), places))?,
                lines: kept.iter().map(|&row| rows.lines[row as usize]).collect(),
            })
        });
        self.kept = kept.collect::<PolarsResult<_>>()?;
        Ok(())
    }
}

impl Rows {
    fn none() -> Rows {
        Rows {
            frame: DataFrame::empty_with_schema(&frame::SCHEMA),
            lines: Vec::new(),
        }
    }
}
