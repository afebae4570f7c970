//! Well-formed rows to columns, byte by byte.
//!
//! **Invariant.** All or nothing: a body of which any line is not exactly a row yields `None`, and the caller reads it
//! line by line instead. What is read here, the reader of single lines reads the same.

use event_log::MachineId;

use super::lines::IMPLAUSIBLE;
use crate::trial_log::{ClockRows, EventKind};

/// Digits of the longest number that fits into 64 bits whatever its digits are.
const DIGITS: usize = 19;

/// The columns of a body (all lines after the header) whose first line has this number.
pub(super) fn parse(body: &[u8], first_line: u32) -> Option<ClockRows> {
    let mut rows = ClockRows::with_capacity(lines(body));
    append(&mut rows, body, first_line)?;
    Some(rows)
}

/// Appends the rows of some lines, the first of which has this number.
pub(super) fn append(rows: &mut ClockRows, lines: &[u8], first_line: u32) -> Option<()> {
    let before = rows.len();
    let mut cursor = Cursor { rest: lines };
    while !cursor.rest.is_empty() {
        cursor.row(rows)?;
    }
    let count = u32::try_from(rows.len() - before).ok()?;
    rows.line.extend(first_line..first_line.checked_add(count)?);
    Some(())
}

/// How many lines there are.
pub(super) fn lines(body: &[u8]) -> usize {
    body.iter().filter(|&&byte| byte == b'\n').count()
}

/// What has not been read.
struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    #[inline]
    fn row(&mut self, rows: &mut ClockRows) -> Option<()> {
        rows.tick.push(self.count(b',')?);
        rows.time_ns.push(self.number(b',')?);
        let event = self.kind()?;
        rows.event.push(event);
        rows.clock.push(self.count(b',')?);
        rows.queue.push(self.count(b',')?);
        let (peer, sent_tick, sent_clock) = match event {
            EventKind::Internal | EventKind::Broadcast => {
                self.word(b",,\n")?;
                (None, 0, 0)
            }
            EventKind::Send => {
                let peer = self.machine()?;
                self.word(b",\n")?;
                (Some(peer), 0, 0)
            }
            EventKind::Receive => {
                let peer = self.machine()?;
                let sent_tick = self.count(b',')?;
                (Some(peer), sent_tick, self.count(b'\n')?)
            }
        };
        rows.peer.push(peer);
        rows.sent_tick.push(sent_tick);
        rows.sent_clock.push(sent_clock);
        Some(())
    }

    #[inline]
    fn word<const N: usize>(&mut self, word: &[u8; N]) -> Option<()> {
        let (found, after) = self.rest.split_first_chunk()?;
        self.rest = after;
        (found == word).then_some(())
    }

    #[inline]
    fn kind(&mut self) -> Option<EventKind> {
        let (kind, word) = match self.rest.first()? {
            b'i' => (EventKind::Internal, self.word(b"internal,")),
            b's' => (EventKind::Send, self.word(b"send,")),
            b'b' => (EventKind::Broadcast, self.word(b"broadcast,")),
            _ => (EventKind::Receive, self.word(b"receive,")),
        };
        word.map(|()| kind)
    }

    #[inline]
    fn machine(&mut self) -> Option<MachineId> {
        u32::try_from(self.number(b',')?).ok().map(MachineId)
    }

    /// A number that is not beyond all measure.
    #[inline]
    fn count(&mut self, end: u8) -> Option<u64> {
        self.number(end).filter(|&number| number < IMPLAUSIBLE)
    }

    /// Digits and the byte that ends them.
    #[inline]
    fn number(&mut self, end: u8) -> Option<u64> {
        let (mut number, mut digits) = (0, 0);
        while digits + 8 <= DIGITS
            && let Some((&eight, after)) = self.rest.split_first_chunk()
            && let Some(value) = eight_digits(eight)
        {
            number = number * 100_000_000 + value;
            digits += 8;
            self.rest = after;
        }
        loop {
            let (&byte, after) = self.rest.split_first()?;
            self.rest = after;
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return (byte == end && digits > 0).then_some(number);
            }
            digits += 1;
            if digits > DIGITS {
                return None;
            }
            number = number * 10 + u64::from(digit);
        }
    }
}

/// The number that eight digits make, if they are digits, all at once.
///
/// Source: D. Lemire, "Faster integer parsing", 2022: neighbours are joined to pairs, pairs to fours, fours to eight.
#[inline]
fn eight_digits(eight: [u8; 8]) -> Option<u64> {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let text = u64::from_le_bytes(eight);
    // A digit's upper half is 3, and stays 3 when 6 is added; of `:` and above it does not.
    if text & HIGH != ZEROS || text.wrapping_add(0x0606_0606_0606_0606) & HIGH != ZEROS {
        return None;
    }
    let ones = text - ZEROS;
    let pairs = (ones * 10) + (ones >> 8);
    let fours = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(0x000f_4240_0000_0064);
    let others = ((pairs >> 16) & 0x0000_00ff_0000_00ff).wrapping_mul(0x0000_2710_0000_0001);
    Some(fours.wrapping_add(others) >> 32)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::scan::lines;

    const BODY: &str = "0,1000,send,1,0,1,,\n1,2000,receive,4,12,1,1,3\n2,3000,broadcast,5,1,,,\n3,4000,internal,6,0,,,\n";

    /// Bytes that a log is made of, and some that it is not.
    fn any_byte() -> impl Strategy<Value = u8> {
        prop_oneof![
            prop::sample::select(b"0123456789,\n\r \"-+.abcdefgilnrstv".to_vec()),
            any::<u8>()
        ]
    }

    /// Numbers that a log holds, and some around the largest that it may.
    fn any_count() -> impl Strategy<Value = u64> {
        prop_oneof![
            6 => 0..1_000_000u64,
            2 => (1u64 << 53) - 2..(1 << 53) + 2,
            1 => any::<u64>(),
        ]
    }

    #[test]
    fn a_plain_body_takes_the_fast_path() {
        let rows = parse(BODY.as_bytes(), 2).expect("every line is a row");
        assert_eq!(rows.line, [2, 3, 4, 5]);
        assert_eq!(rows.queue, [0, 12, 1, 0]);
        assert_eq!(
            rows.peer,
            [Some(MachineId(1)), Some(MachineId(1)), None, None]
        );
    }

    #[test]
    fn numbers_are_read_to_the_last_digit() {
        let number = |text: &str| {
            Cursor {
                rest: text.as_bytes(),
            }
            .number(b',')
        };
        for value in [
            0,
            7,
            12_345_678,
            123_456_789_012_345_678,
            9_999_999_999_999_999_999,
        ] {
            assert_eq!(number(&format!("{value},")), Some(value));
            assert_eq!(number(&format!("{value}\n")), None);
        }
        // Twenty digits are left to the reader of lines.
        for text in [
            "",
            ",",
            "1",
            "1a,",
            "1234567:,",
            "1234567/,",
            "18446744073709551615,",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    proptest! {
        /// What is read fast, the reader of single lines reads too, and they read the same.
        #[test]
        fn the_fast_path_never_reads_what_is_no_row(
            edits in prop::collection::vec((0..BODY.len(), prop::option::of(any_byte()), any::<bool>()), 1..4),
        ) {
            let mut body = BODY.as_bytes().to_vec();
            for (at, byte, replace) in edits {
                let at = at.min(body.len().saturating_sub(1));
                match byte {
                    Some(byte) if replace => body[at] = byte,
                    Some(byte) => body.insert(at, byte),
                    None => { body.remove(at); }
                }
            }
            if let Some(rows) = parse(&body, 2) {
                let (slow, notes) = lines::parse(Path::new("machine-0.csv"), &body, 2);
                prop_assert_eq!(notes, vec![]);
                prop_assert_eq!(rows, slow);
            }
        }

        /// Both readers draw the line between a row and an implausible one at the same place.
        #[test]
        fn fast_and_slow_path_agree_on_what_is_implausible(
            counts in prop::collection::vec(any_count(), 5), time_ns: u64,
        ) {
            let [tick, clock, queue, sent_tick, sent_clock] = counts[..] else { unreachable!("five were asked for") };
            let body = format!("{BODY}{tick},{time_ns},receive,{clock},{queue},1,{sent_tick},{sent_clock}\n");
            let (slow, notes) = lines::parse(Path::new("machine-0.csv"), body.as_bytes(), 2);
            let beyond = counts.iter().any(|&count| count >= 1 << 53);
            prop_assert_eq!((notes.len(), slow.len()), if beyond { (1, 4) } else { (0, 5) });
            let long = time_ns.to_string().len() > DIGITS;
            prop_assert_eq!(parse(body.as_bytes(), 2), (!beyond && !long).then_some(slow));
        }
    }
}
