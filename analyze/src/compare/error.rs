//! Why conditions cannot be compared.

use thiserror::Error;

/// Why there is no comparison.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CompareError {
    /// No condition, or more than one, goes by this name.
    #[error(
        "condition `{name}` {problem}; expected a number or a part of one label only:\n{labels}"
    )]
    Condition {
        /// What was asked for.
        name: String,
        /// What is wrong with it.
        problem: String,
        /// The labels there are, with their numbers.
        labels: String,
    },
    /// Both names are one condition's.
    #[error(
        "`{a}` and `{b}` are the same condition: nothing to compare; the conditions are\n{labels}"
    )]
    Same {
        /// The first name.
        a: String,
        /// The second name.
        b: String,
        /// The labels there are, with their numbers.
        labels: String,
    },
    /// No metric has this name.
    #[error(
        "no metric is called `{name}`; expected one of {names}, or slowest_ or fastest_ before a metric of a machine"
    )]
    Metric {
        /// What was asked for.
        name: String,
        /// The names there are.
        names: String,
    },
    /// A condition has nothing to compare.
    #[error("`{label}` has no complete trial with whole logs: nothing to compare")]
    NoTrial {
        /// Its label.
        label: String,
    },
    /// The conditions have no machine in common.
    #[error(
        "the two conditions have no machine in common: expected machines of the same id or rank"
    )]
    NoMachine,
}
