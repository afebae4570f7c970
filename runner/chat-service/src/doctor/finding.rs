//! What is said of one thing that was looked at.
//!
//! **Invariant.** A finding that is not good says what to do, or that nothing can be done here.

use serde::Serialize;

/// What a finding means for the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It was not to be found out here.
    Unknown,
    /// The service runs; something else does not, or it is slower than it could be.
    Fair,
    /// The service cannot be run well.
    Bad,
}

impl Verdict {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Good => "good",
            Verdict::Unknown => "unknown",
            Verdict::Fair => "fair",
            Verdict::Bad => "bad",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub subject: &'static str,
    /// How it is.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// What it means for the service.
    pub meaning: String,
    /// What to do, if anything is to be done.
    pub advice: Option<String>,
}

impl Finding {
    pub(crate) fn new(
        subject: &'static str,
        verdict: Verdict,
        found: impl Into<String>,
        meaning: impl Into<String>,
    ) -> Finding {
        Finding {
            subject,
            verdict,
            found: found.into(),
            meaning: meaning.into(),
            advice: None,
        }
    }

    pub(crate) fn advise(self, advice: impl Into<String>) -> Finding {
        let advice = Some(advice.into());
        Finding { advice, ..self }
    }
}
