//! A file that the user names for what a command finds in the end.
//!
//! **Invariant.** A file that is there is never overwritten, and one that has its name is whole.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use thiserror::Error;

use super::draft;

/// Why a file cannot be written.
#[derive(Debug, Error)]
pub enum NewFileError {
    /// There is one of this name.
    #[error("{}: is there already, and nothing is overwritten: move it, or give another name", .0.display())]
    IsThere(PathBuf),
    /// No room, no right, or no folder.
    #[error("{}: cannot be written ({cause})", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
}

/// A place for what comes in the end, found to be writable in the beginning. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct NewFile {
    path: PathBuf,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// A draft beside it, which gets its name in the end.
    Draft(NamedTempFile),
    /// A device or a pipe, such as `/dev/stdout`: nothing is in it that could be overwritten.
    Stream(File),
}

impl NewFile {
    /// Makes sure that the file can be written, and that there is none yet.
    ///
    /// # Errors
    ///
    /// [`NewFileError`] when there is a file of this name, or no right to write.
    pub fn reserve(path: &Path) -> Result<NewFile, NewFileError> {
        let place = match fs::metadata(path) {
            Ok(there) if !there.is_file() && !there.is_dir() => {
                File::options().write(true).open(path).map(Place::Stream)
            }
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) => draft(path).map(Place::Draft),
        };
        Ok(NewFile {
            place: place.map_err(|cause| fail(path, cause))?,
            path: path.to_owned(),
        })
    }

    /// Writes the text, whole or not at all.
    ///
    /// # Errors
    ///
    /// [`NewFileError`] when there is no room, or when a file of this name has come since.
    pub fn write(self, text: &str) -> Result<(), NewFileError> {
        let written = match self.place {
            Place::Stream(mut file) => file.write_all(text.as_bytes()),
            Place::Draft(mut draft) => draft.write_all(text.as_bytes()).and_then(|()| {
                let kept = draft.persist_noclobber(&self.path);
                kept.map(drop).map_err(|failed| failed.error)
            }),
        };
        written.map_err(|cause| fail(&self.path, cause))
    }
}

fn fail(path: &Path, cause: io::Error) -> NewFileError {
    let path = path.to_owned();
    match cause.kind() {
        io::ErrorKind::AlreadyExists => NewFileError::IsThere(path),
        _ => NewFileError::Unwritable { path, cause },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_stays_and_what_is_given_up_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.json");
        drop(NewFile::reserve(&path).expect("a draft"));
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);

        let (first, second) = (NewFile::reserve(&path), NewFile::reserve(&path));
        first.expect("a draft").write("first").expect("written");
        let late = second.expect("a draft").write("second");
        let again = NewFile::reserve(&path).map(drop);
        let is_folder = NewFile::reserve(folder.path()).map(drop);
        for refused in [late, again, is_folder] {
            let error = refused.expect_err("it is there").to_string();
            assert!(error.contains("nothing is overwritten"), "{error}");
        }
        assert_eq!(fs::read_to_string(&path).expect("text"), "first");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);

        let lost = NewFile::reserve(&folder.path().join("lost/report.json")).map(drop);
        let error = lost.expect_err("no folder").to_string();
        assert!(error.contains("lost/report.json"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_to() {
        let null = NewFile::reserve(Path::new("/dev/null")).expect("a device");
        null.write("nothing").expect("written");
    }
}
