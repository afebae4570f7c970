//! Passwords hashed, slowly and elsewhere: Argon2id in threads of their own, few at a time.
//!
//! **Invariant.** At most [`AT_ONCE_MAX`] are hashed and [`WAITING_MAX`] wait; one more is refused, so that a flood of log-ins
//! costs bounded memory and leaves a processor to everybody else.

use std::collections::VecDeque;

use argon2::{Algorithm, Argon2, Params, Version};
use chat::door::Ticket;
use chat::identity::{Nonce, Password};
use cluster::server::WantedHash;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

/// Hashes that are computed at one time.
pub const AT_ONCE_MAX: usize = 2;
/// Hashes that wait for their turn.
pub const WAITING_MAX: usize = 32;

/// Kibibytes of memory of one hash, passes over it, and lanes: the lower of OWASP's recommendations.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What came of a hash: none where the system had no memory for it.
pub(crate) type Hashed = (Ticket, Option<[u8; 32]>);

/// Hashes under way.
#[derive(Debug)]
pub(crate) struct Hashes {
    waiting: VecDeque<WantedHash>,
    running: usize,
    sender: mpsc::UnboundedSender<Hashed>,
    /// What came of those that were asked for. Each is to be [taken](Hashes::finished).
    pub(crate) done: mpsc::UnboundedReceiver<Hashed>,
    refused: u64,
}

impl Hashes {
    pub(crate) fn new() -> Hashes {
        let (sender, done) = mpsc::unbounded_channel();
        Hashes {
            waiting: VecDeque::new(),
            running: 0,
            sender,
            done,
            refused: 0,
        }
    }

    /// Asks for a hash; refuses with its ticket if too many are asked for. Needs a runtime.
    pub(crate) fn ask(&mut self, wanted: WantedHash) -> Result<(), Ticket> {
        if self.waiting.len() >= WAITING_MAX {
            self.refused += 1;
            return Err(wanted.ticket);
        }
        self.waiting.push_back(wanted);
        self.go_on();
        Ok(())
    }

    /// One was taken from `done`.
    pub(crate) fn finished(&mut self) {
        self.running -= 1;
        self.go_on();
    }

    /// How many are under way and how many were refused.
    pub(crate) fn counts(&self) -> (u64, u64) {
        ((self.running + self.waiting.len()) as u64, self.refused)
    }

    fn go_on(&mut self) {
        while self.running < AT_ONCE_MAX {
            let Some(next) = self.waiting.pop_front() else {
                return;
            };
            self.running += 1;
            let sender = self.sender.clone();
            spawn_blocking(move || {
                let digest = argon2id(&next.password, &next.salt);
                // The server may have ended.
                let _ = sender.send((next.ticket, digest));
            });
        }
    }
}

/// The digest of a password; none where the system has no memory for it.
pub fn argon2id(password: &Password, salt: &Nonce) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(digest.len())).ok()?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hashed = argon2.hash_password_into(password.0.as_bytes(), &salt.0, &mut digest);
    hashed.ok().map(|()| digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(number: u64) -> WantedHash {
        WantedHash {
            ticket: Ticket(number),
            password: Password("secret".to_owned()),
            salt: Nonce([number as u8; 16]),
        }
    }

    #[tokio::test]
    async fn all_that_are_taken_are_answered_and_what_is_too_much_is_refused() {
        let mut hashes = Hashes::new();
        let most = AT_ONCE_MAX + WAITING_MAX;
        let taken = (0..most as u64 + 1).map(|number| hashes.ask(wanted(number)));
        let refused: Vec<Ticket> = taken.filter_map(Result::err).collect();
        assert_eq!(refused, [Ticket(most as u64)]);
        assert_eq!(hashes.counts(), (most as u64, 1));
        let mut digests = std::collections::BTreeSet::new();
        for _ in 0..most {
            let (ticket, digest) = hashes.done.recv().await.expect("an answer");
            hashes.finished();
            assert!(ticket.0 < most as u64);
            digests.insert(digest.expect("memory for a hash"));
        }
        // Other salts, other digests.
        assert_eq!(digests.len(), most);
        assert_eq!(hashes.counts(), (0, 1));
    }

    #[test]
    fn a_password_has_one_digest_with_its_salt() {
        let digest = |text: &str, salt| argon2id(&Password(text.to_owned()), &Nonce([salt; 16]));
        assert_eq!(digest("secret", 1), digest("secret", 1));
        assert_ne!(digest("secret", 1), digest("Secret", 1));
        assert_ne!(digest("secret", 1), digest("secret", 2));
        assert!(digest("", 1).is_some());
    }
}
