//! A disk in memory that remembers what was done to it, and what it may hold after a loss of power.
//!
//! What was not flushed may be there or not, each write for itself, or each sector of 512 bytes for itself.
//!
//! **Invariant.** What was flushed is there.

use std::hash::Hasher;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use redb::StorageBackend;
use siphasher::sip::SipHasher13;

/// Bytes of a disk that are written as one.
const SECTOR_BYTES: usize = 512;

/// What is done to a disk.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    Write { offset: usize, bytes: Vec<u8> },
    Resize(usize),
    Flush,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    /// This deed fails, and no other.
    Once(usize),
    /// This deed fails, and all after it.
    From(usize),
    /// The disk has room for this many bytes.
    Full(usize),
}

/// The disk. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Volatile(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    bytes: Vec<u8>,
    deeds: Vec<Deed>,
    asked: usize,
    fault: Option<Fault>,
}

impl Volatile {
    /// A disk that holds this.
    pub(super) fn holding(bytes: Vec<u8>) -> Volatile {
        let inner = Inner {
            bytes,
            ..Inner::default()
        };
        Volatile(Arc::new(Mutex::new(inner)))
    }

    /// An empty one with a fault.
    pub(super) fn with_fault(fault: Fault) -> Volatile {
        let inner = Inner {
            fault: Some(fault),
            ..Inner::default()
        };
        Volatile(Arc::new(Mutex::new(inner)))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("no test panics while it holds it")
    }

    /// How much was done to it.
    pub(super) fn count(&self) -> usize {
        self.inner().deeds.len()
    }

    /// What was done to it.
    pub(super) fn deeds(&self) -> Vec<Deed> {
        self.inner().deeds.clone()
    }

    /// What it holds while the power is there.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.inner().bytes.clone()
    }

    fn perform(&self, deed: Deed) -> io::Result<()> {
        let mut inner = self.inner();
        let place = inner.asked;
        inner.asked += 1;
        let grows_to = match &deed {
            Deed::Write { offset, bytes } => offset + bytes.len(),
            Deed::Resize(length) => *length,
            Deed::Flush => 0,
        };
        match inner.fault {
            Some(Fault::Once(failing)) if place == failing => {
                return Err(io::Error::other("this once it failed"));
            }
            Some(Fault::From(failing)) if place >= failing => {
                return Err(io::Error::other("the disk is gone"));
            }
            Some(Fault::Full(room)) if grows_to > room => {
                return Err(io::ErrorKind::StorageFull.into());
            }
            _ => {}
        }
        apply(&mut inner.bytes, &deed, |_| true);
        inner.deeds.push(deed);
        Ok(())
    }
}

impl StorageBackend for Volatile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.inner().bytes.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        let inner = self.inner();
        let found = inner.bytes.get(offset..offset + out.len());
        out.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let length = usize::try_from(length).map_err(io::Error::other)?;
        self.perform(Deed::Resize(length))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.perform(Deed::Flush)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        let bytes = data.to_vec();
        self.perform(Deed::Write { offset, bytes })
    }
}

/// Does a deed to these bytes, but for sectors of it that are not kept.
fn apply(disk: &mut Vec<u8>, deed: &Deed, is_kept: impl Fn(usize) -> bool) {
    match deed {
        Deed::Write { offset, bytes } => {
            let mut place = *offset;
            let mut left = bytes.as_slice();
            while !left.is_empty() {
                let sector = place / SECTOR_BYTES;
                let room = (sector + 1) * SECTOR_BYTES - place;
                let (part, rest) = left.split_at(room.min(left.len()));
                if is_kept(sector) {
                    disk.resize(disk.len().max(place + part.len()), 0);
                    disk[place..place + part.len()].copy_from_slice(part);
                }
                place += part.len();
                left = rest;
            }
        }
        Deed::Resize(length) => disk.resize(*length, 0),
        Deed::Flush => {}
    }
}

/// What of the writes that were not flushed is there after a loss of power.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kept {
    Nothing,
    All,
    /// Each write by chance.
    Writes(u64),
    /// Each sector by chance.
    Sectors(u64),
}

/// A number for a place in a test.
pub(super) fn chance(seed: u64, place: usize, part: usize) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(seed, 0);
    hasher.write_usize(place);
    hasher.write_usize(part);
    hasher.finish()
}

/// A walk through what was done to a disk, for what it may hold after each deed.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    deeds: &'a [Deed],
    done: usize,
    flushed: Vec<u8>,
    /// The first that is not flushed.
    first: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(deeds: &'a [Deed]) -> Walk<'a> {
        Walk {
            deeds,
            done: 0,
            flushed: Vec::new(),
            first: 0,
        }
    }

    /// Goes on to when this many were done.
    pub(super) fn to(&mut self, done: usize) {
        assert!(done >= self.done, "a walk goes forward");
        for place in self.done..done {
            if matches!(self.deeds[place], Deed::Flush) {
                for deed in &self.deeds[self.first..place] {
                    apply(&mut self.flushed, deed, |_| true);
                }
                self.first = place + 1;
            }
        }
        self.done = done;
    }

    /// How many deeds are not flushed here.
    pub(super) fn waiting(&self) -> usize {
        self.done - self.first
    }

    /// What the disk holds if the power goes here.
    pub(super) fn image(&self, kept: Kept) -> Vec<u8> {
        let mut disk = self.flushed.clone();
        let waiting = self.deeds[..self.done].iter().enumerate().skip(self.first);
        for (place, deed) in waiting {
            let is_even = |seed, part| chance(seed, place, part).is_multiple_of(2);
            match kept {
                Kept::Nothing => {}
                Kept::All => apply(&mut disk, deed, |_| true),
                Kept::Writes(seed) if is_even(seed, 0) => apply(&mut disk, deed, |_| true),
                Kept::Writes(_) => {}
                Kept::Sectors(seed) => match deed {
                    Deed::Resize(_) if !is_even(seed, 0) => {}
                    deed => apply(&mut disk, deed, |sector| is_even(seed, sector)),
                },
            }
        }
        disk
    }
}
