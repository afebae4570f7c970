//! What happens at the port of clients, for status and metrics.
//!
//! **Invariant.** Whatever ends a connection early, or holds it, is counted by its reason; nothing of it is logged one by one.

use std::sync::atomic::{AtomicU64, Ordering};

use chat::answer::Answer;
use chat::refusal::Refusal;
use chat::wire::response::{Response, ToClient};

use crate::counter::{Counter, Figure};

macro_rules! counters {
    ($($(#[$meaning:meta])* $name:ident = $figure:literal,)*) => {
        /// What has happened at the port of clients.
        #[derive(Debug, Default)]
        pub struct ListenerCounters {
            pub(super) open: AtomicU64,
            $($(#[$meaning])* pub $name: Counter,)*
        }

        impl ListenerCounters {
            /// All of them, by the names that metrics show.
            pub fn figures(&self) -> Vec<Figure> {
                vec![("wire_connections", self.open()), $(($figure, self.$name.get()),)*]
            }
        }
    };
}

counters! {
    /// Connections that were accepted.
    accepted = "wire_accepted_total",
    /// Connections that were refused because there were as many as are allowed.
    crowded = "wire_refused_crowded_total",
    /// Connections that were refused because their address had as many as are allowed.
    crowded_address = "wire_refused_address_total",
    /// Times when the system gave no connection.
    accept_errors = "wire_accept_errors_total",
    /// Connections that did not greet in TLS.
    without_tls = "wire_tls_failures_total",
    /// Connections that ended because they said nothing in time.
    silent = "wire_silent_total",
    /// Connections that ended because nobody logged in on them in time.
    without_login = "wire_no_login_total",
    /// Connections that ended because nothing was heard on them for too long.
    idle = "wire_idle_total",
    /// Connections that ended because they did not read what they were told.
    slow_readers = "wire_slow_readers_total",
    /// Times when a connection sent faster than it may, and was not read for a while.
    floods = "wire_floods_total",
    /// Frames that were too long. Each has ended its connection.
    oversized = "wire_oversized_total",
    /// Frames whose bodies were not what their op codes said.
    malformed = "wire_malformed_total",
    /// Clients that speak no version that this server speaks.
    wrong_versions = "wire_wrong_version_total",
    /// Tokens of sessions that there are not, or no more.
    dead_tokens = "wire_dead_tokens_total",
    /// Passwords that were wrong.
    wrong_passwords = "wire_wrong_passwords_total",
    /// Requests that were refused because there were too many at once.
    rate_limited = "wire_rate_limited_total",
    /// Requests that were read.
    requests = "wire_requests_total",
    /// Bytes that were read.
    bytes_received = "wire_received_bytes_total",
    /// Bytes that were written.
    bytes_sent = "wire_sent_bytes_total",
    /// Times when bytes were written; each takes all responses that wait.
    writes = "wire_writes_total",
}

impl ListenerCounters {
    /// Connections that there are.
    pub fn open(&self) -> u64 {
        self.open.load(Ordering::Relaxed)
    }

    /// Counts what a client is told, where it says that something is wrong with the client.
    pub(super) fn told(&self, message: &ToClient) {
        let Response::Refused(refusal) = &message.response else {
            return;
        };
        match refusal {
            Refusal::Version { .. } => self.wrong_versions.increase(),
            Refusal::NoSession | Refusal::SessionEnded { .. } => self.dead_tokens.increase(),
            Refusal::WrongPassword => self.wrong_passwords.increase(),
            Refusal::RateLimited { .. } | Refusal::TooMany { .. } => self.rate_limited.increase(),
            _ => {}
        }
    }
}

/// What an answer says of a log-in: that there is one now, or none any more.
pub(super) fn login_after(message: &ToClient) -> Option<bool> {
    match &message.response {
        Response::Answered(Answer::LoggedIn { .. }) => Some(true),
        Response::Answered(Answer::LoggedOut | Answer::Deleted { .. }) => Some(false),
        _ => None,
    }
}
