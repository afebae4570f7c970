//! What can happen, in any order.

use proptest::collection::vec;
use proptest::prelude::*;

use super::trial::{CLIENTS, SERVERS};

/// Something that happens; numbers choose among what there is.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Something goes from a client to a server.
    Up {
        line: usize,
    },
    /// Something goes from a server to a client.
    Down {
        line: usize,
    },
    /// Something comes to a client twice.
    Repeat {
        line: usize,
    },
    Commit,
    /// Everything that is on its way arrives, and what is proposed is committed.
    Flow,
    Break {
        line: usize,
    },
    Ask {
        client: usize,
        to: usize,
        deadline_ms: u64,
    },
    Time {
        duration_ms: u64,
    },
    /// Another server takes over. Of what the old one has proposed, some is committed. It may not know.
    TakeOver {
        to: usize,
        committed: usize,
        is_known: bool,
    },
    /// A client logs out, and in again.
    LogOut {
        client: usize,
    },
    /// Another device logs in, and the session of the client ends.
    Evict {
        client: usize,
    },
    /// All servers start again from their snapshots.
    Restart {
        committed: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let line = || 0..8usize;
    prop_oneof![
        20 => line().prop_map(|line| Step::Up { line }),
        20 => line().prop_map(|line| Step::Down { line }),
        10 => line().prop_map(|line| Step::Repeat { line }),
        14 => Just(Step::Commit),
        6 => Just(Step::Flow),
        4 => line().prop_map(|line| Step::Break { line }),
        14 => (0..CLIENTS, 0..CLIENTS, prop_oneof![Just(500u64), Just(100_000)])
            .prop_map(|(client, to, deadline_ms)| Step::Ask { client, to, deadline_ms }),
        8 => prop_oneof![0..50u64, 200..1500u64].prop_map(|duration_ms| Step::Time { duration_ms }),
        4 => (0..SERVERS as usize, 0..4usize, prop::bool::weighted(0.25)).prop_map(
            |(to, committed, is_known)| Step::TakeOver { to, committed, is_known }
        ),
        1 => (0..CLIENTS).prop_map(|client| Step::LogOut { client }),
        1 => (0..CLIENTS).prop_map(|client| Step::Evict { client }),
        1 => (0..4usize).prop_map(|committed| Step::Restart { committed }),
    ]
}

/// What a property test runs: whether senders are slowed down, and what happens.
pub(crate) fn cases() -> impl Strategy<Value = (bool, Vec<Step>)> {
    (prop::bool::weighted(0.3), vec(step(), 1..400))
}
