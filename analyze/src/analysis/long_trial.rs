//! One long trial of our own, window by window, from its files to what is kept of it.
//!
//! **Invariant.** What comes out is what the whole trial gives; where windows cannot give it, nothing does, and the trial is
//! read whole.

use std::env;

use event_log::Driver;
use laws::Checker;

use super::trial::{Kept, Worked};
use crate::check::check_window;
use crate::metrics;
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
    if kept != Kept::Verdict {
        return None;
    }
    let mut windows = Windows::open(place, sizes)?;
    let mut checker = Checker::new(windows.ends());
    let mut last = None;
    while let Some((trial, window)) = windows.next().ok()? {
        let is_last = window.is_last;
        let rows = check_window(&mut checker, &trial, window).ok()?;
        if is_last {
            last = Some(trial);
        } else {
            windows.keep(&rows).ok()?;
            checker.move_rows(&rows);
        }
    }
    let mut trial = last?;
    let verdict = checker.into_verdict(&trial);
    let manifest = trial.info.manifest.as_deref()?.clone();
    if manifest.condition.driver != Driver::Virtual {
        return None;
    }
    trial.machines.clear();
    let measured = metrics::measure(&trial);
    Some(Worked::of(
        &trial.info,
        manifest,
        verdict,
        measured,
        (std::mem::take(&mut windows.notes), false),
    ))
}
