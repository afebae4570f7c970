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
    /// What it does.
    pub workload: WorkloadSetup,
}

impl ClientSetup {
    /// The usual setup of a client of so many servers.
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
            workload,
        }
    }
}
