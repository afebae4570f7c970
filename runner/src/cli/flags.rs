//! The flags that `trial` and `experiment` share, and their effects.

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use crate::shard::Shard;

/// Which part of a run, and what to print of it.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct RunFlags {
    /// Run only part i of n, counted from 0: the trials whose numbers leave i when divided by n. Parts share the folder
    /// OUT/NAME; copied together from several disks they are the whole run. Needs a seed
    #[arg(long, value_name = "I/N")]
    pub(super) shard: Option<Shard>,

    #[command(flatten)]
    pub(super) stream: StreamFlags,

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

/// Flags that `analyze` uses when it needs trials and keeps none; users do not type them.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct StreamFlags {
    /// Write the trials, in virtual time, to standard output instead of a folder
    #[arg(long, hide = true, conflicts_with = "out")]
    pub(super) stream: bool,

    /// Refuse to stream trials that may have more events
    #[arg(long, hide = true, value_name = "N", requires = "stream")]
    pub(super) events_max: Option<u64>,
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
