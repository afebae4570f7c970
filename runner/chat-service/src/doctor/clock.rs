//! The clock, and whether this process gets its turn.
//!
//! **Invariant.** What is said of `--suspect` follows from the longest gap that was seen, and says that it was a second's look.

use std::thread::sleep;
use std::time::{Duration, Instant};

use super::finding::{Finding, Verdict};

/// How long the turns are watched.
const WATCH: Duration = Duration::from_secs(1);
/// Between two looks.
const PERIOD: Duration = Duration::from_millis(1);
/// How often the clock is read to see it move.
const READS: usize = 10_000;

/// How fine the clock is that a server waits by.
pub fn resolution() -> Finding {
    let subject = "monotonic clock";
    let mut last = Instant::now();
    let mut finest = None;
    for _ in 0..READS {
        let now = Instant::now();
        let step = now.duration_since(last);
        last = now;
        if !step.is_zero() {
            finest = Some(finest.map_or(step, |finest: Duration| finest.min(step)));
        }
    }
    let Some(finest) = finest else {
        return Finding::new(
            subject,
            Verdict::Bad,
            format!("it stood still during {READS} reads"),
            "heartbeats and suspicions are counted by it",
        )
        .advise("see the clock source of this host, or of what it is a guest of");
    };
    let meaning = "heartbeats and suspicions are counted by it, in milliseconds";
    let found = format!("the smallest step that was seen is {finest:?}");
    match finest > Duration::from_millis(10) {
        false => Finding::new(subject, Verdict::Good, found, meaning),
        true => Finding::new(subject, Verdict::Fair, found, meaning)
            .advise("keep --heartbeat at ten such steps at least"),
    }
}

/// How long this process waits for its turn, at most, in a second.
pub fn turns() -> Finding {
    let began = Instant::now();
    let (mut last, mut longest) = (began, Duration::ZERO);
    while last.duration_since(began) < WATCH {
        sleep(PERIOD);
        let now = Instant::now();
        longest = longest.max(now.duration_since(last));
        last = now;
    }
    judge(longest)
}

fn judge(longest: Duration) -> Finding {
    let subject = "turns of this process";
    let found = format!(
        "asleep for {PERIOD:?} again and again for {WATCH:?}, it was away for {:.1} ms at most",
        longest.as_secs_f64() * 1e3
    );
    // A server that is away for a third of it is already near to being suspected: heartbeats are three in that time.
    let least = longest * 10;
    let meaning = format!(
        "a server that is away longer than --suspect is replaced, and nothing is lost; set it to {:.1} s or more, better \
         after a look on a busy day",
        least.as_secs_f64().max(0.1)
    );
    match () {
        () if longest > Duration::from_secs(1) => {
            Finding::new(subject, Verdict::Bad, found, meaning).advise(
                "this host is overcommitted or suspended at times: the default --suspect of 3 s will replace servers that \
                 are well",
            )
        }
        () if longest > Duration::from_millis(100) => {
            Finding::new(subject, Verdict::Fair, found, meaning)
                .advise("leave --suspect at its default of 3 s or above")
        }
        () => Finding::new(subject, Verdict::Good, found, meaning),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_follows_the_longest_gap() {
        let of = |ms| judge(Duration::from_millis(ms));
        assert_eq!(of(2).verdict, Verdict::Good);
        assert!(of(2).meaning.contains("0.1 s"), "{:?}", of(2));
        assert_eq!(of(150).verdict, Verdict::Fair);
        assert!(of(150).meaning.contains("1.5 s"), "{:?}", of(150));
        assert_eq!(of(1500).verdict, Verdict::Bad);
    }
}
