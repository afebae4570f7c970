//! What a fault does.
//!
//! **Invariant.** Every deed strikes one kind of thing: a process, a link, or the disk of a process.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a fault does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// The process ends at once. Of the changes that were on their way to its disk a prefix stays; messages under way arrive, or
    /// are lost as a reset of its connections loses them.
    Kill,
    /// The power of its host fails: as `kill`, and all that was on its way is gone, and nobody is informed.
    Power,
    /// The process stands still; what arrives waits.
    Pause,
    /// The process is asked to end: what it has said leaves first.
    Stop,
    /// Nothing passes the link; all of it arrives later.
    Hold,
    /// The connection ends: what was under way is lost, and both ends are informed.
    Break,
    /// Messages take longer, by `by`.
    Delay,
    /// Messages are lost, each with the chance `chance`.
    Lose,
    /// Messages arrive twice, each with the chance `chance`.
    Duplicate,
    /// A flush of the disk takes longer, by `by`.
    SlowDisk,
    /// A flush of the disk fails, which ends the process; of the changes a prefix stays.
    FailFlush,
    /// The disk takes no change, which ends the process that makes one.
    FullDisk,
    /// The process ends and its disk is empty.
    Wipe,
}

/// What a deed strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sphere {
    /// A process, its disk included.
    Process,
    /// A link.
    Link,
}

impl Deed {
    /// Every deed.
    pub const ALL: [Deed; 13] = [
        Deed::Kill,
        Deed::Power,
        Deed::Pause,
        Deed::Stop,
        Deed::Hold,
        Deed::Break,
        Deed::Delay,
        Deed::Lose,
        Deed::Duplicate,
        Deed::SlowDisk,
        Deed::FailFlush,
        Deed::FullDisk,
        Deed::Wipe,
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
            Deed::Lose => "lose",
            Deed::Duplicate => "duplicate",
            Deed::SlowDisk => "slow-disk",
            Deed::FailFlush => "fail-flush",
            Deed::FullDisk => "full-disk",
            Deed::Wipe => "wipe",
        }
    }

    /// What it strikes.
    pub fn sphere(self) -> Sphere {
        match self {
            Deed::Hold | Deed::Break | Deed::Delay | Deed::Lose | Deed::Duplicate => Sphere::Link,
            _ => Sphere::Process,
        }
    }

    /// Whether the process that it strikes is gone until the fault ends.
    pub fn ends_a_life(self) -> bool {
        matches!(self, Deed::Kill | Deed::Power | Deed::Stop | Deed::Wipe)
    }

    /// Whether it needs `by`, a length of time.
    pub fn needs_by(self) -> bool {
        matches!(self, Deed::Delay | Deed::SlowDisk)
    }

    /// Whether it needs `chance`.
    pub fn needs_chance(self) -> bool {
        matches!(self, Deed::Lose | Deed::Duplicate)
    }
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_files() {
        for deed in Deed::ALL {
            let text = serde_json::to_string(&deed).expect("a word");
            assert_eq!(text, format!("{:?}", deed.name()));
            assert!(!(deed.needs_by() && deed.needs_chance()));
        }
    }
}
