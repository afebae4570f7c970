//! Any bytes, in any pieces.

use std::time::Duration;

use proptest::prelude::*;
use tokio::io::AsyncWriteExt;

use super::bench::{Bench, until};
use crate::settings::ConnectionLimits;
use chat::wire::request::Request;
use chat::wire::response::{Notice, Response};

/// Bytes that are nearly frames: a length that fits, an op code, and anything.
fn nearly_frames() -> impl Strategy<Value = Vec<u8>> {
    let op = prop_oneof![0..24_u8, any::<u8>()];
    let frame = (op, proptest::collection::vec(any::<u8>(), 0..60)).prop_map(|(op, body)| {
        let length = u32::try_from(body.len()).expect("a short body");
        [&length.to_be_bytes()[..], &[op], &body].concat()
    });
    let frames = proptest::collection::vec(frame, 0..10).prop_map(|frames| frames.concat());
    prop_oneof![frames, proptest::collection::vec(any::<u8>(), 0..400)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_bytes_in_any_pieces_leave_the_server_well(streams in proptest::collection::vec((nearly_frames(), 1..50_usize), 1..8)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let limits = ConnectionLimits {
                // Held clients, and those that wait for the rest of a frame, go soon.
                hello: Duration::from_millis(50),
                login: Duration::from_millis(50),
                ..ConnectionLimits::default()
            };
            let bench = Bench::new(limits).await;
            for (bytes, piece) in &streams {
                let mut visitor = bench.connect().await;
                for piece in bytes.chunks(*piece) {
                    // The server may hang up at any time.
                    let _ = visitor.stream.write_all(piece).await;
                }
            }
            let mut honest = bench.connect().await;
            let pong = honest.ask(Request::Ping).await;
            assert_eq!(pong, Response::Noticed(Notice::Pong));
            drop(honest);
            let counters = bench.counters.clone();
            until(|| counters.open() == 0).await;
            assert_eq!(counters.accepted.get(), streams.len() as u64 + 1);
        });
    }
}
