//! Lines that tell of connections.

use crate::shape::Shape;

/// Notices of a kind for each file at most.
pub(super) const NOTICES_PER_FILE: f64 = 12.0;

/// Beginnings of words that tell of connections.
pub(super) const CONNECTION: &[&str] = &[
    "connect",
    "listen",
    "bind",
    "bound",
    "socket",
    "accept",
    "disconnect",
    "handshake",
];

/// Whether a word of a shape begins with one of these stems.
pub(super) fn begins_with(shape: &Shape, stems: &[&str]) -> bool {
    let begins = |word: &String| stems.iter().any(|stem| word.starts_with(stem));
    shape.words.iter().any(begins)
}
