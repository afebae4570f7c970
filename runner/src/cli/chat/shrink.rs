//! `runner chat shrink`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use event_log::chat::{ChatCondition, ChatTrialManifest};
use event_log::{ManifestHead, System, layout};

use crate::chat::commands::repeat;
use crate::chat::condition::ConditionFlags;
use crate::chat::schedule;
use crate::chat::shrink::{Smaller, Subject, smaller};
use crate::cli::flags::print;
use crate::config::span::span_text;
use crate::interrupt::Interrupt;
use crate::numerals::counted;
use crate::storage::new_file::{NewFile, NewFileError};
use crate::terminal::say;

/// Which trial.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
#[command(group = ArgGroup::new("which").required(true).args(["folder", "faults"]))]
pub(in crate::cli) struct ShrinkArgs {
    /// The folder of a trial that found something: logs/RUN/trial-N
    #[arg(value_name = "FOLDER", conflicts_with_all = ["seed", "trial", "clients", "rate", "duration", "tolerate", "heartbeat", "suspect", "latency", "flush"])]
    folder: Option<PathBuf>,

    /// Or a trial that left no folder: its faults
    #[arg(long, value_name = "FILE", requires = "seed", requires = "trial")]
    faults: Option<PathBuf>,

    /// The seed of its run
    #[arg(long, value_name = "S", requires = "faults")]
    seed: Option<u64>,

    /// Its number, from 0
    #[arg(long, value_name = "N", requires = "faults")]
    trial: Option<u64>,

    #[command(flatten)]
    condition: ConditionFlags,

    /// Where the smaller schedule goes [default: faults.min.toml, in the trial's folder or here]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

const HELP: &str = "\
Examples:
  runner chat shrink logs/RUN/trial-204
  runner chat shrink --seed 7 --trial 204 --faults notebook/experiments/chat/points.toml --tolerate partitions

Faults are taken away in larger and smaller groups as long as the trial still finds a violation of the
same property, or loses messages as said (delta debugging); those that are left are made shorter; then
clients are taken away, and time. Each step is a trial that is run. Ctrl-C ends the search and keeps the smallest so far.
No file is overwritten: move an earlier one, or give another name with --out.

Exit code: 0 a schedule is written, 1 the trial finds nothing, or was interrupted, 2 it could not be carried out.";

pub(super) fn execute(arguments: ShrinkArgs) -> anyhow::Result<u8> {
    let subject = arguments.subject()?;
    let out = arguments.out();
    // Before the search: what cannot be written is no surprise after it.
    let file = NewFile::reserve(&out).map_err(of_out)?;
    let interrupt = Interrupt::listen();
    let run = |subject: &Subject| subject.findings(interrupt.flag());
    let Some(found) = smaller(&subject, run, say) else {
        let (trial, seed) = (subject.trial, subject.seed);
        say(&match interrupt.is_set() {
            true => format!(
                "interrupted before trial {trial} of seed {seed} had come to its end; nothing is written"
            ),
            false => format!(
                "trial {trial} of seed {seed} finds nothing: either it never did, or this release does not; nothing is written"
            ),
        });
        return Ok(1);
    };
    let again = repeat(
        &found.subject.condition,
        subject.seed,
        subject.trial,
        Some(&out),
    );
    let comments = [found.finding.to_string(), again.clone()];
    let text = schedule::text(&found.subject.plain, &comments)?;
    if let Err(error) = file.write(&text) {
        // It took long to find: better on the screen than gone.
        print(&text)?;
        return Err(of_out(error));
    }
    print(&report(&subject, &found, &out, &again))?;
    Ok(0)
}

fn of_out(error: NewFileError) -> anyhow::Error {
    anyhow::anyhow!("--out {error}")
}

fn report(subject: &Subject, found: &Smaller, out: &Path, again: &str) -> String {
    let (first, last) = (&subject.condition, &found.subject.condition);
    format!(
        "{}: {}\n{} before, {} after; {} before, {} after; {} before, {} after; {}\nwritten to {}\nagain: {again}\n",
        found.finding,
        found.evidence,
        counted(found.before as u64, "fault"),
        found.after,
        counted(first.clients.into(), "client"),
        last.clients,
        span_text(first.duration_ns),
        span_text(last.duration_ns),
        counted(found.runs, "run"),
        out.display()
    )
}

impl ShrinkArgs {
    fn subject(&self) -> anyhow::Result<Subject> {
        if let Some(folder) = &self.folder {
            return of_folder(folder);
        }
        let (Some(seed), Some(trial)) = (self.seed, self.trial) else {
            anyhow::bail!("--faults: which trial? give --seed and --trial too");
        };
        let condition = self.condition.over(&ChatCondition::default())?;
        let faults = schedule::read(self.faults.as_deref(), &condition)?;
        Ok(Subject {
            plain: schedule::plain(&faults, &condition, seed, trial),
            condition,
            seed,
            trial,
        })
    }

    fn out(&self) -> PathBuf {
        let beside = self.folder.clone().unwrap_or_default();
        let usual = || beside.join(layout::FAULTS_MIN_FILE);
        self.out.clone().unwrap_or_else(usual)
    }
}

/// The trial of a folder.
fn of_folder(folder: &Path) -> anyhow::Result<Subject> {
    let path = folder.join(layout::TRIAL_FILE);
    if !path.is_file() && folder.join(layout::RUN_FILE).is_file() {
        anyhow::bail!(
            "{}: a run, not a trial: give one of the folders trial-N in it; only trials that found something have one",
            folder.display()
        );
    }
    let fail = |problem: String| anyhow::anyhow!("{}: {problem}", path.display());
    let text = fs::read_to_string(&path).map_err(|error| {
        fail(format!(
            "cannot be read ({error}); expected the folder of a trial, logs/RUN/trial-N"
        ))
    })?;
    let head: ManifestHead = serde_json::from_str(&text)
        .map_err(|error| fail(format!("{error}; expected the manifest of a trial")))?;
    if head.system != System::Chat {
        return Err(fail(format!(
            "a trial of the {}: only trials of the chat service are looked at for something smaller",
            head.system.name()
        )));
    }
    if head.format_version != System::Chat.format_version() {
        return Err(fail(format!(
            "format version {}: this runner reads version {}; use the release that wrote it",
            head.format_version,
            System::Chat.format_version()
        )));
    }
    let manifest: ChatTrialManifest =
        serde_json::from_str(&text).map_err(|error| fail(format!("{error}; was it edited?")))?;
    let condition = manifest.condition;
    let faults = folder.join(layout::FAULTS_FILE);
    Ok(Subject {
        plain: schedule::read(Some(&faults), &condition)?,
        condition,
        seed: manifest.seed,
        trial: manifest.trial,
    })
}
