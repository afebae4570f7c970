//! Whether pages say what their logs say.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::NotebookError;
use super::block::{Material, folder_of, wanted};
use super::ledger::{self, Deferred};
use super::page::{Block, Page, Segment};
use super::prose::{State, typed_numbers};
use crate::claims::assess::assess;
use crate::claims::claim::Ledger;
use crate::claims::{self, ClaimsError, LEDGER_FILE};
use crate::runner_process::EventBudget;
use crate::sources::SourceError;
use crate::sources::reports::Reports;
use files::input;

/// What verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// Pages with blocks, and how many blocks each has.
    pub pages: Vec<(PathBuf, usize)>,
    /// Figures compared.
    pub figures: usize,
    /// Claims judged again.
    pub claims: usize,
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

/// Verifies a page, or every page (`*.md`) of a folder. What is run again has no more events than the budget allows: the
/// notebook may be a stranger's.
///
/// # Errors
///
/// [`NotebookError`] when a page or its logs cannot be read at all.
pub fn verify(notebook: &Path, budget: EventBudget) -> Result<Verification, NotebookError> {
    let mut verifier = Verifier {
        reports: Reports::within(budget),
        ..Verifier::default()
    };
    let pages = pages(notebook)?;
    if pages.is_empty() {
        return Err(NotebookError::file(notebook)(std::io::Error::other(
            "no pages: expected files that end in .md",
        )));
    }
    verifier.argued = argued(&pages);
    for path in &pages {
        match verifier.verify_file(path) {
            Ok(()) => {}
            // This host cannot run a run again: nothing is known about the page.
            Err(
                error @ (NotebookError::Sources(SourceError::Rerun { .. })
                | NotebookError::Band { .. }),
            ) => {
                return Err(error);
            }
            // One page that cannot be read says nothing about the others.
            Err(NotebookError::Page { line, problem, .. }) => verifier.find(path, line, problem),
            Err(error) => verifier.find(path, 1, error.to_string()),
        }
    }
    verifier.verify_ledgers(&pages, notebook.is_dir())?;
    Ok(verifier.verification)
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

/// The folders that ledgers beside these pages argue from. What is wrong with a ledger is found when it is judged.
fn argued(pages: &[PathBuf]) -> BTreeSet<PathBuf> {
    let folders: BTreeSet<&Path> = pages.iter().map(|page| folder_of(page)).collect();
    let ledgers = folders.into_iter().filter_map(|folder| {
        let ledger = Ledger::read(&folder.join(LEDGER_FILE)).ok()?;
        let logs = ledger
            .logs()
            .filter_map(|logs| fs::canonicalize(folder.join(logs)).ok());
        Some(logs.collect::<Vec<PathBuf>>())
    });
    ledgers.flatten().collect()
}

/// What is gathered on the way from page to page.
#[derive(Debug, Default)]
struct Verifier {
    verification: Verification,
    /// Folders that ledgers argue from.
    argued: BTreeSet<PathBuf>,
    /// Of those of them that pages argue from too.
    reports: Reports,
    /// Blocks that show claims: they wait until all pages have been read.
    deferred: Vec<Deferred>,
}

impl Verifier {
    fn find(&mut self, page: &Path, line: usize, problem: impl Into<String>) {
        self.verification.findings.push(Finding {
            page: page.to_owned(),
            line,
            problem: problem.into(),
        });
    }

    fn verify_file(&mut self, path: &Path) -> Result<(), NotebookError> {
        let text = input::text(path).map_err(NotebookError::file(path))?;
        self.verify_page(path, &Page::parse(path, &text)?)
    }

    fn verify_page(&mut self, path: &Path, page: &Page) -> Result<(), NotebookError> {
        self.verify_prose(path, page);
        self.verify_pictures(path, page);
        let (claims, blocks): (Vec<&Block>, Vec<&Block>) =
            page.blocks().partition(|block| ledger::shows(block));
        let count = page.blocks().count();
        self.deferred
            .extend(claims.into_iter().map(|block| Deferred {
                page: path.to_owned(),
                block: block.clone(),
            }));
        let Some(header) = &page.header else {
            if let Some(block) = blocks.first() {
                self.find(
                    path,
                    block.line,
                    "blocks without an `analyze:page` line: nothing says which logs they come from",
                );
            } else if count > 0 {
                self.verification.pages.push((path.to_owned(), count));
            }
            return Ok(());
        };
        let material =
            Material::gather(path, header, wanted(page.blocks()), self.reports.budget())?;
        if !page.blocks().any(|block| block.kind == "logs") {
            let problem =
                "no `logs` block: nothing binds the page to its files; add one and refresh";
            self.find(path, 1, problem);
        }
        let mut embedded = Vec::new();
        for block in blocks {
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
        self.verification.pages.push((path.to_owned(), count));
        if let [logs] = header.logs.as_slice() {
            let folder = folder_of(path);
            let is_argued = |of| self.argued.contains(&of);
            if fs::canonicalize(folder.join(logs)).is_ok_and(is_argued) {
                self.reports
                    .remember(folder, logs, material.into_report())?;
            }
        }
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
        self.compare(path, block, &content.text);
        let Some((file, drawing)) = content.figure else {
            return Ok(None);
        };
        self.verification.figures += 1;
        match input::bytes(&file, input::DOCUMENT_BYTES_MAX) {
            Ok(bytes) if bytes == drawing.svg.as_bytes() => {}
            Ok(_) => self.find(
                path,
                block.line,
                format!(
                    "{} is not what the logs behind the page give; refresh it",
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

    /// Compares what stands in a block with what should.
    fn compare(&mut self, path: &Path, block: &Block, expected: &str) {
        if expected == block.content {
            return;
        }
        let (offset, expected, found) = first_difference(expected, &block.content);
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

    /// Judges the ledgers beside these pages again, and compares the blocks that show them; in a whole notebook every
    /// ledger, and whether its claims are shown.
    fn verify_ledgers(&mut self, pages: &[PathBuf], whole: bool) -> Result<(), NotebookError> {
        let folders: BTreeSet<&Path> = pages.iter().map(|page| folder_of(page)).collect();
        for folder in folders {
            let blocks: Vec<Deferred> = self
                .deferred
                .iter()
                .filter(|deferred| folder_of(&deferred.page) == folder)
                .cloned()
                .collect();
            let file = folder.join(LEDGER_FILE);
            if !file.exists() {
                for Deferred { page, block } in &blocks {
                    let problem = format!(
                        "no {} beside the page: nothing says what the claim is",
                        LEDGER_FILE
                    );
                    self.find(page, block.line, problem);
                }
            } else if whole || !blocks.is_empty() {
                self.verify_ledger(&file, &blocks, whole)?;
            }
        }
        Ok(())
    }

    fn verify_ledger(
        &mut self,
        file: &Path,
        blocks: &[Deferred],
        whole: bool,
    ) -> Result<(), NotebookError> {
        let judged = Ledger::read(file).and_then(|ledger| assess(&ledger, &mut self.reports));
        let assessment = match judged {
            Ok(assessment) => assessment,
            // This host cannot run a run again: nothing is known about the claims.
            Err(ClaimsError::Logs(error)) => return Err(error.into()),
            Err(ClaimsError::Ledger { problems, .. }) => {
                for (line, problem) in problems {
                    self.find(file, line, problem);
                }
                return Ok(());
            }
            Err(error @ ClaimsError::File { .. }) => {
                self.find(file, 1, error.to_string());
                return Ok(());
            }
        };
        self.verification.claims += assessment.claims.len();
        let mut shown = Vec::new();
        for Deferred { page, block } in blocks {
            match claims::block::render(&block.kind, &block.options, &assessment) {
                Ok((text, ids)) => {
                    self.compare(page, block, &text);
                    shown.extend(ids.into_iter().map(|id| (id, page.clone())));
                }
                Err(problem) => self.find(page, block.line, problem),
            }
        }
        for claim in &assessment.claims {
            if let Some(problem) = claim.disagreement() {
                self.find(file, claim.line, problem);
            }
            if let Some(problem) = ledger::hidden(claim, &shown).filter(|_| whole) {
                self.find(file, claim.line, problem);
            }
        }
        Ok(())
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
