//! Replicas, their lives, ballots and places in the log, each a type of its own.
//!
//! **Invariant.** Every type here is ordered by age: what is greater came later.

use std::fmt;

use machine::process::units::Peer;

/// A replica of the group, counted from 0. Its peer has the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ReplicaId(pub u32);

impl ReplicaId {
    /// The replica as a process sees it.
    pub fn peer(self) -> Peer {
        Peer(self.0)
    }
}

impl fmt::Display for ReplicaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A life of a replica: a new one begins at every start and after every stall.
///
/// An emptied disk has forgotten its lives, so it skips ahead of all lives of the disk before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Incarnation {
    /// Which disk, counted from 0.
    pub disk: u32,
    /// Which life on that disk, counted from 1; 0 before the first.
    pub life: u32,
}

impl Incarnation {
    /// The next life on the same disk.
    #[must_use]
    pub fn next_life(self) -> Incarnation {
        let life = self.life.saturating_add(1);
        Incarnation { life, ..self }
    }

    /// Before the first life on the next disk.
    #[must_use]
    pub fn next_disk(self) -> Incarnation {
        let disk = self.disk.saturating_add(1);
        Incarnation { disk, life: 0 }
    }
}

impl fmt::Display for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.disk {
            0 => write!(f, "{}", self.life),
            disk => write!(f, "{disk}:{}", self.life),
        }
    }
}

/// The number of a view, made unique by who proposes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ballot {
    /// Decides which of two is later.
    pub number: u64,
    /// The proposer, and the primary of the view.
    pub proposer: ReplicaId,
}

impl Ballot {
    /// Before every ballot that anybody proposes.
    pub const ZERO: Ballot = Ballot {
        number: 0,
        proposer: ReplicaId(0),
    };

    /// The first ballot of a proposer that is later than this one.
    #[must_use]
    pub fn next_of(self, proposer: ReplicaId) -> Ballot {
        let number = self.number.saturating_add(1);
        Ballot { number, proposer }
    }
}

impl fmt::Display for Ballot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.number, self.proposer)
    }
}

/// The place of a command in the log, counted from 1; 0 is before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct OpNumber(pub u64);

impl OpNumber {
    /// How many places this one is beyond an earlier one; 0 if it is not.
    pub fn beyond(self, earlier: OpNumber) -> usize {
        usize::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(usize::MAX)
    }

    /// The place this many further on.
    #[must_use]
    pub fn plus(self, places: usize) -> OpNumber {
        OpNumber(self.0.saturating_add(places as u64))
    }
}

impl fmt::Display for OpNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A place in the log and the view in which its command got there.
///
/// Two logs that have the same mark are the same up to it, because a view has one primary, which adds to one log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Mark {
    /// The place.
    pub op: OpNumber,
    /// The view.
    pub ballot: Ballot,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.op, self.ballot)
    }
}
