//! Input files: the only place that opens what others wrote.
//!
//! [`open`] a regular file · [`bytes`] and [`text()`] all of it · [`head`] its beginning · [`lines`] of its text · [`encoding`]
//! other ways to write the same text, compression among them.
//!
//! A name proves nothing: `trial.json` may be a pipe that nobody writes to, or a link to a device that never ends. So a file
//! is opened without waiting for a writer, its kind is asked of the open file, and no more is read of it than it has then.
//!
//! **Invariant.** What is read is a regular file, ends at the size it has when it is opened, and is no larger than the
//! caller allows.

pub mod encoding;

use std::fs::{File, FileType, Metadata, OpenOptions};
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

/// The largest file that is read whole, bytes.
pub const WHOLE_BYTES_MAX: u64 = 8 << 30;
/// The largest manifest, page, ledger, format or rubric, bytes: a manifest of a thousand machines has some hundred thousand.
pub const DOCUMENT_BYTES_MAX: u64 = 16 << 20;
/// Bytes at the beginning of a file that tell how its text is written.
pub const HEAD_BYTES: u64 = 8192;

/// A regular file, open for reading up to the size that it has.
#[derive(Debug)]
pub struct InputFile {
    file: File,
    left: u64,
    bytes: u64,
}

impl InputFile {
    /// Its size when it was opened, bytes.
    pub fn len(&self) -> u64 {
        self.bytes
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// The open file, for readers that seek in it.
    pub fn into_file(self) -> File {
        self.file
    }
}

impl Read for InputFile {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let room_len = room.len();
        let read = self.file.read(&mut room[..most.min(room_len)])?;
        self.left -= read as u64;
        Ok(read)
    }
}

/// Opens a regular file; a link is followed, because its name means its target.
///
/// # Errors
///
/// When it cannot be opened, or is something else: the error says what.
pub fn open(path: &Path) -> io::Result<InputFile> {
    // Asked twice: opening a pipe wakes a process that waits to write to it, and what lies there may change in between.
    regular(&path.metadata()?)?;
    let file = without_waiting().open(path)?;
    let about = file.metadata()?;
    regular(&about)?;
    Ok(InputFile {
        file,
        left: about.len(),
        bytes: about.len(),
    })
}

/// Opens a regular file below a folder that was asked for: a link there may lead anywhere, and is not followed.
///
/// # Errors
///
/// As [`open`], and when it is a link.
pub fn open_below(path: &Path) -> io::Result<InputFile> {
    if path.symlink_metadata()?.is_symlink() {
        return Err(io::Error::other(
            "a symbolic link, which is not followed out of the folder",
        ));
    }
    open(path)
}

fn regular(about: &Metadata) -> io::Result<()> {
    match about.is_file() {
        true => Ok(()),
        false => Err(io::Error::other(format!(
            "{}, not a regular file",
            kind_in_words(about.file_type())
        ))),
    }
}

/// Opening a pipe would wait for somebody to write to it.
fn without_waiting() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        options.custom_flags(flags.bits().cast_signed());
    }
    options
}

/// What something is that is no regular file: `a FIFO`.
pub fn kind_in_words(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return "a FIFO";
        } else if kind.is_socket() {
            return "a socket";
        } else if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    if kind.is_symlink() {
        "a symbolic link"
    } else if kind.is_dir() {
        "a folder"
    } else {
        "something else"
    }
}

/// All bytes of a file, as they stand there.
///
/// # Errors
///
/// As [`open`], and when it has more than `most` bytes.
pub fn bytes(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    all(open(path)?, most)
}

/// All bytes of a file below a folder that was asked for.
///
/// # Errors
///
/// As [`open_below`], and when it has more than `most` bytes.
pub fn bytes_below(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    all(open_below(path)?, most)
}

/// The text of a document: a page, a ledger, a format, a rubric.
///
/// # Errors
///
/// As [`bytes`], and when it is not UTF-8.
pub fn text(path: &Path) -> io::Result<String> {
    let bytes = bytes(path, DOCUMENT_BYTES_MAX)?;
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

/// The first bytes of a file, at most this number, as they are in it.
///
/// # Errors
///
/// As [`open`].
pub fn head(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let mut head = Vec::with_capacity(usize::try_from(file.len().min(most)).unwrap_or_default());
    file.take(most).read_to_end(&mut head)?;
    Ok(head)
}

/// The lines of a file's text, from its beginning, each with `\n` at its end: whatever its encoding and its line ends.
///
/// # Errors
///
/// As [`open`], and as [`encoding::plain`] of a file that has to be read whole.
pub fn lines(path: &Path) -> io::Result<Box<dyn BufRead>> {
    lines_of(open(path)?)
}

/// The lines of a file below a folder that was asked for.
///
/// # Errors
///
/// As [`lines`] and [`open_below`].
pub fn lines_below(path: &Path) -> io::Result<Box<dyn BufRead>> {
    lines_of(open_below(path)?)
}

fn lines_of(file: InputFile) -> io::Result<Box<dyn BufRead>> {
    let bytes = file.len();
    let mut lines = BufReader::with_capacity(HEAD_BYTES as usize, file);
    let head = lines.fill_buf()?;
    let plain = encoding::of(head) == encoding::Encoding::Utf8;
    if plain && (head.contains(&b'\n') || !head.contains(&b'\r')) {
        return Ok(Box::new(lines));
    }
    within(bytes, WHOLE_BYTES_MAX)?;
    let mut whole = Vec::new();
    lines.read_to_end(&mut whole)?;
    let mut text = encoding::plain(whole)?.bytes;
    if !text.contains(&b'\n') {
        for byte in text.iter_mut().filter(|byte| **byte == b'\r') {
            *byte = b'\n';
        }
    }
    Ok(Box::new(Cursor::new(text)))
}

fn all(mut file: InputFile, most: u64) -> io::Result<Vec<u8>> {
    within(file.len(), most)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(usize::try_from(file.len()).unwrap_or(usize::MAX))?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn within(bytes: u64, most: u64) -> io::Result<()> {
    if bytes > most {
        return Err(io::Error::other(format!(
            "{bytes} bytes, more than the {most} that are read of such a file"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
