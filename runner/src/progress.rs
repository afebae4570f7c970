//! What a user sees while a run is under way: bars with an estimate on a terminal, plain lines elsewhere, on stderr.

use std::collections::BTreeMap;
use std::fmt;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use event_log::schedule::compress;
use event_log::{Driver, Status, TrialManifest};
use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use crate::run::{TrialOutcome, driver_words};

/// How often a bar for many trials is drawn anew.
const LOOK_INTERVAL: Duration = Duration::from_millis(200);
/// How often a line tells of many trials.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// Where progress goes. Clones share one display.
#[derive(Debug, Clone)]
pub struct Progress {
    display: Arc<Mutex<Display>>,
}

#[derive(Debug)]
enum Display {
    /// One bar for each running trial, or one for a batch of them.
    Bars {
        all: MultiProgress,
        trials: BTreeMap<u64, (ProgressBar, Instant)>,
        batch: Option<ProgressBar>,
    },
    /// A line when something happens; of a batch, in which trials are too many to tell of each, a line now and then.
    Lines { batch: Option<Batch> },
}

/// Trials shown together, as lines.
#[derive(Debug)]
struct Batch {
    count: u64,
    expected: Option<Duration>,
    done: u64,
    started: Instant,
    told: Instant,
}

impl Progress {
    /// Bars if stderr is a terminal, else lines.
    pub fn on_stderr() -> Progress {
        let display = if std::io::stderr().is_terminal() {
            Display::Bars {
                all: MultiProgress::new(),
                trials: BTreeMap::new(),
                batch: None,
            }
        } else {
            Display::Lines { batch: None }
        };
        Progress {
            display: Arc::new(Mutex::new(display)),
        }
    }

    fn display(&self) -> MutexGuard<'_, Display> {
        self.display.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what is about to happen; for while no bar is shown.
    pub fn announce(&self, text: &str) {
        eprintln!("{text}");
    }

    /// `count` trials are about to begin and to be shown together, not one by one. `expected` is how long they take
    /// together, if that is known.
    pub fn batch_started(&self, driver: Driver, count: u64, expected: Option<Duration>) {
        match &mut *self.display() {
            Display::Bars { all, batch, .. } => {
                let template = format!(
                    "{{wide_bar:.cyan}} {{pos}}/{{len}} trials {}, {{left}}",
                    driver_words(driver)
                );
                let style = style(&template).with_key(
                    "left",
                    move |state: &ProgressState, line: &mut dyn fmt::Write| {
                        let text = time_left(state.pos(), count, state.elapsed(), expected);
                        let _ = line.write_str(&text);
                    },
                );
                let bar = all.add(ProgressBar::new(count).with_style(style));
                bar.enable_steady_tick(LOOK_INTERVAL);
                *batch = Some(bar);
            }
            Display::Lines { batch } => {
                let now = Instant::now();
                *batch = Some(Batch {
                    count,
                    expected,
                    done: 0,
                    started: now,
                    told: now,
                });
            }
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
            Display::Bars { batch: Some(_), .. } | Display::Lines { batch: Some(_) } => {}
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
            Display::Bars { all, trials, batch } => {
                if let Some((bar, _)) = trials.remove(&outcome.trial) {
                    bar.finish_and_clear();
                    all.remove(&bar);
                }
                if batch.is_none() || !complete {
                    drop(all.println(line));
                }
                if let Some(batch) = batch {
                    batch.inc(1);
                }
            }
            Display::Lines { batch } => {
                if batch.is_none() || !complete {
                    eprintln!("{line}");
                }
                if let Some(batch) = batch {
                    batch.advance();
                }
            }
        }
    }

    /// All trials of a run, or of its batch, are over.
    pub fn batch_ended(&self) {
        match &mut *self.display() {
            Display::Bars { batch, .. } => {
                if let Some(bar) = batch.take() {
                    bar.finish_and_clear();
                }
            }
            Display::Lines { batch } => *batch = None,
        }
    }
}

impl Batch {
    fn advance(&mut self) {
        self.done += 1;
        if self.told.elapsed() >= LINE_INTERVAL && self.done < self.count {
            self.told = Instant::now();
            let left = time_left(self.done, self.count, self.started.elapsed(), self.expected);
            eprintln!("{} of {} trials, {left}", self.done, self.count);
        }
    }
}

/// How long the rest of a batch takes, in words: as long for each trial as so far, or as expected while none is over.
fn time_left(done: u64, count: u64, elapsed: Duration, expected: Option<Duration>) -> String {
    let left = match (done, expected) {
        (0, None) => return "time left not yet known".to_owned(),
        (0, Some(expected)) => expected.saturating_sub(elapsed),
        _ => elapsed.mul_f64(count.saturating_sub(done) as f64 / done as f64),
    };
    let seconds = left.as_secs_f64().ceil() as u64;
    match seconds {
        0..=119 => format!("{seconds} s left"),
        120..=7199 => format!("{} min left", seconds.div_ceil(60)),
        _ => format!("{:.1} h left", seconds as f64 / 3600.0),
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_as_expected_then_as_measured() {
        let seconds = Duration::from_secs;
        let minute = Some(seconds(60));
        assert_eq!(time_left(0, 10, seconds(15), minute), "45 s left");
        assert_eq!(time_left(0, 10, seconds(90), minute), "0 s left");
        assert_eq!(
            time_left(0, 10, seconds(1), None),
            "time left not yet known"
        );
        assert_eq!(time_left(5, 10, seconds(300), minute), "5 min left");
        assert_eq!(time_left(1, 100, seconds(200), None), "5.5 h left");
        assert_eq!(time_left(10, 10, seconds(300), None), "0 s left");
    }
}
