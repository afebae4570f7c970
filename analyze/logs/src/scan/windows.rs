//! A long trial, a stretch of time after another: no more of it is in memory than the rows of a window.
//!
//! ```text
//! logs, each read forward ─→ rows up to a time that all of them have passed ─┬→ a trial of these rows, and where they begin
//! rows of windows before that are still needed ──────────────────────────────┘        │
//!        └──────────────────────── what [`Windows::keep`] is asked for ←──────────────┘
//! ```
//!
//! `log` reads one of the logs · `rows` of it and their lines · [`Sizes`] which trials are long.
//!
//! **Invariant.** Each row is new in one window, and a window has all rows of its stretch of time. What is not in the order of
//! time, and a log that is not well formed to its last byte, is refused: such a trial is read whole.

mod log;
mod rows;
mod sizes;

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

use event_log::{Driver, TrialManifest};
use events::{LogEnd, Moved, Trial, TrialInfo, Window};
use files::note::Note;
use polars::prelude::{DataFrame, PolarsResult};

use super::clock_file;
use super::frame;
use super::manifest::{manifest, number_note, status_note};
use super::place::TrialPlace;
use super::rows::trial;
use super::trial::{beside_logs, info};
use log::Log;
use rows::Rows;
pub use sizes::Sizes;

/// A trial that is read in windows.
pub struct Windows {
    info: TrialInfo,
    files: Vec<PathBuf>,
    logs: Vec<Log>,
    /// Of each machine the first ticks with which it begins again, after a fault.
    restarts: Vec<Vec<u64>>,
    pins: Pins,
    /// Of each machine the rows of earlier windows that are still needed.
    kept: Vec<Rows>,
    /// Rows of the window given last that were to be kept, and their lines.
    asked: Vec<(Vec<u32>, Vec<u32>)>,
    /// The rows of the window given last, but for those of later windows.
    given: Vec<Rows>,
    window_bytes: u64,
    is_over: bool,
    /// What is to be said of the trial, as [`super::Loaded::notes`], but for its logs.
    notes: [Vec<Note>; 2],
}

/// A window of a trial.
pub struct Part {
    /// The rows that are kept, those that are new, and pinned ones of later windows.
    pub trial: Trial,
    /// Which are new.
    pub window: Window,
    /// Of each machine those that are pinned.
    pub pinned: Vec<Vec<u32>>,
    /// Where the rows stand that were kept of the window before.
    pub moved: Moved,
}

/// Rows of a trial that are to stand in every window, before they are new and behind.
#[derive(Clone, Default)]
pub struct Pins {
    /// Of each machine.
    rows: Vec<Rows>,
}

/// Why a trial cannot be read in windows: a log is not well formed, or its rows are not in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotInOrder;

impl Windows {
    /// Opens a trial; none if it is not large, or if it cannot be read in windows, as far as that shows before it is read.
    pub fn open(place: &TrialPlace, sizes: Sizes, pins: Pins) -> Option<Windows> {
        if !sizes.are_exceeded(place) {
            return None;
        }
        let manifest = manifest(place).ok()?;
        let files = manifest.machines.iter().map(|of| place.dir.join(&of.log));
        let files: Vec<PathBuf> = files.collect();
        // Metrics count from the start.
        i64::try_from(manifest.started_ns?).ok()?;
        let stretch = sizes.window / manifest.machines.len().max(1) as u64;
        let logs = files.iter().map(|file| match clock_file::is_table(file) {
            true => None,
            false => Log::open(file, usize::try_from(stretch).ok()?),
        });
        let logs: Vec<Log> = logs.collect::<Option<_>>()?;
        let mut about: Vec<Note> = status_note(&place.dir, &manifest).into_iter().collect();
        about.extend(number_note(&place.dir, &manifest));
        let mut beside = Vec::new();
        let counts = beside_logs(&place.dir, &manifest, &mut beside);
        let restarts = manifest.machines.iter().map(|entry| {
            let own = counts.restarts.iter().filter(|(id, _)| *id == entry.id);
            own.map(|&(_, tick)| tick).collect()
        });
        Some(Windows {
            restarts: restarts.collect(),
            info: info(&place.run, &place.dir, manifest, &counts),
            kept: logs.iter().map(|_| Rows::none()).collect(),
            asked: vec![Default::default(); logs.len()],
            pins: match pins.rows.is_empty() {
                true => Pins {
                    rows: logs.iter().map(|_| Rows::none()).collect(),
                },
                false => pins,
            },
            given: Vec::new(),
            files,
            logs,
            window_bytes: sizes.window,
            is_over: false,
            notes: [about, beside],
        })
    }

    fn manifest(&self) -> Option<&TrialManifest> {
        self.info.manifest.as_deref()
    }

    /// What is to be said of the trial, once all of it was read, and whether its logs are damaged.
    pub fn notes(&self) -> (Vec<Note>, bool) {
        let [about, beside] = &self.notes;
        let logs = self.logs.iter().zip(&self.files);
        let of_logs: Vec<Note> = logs.filter_map(|(log, file)| log.note(file)).collect();
        let is_damaged = !of_logs.is_empty();
        let notes = about.iter().cloned().chain(of_logs);
        (notes.chain(beside.iter().cloned()).collect(), is_damaged)
    }

    /// What drove the trial.
    pub fn driver(&self) -> Option<Driver> {
        self.manifest().map(|manifest| manifest.condition.driver)
    }

    /// How each log ends.
    pub fn ends(&self) -> Vec<LogEnd> {
        let keeper = self.manifest().and_then(|manifest| manifest.timekeeper);
        let entries = self.manifest().into_iter().flat_map(|of| &of.machines);
        let logs = self.logs.iter().zip(entries).zip(&self.restarts);
        let ends = logs.map(|((log, entry), restarts)| {
            let end = log.end();
            let from_keeper = keeper.is_some() && end.from == keeper;
            LogEnd {
                tick: Some((end.tick, from_keeper && keeper != Some(entry.id))),
                time_ns: Some(end.time_ns),
                has_gaps: restarts.iter().any(|&tick| tick <= end.tick),
            }
        });
        ends.collect()
    }

    /// The next window; none behind the last.
    ///
    /// # Errors
    ///
    /// When the trial must be read whole.
    pub fn next_part(&mut self) -> Result<Option<Part>, NotInOrder> {
        if self.is_over {
            return Ok(None);
        }
        let end_ns = self.read()?;
        self.is_over = end_ns.is_none();
        let (mut new, mut begun) = (Vec::new(), Vec::new());
        self.given.clear();
        for (log, kept) in self.logs.iter_mut().zip(&mut self.kept) {
            let mut rows = std::mem::replace(kept, Rows::none());
            let begin = rows.lines.len();
            begun.push(log.tick_before());
            rows.append(log.take(end_ns)).map_err(|_| NotInOrder)?;
            new.push(begin..rows.lines.len());
            self.given.push(rows);
        }
        let later = self.given.iter().zip(&self.pins.rows);
        let later = later.map(|(given, pins)| pins.behind(given.lines.last().copied()));
        let later: Vec<Rows> = later.collect();
        let mut trial = self.trial(later).map_err(|_| NotInOrder)?;
        for (machine, of) in trial.machines.iter_mut().enumerate() {
            of.gaps = gaps(
                &of.rows,
                new[machine].clone(),
                begun[machine],
                &self.restarts[machine],
            );
        }
        let lines: Vec<&[u32]> = trial
            .machines
            .iter()
            .map(|of| of.rows.line.values())
            .collect();
        let place =
            |machine: usize, line: u32| Some(lines[machine].binary_search(&line).ok()? as u32);
        let mut moved = Moved::default();
        for (machine, (rows, asked)) in self.asked.iter_mut().enumerate() {
            let to = asked.iter().filter_map(|&line| place(machine, line));
            moved.to.push(to.collect());
            moved.from.push(std::mem::take(rows));
        }
        let pins = self.pins.rows.iter().enumerate();
        let pinned = pins.map(|(machine, pins)| {
            let rows = pins.lines.iter().filter_map(|&line| place(machine, line));
            rows.collect()
        });
        Ok(Some(Part {
            pinned: pinned.collect(),
            window: Window {
                new,
                is_last: self.is_over,
            },
            moved,
            trial,
        }))
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

    /// The trial of the rows that are given, and of some of later windows. What is given becomes a part of its frame.
    fn trial(&mut self, later: Vec<Rows>) -> PolarsResult<Trial> {
        let (mut frames, mut lines, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
        for (given, later) in self.given.iter_mut().zip(later) {
            lengths.push(given.lines.len() + later.lines.len());
            lines.extend(given.lines.iter().chain(&later.lines));
            frames.extend([std::mem::take(&mut given.frame), later.frame]);
        }
        let mut frames = frames.into_iter().filter(|frame| frame.height() > 0);
        let frame = match frames.next() {
            Some(first) => frame::concatenated(first, frames.collect())?,
            None => DataFrame::empty_with_schema(&frame::SCHEMA),
        };
        let mut start = 0;
        for (given, length) in self.given.iter_mut().zip(&lengths) {
            given.frame = frame.slice(start as i64, given.lines.len());
            start += length;
        }
        trial(self.info.clone(), self.files.clone(), frame, lines, lengths)
    }

    /// Keeps rows of the window given last for the next: of each machine these, ascending.
    ///
    /// # Errors
    ///
    /// When polars cannot take them, which is a bug.
    pub fn keep(&mut self, part: &Part, kept: Vec<Vec<u32>>) -> PolarsResult<()> {
        let given = std::mem::take(&mut self.given);
        self.kept.clear();
        for (machine, (given, rows)) in given.into_iter().zip(kept).enumerate() {
            let lines = part.trial.machines[machine].rows.line.values();
            // Those of later windows are pinned.
            let earlier = rows.partition_point(|&row| (row as usize) < given.lines.len());
            self.kept.push(given.at(&rows[..earlier])?);
            let lines = rows.iter().map(|&row| lines[row as usize]).collect();
            self.asked[machine] = (rows, lines);
        }
        Ok(())
    }

    /// Reads all of it, and takes the new rows of each window that are wanted, of each machine, ascending.
    ///
    /// # Errors
    ///
    /// When the trial must be read whole.
    pub fn pins(
        mut self,
        mut wanted: impl FnMut(&Trial, &Window) -> Vec<Vec<u32>>,
    ) -> Result<Pins, NotInOrder> {
        let mut pins: Vec<Rows> = self.logs.iter().map(|_| Rows::none()).collect();
        while let Some(part) = self.next_part()? {
            let wanted = wanted(&part.trial, &part.window);
            for ((pins, given), wanted) in pins.iter_mut().zip(&self.given).zip(wanted) {
                let wanted = given.at(&wanted);
                wanted
                    .and_then(|wanted| pins.append(wanted))
                    .map_err(|_| NotInOrder)?;
            }
        }
        Ok(Pins { rows: pins })
    }
}

/// The new rows of a machine with which it begins again, by the first tick of each further life; `before` is the tick of the last
/// row before them.
fn gaps(rows: &events::Rows, new: Range<usize>, before: Option<u64>, restarts: &[u64]) -> Vec<u32> {
    let ticks = &rows.tick.values()[new.clone()];
    let begins = restarts
        .iter()
        .filter(|&&tick| before.is_none_or(|before| before < tick));
    let begins = begins.map(|&tick| ticks.partition_point(|&of| of < tick));
    let begins = begins.filter(|&row| row < ticks.len());
    let gaps: BTreeSet<u32> = begins.map(|row| (new.start + row) as u32).collect();
    gaps.into_iter().collect()
}
