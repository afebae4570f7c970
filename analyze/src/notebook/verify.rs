//! Whether pages say what their logs say.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::NotebookError;
use super::block::{Material, folder_of};
use super::page::{Block, Page, Segment};
use super::prose::typed_numbers;

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
        let text = fs::read_to_string(&path).map_err(NotebookError::file(&path))?;
        let page = Page::parse(&path, &text)?;
        verification.verify_page(&path, &page)?;
    }
    Ok(verification)
}

fn pages(notebook: &Path) -> Result<Vec<PathBuf>, NotebookError> {
    if notebook.is_file() {
        return Ok(vec![notebook.to_owned()]);
    }
    let mut pages = Vec::new();
    for entry in fs::read_dir(notebook).map_err(NotebookError::file(notebook))? {
        let path = entry.map_err(NotebookError::file(notebook))?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    Ok(pages)
}

impl Verification {
    fn find(&mut self, page: &Path, line: usize, problem: impl Into<String>) {
        self.findings.push(Finding {
            page: page.to_owned(),
            line,
            problem: problem.into(),
        });
    }

    fn verify_page(&mut self, path: &Path, page: &Page) -> Result<(), NotebookError> {
        self.verify_prose(path, page);
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
        self.verify_links(path, page, &embedded);
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
        let mut fenced = false;
        for segment in &page.segments {
            let Segment::Prose { line, text } = segment else {
                continue;
            };
            for typed in typed_numbers(text, *line, &mut fenced) {
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

    /// A figure outside of any block cannot be recomputed.
    fn verify_links(&mut self, path: &Path, page: &Page, embedded: &[PathBuf]) {
        for segment in &page.segments {
            let Segment::Prose { line, text } = segment else {
                continue;
            };
            for (number, content) in (*line..).zip(text.lines()) {
                for link in content
                    .split("](")
                    .skip(1)
                    .filter_map(|rest| rest.split(')').next())
                {
                    let file = folder_of(path).join(link);
                    if link.ends_with(".svg") && !embedded.contains(&file) {
                        self.find(
                            path,
                            number,
                            format!(
                                "{link} is shown outside of a figure block: nothing recomputes it"
                            ),
                        );
                    }
                }
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
