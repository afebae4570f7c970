//! Why an export cannot be read back.

/// Why a file cannot be read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Number of the line or row, from 1.
    pub(super) line: Option<u64>,
    pub(super) expected: String,
    pub(super) found: String,
}

impl Refusal {
    pub(super) fn new(expected: impl Into<String>, found: impl Into<String>) -> Refusal {
        Refusal {
            line: None,
            expected: expected.into(),
            found: found.into(),
        }
    }

    pub(super) fn at_line(mut self, line: usize) -> Refusal {
        self.line = Some(line as u64);
        self
    }
}
