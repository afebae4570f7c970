//! What lies below some paths: the one list that guessing, planning and reading go by.
//!
//! Everything is listed once, with what it is: a file that could be a log, or something that is none or cannot be opened. A
//! log that was rotated (`node.log.2`, `node.log.1`, `node.log`) is one file in several pieces, and one that was compressed
//! (`node.log.gz`) has the name that it had before. [`Content`] keeps small files, so that each is opened once.
//!
//! **Invariant.** Every entry below the paths is a file here, or is left out with a reason.

mod content;
mod names;

use std::collections::BTreeMap;
use std::fs::DirEntry;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use content::Content;
use content::Room;
pub(crate) use names::packed_otherwise;
pub use names::{is_called_as_a_log, unlike_a_log};

use super::decode::escaped;
use super::error::PathsError;
use super::natural;
use files::input;

/// Folders above the path given that patterns may name, too: the format says `logs/*.txt`, and `logs` was asked for.
const FOLDERS_ABOVE: usize = 4;

/// What lies below some paths.
#[derive(Debug, Clone)]
pub struct Inventory {
    paths: Vec<PathBuf>,
    /// What lies below each path.
    pub roots: Vec<Root>,
}

/// What lies below one path.
#[derive(Debug, Clone)]
pub struct Root {
    /// The path.
    pub path: PathBuf,
    /// The folder that is meant, by name, even if it was asked for as `.`.
    pub name: String,
    /// The names of the folders above, the nearest first.
    pub above: Vec<String>,
    /// Its entries, in natural order.
    pub entries: Vec<Entry>,
}

/// Something below a path.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Where it lies.
    pub path: PathBuf,
    /// Where it is below the path, with `/` between its parts; without what compression put behind the name.
    pub relative: String,
    /// What it is.
    pub is: Is,
    /// Its content, if it is a file.
    pub content: Content,
    /// The pieces that were rotated away from it, the oldest first.
    pub earlier: Vec<(PathBuf, Content)>,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Is {
    /// A regular file.
    File,
    /// Nothing that could be a log, for this reason.
    NoLog(&'static str),
    /// Something that could be one and is not opened, for this reason.
    Closed(String),
}

impl Inventory {
    /// Lists these paths, folders or files, in this order.
    ///
    /// # Errors
    ///
    /// [`PathsError::Path`] when a path itself cannot be read; what is below it and cannot is in the list.
    pub fn of(paths: &[PathBuf]) -> Result<Inventory, PathsError> {
        let room = Arc::new(Room::default());
        let roots = paths.iter().map(|path| {
            Root::of(path, &room).map_err(|source| PathsError::Path {
                path: path.clone(),
                source,
            })
        });
        Ok(Inventory {
            paths: paths.to_vec(),
            roots: roots.collect::<Result<_, _>>()?,
        })
    }

    /// The paths that were asked for.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// The files that could be read, each with the name of the folder that was asked for.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Entry)> {
        let roots = self.roots.iter();
        let entries =
            roots.flat_map(|root| root.entries.iter().map(|entry| (root.name.as_str(), entry)));
        entries.filter(|(_, entry)| entry.is == Is::File)
    }

    /// All entries.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.roots.iter().flat_map(|root| &root.entries)
    }
}

impl Root {
    fn of(path: &Path, room: &Arc<Room>) -> io::Result<Root> {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let is_file = path.metadata()?.is_file();
        let folder = if is_file { real.parent() } else { Some(&*real) };
        let above = folder.map(Path::ancestors).into_iter().flatten();
        let above = above.take(FOLDERS_ABOVE).filter_map(Path::file_name);
        let above: Vec<String> = above
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        let mut entries = Vec::new();
        if is_file {
            let name = escaped(path.file_name().unwrap_or_default().as_encoded_bytes());
            let relative = names::unpacked(&name).to_owned();
            entries.push(Entry::new(path.to_owned(), relative, Is::File, room));
        } else {
            list(path, room, &mut entries)?;
        }
        join_pieces(&mut entries);
        entries.sort_by(|a, b| natural::compare(&a.relative, &b.relative));
        Ok(Root {
            path: path.to_owned(),
            name: above.first().cloned().unwrap_or_default(),
            above,
            entries,
        })
    }
}

impl Entry {
    fn new(path: PathBuf, relative: String, is: Is, room: &Arc<Room>) -> Entry {
        Entry {
            content: Content::within(room),
            path,
            relative,
            is,
            earlier: Vec::new(),
        }
    }

    /// The last part of its name.
    pub fn file_name(&self) -> &str {
        let name = self.relative.rsplit('/').next();
        name.unwrap_or(&self.relative)
    }
}

/// Lists a folder and all below it.
fn list(folder: &Path, room: &Arc<Room>, entries: &mut Vec<Entry>) -> io::Result<()> {
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((folder, relative)) = folders.pop() {
        let listed = std::fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let listed = match listed {
            Err(error) if relative.is_empty() => return Err(error),
            Err(error) => {
                let reason = Is::Closed(format!("a folder that cannot be read: {error}"));
                entries.push(Entry::new(folder, relative, reason, room));
                continue;
            }
            Ok(listed) => listed,
        };
        for entry in listed {
            // Two names that are not UTF-8 must not become one.
            let name = escaped(entry.file_name().as_encoded_bytes());
            let below = match relative.as_str() {
                "" => name.clone(),
                folder => format!("{folder}/{name}"),
            };
            match kind(&entry, &name)? {
                None => folders.push((entry.path(), below)),
                Some(is) => {
                    let relative = names::unpacked(&below).to_owned();
                    entries.push(Entry::new(entry.path(), relative, is, room));
                }
            }
        }
    }
    Ok(())
}

/// What an entry of a folder is; none of a folder that is to be listed.
fn kind(entry: &DirEntry, name: &str) -> io::Result<Option<Is>> {
    let kind = entry.file_type()?;
    Ok(Some(if name.starts_with('.') {
        Is::NoLog("hidden")
    } else if kind.is_symlink() && entry.path().is_dir() {
        Is::NoLog("a symbolic link")
    } else if kind.is_symlink() {
        Is::Closed("a symbolic link".to_owned())
    } else if kind.is_dir() {
        match ["target", "node_modules", "__pycache__", "venv"].contains(&name) {
            true => Is::NoLog("a folder of build products"),
            false => return Ok(None),
        }
    } else if kind.is_file() {
        Is::File
    } else {
        Is::Closed(format!("{}, no regular file", input::kind_in_words(kind)))
    }))
}

/// Puts the pieces of a rotated log to the file that they were rotated away from, if it is there; of a file and a
/// compressed one of the same name the file counts.
fn join_pieces(entries: &mut Vec<Entry>) {
    let mut files: BTreeMap<String, usize> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate() {
        if entry.is == Is::File {
            let is_plain = |at: usize| {
                names::unpacked(file_name(&entries[at].path)).len()
                    == file_name(&entries[at].path).len()
            };
            let known = files.entry(entry.relative.clone()).or_insert(at);
            if is_plain(at) {
                *known = at;
            }
        }
    }
    let mut pieces: BTreeMap<usize, Vec<(u32, usize)>> = BTreeMap::new();
    let mut is_piece = vec![false; entries.len()];
    for (at, entry) in entries.iter().enumerate() {
        if entry.is == Is::File
            && files.get(&entry.relative) == Some(&at)
            && let Some((base, number)) = names::rotated(&entry.relative)
            && let Some(&of) = files.get(base)
        {
            pieces.entry(of).or_default().push((number, at));
            is_piece[at] = true;
        }
    }
    for (of, mut numbers) in pieces {
        numbers.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
        let earlier = numbers.iter().map(|&(_, at)| {
            let piece = &entries[at];
            (piece.path.clone(), piece.content.clone())
        });
        entries[of].earlier = earlier.collect();
    }
    for (at, entry) in entries.iter_mut().enumerate() {
        let first = files.get(&entry.relative).is_some_and(|&first| first == at);
        if entry.is == Is::File && !first {
            entry.is =
                Is::Closed("compressed, and the file of this name lies beside it".to_owned());
        }
    }
    let mut is_piece = is_piece.into_iter();
    entries.retain(|_| !is_piece.next().unwrap_or(false));
}

fn file_name(path: &Path) -> &str {
    path.file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default()
}
