//! What is done to servers.

use std::time::Duration;

use machine::chance::{Purpose, Stream};

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// SIGKILL, and a new start.
    Kill,
    /// SIGSTOP, and SIGCONT.
    Pause,
    /// SIGTERM, and a new start.
    End,
}

/// To whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// Who serves.
    Primary,
    /// Somebody who does not.
    Backup,
    /// Who serves, then another one.
    Two,
    /// Everybody.
    All,
}

impl Target {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Target::Primary => "primary",
            Target::Backup => "backup",
            Target::Two => "two",
            Target::All => "all",
        }
    }
}

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    pub(crate) target: Target,
    /// How long.
    pub(crate) down: Duration,
}

/// Faults by chance. Where one server alone may not serve, two at once are as all at once: nobody serves meanwhile.
pub(crate) fn random(seed: u64, count: usize, needs_majority: bool) -> Vec<Fault> {
    let mut chance = Stream::new(seed, u64::from(needs_majority), Purpose::ClientLife(0, 0));
    let mut one = || {
        let kind = [Kind::Kill, Kind::Kill, Kind::Pause, Kind::End][chance.below(4) as usize];
        let targets = [
            Target::Primary,
            Target::Primary,
            Target::Primary,
            Target::Backup,
            Target::Backup,
            Target::Two,
            Target::Two,
            Target::All,
        ];
        let target = targets[chance.below(8) as usize];
        let down = Duration::from_millis(50 + chance.below(2_500));
        Fault { kind, target, down }
    };
    (0..count).map(|_| one()).collect()
}
