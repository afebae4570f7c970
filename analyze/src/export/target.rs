//! Where an export goes: a file that is whole or not there, a folder with a file for each trial, or standard output.
//!
//! **Invariant.** A file appears under its name only when it is complete, and replaces none unless asked to.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use super::error::ExportError;
use super::exporter::Form;
use crate::pipe::Pipe;
use files::whole_file;

/// The longest name that is made of a trial's.
const NAME_LENGTH_MAX: usize = 100;

/// Where to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Standard output.
    Stdout,
    /// This file, or without a name one in the current folder that is called after the logs.
    File {
        /// The file.
        path: Option<PathBuf>,
        /// Whether it may replace one.
        force: bool,
    },
    /// A file for each trial.
    Folder {
        /// The folder; it is made if it is not there.
        path: PathBuf,
        /// Whether files may be replaced.
        force: bool,
    },
}

impl Target {
    /// What `--out` means: `-`, a folder (one that is there, or a path that ends with `/`), or a file.
    pub fn of(out: Option<&Path>, force: bool) -> Target {
        let ends_as_folder = |path: &Path| {
            path.to_string_lossy()
                .ends_with(['/', std::path::MAIN_SEPARATOR])
        };
        match out {
            Some(path) if path == Path::new("-") => Target::Stdout,
            Some(path) if path.is_dir() || ends_as_folder(path) => Target::Folder {
                path: path.to_owned(),
                force,
            },
            path => Target::File {
                path: path.map(Path::to_owned),
                force,
            },
        }
    }

    /// Tries whether it can be written, before the logs are read.
    ///
    /// # Errors
    ///
    /// [`ExportError::Exists`] or [`ExportError::Write`].
    pub fn check(&self) -> Result<(), ExportError> {
        let (path, tried) = match self {
            Target::Stdout => return Ok(()),
            Target::File {
                path: Some(path),
                force,
            } => {
                if !force && path.exists() {
                    return Err(ExportError::Exists { path: path.clone() });
                }
                (path.as_path(), whole_file::check_file(path))
            }
            Target::File { path: None, .. } => {
                (Path::new("."), whole_file::check_folder(Path::new(".")))
            }
            Target::Folder { path, .. } => (path.as_path(), whole_file::check_folder(path)),
        };
        tried.map_err(|source| ExportError::Write {
            path: path.to_owned(),
            source,
        })
    }

    /// What a file is called after: the folder of the logs, and the trial if it is but one.
    pub(super) fn default_name(&self, paths: &[PathBuf], trial: Option<&str>) -> String {
        let name = match paths {
            [path] => {
                let real = path.canonicalize().unwrap_or_else(|_| path.clone());
                let name = real.file_name().unwrap_or_default();
                name.to_string_lossy().into_owned()
            }
            _ => "trials".to_owned(),
        };
        match trial {
            Some(trial) => plain(&format!("{name}-{trial}")),
            None => plain(&name),
        }
    }

    /// Begins a file.
    pub(super) fn begin(
        &self,
        name: &str,
        form: Form,
    ) -> Result<(Draft, Box<dyn Write + Send>), ExportError> {
        let name = format!("{name}.{}", form.extension());
        let (path, force) = match self {
            Target::Stdout => return stdout(form),
            Target::File { path, force } => (path.clone().unwrap_or_else(|| name.into()), *force),
            Target::Folder { path, force } => {
                make(path)?;
                (path.join(name), *force)
            }
        };
        if !force && path.exists() {
            return Err(ExportError::Exists { path });
        }
        let begun = whole_file::Draft::begin(&path).and_then(|file| Ok((file.writer()?, file)));
        match begun {
            Ok((to, file)) => Ok((
                Draft {
                    file: Some(file),
                    path,
                    force,
                },
                Box::new(BufWriter::new(to)),
            )),
            Err(source) => Err(ExportError::Write { path, source }),
        }
    }
}

fn make(folder: &Path) -> Result<(), ExportError> {
    fs::create_dir_all(folder).map_err(|source| ExportError::Write {
        path: folder.to_owned(),
        source,
    })
}

fn stdout(form: Form) -> Result<(Draft, Box<dyn Write + Send>), ExportError> {
    let path = PathBuf::from("standard output");
    if form == Form::Parquet && io::stdout().is_terminal() {
        let source = io::Error::other("Parquet is not for a terminal; send it on with > or |");
        return Err(ExportError::Write { path, source });
    }
    let draft = Draft {
        file: None,
        path,
        force: true,
    };
    Ok((draft, Box::new(BufWriter::new(Pipe::on(io::stdout())))))
}

/// A file under another name; it is removed unless it is kept.
pub(super) struct Draft {
    file: Option<whole_file::Draft>,
    path: PathBuf,
    force: bool,
}

impl Draft {
    /// Gives the file its name. None on standard output.
    pub(super) fn keep(self) -> Result<Option<PathBuf>, ExportError> {
        let Some(file) = self.file else {
            return Ok(None);
        };
        let path = self.path;
        let kept = match self.force {
            true => file.keep(),
            false => file.keep_new(),
        };
        match kept {
            Ok(()) => Ok(Some(path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(ExportError::Exists { path })
            }
            Err(source) => Err(ExportError::Write { path, source }),
        }
    }

    /// The error of a file that cannot be written.
    pub(super) fn refused(&self, source: io::Error) -> ExportError {
        ExportError::Write {
            path: self.path.clone(),
            source,
        }
    }
}

/// Names of files, each given once.
#[derive(Debug, Default)]
pub(super) struct Names {
    given: BTreeSet<String>,
}

impl Names {
    /// A name for a trial that no trial before it has.
    pub(super) fn free(&mut self, label: &str) -> String {
        let plain = plain(label);
        let numbered = (2u64..).map(|number| format!("{plain}-{number}"));
        let mut candidates = std::iter::once(plain.clone()).chain(numbered);
        let free = candidates.find(|name| !self.given.contains(name));
        let free = free.unwrap_or(plain);
        self.given.insert(free.clone());
        free
    }
}

/// A text as the name of a file: without parts, blanks or signs that shells and other systems take amiss.
fn plain(text: &str) -> String {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '+');
    let letters = text.chars().take(NAME_LENGTH_MAX);
    let name: String = letters.map(|c| if allowed(c) { c } else { '-' }).collect();
    let name = name.trim_start_matches(['.', '-']);
    match name.is_empty() {
        true => "trials".to_owned(),
        false => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_plain_names_and_no_two_the_same() {
        let mut names = Names::default();
        assert_eq!(names.free("2026 run/trial-003"), "2026-run-trial-003");
        assert_eq!(names.free("2026 run/trial-003"), "2026-run-trial-003-2");
        assert_eq!(names.free("../.."), "trials");
        assert_eq!(names.free(&"x".repeat(500)).len(), NAME_LENGTH_MAX);
    }

    #[test]
    fn a_file_appears_when_it_is_whole_and_replaces_none() {
        let dir = tempfile::tempdir().expect("the system has a place for temporary files");
        let path = dir.path().join("table.csv");
        let target = |force| Target::of(Some(&path), force);
        let there = || fs::read_to_string(&path).ok();
        let (draft, mut to) = target(false)
            .begin("", Form::Csv)
            .expect("the name is free");
        to.write_all(b"one").expect("it can be written");
        assert_eq!(there(), None);
        drop(draft);
        assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 0);
        let (draft, mut to) = target(false)
            .begin("", Form::Csv)
            .expect("the name is free");
        to.write_all(b"two").expect("it can be written");
        fs::write(&path, "mine").expect("somebody is quicker");
        assert!(matches!(draft.keep(), Err(ExportError::Exists { .. })));
        assert!(matches!(
            target(false).begin("", Form::Csv),
            Err(ExportError::Exists { .. })
        ));
        assert_eq!(there().as_deref(), Some("mine"));
        let (draft, mut to) = target(true)
            .begin("", Form::Csv)
            .expect("it may be replaced");
        to.write_all(b"three")
            .and_then(|()| to.flush())
            .expect("it can be written");
        assert_eq!(draft.keep().expect("it can be renamed"), Some(path.clone()));
        assert_eq!(there().as_deref(), Some("three"));
    }
}
