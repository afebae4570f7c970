//! The only reader of logs, ours or anybody's.
//!
//! ```text
//! paths → origin ─┬→ scan (ours) ──────────────────────┬→ events::Trial
//!                 └→ detect → guess · formats (others') ┘
//! ```
//!
//! # Map
//!
//! [`origin`] whose logs they are, and in which format to read those of others · [`scan`] logs of ours. The crates below:
//! [`formats`] the language in which logs of others are described, and its reader · [`guess`] a format for logs that nobody
//! described · [`files`] every file that is opened.
//!
//! **Invariant.** Whose logs these are is decided in one place, for every question.

pub mod origin;
pub mod scan;
