//! What a client knows before it begins.
//!
//! **Invariant.** The same in every life.

use chat::client::operation::ClientSettings;
use chat::rule::Rules;

use crate::workload::setup::WorkloadSetup;

/// The setup of a client.
#[derive(Debug, Clone)]
pub struct ClientSetup {
    /// How it does things. Peers with numbers below the number of servers are servers.
    pub settings: ClientSettings,
    /// The rules that it follows.
    pub rules: Rules,
    /// How long the user waits for the end of an operation, milliseconds.
    pub deadline_ms: u64,
    /// How long a user in haste waits, milliseconds: shorter than the servers need to replace a primary, so that ends are
    /// unknown, and then known after all.
    pub hasty_deadline_ms: u64,
    /// What it does.
    pub workload: WorkloadSetup,
}

impl ClientSetup {
    /// The usual setup of a client, with this number of servers.
    pub fn new(servers: u32, workload: WorkloadSetup) -> ClientSetup {
        ClientSetup {
            settings: ClientSettings {
                servers,
                silence_ms: 2_000,
                quiet_ms: 5_000,
                ..ClientSettings::default()
            },
            rules: Rules::default(),
            deadline_ms: 20_000,
            hasty_deadline_ms: 1_500,
            workload,
        }
    }

    /// How long the user waits for the end of an operation, milliseconds.
    pub(crate) fn patience_ms(&self, is_hasty: bool) -> u64 {
        match is_hasty {
            true => self.hasty_deadline_ms,
            false => self.deadline_ms,
        }
    }
}
