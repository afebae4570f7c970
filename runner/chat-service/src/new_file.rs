//! Files that are written whole, and never over others.
//!
//! **Invariant.** A file that is there under its name is whole, and on disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Writes a new file.
///
/// # Errors
///
/// When it exists, or cannot be written.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_with(OpenOptions::new().write(true).create_new(true), path, bytes)
}

/// Writes a new file that its owner alone can read.
///
/// # Errors
///
/// When it exists, or cannot be written.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    write_with(&options, path, bytes)
}

/// Under another name first, so that nobody sees half of it.
fn write_with(options: &OpenOptions, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = path.with_file_name(format!("{name}.draft"));
    if path.try_exists()? {
        let what = format!("{} exists, and is not overwritten", path.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, what));
    }
    let explain =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    // What a writer that was killed has left.
    let _ = fs::remove_file(&draft);
    let mut file = options.open(&draft).map_err(explain)?;
    file.write_all(bytes).map_err(explain)?;
    file.sync_all().map_err(explain)?;
    // A link does not replace what somebody else has put there meanwhile.
    fs::hard_link(&draft, path)
        .or_else(|_| fs::rename(&draft, path))
        .map_err(explain)?;
    let _ = fs::remove_file(&draft);
    sync_folder(path)
}

/// Keeps the name of a new file through a loss of power.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    match cfg!(unix) {
        true => File::open(folder.unwrap_or(Path::new(".")))?.sync_all(),
        false => Ok(()),
    }
}

/// Whether nobody but its owner can read a file; where the system does not say, yes.
///
/// # Errors
///
/// When the system cannot say.
pub(crate) fn is_private(path: &Path) -> io::Result<bool> {
    let found = fs::metadata(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        Ok(found.permissions().mode() & 0o077 == 0)
    }
    #[cfg(not(unix))]
    {
        let _ = found;
        Ok(true)
    }
}
