//! The laws on trials of any origin, with the lines that prove what breaks one.
//!
//! ```text
//! Trial ─→ laws::check ─→ Verdict ─→ lines (the text of each proof) ─→ words
//! ```
//!
//! The laws are in the crate [`laws`], which reads no file; what a line says is looked up here, for the few that are shown.
//!
//! **Invariant.** Laws and words are the same for all logs.

mod lines;
mod words;

use events::{Trial, Window};
use laws::{Checker, Undecided};
pub use laws::{Conditions, Finding, Law, LawCount, LogLine, Tally, Verdict, Violation};
pub use words::InWords;
pub(crate) use words::proof;

/// Checks a trial, and looks up the few lines that are shown.
pub fn check_trial(trial: &Trial) -> Verdict {
    let mut verdict = laws::check(trial);
    lines::fill(verdict.evidence_mut(), trial);
    verdict
}

/// Puts the laws to a window of a trial, and looks up the few lines that are shown; which rows later windows need.
///
/// # Errors
///
/// As [`Checker::judge`].
pub(crate) fn check_window(
    checker: &mut Checker,
    trial: &Trial,
    window: Window,
    pinned: &[Vec<u32>],
) -> Result<Vec<Vec<u32>>, Undecided> {
    let kept = checker.judge(trial, window, pinned)?;
    lines::fill(checker.lines_without_text(), trial);
    Ok(kept)
}
