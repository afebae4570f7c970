//! Why no server serves this client.
//!
//! **Invariant.** What went wrong at each address is said once, and again only after a server has served.

use std::collections::BTreeMap;
use std::io;

use chat::Malformed;
use chat::identity::ServerId;
use chat::wire::frame::FrameTooLong;
use thiserror::Error;

use super::directory::Directory;
use crate::settings::Address;
use crate::transport::security::ConnectError;

/// Why a connection ended, or was never there.
#[derive(Debug, Error)]
pub(super) enum Problem {
    #[error("{}", connect_words(.0))]
    Connect(ConnectError),
    #[error("the connection broke: {0}")]
    Broken(io::Error),
    #[error("the server ended the connection")]
    Ended,
    #[error("{0}")]
    Stranger(&'static str),
    #[error("what listens there is no chat server ({0})")]
    Frame(FrameTooLong),
    #[error(
        "it answers what this client does not understand ({0}): is it a server of this release?"
    )]
    Malformed(Malformed),
}

fn connect_words(error: &ConnectError) -> String {
    match error {
        // Whoever tells a problem names the address.
        ConnectError::Failed { problem, .. } => problem.clone(),
        ConnectError::Bare(_) => {
            "it is no loopback address, and without TLS whoever is on the way reads and changes everything: give its \
             authority's certificate with --tls-authority FILE, or accept that with --insecure"
                .to_owned()
        }
    }
}

/// What a listener is that is no chat server, by its first bytes; none if they do not tell.
pub(super) fn stranger(first: &[u8]) -> Option<&'static str> {
    match first {
        // An alert of TLS.
        [0x15, 3, 0..=4, ..] => Some(
            "the server speaks TLS: give its authority's certificate with --tls-authority FILE",
        ),
        [b'H', b'T', b'T', b'P', ..] => {
            Some("a web server listens there: give a chat server's address for clients")
        }
        // HTTP/2 begins with settings: 24 bits of length, type 4, no flags, stream 0.
        [0, _, _, 4, 0, ..] => {
            Some("gRPC is spoken there: give the server's address for wire clients")
        }
        _ => None,
    }
}

/// That no server serves: for each address why.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no server serves: {}", self.words())]
pub struct Unserved {
    /// Addresses, with what was wrong there last.
    pub reasons: Vec<(Address, String)>,
}

impl Unserved {
    fn words(&self) -> String {
        let mut words = String::new();
        let all = self.reasons.iter().map(|(_, why)| why);
        for (number, why) in all.clone().enumerate() {
            if all.clone().take(number).any(|other| other == why) {
                continue;
            }
            let same = self.reasons.iter().filter(|(_, other)| other == why);
            let addresses: Vec<String> = same.map(|(address, _)| address.to_string()).collect();
            let separator = if words.is_empty() { "" } else { ", " };
            words.push_str(&format!("{separator}{} ({why})", addresses.join(", ")));
        }
        words
    }
}

/// What went wrong where, since a server last served.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    by_place: BTreeMap<ServerId, String>,
    is_told: bool,
}

impl Troubles {
    /// A server serves.
    pub(super) fn clear(&mut self) {
        *self = Troubles::default();
    }

    /// Something went wrong at a place.
    pub(super) fn note(&mut self, place: ServerId, why: String) {
        self.by_place.insert(place, why);
    }

    /// Whether something is known of a place.
    pub(super) fn knows(&self, place: ServerId) -> bool {
        self.by_place.contains_key(&place)
    }

    /// What to tell: once, when something went wrong everywhere.
    pub(super) fn take(&mut self, directory: &Directory) -> Option<Unserved> {
        if self.is_told || self.by_place.len() < directory.len() as usize {
            return None;
        }
        self.is_told = true;
        let reasons = self.by_place.iter();
        let reasons = reasons
            .filter_map(|(&place, why)| Some((directory.address(place)?.clone(), why.clone())));
        Some(Unserved {
            reasons: reasons.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_answers_in_place_of_a_chat_server_is_recognised() {
        let words = |first: &[u8]| stranger(first).unwrap_or("unknown");
        assert!(words(&[0x15, 3, 3, 0, 2]).contains("--tls-authority"));
        assert!(words(&[0x15, 3, 1, 0]).contains("--tls-authority"));
        assert!(words(b"HTTP/1.1 400").contains("web server"));
        assert!(words(&[0, 0, 0x18, 4, 0]).contains("gRPC"));
        // The frame of a welcome: op 17.
        for other in [&b"SSH-2.0"[..], &[0, 0, 0, 40, 17], &[], &[0x15]] {
            assert_eq!(words(other), "unknown");
        }
    }

    #[test]
    fn what_is_wrong_everywhere_is_said_once() {
        let reason = |port: u16, why: &str| {
            let address = format!("127.0.0.1:{port}").parse().expect("an address");
            (address, why.to_owned())
        };
        let unserved = Unserved {
            reasons: vec![reason(1, "one"), reason(2, "another"), reason(3, "one")],
        };
        assert_eq!(
            unserved.to_string(),
            "no server serves: 127.0.0.1:1, 127.0.0.1:3 (one), 127.0.0.1:2 (another)"
        );
    }

    #[test]
    fn troubles_are_told_once_when_they_are_everywhere() {
        let address = |port: u16| format!("127.0.0.1:{port}").parse().expect("an address");
        let directory = Directory::of_addresses([address(1), address(2)]);
        let mut troubles = Troubles::default();
        troubles.note(ServerId(0), "one".to_owned());
        troubles.note(ServerId(0), "another".to_owned());
        assert_eq!(troubles.take(&directory), None);
        troubles.note(ServerId(1), "a third".to_owned());
        let told = troubles.take(&directory).expect("both are in trouble");
        assert_eq!(
            told.to_string(),
            "no server serves: 127.0.0.1:1 (another), 127.0.0.1:2 (a third)"
        );
        assert_eq!(troubles.take(&directory), None);
        // After a server has served all begins anew.
        troubles.clear();
        troubles.note(ServerId(0), "one".to_owned());
        assert_eq!(troubles.take(&directory), None);
    }
}
