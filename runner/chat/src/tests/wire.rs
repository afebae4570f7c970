//! The codec: what is written is read again, in any pieces, and any bytes have an ordinary end.

mod samples;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use goldenscript::{Command, Context, Runner};
use proptest::collection::vec;
use proptest::prelude::*;

use self::samples::{name, requests, response, responses, uuid};
use super::arbitrary::{to_client, to_server};
use super::golden::{check, hexadecimal};
use crate::answer::{Answer, Listed};
use crate::identity::{AccountId, Sequence};
use crate::limits::{
    FRAME_BYTES_BEFORE_LOGIN_MAX, FRAME_BYTES_MAX, LIST_ACCOUNTS_MAX, TEXT_BYTES_MAX,
};
use crate::wire::frame::{Frame, FrameReader, FrameTooLong};
use crate::wire::request::{Request, ToServer};
use crate::wire::response::{Response, ToClient};

/// All frames of a stream that comes in these pieces, and how it ends.
fn frames(
    pieces: impl IntoIterator<Item = Vec<u8>>,
    length_max: usize,
) -> (Vec<Frame>, Option<FrameTooLong>) {
    let mut reader = FrameReader::new(length_max);
    let mut frames = Vec::new();
    for piece in pieces {
        reader.feed(&piece);
        loop {
            match reader.take() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => return (frames, Some(error)),
            }
        }
    }
    (frames, None)
}

/// Bytes cut where the numbers say, each taken as a length of a piece from 1.
fn cut(mut bytes: &[u8], lengths: &[usize]) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    for length in lengths {
        let (piece, rest) = bytes.split_at((*length).min(bytes.len()));
        pieces.push(piece.to_vec());
        bytes = rest;
    }
    pieces.push(bytes.to_vec());
    pieces
}

fn one(bytes: Vec<u8>) -> Frame {
    let (mut frames, error) = frames([bytes], usize::MAX);
    assert_eq!((frames.len(), error), (1, None));
    frames.remove(0)
}

proptest! {
    #[test]
    fn a_request_is_read_as_it_was_written(request in to_server()) {
        let mut bytes = Vec::new();
        request.encode(&mut bytes);
        prop_assert_eq!(ToServer::decode(&one(bytes)), Ok(request));
    }

    #[test]
    fn a_response_is_read_as_it_was_written(response in to_client()) {
        let mut bytes = Vec::new();
        response.encode(&mut bytes);
        prop_assert_eq!(ToClient::decode(&one(bytes)), Ok(response));
    }

    #[test]
    fn pieces_make_no_difference(
        requests in vec(to_server(), 0..6),
        noise in vec(any::<u8>(), 0..40),
        lengths in vec(1usize..50, 0..60),
        length_max in 0usize..400,
    ) {
        let mut bytes = Vec::new();
        requests.iter().for_each(|request| request.encode(&mut bytes));
        bytes.extend(noise);
        prop_assert_eq!(frames(cut(&bytes, &lengths), length_max), frames([bytes], length_max));
    }

    #[test]
    fn any_bytes_are_read_or_refused(op in any::<u8>(), body in vec(any::<u8>(), 0..200)) {
        let frame = Frame { op, body };
        // What is read, is read again from its own bytes.
        if let Ok(request) = ToServer::decode(&frame) {
            let mut bytes = Vec::new();
            request.encode(&mut bytes);
            prop_assert_eq!(ToServer::decode(&one(bytes)), Ok(request));
        }
        if let Ok(response) = ToClient::decode(&frame) {
            let mut bytes = Vec::new();
            response.encode(&mut bytes);
            prop_assert_eq!(ToClient::decode(&one(bytes)), Ok(response));
        }
    }

    #[test]
    fn a_damaged_request_is_read_or_refused(request in to_server(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = Vec::new();
        request.encode(&mut bytes);
        let mut frame = one(bytes);
        let at = at.index(frame.body.len());
        frame.body[at] = byte;
        let cut = Frame { op: frame.op, body: frame.body[..at].to_vec() };
        prop_assert!(ToServer::decode(&cut).is_err(), "a request without its end");
        let _ = ToServer::decode(&frame);
    }
}

#[test]
fn a_length_is_checked_at_its_limit_and_before_its_body_comes() {
    for length_max in [FRAME_BYTES_BEFORE_LOGIN_MAX, FRAME_BYTES_MAX] {
        let length = u32::try_from(length_max).expect("a length");
        let mut whole = length.to_be_bytes().to_vec();
        whole.resize(5 + length_max, 0);
        assert_eq!(frames([whole], length_max).0.len(), 1);
        let mut head = (length + 1).to_be_bytes().to_vec();
        head.push(5);
        let error = FrameTooLong {
            op: 5,
            length: length + 1,
            length_max,
        };
        assert_eq!(frames([head], length_max), (Vec::new(), Some(error)));
    }
}

#[test]
fn a_list_that_says_more_than_it_has_takes_no_memory() {
    let mut body = vec![0; 12];
    body.extend(u32::MAX.to_be_bytes());
    let frame = Frame { op: 9, body };
    assert!(ToServer::decode(&frame).is_err());
}

#[test]
fn what_limits_allow_fits_a_frame() {
    let name = name(&"a".repeat(32));
    let account = Listed {
        name: name.clone(),
        account: AccountId(uuid(1)),
        is_logged_in: true,
    };
    let page = Answer::Listed {
        accounts: vec![account; LIST_ACCOUNTS_MAX],
        more: true,
    };
    let request = Request::Send {
        sequence: Sequence(1),
        confirmed: Sequence(0),
        to: name,
        text: "x".repeat(TEXT_BYTES_MAX),
    };
    let mut bytes = Vec::new();
    response(Response::Answered(page)).encode(&mut bytes);
    assert!(one(bytes).body.len() <= FRAME_BYTES_MAX);
    let mut bytes = Vec::new();
    samples::request(request).encode(&mut bytes);
    assert!(one(bytes).body.len() <= FRAME_BYTES_MAX);
}

/// Shows the bytes of the frames of an op code.
struct Bytes;

impl Runner for Bytes {
    type Command = Command;

    fn run(
        &mut self,
        command: &Command,
        _context: &Context,
    ) -> Result<String, Box<dyn std::error::Error>> {
        let op: u8 = command.name.strip_prefix("op").unwrap_or("").parse()?;
        let mut output = String::new();
        let mut show = |what: &dyn std::fmt::Debug, bytes: &[u8]| {
            writeln!(output, "{what:?}")?;
            writeln!(output, "{}", hexadecimal(&bytes[..5]))?;
            writeln!(output, "{}", hexadecimal(&bytes[5..17]))?;
            let fields = bytes[17..].chunks(32).map(hexadecimal);
            fields
                .into_iter()
                .try_for_each(|line| writeln!(output, "  {line}"))
        };
        let mut bytes = Vec::new();
        for request in requests() {
            bytes.clear();
            request.encode(&mut bytes);
            if bytes[4] == op {
                show(&request.request, &bytes)?;
            }
        }
        for response in responses() {
            bytes.clear();
            response.encode(&mut bytes);
            if bytes[4] == op {
                show(&response.response, &bytes)?;
            }
        }
        Ok(output)
    }
}

#[test]
fn the_bytes_of_each_op_code_never_change() {
    let mut ops = BTreeSet::new();
    let mut bytes = Vec::new();
    for request in requests() {
        bytes.clear();
        request.encode(&mut bytes);
        ops.insert(bytes[4]);
    }
    for response in responses() {
        bytes.clear();
        response.encode(&mut bytes);
        ops.insert(bytes[4]);
    }
    let requests = (0..=10).chain([16, 20]);
    let responses = [17, 18, 19, 70].into_iter().chain(128..=138).chain([148]);
    assert_eq!(ops, requests.chain(responses).collect());
    check(&mut Bytes, "wire");
}
