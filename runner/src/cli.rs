//! The command line.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::{Config, read_file};
use crate::drive::sockets::machine_process;
use crate::interrupt::Interrupt;
use crate::options::TrialOptions;
use crate::progress::Progress;
use crate::{run, summary};

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
    Trial(Box<TrialArgs>),
    /// One machine of a trial; started by `trial`, not by hand
    #[command(hide = true)]
    Machine,
}

/// Runs trials of the scale model: machines of different speeds, each a process with a Lamport clock and a network
/// queue, that send each other messages over TCP on loopback. Every event is logged to a new folder.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct TrialArgs {
    #[command(flatten)]
    options: TrialOptions,

    /// Take options from a file: TOML, or the run.json of an earlier run to repeat it. Flags override it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// What to print at the end
    #[arg(
        long,
        value_enum,
        value_name = "human|json",
        default_value = "human",
        hide_default_value = true
    )]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table
    Human,
    /// One JSON object on stdout
    Json,
}

const EXAMPLES: &str = "\
Examples:
  runner trial                                    five trials of a minute, side by side
  runner trial --rates 1,3,6 --internal 0.2       fixed rates, few internal events
  runner trial --virtual --count 1000 --seed 7    a thousand trials in a blink, the same each time
  runner trial --speed 60 --count 20              real sockets, a minute in a second
  runner trial --config lab.toml --count 3        options from a file; flags override it
  runner trial --config logs/RUN/run.json         repeat an earlier run

Exit code: 0 every trial complete, 1 a trial aborted or degraded, 2 it could not be carried out.
Then: analyze logs/RUN --plot";

impl Cli {
    /// Does what was asked; returns the exit code.
    ///
    /// # Errors
    ///
    /// When it cannot be done at all: the message says what to do.
    pub fn run(self) -> anyhow::Result<u8> {
        match self.command {
            Command::Trial(arguments) => trial(*arguments),
            Command::Machine => {
                machine_process::run();
                Ok(0)
            }
        }
    }
}

fn trial(arguments: TrialArgs) -> anyhow::Result<u8> {
    let options = match &arguments.config {
        Some(file) => arguments.options.or(read_file(file)?),
        None => arguments.options,
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let config = Config::new(options, fresh_seed()?, processors)?;
    let outcome = run::run(&config, &Progress::on_stderr(), &Interrupt::listen())?;
    let text = match arguments.format {
        Format::Human => summary::human(&outcome),
        Format::Json => summary::json(&outcome)? + "\n",
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever read us has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written?,
    }
    Ok(outcome.exit_code())
}

/// A seed short enough to be typed again.
fn fresh_seed() -> io::Result<u64> {
    let mut seed = [0; 4];
    getrandom::fill(&mut seed).map_err(io::Error::other)?;
    Ok(u64::from(u32::from_le_bytes(seed)))
}
