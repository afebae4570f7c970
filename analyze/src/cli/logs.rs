//! Logs of whatever format: ours, or in one that is named, or in the one that they tell themselves.
//!
//! `other_logs` decides, for every command. Logs of ours are never guessed. Others' are read in the format that
//! [`told()`] finds, if it explains every line.
//!
//! **Invariant.** Lines that are not understood are never passed over: they are shown, and the command ends.

mod told;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use event_log::layout::{RUN_FILE, TRIAL_FILE};
use told::{told, unexplained_lines};

use super::streams;
use crate::analysis::{self, Analysis, Origin, Wanted};
use crate::formats::account::{self, UnreadLog};
use crate::formats::builtin::builtin;
use crate::formats::exported;
use crate::formats::spec::Format;
use crate::formats::told::unexplained;
use crate::formats::{Compiled, Inventory, read_all};
use crate::input;
use crate::parallel;
use crate::report::Report;
use crate::scan::{self, ScanError};
use crate::table::account::in_a_line;
use events::Trial;

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
        let (ours, others) = by_origin(paths, self.log_format.as_deref())?;
        let own = (!ours.is_empty()).then_some(Origin::Own(&ours));
        let other = others
            .iter()
            .map(|(inventory, compiled)| Origin::Other(inventory, compiled));
        let origins: Vec<Origin<'_>> = own.into_iter().chain(other).collect();
        let analysis = analysis::analyse_all(&origins, wanted)?;
        let names: Vec<&str> = others
            .iter()
            .map(|(_, compiled)| compiled.format().name.as_str())
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
        if self.other(paths)?.is_some() {
            bail!(
                "--summary is made of logs of ours, as `runner` writes them; others' are analysed as they are"
            );
        }
        Ok(analysis::analyse_all(
            &[Origin::Summarised(paths, file)],
            wanted,
        )?)
    }

    /// The format of logs that are not ours; none if they are.
    pub(super) fn other(&self, paths: &[PathBuf]) -> anyhow::Result<Option<Compiled>> {
        let other = other_logs(paths, self.log_format.as_deref())?;
        Ok(other.map(|(_, compiled)| compiled))
    }

    /// Which paths hold logs of ours, and in which formats to read the others.
    pub(super) fn by_origin(
        &self,
        paths: &[PathBuf],
    ) -> anyhow::Result<(Vec<PathBuf>, Vec<OtherLogs>)> {
        by_origin(paths, self.log_format.as_deref())
    }

    /// The trials under these paths, whoever wrote them.
    pub(super) fn trials(&self, paths: &[PathBuf]) -> anyhow::Result<Trials> {
        trials(paths, self.log_format.as_deref())
    }
}

/// Whether these are summaries rather than logs.
///
/// # Errors
///
/// When there are both.
pub(super) fn are_summaries(paths: &[PathBuf]) -> anyhow::Result<bool> {
    match paths.iter().filter(|path| is_table(path)).count() {
        0 => Ok(false),
        tables if tables == paths.len() => Ok(true),
        _ => bail!(
            "summaries and logs cannot be put together; write a summary of the logs as well, with --summary FILE.parquet"
        ),
    }
}

/// Whether this is called as a summary is, and is no exported table.
pub(super) fn is_table(path: &Path) -> bool {
    let is_parquet = path.extension().is_some_and(|kind| kind == "parquet");
    is_parquet && !path.is_dir() && !exported::is_parquet_table(path)
}

/// Refuses summaries, for what takes the events themselves.
pub(super) fn refuse_summaries(paths: &[PathBuf]) -> anyhow::Result<()> {
    match paths.iter().find(|path| is_table(path)) {
        None => Ok(()),
        Some(table) => bail!(
            "{}: expected logs, found a Parquet file; a summary has no rows of events: pass the logs",
            table.display()
        ),
    }
}

/// Others' logs, and the format to read them in.
pub(super) type OtherLogs = (Inventory, Compiled);

/// Which paths hold logs of ours, and in which formats to read the others. A format that is named is for all paths if all
/// are ours or none is, else for the others.
fn by_origin(
    paths: &[PathBuf],
    log_format: Option<&str>,
) -> anyhow::Result<(Vec<PathBuf>, Vec<OtherLogs>)> {
    let (ours, others) = partitioned(paths);
    if ours.is_empty() || others.is_empty() {
        return Ok(match (other_logs(paths, log_format), paths.len()) {
            (Ok(None), _) => (paths.to_vec(), Vec::new()),
            (Ok(Some(other)), _) => (Vec::new(), vec![other]),
            (Err(joint), 2..) if log_format.is_none() && ours.is_empty() => {
                (Vec::new(), told_apart(paths, joint)?)
            }
            (Err(error), _) => return Err(error),
        });
    }
    let inventory = Inventory::of(&others)?;
    let others = match log_format {
        Some(name) => vec![(inventory, compiled(name)?)],
        None => match told(&inventory) {
            Ok(compiled) => vec![(inventory, compiled)],
            Err(joint) => told_apart(&others, joint)?,
        },
    };
    Ok((ours, others))
}

/// The paths that hold logs of ours, and those that do not.
fn partitioned(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<PathBuf>) {
    match paths {
        // Whether the only path is ours is found out when it is searched.
        [_] => (paths.to_vec(), Vec::new()),
        _ => paths.iter().cloned().partition(|path| holds_ours(path)),
    }
}

/// The formats of others' logs, one for each folder, where one for all of them does not explain every line.
fn told_apart(paths: &[PathBuf], joint: anyhow::Error) -> anyhow::Result<Vec<OtherLogs>> {
    if paths.len() < 2 || !paths.iter().all(|path| path.is_dir()) {
        return Err(joint);
    }
    let alone = paths.iter().map(|path| {
        let inventory = Inventory::of(std::slice::from_ref(path))?;
        let compiled = told(&inventory)?;
        Ok((inventory, compiled))
    });
    alone.collect()
}

/// Trials of whatever program.
#[derive(Default)]
pub(super) struct Trials {
    /// They themselves, in the order of the paths, their messages matched; those without an event are left out.
    pub(super) trials: Vec<Trial>,
    /// How many lines nothing explains; none of our own, whose flaws are told as notes.
    pub(super) unexplained: u64,
    /// Files that are not read and may be logs of others; of ours notes tell.
    pub(super) unread_logs: Vec<UnreadLog>,
}

/// The trials under these paths: ours, or others' in the format that is named or that they tell themselves. What is to be
/// told of them goes to standard error.
pub(super) fn trials(paths: &[PathBuf], log_format: Option<&str>) -> anyhow::Result<Trials> {
    refuse_summaries(paths)?;
    let (ours, others) = by_origin(paths, log_format)?;
    let mut trials = read_each(&others)?;
    if !ours.is_empty() {
        let own = own_trials(&ours)?;
        trials.trials.splice(..0, own);
    }
    Ok(trials)
}

/// The trials of other programs, each in its format.
pub(super) fn read_each(others: &[OtherLogs]) -> anyhow::Result<Trials> {
    let mut trials = Trials::default();
    for (inventory, compiled) in others {
        let read = read(inventory, compiled)?;
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
fn read(inventory: &Inventory, compiled: &Compiled) -> anyhow::Result<Trials> {
    let mut stderr = streams::stderr();
    let reading = read_all(inventory, compiled)?;
    let (name, lines) = (&compiled.format().name, in_a_line(&reading.account));
    writeln!(stderr, "read as {name}: {lines}")?;
    let unread = account::warnings(&reading.account.unread_logs);
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
        unexplained: unexplained(&reading.account),
        unread_logs: reading.account.unread_logs,
    })
}

/// The logs under these paths that are not ours, in the format that is named, or the one that they tell themselves; none if
/// they are ours.
///
/// # Errors
///
/// When there is nothing to read, when there are summaries, or when lines remain that no format explains: they are shown, with what to do.
fn other_logs(paths: &[PathBuf], log_format: Option<&str>) -> anyhow::Result<Option<OtherLogs>> {
    refuse_summaries(paths)?;
    if let Some(name) = log_format {
        let compiled = compiled(name)?;
        return Ok(Some((Inventory::of(paths)?, compiled)));
    }
    let (ours, others) = partitioned(paths);
    if !ours.is_empty() && !others.is_empty() {
        return Err(two_calls(&ours, &others));
    }
    match scan::find(paths) {
        Ok(_) => Ok(None),
        Err(error @ (ScanError::Nothing { .. } | ScanError::File { .. })) => {
            if paths.iter().any(|path| holds_ours(path)) {
                return Err(error.into());
            }
            let inventory = Inventory::of(paths)?;
            let compiled = told(&inventory)?;
            Ok(Some((inventory, compiled)))
        }
        Err(error) => Err(error.into()),
    }
}

fn two_calls(ours: &[PathBuf], others: &[PathBuf]) -> anyhow::Error {
    anyhow!(
        "{} holds logs of ours and {} does not: pass them in two calls",
        words(ours),
        words(others)
    )
}

/// Whether a path holds logs of ours, or is a file of a trial of ours.
fn holds_ours(path: &Path) -> bool {
    if path.is_dir() {
        return scan::find(&[path.to_owned()]).is_ok();
    }
    let beside = path.with_file_name(TRIAL_FILE);
    beside.is_file() || path.with_file_name(RUN_FILE).is_file()
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

/// The format of this name or in this file.
pub(super) fn compiled(name: &str) -> anyhow::Result<Compiled> {
    let file = Path::new(name);
    let known = builtin().iter().find(|format| format.name == name);
    let format: Format = match known {
        Some(format) if !file.is_file() => format.clone(),
        _ if file.is_file() => {
            let text =
                input::text(file).with_context(|| format!("cannot read the format {name}"))?;
            Format::from_toml(&text, file)?
        }
        _ => {
            let names: Vec<&str> = builtin()
                .iter()
                .map(|format| format.name.as_str())
                .collect();
            bail!(
                "{name} is neither a file nor a built-in format; there are {}",
                names.join(", ")
            );
        }
    };
    Ok(Compiled::new(&format)?)
}
