//! Files, locks and owners.

use std::fs;

use chat::identity::ServerId;
use uuid::Uuid;

use super::script::{fingerprint, founding, membership, script};
use crate::disk::Disk;
use crate::store::{DATABASE, Membership, Store, StoreError};

#[test]
fn a_disk_is_read_back_as_the_fold_of_its_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("new").join("server-1");
    let mut store = Store::create(&place, &membership(), founding()).expect("a disk");
    for batch in script(2, 60) {
        store.write(batch.changes).expect("the disk is there");
        drop(store);
        let (opened, durable) = Store::open(&place, &membership()).expect("it is whole");
        assert_eq!(fingerprint(&durable), batch.after);
        store = opened;
    }
}

#[test]
fn a_disk_is_one_servers_and_one_process_has_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path();
    let missing = Store::open(place, &membership()).expect_err("nothing is there");
    assert!(missing.to_string().contains("--empty-disk"), "{missing}");
    let store = Store::create(place, &membership(), founding()).expect("a disk");
    let error = Store::open(place, &membership()).expect_err("in use");
    assert!(matches!(error, StoreError::InUse { .. }), "{error}");
    drop(store);
    let error = Store::create(place, &membership(), founding()).expect_err("it exists");
    assert!(matches!(error, StoreError::Exists { .. }), "{error}");
    let strangers = [
        Membership {
            cluster: Uuid::from_u128(8),
            ..membership()
        },
        Membership {
            server: ServerId(2),
            ..membership()
        },
        Membership {
            servers: 5,
            ..membership()
        },
    ];
    for stranger in strangers {
        let error = Store::open(place, &stranger)
            .expect_err("another's")
            .to_string();
        assert!(error.contains("expected the disk of server"), "{error}");
        assert!(
            error.contains("00000000-0000-0000-0000-000000000007"),
            "{error}"
        );
    }
    Store::open(place, &membership()).expect("its own");
}

#[test]
fn a_file_that_is_no_disk_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path();
    for text in [&b"hello"[..], &[0; 100_000], b"redb"] {
        fs::write(place.join(DATABASE), text).expect("a file");
        let error = Store::open_any(place).expect_err("no disk").to_string();
        assert!(error.contains(DATABASE), "{error}");
    }
}
