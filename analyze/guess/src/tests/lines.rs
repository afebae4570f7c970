//! What the samples of several styles write alike, and how a list of styles is put to the test.

use super::*;

/// Seconds since 1970 with three digits after the point.
pub(super) fn seconds(of: &Happened) -> String {
    format!("{}.{:03}", 1_700_000_000 + of.ms / 1000, of.ms % 1000)
}

/// One of four texts, by what happened: internal, send, send to all, receive.
pub(super) fn by_kind<'t>(of: &Happened, [internal, send, both, receive]: [&'t str; 4]) -> &'t str {
    match of.kind {
        Kind::Internal => internal,
        Kind::Send => send,
        Kind::Broadcast => both,
        Kind::Receive => receive,
    }
}

/// The two other machines, each with a text before it and one between them.
pub(super) fn both(of: &Happened, before: &str, between: &str) -> String {
    let (first, second) = others(of.machine);
    format!("{before}{first}{between}{before}{second}")
}

/// What happened, in words: those for an internal event, then texts before names of peers and between two.
pub(super) fn sentence(of: &Happened, internal: &str, before: &str, between: &str) -> String {
    match of.kind {
        Kind::Internal => internal.to_owned(),
        Kind::Send => format!("sent to {before}{}", of.peer),
        Kind::Broadcast => format!("sent to {}", both(of, before, between)),
        Kind::Receive => format!("received from {before}{}", of.peer),
    }
}

/// Tests that all logs in these styles are read back as they were.
pub(super) fn all_are_read(styles: &[Style]) {
    let failed: Vec<String> = styles
        .iter()
        .map(|style| (style.name, faults(style)))
        .filter(|(_, faults)| !faults.is_empty())
        .map(|(name, faults)| format!("{name}: {}", faults.join("; ")))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
