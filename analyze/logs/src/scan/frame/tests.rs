use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::scan::lines;

const BODY: &str = "0,1000,send,1,0,1,,\n1,2000,receive,4,12,1,1,3\n2,3000,broadcast,5,1,,,\n3,4000,internal,6,0,,,\n";

fn read(text: &[u8]) -> Option<DataFrame> {
    of_lines(text, plain_lines(text)?)
}

/// What the reader of single lines reads, and how many lines it finds fault with.
fn line_by_line(text: &[u8]) -> (DataFrame, usize) {
    let (rows, notes) = lines::parse(Path::new("machine-0.csv"), text, 2);
    let (frame, _) = of_events(rows);
    (frame, notes.len())
}

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
fn rows_are_cells_of_their_types_and_nothing_where_a_kind_has_none() {
    let frame = read(BODY.as_bytes()).expect("every line is a row");
    assert_eq!(frame.schema().as_ref(), SCHEMA.as_ref());
    let queue: Vec<_> = frame
        .column("queue")
        .and_then(|of| Ok(of.u64()?.iter().collect()))
        .expect("counts");
    assert_eq!(queue, [Some(0), Some(12), Some(1), Some(0)]);
    let peer: Vec<_> = frame
        .column("peer")
        .and_then(|of| Ok(of.u32()?.iter().collect()))
        .expect("positions");
    assert_eq!(peer, [Some(1), Some(1), None, None]);
    assert!(frame.equals_missing(&line_by_line(BODY.as_bytes()).0));
}

#[test]
fn what_polars_lets_pass_and_a_log_may_not_have_is_no_row() {
    for text in [
        "",
        "\n",
        "0,1000,send,1,0,1,,\n\n",
        "0,1000,send,1,0,1,\n",
        "0,1000,send,1,0,1,,",
        "0,1000,send,1,0,1,,,\n",
        // A comma too few and, elsewhere, one too many.
        "0,1000,internal,1,0,,\n1,2000,internal,2,0,,,,\n",
        "0,1000,send,1,0,1,,\r\n",
        "0, 1000,send,1,0,1,,\n",
        "0,+1000,send,1,0,1,,\n",
        "0,-1000,send,1,0,1,,\n",
        "0,1000,\"send\",1,0,1,,\n",
        "0,1000,rest,1,0,1,,\n",
        "0,1000,Send,1,0,1,,\n",
        ",1000,send,1,0,1,,\n",
        "0,1000,send,1,0,,,\n",
        "0,1000,send,1,0,1,1,3\n",
        "0,1000,receive,1,0,1,,\n",
        "0,1000,receive,1,0,1,1,\n",
        "0,1000,internal,1,0,1,,\n",
        "0,1000,send,9007199254740992,0,1,,\n",
        "0,1000,send,1,0,4294967296,,\n",
        "0,9223372036854775808,send,1,0,1,,\n",
    ] {
        assert!(read(text.as_bytes()).is_none(), "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// What is read here, the reader of single lines reads too, and they read the same.
    #[test]
    fn nothing_that_is_no_row_is_read(
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
        if let Some(frame) = read(&body) {
            let (slow, faults) = line_by_line(&body);
            prop_assert_eq!(faults, 0);
            prop_assert!(frame.equals_missing(&slow), "{} {}", frame, slow);
        }
    }

    /// Both readers draw the line between a row and an implausible one at the same place.
    #[test]
    fn both_readers_agree_on_what_is_implausible(
        counts in prop::collection::vec(any_count(), 5), time_ns: u64,
    ) {
        let [tick, clock, queue, sent_tick, sent_clock] = counts[..] else { unreachable!("five were asked for") };
        let body = format!("{BODY}{tick},{time_ns},receive,{clock},{queue},1,{sent_tick},{sent_clock}\n");
        let (slow, faults) = line_by_line(body.as_bytes());
        let beyond = counts.iter().any(|&count| count >= 1 << 53) || i64::try_from(time_ns).is_err();
        prop_assert_eq!((faults, slow.height()), if beyond { (1, 4) } else { (0, 5) });
        let read = read(body.as_bytes());
        prop_assert_eq!(read.is_some(), !beyond);
        prop_assert!(read.is_none_or(|frame| frame.equals_missing(&slow)));
    }
}
