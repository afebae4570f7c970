//! The bytes of a file as text.
//!
//! Other encodings, zero bytes within lines, bytes that are not UTF-8 and colours of terminals are dealt with here, and reported;
//! line ends are never touched, so that line numbers stay those of the file.
//!
//! **Invariant.** Every byte sequence is a text.

use std::borrow::Cow;

use files::input::encoding;

/// A text, and what was done to get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded<'b> {
    /// The text.
    pub(crate) text: Cow<'b, str>,
    /// It was UTF-16.
    pub(crate) utf16: bool,
    /// The first line with zero bytes between its characters; they were left out.
    pub(crate) nul: Option<u64>,
    /// The first line with a byte that is no UTF-8; such bytes are written `\xNN`.
    pub(crate) not_utf8: Option<u64>,
    /// It had control sequences of terminals, which were left out.
    pub(crate) colours: bool,
}

/// Decodes the bytes of a file.
pub(crate) fn decode(bytes: &[u8]) -> Decoded<'_> {
    let utf16 = encoding::of(bytes).is_utf16();
    let (bytes, nul) = without_inner_nuls(encoding::utf8(bytes));
    let mut not_utf8 = None;
    let text = text_of(bytes, &mut not_utf8);
    let colours = text.contains('\x1b');
    Decoded {
        text: if colours {
            Cow::Owned(plain(&text))
        } else {
            text
        },
        utf16,
        nul,
        not_utf8,
        colours,
    }
}

/// Of the bytes that are neither zero nor text, so many of a thousand make a file that has zeros no text.
const CONTROLS_OF_THOUSAND: usize = 20;

/// Whether these are no characters of a text, whatever its encoding: among zero bytes, which a crash leaves in a text too,
/// there are more control characters than any text has.
pub fn is_binary(head: &[u8]) -> bool {
    let head = encoding::utf8(head);
    if !head.contains(&0) {
        return false;
    }
    let is_control =
        |byte: &u8| byte.is_ascii_control() && !b"\t\n\r\x07\x08\x0c\x1b".contains(byte);
    let others = head.iter().filter(|byte| **byte != 0);
    let controls = others.clone().filter(|byte| is_control(byte)).count();
    let strange = head.utf8_chunks().map(|chunk| chunk.invalid().len());
    (controls + strange.sum::<usize>()) * 1000 > others.count() * CONTROLS_OF_THOUSAND
}

/// The bytes without zeros that have text on both sides on their line, and the first line that had such. Those at its ends
/// stay: they tell that the line is padding.
fn without_inner_nuls(bytes: Cow<'_, [u8]>) -> (Cow<'_, [u8]>, Option<u64>) {
    if !bytes.contains(&0) {
        return (bytes, None);
    }
    let is_edge = |byte: &u8| matches!(byte, 0 | b'\r' | b'\n');
    let mut first = None;
    let mut kept = Vec::with_capacity(bytes.len());
    for (line, number) in bytes.split_inclusive(|byte| *byte == b'\n').zip(1..) {
        let text = line.iter().position(|byte| !is_edge(byte));
        let end = line.iter().rposition(|byte| !is_edge(byte));
        let inner = text.zip(end).map_or(0..0, |(from, to)| from..to + 1);
        if !line[inner.clone()].contains(&0) {
            kept.extend_from_slice(line);
            continue;
        }
        first = first.or(Some(number));
        kept.extend_from_slice(&line[..inner.start]);
        kept.extend(line[inner.clone()].iter().filter(|byte| **byte != 0));
        kept.extend_from_slice(&line[inner.end..]);
    }
    (Cow::Owned(kept), first)
}

/// The bytes as text, and the first line that has bytes which are no UTF-8.
fn text_of<'b>(bytes: Cow<'b, [u8]>, not_utf8: &mut Option<u64>) -> Cow<'b, str> {
    let text = match bytes {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes)
            .map(Cow::Borrowed)
            .map_err(|error| (Cow::Borrowed(bytes), error)),
        Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).map_err(|error| {
            let wrong = error.utf8_error();
            (Cow::Owned(error.into_bytes()), wrong)
        }),
    };
    text.unwrap_or_else(|(bytes, error)| {
        let before = &bytes[..error.valid_up_to()];
        let ends = before.iter().filter(|byte| **byte == b'\n').count();
        *not_utf8 = Some(ends as u64 + 1);
        Cow::Owned(escaped(&bytes))
    })
}

/// The text with `\xNN` for each byte that is no UTF-8.
pub(crate) fn escaped(bytes: &[u8]) -> String {
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
    fn zero_bytes_within_a_line_are_left_out_and_those_around_it_stay() {
        let decoded = decode(b"a\n\0\0b\0\0c\0\r\n\0\0\0");
        assert_eq!(decoded.text, "a\n\0\0bc\0\r\n\0\0\0");
        assert_eq!(decoded.nul, Some(2));
        assert_eq!(decode(b"a\n\0b\0\n").nul, None);
    }

    #[test]
    fn text_with_zero_bytes_is_text_and_a_program_is_not() {
        for text in [
            b"1.5 1 works\n\0\0\0\0".as_slice(),
            b"\0\0\0\0\0\0",
            b"caf\xe9 has no zeros",
            b"\x1b[31mred\x1b[0m\0\n",
            "\0\u{fc}n\u{ef}".as_bytes(),
        ] {
            assert!(!is_binary(text), "{text:?}");
        }
        for other in [
            b"\x7fELF\x02\x01\x01\0\0\0".as_slice(),
            &[1, 0, 2],
            b"\0\xff\xfe\0ab",
        ] {
            assert!(is_binary(other), "{other:?}");
        }
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
            prop_assume!(!encoding::of(&bytes).is_utf16());
            let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
            prop_assert_eq!(decode(&bytes).text.matches('\n').count(), ends);
        }
    }
}
