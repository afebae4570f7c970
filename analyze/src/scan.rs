//! Folders in, trials out: the only reader of log files.
//!
//! [`search`] finds the trials under some paths, in order, and `run` says which are missing; [`trial`] loads one of them, so
//! that no more trials are in memory than are being worked on; `pack` cuts it out if it is in a pack. Below them,
//! `clock_file` reads one machine's log: `pieces` a whole, well-formed file, with `fast`; `lines` any other, line by line,
//! and says what is wrong where; `beside` names what lies beside the trials and is none of theirs; `columnar` makes a table in Parquet into the CSV it stands for. `flaw` says what is wrong
//! with a manifest that parses; `journal` counts what the journal knows.
//!
//! **Invariant.** A row is either in the result, with its true line number, or in a note.

mod beside;
mod clock_file;
mod columnar;
mod fast;
mod flaw;
mod journal;
mod lines;
mod pack;
mod pieces;
mod run;
pub mod search;
pub mod trial;

pub use pack::Packed;
pub use run::RunFound;
pub use search::{Found, Remark, ScanError, TrialPlace, find};
pub use trial::{Loaded, load, manifest, of_logs, open};
