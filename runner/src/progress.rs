//! What a user sees while a run is under way: bars with an estimate on a terminal, plain lines elsewhere, on stderr.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use event_log::schedule::compress;
use event_log::{Driver, Status, TrialManifest};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::config::Config;
use crate::run::TrialOutcome;

/// Where progress goes. Clones share one display.
#[derive(Debug, Clone)]
pub struct Progress {
    display: Arc<Mutex<Display>>,
}

#[derive(Debug)]
enum Display {
    /// One bar for each running trial, or, in virtual time, one for all.
    Bars {
        all: MultiProgress,
        trials: BTreeMap<u64, (ProgressBar, Instant)>,
        run: Option<ProgressBar>,
    },
    /// A line when something happens. In virtual time trials are too many and too fast to tell of each.
    Lines { each_trial: bool },
}

impl Progress {
    /// Bars if stderr is a terminal, else lines.
    pub fn on_stderr() -> Progress {
        let display = if std::io::stderr().is_terminal() {
            Display::Bars {
                all: MultiProgress::new(),
                trials: BTreeMap::new(),
                run: None,
            }
        } else {
            Display::Lines { each_trial: true }
        };
        Progress {
            display: Arc::new(Mutex::new(display)),
        }
    }

    fn display(&self) -> MutexGuard<'_, Display> {
        self.display.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The run's folder exists and trials are about to begin.
    pub fn run_started(&self, config: &Config, folder: &Path) {
        let virtual_time = config.condition.driver == Driver::Virtual;
        let driver = if virtual_time {
            "virtual time"
        } else {
            "sockets"
        };
        eprintln!(
            "{}: {} trials of {} machines on {driver}, seed {}",
            folder.display(),
            config.count,
            config.machines.len(),
            config.seed
        );
        match &mut *self.display() {
            Display::Bars { all, run, .. } if virtual_time => {
                let style = style("{wide_bar:.cyan} {pos}/{len} trials, {eta} left");
                *run = Some(all.add(ProgressBar::new(config.count).with_style(style)));
            }
            Display::Bars { .. } => {}
            Display::Lines { each_trial } => *each_trial = !virtual_time,
        }
    }

    /// A trial's machines have begun to tick.
    pub fn trial_started(&self, manifest: &TrialManifest) {
        let rates: Vec<String> = manifest
            .machines
            .iter()
            .map(|m| m.rate.to_string())
            .collect();
        let title = format!("trial {}: rates {} Hz", manifest.trial, rates.join(", "));
        let condition = &manifest.condition;
        let length = Duration::from_nanos(compress(condition.duration_ns, condition.speed));
        match &mut *self.display() {
            Display::Bars { all, trials, .. } => {
                let style = style("{prefix:34} {wide_bar:.cyan} {msg}");
                let bar = ProgressBar::new(length.as_millis() as u64).with_style(style);
                trials.insert(
                    manifest.trial,
                    (all.add(bar.with_prefix(title)), Instant::now()),
                );
            }
            Display::Lines { .. } => {
                eprintln!("{title}, started; {:.1} s to go", length.as_secs_f64());
            }
        }
    }

    /// Time has passed in a trial.
    pub fn trial_moved(&self, trial: u64) {
        if let Display::Bars { trials, .. } = &mut *self.display()
            && let Some((bar, started)) = trials.get(&trial)
        {
            let passed = started.elapsed().as_millis() as u64;
            let left = bar.length().unwrap_or(0).saturating_sub(passed);
            bar.set_position(passed.min(bar.length().unwrap_or(0)));
            bar.set_message(format!("{:>3} s left", left.div_ceil(1000)));
        }
    }

    /// A trial is over.
    pub fn trial_ended(&self, outcome: &TrialOutcome) {
        let line = match (&outcome.status, &outcome.reason) {
            (Status::Complete, _) => {
                format!("trial {}: complete, {} ticks", outcome.trial, outcome.ticks)
            }
            (status, reason) => format!(
                "trial {}: {}: {}",
                outcome.trial,
                status.name(),
                reason.as_deref().unwrap_or("for no known reason")
            ),
        };
        let complete = outcome.status == Status::Complete;
        match &mut *self.display() {
            Display::Bars { all, trials, run } => {
                if let Some((bar, _)) = trials.remove(&outcome.trial) {
                    bar.finish_and_clear();
                    all.remove(&bar);
                }
                match run {
                    Some(run) if complete => run.inc(1),
                    _ => drop(all.println(line)),
                }
            }
            Display::Lines { each_trial } => {
                if *each_trial || !complete {
                    eprintln!("{line}");
                }
            }
        }
    }

    /// All trials are over.
    pub fn run_ended(&self) {
        if let Display::Bars { run: Some(run), .. } = &*self.display() {
            run.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
