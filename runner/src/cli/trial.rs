//! `runner trial`.

use std::path::PathBuf;

use clap::Args;

use super::{Format, fresh_seed, print, processors};
use crate::config::{Config, read_file};
use crate::interrupt::Interrupt;
use crate::options::TrialOptions;
use crate::progress::Progress;
use crate::{run, summary};

/// What to run, and how.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct TrialArgs {
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

const EXAMPLES: &str = "\
Examples:
  runner trial                                    five trials of a minute, side by side
  runner trial --rates 1,3,6 --internal 0.2       fixed rates, few internal events
  runner trial --virtual --count 1000 --seed 7    a thousand trials in a blink, the same each time
  runner trial --speed 60 --count 20              real sockets, a minute in a second
  runner trial --config lab.toml --count 3        options from a file; flags override it
  runner trial --config logs/RUN/run.json         repeat an earlier run

Exit code: 0 every trial complete, 1 a trial aborted or degraded, 2 it could not be carried out.
Several conditions at once: runner experiment --help
Then: analyze logs/RUN --plot";

pub(super) fn execute(arguments: TrialArgs) -> anyhow::Result<u8> {
    let options = match &arguments.config {
        Some(file) => arguments.options.over(read_file(file)?),
        None => arguments.options,
    };
    let config = Config::new(options, fresh_seed()?, processors())?;
    let outcome = run::run(&config, &Progress::on_stderr(), &Interrupt::listen())?;
    print(&match arguments.format {
        Format::Human => summary::human(&outcome),
        Format::Json => summary::json(&outcome)? + "\n",
    })?;
    Ok(outcome.exit_code())
}
