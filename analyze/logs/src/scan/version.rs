//! Which manifests are read: those of one system, in one version.
//!
//! **Invariant.** Nothing else of a manifest is looked at before this has admitted it.

use event_log::{FORMAT_VERSION, System};
use serde::Deserialize;
use serde_json::Value;

/// What a manifest says of how it is to be read.
#[derive(Deserialize)]
pub(super) struct Version {
    #[serde(default)]
    format_version: Value,
    /// What was on trial; manifests without it are of the scale model.
    #[serde(default)]
    system: Value,
}

/// Why a manifest is not read.
#[derive(Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) expected: String,
    pub(super) found: String,
    /// What to do.
    pub(super) advice: &'static str,
}

impl Version {
    /// Why the manifest is not read, if it is not.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        let version = &self.format_version;
        if self.system.as_str() == Some(System::Chat.name()) {
            return Some(Refusal {
                expected: "a run of the scale model".to_owned(),
                found: format!("a run of the chat service (format version {version})"),
                advice: "this program does not read those: `summary.csv` of the run has a row for each trial, `runner chat trial --json FILE` writes the report",
            });
        }
        (version.as_u64() != Some(u64::from(FORMAT_VERSION))).then(|| Refusal {
            expected: format!("format version {FORMAT_VERSION}, the one that this program reads"),
            found: format!("format version {version}"),
            advice: "use the `analyze` that came with its `runner`",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<String> {
        let version: Version = serde_json::from_str(text).expect("an object");
        version.refusal().map(|refusal| refusal.found)
    }

    #[test]
    fn a_manifest_is_read_if_its_system_and_version_are_known() {
        assert_eq!(found(r#"{"format_version": 1, "trial": 0}"#), None);
        let chat = found(r#"{"format_version": 2, "system": "chat"}"#);
        assert_eq!(
            chat.as_deref(),
            Some("a run of the chat service (format version 2)")
        );
        assert_eq!(
            found(r#"{"format_version": "1"}"#).as_deref(),
            Some("format version \"1\"")
        );
        assert_eq!(found("{}").as_deref(), Some("format version null"));
    }
}
