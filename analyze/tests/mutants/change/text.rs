//! Changes to lines, to words in them, and to numbers: most of the file stays as its reader expects it.

use super::{OfBytes, insert, pick, place};
use crate::chance::Chance;

pub(super) const ALL: &[(&str, OfBytes)] = &[
    ("a number changed", |bytes, chance| {
        for _ in 0..chance.between(1, 3) {
            replace_word(
                bytes,
                is_of_number,
                |_, chance| chance.pick(NUMBERS).to_owned(),
                chance,
            );
        }
    }),
    ("a number a little changed", |bytes, chance| {
        for _ in 0..chance.between(1, 3) {
            replace_word(bytes, |byte| byte.is_ascii_digit(), near, chance);
        }
    }),
    ("a number changed everywhere", |bytes, chance| {
        let words = words(bytes, is_of_number);
        let Some(word) = pick(&words, chance) else {
            return;
        };
        let old = bytes[word].to_vec();
        let new = chance.pick(NUMBERS).as_bytes();
        for word in words
            .into_iter()
            .rev()
            .filter(|word| bytes[word.clone()] == old)
            .collect::<Vec<_>>()
        {
            bytes.splice(word, new.iter().copied());
        }
    }),
    ("a word exchanged for another", |bytes, chance| {
        let words = words(bytes, is_of_word);
        let new = pick(&words, chance).map(|word| bytes[word].to_vec());
        if let (Some(old), Some(new)) = (pick(&words, chance), new) {
            bytes.splice(old, new);
        }
    }),
    ("a word missing", |bytes, chance| {
        replace_word(bytes, is_of_word, |_, _| String::new(), chance);
    }),
    ("a word of somebody's own", |bytes, chance| {
        replace_word(
            bytes,
            is_of_word,
            |_, chance| chance.pick(HOSTILE).to_owned(),
            chance,
        );
    }),
    ("a quoted text of somebody's own", quoted),
    ("words of somebody's own inserted", |bytes, chance| {
        let new = chance.pick(HOSTILE);
        insert(bytes, new.bytes(), chance);
    }),
    ("a line twice", |bytes, chance| {
        with_lines(bytes, chance, |lines, chance| {
            let line = place(lines.len() - 1, chance);
            lines.insert(place(lines.len(), chance), lines[line].clone());
        });
    }),
    ("a line missing", |bytes, chance| {
        with_lines(bytes, chance, |lines, chance| {
            lines.remove(place(lines.len() - 1, chance));
        });
    }),
    ("lines exchanged", |bytes, chance| {
        with_lines(bytes, chance, |lines, chance| {
            let (one, other) = (
                place(lines.len() - 1, chance),
                place(lines.len() - 1, chance),
            );
            lines.swap(one, other);
        });
    }),
    ("lines in another order", |bytes, chance| {
        with_lines(bytes, chance, |lines, chance| {
            for at in 1..lines.len() {
                lines.swap(at, place(at, chance));
            }
        });
    }),
    ("the beginning again at the end", |bytes, chance| {
        with_lines(bytes, chance, |lines, chance| {
            let again = lines[..place(lines.len(), chance)].to_vec();
            lines.extend(again);
        });
    }),
    ("a line broken", |bytes, chance| {
        insert(bytes, *b"\n", chance);
    }),
    ("lines joined", |bytes, chance| {
        let ends: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at] == b'\n').collect();
        if let Some(end) = pick(&ends, chance) {
            bytes.remove(end);
        }
    }),
];

/// What a number is exchanged for.
const NUMBERS: &[&str] = &[
    "",
    "0",
    "-0",
    "1",
    "-1",
    "0.1",
    "-2.5",
    "255",
    "65536",
    "2147483648",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551614",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "340282366920938463463374607431768211456",
    "1e308",
    "1e999",
    "-1e999",
    "1e-320",
    "NaN",
    "inf",
    "-inf",
    "null",
    "0x10",
    "١٢",
    "1_000",
    "1,000",
    "00000000000000000000000000000000000000000007",
];

/// Names and texts that do harm where they are shown as they are.
const HOSTILE: &[&str] = &[
    "\u{1b}]0;title\u{7}",
    "\u{1b}[31mred\u{1b}[2J",
    "\\u001b[31mred",
    "\\u0000",
    "\\n```\\n<script>alert(1)</script>\\n# Heading",
    "\n```\n<script>alert(1)</script>\n",
    "\u{9b}31m",
    "\u{7f}\u{8}\u{8}",
    "\u{202e}desrever",
    "\u{2028}\u{85}",
    "\r",
    "\0",
    "=1+1",
    "@SUM(A1)",
    "-2+3",
    "a|b|c",
    "\",\"",
    "'",
    "\"",
    "\\",
    "../../../../etc/passwd",
    "/etc/passwd",
    "..",
    "%s%n",
    "{{",
    "(a+)+$",
    "<!-- analyze:end -->",
    "-->",
    "\u{1f600}",
    "é\u{301}\u{301}\u{301}",
];

fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'.'
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Stretches of bytes of a kind.
fn words(bytes: &[u8], is_of: fn(u8) -> bool) -> Vec<std::ops::Range<usize>> {
    let mut words: Vec<std::ops::Range<usize>> = Vec::new();
    for at in (0..bytes.len()).filter(|&at| is_of(bytes[at])) {
        match words.last_mut() {
            Some(word) if word.end == at => word.end += 1,
            _ => words.push(at..at + 1),
        }
    }
    words
}

fn replace_word(
    bytes: &mut Vec<u8>,
    is_of: fn(u8) -> bool,
    new: fn(&[u8], &mut Chance) -> String,
    chance: &mut Chance,
) {
    if let Some(word) = pick(&words(bytes, is_of), chance) {
        let new = new(&bytes[word.clone()], chance);
        bytes.splice(word, new.into_bytes());
    }
}

/// A number next to this one, or ten times or a tenth of it.
fn near(old: &[u8], chance: &mut Chance) -> String {
    let text = String::from_utf8_lossy(old).into_owned();
    let number: u128 = text.parse().unwrap_or(0);
    match chance.below(5) {
        0 => (number + 1).to_string(),
        1 => number.saturating_sub(1).to_string(),
        2 => format!("{text}0"),
        3 => text[..text.len() - 1].to_owned(),
        _ => (number + u128::from(chance.between(2, 10_000_000))).to_string(),
    }
}

/// What stands between two quotes is exchanged: in JSON and TOML that stays a text.
fn quoted(bytes: &mut Vec<u8>, chance: &mut Chance) {
    let quotes: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at] == b'"').collect();
    let pairs: Vec<(usize, usize)> = quotes
        .chunks_exact(2)
        .map(|pair| (pair[0], pair[1]))
        .collect();
    let Some((open, close)) = pick(&pairs, chance) else {
        return;
    };
    let new = chance.pick(HOSTILE);
    let new = match chance.below(2) {
        0 => new.to_owned(),
        _ => new.chars().map(escaped).collect(),
    };
    bytes.splice(open + 1..close, new.into_bytes());
}

/// A character as JSON and TOML may write it.
fn escaped(character: char) -> String {
    match u32::from(character) {
        code @ 0x20..0x7f if code != 0x22 && code != 0x5c => character.to_string(),
        code @ 0..=0xffff => format!("\\u{code:04x}"),
        _ => character.to_string(),
    }
}

/// Lets lines be changed; an empty file has none, and stays empty.
fn with_lines(
    bytes: &mut Vec<u8>,
    chance: &mut Chance,
    change: fn(&mut Vec<Vec<u8>>, &mut Chance),
) {
    let lines = bytes.split_inclusive(|&byte| byte == b'\n');
    let mut lines: Vec<Vec<u8>> = lines.map(<[u8]>::to_vec).collect();
    if !lines.is_empty() {
        change(&mut lines, chance);
        *bytes = lines.concat();
    }
}
