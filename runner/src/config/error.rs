//! What is wrong with an option.

use thiserror::Error;

/// An invalid option. Each message names it, what was found and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{option}: {problem}")]
pub struct ConfigError {
    pub(super) option: &'static str,
    problem: String,
}

/// A [`ConfigError`] about an option.
pub(crate) fn wrong(option: &'static str, problem: impl Into<String>) -> ConfigError {
    ConfigError {
        option,
        problem: problem.into(),
    }
}
