//! `runner experiment`.

use std::io;
use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::flags::{Format, RunFlags, SEED_FOR_SHARD, fresh_seed, print, processors};
use crate::experiment::Experiment;
use crate::experiment::conduct::{conduct, go_on};
use crate::experiment::expand::{Choices, Drivers, Surroundings};
use crate::experiment::file;
use crate::interrupt::Interrupt;
use crate::progress::Progress;
use crate::summary;

/// What to run, and how.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group = ArgGroup::new("what").required(true).args(["file", "resume"]))]
#[command(group = ArgGroup::new("drivers").args(["virtual_time", "sockets", "both"]).conflicts_with("resume"))]
pub(super) struct ExperimentArgs {
    /// The experiment: TOML as below, or the run.json of an earlier one to repeat it
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// Go on with an interrupted run: complete trials are kept, all others run
    #[arg(long, value_name = "RUN", conflicts_with_all = ["count", "seed", "out", "shard"])]
    resume: Option<PathBuf>,

    /// Run every condition in virtual time
    #[arg(long = "virtual")]
    virtual_time: bool,

    /// Run every condition on real sockets
    #[arg(long)]
    sockets: bool,

    /// Run every condition on both; what only one driver knows ([base] latency, speed, on_disconnect, per_process) goes to that one
    #[arg(long)]
    both: bool,

    /// Trials of each condition, instead of the file's [default: 5]
    #[arg(long, value_name = "N")]
    count: Option<u64>,

    /// Trials side by side [default: on sockets up to 64 machines in all; in virtual time one per processor]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,

    /// Seed of order and chance, instead of the file's; drawn and recorded when neither gives one
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Folder that receives the run's own new folder [default: logs]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    #[command(flatten)]
    run: RunFlags,
}

const EXAMPLES: &str = "\
The file:
  question = \"Do internal events make queues shorter?\"    # optional, for the record
  count = 40                        # trials of each condition
  seed = 7                          # optional

  [base]                            # any option of `runner trial`, for all conditions
  rates = [1, 3, 6]

  [grid]                            # options that vary: every combination is a condition
  internal = [0.0, 0.3, 0.6, 0.9]
  drain = [\"one\", \"all\"]

  [[condition]]                     # or a list; with a grid, crossed with it
  label = \"wide range\"
  rate_range = \"1..6\"

  [[condition]]
  label = \"narrow range\"
  rate_range = \"3..4\"

Examples:
  runner experiment notebook/experiments/internal-sweep.toml --virtual
  runner experiment sweep.toml --both --count 10   every condition on sockets and in virtual time
  runner experiment --resume logs/RUN              after an interruption
  runner experiment sweep.toml --seed 7 --shard 0/8   one of eight jobs that share logs/sweep; runner trial --help
  runner experiment logs/RUN/run.json              the same again, in a new folder

Exit code: 0 every trial complete, 1 a trial aborted, degraded or not begun, 2 not carried out.
Then: analyze logs/RUN --plot";

pub(super) fn execute(arguments: ExperimentArgs) -> anyhow::Result<u8> {
    let RunFlags { shard, stream, .. } = arguments.run;
    if stream.stream {
        let experiment = arguments.experiment()?;
        let mut tasks = experiment.tasks();
        tasks.retain(|task| shard.is_none_or(|shard| shard.holds(task.trial)));
        return Ok(crate::stream::stream(&tasks, stream.events_max)?);
    }
    let progress = Progress::on_stderr();
    let outcome = match &arguments.resume {
        Some(run) => {
            let interrupt = Interrupt::listen();
            go_on(run, arguments.jobs, surroundings()?, &progress, &interrupt)?
        }
        None => {
            let experiment = arguments.experiment()?;
            let interrupt = Interrupt::listen();
            conduct(&experiment, arguments.run.shard, &progress, &interrupt)?
        }
    };
    print(&match arguments.run.format {
        Format::Human => summary::experiment::human(&outcome),
        Format::Json => summary::experiment::json(&outcome)? + "\n",
    })?;
    Ok(outcome.run.exit_code())
}

fn surroundings() -> io::Result<Surroundings> {
    Ok(Surroundings {
        seed: fresh_seed()?,
        processors: processors(),
    })
}

impl ExperimentArgs {
    /// The experiment that the file says, as the flags change it.
    fn experiment(&self) -> anyhow::Result<Experiment> {
        let drivers = match (self.virtual_time, self.sockets, self.both) {
            (true, _, _) => Drivers::Virtual,
            (_, true, _) => Drivers::Sockets,
            (_, _, true) => Drivers::Both,
            _ => Drivers::AsWritten,
        };
        let choices = Choices {
            drivers,
            count: self.count,
            seed: self.seed,
            jobs: self.jobs,
            out: self.out.clone(),
        };
        let Some(path) = &self.file else {
            anyhow::bail!("expected a file, or --resume and the folder of a run");
        };
        let draft = file::read(path)?;
        if self.run.shard.is_some() && choices.seed.or(draft.seed).is_none() {
            anyhow::bail!(SEED_FOR_SHARD);
        }
        Ok(Experiment::new(path, draft, choices, surroundings()?)?)
    }
}
