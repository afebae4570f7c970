//! Writing files: the only place where this program does. A file is whole, or it is what it was before.
//!
//! What is written goes to a draft: a hidden file beside the one that it will become, with a name that nobody else has
//! (`.driftlab-` and random letters). When all of it is on the disk the draft takes the file's name, in one step of the
//! file system. So a full disk, an error or a kill at any moment leaves the old file or the new one; after an error the
//! draft is removed, after a kill it may stay, and nothing reads hidden files.
//!
//! - The new file has the permissions of the one that it replaces. A file that may not be written is not replaced.
//! - A symbolic link is followed: the file behind it is replaced, and the link stays. Of hard links only the one that is
//!   named leads to the new file.
//! - What is no file, a device, a pipe, `/dev/stdout`, is written as it is: there is nothing in it to be kept.
//!
//! [`Draft`] does it in steps, [`write()`] at once; [`check_file`] and [`check_folder`] try it before the work.
//!
//! **Invariant.** No file appears or changes under its own name before all of it is on the disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// What begins the name of every draft.
pub const DRAFT_PREFIX: &str = ".driftlab-";
/// As many links in a row as systems follow.
const LINKS_MAX: usize = 40;

/// A file on its way.
#[derive(Debug)]
pub struct Draft {
    to: To,
    path: PathBuf,
}

#[derive(Debug)]
enum To {
    Draft(NamedTempFile),
    /// What has no contents of its own.
    Device(File),
}

impl Draft {
    /// Begins a file that will have this name, or replace the one that has it.
    ///
    /// # Errors
    ///
    /// When it could not be written: its folder is not there, it is a folder, or there is no right to write.
    pub fn begin(path: &Path) -> io::Result<Draft> {
        let (real, device) = behind_links(path)?;
        let old = match fs::metadata(&real) {
            Ok(old) if old.is_dir() => {
                let problem = "it is a folder: name a file in it";
                return Err(io::Error::new(io::ErrorKind::IsADirectory, problem));
            }
            Ok(old) => Some(old),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let mut open = OpenOptions::new();
        if device || old.as_ref().is_some_and(|old| !old.is_file()) {
            let to = To::Device(open.append(true).open(&real)?);
            return Ok(Draft { to, path: real });
        }
        let draft = begin_in(&folder_of(&real))?;
        if let Some(old) = old {
            // Only to learn whether it may be written.
            open.append(true).open(&real)?;
            draft.as_file().set_permissions(old.permissions())?;
        }
        Ok(Draft {
            to: To::Draft(draft),
            path: real,
        })
    }

    /// A second way to write what this writes.
    ///
    /// # Errors
    ///
    /// When the system has no room for it.
    pub fn writer(&self) -> io::Result<File> {
        self.file().try_clone()
    }

    fn file(&self) -> &File {
        match &self.to {
            To::Draft(draft) => draft.as_file(),
            To::Device(file) => file,
        }
    }

    /// Puts all of it on the disk, and gives it its name.
    ///
    /// # Errors
    ///
    /// When that fails; the old file is then as it was.
    pub fn keep(self) -> io::Result<()> {
        self.take_name(|draft, path| draft.persist(path))
    }

    /// As [`Draft::keep`], but replaces nothing.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::AlreadyExists`] when there is a file of that name by now, or what else goes wrong.
    pub fn keep_new(self) -> io::Result<()> {
        self.take_name(|draft, path| draft.persist_noclobber(path))
    }

    fn take_name(
        self,
        rename: impl FnOnce(NamedTempFile, &Path) -> Result<File, tempfile::PersistError>,
    ) -> io::Result<()> {
        let To::Draft(draft) = self.to else {
            return Ok(());
        };
        draft.as_file().sync_all()?;
        rename(draft, &self.path).map_err(|error| error.error)?;
        // The file is whole either way. Whether its name survives a loss of power is up to systems that refuse this.
        #[cfg(unix)]
        let _ = File::open(folder_of(&self.path)).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file().flush()
    }
}

/// Writes a file.
///
/// # Errors
///
/// When it cannot be written; the old file is then as it was.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    fill(path, |draft| draft.write_all(content))
}

/// Writes what `write` writes to a file.
///
/// # Errors
///
/// When it cannot be written, or `write` fails; the old file is then as it was.
pub fn fill(path: &Path, write: impl FnOnce(&mut Draft) -> io::Result<()>) -> io::Result<()> {
    let mut draft = Draft::begin(path)?;
    write(&mut draft)?;
    draft.keep()
}

/// Whether a file could be written, tried without changing anything.
///
/// # Errors
///
/// What writing it would meet.
pub fn check_file(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        // To open a pipe and close it again would tell its reader that all is written.
        Ok(old) if !old.is_file() && !old.is_dir() => Ok(()),
        _ => Draft::begin(path).map(drop),
    }
}

/// The file that writing to this path would change: two paths of one target have one.
pub fn target(path: &Path) -> PathBuf {
    let real = behind_links(path).map_or_else(|_| path.to_owned(), |(real, _)| real);
    let folder = folder_of(&real);
    let folder = folder.canonicalize().unwrap_or(folder);
    folder.join(real.file_name().unwrap_or_default())
}

/// Whether files could be written into a folder, which is made when it is needed; tried without changing anything.
///
/// # Errors
///
/// What making the folder, or writing into it, would meet.
pub fn check_folder(path: &Path) -> io::Result<()> {
    let mut there = path;
    loop {
        match fs::metadata(there) {
            Ok(found) if found.is_dir() => return begin_in(there).map(drop),
            Ok(_) => {
                let problem = match there == path {
                    true => "it is a file: name a folder".to_owned(),
                    false => format!("{} is a file: name another folder", there.display()),
                };
                return Err(io::Error::new(io::ErrorKind::NotADirectory, problem));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => match there.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => there = parent,
                Some(_) => there = Path::new("."),
                None => return Err(error),
            },
            Err(error) => return Err(error),
        }
    }
}

fn begin_in(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(DRAFT_PREFIX).suffix(".part");
    // As any other file that a user makes, not for the user alone.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder).map_err(|error| {
        let folder = folder.display();
        let problem = match error.kind() {
            io::ErrorKind::NotFound => format!("there is no folder {folder}: make it first"),
            _ => format!("no file can be made in {folder}: {error}"),
        };
        io::Error::new(error.kind(), problem)
    })
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The file behind a path that may be a link, also where it is not there yet; and whether it is the system's own, such as
/// the file that `/dev/stdout` leads to.
fn behind_links(path: &Path) -> io::Result<(PathBuf, bool)> {
    // What a process has open, by number or name; a file below `/dev/shm` is a file like others.
    let of_the_system = |path: &Path| {
        let is_descriptor = path.parent().is_some_and(|folder| folder.ends_with("fd"));
        [Path::new("/dev/stdout"), Path::new("/dev/stderr")].contains(&path)
            || (is_descriptor && (path.starts_with("/dev") || path.starts_with("/proc")))
    };
    let mut real = path.to_owned();
    for _ in 0..LINKS_MAX {
        if of_the_system(&real) {
            return Ok((real, true));
        }
        match fs::read_link(&real) {
            Ok(next) => real = folder_of(&real).join(next),
            // Not a link, or not there.
            Err(_) => return Ok((real, false)),
        }
    }
    Err(io::Error::other("too many symbolic links in a row"))
}

#[cfg(test)]
mod tests;
