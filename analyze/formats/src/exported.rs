//! What `analyze export` wrote, read back as the trials that it was made of: tables as CSV and Parquet, logs for ShiViz.
//!
//! ```text
//! inventory ─→ form (a file says itself that it is an export) ─→ plan ─→ table · shiviz ─→ Trial
//! ```
//!
//! Of a table everything is read back but what the export computed: it is computed anew. ShiViz's form has room for less;
//! `shiviz` says what it lacks.
//!
//! **Invariant.** A file that is cut or changed so that it is no export any more is refused, with the row.

mod refusal;
mod shiviz;
mod table;

use std::path::Path;

use events::Trial;

use super::compile::Compiled;
use super::inventory::{Content, Entry, Inventory, Is, unlike_a_log};
use super::line_stats::FileAccount;
use super::paths::Plan;
use super::source::{LogFile, TrialFiles};
use super::spec::{EventRule, Format};
use crate::exchange::shiviz::PARSER;
use files::note::{Note, Severity};
use refusal::Refusal;

/// Name of the format.
pub const NAME: &str = "exported";
/// Bytes from the beginning of a file that tell what it is.
const HEAD_BYTES: usize = 4096;

/// What kind of export a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Parquet,
    Shiviz,
}

/// The format. It has no rules for lines: an export names its own columns.
pub fn format() -> Format {
    Format {
        name: NAME.to_owned(),
        description: "what `analyze export` wrote: tables, and logs for ShiViz".to_owned(),
        events: vec![EventRule {
            kind: events::Kind::Internal,
            pattern: Some("^$".to_owned()),
            conditions: Default::default(),
            fields: Default::default(),
        }],
        ..Format::default()
    }
}

/// Whether a format is this one.
pub(super) fn is_format(compiled: &Compiled) -> bool {
    compiled.format().name == NAME
}

/// Whether a file is a table that `analyze export` wrote in Parquet.
pub fn is_parquet_table(path: &Path) -> bool {
    form(path, &Content::default()) == Some(Form::Parquet)
}

/// Whether all files that could be logs are exports, and one is there.
pub fn are_exports(inventory: &Inventory) -> bool {
    let mut files = inventory
        .entries()
        .filter(|entry| entry.is == Is::File)
        .map(|entry| (entry, form_of(entry)))
        .filter(|(entry, form)| form.is_some() || unlike_a_log(&entry.relative).is_none())
        .peekable();
    files.peek().is_some() && files.all(|(_, form)| form.is_some())
}

/// A trial's files for each export that an inventory lists.
pub(super) fn plan(inventory: &Inventory) -> Plan {
    let mut plan = Plan::default();
    for (root, entry) in inventory.files() {
        if form_of(entry).is_some() {
            let log = LogFile {
                path: entry.path.clone(),
                content: entry.content.clone(),
                ..LogFile::default()
            };
            let name = entry.file_name();
            plan.trials.push(TrialFiles {
                group: root.to_owned(),
                trial: name.split('.').next().unwrap_or(name).to_owned(),
                dir: entry.path.parent().unwrap_or(Path::new("")).to_owned(),
                files: vec![log],
                logs_missing: false,
            });
        } else {
            let others = plan.other_files.entry("not an export".to_owned());
            others.or_default().push(entry.path.display().to_string());
        }
    }
    plan
}

/// The trials of an export, with an account of its lines or rows.
pub(super) fn read(
    files: &TrialFiles,
    log: &LogFile,
    bytes: &[u8],
) -> Result<(Vec<Trial>, FileAccount), Note> {
    let read = match form_of_bytes(bytes) {
        Some(Form::Parquet) => table::parquet(bytes),
        Some(Form::Csv) => table::csv(bytes),
        Some(Form::Shiviz) => shiviz::read(files, bytes),
        None => Err(Refusal::new("an export", "something else")),
    };
    let (trials, headers) = read.map_err(|refusal| {
        let advice = "it is not read; export the trial again";
        let note = Note::new(
            Severity::Error,
            &log.path,
            refusal.expected,
            refusal.found,
            advice,
        );
        match refusal.line {
            Some(line) => note.at_line(line),
            None => note,
        }
    })?;
    let events: usize = trials.iter().map(Trial::len).sum();
    let lines_of_event = if form_of_bytes(bytes) == Some(Form::Shiviz) {
        2
    } else {
        1
    };
    let account = FileAccount {
        file: log.path.display().to_string(),
        bytes: bytes.len() as u64,
        lines: lines_of_event * events as u64 + headers,
        events: lines_of_event * events as u64,
        headers,
        ..FileAccount::default()
    };
    Ok((trials, account))
}

fn form_of(entry: &Entry) -> Option<Form> {
    match entry.is {
        Is::File if entry.earlier.is_empty() => form(&entry.path, &entry.content),
        _ => None,
    }
}

fn form(path: &Path, content: &Content) -> Option<Form> {
    let head = content.head(path, HEAD_BYTES).ok()?;
    match form_of_bytes(&head)? {
        // The names of columns stand at the end of the file.
        Form::Parquet => table::is_table(path).then_some(Form::Parquet),
        form => Some(form),
    }
}

fn form_of_bytes(head: &[u8]) -> Option<Form> {
    let line = head.split(|&byte| byte == b'\n').next()?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line == PARSER.as_bytes() {
        return Some(Form::Shiviz);
    }
    if head.starts_with(b"PAR1") {
        return Some(Form::Parquet);
    }
    let line = std::str::from_utf8(line).ok()?;
    table::is_header(line).then_some(Form::Csv)
}
