//! Records in tables.
//!
//! A record is its bytes and eight bytes of a sum, SipHash-1-3 with a fixed key: it tells damage, not malice, for which whoever
//! can write the file needs no help.
//!
//! **Invariant.** A record that is moved to another table or key is not what was written.

use std::hash::Hasher;

use chat::identity::ServerId;
use redb::TableDefinition;
use siphasher::sip::SipHasher13;
use uuid::Uuid;

use super::membership::Membership;

/// The version of the layout.
pub(super) const VERSION: u8 = 1;
/// Bytes of a part of a snapshot.
pub(super) const PART_BYTES: usize = 64 << 10;

pub(super) const ABOUT: TableDefinition<&str, &[u8]> = TableDefinition::new("about");
/// Keys of that table.
pub(super) const MEMBERSHIP: &str = "membership";
pub(super) const HEAD: &str = "head";

/// Where a log is.
#[derive(Clone, Copy)]
pub(super) struct LogTables {
    pub(super) entries: TableDefinition<'static, u64, &'static [u8]>,
    pub(super) snapshot: TableDefinition<'static, u64, &'static [u8]>,
    pub(super) names: (&'static str, &'static str),
}

pub(super) const LOG: LogTables = LogTables {
    entries: TableDefinition::new("log"),
    snapshot: TableDefinition::new("snapshot"),
    names: ("log", "snapshot"),
};
pub(super) const STAGED: LogTables = LogTables {
    entries: TableDefinition::new("staged"),
    snapshot: TableDefinition::new("staged snapshot"),
    names: ("staged", "staged snapshot"),
};

const SUM_BYTES: usize = 8;

fn sum(table: &str, key: &[u8], bytes: &[u8]) -> [u8; SUM_BYTES] {
    let mut hasher = SipHasher13::new();
    hasher.write(table.as_bytes());
    hasher.write_u8(0);
    hasher.write(key);
    hasher.write_u64(bytes.len() as u64);
    hasher.write(bytes);
    hasher.finish().to_be_bytes()
}

/// The record of these bytes.
pub(super) fn seal(table: &str, key: &[u8], mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = sum(table, key, &bytes);
    bytes.extend_from_slice(&sum);
    bytes
}

/// The bytes of a record; what is wrong with it otherwise.
pub(super) fn unseal<'a>(table: &str, key: &[u8], record: &'a [u8]) -> Result<&'a [u8], String> {
    let Some((bytes, found)) = record.split_last_chunk::<SUM_BYTES>() else {
        return Err(format!(
            "{} bytes, expected {SUM_BYTES} or more",
            record.len()
        ));
    };
    let expected = sum(table, key, bytes);
    match *found == expected {
        true => Ok(bytes),
        false => Err(format!(
            "its sum is {found:02x?}, its bytes give {expected:02x?}"
        )),
    }
}

pub(super) fn membership_bytes(membership: &Membership) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(membership.cluster.as_bytes());
    bytes.extend_from_slice(&membership.server.0.to_be_bytes());
    bytes.extend_from_slice(&membership.servers.to_be_bytes());
    bytes
}

pub(super) fn membership_of(bytes: &[u8]) -> Result<Membership, String> {
    let Ok(bytes) = <[u8; 25]>::try_from(bytes) else {
        return Err(format!("{} bytes, expected 25", bytes.len()));
    };
    if bytes[0] != VERSION {
        let found = bytes[0];
        return Err(format!(
            "version {found} of the layout, this program knows {VERSION}"
        ));
    }
    let number = |at: usize| u32::from_be_bytes(std::array::from_fn(|place| bytes[at + place]));
    Ok(Membership {
        cluster: Uuid::from_bytes(std::array::from_fn(|place| bytes[1 + place])),
        server: ServerId(number(17)),
        servers: number(21),
    })
}
