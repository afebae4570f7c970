//! What a user sees while a run is under way: bars with an estimate on a terminal, plain lines elsewhere, on stderr.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, IsTerminal};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use event_log::schedule::compress;
use event_log::{Driver, Status, TrialManifest};
use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use crate::outcome::TrialOutcome;
use crate::terminal::say;

/// How often a bar for many trials is drawn anew.
const LOOK_INTERVAL: Duration = Duration::from_millis(200);
/// How often a line reports on many trials.
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
        batch: Option<(ProgressBar, Arc<Mutex<Pace>>)>,
    },
    /// A line when something happens; of a batch, with very many trials, a line now and then.
    Lines { batch: Option<Batch> },
}

/// Trials shown together, as lines.
#[derive(Debug)]
struct Batch {
    pace: Pace,
    shown: Instant,
}

/// How far many trials have come.
#[derive(Debug, Clone, Copy)]
struct Pace {
    count: u64,
    done: u64,
    /// How long all of them take, if that is known.
    expected: Option<Duration>,
    started: Instant,
    /// When the last trial so far ended.
    moved: Instant,
}

impl Progress {
    /// Bars if stderr is a terminal, else lines.
    pub fn on_stderr() -> Progress {
        let display = if io::stderr().is_terminal() {
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

    /// Announces the next step; only while no bar is shown.
    pub fn announce(&self, text: &str) {
        say(text);
    }

    /// `count` trials are about to begin and to be shown together, not one by one. `expected` is how long they take
    /// together, if that is known.
    pub fn batch_started(&self, driver: Driver, count: u64, expected: Option<Duration>) {
        let pace = Pace::new(count, expected, Instant::now());
        match &mut *self.display() {
            Display::Bars { all, batch, .. } => {
                let template = format!(
                    "{{wide_bar:.cyan}} {{pos}}/{{len}} trials {}, {{left}}",
                    driver.phrase()
                );
                let shared = Arc::new(Mutex::new(pace));
                let read = Arc::clone(&shared);
                let left = move |_: &ProgressState, line: &mut dyn fmt::Write| {
                    let pace = *read.lock().unwrap_or_else(PoisonError::into_inner);
                    let _ = line.write_str(&pace.left(Instant::now()));
                };
                let style = style(&template).with_key("left", left);
                let bar = all.add(ProgressBar::new(count).with_style(style));
                bar.enable_steady_tick(LOOK_INTERVAL);
                *batch = Some((bar, shared));
            }
            Display::Lines { batch } => {
                *batch = Some(Batch {
                    pace,
                    shown: pace.started,
                });
            }
        }
    }

    /// A trial's machines have begun to tick.
    pub fn trial_started(&self, manifest: &TrialManifest) {
        let rates: Vec<f64> = manifest.machines.iter().map(|m| m.rate.hz()).collect();
        let title = format!("trial {}: rates {} Hz", manifest.trial, abridged(&rates));
        let condition = &manifest.condition;
        let length = Duration::from_nanos(compress(condition.duration_ns, condition.speed));
        match &mut *self.display() {
            Display::Bars { batch: Some(_), .. } | Display::Lines { batch: Some(_) } => {}
            Display::Bars { all, trials, .. } => {
                let style = style("{prefix:44!} {wide_bar:.cyan} {msg}");
                let bar = ProgressBar::new(length.as_millis() as u64).with_style(style);
                trials.insert(
                    manifest.trial,
                    (all.add(bar.with_prefix(title)), Instant::now()),
                );
            }
            Display::Lines { .. } => {
                say(&format!(
                    "{title}, started; {:.1} s to go",
                    length.as_secs_f64()
                ));
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
        let mut display = self.display();
        if let Display::Bars { all, trials, .. } = &mut *display
            && let Some((bar, _)) = trials.remove(&outcome.trial)
        {
            bar.finish_and_clear();
            all.remove(&bar);
        }
        if !display.has_batch() || !complete {
            display.say(&line);
        }
        display.advance();
    }

    /// A trial of a batch is over; it says nothing.
    pub fn trial_counted(&self) {
        self.display().advance();
    }

    /// A line about a trial of a batch.
    pub fn remark(&self, line: &str) {
        self.display().say(line);
    }

    /// All trials of a run, or of its batch, are over.
    pub fn batch_ended(&self) {
        match &mut *self.display() {
            Display::Bars { batch, .. } => {
                if let Some((bar, _)) = batch.take() {
                    bar.finish_and_clear();
                }
            }
            Display::Lines { batch } => *batch = None,
        }
    }
}

impl Display {
    fn has_batch(&self) -> bool {
        match self {
            Display::Bars { batch, .. } => batch.is_some(),
            Display::Lines { batch } => batch.is_some(),
        }
    }

    /// A line among the bars.
    fn say(&self, line: &str) {
        match self {
            Display::Bars { all, .. } => drop(all.println(line)),
            Display::Lines { .. } => say(line),
        }
    }

    /// One more trial of the batch is over.
    fn advance(&mut self) {
        match self {
            Display::Bars {
                batch: Some((bar, pace)),
                ..
            } => {
                let mut pace = pace.lock().unwrap_or_else(PoisonError::into_inner);
                pace.advance(Instant::now());
                drop(pace);
                bar.inc(1);
            }
            Display::Lines { batch: Some(batch) } => batch.advance(),
            Display::Bars { .. } | Display::Lines { .. } => {}
        }
    }
}

impl Batch {
    fn advance(&mut self) {
        let now = Instant::now();
        self.pace.advance(now);
        if now - self.shown >= LINE_INTERVAL && self.pace.done < self.pace.count {
            self.shown = now;
            let Pace { done, count, .. } = self.pace;
            say(&format!(
                "{done} of {count} trials, {}",
                self.pace.left(now)
            ));
        }
    }
}

impl Pace {
    fn new(count: u64, expected: Option<Duration>, started: Instant) -> Pace {
        Pace {
            count,
            done: 0,
            expected,
            started,
            moved: started,
        }
    }

    fn advance(&mut self, now: Instant) {
        self.done += 1;
        self.moved = now;
    }

    /// How long the rest takes, in words: for each trial as long as for those done, or as expected while none is.
    fn left(&self, now: Instant) -> String {
        let then = match (self.done, self.expected) {
            (0, None) => return "time left not yet known".to_owned(),
            (0, Some(expected)) => expected,
            (done, _) => {
                let ahead = self.count.saturating_sub(done) as f64;
                (self.moved - self.started).mul_f64(ahead / done as f64)
            }
        };
        let left = then.saturating_sub(now - self.moved);
        let seconds = left.as_secs_f64().ceil() as u64;
        match seconds {
            0..=119 => format!("{seconds} s left"),
            120..=7199 => format!("{} min left", seconds.div_ceil(60)),
            _ => format!("{:.1} h left", seconds as f64 / 3600.0),
        }
    }
}

/// Rates in words; of many only the first few and the last.
pub fn abridged(rates: &[f64]) -> String {
    let words: Vec<String> = rates.iter().map(f64::to_string).collect();
    match words.as_slice() {
        [first @ .., last] if first.len() > 8 => format!("{}, …, {last}", first[..6].join(", ")),
        words => words.join(", "),
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
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let unknown = Pace::new(10, None, start);
        assert_eq!(unknown.left(at(1)), "time left not yet known");

        let mut pace = Pace::new(4, Some(Duration::from_secs(60)), start);
        assert_eq!(pace.left(at(15)), "45 s left");
        assert_eq!(pace.left(at(90)), "0 s left");
        pace.advance(at(100));
        assert_eq!(pace.left(at(100)), "5 min left");
        assert_eq!(pace.left(at(220)), "3 min left", "it counts down");
        pace.advance(at(240));
        assert_eq!(pace.left(at(240)), "4 min left");
        pace.advance(at(20_000));
        assert_eq!(pace.left(at(20_000)), "112 min left");
        pace.advance(at(20_001));
        assert_eq!(pace.left(at(20_001)), "0 s left");

        let mut long = Pace::new(100, None, start);
        long.advance(at(200));
        assert_eq!(long.left(at(200)), "5.5 h left");
    }
}
