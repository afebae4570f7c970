//! Whether pages say what their logs say.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::NotebookError;
use super::block::{Material, folder_of};
use super::page::{Block, Page, Segment};
use super::prose::{State, typed_numbers};

/// What verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// Pages with blocks, and how many blocks each has.
    pub pages: Vec<(PathBuf, usize)>,
    /// Figures compared.
    pub figures: usize,
    /// What is stale, edited or unbacked.
    pub findings: Vec<Finding>,
}

/// Something on a page that its logs do not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The page.
    pub page: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What was expected, what was found, what to do.
    pub problem: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.page.display(), self.line, self.problem)
    }
}

/// Verifies a page, or every page (`*.md`) of a folder.
///
/// # Errors
///
/// [`NotebookError`] when a page or its logs cannot be read at all.
pub fn verify(notebook: &Path) -> Result<Verification, NotebookError> {
    let mut verification = Verification::default();
    let pages = pages(notebook)?;
    if pages.is_empty() {
        return Err(NotebookError::file(notebook)(std::io::Error::other(
            "no pages: expected files that end in .md",
        )));
    }
    for path in pages {
        match verification.verify_file(&path) {
            Ok(()) => {}
            // This host cannot run a run again: nothing is known about the page.
            Err(error @ NotebookError::Rerun { .. }) => return Err(error),
            // One page that cannot be read says nothing about the others.
            Err(NotebookError::Page { line, problem, .. }) => {
                verification.find(&path, line, problem)
            }
            Err(error) => verification.find(&path, 1, error.to_string()),
        }
    }
    Ok(verification)
}

fn pages(notebook: &Path) -> Result<Vec<PathBuf>, NotebookError> {
    if notebook.is_file() {
        return Ok(vec![notebook.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(notebook).map_err(NotebookError::file(notebook))? {
        let path = entry.map_err(NotebookError::file(notebook))?.path();
        if path.is_dir() {
            found.extend(pages(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

impl Verification {
    fn find(&mut self, page: &Path, line: usize, problem: impl Into<String>) {
        self.findings.push(Finding {
            page: page.to_owned(),
            line,
            problem: problem.into(),
        });
    }

    fn verify_file(&mut self, path: &Path) -> Result<(), NotebookError> {
        let text = fs::read_to_string(path).map_err(NotebookError::file(path))?;
        self.verify_page(path, &Page::parse(path, &text)?)
    }

    fn verify_page(&mut self, path: &Path, page: &Page) -> Result<(), NotebookError> {
        self.verify_prose(path, page);
        self.verify_pictures(path, page);
        let blocks = page.blocks().count();
        let Some(header) = &page.header else {
            if let Some(block) = page.blocks().next() {
                self.find(
                    path,
                    block.line,
                    "blocks without an `analyze:page` line: nothing says which logs they come from",
                );
            }
            return Ok(());
        };
        if !page.blocks().any(|block| block.kind == "logs") {
            self.find(
                path,
                1,
                "no `logs` block: nothing binds the page to its logs; add one and refresh",
            );
        }
        let material = Material::gather(path, header)?;
        let mut embedded = Vec::new();
        for block in page.blocks() {
            embedded.extend(self.verify_block(path, block, &material)?);
        }
        self.verify_folder(path, &header.figures, &embedded);
        let violated = material.violated();
        if violated > 0 && !page.blocks().any(|block| block.kind == "check") {
            self.find(
                path,
                1,
                format!("its logs break {violated} laws and no `check` block says so; add one and refresh"),
            );
        }
        self.pages.push((path.to_owned(), blocks));
        Ok(())
    }

    /// Compares a block, and its figure if it has one; returns the figure's file.
    fn verify_block(
        &mut self,
        path: &Path,
        block: &Block,
        material: &Material,
    ) -> Result<Option<PathBuf>, NotebookError> {
        let content = match material.render(block) {
            Ok(content) => content,
            Err(NotebookError::Page { line, problem, .. }) => {
                self.find(path, line, problem);
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        if content.text != block.content {
            let (offset, expected, found) = first_difference(&content.text, &block.content);
            let refresh = format!("analyze --notebook {}", path.display());
            self.find(
                path,
                block.line + offset,
                format!(
                    "the block `{}` is not what its logs give: expected `{expected}`, found `{found}`; if the logs are right, refresh it: {refresh}",
                    block.words
                ),
            );
        }
        let Some((file, drawing)) = content.figure else {
            return Ok(None);
        };
        self.figures += 1;
        match fs::read(&file) {
            Ok(bytes) if bytes == drawing.svg.as_bytes() => {}
            Ok(_) => self.find(
                path,
                block.line,
                format!(
                    "{} is not what the logs give; refresh the page",
                    file.display()
                ),
            ),
            Err(error) => self.find(
                path,
                block.line,
                format!("{}: {error}; refresh the page", file.display()),
            ),
        }
        Ok(Some(file))
    }

    fn verify_prose(&mut self, path: &Path, page: &Page) {
        let mut state = State::default();
        for segment in &page.segments {
            let Segment::Prose { line, text } = segment else {
                continue;
            };
            for typed in typed_numbers(text, *line, &mut state) {
                self.find(
                    path,
                    typed.line,
                    format!(
                        "`{}` is typed by hand: cite it with a value block, or put options in `code`",
                        typed.number
                    ),
                );
            }
        }
    }

    /// A picture outside of any block cannot be recomputed, whatever shows it.
    fn verify_pictures(&mut self, path: &Path, page: &Page) {
        for segment in &page.segments {
            let Segment::Prose { line, text } = segment else {
                continue;
            };
            for (number, content) in (*line..).zip(text.lines()) {
                if content.contains("![") || content.to_lowercase().contains("<img") {
                    let problem = "a picture outside of a figure block: nothing recomputes it";
                    self.find(path, number, problem);
                }
            }
        }
    }

    /// A figure that no block shows is left over, and nothing recomputes it either.
    fn verify_folder(&mut self, path: &Path, figures: &str, embedded: &[PathBuf]) {
        let folder = folder_of(path).join(figures);
        let Ok(entries) = fs::read_dir(&folder) else {
            return;
        };
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.sort();
        for file in files {
            let shown = embedded
                .iter()
                .any(|one| one.file_name() == file.file_name());
            if !shown {
                let problem = format!("no block shows {}: remove it, or embed it", file.display());
                self.find(path, 1, problem);
            }
        }
    }
}

/// The first line in which two texts differ: its number from 0, and both lines.
fn first_difference<'a>(expected: &'a str, found: &'a str) -> (usize, &'a str, &'a str) {
    let (mut left, mut right) = (expected.split('\n'), found.split('\n'));
    let mut line = 0;
    loop {
        match (left.next(), right.next()) {
            (Some(a), Some(b)) if a == b => line += 1,
            (a, b) => return (line, a.unwrap_or("(nothing)"), b.unwrap_or("(nothing)")),
        }
    }
}
