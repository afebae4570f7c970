//! Changes that know nothing of what the bytes mean, and other encodings of all of them.

use super::{OfBytes, insert, place, stretch};
use crate::chance::Chance;

pub(super) const ALL: &[(&str, OfBytes)] = &[
    ("bits turned", |bytes, chance| {
        for _ in 0..chance.between(1, 8) {
            let at = place(bytes.len().saturating_sub(1), chance);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << chance.below(8);
            }
        }
    }),
    ("bytes replaced", |bytes, chance| {
        for _ in 0..chance.between(1, 8) {
            let at = place(bytes.len().saturating_sub(1), chance);
            if let Some(byte) = bytes.get_mut(at) {
                *byte = chance.below(256) as u8;
            }
        }
    }),
    ("cut off", |bytes, chance| {
        let at = place(bytes.len(), chance);
        bytes.truncate(at);
    }),
    ("cut off near the end", |bytes, chance| {
        let by = place(bytes.len().min(40), chance);
        bytes.truncate(bytes.len() - by);
    }),
    ("beginning missing", |bytes, chance| {
        let at = place(bytes.len(), chance);
        bytes.drain(..at);
    }),
    ("block missing", |bytes, chance| {
        let block = stretch(bytes.len(), chance);
        bytes.drain(block);
    }),
    ("block twice", |bytes, chance| {
        let block = bytes[stretch(bytes.len(), chance)].to_vec();
        insert(bytes, block, chance);
    }),
    ("blocks exchanged", |bytes, chance| {
        let first = stretch(bytes.len(), chance);
        let block: Vec<u8> = bytes.drain(first).collect();
        insert(bytes, block, chance);
    }),
    ("any bytes inserted", |bytes, chance| {
        let new: Vec<u8> = (0..chance.between(1, 64))
            .map(|_| chance.below(256) as u8)
            .collect();
        insert(bytes, new, chance);
    }),
    ("zero bytes inserted", |bytes, chance| {
        let count = chance.between(1, 64) as usize;
        insert(bytes, vec![0; count], chance);
    }),
    ("zero bytes at the end", |bytes, chance| {
        let count = chance.between(1, 4096) as usize;
        bytes.extend(vec![0; count]);
    }),
    ("nothing left", |bytes, _| bytes.clear()),
    ("no text", |bytes, chance| {
        let bad: &[u8] = chance.pick(&[
            b"\xff\xfe",
            b"\xc3",
            b"\xed\xa0\x80",
            b"\xf8\x88",
            b"\xc0\x80",
        ]);
        insert(bytes, bad.iter().copied(), chance);
    }),
    ("byte-order mark", |bytes, _| {
        bytes.splice(0..0, *b"\xef\xbb\xbf");
    }),
    ("UTF-16", |bytes, chance| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let mark = chance.pick(&["\u{feff}", ""]);
        let (mark, units) = (mark.encode_utf16(), text.encode_utf16());
        let to_bytes = chance.pick(&[u16::to_le_bytes, u16::to_be_bytes]);
        *bytes = mark.chain(units).flat_map(to_bytes).collect();
    }),
    ("line ends of Windows", |bytes, _| {
        *bytes = with_line_ends(bytes, b"\r\n");
    }),
    ("line ends of old", |bytes, _| {
        *bytes = with_line_ends(bytes, b"\r");
    }),
    ("no line ends", |bytes, _| {
        *bytes = with_line_ends(bytes, b" ");
    }),
    ("a long line", |bytes, chance| {
        let long = chance.between(10_000, 1_000_000) as usize;
        let byte = chance.pick(b"7a ,\"[{(");
        insert(bytes, vec![byte; long], chance);
    }),
    ("deep nesting", deep),
];

fn with_line_ends(bytes: &[u8], end: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').collect();
    lines.join(end)
}

/// Brackets and braces within each other, closed or not.
fn deep(bytes: &mut Vec<u8>, chance: &mut Chance) {
    let (open, close) = chance.pick(&[
        ("[", "]"),
        ("{\"a\":", "}"),
        ("{a,", "b}"),
        ("(", ")"),
        ("{a=", "}"),
        ("(?:a|", ")*"),
    ]);
    let depth = chance.pick(&[20, 150, 1000, 50_000]);
    let closed = match chance.below(2) {
        0 => depth,
        _ => 0,
    };
    let new = open.repeat(depth) + "1" + &close.repeat(closed);
    insert(bytes, new.into_bytes(), chance);
}
