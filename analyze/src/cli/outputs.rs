//! Where answers go: what options such as `--json FILE|-` mean, and whether it can be done.
//!
//! **Invariant.** Every command tries all its outputs before its work: nobody waits for an answer that has no place to go.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::Serialize;

use super::streams;
use crate::visible_text::visible_json;
use files::whole_file::{self, check_file, check_folder, target};

/// The outputs that a command was asked for, before it begins.
#[derive(Debug, Default)]
pub(super) struct Outputs {
    files: Vec<(&'static str, PathBuf)>,
    problems: Vec<String>,
}

impl Outputs {
    /// An option that names a file, or with `-` standard output.
    pub(super) fn file(mut self, option: &'static str, file: Option<&Path>) -> Outputs {
        let Some(file) = file else {
            return self;
        };
        let earlier = self.files.iter().find(|(_, other)| {
            let is_file = !is_stdout(other) && !is_stdout(file);
            other == file || (is_file && target(other) == target(file))
        });
        if let Some((other, _)) = earlier {
            let name = match is_stdout(file) {
                true => "standard output".to_owned(),
                false => file.display().to_string(),
            };
            let problem =
                format!("{other} and {option} name one target, {name}: give one of them another");
            self.problems.push(problem);
        } else if !is_stdout(file) {
            self.problem(option, file, check_file(file));
        }
        self.files.push((option, file.to_owned()));
        self
    }

    /// An option that names a folder of files.
    pub(super) fn folder(mut self, option: &'static str, folder: Option<&Path>) -> Outputs {
        if let Some(folder) = folder {
            self.problem(option, folder, check_folder(folder));
        }
        self
    }

    fn problem(&mut self, option: &str, path: &Path, tried: io::Result<()>) {
        if let Err(error) = tried {
            let problem = format!("{option}: cannot write {}: {error}", path.display());
            self.problems.push(problem);
        }
    }

    /// Whether all of them can be written.
    ///
    /// # Errors
    ///
    /// One that names every output that cannot.
    pub(super) fn check(self) -> anyhow::Result<()> {
        if self.problems.is_empty() {
            return Ok(());
        }
        bail!("{}", self.problems.join("\nerror: "))
    }
}

/// Whether this stands for standard output.
pub(super) fn is_stdout(file: &Path) -> bool {
    file == Path::new("-")
}

/// Writes to a file, or with `-` to standard output.
pub(super) fn write(file: &Path, content: &[u8]) -> anyhow::Result<()> {
    fill(file, |to| to.write_all(content))
}

/// Writes a value as JSON to a file, or with `-` to standard output.
pub(super) fn json(value: &impl Serialize, file: &Path) -> anyhow::Result<()> {
    fill(file, |to| {
        serde_json::to_writer_pretty(Visible { to: &mut *to }, value)?;
        writeln!(to)
    })
}

/// JSON that a terminal does not obey. Its writer writes whole characters.
struct Visible<'a> {
    to: &'a mut dyn Write,
}

impl Write for Visible<'_> {
    fn write(&mut self, json: &[u8]) -> io::Result<usize> {
        let text = str::from_utf8(json).map_err(io::Error::other)?;
        self.to.write_all(visible_json(text).as_bytes())?;
        Ok(json.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn fill(file: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    let buffered = |to: &mut dyn Write| {
        let mut to = BufWriter::new(to);
        write(&mut to)?;
        to.flush()
    };
    let written = match is_stdout(file) {
        true => buffered(&mut streams::bytes()),
        false => whole_file::fill(file, |draft| buffered(draft)),
    };
    written.with_context(|| match is_stdout(file) {
        true => "cannot write standard output".to_owned(),
        false => format!("cannot write {}", file.display()),
    })
}
