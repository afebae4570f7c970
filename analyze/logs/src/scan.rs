//! Folders in, trials out: the only reader of log files.
//!
//! ```text
//! search ─→ places ─→ trial ─→ batch: text of many logs ─→ frame (polars) ──┬→ rows ─→ Trial
//!                      │  └──→ table: a log in Parquet (polars) ────────────┤
//!                      └─ what fails ─→ clock_file ─→ lines, notes ─────────┘
//! ```
//!
//! [`search`] finds the trials under some paths, in order (a `place` each), and `run` compares a folder with its manifest
//! (`remark` has what is to be said of it); [`trial`] loads them, so that
//! no more are in memory than are being worked on; `pack` cuts one out if it is in a pack. `batch` has polars parse the logs
//! of several trials at once, and `frame` says whether what comes out is whole; a log that is not `clock_file` reads line by
//! line with `lines`, and says what is wrong where. `beside` names what lies beside the trials and is none of theirs;
//! `manifest` reads what a trial says of itself, `version` admits it, `flaw` says what is wrong with one that parses; `journal`
//! counts what the journal knows. [`windows`] reads a long trial a stretch of time after another.
//!
//! **Invariant.** A row is either in the result, with its true line number, or in a note.

mod batch;
mod beside;
mod clock_file;
mod flaw;
mod frame;
mod journal;
pub mod line;
mod lines;
mod manifest;
mod pack;
mod place;
mod remark;
mod rows;
mod run;
pub mod search;
mod table;
pub mod trial;
mod version;
pub mod windows;

pub use manifest::manifest;
pub use place::{Packed, TrialPlace};
pub use remark::{Remark, RunFound};
pub use search::{Found, ScanError, find};
pub use trial::{Loaded, MadeTrial, dialect, load, load_made, map, map_made, open};
