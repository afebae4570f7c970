//! How a server is: what it answers to a question for its status, to anybody who asks.
//!
//! The door knows connections; the servers' part, the state's size and what a program counts are filled in by whoever knows them.
//!
//! **Invariant.** Nothing in it says who has an account, or what anybody wrote.

use crate::identity::ServerId;
use crate::record::fields;

/// Which part a server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Which server it is.
    pub server: ServerId,
    /// Whether it serves clients.
    pub is_serving: bool,
    /// The server that serves, as far as this one knows.
    pub primary: Option<ServerId>,
}

/// How a server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Its role.
    pub standing: Standing,
    /// Connections that it has.
    pub connections: u32,
    /// Operations that it waits for.
    pub pending: u64,
    /// Its part among the servers.
    pub replica: ReplicaStatus,
    /// How large the state of the service is here.
    pub totals: Totals,
    /// What its program counts, by names that programs choose: `frames_malformed_total`.
    pub figures: Vec<(String, u64)>,
}

/// A server's part among the servers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplicaStatus {
    /// The members of its view.
    pub members: Vec<ServerId>,
    /// Whether it has been a member of that view without a break.
    pub is_live: bool,
    /// The place of the last command in its log.
    pub end: u64,
    /// The place of the last command that it knows to be committed.
    pub committed: u64,
    /// How far each other member has the log on disk; only the server that serves knows.
    pub stored: Vec<(ServerId, u64)>,
}

/// How large the state of the service is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Accounts.
    pub accounts: u64,
    /// Open sessions.
    pub sessions: u64,
    /// Messages that no device of their recipients has acknowledged.
    pub queued_messages: u64,
    /// Such messages of the mailbox that has most of them.
    pub queued_messages_most: u64,
}

fields!(Standing {
    server,
    is_serving,
    primary,
});

fields!(Status {
    standing,
    connections,
    pending,
    replica,
    totals,
    figures,
});

fields!(ReplicaStatus {
    members,
    is_live,
    end,
    committed,
    stored,
});

fields!(Totals {
    accounts,
    sessions,
    queued_messages,
    queued_messages_most,
});
