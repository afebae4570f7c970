//! Logs of other programs: which files, which lines, and what they mean.
//!
//! A format is data ([`spec::Format`], a TOML file), not code.
//!
//! **Invariant.** Every line of every file is an event, a header, ignored by a rule, or unexplained, and is counted as one
//! of these ([`account::Account`]).

pub mod account;
pub mod builtin;
pub mod paths;
pub mod source;
pub mod spec;
pub mod time;
