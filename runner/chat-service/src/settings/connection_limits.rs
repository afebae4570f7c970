//! The bounds of connections.
//!
//! **Invariant.** A connection before its log-in is bounded in bytes, in requests and in time.

use std::time::Duration;

use chat::limits::WINDOW_MAX;

/// What connections may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Connections at once.
    pub connections_max: usize,
    /// Connections at once from one address.
    pub connections_per_address_max: usize,
    /// Until the first whole frame, TLS included.
    pub hello: Duration,
    /// Until somebody has logged in.
    pub login: Duration,
    /// Without a word of a client that has logged in. Ours say something more often.
    pub idle: Duration,
    /// For one write of what a client is told.
    pub write: Duration,
    /// Frames each second, in the long run.
    pub frames_per_second: u32,
    /// Frames at once.
    pub frames_burst: u32,
    /// Requests without an answer before a log-in; no more is read meanwhile.
    pub unanswered_before_login_max: usize,
    /// And after one. As many long answers find room with the hub: a client that reads is never left for what it asks.
    pub unanswered_max: usize,
}

impl Default for ConnectionLimits {
    fn default() -> ConnectionLimits {
        ConnectionLimits {
            connections_max: 1024,
            connections_per_address_max: 128,
            hello: Duration::from_secs(10),
            login: Duration::from_secs(60),
            idle: Duration::from_secs(300),
            write: Duration::from_secs(10),
            frames_per_second: 500,
            frames_burst: 1000,
            unanswered_before_login_max: 8,
            unanswered_max: WINDOW_MAX,
        }
    }
}
