//! What several commands say.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::streams::Text;
use crate::check::InWords;
use crate::replay::Replay;
use crate::report::Report;
use crate::table;
use files::note::{Note, Severity};

/// How many notes are shown unless all are asked for.
const NOTES_SHOWN: usize = 20;
/// How many violations are shown with their proofs.
const VIOLATIONS_SHOWN: usize = 5;
/// The folder of all figures, by default.
pub(super) const FIGURES: &str = "figures";
/// The longest name of a figures' folder that is made of the runs' names.
const NAME_LENGTH_MAX: usize = 100;

/// The notes, the gravest first where not all are shown.
pub(super) fn notes(to: &mut impl Write, notes: &[Note], all: bool) -> io::Result<()> {
    if all || notes.len() <= NOTES_SHOWN {
        return notes.iter().try_for_each(|note| writeln!(to, "{note}"));
    }
    let mut gravest: Vec<&Note> = notes.iter().collect();
    gravest.sort_by_key(|note| std::cmp::Reverse(note.severity));
    for note in &gravest[..NOTES_SHOWN] {
        writeln!(to, "{note}")?;
    }
    let count = |severity| {
        gravest[NOTES_SHOWN..]
            .iter()
            .filter(|note| note.severity == severity)
            .count()
    };
    writeln!(
        to,
        "and {} errors, {} warnings, {} notes more; --all or --json shows them",
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Info),
    )
}

/// The tables that answer what was asked.
pub(super) fn tables(to: &mut Text<impl Write>, report: &Report, all: bool) -> io::Result<()> {
    let tables = table::answer(report, all);
    tables.iter().try_for_each(|table| {
        to.table(table)?;
        writeln!(to)
    })
}

/// What the check found: the first violations with their proofs, then the sum. `elsewhere` is the number of violations that
/// are shown in words of their own.
pub(super) fn verdict(to: &mut impl Write, report: &Report, elsewhere: u64) -> io::Result<()> {
    for violation in report.violations.iter().take(VIOLATIONS_SHOWN) {
        writeln!(to, "{}\n", InWords(violation))?;
    }
    let shown = report.violations.len().min(VIOLATIONS_SHOWN) as u64;
    let more = report.check.violated().saturating_sub(shown + elsewhere);
    if more > 0 {
        writeln!(
            to,
            "and {more} violations more; --json has the proofs of up to 1000\n"
        )?;
    }
    writeln!(to, "check: {}", report.check)?;
    match &report.replay {
        Some(replay) => self::replay(to, replay),
        None => Ok(()),
    }
}

/// What running trials again has shown: the first differences with their proofs, then the sum.
fn replay(to: &mut impl Write, replay: &Replay) -> io::Result<()> {
    for difference in replay.differences.iter().take(VIOLATIONS_SHOWN) {
        writeln!(to, "\n{difference}")?;
    }
    let more = replay.differences.len().saturating_sub(VIOLATIONS_SHOWN);
    if more > 0 {
        writeln!(
            to,
            "\nand {more} differences more; --json has the proofs of up to 1000"
        )?;
    }
    writeln!(to, "replay: {replay}")
}

/// Where figures go by default: figures/<run>, or for several runs the folder above them, or their names joined.
pub(super) fn figures_dir(paths: &[PathBuf], report: &Report) -> PathBuf {
    let mut runs: Vec<&str> = report
        .trials
        .iter()
        .map(|trial| trial.run.as_str())
        .collect();
    runs.dedup();
    runs.sort_unstable();
    runs.dedup();
    let name = match (runs.as_slice(), paths) {
        ([run], _) => (*run).to_owned(),
        (_, [path]) => folder_name(path),
        _ => runs.join("+"),
    };
    let name = if name.is_empty() || name.len() > NAME_LENGTH_MAX {
        format!("{}-runs", runs.len())
    } else {
        name
    };
    Path::new(FIGURES).join(name)
}

fn folder_name(path: &Path) -> String {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = real.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
