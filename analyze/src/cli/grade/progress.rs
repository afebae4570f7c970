//! Work on many submissions, with what is left of it on standard error when that is a terminal.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use files::parallel;

/// Work that takes less time shows no progress.
const QUIET: Duration = Duration::from_millis(500);
/// How often the line is drawn anew.
const INTERVAL: Duration = Duration::from_millis(200);

/// One line that is drawn anew.
pub(super) struct Progress {
    what: &'static str,
    count: usize,
    done: usize,
    started: Instant,
    drawn: Option<Instant>,
    on: bool,
}

/// Applies work to each item, on all processors.
pub(super) fn map<T: Sync, R: Send>(
    items: &[T],
    what: &'static str,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let progress = Mutex::new(Progress {
        what,
        count: items.len(),
        done: 0,
        started: Instant::now(),
        drawn: None,
        on: io::stderr().is_terminal() && items.len() > 1,
    });
    let results = parallel::map(items, |item| {
        let result = work(item);
        progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .one_done(Instant::now());
        result
    });
    progress
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clear();
    results
}

impl Progress {
    fn one_done(&mut self, now: Instant) {
        self.done += 1;
        let waited = self.drawn.is_none_or(|drawn| now - drawn >= INTERVAL);
        if self.on && waited && now - self.started >= QUIET {
            // Nobody is left to read of it if this fails.
            let _ = write!(io::stderr(), "\r\u{1b}[K{}", self.line(now - self.started));
            self.drawn = Some(now);
        }
    }

    /// `12 of 50 submissions, about 8 s left`
    fn line(&self, passed: Duration) -> String {
        let left = passed.as_secs_f64() / self.done as f64 * (self.count - self.done) as f64;
        let left = match left {
            left if left < 90.0 => format!("{left:.0} s"),
            left => format!("{:.0} min", left / 60.0),
        };
        format!(
            "{} of {} {}, about {left} left",
            self.done, self.count, self.what
        )
    }

    fn clear(&mut self) {
        if self.drawn.take().is_some() {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_long_as_what_is_done() {
        let progress = Progress {
            what: "submissions",
            count: 50,
            done: 10,
            started: Instant::now(),
            drawn: None,
            on: false,
        };
        let line = progress.line(Duration::from_secs(2));
        assert_eq!(line, "10 of 50 submissions, about 8 s left");
        assert!(
            progress
                .line(Duration::from_secs(60))
                .ends_with("about 4 min left")
        );
    }
}
