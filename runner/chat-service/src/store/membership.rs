//! Whose disk it is.
//!
//! **Invariant.** A disk is one server's, of one cluster, for good.

use chat::identity::ServerId;
use uuid::Uuid;

/// Whose disk it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// The cluster.
    pub cluster: Uuid,
    /// The server of it.
    pub server: ServerId,
    /// How many servers it has.
    pub servers: u32,
}
