//! The chat service as the application that is replicated.
//!
//! **Invariant.** Replicas that applied the same entries have the same digest at the same place.

use std::sync::Arc;

use chat::application::command::Entry;
use chat::application::{Application, Outcome};
use chat::limits::Settings;
use chat::rule::Rules;
use replica::units::OpNumber;

/// How many commands lie between two places at which replicas compare their states.
pub const DIGEST_OPS: u64 = 1_000;

/// What the state was at a place of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    /// The place.
    pub op: OpNumber,
    /// SHA-256 of the state after its command.
    pub sha256: [u8; 32],
}

/// The chat service.
#[derive(Debug, Clone)]
pub struct Service {
    application: Application,
    /// The last one that was due.
    digest: Option<Digest>,
}

impl Service {
    /// A service without accounts.
    pub fn new(settings: Settings, rules: Rules) -> Service {
        Service {
            application: Application::with_rules(settings, rules),
            digest: None,
        }
    }

    /// A service as it was after some command, with the last digest that was due by then; none for the log of a new group.
    pub fn restored(application: Application, digest: Option<Digest>) -> Service {
        Service {
            application,
            digest,
        }
    }

    /// Its accounts, sessions and mailboxes.
    pub fn application(&self) -> &Application {
        &self.application
    }

    /// What the state was at the last place whose number is a multiple of [`DIGEST_OPS`]; none before the first.
    pub fn last_digest(&self) -> Option<Digest> {
        self.digest
    }
}

impl replica::application::Application for Service {
    /// Shared: an entry is in messages, in logs, on disks, and never changes.
    type Command = Arc<Entry>;
    type Output = Outcome;

    fn apply(&mut self, op: OpNumber, entry: &Arc<Entry>) -> Outcome {
        let outcome = self.application.apply(entry);
        if op.0.is_multiple_of(DIGEST_OPS) {
            let sha256 = self.application.digest();
            self.digest = Some(Digest { op, sha256 });
        }
        outcome
    }

    fn digest(&self) -> [u8; 32] {
        self.application.digest()
    }
}
