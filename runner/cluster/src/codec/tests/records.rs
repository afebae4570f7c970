//! What a disk keeps, there and back.
//!
//! **Invariant.** A record that was read is written as the bytes that it was read from, but for the case of names, which is folded.

use chat::rule::Rules;
use proptest::collection::vec;
use proptest::prelude::*;

use super::arbitrary::{entry, head, snapshot};
use crate::codec::record::{
    decode_entry, decode_head, decode_snapshot, encode_entry, encode_head, encode_snapshot,
};

proptest! {
    #[test]
    fn a_head_is_read_as_it_was_written(head in head()) {
        prop_assert_eq!(decode_head(&encode_head(&head)), Ok(head));
    }

    #[test]
    fn an_entry_is_read_as_it_was_written(entry in entry()) {
        prop_assert_eq!(decode_entry(&encode_entry(&entry)), Ok(entry));
    }

    #[test]
    fn a_snapshot_is_read_as_it_was_written(snapshot in snapshot()) {
        let bytes = encode_snapshot(&snapshot);
        let found = decode_snapshot(&bytes, Rules::default()).expect("a snapshot");
        prop_assert_eq!(found.mark, snapshot.mark);
        prop_assert_eq!(&found.lineage, &snapshot.lineage);
        prop_assert_eq!(found.state.application(), snapshot.state.application());
        prop_assert_eq!(found.state.last_digest(), snapshot.state.last_digest());
        prop_assert_eq!(encode_snapshot(&found), bytes);
    }

    #[test]
    fn any_bytes_are_a_record_or_refused(bytes in vec(any::<u8>(), 0..300)) {
        if let Ok(head) = decode_head(&bytes) {
            prop_assert!(encode_head(&head).eq_ignore_ascii_case(&bytes));
        }
        if let Ok(entry) = decode_entry(&bytes) {
            prop_assert!(encode_entry(&entry).eq_ignore_ascii_case(&bytes));
        }
        if let Ok(snapshot) = decode_snapshot(&bytes, Rules::default()) {
            prop_assert!(encode_snapshot(&snapshot).eq_ignore_ascii_case(&bytes));
        }
    }
}
