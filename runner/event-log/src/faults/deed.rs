//! What a fault does.
//!
//! **Invariant.** Every deed strikes one kind of thing: a process, a link, or the disk of a process.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a fault does; [`does`](Deed::does) says it in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Deed {
    /// `kill`
    Kill,
    /// `power`
    Power,
    /// `pause`
    Pause,
    /// `stop`
    Stop,
    /// `hold`
    Hold,
    /// `break`
    Break,
    /// `delay`
    Delay,
    /// `slow`
    Slow,
    /// `lose`
    Lose,
    /// `duplicate`
    Duplicate,
    /// `slow-disk`
    SlowDisk,
    /// `fail-flush`
    FailFlush,
    /// `full-disk`
    FullDisk,
    /// `wipe`
    Wipe,
    /// `clock`
    Clock,
}

/// What a deed strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sphere {
    /// A process, its disk included.
    Process,
    /// A link.
    Link,
}

impl Sphere {
    /// The kind of thing, as part of a sentence, and how a target of that kind is written.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Sphere::Process => ("a process", "any"),
            Sphere::Link => ("a link", "link 0-1"),
        }
    }
}

/// What a deed needs beside a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// `by`, how much longer something takes.
    Length,
    /// `by`, how much a clock is moved, forwards or back.
    Offset,
    /// `chance`, of each message.
    Chance,
    /// `rate`, bytes a second.
    Rate,
}

impl Need {
    /// As a file has it, for example.
    pub fn example(self) -> &'static str {
        match self {
            Need::Length => "by = \"200ms\"",
            Need::Offset => "by = \"-10s\"",
            Need::Chance => "chance = 0.1",
            Need::Rate => "rate = \"64 KiB/s\"",
        }
    }
}

/// Deeds that are about bytes: the word, what it would do, and to what. They have no place where messages and changes are values.
pub const OF_BYTES: [(&str, &str, Sphere); 3] = [
    (
        "slice",
        "bytes of a connection arrive in pieces of any length",
        Sphere::Link,
    ),
    (
        "torn",
        "the last write before a loss of power is there in part",
        Sphere::Process,
    ),
    (
        "flip",
        "a bit of what is on disk is another one",
        Sphere::Process,
    ),
];

impl Deed {
    /// Every deed.
    pub const ALL: [Deed; 15] = [
        Deed::Kill,
        Deed::Power,
        Deed::Pause,
        Deed::Stop,
        Deed::Hold,
        Deed::Break,
        Deed::Delay,
        Deed::Slow,
        Deed::Lose,
        Deed::Duplicate,
        Deed::SlowDisk,
        Deed::FailFlush,
        Deed::FullDisk,
        Deed::Wipe,
        Deed::Clock,
    ];

    /// The word in a file.
    pub fn name(self) -> &'static str {
        match self {
            Deed::Kill => "kill",
            Deed::Power => "power",
            Deed::Pause => "pause",
            Deed::Stop => "stop",
            Deed::Hold => "hold",
            Deed::Break => "break",
            Deed::Delay => "delay",
            Deed::Slow => "slow",
            Deed::Lose => "lose",
            Deed::Duplicate => "duplicate",
            Deed::SlowDisk => "slow-disk",
            Deed::FailFlush => "fail-flush",
            Deed::FullDisk => "full-disk",
            Deed::Wipe => "wipe",
            Deed::Clock => "clock",
        }
    }

    /// What it does, as a sentence.
    pub fn does(self) -> &'static str {
        match self {
            Deed::Kill => {
                "the process ends at once: of the changes on their way to its disk a prefix stays; messages under way arrive, or are lost as a reset of its connections loses them"
            }
            Deed::Power => {
                "the power of its host fails: as kill, and all that was on its way is gone, and nobody is informed"
            }
            Deed::Pause => "the process stands still; what arrives waits",
            Deed::Stop => {
                "the process is asked to end in order: it finishes what it has begun, and takes its leave"
            }
            Deed::Hold => "nothing passes the link; all of it arrives later",
            Deed::Break => {
                "the connection ends: what was under way is lost, and both ends are informed"
            }
            Deed::Delay => "messages take longer, by `by`",
            Deed::Slow => {
                "the link passes `rate`: a message takes as long as its bytes need, and those behind it wait"
            }
            Deed::Lose => "messages are lost, each with the chance `chance`",
            Deed::Duplicate => "messages arrive twice, each with the chance `chance`",
            Deed::SlowDisk => "a flush of the disk takes longer, by `by`",
            Deed::FailFlush => {
                "a flush of the disk fails, which ends the process; of the changes a prefix stays"
            }
            Deed::FullDisk => "the disk takes no change, which ends the process that makes one",
            Deed::Wipe => "the server ends and its disk is empty",
            Deed::Clock => {
                "the calendar of the server is wrong by `by`; its measure of time is not"
            }
        }
    }

    /// What it strikes.
    pub fn sphere(self) -> Sphere {
        match self {
            Deed::Hold | Deed::Break | Deed::Delay | Deed::Slow | Deed::Lose | Deed::Duplicate => {
                Sphere::Link
            }
            _ => Sphere::Process,
        }
    }

    /// Whether the process that it strikes is gone until the fault ends.
    pub fn ends_a_life(self) -> bool {
        matches!(self, Deed::Kill | Deed::Power | Deed::Stop | Deed::Wipe)
    }

    /// What it needs beside a target, if anything.
    pub fn need(self) -> Option<Need> {
        match self {
            Deed::Delay | Deed::SlowDisk => Some(Need::Length),
            Deed::Clock => Some(Need::Offset),
            Deed::Lose | Deed::Duplicate => Some(Need::Chance),
            Deed::Slow => Some(Need::Rate),
            _ => None,
        }
    }
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Deed {
    type Err = String;

    fn from_str(text: &str) -> Result<Deed, String> {
        if let Some(deed) = Deed::ALL.into_iter().find(|deed| deed.name() == text) {
            return Ok(deed);
        }
        if OF_BYTES.iter().any(|(name, ..)| *name == text) {
            return Err(format!(
                "do = \"{text}\": it is about bytes, and in virtual time messages and changes are values, which are there or not"
            ));
        }
        let names = Deed::ALL.map(Deed::name).join(", ");
        Err(format!("do = \"{text}\": expected one of {names}"))
    }
}

impl TryFrom<String> for Deed {
    type Error = String;

    fn try_from(text: String) -> Result<Deed, String> {
        text.parse()
    }
}

impl From<Deed> for String {
    fn from(deed: Deed) -> String {
        deed.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_files() {
        for deed in Deed::ALL {
            assert_eq!(deed.name().parse(), Ok(deed));
            let text = serde_json::to_string(&deed).expect("a word");
            assert_eq!(text, format!("{:?}", deed.name()));
        }
    }

    #[test]
    fn what_is_no_deed_is_refused_with_those_that_are() {
        for (word, expected) in [
            ("explode", "one of kill, power"),
            ("", "one of"),
            ("torn", "about bytes"),
        ] {
            let error = word.parse::<Deed>().expect_err(word);
            assert!(error.contains(expected), "{error}");
        }
    }
}
