//! Logs of whatever format, as commands take them: the flag that names a format, and the notes on what was read.
//!
//! Whose the logs are, [`logs::origin`] decides.
//!
//! **Invariant.** What a format makes of the lines goes to standard error.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use events::Trial;

use super::streams;
use crate::analysis::{self, Analysis, Origin, Wanted};
use crate::report::Report;
use crate::table::line_stats::{in_a_line, not_read};
use files::parallel;
use formats::line_stats::{self, Account, UnreadLog};
use formats::read_all;
use logs::origin::{self, Detection, OriginError, Origins, Others, unexplained_lines};
use logs::scan;

/// Doubts of a guess that are shown.
const DOUBTS_SHOWN: usize = 2;
/// The longest doubt that is shown, in letters.
const DOUBT_LENGTH_MAX: usize = 160;

/// How logs are read that are not ours.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct LogFormat {
    /// Read logs of other programs in this format: a TOML file, or a built-in format by name (see `analyze formats`).
    /// Folders of ours among the paths are read as ours, beside them
    #[arg(long, value_name = "FILE|NAME")]
    log_format: Option<String>,
}

impl LogFormat {
    /// Analyses the logs under these paths: ours, others', or both side by side. What format they were taken for, and
    /// what became of their lines, goes to standard error.
    pub(super) fn analyse(&self, paths: &[PathBuf], wanted: Wanted) -> anyhow::Result<Analysis> {
        if are_summaries(paths)? {
            return Ok(analysis::analyse_all(&[Origin::Summaries(paths)], wanted)?);
        }
        let found = self.origins(paths)?;
        let own = (!found.ours.is_empty()).then_some(Origin::Own(&found.ours));
        let other = found
            .others
            .iter()
            .map(|others| Origin::Other(&others.inventory, &others.compiled));
        let origins: Vec<Origin<'_>> = own.into_iter().chain(other).collect();
        let analysis = analysis::analyse_all(&origins, wanted)?;
        let names = found.others.iter();
        let names: Vec<&str> = names
            .map(|others| others.compiled.format().name.as_str())
            .collect();
        said(&analysis.report, "read as", &names.join(" and "))?;
        Ok(analysis)
    }

    /// Analyses logs of ours and writes their summary to a file.
    pub(super) fn summarise(
        &self,
        paths: &[PathBuf],
        file: &Path,
        wanted: Wanted,
    ) -> anyhow::Result<Analysis> {
        if are_summaries(paths)? {
            bail!("--summary is made of logs, and these are summaries");
        }
        if !self.origins(paths)?.others.is_empty() {
            bail!(
                "--summary is made of logs of ours, as `runner` writes them; others' are analysed as they are"
            );
        }
        Ok(analysis::analyse_all(
            &[Origin::Summarised(paths, file)],
            wanted,
        )?)
    }

    /// Whose the logs are; what formats were found for those of others goes to standard error.
    pub(super) fn origins(&self, paths: &[PathBuf]) -> anyhow::Result<Origins> {
        let found = origin::find(paths, self.log_format.as_deref())?;
        for others in &found.others {
            if let Some(detection) = &others.detection {
                tell(detection, others.inventory.paths())?;
            }
        }
        Ok(found)
    }

    /// The trials under these paths, ours and others'.
    pub(super) fn trials(&self, paths: &[PathBuf]) -> anyhow::Result<Trials> {
        let found = self.origins(paths)?;
        let mut trials = read_each(&found.others)?;
        if !found.ours.is_empty() {
            let own = own_trials(&found.ours)?;
            trials.trials.splice(..0, own);
        }
        Ok(trials)
    }
}

/// Says in which format the logs are read, and what is uncertain of it.
fn tell(detection: &Detection, paths: &[PathBuf]) -> io::Result<()> {
    let mut stderr = streams::stderr();
    let account = &detection.account;
    let left_out = account.files.iter().flat_map(|file| file.ignored.values());
    let left_out: u64 = left_out.sum();
    let explained = match account.unread_logs.is_empty() {
        true => "100 % of",
        false => "what could be read,",
    };
    writeln!(
        stderr,
        "not logs of ours; the format {} explains {explained} {} lines in {} files, {left_out} of them by a rule that leaves \
         them out{}",
        detection.name,
        lines(account),
        account.files.len(),
        not_read(account),
    )?;
    for doubt in detection.doubts.iter().take(DOUBTS_SHOWN) {
        let why: String = doubt.why.chars().take(DOUBT_LENGTH_MAX).collect();
        let cut = if why.len() < doubt.why.len() {
            "…"
        } else {
            ""
        };
        writeln!(stderr, "not certain: {}: {why}{cut}", doubt.what)?;
    }
    if detection.doubts.len() > DOUBTS_SHOWN {
        let more = detection.doubts.len() - DOUBTS_SHOWN;
        let paths = words(paths);
        writeln!(
            stderr,
            "not certain: {more} more; `analyze guess {paths}` says what"
        )?;
    }
    Ok(())
}

fn lines(account: &Account) -> u64 {
    account.files.iter().map(|file| file.lines).sum()
}

/// Whether these are summaries rather than logs.
///
/// # Errors
///
/// When there are both.
pub(super) fn are_summaries(paths: &[PathBuf]) -> anyhow::Result<bool> {
    match paths.iter().filter(|path| origin::is_summary(path)).count() {
        0 => Ok(false),
        tables if tables == paths.len() => Ok(true),
        _ => bail!(
            "summaries and logs cannot be put together; write a summary of the logs as well, with --summary FILE.parquet"
        ),
    }
}

/// Refuses summaries, for what takes the events themselves.
pub(super) fn refuse_summaries(paths: &[PathBuf]) -> anyhow::Result<()> {
    match paths.iter().find(|path| origin::is_summary(path)) {
        None => Ok(()),
        Some(path) => Err(OriginError::Summary { path: path.clone() }.into()),
    }
}

/// Trials of whatever program.
#[derive(Default)]
pub(super) struct Trials {
    /// They themselves, in the order of the paths, their messages matched; those without an event are left out.
    pub(super) trials: Vec<Trial>,
    /// How many lines nothing explains; none of our own, whose flaws are notes.
    pub(super) unexplained: u64,
    /// Files that are not read and may be logs of others; of ours notes tell.
    pub(super) unread_logs: Vec<UnreadLog>,
}

/// The trials of other programs, each in its format.
pub(super) fn read_each(others: &[Others]) -> anyhow::Result<Trials> {
    let mut trials = Trials::default();
    for others in others {
        let read = read(others)?;
        trials.trials.extend(read.trials);
        trials.unexplained += read.unexplained;
        trials.unread_logs.extend(read.unread_logs);
    }
    Ok(trials)
}

/// Trials of ours; what is wrong with them, or with their folders, goes to standard error.
fn own_trials(paths: &[PathBuf]) -> anyhow::Result<Vec<Trial>> {
    let mut stderr = streams::stderr();
    let mut trials = Vec::new();
    let found = scan::find(paths)?;
    for note in found.notes() {
        writeln!(stderr, "{note}")?;
    }
    for place in &found.places {
        match scan::load(place) {
            Ok(loaded) => {
                for note in &loaded.notes {
                    writeln!(stderr, "{note}")?;
                }
                trials.push(loaded.trial);
            }
            Err(note) => writeln!(stderr, "{note}")?,
        }
    }
    Ok(trials)
}

/// The trials of another program, in this format. What became of their lines goes to standard error.
fn read(others: &Others) -> anyhow::Result<Trials> {
    let mut stderr = streams::stderr();
    let (inventory, compiled) = (&others.inventory, &others.compiled);
    let reading = read_all(inventory, compiled)?;
    let (name, lines) = (&compiled.format().name, in_a_line(&reading.account));
    writeln!(stderr, "read as {name}: {lines}")?;
    let unread = line_stats::warnings(&reading.account.unread_logs);
    for note in reading.notes.iter().chain(&unread) {
        writeln!(stderr, "{note}")?;
    }
    unexplained_lines(&reading.account)
        .iter()
        .try_for_each(|line| writeln!(stderr, "{line}"))?;
    let mut trials = reading.trials;
    trials.retain(|trial| !trial.is_empty());
    if trials.is_empty() {
        bail!(
            "no events in {}; name a format with --log-format",
            words(inventory.paths())
        );
    }
    Ok(Trials {
        trials: parallel::map(&trials, |trial| trial.clone().matched()),
        unexplained: reading.account.unexplained(),
        unread_logs: reading.account.unread_logs,
    })
}

fn words(paths: &[PathBuf]) -> String {
    let paths = paths.iter().map(|path| path.display().to_string());
    paths.collect::<Vec<String>>().join(" ")
}

/// Says what became of the lines.
fn said(report: &Report, how: &str, format: &str) -> io::Result<()> {
    let Some(account) = &report.account else {
        return Ok(());
    };
    let lines = in_a_line(account);
    writeln!(streams::stderr(), "{how} {format}: {lines}")
}
