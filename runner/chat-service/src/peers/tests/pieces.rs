//! Messages in a stream of bytes.

use proptest::prelude::*;
use seal::Seal;

use crate::peers::frames::{BadFrame, MessageReader, PIECE_BYTES_MAX};
use crate::peers::outgoing::{LONG_BYTES_WAITING_MAX, Outgoing, SHORT_BYTES_WAITING_MAX};

const KEY: [u8; 16] = [3; 16];

/// All that waits, as it leaves.
fn leave(outgoing: &Outgoing, messages: usize) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let (mut seal, mut stream) = (Seal::new(&KEY), Vec::new());
    runtime.expect("a runtime").block_on(async {
        // So many writes are enough; a write takes a part of a long message.
        let mut reader = MessageReader::new(Seal::new(&KEY));
        let mut come = 0;
        while come < messages {
            let mut frames = Vec::new();
            outgoing.take(&mut seal, &mut frames).await;
            reader.buffer().extend_from_slice(&frames);
            while reader.take().expect("our own frames").is_some() {
                come += 1;
            }
            stream.extend(frames);
        }
    });
    stream
}

/// What a reader makes of bytes that come in pieces of this length.
fn arrive(stream: &[u8], piece: usize) -> (Vec<Vec<u8>>, Option<BadFrame>) {
    let mut reader = MessageReader::new(Seal::new(&KEY));
    let mut messages = Vec::new();
    for piece in stream.chunks(piece) {
        reader.buffer().extend_from_slice(piece);
        loop {
            match reader.take() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(bad) => return (messages, Some(bad)),
            }
        }
    }
    (messages, None)
}

fn any_message() -> impl Strategy<Value = Vec<u8>> {
    let bytes = (
        any::<u8>(),
        prop_oneof![0..200_usize, 0..4 * PIECE_BYTES_MAX],
    );
    bytes.prop_map(|(byte, count)| vec![byte; count])
}

proptest! {
    #[test]
    fn messages_arrive_whole_and_short_ones_pass_long_ones(
        messages in proptest::collection::vec(any_message(), 1..8), piece in 1..100_000_usize,
    ) {
        let outgoing = Outgoing::default();
        for message in &messages {
            prop_assert!(outgoing.push(message.clone()));
        }
        let (arrived, bad) = arrive(&leave(&outgoing, messages.len()), piece);
        let is_short = |message: &Vec<u8>| message.len() <= PIECE_BYTES_MAX;
        let (short, long): (Vec<_>, Vec<_>) = messages.into_iter().partition(is_short);
        let (short_arrived, long_arrived): (Vec<_>, Vec<_>) = arrived.into_iter().partition(is_short);
        prop_assert_eq!((short, long, None), (short_arrived, long_arrived, bad));
    }

    #[test]
    fn any_bytes_are_refused_at_the_first_frame(bytes in proptest::collection::vec(any::<u8>(), 0..300), piece in 1..50_usize) {
        let (messages, _) = arrive(&bytes, piece);
        prop_assert!(messages.is_empty());
    }

    #[test]
    fn one_changed_bit_ends_the_stream(
        messages in proptest::collection::vec(any_message(), 1..4), at in any::<prop::sample::Index>(), bit in 0..8_u8,
    ) {
        let outgoing = Outgoing::default();
        for message in &messages {
            prop_assert!(outgoing.push(message.clone()));
        }
        let mut stream = leave(&outgoing, messages.len());
        let at = at.index(stream.len());
        stream[at] ^= 1 << bit;
        let (arrived, _) = arrive(&stream, 4096);
        // A length that became longer waits for bytes that do not come; nothing that was changed arrives.
        prop_assert!(arrived.len() < messages.len());
        prop_assert!(arrived.iter().all(|message| messages.contains(message)));
    }
}

#[test]
fn a_heartbeat_waits_for_one_part_of_a_snapshot() {
    let outgoing = Outgoing::default();
    assert!(outgoing.push(vec![1; 10 * PIECE_BYTES_MAX]));
    assert!(outgoing.push(vec![2; 100]));
    let (arrived, bad) = arrive(&leave(&outgoing, 2), 1 << 20);
    assert_eq!(bad, None);
    assert_eq!(
        arrived.iter().map(Vec::len).collect::<Vec<_>>(),
        [100, 10 * PIECE_BYTES_MAX]
    );
}

#[test]
fn what_finds_no_room_is_lost() {
    let outgoing = Outgoing::default();
    let short = vec![0; PIECE_BYTES_MAX];
    let count = SHORT_BYTES_WAITING_MAX / PIECE_BYTES_MAX;
    for _ in 0..count {
        assert!(outgoing.push(short.clone()));
    }
    assert!(!outgoing.push(vec![0]));
    // One long message finds room, however long; none behind it while it fills that.
    assert!(outgoing.push(vec![0; LONG_BYTES_WAITING_MAX + 1]));
    assert!(!outgoing.push(vec![0; PIECE_BYTES_MAX + 1]));
    leave(&outgoing, count + 1);
    assert!(outgoing.push(short) && outgoing.push(vec![0; PIECE_BYTES_MAX + 1]));
}
