//! The seal of a frame: proof that it is the other end's next one, and unchanged.
//!
//! Each direction of a connection has a key of its own; only the two ends can derive it, in the handshake. A
//! frame ends with its number, counted from 0 in its direction, and with a keyed hash over all that is before the hash. So
//! a program on the way between two ends can end their connection, but cannot speak on it: what is put in or changed does
//! not bear the hash, and what is repeated, dropped, held back or swapped does not bear the number that is due.
//!
//! The hash is SipHash-2-4 of 128 bits (J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF", 2012), made to
//! authenticate short messages: a frame of one message takes it some tens of nanoseconds, HMAC-SHA-256 some hundreds.
//!
//! A guess has one chance in 2^128, and the first wrong one ends the connection with its keys.
//!
//! **Invariant.** A seal opens frames in the order in which its counterpart closed them, each once, or not at all.

use std::fmt;
use std::hash::Hasher as _;

use siphasher::sip128::{Hasher128 as _, SipHasher24};
use thiserror::Error;

/// Bytes of a frame's number.
const NUMBER_BYTES: usize = 8;
/// Bytes of the hash.
const TAG_BYTES: usize = 16;
/// By how much a seal makes a frame longer.
pub const SEAL_BYTES: usize = NUMBER_BYTES + TAG_BYTES;

/// The key of one direction of one connection.
pub type SealKey = [u8; 16];

/// Why a frame is not the next one, and what that means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BrokenSeal {
    /// Nobody who has the key wrote this.
    #[error("frame {due} does not bear its sender's hash: it was changed, or put in, on the way")]
    Forged {
        /// The number that was due.
        due: u64,
    },
    /// It has been here before.
    #[error("frame {found} came again when frame {due} was due: it was repeated on the way")]
    Repeated {
        /// Its number.
        found: u64,
        /// The number that was due.
        due: u64,
    },
    /// Those before it have not come.
    #[error(
        "frame {found} came when frame {due} was due: frames were dropped, held back or swapped on the way"
    )]
    Early {
        /// Its number.
        found: u64,
        /// The number that was due.
        due: u64,
    },
}

/// One end of one direction: it either closes frames or opens them.
#[derive(Clone)]
pub struct Seal {
    key: SipHasher24,
    next: u64,
}

impl Seal {
    /// The seal of a direction before its first frame.
    pub fn new(key: &SealKey) -> Seal {
        Seal {
            key: SipHasher24::new_with_key(key),
            next: 0,
        }
    }

    /// What the next frame ends with, which is this.
    #[inline]
    pub fn close(&mut self, frame: &[u8]) -> [u8; SEAL_BYTES] {
        let mut seal = [0; SEAL_BYTES];
        let (number, tag) = seal.split_at_mut(NUMBER_BYTES);
        number.copy_from_slice(&self.next.to_be_bytes());
        self.next += 1;
        tag.copy_from_slice(&self.tag(frame, number).to_be_bytes());
        seal
    }

    /// The keyed hash of a frame and its number.
    #[inline]
    fn tag(&self, frame: &[u8], number: &[u8]) -> u128 {
        let mut hash = self.key;
        hash.write(frame);
        hash.write(number);
        hash.finish128().as_u128()
    }

    /// Checks a frame; how many of its bytes come before the seal. After an error the direction is not to be used.
    ///
    /// # Errors
    ///
    /// [`BrokenSeal`] when the frame is not the next of the other end. Hashes are compared as numbers, in one step.
    #[inline]
    pub fn open(&mut self, frame: &[u8]) -> Result<usize, BrokenSeal> {
        let due = self.next;
        let forged = BrokenSeal::Forged { due };
        let (hashed, tag) = frame.split_last_chunk::<TAG_BYTES>().ok_or(forged)?;
        let (contents, number) = hashed.split_last_chunk().ok_or(forged)?;
        if self.tag(contents, number) != u128::from_be_bytes(*tag) {
            return Err(forged);
        }
        let found = u64::from_be_bytes(*number);
        match found.cmp(&due) {
            std::cmp::Ordering::Less => Err(BrokenSeal::Repeated { found, due }),
            std::cmp::Ordering::Greater => Err(BrokenSeal::Early { found, due }),
            std::cmp::Ordering::Equal => {
                self.next += 1;
                Ok(contents.len())
            }
        }
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seal({})", self.next)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: SealKey = [7; 16];

    fn closed(seal: &mut Seal, contents: &[u8]) -> Vec<u8> {
        [contents, &seal.close(contents)].concat()
    }

    /// Some frames, as they leave.
    fn sealed(contents: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let mut seal = Seal::new(&KEY);
        contents
            .iter()
            .map(|contents| closed(&mut seal, contents))
            .collect()
    }

    /// How many frames of a direction open, and why the next does not.
    fn opened(frames: &[Vec<u8>]) -> (usize, Option<BrokenSeal>) {
        let mut seal = Seal::new(&KEY);
        for (at, frame) in frames.iter().enumerate() {
            match seal.open(frame) {
                Ok(length) => assert_eq!(length + SEAL_BYTES, frame.len()),
                Err(broken) => return (at, Some(broken)),
            }
        }
        (frames.len(), None)
    }

    fn any_frames() -> impl Strategy<Value = Vec<Vec<u8>>> {
        proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 3..12)
    }

    proptest! {
        #[test]
        fn frames_open_in_the_order_in_which_they_were_closed(contents in any_frames()) {
            prop_assert_eq!(opened(&sealed(&contents)), (contents.len(), None));
        }

        #[test]
        fn a_changed_bit_is_seen_wherever_it_is(
            contents in any_frames(), at in any::<prop::sample::Index>(), bit in 0u8..8, byte in any::<prop::sample::Index>(),
        ) {
            let mut frames = sealed(&contents);
            let at = at.index(frames.len());
            let byte = byte.index(frames[at].len());
            frames[at][byte] ^= 1 << bit;
            prop_assert_eq!(opened(&frames), (at, Some(BrokenSeal::Forged { due: at as u64 })));
        }

        #[test]
        fn what_is_dropped_repeated_or_swapped_is_seen_and_named(
            contents in any_frames(), at in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(),
        ) {
            let frames = sealed(&contents);
            let at = at.index(frames.len() - 1);
            let number = at as u64;
            let next = BrokenSeal::Early { found: number + 1, due: number };

            let mut dropped = frames.clone();
            dropped.remove(at);
            prop_assert_eq!(opened(&dropped), (at, Some(next)));

            let mut swapped = frames.clone();
            swapped.swap(at, at + 1);
            prop_assert_eq!(opened(&swapped), (at, Some(next)));

            let old = other.index(at + 1);
            let mut repeated = frames.clone();
            repeated.insert(at + 1, frames[old].clone());
            let again = BrokenSeal::Repeated { found: old as u64, due: number + 1 };
            prop_assert_eq!(opened(&repeated), (at + 1, Some(again)));
        }

        #[test]
        fn what_has_no_key_opens_nothing(frame in proptest::collection::vec(any::<u8>(), 0..80)) {
            let forged = (0, Some(BrokenSeal::Forged { due: 0 }));
            prop_assert_eq!(opened(std::slice::from_ref(&frame)), forged);
            let mut other = Seal::new(&[8; 16]);
            prop_assert_eq!(opened(&[closed(&mut other, &frame)]), forged);
        }
    }
}
