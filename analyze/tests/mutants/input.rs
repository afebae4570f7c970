//! What a program is given: a folder of files, in memory until it is written.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What stands at a path.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    /// A file.
    File(Vec<u8>),
    /// A pipe with a name, to which nobody writes.
    Fifo,
    /// A symbolic link.
    Link(PathBuf),
    /// An empty folder.
    Folder,
}

/// Files below a folder, by their paths from there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Input(pub(crate) BTreeMap<PathBuf, Entry>);

impl Input {
    /// Files with these texts.
    pub(crate) fn of(files: &[(&str, &str)]) -> Input {
        let files = files.iter();
        Input(
            files
                .map(|(path, text)| (path.into(), Entry::File(text.as_bytes().to_vec())))
                .collect(),
        )
    }

    /// The files that lie below a folder.
    pub(crate) fn read(folder: &Path) -> Input {
        let mut input = Input::default();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(&next).expect("a folder of ours") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path.strip_prefix(folder).expect("below the folder");
                let bytes = fs::read(&path).expect("a file of ours");
                input.0.insert(name.to_owned(), Entry::File(bytes));
            }
        }
        input
    }

    /// These files, and those of another input.
    pub(crate) fn with(mut self, other: Input) -> Input {
        self.0.extend(other.0);
        self
    }

    /// The same files in a folder of this name.
    pub(crate) fn below(self, folder: &str) -> Input {
        let entries = self.0.into_iter();
        Input(
            entries
                .map(|(path, entry)| (Path::new(folder).join(path), entry))
                .collect(),
        )
    }

    /// Those files whose paths are of a kind.
    pub(crate) fn only(mut self, is_of: impl Fn(&str) -> bool) -> Input {
        self.0.retain(|path, _| is_of(&path.to_string_lossy()));
        self
    }

    /// Writes all of it below a folder. What has no place any more, because a file stands where its folder was, is left out.
    pub(crate) fn write(&self, folder: &Path) {
        for (path, entry) in &self.0 {
            let path = folder.join(path);
            let parent = path.parent().expect("below the folder");
            if fs::create_dir_all(parent).is_err() || path.symlink_metadata().is_ok() {
                continue;
            }
            match entry {
                Entry::File(bytes) => fs::write(&path, bytes).expect("a file can be written"),
                Entry::Link(target) => symlink(target, &path).expect("a link can be made"),
                Entry::Folder => fs::create_dir(&path).expect("a folder can be made"),
                Entry::Fifo => {
                    let made = Command::new("mkfifo").arg("--").arg(&path).status();
                    assert!(made.expect("mkfifo starts").success(), "{path:?}");
                }
            }
        }
    }
}
