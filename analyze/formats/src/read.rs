//! One file, from its bytes to rows and an account of its lines.
//!
//! [`text`] lines taken apart by patterns · [`fields`] separated fields · [`json`] objects · [`reader`] what they
//! share.
//!
//! **Invariant.** Every line is entered in the account, once.

mod fields;
mod json;
mod object;
mod reader;
mod text;

use reader::Reader;

use super::compile::{Compiled, Scratch};
use super::decode::decode;
use super::gather::{FileState, Gathered};
use super::line_log::Ledger;
use super::line_stats::FileAccount;
use super::source::LogFile;
use super::spec::LineKind;
use files::note::{Note, Severity};

/// Reads the bytes of one file; `file` is its position among those of its trial. Gives the account of its lines, and the
/// notes on it.
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
    let holes = { holes.into_iter() }.filter_map(|line| u32::try_from(line).ok());
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
