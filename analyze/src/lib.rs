//! Logs in; numbers, verdicts, pictures and notebook blocks out.
//!
//! ```text
//! scan → metrics → table · markdown · figures → notebook
//!   └──→ check
//! ```
//!
//! **Invariant.** Nothing here knows how a log came to be: the event log is all that is shared with the runner.

pub mod check;
pub mod digest;
pub mod trial_log;
