//! A whole, well-formed log to rows, a piece of the file at a time: its text is never in memory beside its rows.
//!
//! **Invariant.** All or nothing, as in [`fast`]: of a file that has any fault nothing is kept, and the caller reads it as a
//! whole and says what is wrong.

use std::io::{ErrorKind, Read};
use std::path::Path;

use super::clock_file::is_header;
use super::fast;
use crate::input;
use crate::trial_log::ClockRows;

/// Bytes of a piece: so few that they stay in a processor's cache, so many that to ask for them takes no time.
const PIECE: usize = 1 << 18;
/// Rows that room is made for before they are read.
const ROWS_RESERVED_MAX: usize = 1 << 24;

/// The rows of a file that begins with the header, has at least one row, and nothing but rows to its last byte.
pub(super) fn read(path: &Path) -> Option<ClockRows> {
    let file = input::open_below(path).ok()?;
    let bytes = usize::try_from(file.len()).ok()?;
    rows(file, bytes, PIECE.min(bytes))
}

/// The rows of a text of about so many bytes, in pieces of so many.
fn rows(mut text: impl Read, bytes: usize, of_piece: usize) -> Option<ClockRows> {
    let mut piece = vec![0; of_piece];
    let mut rows = ClockRows::default();
    let (mut header, mut line, mut filled) = (false, 2u32, 0);
    loop {
        let read = fill(&mut text, &mut piece[filled..])?;
        filled += read;
        let end = piece[..filled].iter().rposition(|&byte| byte == b'\n');
        let Some(end) = end.map(|end| end + 1) else {
            // Without a line end: nothing is left, or what is left is no whole line.
            return (filled == 0 && header && !rows.is_empty()).then_some(rows);
        };
        let mut whole = &piece[..end];
        if !header {
            let (first, rest) = whole.split_at(whole.iter().position(|&byte| byte == b'\n')? + 1);
            header = is_header(first);
            if !header {
                return None;
            }
            // Later rows are longer, if anything: their numbers have more digits. A file without blocks is large and holds
            // nothing, so that no more room is taken at once than its first piece proves.
            let lines = fast::lines(rest).saturating_mul(bytes / rest.len().max(1) + 1);
            rows = ClockRows::with_capacity((lines + lines / 64).min(ROWS_RESERVED_MAX));
            whole = rest;
        }
        let before = rows.len();
        fast::append(&mut rows, whole, line)?;
        line = line.checked_add(u32::try_from(rows.len() - before).ok()?)?;
        piece.copy_within(end..filled, 0);
        filled -= end;
    }
}

/// Reads until the room is full or the text at its end: how many bytes. None where it cannot be read.
fn fill(text: &mut impl Read, room: &mut [u8]) -> Option<usize> {
    let mut filled = 0;
    while filled < room.len() {
        match text.read(&mut room[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    Some(filled)
}

#[cfg(test)]
mod tests {
    use event_log::{ClockEvent, Row as _};

    use super::*;

    const BODY: &str = "0,1000,send,1,0,1,,\n1,2000,receive,4,12,1,1,3\n2,3000,broadcast,5,1,,,\n3,4000,internal,6,0,,,\n";

    fn read(text: &str, of_piece: usize) -> Option<ClockRows> {
        rows(text.as_bytes(), text.len(), of_piece)
    }

    #[test]
    fn a_log_in_pieces_is_the_log_as_a_whole() {
        let text = format!("{}\n{BODY}", ClockEvent::HEADER);
        let whole = fast::parse(BODY.as_bytes(), 2);
        assert_eq!(
            whole.as_ref().map(|rows| rows.line.as_slice()),
            Some(&[2, 3, 4, 5][..])
        );
        // From the header, the longest line, to all of it and more.
        for of_piece in ClockEvent::HEADER.len() + 1..text.len() + 3 {
            assert_eq!(read(&text, of_piece), whole, "pieces of {of_piece} bytes");
        }
    }

    #[test]
    fn of_a_log_with_a_fault_nothing_is_kept() {
        let header = ClockEvent::HEADER;
        let faulty = [
            String::new(),
            header.to_owned(),
            format!("{header}\n"),
            BODY.to_owned(),
            format!("{header}\n{BODY}4,5000,int"),
            format!("{header}\n{BODY}\n"),
            format!("{header}\n{BODY}4,5000,rest,7,0,,,\n"),
        ];
        for text in faulty {
            for of_piece in [1, 64, 100, text.len() + 1] {
                assert_eq!(
                    read(&text, of_piece),
                    None,
                    "{text:?} in pieces of {of_piece} bytes"
                );
            }
        }
        let text = format!("{header}\n{BODY}");
        assert_eq!(
            read(&text, header.len()),
            None,
            "a line longer than a piece"
        );
    }
}
