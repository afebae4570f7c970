use proptest::prelude::*;

use super::super::{Nonce, Proof};
use super::*;

fn any_frame() -> impl Strategy<Value = Frame> {
    prop_oneof![
        any::<(u64, u32, u32, Nonce, u32)>().prop_map(|(trial, from, to, nonce, round_trip_ms)| {
            Frame::Hello {
                trial,
                from: party(from),
                to: party(to),
                nonce,
                round_trip_ms,
            }
        }),
        any::<(Nonce, Proof)>().prop_map(|(nonce, proof)| Frame::Challenge { nonce, proof }),
        any::<Proof>().prop_map(Frame::Proof),
        any::<u64>().prop_map(|received| Frame::Welcome { received }),
        any::<u64>().prop_map(|received| Frame::Tally { received }),
        Just(Frame::Farewell),
        proptest::collection::vec(any::<u8>(), 0..64)
            .prop_map(|bytes| Frame::Message(bytes.into())),
        (any::<u32>(), proptest::collection::vec(any::<u8>(), 0..64)).prop_map(|(id, bytes)| {
            Frame::Relayed {
                machine: MachineId(id),
                message: bytes.into(),
            }
        }),
        (
            any::<(u32, u32)>(),
            proptest::collection::vec(any::<u8>(), 0..64)
        )
            .prop_map(|((from, to), bytes)| Frame::Addressed {
                from: MachineId(from),
                to: MachineId(to),
                message: bytes.into(),
            }),
    ]
}

/// One that speaks with itself, as in a handshake or after it.
fn codec(sealed: bool) -> FrameCodec {
    let mut codec = FrameCodec::default();
    if sealed {
        codec.seal(Seal::new(&[3; 16]), Seal::new(&[3; 16]));
    }
    codec
}

proptest! {
    #[test]
    fn frames_survive_any_splitting(
        frames in proptest::collection::vec(any_frame(), 1..8), piece in 1usize..40, sealed in any::<bool>(),
    ) {
        let mut codec = codec(sealed);
        let mut bytes = BytesMut::new();
        for frame in &frames {
            codec.encode(frame.clone(), &mut bytes).expect("short enough");
        }
        let mut arrived = BytesMut::new();
        let mut decoded = Vec::new();
        for chunk in bytes.chunks(piece) {
            arrived.extend_from_slice(chunk);
            while let Some(frame) = codec.decode(&mut arrived).expect("our own frames") {
                decoded.push(frame);
            }
        }
        prop_assert_eq!(decoded, frames);
    }

    #[test]
    fn a_frame_that_carries_a_message_is_counted_as_one(frame in any_frame(), sealed in any::<bool>()) {
        let carries = u64::from(frame.carries_message());
        let mut bytes = BytesMut::new();
        codec(sealed).encode(frame, &mut bytes).expect("short enough");
        prop_assert_eq!(messages_beyond(&bytes, 0), carries);
    }

    #[test]
    fn garbage_is_an_error_or_incomplete_never_a_panic(
        garbage in proptest::collection::vec(any::<u8>(), 0..4096), sealed in any::<bool>(),
    ) {
        let mut codec = codec(sealed);
        let mut bytes = BytesMut::from(&garbage[..]);
        while let Ok(Some(_)) = codec.decode(&mut bytes) {}
    }
}

#[test]
fn an_oversized_frame_is_never_sent() {
    let mut bytes = BytesMut::from(&b"before"[..]);
    let frame = Frame::Message(vec![0; FRAME_BYTES_MAX].into());
    let error = FrameCodec::default().encode(frame, &mut bytes);
    assert!(matches!(error, Err(WireError::TooLong(1026))), "{error:?}");
    assert_eq!(&bytes[..], b"before");
}

#[test]
fn an_oversized_frame_is_refused_before_it_arrives() {
    let mut bytes = BytesMut::from(&u32::MAX.to_be_bytes()[..]);
    assert!(FrameCodec::default().decode(&mut bytes).is_err());
}

#[test]
fn another_version_is_named() {
    let mut bytes = BytesMut::from(&[0, 0, 0, 2, 9, 4][..]);
    let error = FrameCodec::default().decode(&mut bytes);
    let error = error.expect_err("version 9");
    assert_eq!(error.to_string(), "wire version 9, expected 2");
}

#[test]
fn a_sealed_frame_is_as_long_as_any_may_be_and_no_longer() {
    let longest = FRAME_BYTES_MAX - SEAL_BYTES - 2;
    let mut bytes = BytesMut::new();
    let mut codec = codec(true);
    let frame = |length| Frame::Message(vec![1; length].into());
    codec.encode(frame(longest), &mut bytes).expect("fits");
    let error = codec.encode(frame(longest + 1), &mut bytes);
    assert!(matches!(error, Err(WireError::TooLong(1025))), "{error:?}");
    // The one that was too long takes no number.
    codec.encode(Frame::Farewell, &mut bytes).expect("fits");
    for expected in [frame(longest), Frame::Farewell] {
        let decoded = codec.decode(&mut bytes).expect("in order");
        assert_eq!(decoded, Some(expected));
    }
}

#[test]
fn messages_in_frames_that_end_beyond_what_is_written_are_counted() {
    for sealed in [false, true] {
        let mut codec = codec(sealed);
        let mut bytes = BytesMut::new();
        let mut ends = Vec::new();
        for length in [0, 5, 64] {
            let frame = Frame::Message(vec![7; length].into());
            codec.encode(frame, &mut bytes).expect("short enough");
            ends.push(bytes.len());
            let tally = Frame::Tally { received: 9 };
            codec.encode(tally, &mut bytes).expect("short enough");
        }
        for written in 0..=bytes.len() {
            let beyond = ends.iter().filter(|&&end| end > written).count() as u64;
            assert_eq!(messages_beyond(&bytes, written), beyond, "{written} bytes");
        }
    }
    assert_eq!(messages_beyond(&[], 0), 0);
}
