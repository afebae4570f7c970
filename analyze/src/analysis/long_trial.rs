//! One long trial of our own, window by window, from its files to what is kept of it.
//!
//! **Invariant.** What comes out is what the whole trial gives; where windows cannot give it, nothing does, and the trial is
//! read whole.

use std::env;

use event_log::Driver;
use laws::{Checker, Questions, Undecided};

use super::trial::{Kept, Worked};
use crate::check::check_window;
use crate::metrics::{self, long::Measurement};
use files::note::{Note, Severity};
use logs::scan::TrialPlace;
use logs::scan::windows::{Pins, Sizes, Windows};

/// Bytes of a window, for tests: every larger trial is read in windows.
const WINDOW_BYTES: &str = "ANALYZE_WINDOW_BYTES";

/// Which trials are long.
pub(super) fn sizes() -> Sizes {
    let bytes = env::var(WINDOW_BYTES)
        .ok()
        .and_then(|bytes| bytes.parse().ok());
    bytes.map_or_else(Sizes::default, |bytes| Sizes {
        whole_max: bytes,
        window: bytes,
    })
}

/// What becomes of a trial that may be long.
pub(super) enum LongTrial {
    /// It is done.
    Worked(Box<Worked>),
    /// It must be read whole; if that takes much memory, why.
    Whole(Option<Box<Note>>),
}

/// Checks a long trial, and measures it if that is to be kept. Figures take its rows, and it is read whole for them.
pub(super) fn work(place: &TrialPlace, kept: Kept, sizes: Sizes) -> LongTrial {
    if kept.points().is_some() || !sizes.are_exceeded(place) {
        return LongTrial::Whole(None);
    }
    match worked(place, kept, sizes) {
        Some(worked) => LongTrial::Worked(Box::new(worked)),
        None => LongTrial::Whole(
            Sizes::default()
                .are_exceeded(place)
                .then(|| Box::new(note(place))),
        ),
    }
}

fn note(place: &TrialPlace) -> Note {
    Note::new(
        Severity::Info,
        &place.dir,
        "a long trial with a log in CSV for each machine, rows in the order of time and ticks, and no line that is none",
        "another one",
        "it is read whole, which takes some 130 bytes of memory a row; the numbers and verdicts are the same",
    )
}

fn worked(place: &TrialPlace, kept: Kept, sizes: Sizes) -> Option<Worked> {
    let windows = Windows::open(place, sizes, Pins::default())?;
    match in_windows(windows, kept, Questions::default()).ok()? {
        Ok(worked) => Some(worked),
        Err(Undecided(_)) => {
            let questions = survey(Windows::open(place, sizes, Pins::default())?)?;
            let (questions, pins) =
                answers(Windows::open(place, sizes, Pins::default())?, questions)?;
            let windows = Windows::open(place, sizes, pins)?;
            in_windows(windows, kept, questions).ok()?.ok()
        }
    }
}

/// Why windows do not do.
struct ReadWhole;

/// One reading of a trial; undecided where it takes answers to questions.
fn in_windows(
    mut windows: Windows,
    kept: Kept,
    questions: Questions,
) -> Result<Result<Worked, Undecided>, ReadWhole> {
    let ends = windows.ends();
    let mut measurement = Measurement::new(ends.len());
    let mut checker = Checker::new(ends, questions);
    let is_measured = kept != Kept::Verdict || windows.driver() != Some(Driver::Virtual);
    let mut last = None;
    while let Some(part) = windows.next_part().map_err(|_| ReadWhole)? {
        checker.move_rows(&part.moved);
        measurement.move_rows(&part.moved);
        if is_measured {
            let added = measurement.add(&part.trial, &part.window, checker.taken());
            added.map_err(|_| ReadWhole)?;
        }
        let window = part.window.clone();
        let rows = match check_window(&mut checker, &part.trial, window, &part.pinned) {
            Ok(rows) => rows,
            Err(undecided) => return Ok(Err(undecided)),
        };
        windows.keep(&part, rows).map_err(|_| ReadWhole)?;
        last = Some(part.trial);
    }
    let mut trial = last.ok_or(ReadWhole)?;
    let verdict = checker.into_verdict(&trial);
    let manifest = trial.info.manifest.as_deref().cloned().ok_or(ReadWhole)?;
    let measured = if is_measured {
        let mut measured = measurement.finish(&trial).map_err(|_| ReadWhole)?;
        measured.set_clock_conditions(verdict.conditions.iter().map(|of| of.share()));
        measured
    } else {
        trial.machines.clear();
        metrics::measure(&trial)
    };
    Ok(Ok(Worked::of(
        &trial.info,
        manifest,
        verdict,
        measured,
        windows.notes(),
    )))
}

/// A reading that only asks which rows it takes to decide on receives without a send.
fn survey(mut windows: Windows) -> Option<Questions> {
    let mut checker = Checker::new(windows.ends(), Questions::default());
    while let Some(part) = windows.next_part().ok()? {
        checker.move_rows(&part.moved);
        let rows = checker.survey(&part.trial, part.window.clone());
        windows.keep(&part, rows).ok()?;
    }
    let questions = checker.into_questions();
    (!questions.are_too_many()).then_some(questions)
}

/// A reading that finds these rows.
fn answers(windows: Windows, mut questions: Questions) -> Option<(Questions, Pins)> {
    let pins = windows
        .pins(|trial, window| questions.rows(trial, window))
        .ok()?;
    Some((questions, pins))
}
