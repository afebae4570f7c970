//! The content of a file, kept between one reading and the next.
//!
//! A format is proposed, tried and read with, and each time every file is needed. Small files are kept while there is room;
//! large ones are read again.
//!
//! **Invariant.** What is kept is what stands in the file, unpacked; no more is kept than there is room for.

use std::io::{self, Read as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use files::input::{self, WHOLE_BYTES_MAX, encoding};

/// The largest file that is kept, bytes.
const KEPT_BYTES_MAX: u64 = 1 << 20;
/// Bytes that are kept of all files of an inventory.
const ROOM_BYTES: u64 = 128 << 20;

/// Room for the content of files.
#[derive(Debug)]
pub(super) struct Room(AtomicU64);

impl Default for Room {
    fn default() -> Room {
        Room(AtomicU64::new(ROOM_BYTES))
    }
}

impl Room {
    /// Takes so much of it, if it is there.
    fn take(&self, bytes: u64) -> bool {
        let less = |left: u64| left.checked_sub(bytes);
        let order = Ordering::Relaxed;
        self.0.fetch_update(order, order, less).is_ok()
    }
}

/// The content of a file, unpacked if it is compressed; by default it is read anew each time.
#[derive(Debug, Clone, Default)]
pub struct Content(Option<Arc<Kept>>);

#[derive(Debug)]
struct Kept {
    bytes: OnceLock<Arc<Vec<u8>>>,
    room: Arc<Room>,
}

/// What is kept is no property of a file.
impl PartialEq for Content {
    fn eq(&self, _: &Content) -> bool {
        true
    }
}

impl Eq for Content {}

impl Content {
    /// Content that is kept while there is room.
    pub(super) fn within(room: &Arc<Room>) -> Content {
        Content(Some(Arc::new(Kept {
            bytes: OnceLock::new(),
            room: room.clone(),
        })))
    }

    /// All of it.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is no regular file, or is compressed and cannot be unpacked within its bound.
    pub fn whole(&self, path: &Path) -> io::Result<Arc<Vec<u8>>> {
        if let Some(bytes) = self.kept() {
            return Ok(bytes);
        }
        let bytes = input::bytes(path, WHOLE_BYTES_MAX)?;
        Ok(self.keep(encoding::unpacked(bytes)?))
    }

    /// Its beginning, at most `most` bytes.
    ///
    /// # Errors
    ///
    /// As [`Content::whole`].
    pub fn head(&self, path: &Path, most: usize) -> io::Result<Vec<u8>> {
        let cut = |bytes: &[u8]| bytes[..bytes.len().min(most)].to_vec();
        if let Some(bytes) = self.kept() {
            return Ok(cut(&bytes));
        }
        let mut file = input::open(path)?;
        let mut bytes = Vec::new();
        if self.0.is_some() && file.len() <= KEPT_BYTES_MAX {
            file.read_to_end(&mut bytes)?;
            return Ok(cut(&self.keep(encoding::unpacked(bytes)?)));
        }
        file.take(most as u64).read_to_end(&mut bytes)?;
        Ok(encoding::unpacked_head(bytes, most))
    }

    fn kept(&self) -> Option<Arc<Vec<u8>>> {
        self.0.as_ref()?.bytes.get().cloned()
    }

    /// Keeps these bytes if they are few and there is room.
    fn keep(&self, bytes: Vec<u8>) -> Arc<Vec<u8>> {
        let bytes = Arc::new(bytes);
        let size = bytes.len() as u64;
        if let Some(kept) = &self.0
            && size <= KEPT_BYTES_MAX
            && kept.bytes.get().is_none()
            && kept.room.take(size)
        {
            // Another thread may have kept the same bytes by now.
            let _ = kept.bytes.set(bytes.clone());
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_is_opened_once_and_a_large_one_is_not_kept() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (small, large) = (folder.path().join("small"), folder.path().join("large"));
        let room = Arc::new(Room::default());
        let (of_small, of_large) = (Content::within(&room), Content::within(&room));
        std::fs::write(&small, "line\n").expect("a file");
        std::fs::write(&large, vec![b'x'; (KEPT_BYTES_MAX + 1) as usize]).expect("a file");
        assert_eq!(of_small.head(&small, 3).expect("a head"), b"lin");
        assert_eq!(of_large.head(&large, 3).expect("a head"), b"xxx");
        std::fs::remove_file(&small).expect("it was there");
        std::fs::remove_file(&large).expect("it was there");
        assert_eq!(**of_small.whole(&small).expect("it is kept"), *b"line\n");
        assert!(of_large.whole(&large).is_err());
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), "12345").expect("a file");
        let room = Arc::new(Room(AtomicU64::new(7)));
        let [first, second] = [(); 2].map(|()| Content::within(&room));
        for content in [&first, &second] {
            content.whole(file.path()).expect("it can be read");
        }
        assert_eq!(
            (first.kept().is_some(), second.kept().is_some()),
            (true, false)
        );
    }
}
