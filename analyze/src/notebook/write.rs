//! Starting a page, and refreshing its blocks.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::NotebookError;
use super::block::{Content, Material, folder_of, wanted};
use super::ledger;
use super::page::{Block, Header, Page, Segment, marked};
use crate::analysis::Wanted;
use crate::claims::assess::Assessment;
use crate::runner_process::EventBudget;
use crate::sources::reports::Reports;
use files::input;
use files::note::Note;
use files::whole_file;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Whether the page is new.
    pub started: bool,
    /// Blocks on it.
    pub blocks: usize,
    /// Figures drawn for it.
    pub figures: usize,
    /// What is wrong with its logs.
    pub notes: Vec<Note>,
    /// How often its logs break a law.
    pub violated: u64,
}

/// Starts a page for these logs, or refreshes the blocks of one that exists. Prose is never touched. Without logs the
/// page's own are used; `figures` is the folder for figures where the page does not name one. What is run again has no more
/// events than the budget allows.
///
/// # Errors
///
/// [`NotebookError`]; the page is then as it was.
pub fn write(
    page: &Path,
    logs: &[PathBuf],
    figures: Option<&Path>,
    budget: EventBudget,
) -> Result<Written, NotebookError> {
    if page.extension().is_none_or(|extension| extension != "md") {
        let problem = "a page is a Markdown file: give it a name that ends in .md";
        return Err(NotebookError::file(page)(io::Error::other(problem)));
    }
    let reports = Reports::within(budget);
    match input::text(page) {
        Ok(text) => refresh(page, Page::parse(page, &text)?, logs, reports),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !logs.is_empty() => {
            start(page, logs, figures, reports)
        }
        Err(error) => Err(NotebookError::file(page)(error)),
    }
}

fn start(
    page: &Path,
    logs: &[PathBuf],
    figures: Option<&Path>,
    reports: Reports,
) -> Result<Written, NotebookError> {
    let folder = folder_of(page);
    let stem = page.file_stem().unwrap_or_default().to_string_lossy();
    let header = Header {
        logs: relative_all(folder, logs)?,
        figures: match figures {
            Some(figures) => relative(folder, figures)?,
            None => format!("../figures/{stem}"),
        },
        compare: None,
        band: None,
    };
    check_outputs(page, &header)?;
    let material = Material::gather(page, &header, Wanted::Digests, reports.budget())?;
    let mut text = format!("# {}\n\n{}\n", heading(&stem), header.to_line());
    text += "\nWhat do we want to know, and what do we expect?\n";
    for (title, words) in material.all_words() {
        if !title.is_empty() {
            text += &format!("\n## {title}\n");
        }
        text += &format!("\n{}\n", marked(&words, "\n"));
    }
    text += "\n## Discussion\n\nWhat do the figures say, and what do they not say?\n";
    let fresh = Page::parse(page, &text)?;
    let written = fill(page, fresh, Some(&material), reports)?;
    Ok(Written {
        started: true,
        ..written
    })
}

/// `01-some-name` as `1. Some name`; any other name as it stands, in `code` because it may hold numbers.
fn heading(stem: &str) -> String {
    let ordered = stem.split_once('-').and_then(|(order, name)| {
        let order: u8 = order.parse().ok()?;
        let mut letters = name.chars();
        let first = letters.next()?.to_uppercase();
        let name = format!("{first}{}", letters.as_str().replace('-', " "));
        Some(format!("{order}. {name}"))
    });
    ordered.unwrap_or_else(|| format!("`{stem}`"))
}

fn refresh(
    page: &Path,
    mut parsed: Page,
    logs: &[PathBuf],
    reports: Reports,
) -> Result<Written, NotebookError> {
    let Some(old) = parsed.header.clone() else {
        if logs.is_empty() && parsed.blocks().next().is_some() && parsed.blocks().all(ledger::shows)
        {
            return fill(page, parsed, None, reports);
        }
        return Err(NotebookError::Page {
            page: page.to_owned(),
            line: 1,
            problem: "no `<!-- analyze:page logs=\"…\" figures=\"…\" -->` line: add one, or name a page that does not exist yet".to_owned(),
        });
    };
    let mut header = old.clone();
    if !logs.is_empty() {
        header.logs = relative_all(folder_of(page), logs)?;
    }
    check_outputs(page, &header)?;
    let material = Material::gather(page, &header, wanted(parsed.blocks()), reports.budget())?;
    if header != old {
        parsed.set_header(header);
    }
    fill(page, parsed, Some(&material), reports)
}

/// Computes every block before anything is written. Without material all blocks show claims.
fn fill(
    page: &Path,
    mut parsed: Page,
    material: Option<&Material>,
    reports: Reports,
) -> Result<Written, NotebookError> {
    let claims = judged(page, &parsed, material, reports)?;
    let mut figures = Vec::new();
    let mut blocks = 0;
    for segment in &mut parsed.segments {
        if let Segment::Block(block) = segment {
            let content = match (&claims, material) {
                (Some(claims), _) if ledger::shows(block) => claim(page, block, claims)?,
                (_, Some(material)) => material.render(block)?,
                (_, None) => continue,
            };
            figures.extend(content.figure);
            blocks += 1;
            *block = Block {
                content: content.text,
                ..block.clone()
            };
        }
    }
    let drawn = figures.len();
    for (file, drawing) in figures {
        replace(&file, drawing.svg.as_bytes())?;
    }
    replace(page, parsed.to_text().as_bytes())?;
    Ok(Written {
        started: false,
        blocks,
        figures: drawn,
        notes: material.map_or(Vec::new(), |material| material.notes().to_vec()),
        violated: material.map_or(0, Material::violated),
    })
}

/// The verdicts of the ledger beside a page, if the page shows any.
fn judged(
    page: &Path,
    parsed: &Page,
    material: Option<&Material>,
    mut reports: Reports,
) -> Result<Option<Assessment>, NotebookError> {
    if !parsed.blocks().any(ledger::shows) {
        return Ok(None);
    }
    if let (Some(report), Some([logs])) = (
        material.map(Material::report),
        parsed.header.as_ref().map(|header| header.logs.as_slice()),
    ) {
        reports.remember(folder_of(page), logs, report.clone())?;
    }
    ledger::beside(page, &mut reports).map(Some)
}

fn claim(page: &Path, block: &Block, claims: &Assessment) -> Result<Content, NotebookError> {
    let rendered = crate::claims::block::render(&block.kind, &block.options, claims);
    let (text, _) = rendered.map_err(|problem| block.wrong(page, problem))?;
    Ok(Content { text, figure: None })
}

fn replace(file: &Path, content: &[u8]) -> Result<(), NotebookError> {
    let folder = folder_of(file);
    fs::create_dir_all(folder).map_err(NotebookError::file(folder))?;
    whole_file::write(file, content).map_err(NotebookError::file(file))
}

/// Tries whether page and figures can be written, before the logs are read.
fn check_outputs(page: &Path, header: &Header) -> Result<(), NotebookError> {
    let folder = folder_of(page);
    for folder in [folder, &folder.join(&header.figures)] {
        whole_file::check_folder(folder).map_err(NotebookError::file(folder))?;
    }
    match folder.is_dir() {
        true => whole_file::check_file(page).map_err(NotebookError::file(page)),
        false => Ok(()),
    }
}

fn relative_all(base: &Path, paths: &[PathBuf]) -> Result<Vec<String>, NotebookError> {
    paths.iter().map(|path| relative(base, path)).collect()
}

/// A path as seen from `base`, with forward slashes.
fn relative(base: &Path, path: &Path) -> Result<String, NotebookError> {
    let base = std::path::absolute(base).map_err(NotebookError::file(base))?;
    let full = std::path::absolute(path).map_err(NotebookError::file(path))?;
    let parts = |path: &Path| {
        let normal = |part: Component<'_>| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        };
        path.components()
            .filter_map(normal)
            .collect::<Vec<String>>()
    };
    let (from, to) = (parts(&base), parts(&full));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let mut steps = vec!["..".to_owned(); from.len() - shared];
    steps.extend_from_slice(&to[shared..]);
    let path = steps.join("/");
    if path.contains([' ', '"']) {
        return Err(NotebookError::file(&full)(io::Error::new(
            io::ErrorKind::InvalidInput,
            "a page cannot name a path with blanks or quotes: rename the folder",
        )));
    }
    Ok(if path.is_empty() {
        ".".to_owned()
    } else {
        path
    })
}
