//! Views: who is in the group, and who leads it.
//!
//! **Invariant.** A ballot names one view: its members never change.

use std::collections::BTreeMap;
use std::fmt;

use crate::units::{Ballot, Incarnation, ReplicaId};

/// Who stores each command before it is acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct View {
    /// Its number; its proposer is the primary.
    pub ballot: Ballot,
    /// The members, each in the life in which it was admitted.
    pub members: BTreeMap<ReplicaId, Incarnation>,
}

impl View {
    /// The view before the first: every replica is in it, none in a life that it ever has, so nobody serves in it.
    pub fn founding(replicas: u32) -> View {
        let everybody = (0..replicas).map(ReplicaId);
        View {
            ballot: Ballot::ZERO,
            members: everybody.map(|id| (id, Incarnation::default())).collect(),
        }
    }

    /// Whether this is no view at all, as on an emptied disk.
    pub fn is_none(&self) -> bool {
        self.members.is_empty()
    }

    /// Who serves in it.
    pub fn primary(&self) -> ReplicaId {
        self.ballot.proposer
    }

    /// Whether a replica is a member, in whatever life.
    pub fn has(&self, id: ReplicaId) -> bool {
        self.members.contains_key(&id)
    }

    /// Whether a replica is a member in this life.
    pub fn names(&self, id: ReplicaId, incarnation: Incarnation) -> bool {
        self.members.get(&id) == Some(&incarnation)
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{{", self.ballot)?;
        for (place, (id, incarnation)) in self.members.iter().enumerate() {
            let comma = if place == 0 { "" } else { " " };
            write!(f, "{comma}{id}/{incarnation}")?;
        }
        write!(f, "}}")
    }
}
