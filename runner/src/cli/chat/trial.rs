//! `runner chat trial`.

use std::path::{Path, PathBuf};

use clap::Args;
use event_log::chat::ChatCondition;

use crate::chat::condition::ConditionFlags;
use crate::chat::config::ChatConfig;
use crate::chat::report::Report;
use crate::chat::run::run;
use crate::chat::schedule;
use crate::cli::flags::{fresh_seed, print, processors};
use crate::config::TRIALS_MAX;
use crate::interrupt::Interrupt;
use crate::progress::Progress;
use crate::storage::new_file::{NewFile, NewFileError};
use crate::summary::chat::human;
use crate::terminal::say;

/// Trials of a run, unless the user says otherwise.
const COUNT: u64 = 100;

/// What to run, and how.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct TrialArgs {
    /// In virtual time: no sockets, no waiting, the same for the same seed. Needed: there is no other yet
    #[arg(long = "virtual")]
    virtual_time: bool,

    /// How many trials to run [default: 100]
    #[arg(long, value_name = "N")]
    count: Option<u64>,

    /// Seed of all chance; drawn and printed when not given
    #[arg(long, value_name = "S")]
    seed: Option<u64>,

    #[command(flatten)]
    condition: ConditionFlags,

    /// What to do to servers, clients, links and disks. Without: nothing. Some are ready, see below
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,

    /// Go on after a trial that finds something
    #[arg(long)]
    keep_going: bool,

    /// Run only this trial of the run, counted from 0, and keep its logs. Needs the run's seed
    #[arg(long, value_name = "K", requires = "seed", conflicts_with = "count")]
    trial: Option<u64>,

    /// Keep the logs of every trial, with a row for each operation of a server
    #[arg(long)]
    detail: bool,

    /// Trials side by side [default: one per processor]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,

    /// Folder that receives the run's own new folder [default: logs]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Write the report as one JSON object too: to a new file, or with - to standard output, and the table to standard error
    #[arg(long, value_name = "FILE|-")]
    json: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  runner chat trial --virtual                     a hundred trials without faults
  runner chat trial --virtual --count 1000 --seed 7 --faults notebook/experiments/chat/storm.toml
  runner chat trial --virtual --faults notebook/experiments/chat/power.toml --tolerate partitions
  runner chat trial --virtual --heartbeat 100ms --suspect 500ms --faults notebook/experiments/chat/primary.toml
  runner chat trial --virtual --seed 7 --trial 204 --faults logs/RUN/trial-204/faults.toml   one again
  runner chat trial --virtual --count 100000 --seed 7 --keep-going --json report.json --faults FILE

Files of faults that are ready, each written to be read, in notebook/experiments/chat:
  storm.toml      servers and clients killed and paused, links held and broken, at random times
  points.toml     servers killed at the steps of the protocol: where bugs are
  power.toml      as points.toml, and the power fails: with it goes what was on its way to disks and others
  partition.toml  a server is cut off from the others, both ways or one way
  parted.toml     servers are cut off, and end and begin again before they meet the others
  slow.toml       slow links and disks, and disks that fail
  calm.toml       an ordinary day: servers restarted in turn, a new disk, calendars that are wrong
  primary.toml    the primary is killed once: how long do clients wait?
How they are written: runner chat faults --help. What can be done: runner chat faults --list

With --tolerate crashes any two of three servers may crash, and a partition makes two services, of
which one gives way: acknowledged messages are lost, and the servers name each of them (verdict
`lost_as_said`). What the wiped disk of one side alone would have named is found as S13.
With --tolerate partitions one may crash, and no partition loses anything. No group of three has both.

What is written, below logs/…-chat: run.json; summary.csv with a row for each trial; and for the first
20 trials with a finding (with --trial or --detail, for all) a folder: trial.json, the finding and its
evidence; faults.toml, its schedule with nothing left to chance; faults.jsonl, what was done;
client-N.csv and server-N.csv, what each did; journal.jsonl, lives and lost messages.

A run is undecided, and exits with 1, if something never happened in it that its faults should have
brought about in as many trials, such as a view of one server: then it has not tried what it is for.
So it is if nothing follows from one of its trials, as where servers wait for a disk that is lost.

Exit code: 0 all is well, 1 a finding, or undecided, or interrupted, 2 it could not be carried out.";

pub(super) fn execute(arguments: TrialArgs) -> anyhow::Result<u8> {
    if !arguments.virtual_time {
        anyhow::bail!(
            "trials of the chat service run in virtual time only, for now: add --virtual"
        );
    }
    let config = arguments.config()?;
    let json = arguments.json.as_deref().map(Json::open).transpose()?;
    let interrupt = Interrupt::listen();
    let outcome = run(&config, &Progress::on_stderr(), &interrupt)?;
    let report = Report::new(&config, &outcome);
    match json {
        Some(Json::StandardOutput) => {
            say(human(&report).trim_end());
            print(&report.json()?)?;
        }
        Some(Json::File(file)) => {
            print(&human(&report))?;
            file.write(&report.json()?).map_err(of_json)?;
        }
        None => print(&human(&report))?,
    }
    Ok(report.exit_code())
}

/// Where the report goes as JSON.
enum Json {
    StandardOutput,
    File(NewFile),
}

impl Json {
    /// Opened before the trials: what cannot be written is no surprise after them.
    fn open(path: &Path) -> anyhow::Result<Json> {
        if path == Path::new("-") {
            return Ok(Json::StandardOutput);
        }
        Ok(Json::File(NewFile::reserve(path).map_err(of_json)?))
    }
}

fn of_json(error: NewFileError) -> anyhow::Error {
    anyhow::anyhow!("--json {error}")
}

impl TrialArgs {
    fn config(&self) -> anyhow::Result<ChatConfig> {
        let condition = self.condition.over(&ChatCondition::default())?;
        let count = self.count.unwrap_or(COUNT);
        if !(1..=TRIALS_MAX).contains(&count) {
            anyhow::bail!("--count: {count} trials: a run takes 1 to {TRIALS_MAX}");
        }
        if self.trial.is_some_and(|trial| trial >= TRIALS_MAX) {
            anyhow::bail!("--trial: a run has at most {TRIALS_MAX} trials, counted from 0");
        }
        if self.jobs == Some(0) {
            anyhow::bail!("--jobs: 0 trials side by side: give at least 1");
        }
        Ok(ChatConfig {
            count,
            trial: self.trial,
            seed: match self.seed {
                Some(seed) => seed,
                None => fresh_seed()?,
            },
            faults: schedule::read(self.faults.as_deref(), &condition)?,
            faults_file: self.faults.clone(),
            condition,
            keep_going: self.keep_going,
            detail: self.detail,
            jobs: self.jobs.unwrap_or_else(processors).min(processors()),
            out: self.out.clone().unwrap_or_else(|| PathBuf::from("logs")),
        })
    }
}
