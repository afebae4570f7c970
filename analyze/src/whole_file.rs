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
    Draft::begin(path).map(drop)
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
    let of_the_system = |path: &Path| path.starts_with("/dev") || path.starts_with("/proc");
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
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("the system has a place for temporary files")
    }

    /// Names and contents of all files of a folder.
    fn files(folder: &Path) -> Vec<(String, String)> {
        let entries = fs::read_dir(folder).expect("a folder");
        let mut files: Vec<(String, String)> = entries
            .map(|entry| {
                let entry = entry.expect("an entry");
                let content = fs::read_to_string(entry.path()).expect("text");
                (entry.file_name().to_string_lossy().into_owned(), content)
            })
            .collect();
        files.sort();
        files
    }

    /// Fails at the n-th write.
    struct Failing<'a> {
        to: &'a mut Draft,
        left: usize,
    }

    impl Write for Failing<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let Some(left) = self.left.checked_sub(1) else {
                return Err(io::ErrorKind::StorageFull.into());
            };
            self.left = left;
            self.to.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.to.flush()
        }
    }

    #[test]
    fn a_failure_at_any_write_leaves_the_old_file_and_nothing_else() {
        let folder = folder();
        let file = folder.path().join("ledger");
        fs::write(&file, "by hand").expect("a file");
        let parts = ["one ", "two ", "three"];
        for writes in 0..=parts.len() {
            let written = fill(&file, |to| {
                let mut to = Failing { to, left: writes };
                parts
                    .iter()
                    .try_for_each(|part| to.write_all(part.as_bytes()))
            });
            let whole = writes == parts.len();
            assert_eq!(written.is_ok(), whole, "after {writes} writes");
            let content = if whole { "one two three" } else { "by hand" };
            let there = [("ledger".to_owned(), content.to_owned())];
            assert_eq!(files(folder.path()), there, "after {writes} writes");
        }
    }

    #[test]
    fn nothing_shows_under_the_name_before_all_is_there() {
        let folder = folder();
        let file = folder.path().join("table");
        let mut draft = Draft::begin(&file).expect("begun");
        draft.write_all(b"whole").expect("written");
        assert!(!file.exists());
        let there = files(folder.path());
        assert!(
            there.len() == 1 && there[0].0.starts_with(DRAFT_PREFIX),
            "{there:?}"
        );
        draft.keep().expect("kept");
        assert_eq!(
            files(folder.path()),
            [("table".to_owned(), "whole".to_owned())]
        );
        let late = Draft::begin(&file).expect("begun");
        let error = late.keep_new().expect_err("somebody was quicker");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(
            files(folder.path()),
            [("table".to_owned(), "whole".to_owned())]
        );
    }

    #[test]
    fn no_file_of_the_user_is_taken_for_a_draft() {
        let folder = folder();
        for name in [
            "01-page.md",
            "01-page.new",
            "01-page.md.tmp",
            "01-page.part",
        ] {
            fs::write(folder.path().join(name), name).expect("a file");
        }
        write(&folder.path().join("01-page.md"), b"new").expect("written");
        let mut there = files(folder.path());
        there.retain(|(name, content)| name != content);
        assert_eq!(there, [("01-page.md".to_owned(), "new".to_owned())]);
    }

    #[test]
    fn what_cannot_be_written_is_known_before() {
        let folder = folder();
        let file = folder.path().join("file");
        fs::write(&file, "").expect("a file");
        let problem = |tried: io::Result<()>| tried.expect_err("it cannot be written").to_string();
        assert_eq!(
            problem(check_file(folder.path())),
            "it is a folder: name a file in it"
        );
        let lost = problem(check_file(&folder.path().join("lost/file")));
        assert!(lost.starts_with("there is no folder ") && lost.ends_with("lost: make it first"));
        assert_eq!(problem(check_folder(&file)), "it is a file: name a folder");
        let below = problem(check_folder(&file.join("a/b")));
        assert!(
            below.contains("Not a directory") || below.contains("is a file"),
            "{below}"
        );
        check_file(&folder.path().join("new")).expect("it can be written");
        check_folder(&folder.path().join("new/one")).expect("it can be made");
        assert_eq!(files(folder.path()), [("file".to_owned(), String::new())]);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = folder();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").expect("a file");
        fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).expect("mine");
        symlink("file", &link).expect("a link");
        write(&link, b"new").expect("written");
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&file).expect("text"), "new");
        let mode = fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        // A link to what is not there yet.
        fs::remove_file(&file).expect("mine");
        write(&link, b"again").expect("written");
        assert!(link.is_symlink() && !file.is_symlink());
        assert_eq!(fs::read_to_string(&file).expect("text"), "again");
        symlink("loop", folder.path().join("loop")).expect("a link");
        check_file(&folder.path().join("loop")).expect_err("it leads nowhere");
    }

    #[cfg(unix)]
    #[test]
    fn devices_are_written_as_they_are() {
        write(Path::new("/dev/null"), b"gone").expect("it takes everything");
        assert!(!fs::metadata("/dev/null").expect("there").is_file());
    }
}
