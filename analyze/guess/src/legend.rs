//! A legend at the head of a log: `IE: internal event`, `S[id]: sent a message to …` say what `IE` and `S` mean below.
//!
//! **Invariant.** A token has a meaning only if a line that stands once in a file gives it, and no two lines give it two.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::sample::SampleFile;
use super::words;
use events::Kind;

/// The kinds that short words stand for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Legend(BTreeMap<String, Kind>);

impl Legend {
    /// What the lines of these files say of words, if they explain several kinds of events.
    pub(super) fn of(files: &[SampleFile]) -> Legend {
        static ENTRY: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r"^\W*(?<token>\p{Alphabetic}{1,4})\b[^:=\d]{0,12}[:=]\s+(?<means>\D+)$")
                .ok()
        });
        let Some(entry) = ENTRY.as_ref() else {
            return Legend::default();
        };
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for record in files.iter().flat_map(|file| &file.records) {
            *times.entry(&record.text).or_default() += 1;
        }
        let mut meant: BTreeMap<String, Kind> = BTreeMap::new();
        let mut unclear: BTreeSet<String> = BTreeSet::new();
        for (text, count) in times {
            let Some(found) = entry.captures(text) else {
                continue;
            };
            let means = words::split(&found["means"]);
            let told = words::kind_of(&means).filter(|(_, weight)| *weight >= 3);
            let (Some((kind, _)), true) = (told, means.len() > 1) else {
                continue;
            };
            let token = &found["token"];
            let other = meant.insert(token.to_owned(), kind);
            // A line that comes again and again in a file is an event itself.
            if count > files.len() || other.is_some_and(|other| other != kind) {
                unclear.insert(token.to_owned());
            }
        }
        meant.retain(|token, _| !unclear.contains(token));
        let first = meant.values().next();
        if meant.values().all(|kind| Some(kind) == first) {
            meant.clear();
        }
        Legend(meant)
    }

    /// Whether it explains a word.
    pub(super) fn explains(&self, word: &str) -> bool {
        self.0.contains_key(word)
    }

    /// A plain word for the event that a word stands for.
    pub(super) fn plain(&self, word: &str) -> Option<&'static str> {
        Some(match self.0.get(word)? {
            Kind::Internal => "internal",
            Kind::Send => "send",
            Kind::Broadcast => "broadcast",
            Kind::Receive => "receive",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Record;

    fn legend(lines: &[&str]) -> Legend {
        let records = (1..).zip(lines).map(|(line, text)| Record {
            line,
            text: (*text).to_owned(),
        });
        Legend::of(&[SampleFile {
            relative: "x.log".to_owned(),
            records: records.collect(),
        }])
    }

    #[test]
    fn lines_that_stand_once_explain_short_words() {
        let of = legend(&[
            "Q = took a message, received",
            "W (who): message sent to who",
            "3 Q 1",
        ]);
        assert_eq!(of.plain("Q"), Some("receive"));
        assert_eq!(of.plain("W"), Some("send"));
        assert!(!of.explains("who"));
    }

    #[test]
    fn levels_of_a_logger_explain_nothing() {
        let of = legend(&[
            "INFO: internal event",
            "INFO: message received",
            "WARN: message sent late",
            "INFO: internal event",
        ]);
        assert_eq!(of, Legend::default());
    }
}
