//! Bytes of every sort.

use proptest::prelude::*;

/// Any bytes, or bytes that text is made of.
pub(crate) fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let texts = prop::sample::select(b"0123456789,;:.-+eE\"'{}[]() \t\r\nabrs\\".to_vec());
    prop::collection::vec(prop_oneof![3 => texts, 1 => any::<u8>()], 0..400)
}

/// Changes of a sample: places, bytes and what to do with them.
pub(crate) type Changes = Vec<(prop::sample::Index, u8, u8)>;

/// Some changes.
pub(crate) fn changes() -> impl Strategy<Value = Changes> {
    let byte = prop_oneof![
        prop::sample::select(b"0,\n\r\"{}[]:- ".to_vec()),
        any::<u8>()
    ];
    prop::collection::vec((any::<prop::sample::Index>(), byte, 0..4u8), 1..8)
}

/// The sample with these changes: bytes replaced, removed, added, or all from there on cut off.
pub(crate) fn changed(sample: &[u8], changes: &Changes) -> Vec<u8> {
    let mut bytes = sample.to_vec();
    for (at, byte, change) in changes {
        let at = at.index(bytes.len().max(1));
        match change {
            0 if at < bytes.len() => bytes[at] = *byte,
            1 if at < bytes.len() => drop(bytes.remove(at)),
            2 if at > bytes.len() / 2 => bytes.truncate(at),
            _ => bytes.insert(at.min(bytes.len()), *byte),
        }
    }
    bytes
}

/// Large inputs that invite to work without end, each with its name.
pub(crate) fn monsters() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("unclosed brackets", b"[".repeat(1_000_000)),
        ("unclosed objects", b"{\"a\":".repeat(100_000)),
        ("lines of unclosed objects", b"{\"a\": 1,\n".repeat(20_000)),
        ("lines of unclosed strings", b"{\"\n".repeat(20_000)),
        ("unclosed quotes", b"\"a,b\n".repeat(20_000)),
        ("only quotes", b"\"".repeat(200_000)),
        ("only line ends", b"\n".repeat(100_000)),
        ("only carriage returns", b"\r".repeat(50_000)),
        ("only commas", b",".repeat(200_000)),
        ("bytes that are no text", b"\xff\xc3\n".repeat(20_000)),
        ("half a character of UTF-16", b"\xff\xfe\0".to_vec()),
        ("escapes of a terminal", b"\x1b[".repeat(50_000)),
        ("short bad rows", b"x\n".repeat(50_000)),
    ]
}

/// A line as long as a log.
pub(crate) fn long_line() -> Vec<u8> {
    vec![b'7'; 50_000_000]
}
