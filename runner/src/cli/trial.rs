//! `runner trial`.

use std::path::{Path, PathBuf};

use clap::Args;
use driver::world_trial::limits;
use event_log::{Driver, Faults};

use super::flags::{Format, RunFlags, SEED_FOR_SHARD, fresh_seed, print, processors};
use crate::config::faults::FaultsFile;
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

    /// Do something to machines and links, in virtual time: kill, power, pause, stop, hold, break, delay, lose. The file is
    /// shown below; with [[storm]] faults are drawn, by each trial its own
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,

    #[command(flatten)]
    run: RunFlags,
}

const EXAMPLES: &str = "\
Examples:
  runner trial                                    five trials of a minute, side by side
  runner trial --rates 1,3,6 --internal 0.2       fixed rates, few internal events
  runner trial --virtual --count 1000 --seed 7    a thousand trials in a blink, the same each time
  runner trial --speed 60 --count 20              real sockets, a minute in a second
  runner trial --machines 1000 --rate-range 6..6  a thousand machines on sockets, many to a process
  runner trial --design timekeeper                one machine keeps time for all; or hub
  runner trial --virtual --stamp before           a common mistake, to see what it breaks
  runner trial --tick-delay 20ms                  a fault: every tick is late
  runner trial --virtual --faults faults.toml     machines killed, links held, messages lost
  runner trial --config lab.toml --count 3        options from a file; flags override it
  runner trial --config logs/RUN/run.json         repeat an earlier run

Over many hosts: the same command in every job of an array, with the job's number for i
  runner trial --virtual --count 100000 --seed 7 --name big --shard $SLURM_ARRAY_TASK_ID/50
All parts write into logs/big; from disks that are not shared: cp -r part-*/big/. big/
A part that is started again goes on. Slurm and Kubernetes files: runner/examples

The file: any option above, with _ for -, and who listens where:
  rate_range = \"1..6\"
  tick_delay = \"20ms\"

  [[machine]]                       # one table for each machine; all keys optional
  name = \"tortoise\"
  host = \"127.0.0.1\"                # where it listens
  port = 0                          # 0: the system chooses
  log = \"tortoise.csv\"

  [[machine]]
  name = \"hare\"                     # also `rate`, in all tables or in none

  [hub]                             # only with design = \"hub\": then it listens, not the machines
  port = 7000

Faults: what, whom, when, how long; times count from the start of the trial
  settle = \"5s\"                    # none in the last 5 s: what lasts longer ends there

  [[fault]]
  at = \"20s\"
  do = \"kill\"                      # kill, power (tells nobody), pause, stop, for a machine
  target = \"machine 1\"             # machine N, any, all
  for = \"8s\"                       # then it begins again: clock 0, empty queue

  [[fault]]
  at = \"30s\"
  do = \"hold\"                      # hold: all comes later; break: what is under way is lost
  target = \"link 0->1\"             # one way; link 0-1 both; any or all for an end
  for = \"2s..4s\"                   # drawn from the seed

  [[fault]]                         # lose and delay: each message by chance, or by = \"200ms\"
  on = { after = \"record:send\", by = \"machine 2\", nth = 3 }
  do = \"lose\"
  target = \"link 2-all\"
  chance = 0.25
  for = \"10s\"

  [[storm]]                         # one after the other, a mean of `every` apart
  do = [\"kill\", \"pause\"]
  target = \"any\"
  every = \"6s\"
  for = \"0.5s..5s\"
  most = 1                          # machines that it has down at one time

  [[storm]]                         # each at an effect of whom it strikes, before or after it
  do = [\"power\"]
  target = [\"any\", \"all\"]         # one of these each time
  on = [\"record:send\", \"before record:receive\"]
  nth = \"1..20\"                     # from a drawn time on; each doubling is as likely
  every = \"9s\"                      # or count = \"3..10\", and effects count from the start
  for = \"1s\"
A file for --config has the same in a table [faults], as [[faults.fault]] and [[faults.storm]].
Each trial has faults.toml, its schedule with nothing left to chance: with the same seed it gives
the same trial again, and a fault can be taken out. faults.jsonl says what took effect, when, and
how that is known; the journal counts what was not delivered. With lost messages, missed ticks or
a fault without effect a trial is degraded.

Exit code: 0 every trial complete, 1 a trial aborted or degraded, 2 it could not be carried out.
Several conditions at once: runner experiment --help
Then: analyze logs/RUN --plot";

pub(super) fn execute(arguments: TrialArgs) -> anyhow::Result<u8> {
    let mut options = match &arguments.config {
        Some(file) => arguments.options.over(read_file(file)?),
        None => arguments.options,
    };
    if let Some(path) = &arguments.faults {
        options.faults = Some(read_faults(path, &options)?);
    }
    if arguments.run.shard.is_some() && options.seed.is_none() {
        anyhow::bail!(SEED_FOR_SHARD);
    }
    let config = Config::new(options, fresh_seed()?, processors())?;
    let RunFlags {
        shard,
        stream,
        format,
    } = arguments.run;
    if stream.stream {
        let tasks = run::tasks(&config, shard);
        return Ok(crate::stream::stream(&tasks, stream.events_max)?);
    }
    let progress = Progress::on_stderr();
    let interrupt = Interrupt::listen();
    let outcome = run::run(&config, shard, &progress, &interrupt)?;
    print(&match format {
        Format::Human => summary::human(&outcome),
        Format::Json => summary::json(&outcome)? + "\n",
    })?;
    Ok(outcome.exit_code())
}

/// Faults from a file, if the trials that were asked for can have them. What is wrong with one is said with its line, which the
/// configuration does not know.
fn read_faults(path: &Path, options: &TrialOptions) -> anyhow::Result<Faults> {
    let file = FaultsFile::read(path)?;
    let without = TrialOptions {
        faults: None,
        ..options.clone()
    };
    let config = Config::new(without, 0, processors())?;
    if config.condition.driver == Driver::Virtual {
        file.admit(&limits(&config.condition))?;
    }
    Ok(file.faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_in_the_help_is_one() {
        let file = EXAMPLES.split_once("where:\n").expect("a file").1;
        let file = file.split_once("Faults:").expect("its end").0;
        let (machines, hub) = file.split_once("  [hub]").expect("both designs");
        let valid = |text: &str| {
            let options: TrialOptions = toml::from_str(text).expect("TOML");
            Config::new(options, 1, 1).expect("valid")
        };
        let config = valid(machines);
        assert_eq!(config.machines.len(), 2);
        assert_eq!(config.condition.tick_delay_ns, 20_000_000);
        let config = valid(&format!("design = 'hub'\n[hub]{hub}"));
        assert_eq!(config.hub.map(|listen_addr| listen_addr.port), Some(7000));
    }

    #[test]
    fn the_faults_in_the_help_can_be_carried_out() {
        let file = EXAMPLES
            .split_once("start of the trial\n")
            .expect("a file")
            .1;
        let file = file.split_once("A file for").expect("its end").0;
        let options = TrialOptions {
            virtual_time: Some(true),
            faults: Some(toml::from_str(file).expect("TOML")),
            ..TrialOptions::default()
        };
        let faults = Config::new(options, 1, 1).expect("valid").condition.faults;
        let faults = faults.expect("faults");
        assert_eq!((faults.faults.len(), faults.storms.len()), (3, 2));
    }
}
