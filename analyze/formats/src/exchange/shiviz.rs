//! What a log for ShiViz says in a form of its own: how to take it apart, its hosts, and what its trials are.
//!
//! **Invariant.** Hosts differ, and have neither blanks nor braces.

use std::collections::BTreeSet;

use events::{Machine, Trial, TrialInfo};
use serde::{Deserialize, Serialize};

use super::about::About;

/// How an event is taken apart: the regular expression for ShiViz.
pub const PARSER: &str = r"(?<host>\S*) (?<clock>{.*})\n(?<event>.*)";
/// What stands between trials: the regular expression for ShiViz.
pub const DELIMITER: &str = "^=== (?<trace>.*) ===$";

/// The hosts of machines of these names.
pub fn hosts<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let hosts = names.map(|name| {
        let strange = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '{' | '}');
        let name = name.replace(strange, "_");
        let mut name = match name.chars().next() {
            Some(first) if first.is_alphabetic() && !PROPERTIES.contains(&name.as_str()) => name,
            _ => format!("M{name}"),
        };
        while !taken.insert(name.clone()) {
            name.push('*');
        }
        name
    });
    hosts.collect()
}

/// What every object of JavaScript has: as a host's name it is taken for one that was seen before.
const PROPERTIES: [&str; 7] = [
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];

/// What stands before a trial's description, on the first of its events.
pub const ABOUT: &str = ", about ";

/// What the texts of events cannot say of their trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShivizAbout {
    /// What the times in the texts are counted from, in the times of the log.
    start_ns: Option<i64>,
    format: String,
    #[serde(flatten)]
    about: About,
}

impl ShivizAbout {
    /// Of a trial whose times are counted from `start_ns`.
    pub fn of(trial: &Trial, start_ns: Option<i64>) -> ShivizAbout {
        ShivizAbout {
            start_ns,
            format: trial.info.format.clone(),
            about: About::of(trial),
        }
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        let plain = ShivizAbout {
            about: self.about.plain(),
            ..self.clone()
        };
        serde_json::to_string(&plain).expect("text, numbers and lists are JSON")
    }

    /// The start of its times, the trial without its events, and its machines.
    pub fn into_trial(self, run: String, name: String) -> (i64, TrialInfo, Vec<Machine>) {
        let (info, machines) = self.about.into_trial(run, name, self.format);
        (self.start_ns.unwrap_or_default(), info, machines)
    }
}
