//! The connection of a client: to which server, how far it is, and what is owed on it.

use std::collections::BTreeMap;

use machine::chance::Stream;

use crate::client::operation::{ClientSettings, OperationId};
use crate::identity::{RequestId, Sequence, ServerId, TimeMs};

/// How far a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// There is none; the next attempt is due then.
    Down { until: TimeMs },
    /// It was asked for.
    Connecting,
    /// The server was greeted.
    Greeting,
    /// It serves, and nobody is logged in.
    Open,
    /// A log-in is under way.
    LoggingIn,
    /// The client is logged in.
    LoggedIn,
}

/// What an answer is awaited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Hello,
    LogIn,
    Deliver,
    Acknowledge,
    Ping,
    Deed(Sequence),
    Call(OperationId),
}

/// The connection.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) server: ServerId,
    pub(crate) phase: Phase,
    /// What is owed.
    pub(crate) asked: BTreeMap<RequestId, Asked>,
    requests: u32,
    /// When something was last heard, or first owed.
    heard: TimeMs,
    /// Attempts since a server last served.
    attempts: u32,
}

impl Link {
    /// No connection; the first attempt is due at once.
    pub(crate) fn new(server: ServerId) -> Link {
        Link {
            server,
            phase: Phase::Down { until: TimeMs(0) },
            asked: BTreeMap::new(),
            requests: 0,
            heard: TimeMs(0),
            attempts: 0,
        }
    }

    /// The number of the next request, for which an answer is awaited from now on.
    pub(crate) fn ask(&mut self, asked: Asked, now: TimeMs) -> RequestId {
        let id = self.next_request();
        self.requests = id.0;
        if self.asked.is_empty() {
            self.heard = now;
        }
        self.asked.insert(id, asked);
        id
    }

    /// The number that the next request will have: 0 is none.
    pub(crate) fn next_request(&self) -> RequestId {
        RequestId(self.requests.checked_add(1).unwrap_or(1))
    }

    /// Whether an answer to this is awaited.
    pub(crate) fn awaits(&self, asked: Asked) -> bool {
        self.asked.values().any(|&other| other == asked)
    }

    /// Something was heard.
    pub(crate) fn hear(&mut self, now: TimeMs) {
        self.heard = now;
    }

    /// The server serves: it has answered.
    pub(crate) fn settle(&mut self) {
        self.attempts = 0;
    }

    /// A connection is asked for.
    pub(crate) fn connect(&mut self, now: TimeMs) {
        self.phase = Phase::Connecting;
        self.heard = now;
    }

    /// Leaves the server, for another one: the one that was hinted at, or any.
    ///
    /// The wait is drawn from a range that doubles with each attempt (full jitter), so that clients who lose a server at
    /// the same time do not come back at the same time. A hint is followed at once, but only once.
    pub(crate) fn leave(
        &mut self,
        now: TimeMs,
        hint: Option<ServerId>,
        settings: &ClientSettings,
        chance: &mut Stream,
    ) {
        let others = u64::from(settings.servers.saturating_sub(1));
        let hint = hint.filter(|&hint| hint != self.server && hint.0 < settings.servers);
        let wait_ms = match hint {
            Some(_) if self.attempts == 0 => 0,
            _ => {
                let factor = 1_u64 << self.attempts.min(16);
                let range_ms = settings.retry_first_ms.saturating_mul(factor);
                chance.below(range_ms.min(settings.retry_last_ms) + 1)
            }
        };
        let other = self.server.0 as u64 + 1 + chance.below(others);
        let any = ServerId((other % u64::from(settings.servers.max(1))) as u32);
        self.server = hint.unwrap_or(any);
        self.attempts = self.attempts.saturating_add(1);
        self.asked.clear();
        self.phase = Phase::Down {
            until: now.plus(wait_ms),
        };
    }

    /// When the server is given up, unless something is heard.
    pub(crate) fn given_up(&self, silence_ms: u64) -> Option<TimeMs> {
        let is_connecting = self.phase == Phase::Connecting;
        let is_owed = is_connecting || !self.asked.is_empty();
        is_owed.then(|| self.heard.plus(silence_ms))
    }

    /// When a quiet connection is tried.
    pub(crate) fn tried(&self, quiet_ms: u64) -> Option<TimeMs> {
        let is_up = matches!(self.phase, Phase::Open | Phase::LoggedIn);
        (is_up && self.asked.is_empty()).then(|| self.heard.plus(quiet_ms))
    }
}
