//! Ways to write one text: UTF-8 with and without a byte-order mark, UTF-16 in both orders, gzip around any of them.
//!
//! PowerShell writes UTF-16 where its users expect UTF-8; log rotation compresses. What a file holds shows in its first
//! bytes, not from its name.
//!
//! **Invariant.** Line ends stay where they are: line 7 of the text is line 7 of the file.

use std::borrow::Cow;
use std::io::{self, Read as _};

use flate2::read::MultiGzDecoder;

/// A compressed file may unpack to this multiple of its size, …
const RATIO_MAX: u64 = 100;
/// … plus this number of bytes, …
const UNPACKED_FLOOR: u64 = 16 << 20;
/// … but never to more bytes than these.
pub const UNPACKED_BYTES_MAX: u64 = 256 << 20;

/// Pairs of bytes that are looked at for UTF-16 without a mark.
const PAIRS: usize = 2048;
/// Of ten characters of a log so many are ASCII, which UTF-16 writes with a zero byte.
const ASCII_OF_TEN: usize = 7;

/// How the characters of a text are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, or what is closest to it.
    Utf8,
    /// UTF-8 after a byte-order mark.
    Utf8Marked,
    /// UTF-16, the lower byte first; `marked` with a byte-order mark.
    Utf16Little {
        /// Whether a byte-order mark says so.
        marked: bool,
    },
    /// UTF-16, the higher byte first.
    Utf16Big {
        /// Whether a byte-order mark says so.
        marked: bool,
    },
    /// Compressed by gzip.
    Gzip,
}

impl Encoding {
    /// Whether it is UTF-16.
    pub fn is_utf16(self) -> bool {
        matches!(
            self,
            Encoding::Utf16Little { .. } | Encoding::Utf16Big { .. }
        )
    }
}

/// The encoding of the text that begins with these bytes.
pub fn of(head: &[u8]) -> Encoding {
    match head {
        [0xff, 0xfe, ..] => Encoding::Utf16Little { marked: true },
        [0xfe, 0xff, ..] => Encoding::Utf16Big { marked: true },
        [0xef, 0xbb, 0xbf, ..] => Encoding::Utf8Marked,
        [0x1f, 0x8b, 8, ..] => Encoding::Gzip,
        _ => unmarked(head),
    }
}

/// UTF-16 without a mark shows by its zero bytes: every second one, and hardly any between them.
fn unmarked(head: &[u8]) -> Encoding {
    let (pairs, _) = head.as_chunks::<2>();
    let pairs = &pairs[..pairs.len().min(PAIRS)];
    let zeros = |at: usize| pairs.iter().filter(|pair| pair[at] == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    let mostly = |zeros: usize| pairs.len() > 2 && zeros * 10 >= pairs.len() * ASCII_OF_TEN;
    if mostly(second) && first * 20 < pairs.len() {
        Encoding::Utf16Little { marked: false }
    } else if mostly(first) && second * 20 < pairs.len() {
        Encoding::Utf16Big { marked: false }
    } else {
        Encoding::Utf8
    }
}

/// A text in UTF-8 without a mark; bytes that no encoding explains stay as they are.
pub fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let utf16 = |marked: bool, unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes[if marked { 2 } else { 0 }..].as_chunks::<2>();
        let units = pairs.iter().map(|pair| unit(*pair));
        // A lone byte at the end is half of a character, unless it is the zero that a crash leaves.
        let odd = rest.first().filter(|byte| **byte != 0);
        let odd = odd.map(|_| char::REPLACEMENT_CHARACTER);
        let characters =
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER));
        Cow::Owned(characters.chain(odd).collect::<String>().into_bytes())
    };
    match of(bytes) {
        Encoding::Utf16Little { marked } => utf16(marked, u16::from_le_bytes),
        Encoding::Utf16Big { marked } => utf16(marked, u16::from_be_bytes),
        Encoding::Utf8Marked => Cow::Borrowed(&bytes[3..]),
        Encoding::Utf8 | Encoding::Gzip => Cow::Borrowed(bytes),
    }
}

/// A text in UTF-8, and how it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plain {
    /// The text in UTF-8, without a mark.
    pub bytes: Vec<u8>,
    /// How it was written in the file, or inside a compressed one.
    pub encoding: Encoding,
}

/// The text of a file's bytes, unpacked if they are compressed.
///
/// # Errors
///
/// When it is compressed and damaged, or unpacks to more than it may.
pub fn plain(bytes: Vec<u8>) -> io::Result<Plain> {
    let bytes = unpacked(bytes)?;
    let encoding = of(&bytes);
    let bytes = match utf8(&bytes) {
        Cow::Owned(text) => text,
        Cow::Borrowed(text) if text.len() == bytes.len() => bytes,
        Cow::Borrowed(text) => text.to_vec(),
    };
    Ok(Plain { bytes, encoding })
}

/// The bytes, unpacked if they are compressed.
///
/// # Errors
///
/// As [`plain`].
pub fn unpacked(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    if of(&bytes) != Encoding::Gzip {
        return Ok(bytes);
    }
    let most = (bytes.len() as u64)
        .saturating_mul(RATIO_MAX)
        .saturating_add(UNPACKED_FLOOR)
        .min(UNPACKED_BYTES_MAX);
    let mut unpacked = Vec::new();
    let damaged = |error| io::Error::other(format!("compressed by gzip and damaged: {error}"));
    MultiGzDecoder::new(bytes.as_slice())
        .take(most + 1)
        .read_to_end(&mut unpacked)
        .map_err(damaged)?;
    if unpacked.len() as u64 > most {
        return Err(io::Error::other(format!(
            "compressed by gzip, and larger than {most} bytes when unpacked: no more than {RATIO_MAX} times its size and \
             {UNPACKED_BYTES_MAX} bytes is unpacked; unpack it with gunzip"
        )));
    }
    Ok(unpacked)
}

/// What the beginning of a file unpacks to, if it is compressed; at most this number of bytes.
pub fn unpacked_head(head: Vec<u8>, most: usize) -> Vec<u8> {
    if of(&head) != Encoding::Gzip {
        return head;
    }
    let mut unpacked = Vec::new();
    let mut decoder = MultiGzDecoder::new(head.as_slice()).take(most as u64);
    // The head ends within the compressed text: an error then is no news.
    let _ = decoder.read_to_end(&mut unpacked);
    unpacked
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "tick 1\r\nünï 2\nclock 3\n";

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("memory");
        encoder.finish().expect("memory")
    }

    #[test]
    fn one_text_in_every_encoding_is_one_text() {
        let (little, big) = (utf16(TEXT, u16::to_le_bytes), utf16(TEXT, u16::to_be_bytes));
        let ways: [(Vec<u8>, Encoding); 6] = [
            (TEXT.into(), Encoding::Utf8),
            (
                [b"\xef\xbb\xbf", TEXT.as_bytes()].concat(),
                Encoding::Utf8Marked,
            ),
            (
                [b"\xff\xfe".as_slice(), &little].concat(),
                Encoding::Utf16Little { marked: true },
            ),
            (
                [b"\xfe\xff".as_slice(), &big].concat(),
                Encoding::Utf16Big { marked: true },
            ),
            (little, Encoding::Utf16Little { marked: false }),
            (big, Encoding::Utf16Big { marked: false }),
        ];
        for (bytes, encoding) in ways {
            for bytes in [packed(&bytes), bytes] {
                let plain = plain(bytes).expect("a text");
                assert_eq!(plain.bytes, TEXT.as_bytes(), "{encoding:?}");
                assert_eq!(plain.encoding, encoding);
            }
        }
    }

    #[test]
    fn zero_bytes_alone_make_no_utf16() {
        for bytes in [
            b"line\n\0\0\0\0\0\0\0\0".as_slice(),
            b"\0\0\0\0\0\0\0\0",
            b"a\0b\0",
            b"1.5 1 works\n\0",
        ] {
            assert_eq!(of(bytes), Encoding::Utf8, "{bytes:?}");
        }
    }

    #[test]
    fn a_small_file_that_unpacks_to_a_large_one_is_refused_with_the_bound() {
        let bomb = packed(&vec![b'a'; 40 << 20]);
        assert!(bomb.len() < 100_000);
        let error = plain(bomb).expect_err("too large").to_string();
        assert!(error.contains("100 times its size"), "{error}");
        let mut cut = packed(TEXT.as_bytes());
        cut.truncate(cut.len() - 9);
        let error = plain(cut).expect_err("damaged").to_string();
        assert!(error.contains("damaged"), "{error}");
    }

    proptest! {
        #[test]
        fn no_bytes_are_a_panic(bytes: Vec<u8>) {
            let _ = unpacked_head(bytes.clone(), 100);
            let _ = plain(bytes);
        }
    }
}
