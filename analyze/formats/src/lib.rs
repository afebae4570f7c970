//! Logs of other programs: which files, which lines, and what they mean.
//!
//! A format is data ([`spec::Format`], a TOML file), not code: the language in which logs are described, and the reader of
//! what is described in it. [`exchange`] is what our exports and their reader share.
//!
//! ```text
//! spec → compile ────┐
//! inventory → paths ─┴→ read: decode → lines → text · fields · json → gather → assemble → Trial
//!                        └──→ line_log → line_stats
//!                exported (what `analyze export` wrote) ───────────────────────────────────────→ Trial
//! ```
//!
//! **Invariant.** Every file below the paths is read or named with the reason why not; every line of every file that is read
//! is an event, a header, ignored by a rule, or unexplained ([`line_stats::Account`]).

mod assemble;
pub mod builtin;
pub mod compile;
pub mod decode;
pub mod error;
pub mod exchange;
pub mod exported;
mod gather;
pub mod inventory;
mod line_log;
pub mod line_stats;
pub mod lines;
pub mod load;
mod names;
pub mod natural;
mod number;
pub mod paths;
mod read;
mod row;
mod slot;
pub mod source;
pub mod spec;
pub mod time;

pub use compile::Compiled;
pub use error::FormatError;
pub use inventory::Inventory;
pub use load::{Loaded, Reading, load, plan, read_all};

#[cfg(test)]
mod tests;
