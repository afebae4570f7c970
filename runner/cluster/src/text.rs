//! Texts in logs: by their hashes.

use sha2::{Digest as _, Sha256};

/// The hash of a text in logs and on disks of clients: the first eight bytes of its SHA-256.
pub fn text_hash(text: &str) -> u64 {
    let digest: [u8; 32] = Sha256::digest(text).into();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_be_bytes(first)
}
