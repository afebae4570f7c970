//! What this host can do for the service, in words: each finding says what was found, what it means, and what to do.
//!
//! [`disk`] how long a flush takes · [`clock`] how fine it is, and whether this process gets its turn · [`host`] what the system
//! allows · [`finding`] what is said of one thing
//!
//! **Invariant.** It leaves nothing behind: no file, no process. What it cannot find out it says so.

pub mod clock;
pub mod disk;
pub mod finding;
pub mod host;

use std::path::Path;

pub use finding::{Finding, Verdict};

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
