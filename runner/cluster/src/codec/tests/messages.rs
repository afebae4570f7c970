//! What servers say, there and back.
//!
//! **Invariant.** Bytes that are read are the only ones of the value, but for the case of names, which is folded.

use std::collections::BTreeSet;

use chat::Malformed;
use chat::rule::Rules;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::arbitrary::message;
use crate::codec::VERSION;
use crate::message::Message;

fn bytes_of(message: &Message) -> Vec<u8> {
    let mut bytes = Vec::new();
    message.encode(&mut bytes);
    bytes
}

/// That bytes which were read as this message say nothing else.
fn is_all_of(bytes: &[u8], message: &Message) -> Result<(), TestCaseError> {
    let again = bytes_of(message);
    // Names are folded; they may be anywhere.
    prop_assert!(
        again.eq_ignore_ascii_case(bytes),
        "{again:02x?}\n{bytes:02x?}"
    );
    let found = read(&again).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(bytes_of(&found), again);
    Ok(())
}

fn read(bytes: &[u8]) -> Result<Message, Malformed> {
    Message::decode_peer(bytes, Rules::default())
}

proptest! {
    #[test]
    fn a_message_is_read_as_it_was_written(message in message()) {
        let bytes = bytes_of(&message);
        let found = read(&bytes).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(format!("{found:?}"), format!("{message:?}"));
        prop_assert_eq!(bytes_of(&found), bytes);
    }

    #[test]
    fn any_bytes_are_read_or_refused(mut bytes in vec(any::<u8>(), 0..300), is_of_version in any::<bool>()) {
        if let Some(first) = bytes.first_mut().filter(|_| is_of_version) {
            *first = VERSION;
        }
        if let Ok(message) = read(&bytes) {
            is_all_of(&bytes, &message)?;
        }
    }

    #[test]
    fn a_message_that_is_cut_or_goes_on_is_refused(message in message(), at in any::<Index>(), more in vec(any::<u8>(), 1..9)) {
        let mut bytes = bytes_of(&message);
        let cut = &bytes[..at.index(bytes.len())];
        prop_assert!(read(cut).is_err(), "a message without its end");
        bytes.extend(&more);
        // A list at the end may not take what follows it.
        prop_assert_eq!(read(&bytes).err(), Some(Malformed::Long { extra: more.len() }));
    }

    #[test]
    fn a_damaged_message_is_read_as_what_it_says_now_or_refused(message in message(), changes in vec((any::<Index>(), any::<u8>()), 1..4)) {
        let mut bytes = bytes_of(&message);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(message) = read(&bytes) {
            is_all_of(&bytes, &message)?;
        }
    }
}

#[test]
fn another_version_is_named() {
    let mut runner = TestRunner::deterministic();
    let message = message()
        .new_tree(&mut runner)
        .expect("a message")
        .current();
    let mut bytes = bytes_of(&message);
    bytes[0] = VERSION + 1;
    let error = read(&bytes).expect_err("another version");
    assert_eq!(error.to_string(), "2 is no version of these forms");
}

#[test]
fn every_kind_is_written_and_read() {
    let mut runner = TestRunner::deterministic();
    let mut kinds = BTreeSet::new();
    for _ in 0..400 {
        let message = message()
            .new_tree(&mut runner)
            .expect("a message")
            .current();
        let bytes = bytes_of(&message);
        let found = read(&bytes).expect("a message");
        assert_eq!(found.kind(), message.kind());
        // Version and life come first.
        kinds.insert((bytes[1 + 8], message.kind()));
    }
    let numbers: Vec<u8> = kinds.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=15).collect::<Vec<u8>>(), "{kinds:?}");
}

/// A list that claims 2³² − 1 elements, and a state that claims as many bytes, are refused when their bytes end.
#[test]
fn a_length_is_not_believed() {
    let mut lists = vec![VERSION];
    lists.extend([0; 8]);
    // Fetch, and its marks.
    lists.push(10);
    lists.extend([0xff; 4]);
    assert!(matches!(read(&lists), Err(Malformed::Short { .. })));
    let mut state = vec![VERSION];
    state.extend([0; 8]);
    // Supply, its view, what the tail follows, a snapshot: mark, no lineage, no digest, its length.
    state.push(11);
    state.extend([0; 12 + 20]);
    state.push(1);
    state.extend([0; 20 + 4 + 1]);
    state.extend([0xff; 4]);
    let found = read(&state);
    assert!(
        matches!(found, Err(Malformed::Short { missing }) if missing == u32::MAX as usize),
        "{found:?}"
    );
}
