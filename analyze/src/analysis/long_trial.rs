//! One long trial of our own, window by window, from its files to what is kept of it.
//!
//! **Invariant.** What comes out is what the whole trial gives; where windows cannot give it, nothing does, and the trial is
//! read whole.

use std::env;

use event_log::Driver;
use laws::Checker;

use super::trial::{Kept, Worked};
use crate::check::check_window;
use crate::metrics::{self, long::Measurement};
use logs::scan::TrialPlace;
use logs::scan::windows::{Sizes, Windows};

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

/// Checks a long trial, and measures it if that is to be kept. None if it is not long, or must be read whole.
pub(super) fn work(place: &TrialPlace, kept: Kept, sizes: Sizes) -> Option<Worked> {
    if kept.points().is_some() {
        return None;
    }
    let mut windows = Windows::open(place, sizes)?;
    let ends = windows.ends();
    let mut measurement = Measurement::new(ends.len());
    let mut checker = Checker::new(ends);
    let is_measured = kept != Kept::Verdict || windows.driver() != Some(Driver::Virtual);
    let mut last = None;
    while let Some((trial, window)) = windows.next().ok()? {
        if is_measured {
            measurement.add(&trial, &window, checker.taken()).ok()?;
        }
        let is_last = window.is_last;
        let rows = check_window(&mut checker, &trial, window).ok()?;
        if is_last {
            last = Some(trial);
        } else {
            windows.keep(&rows).ok()?;
            checker.move_rows(&rows);
            measurement.move_rows(&trial, &rows);
        }
    }
    let mut trial = last?;
    let verdict = checker.into_verdict(&trial);
    let measured = if is_measured {
        let mut measured = measurement.finish(&trial).ok()?;
        measured.set_clock_conditions(verdict.conditions.iter().map(|of| of.share()));
        measured
    } else {
        trial.machines.clear();
        metrics::measure(&trial)
    };
    let manifest = trial.info.manifest.as_deref()?.clone();
    let notes = std::mem::take(&mut windows.notes);
    Some(Worked::of(
        &trial.info,
        manifest,
        verdict,
        measured,
        (notes, false),
    ))
}
