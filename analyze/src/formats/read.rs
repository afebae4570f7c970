//! One file, from its bytes to rows and an account of its lines.
//!
//! [`text`] lines taken apart by patterns · [`fields`] separated fields · [`json`] objects. What they share is here: what
//! becomes of a record that a rule takes, and of a line that none does.
//!
//! **Invariant.** Every line is entered in the account, once.

mod fields;
mod json;
mod object;
mod text;

use std::path::Path;

use super::account::FileAccount;
use super::compile::{Claim, Compiled, Rule, Scratch};
use super::decode::decode;
use super::gather::{FileState, Gathered};
use super::ledger::{Class, Ledger};
use super::lines::Line;
use super::slot::Values;
use super::source::LogFile;
use super::spec::LineKind;
use crate::note::{Note, Severity};

/// Why a blank line that no rule takes is left out.
const BLANK: &str = "blank line";
/// Why a line of nothing but NUL bytes is left out.
const PADDING: &str = "NUL bytes only, as a crash leaves them";

/// Why a line is not put to any rule.
const TOO_LONG: &str = "longer than a mebibyte: no rule is put to such a line";
/// The longest line that patterns are put to, bytes.
const LINE_BYTES_MAX: usize = 1 << 20;

/// Some of the rules that have a pattern.
#[derive(Debug, Clone, Copy)]
enum Which {
    All,
    NotIgnored,
    Ignored,
}

/// A file being read.
struct Reader<'c, 'g> {
    compiled: &'c Compiled,
    path: &'g Path,
    scratch: Scratch,
    state: FileState<'c>,
    gathered: &'g mut Gathered,
    ledger: Ledger,
    /// Lines that are left out and may hold events.
    holes: Vec<u64>,
    /// The first line of NUL bytes, or with such bytes around its text.
    padded: Option<u64>,
    /// The last line, if it has no end and yet a rule took it.
    cut: Option<u64>,
    notes: Vec<Note>,
}

/// Reads the bytes of one file; `file` is its position among those of its trial. Gives the account of its lines, and what
/// is to be told of it.
pub(crate) fn file(
    compiled: &Compiled,
    file: u32,
    log: &LogFile,
    bytes: &[u8],
    gathered: &mut Gathered,
) -> (FileAccount, Vec<Note>) {
    let decoded = decode(bytes);
    let (state, refused) = FileState::new(compiled, file, log, gathered);
    let mut reader = Reader {
        compiled,
        path: &log.path,
        scratch: Scratch::new(compiled.rules()),
        state,
        gathered,
        ledger: Ledger::default(),
        holes: Vec::new(),
        padded: None,
        cut: None,
        notes: Vec::new(),
    };
    match compiled.kind() {
        LineKind::Text => text::read(&mut reader, &decoded.text),
        LineKind::Csv => fields::read(&mut reader, &decoded.text, b','),
        LineKind::Tsv => fields::read(&mut reader, &decoded.text, b'\t'),
        LineKind::Json => json::read(&mut reader, &decoded.text),
    }
    let Reader {
        state,
        gathered,
        ledger,
        holes,
        padded,
        cut,
        mut notes,
        ..
    } = reader;
    let holes = holes
        .into_iter()
        .filter_map(|line| u32::try_from(line).ok());
    let holes = ledger.unexplained.iter().copied().chain(holes);
    gathered.holes.extend(holes.map(|line| (file, line)));
    let mut note = |severity, line: Option<u64>, expected: &str, found: &str, advice: &str| {
        let note = Note::new(severity, &log.path, expected, found, advice);
        notes.push(match line {
            Some(line) => note.at_line(line),
            None => note,
        });
    };
    for wrong in refused {
        note(
            Severity::Warning,
            None,
            "a path as the format says",
            &wrong,
            "it counts as not said; correct `path` in [files]",
        );
    }
    if decoded.utf16 {
        note(
            Severity::Info,
            None,
            "UTF-8",
            "UTF-16",
            "it was read all the same",
        );
    }
    if decoded.not_utf8.is_some() {
        note(
            Severity::Warning,
            decoded.not_utf8,
            "UTF-8",
            "other bytes",
            "they are written \\xNN, for patterns too",
        );
    }
    if decoded.colours {
        note(
            Severity::Info,
            None,
            "plain text",
            "control sequences of a terminal",
            "they were left out before matching",
        );
    }
    let padded = padded.into_iter().chain(decoded.nul).min();
    if padded.is_some() {
        note(
            Severity::Warning,
            padded,
            "text",
            "NUL bytes, as a crash leaves them",
            "they were left out before matching; lines may be missing here",
        );
    }
    if cut.is_some() {
        note(
            Severity::Info,
            cut,
            "a line end at the end of the file",
            "none",
            "the last line was read, but it may be cut off",
        );
    }
    for wrong in state.finish(gathered) {
        note(
            Severity::Warning,
            None,
            "times that name one instant",
            &wrong,
            "times are kept as they were read",
        );
    }
    let account = FileAccount {
        file: log.path.display().to_string(),
        bytes: bytes.len() as u64,
        ..ledger.account
    };
    (account, notes)
}

impl Reader<'_, '_> {
    /// What becomes of a text by the rules that have a pattern; nothing, if none takes it.
    fn by_pattern(&mut self, text: &str, line: u64, which: Which) -> Option<Class> {
        if text.len() > LINE_BYTES_MAX {
            return None;
        }
        let rules = self.compiled.rules();
        let ignores = rules.len() - self.compiled.format().ignored.len();
        let which = match which {
            Which::All => 0..rules.len(),
            Which::NotIgnored => 0..ignores,
            Which::Ignored => ignores..rules.len(),
        };
        let (rule, values) = self.scratch.text(rules, which, text)?;
        Some(self.take(rule, &values, line))
    }

    /// What becomes of a record that a rule takes.
    fn take(&mut self, rule: &Rule, values: &Values, line: u64) -> Class {
        let (taken, class) = match &rule.claim {
            Claim::Event(kind) => (
                self.state.event(self.gathered, line, *kind, values),
                Class::Event,
            ),
            Claim::Header { begins_trial } => (
                self.state
                    .header(self.gathered, line, *begins_trial, values),
                Class::Header,
            ),
            Claim::Ignore {
                reason,
                may_hold_events,
            } => {
                if *may_hold_events {
                    self.holes.push(line);
                }
                return Class::Ignored(reason.clone());
            }
        };
        match taken {
            Ok(()) => class,
            Err(wrong) => Class::Unexplained(format!("{} takes it, but {wrong}", rule.place)),
        }
    }

    /// Enters a line by what a rule made of it; without one, as blank or unexplained.
    fn enter(&mut self, line: &Line, taken: Option<Class>, why_not: &str) {
        self.watch(line, taken.as_ref());
        let class = taken.unwrap_or_else(|| {
            if line.text.is_empty() && line.padded {
                Class::Ignored(PADDING.to_owned())
            } else if line.text.trim().is_empty() {
                Class::Ignored(BLANK.to_owned())
            } else if line.text.len() > LINE_BYTES_MAX {
                Class::Unexplained(TOO_LONG.to_owned())
            } else if line.ended {
                Class::Unexplained(why_not.to_owned())
            } else {
                Class::Unexplained(format!(
                    "truncated: the file ends within this line, and {why_not}"
                ))
            }
        });
        self.ledger.enter(class, line.number, 1, line.text);
    }

    /// Remembers what is to be told of a line.
    fn watch(&mut self, line: &Line, taken: Option<&Class>) {
        if line.padded && self.padded.is_none() {
            self.padded = Some(line.number);
        }
        if !line.ended && matches!(taken, Some(Class::Event | Class::Header)) {
            self.cut = Some(line.number);
        }
    }
}
