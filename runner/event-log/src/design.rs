//! The connections of machines, and the clock that a message carries: the variations on the classic scale model.

use serde::{Deserialize, Serialize};

/// How the machines of a trial are connected, and what they are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Design {
    /// Every machine is connected to every other, and all do the same.
    #[default]
    Mesh,
    /// A mesh in which one machine, the fastest, keeps time: instead of rolling it sends its time to all others, and they
    /// keep these messages apart and take the newest at each tick.
    Timekeeper,
    /// Every machine is connected to a relay alone, which passes every message on.
    Hub,
}

impl Design {
    /// The word on the command line and in manifests.
    pub fn name(self) -> &'static str {
        match self {
            Design::Mesh => "mesh",
            Design::Timekeeper => "timekeeper",
            Design::Hub => "hub",
        }
    }

    /// Whether this is the classic design, the default.
    pub fn is_mesh(&self) -> bool {
        *self == Design::Mesh
    }

    /// Connections among `machines` machines: one for each pair, which both use in both directions; or one for each
    /// machine, to the relay.
    pub fn connections(self, machines: u32) -> u64 {
        let machines = u64::from(machines);
        match self {
            Design::Mesh | Design::Timekeeper => machines * machines.saturating_sub(1) / 2,
            Design::Hub => machines,
        }
    }
}

/// Which clock a message carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stamp {
    /// That of the send event, after the increment, as Lamport's rule demands.
    #[default]
    After,
    /// The one before the increment for the send event: a common mistake, to be studied. A receiver that is not ahead
    /// then gives its receive the very clock of the send, and the clock condition is broken.
    Before,
}

impl Stamp {
    /// The word on the command line and in manifests.
    pub fn name(self) -> &'static str {
        match self {
            Stamp::After => "after",
            Stamp::Before => "before",
        }
    }

    /// Whether this is the correct stamp, the default.
    pub fn is_after(&self) -> bool {
        *self == Stamp::After
    }

    /// By how much a message's clock falls short of its send event's.
    pub fn behind(self) -> u64 {
        match self {
            Stamp::After => 0,
            Stamp::Before => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_shares_a_connection_and_a_hub_has_one_for_each_machine() {
        for (machines, mesh, hub) in [(2, 1, 2), (3, 3, 3), (10, 45, 10), (100, 4950, 100)] {
            assert_eq!(Design::Mesh.connections(machines), mesh);
            assert_eq!(Design::Timekeeper.connections(machines), mesh);
            assert_eq!(Design::Hub.connections(machines), hub);
        }
        assert_eq!(Design::Mesh.connections(0), 0);
    }
}
