//! The files below a path, and which of them can be no logs.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::natural;

/// Bytes at the beginning of a file that tell whether it is text.
const HEAD_BYTES: u64 = 8192;

/// Endings of files that are no logs, whatever is in them.
const PICTURES: [&str; 10] = [
    "png", "jpg", "jpeg", "gif", "svg", "pdf", "webp", "bmp", "ico", "heic",
];
const PROGRAMS_AND_DOCUMENTS: [&str; 42] = [
    "py",
    "pyc",
    "ipynb",
    "rs",
    "go",
    "java",
    "class",
    "jar",
    "js",
    "ts",
    "jsx",
    "tsx",
    "c",
    "h",
    "cc",
    "cpp",
    "hpp",
    "cs",
    "rb",
    "kt",
    "scala",
    "swift",
    "php",
    "sh",
    "bat",
    "ps1",
    "r",
    "proto",
    "toml",
    "yaml",
    "yml",
    "ini",
    "cfg",
    "lock",
    "md",
    "rst",
    "tex",
    "html",
    "css",
    "docx",
    "iml",
    "gitignore",
];
const DOCUMENT_NAMES: [&str; 8] = [
    "readme",
    "license",
    "makefile",
    "dockerfile",
    "requirements",
    "notebook",
    "changelog",
    "cmakelists",
];

/// A regular file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) path: PathBuf,
    /// Relative to the folder that was asked for, with `/` between its parts.
    pub(super) relative: String,
}

/// What is below a path.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Files in natural order.
    pub(super) files: Vec<Candidate>,
    /// What was not entered or read, by reason.
    pub(super) others: BTreeMap<String, Vec<String>>,
}

impl Listing {
    pub(super) fn leave_out(&mut self, reason: &str, path: &Path) {
        let paths = self.others.entry(reason.to_owned()).or_default();
        paths.push(path.display().to_string());
    }
}

/// Lists a folder and all below it, or one file.
///
/// # Errors
///
/// When the path itself cannot be read; what is below it and cannot is left out, with the reason.
pub(super) fn list(root: &Path) -> io::Result<Listing> {
    let mut listing = Listing::default();
    if std::fs::metadata(root)?.is_file() {
        let name = root.file_name().unwrap_or_default().to_string_lossy();
        listing.files.push(Candidate {
            path: root.to_owned(),
            relative: name.into_owned(),
        });
        return Ok(listing);
    }
    let mut folders = vec![(root.to_owned(), String::new())];
    while let Some((folder, relative)) = folders.pop() {
        match std::fs::read_dir(&folder) {
            Ok(entries) => {
                for entry in entries {
                    sort_in(&entry?, &relative, &mut folders, &mut listing)?;
                }
            }
            Err(error) if relative.is_empty() => return Err(error),
            Err(error) => listing.leave_out(&format!("cannot be read: {error}"), &folder),
        }
    }
    let by_name = |a: &Candidate, b: &Candidate| natural::compare(&a.relative, &b.relative);
    listing.files.sort_by(by_name);
    for paths in listing.others.values_mut() {
        paths.sort_by(|a, b| natural::compare(a, b));
    }
    Ok(listing)
}

fn sort_in(
    entry: &std::fs::DirEntry,
    relative: &str,
    folders: &mut Vec<(PathBuf, String)>,
    listing: &mut Listing,
) -> io::Result<()> {
    let kind = entry.file_type()?;
    let name = entry.file_name().to_string_lossy().into_owned();
    let path = entry.path();
    let relative = match relative {
        "" => name.clone(),
        folder => format!("{folder}/{name}"),
    };
    if kind.is_symlink() {
        listing.leave_out("a symbolic link", &path);
    } else if name.starts_with('.') {
        listing.leave_out("hidden", &path);
    } else if kind.is_dir() {
        if name == "target" || name == "node_modules" || name == "__pycache__" {
            listing.leave_out("a folder of build products", &path);
        } else {
            folders.push((path, relative));
        }
    } else if kind.is_file() {
        listing.files.push(Candidate { path, relative });
    } else {
        listing.leave_out("no regular file", &path);
    }
    Ok(())
}

/// Why a file can be no log, by its name.
pub(super) fn no_log_by_name(path: &Path) -> Option<&'static str> {
    let lower =
        |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().to_lowercase();
    let (stem, extension) = (lower(path.file_stem()), lower(path.extension()));
    if PROGRAMS_AND_DOCUMENTS.contains(&extension.as_str())
        || DOCUMENT_NAMES.contains(&stem.as_str())
    {
        return Some("a program or a document by its name");
    }
    None
}

/// Why a file can be no log, whatever a format says: a picture, or not text.
pub(super) fn no_text(path: &Path) -> Option<String> {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    if PICTURES.contains(&extension.to_lowercase().as_str()) {
        return Some("a picture by its name".to_owned());
    }
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head));
    match read {
        Err(error) => Some(format!("cannot be read: {error}")),
        Ok(_) => is_binary(&head).then(|| "not text: it holds zero bytes".to_owned()),
    }
}

/// Whether these are no characters of a text; UTF-16, which has zero bytes too, says so at its beginning.
fn is_binary(head: &[u8]) -> bool {
    let utf_16 = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    head.contains(&0) && !utf_16
}
