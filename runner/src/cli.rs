//! The command line: one module for each subcommand, with its arguments, and what it does with them.

use std::io::{self, Write};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::drive::sockets::{hub_process, machine_process};

mod experiment;
mod trial;

/// Repeated trials of asynchronous machines, on real sockets or in virtual time.
#[derive(Debug, Parser)]
#[command(name = "runner", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run trials of the scale model and log every event
    ///
    /// Machines of different speeds, each a process with a Lamport clock and a network queue (many machines share processes),
    /// send each other messages over TCP on loopback. At each tick a machine takes a message from its queue or, if there is none, rolls a die: 1
    /// sends to one peer, 2 to another, 3 to all, anything else is an internal event. Every event becomes a row in a
    /// new folder.
    Trial(Box<trial::TrialArgs>),
    /// Run trials of several conditions, interleaved, from a file; resumable
    ///
    /// Everything goes into one new folder. The order is shuffled by the seed in blocks of one trial of each condition,
    /// so that an interruption leaves as many trials of each, and whatever drifts on the host meets all alike.
    Experiment(experiment::ExperimentArgs),
    /// One machine of a trial; started by `trial`, not by hand
    #[command(hide = true)]
    Machine,
    /// The hub of a trial; started by `trial`, not by hand
    #[command(hide = true)]
    Hub,
}

/// Why a shard without a seed is refused.
const SEED_FOR_SHARD: &str = "--shard: the parts of a run do not speak to each other, so all must be told the same chance: give --seed, the same for each";

/// What `analyze` asks for when it wants logs and keeps none; nobody types it.
#[derive(Debug, Clone, Copy, Args)]
struct StreamArgs {
    /// Write the trials, in virtual time, to standard output instead of a folder
    #[arg(long, hide = true, conflicts_with = "out")]
    stream: bool,

    /// Refuse to stream trials that may have more events
    #[arg(long, hide = true, value_name = "N", requires = "stream")]
    events_max: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table
    Human,
    /// One JSON object on stdout
    Json,
}

impl Cli {
    /// Does what was asked; returns the exit code.
    ///
    /// # Errors
    ///
    /// When it cannot be done at all: the message says what to do.
    pub fn run(self) -> anyhow::Result<u8> {
        match self.command {
            Command::Trial(arguments) => trial::execute(*arguments),
            Command::Experiment(arguments) => experiment::execute(arguments),
            Command::Machine => {
                machine_process::run();
                Ok(0)
            }
            Command::Hub => {
                hub_process::run();
                Ok(0)
            }
        }
    }
}

/// Prints a summary.
fn print(text: &str) -> io::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever read us has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A seed short enough to be typed again.
fn fresh_seed() -> io::Result<u64> {
    let mut seed = [0; 4];
    getrandom::fill(&mut seed).map_err(io::Error::other)?;
    Ok(u64::from(u32::from_le_bytes(seed)))
}
