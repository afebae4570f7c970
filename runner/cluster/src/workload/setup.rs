//! How much there is to do, and by whom.
//!
//! **Invariant.** What is here does not depend on what happens.

use chat::identity::Password;
use chat::name::Name;
use machine::process::units::Time;

/// With this number of clients or more the last one is a second device of the first one's account.
const SECOND_DEVICE_CLIENTS_MIN: u32 = 4;

/// The work of one client.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WorkloadSetup {
    /// The seed of the run.
    pub seed: u64,
    /// The number of the trial.
    pub trial: u64,
    /// Which client this is, from 0.
    pub client: u32,
    /// How many there are.
    pub clients: u32,
    /// Operations a second, in the long run: their distances are exponential.
    pub rate_per_s: f64,
    /// When the load begins.
    pub start: Time,
    /// When it ends. Afterwards the client only stays logged in, and takes what comes.
    pub end: Time,
}

impl WorkloadSetup {
    /// The account of the client.
    pub fn account(&self) -> u32 {
        account_of(self.client, self.clients)
    }

    /// How many accounts all clients have together.
    pub fn accounts(&self) -> u32 {
        match self.clients {
            0..SECOND_DEVICE_CLIENTS_MIN => self.clients,
            clients => clients - 1,
        }
    }
}

/// The account of a client. With four clients or more the last one is a second device of account 0.
pub fn account_of(client: u32, clients: u32) -> u32 {
    let is_second = clients >= SECOND_DEVICE_CLIENTS_MIN && client + 1 == clients;
    if is_second { 0 } else { client }
}

/// The name of an account.
pub fn account_name(account: u32) -> Name {
    name(&format!("user-{account}"))
}

/// The password of an account: every third has one.
pub fn account_password(account: u32) -> Option<Password> {
    (account % 3 == 1).then(|| Password(format!("secret of {account}")))
}

/// A name that every client tries to create, so that one of them wins. Nobody logs in with it, or sends to it.
pub fn contested_name() -> Name {
    name("hall")
}

/// A name that nobody has.
pub fn absent_name() -> Name {
    name("nobody")
}

fn name(text: &str) -> Name {
    Name::new(text).expect("short, and of letters, digits and a dash")
}
