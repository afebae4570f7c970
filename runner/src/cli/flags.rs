//! The flags that `trial` and `experiment` share, and their effects.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use driver::StorageError;

use crate::outcome::RunOutcome;
use crate::scratch::Scratch;
use crate::shard::Shard;
use crate::terminal::say;

/// Which part of a run, and what to print of it.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct RunFlags {
    /// Run only part i of n, counted from 0: the trials whose numbers leave i when divided by n. Parts share the folder
    /// OUT/NAME; copied together from several disks they are the whole run. Needs a seed
    #[arg(long, value_name = "I/N")]
    pub(super) shard: Option<Shard>,

    #[command(flatten)]
    pub(super) scratch: ScratchArgs,

    /// What to print at the end
    #[arg(
        long,
        value_enum,
        value_name = "human|json",
        default_value = "human",
        hide_default_value = true
    )]
    pub(super) format: Format,
}

/// Why a shard without a seed is refused.
pub(super) const SEED_FOR_SHARD: &str = "--shard: the parts of a run do not speak to each other, so all need the same chance: give --seed, the same for each";

/// Flags that `analyze` uses when it needs logs for a while; users do not type them.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct ScratchArgs {
    /// Make the run, in virtual time, in a temporary folder, say where, and keep it until standard input closes
    #[arg(long, hide = true, conflicts_with = "out")]
    pub(super) scratch: bool,

    /// Refuse a scratch run that may have more events
    #[arg(long, hide = true, value_name = "N", requires = "scratch")]
    pub(super) events_max: Option<u64>,
}

impl ScratchArgs {
    /// The temporary folder, if one is asked for.
    pub(super) fn begin(self) -> Result<Option<Scratch>, StorageError> {
        self.scratch.then(Scratch::new).transpose()
    }
}

/// Keeps a complete scratch run, and prints the summary of any other; returns the exit code.
pub(super) fn keep(
    scratch: Scratch,
    run: &RunOutcome,
    events: u64,
    summary: &str,
) -> io::Result<u8> {
    if run.exit_code() == 0 {
        scratch.keep(&run.folder, events)?;
    } else {
        say(summary);
    }
    Ok(run.exit_code())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A table
    Human,
    /// One JSON object on stdout
    Json,
}

/// Prints a summary.
pub(super) fn print(text: &str) -> io::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        // The reader has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

pub(super) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A seed short enough to be typed again.
pub(super) fn fresh_seed() -> io::Result<u64> {
    let mut seed = [0; 4];
    getrandom::fill(&mut seed).map_err(io::Error::other)?;
    Ok(u64::from(u32::from_le_bytes(seed)))
}
