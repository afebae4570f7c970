//! Faults for trials of the chat service: from a file, and drawn for one trial.
//!
//! **Invariant.** A schedule that no trial could carry out is refused before the first begins.

use std::path::Path;

use driver::faults::draw;
use event_log::Faults;
use event_log::chat::ChatCondition;
use event_log::faults::Span;

use crate::config::faults::{FaultsFile, FaultsFileError};

/// How long before the end faults are over, unless the file says: long enough to see that all serve again, nanoseconds.
const SETTLE_NS: u64 = 15_000_000_000;
/// Of a short trial the last part of this many is calm.
const SETTLE_PART: u64 = 4;

/// The faults that a file says, if there is one, for trials of a condition.
///
/// # Errors
///
/// [`FaultsFileError`], with the line of what cannot be read or carried out.
pub fn read(file: Option<&Path>, condition: &ChatCondition) -> Result<Faults, FaultsFileError> {
    let usual = Span {
        ns: SETTLE_NS.min(condition.duration_ns / SETTLE_PART),
    };
    let Some(path) = file else {
        return Ok(Faults {
            settle: usual,
            ..Faults::default()
        });
    };
    let mut file = FaultsFile::read(path)?;
    if !file.says_settle() {
        file.faults.settle = usual;
    }
    file.admit(&chat_trial::limits(condition))?;
    Ok(file.faults)
}

/// The schedule of one trial, with nothing left to chance.
pub fn plain(faults: &Faults, condition: &ChatCondition, seed: u64, trial: u64) -> Faults {
    draw::plain(faults, &chat_trial::limits(condition), seed, trial)
}

/// A schedule as a file that `--faults` reads, with these lines before it as comments.
///
/// # Errors
///
/// When it has no form in TOML; all that was read has one.
pub fn text(faults: &Faults, comments: &[String]) -> Result<String, toml::ser::Error> {
    let mut text = String::new();
    for comment in comments {
        text += &format!("# {comment}\n");
    }
    if !comments.is_empty() {
        text += "\n";
    }
    Ok(text + &toml::to_string(faults)?)
}
