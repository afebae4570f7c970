use proptest::prelude::*;

use super::*;

fn any_frame() -> impl Strategy<Value = Frame> {
    prop_oneof![
        any::<(u64, u32, u32, Nonce)>().prop_map(|(trial, from, to, nonce)| Frame::Hello {
            trial,
            from: party(from),
            to: party(to),
            nonce,
        }),
        any::<(Nonce, Proof)>().prop_map(|(nonce, proof)| Frame::Challenge { nonce, proof }),
        any::<Proof>().prop_map(Frame::Proof),
        Just(Frame::Welcome),
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

proptest! {
    #[test]
    fn frames_survive_any_splitting(
        frames in proptest::collection::vec(any_frame(), 1..8), piece in 1usize..40,
    ) {
        let mut codec = FrameCodec;
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
    fn garbage_is_an_error_or_incomplete_never_a_panic(
        garbage in proptest::collection::vec(any::<u8>(), 0..4096),
    ) {
        let mut codec = FrameCodec;
        let mut bytes = BytesMut::from(&garbage[..]);
        while let Ok(Some(_)) = codec.decode(&mut bytes) {}
    }
}

#[test]
fn an_oversized_frame_is_never_sent() {
    let mut bytes = BytesMut::from(&b"before"[..]);
    let frame = Frame::Message(vec![0; FRAME_BYTES_MAX].into());
    let error = FrameCodec.encode(frame, &mut bytes);
    assert!(matches!(error, Err(WireError::TooLong(1026))), "{error:?}");
    assert_eq!(&bytes[..], b"before");
}

#[test]
fn an_oversized_frame_is_refused_before_it_arrives() {
    let mut bytes = BytesMut::from(&u32::MAX.to_be_bytes()[..]);
    assert!(FrameCodec.decode(&mut bytes).is_err());
}

#[test]
fn another_version_is_named() {
    let mut bytes = BytesMut::from(&[0, 0, 0, 2, 9, 4][..]);
    let error = FrameCodec.decode(&mut bytes).expect_err("version 9");
    assert_eq!(error.to_string(), "wire version 9, expected 1");
}

#[test]
fn frames_that_end_beyond_what_is_written_are_counted() {
    let mut bytes = BytesMut::new();
    let mut ends = Vec::new();
    for length in [0, 5, 64] {
        let frame = Frame::Message(vec![7; length].into());
        FrameCodec.encode(frame, &mut bytes).expect("short enough");
        ends.push(bytes.len());
    }
    for written in 0..=bytes.len() {
        let beyond = ends.iter().filter(|&&end| end > written).count() as u64;
        assert_eq!(frames_beyond(&bytes, written), beyond, "{written} bytes");
    }
    assert_eq!(frames_beyond(&[], 0), 0);
}
