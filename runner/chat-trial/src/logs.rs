//! What of a trial is written down.

use event_log::chat::{ClientRow, ServerRow};
use event_log::{JournalEntry, Record};

/// What of a trial is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Its row of the summary.
    Summary,
    /// Rows of clients, and of servers without replies and pushes.
    Logs,
    /// All rows.
    Everything,
}

/// The logs of a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logs {
    /// Of each client.
    pub clients: Vec<Vec<Record<ClientRow>>>,
    /// Of each server.
    pub servers: Vec<Vec<Record<ServerRow>>>,
    /// Ends and beginnings of lives, in the order of their times.
    pub journal: Vec<JournalEntry>,
}
