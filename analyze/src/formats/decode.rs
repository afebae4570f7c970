//! The bytes of a file as text.
//!
//! Byte-order marks, UTF-16, bytes that are not UTF-8 and colours of terminals are dealt with here, and told; line ends
//! are never touched, so that line numbers stay those of the file.
//!
//! **Invariant.** Every byte sequence is a text.

use std::borrow::Cow;

/// A text, and what was done to get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded<'b> {
    /// The text.
    pub(crate) text: Cow<'b, str>,
    /// It was UTF-16.
    pub(crate) utf16: bool,
    /// The first line with a byte that is no UTF-8; such bytes are written `\xNN`.
    pub(crate) not_utf8: Option<u64>,
    /// It had control sequences of terminals, which were left out.
    pub(crate) colours: bool,
}

/// Decodes the bytes of a file.
pub(crate) fn decode(bytes: &[u8]) -> Decoded<'_> {
    let utf16 = |unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes[2..].as_chunks::<2>();
        let units = pairs.iter().map(|pair| unit(*pair));
        let odd = rest.first().map(|_| char::REPLACEMENT_CHARACTER);
        let characters =
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER));
        characters.chain(odd).collect::<String>()
    };
    let mut not_utf8 = None;
    let (text, is_utf16) = match bytes {
        [0xff, 0xfe, ..] => (Cow::Owned(utf16(u16::from_le_bytes)), true),
        [0xfe, 0xff, ..] => (Cow::Owned(utf16(u16::from_be_bytes)), true),
        _ => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let text = match std::str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(error) => {
                    let before = &bytes[..error.valid_up_to()];
                    let ends = before.iter().filter(|byte| **byte == b'\n').count();
                    not_utf8 = Some(ends as u64 + 1);
                    Cow::Owned(escaped(bytes))
                }
            };
            (text, false)
        }
    };
    let colours = text.contains('\x1b');
    Decoded {
        text: if colours {
            Cow::Owned(plain(&text))
        } else {
            text
        },
        utf16: is_utf16,
        not_utf8,
        colours,
    }
}

/// The text with `\xNN` for each byte that is no UTF-8.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

/// The text without control sequences of terminals. A sequence ends with its line at the latest.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\x1b') {
        plain.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        rest = &after[sequence(after)..];
    }
    plain.push_str(rest);
    plain
}

/// How far the end of a title or of another command to a terminal is looked for, characters: a text full of unfinished ones
/// must not be searched to its end for each.
const COMMAND_LENGTH: usize = 1_000;

/// Length of the control sequence that a text begins with, after its escape.
fn sequence(text: &str) -> usize {
    let is_line_end = |c: char| c == '\n' || c == '\r';
    if let Some(parameters) = text.strip_prefix('[') {
        let end = parameters.find(|c| ('@'..='~').contains(&c) || is_line_end(c));
        return end.map_or(text.len(), |end| {
            1 + end + usize::from(!parameters[end..].starts_with(is_line_end))
        });
    }
    if let Some(command) = text.strip_prefix(']') {
        let far = command.char_indices().nth(COMMAND_LENGTH);
        let near = far.map_or(command, |(at, _)| &command[..at]);
        let line = near.find(is_line_end);
        let body = &near[..line.unwrap_or(near.len())];
        let end = body.find('\x07').map(|end| 1 + end + 1);
        let end = end.or_else(|| body.find("\x1b\\").map(|end| 1 + end + 2));
        let unfinished = if line.is_some() || near.len() == command.len() {
            1 + body.len()
        } else {
            1
        };
        return end.unwrap_or(unfinished);
    }
    let first = text.chars().next().filter(|&c| !is_line_end(c));
    first.map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn utf16_is_text() {
        let text = "tick 1\r\nünï 2\n";
        let mut little = vec![0xff, 0xfe];
        little.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        let mut big = vec![0xfe, 0xff];
        big.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
        for bytes in [little, big] {
            let decoded = decode(&bytes);
            assert_eq!((decoded.text.as_ref(), decoded.utf16), (text, true));
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        assert_eq!(decode(b"\xef\xbb\xbfa,b\n").text, "a,b\n");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_shown() {
        let decoded = decode(b"ok\ncaf\xe9 1\n");
        assert_eq!(decoded.text, "ok\ncaf\\xe9 1\n");
        assert_eq!(decoded.not_utf8, Some(2));
    }

    #[test]
    fn colours_are_left_out_and_lines_stay() {
        let decoded = decode(b"\x1b[31mred\x1b[0m 1\n\x1b]0;title\x07x\x1b[3\ny\x1bMz\x1b");
        assert_eq!(decoded.text, "red 1\nx\nyz");
        assert!(decoded.colours);
    }

    proptest! {
        #[test]
        fn line_ends_are_never_touched(bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\x1b'), Just(b'['), any::<u8>()], 0..200)) {
            prop_assume!(!bytes.starts_with(&[0xff, 0xfe]) && !bytes.starts_with(&[0xfe, 0xff]));
            let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
            prop_assert_eq!(decode(&bytes).text.matches('\n').count(), ends);
        }
    }
}
