//! What a server knows before it begins.
//!
//! **Invariant.** All servers of a cluster have the same setup but for their ids.

use chat::door::DoorSettings;
use chat::identity::{Nonce, Password};
use chat::limits::Settings;
use replica::durable::Durable;
use replica::setup::Setup;
use sha2::{Digest as _, Sha256};

use crate::service::Service;

/// The digest of a password with a salt.
pub type Hasher = fn(&Password, &Nonce) -> [u8; 32];

/// Where passwords are hashed.
#[derive(Debug, Clone, Copy)]
pub enum Hashing {
    /// At once, by the server: in virtual time, where it takes none.
    AtOnce(Hasher),
    /// By the driver, which takes what is wanted from [`Server::take_hashes`](super::Server::take_hashes).
    Elsewhere,
}

/// The setup of a server.
#[derive(Debug, Clone)]
pub struct ServerSetup {
    /// Its replica. Seed and trial of it also give the tokens of sessions: where these must not be guessed both come from
    /// the operating system.
    pub replica: Setup,
    /// The bounds of the service.
    pub settings: Settings,
    /// How its door does things, and the rules of the service.
    pub door: DoorSettings,
    /// What the calendar says at the time 0 of the process, milliseconds since 1970.
    pub epoch_ms: u64,
    /// Between two looks for what is too old, milliseconds.
    pub expire_ms: u64,
    /// How long a server that is asked to stop waits at most for what it has taken to be committed, milliseconds.
    pub drain_ms: u64,
    /// Over which time its clients spread their return to the others then, milliseconds.
    pub spread_ms: u32,
    /// Where passwords are hashed.
    pub hashing: Hashing,
    /// Whether each reply and each push is an event.
    pub detail: bool,
}

impl ServerSetup {
    /// The usual setup of a server with this replica.
    pub fn new(replica: Setup) -> ServerSetup {
        ServerSetup {
            replica,
            settings: Settings::default(),
            door: DoorSettings::default(),
            // The first of January 2026.
            epoch_ms: 1_767_225_600_000,
            expire_ms: 60_000,
            drain_ms: 3_000,
            spread_ms: 250,
            hashing: Hashing::AtOnce(salted_sha256),
            detail: true,
        }
    }

    /// The disk of each server of a new cluster.
    pub fn founding_disk(&self) -> Durable<Service> {
        let service = Service::new(self.settings.clone(), self.door.rules);
        Durable::founding(self.replica.replicas, service)
    }
}

/// SHA-256 of salt and password: for virtual time, where nobody guesses. A service that people use needs a slow function.
pub fn salted_sha256(password: &Password, salt: &Nonce) -> [u8; 32] {
    let hash = Sha256::new().chain_update(salt.0);
    hash.chain_update(&password.0).finalize().into()
}
