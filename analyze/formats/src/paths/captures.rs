//! What a path says of its file.

/// What a path says of its file; `None` where it does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Captures {
    pub(super) run: Option<String>,
    pub(super) trial: Option<String>,
    pub(super) machine: Option<String>,
    pub(super) rate: Option<String>,
    pub(super) rates: Option<String>,
    pub(super) date: Option<String>,
}
