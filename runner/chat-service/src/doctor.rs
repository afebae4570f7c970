//! What this host can do for the service, in words: each finding says what was found, what it means, and what to do.
//!
//! [`disk`] how long a flush takes · [`clock`] how fine it is, and whether this process gets its turn · [`host`] what the system
//! allows
//!
//! **Invariant.** It leaves nothing behind: no file, no process. What it cannot find out it says so.

pub mod clock;
pub mod disk;
pub mod host;

use std::path::Path;

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

/// Looks at everything. The disk is that of `folder`; it takes about two seconds.
pub fn examine(folder: &Path) -> Vec<Finding> {
    vec![
        disk::flush(folder),
        clock::resolution(),
        clock::turns(),
        host::open_files(),
        host::ports(),
        host::ipv6(),
        host::signals(),
        host::namespaces(),
        host::tun(),
    ]
}

/// Whether the service can be run well.
pub fn is_well(findings: &[Finding]) -> bool {
    findings
        .iter()
        .all(|finding| finding.verdict != Verdict::Bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_looked_at_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let findings = examine(folder.path());
        let subjects: std::collections::BTreeSet<_> =
            findings.iter().map(|finding| finding.subject).collect();
        assert_eq!(subjects.len(), 9);
        for finding in &findings {
            assert!(
                !finding.found.is_empty() && !finding.meaning.is_empty(),
                "{finding:?}"
            );
            let needs_advice = finding.verdict >= Verdict::Fair;
            assert!(!needs_advice || finding.advice.is_some(), "{finding:?}");
        }
        let left = std::fs::read_dir(folder.path()).expect("the folder");
        assert_eq!(left.count(), 0);
    }

    #[test]
    fn a_folder_that_is_not_there_is_bad() {
        let folder = tempfile::tempdir().expect("a folder");
        let finding = disk::flush(&folder.path().join("missing"));
        assert_eq!(finding.verdict, Verdict::Bad);
        assert!(finding.found.contains("missing"), "{finding:?}");
        assert!(!is_well(&[finding]));
    }
}
