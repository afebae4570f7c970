//! `runner chat faults`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use driver::world_trial;
use event_log::chat::ChatCondition;

use crate::chat::commands::repeat;
use crate::chat::condition::ConditionFlags;
use crate::chat::schedule;
use crate::cli::flags::{print, processors};
use crate::command::quoted;
use crate::config::Config;
use crate::numerals::counted;
use crate::options::TrialOptions;
use crate::summary::deeds;

/// Which faults.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
#[command(group = ArgGroup::new("what").required(true).args(["file", "list"]))]
pub(in crate::cli) struct FaultsArgs {
    /// The file of faults, as --faults of `runner chat trial` reads it
    #[arg(value_name = "FILE", requires = "seed", requires = "trial")]
    file: Option<PathBuf>,

    /// Seed of the run
    #[arg(long, value_name = "S", conflicts_with = "list")]
    seed: Option<u64>,

    /// Number of the trial, from 0
    #[arg(long, value_name = "N", conflicts_with = "list")]
    trial: Option<u64>,

    #[command(flatten)]
    condition: ConditionFlags,

    /// What can be done, to whom, what it needs, and where it can be done
    #[arg(long)]
    list: bool,
}

const HELP: &str = "\
Examples:
  runner chat faults --list
  runner chat faults notebook/experiments/chat/storm.toml --seed 7 --trial 3 > mine.toml
  runner chat trial --virtual --seed 7 --trial 3 --faults mine.toml       the same trial, or change mine.toml first

What is printed has nothing left to chance. What is drawn depends on seed, trial, --duration and
--clients, so give those of the run.

The file: what, whom, when, how long; times count from the start of the trial
  settle = \"15s\"                   # none in the last 15 s: what lasts longer ends there [default: 15s, at most a quarter]

  [[fault]]
  at = \"20s\"
  do = \"kill\"
  target = \"primary\"               # primary, backup, any, all, server 0, client 2, any client: resolved when it happens
  for = \"8s\"                       # then it begins again

  [[fault]]                         # at a step of the protocol: before or after the n-th of its kind
  on = { after = \"send:install\", by = \"primary\", nth = 2 }
  do = \"power\"                     # as kill, and what was on its way to disks and others is gone
  target = \"all\"
  for = \"1s..3s\"                   # drawn

  [[fault]]
  at = \"30s\"
  do = \"hold\"                      # nothing passes, all comes later; break: it is lost, and both ends know
  target = \"link 0-all\"            # both ways; link 0->1 one way; link 0-client 2
  for = \"10s\"

  [[storm]]                         # drawn by each trial for itself
  do = [\"kill\", \"pause\"]
  target = \"any\"
  every = \"6s\"                     # the mean time between two
  for = \"0.5s..5s\"
  most = 2                          # servers that it has down at one time

  [[storm]]                         # faults at steps of the protocol, drawn too
  do = [\"kill\", \"power\"]
  target = \"any\"
  on = [\"send:install\", \"before persist\"]
  nth = \"1..40\"
  every = \"10s\"
  for = \"0.5s..5s\"
Steps are `send:KIND`, `record:KIND` and `persist`; a kind that there is not is refused with a list of those that there are.";

const WHERE: &str = "Where: trials of the chat service and of the scale model, in virtual time.
On sockets nothing can be done to processes and links yet.
How a file says it: runner chat faults --help";

pub(super) fn execute(arguments: FaultsArgs) -> anyhow::Result<u8> {
    let FaultsArgs {
        file,
        seed,
        trial,
        condition,
        ..
    } = arguments;
    let condition = condition.over(&ChatCondition::default())?;
    let (Some(file), Some(seed), Some(trial)) = (file, seed, trial) else {
        print(&format!("{}{WHERE}\n", list(&condition)?))?;
        return Ok(0);
    };
    let faults = schedule::read(Some(&file), &condition)?;
    let plain = schedule::plain(&faults, &condition, seed, trial);
    let comments = [
        format!(
            "{} of trial {trial} with seed {seed}, from {}",
            counted(plain.faults.len() as u64, "fault"),
            quoted(&file)
        ),
        format!("{} --faults THIS", repeat(&condition, seed, trial, None)),
    ];
    print(&schedule::text(&plain, &comments)?)?;
    Ok(0)
}

/// What can be done to each system.
fn list(condition: &ChatCondition) -> anyhow::Result<String> {
    let options = TrialOptions {
        virtual_time: Some(true),
        ..TrialOptions::default()
    };
    let scale_model = Config::new(options, 0, processors())?.condition;
    Ok(deeds::tables(&[
        ("chat", chat_trial::limits(condition)),
        ("scale model", world_trial::limits(&scale_model)),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_in_the_help_can_be_carried_out() {
        let file = HELP.split_once("start of the trial\n").expect("a file").1;
        let file = file.split_once("Steps are").expect("its end").0;
        let faults: event_log::Faults = toml::from_str(file).expect("TOML");
        let condition = ChatCondition::default();
        assert_eq!((faults.faults.len(), faults.storms.len()), (3, 2));
        assert_eq!(chat_trial::limits(&condition).admit(&faults), Ok(()));
        let plain = schedule::plain(&faults, &condition, 7, 3);
        assert!(plain.is_plain() && plain.faults.len() > 5);
    }
}
