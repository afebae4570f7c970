//! The bounds of connections, as an operator writes them.
//!
//! **Invariant.** What is not said has the default of [`ConnectionLimits`].

use serde::{Deserialize, Serialize};

use super::connection_limits::ConnectionLimits;
use super::span::Span;

/// What the table `[connections]` says; what it leaves out has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectionSettings {
    /// Connections at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<usize>,
    /// Connections at once from one address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_per_address: Option<usize>,
    /// How long a client has until its first request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hello: Option<Span>,
    /// How long it has until its log-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<Span>,
    /// How long a client that is logged in may be silent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle: Option<Span>,
    /// Requests of a connection each second, in the long run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_second: Option<u32>,
    /// Requests of a connection at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_burst: Option<u32>,
}

impl ConnectionSettings {
    /// The first bound of nothing: it would let nobody in.
    pub(super) fn zero(&self) -> Option<&'static str> {
        let count = |count: Option<u32>| count.map(|count| count as usize);
        let bounds = [
            ("most", self.most),
            ("most_per_address", self.most_per_address),
            ("requests_per_second", count(self.requests_per_second)),
            ("requests_burst", count(self.requests_burst)),
        ];
        let mut bounds = bounds.into_iter();
        bounds.find_map(|(name, bound)| (bound == Some(0)).then_some(name))
    }

    /// The bounds.
    pub fn limits(&self) -> ConnectionLimits {
        let base = ConnectionLimits::default();
        ConnectionLimits {
            connections_max: self.most.unwrap_or(base.connections_max),
            connections_per_address_max: (self.most_per_address)
                .unwrap_or(base.connections_per_address_max),
            hello: self.hello.map_or(base.hello, Span::duration),
            login: self.login.map_or(base.login, Span::duration),
            idle: self.idle.map_or(base.idle, Span::duration),
            frames_per_second: self.requests_per_second.unwrap_or(base.frames_per_second),
            frames_burst: self.requests_burst.unwrap_or(base.frames_burst),
            ..base
        }
    }
}
