//! Trials on all processors, handed on in their order.
//!
//! **Invariant.** Whoever takes the outcomes sees those of trials 0, 1, 2 and so on, without a gap, whatever the threads do;
//! when it has seen enough, later ones are gone. A trial that panics is an outcome like any other, and no thread waits for ever.

use std::any::Any;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use thiserror::Error;

use crate::interrupt::Interrupt;

/// How often it is looked whether the user wants the end.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);
/// How many trials may be done and wait for an earlier one, for each thread.
const AHEAD_MAX: u64 = 64;

/// A trial ended in a panic: a bug of this program. Where it was, the panic itself has printed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Panicked {
    /// Its place among the trials that were run, from 0.
    pub number: u64,
    /// What the panic said.
    pub message: String,
}

/// Stops the threads however the loop that takes their outcomes is left: also by a panic.
struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs `trial` for each number below `count`, `jobs` at a time, and hands what it returns to `take`, in order. `trial` returns
/// early, with anything, when the flag is set that it is given.
///
/// # Errors
///
/// What `take` breaks with; then, as after an interrupt, no further trial begins.
pub fn run<T: Send, B>(
    count: u64,
    jobs: usize,
    interrupt: &Interrupt,
    trial: impl Fn(u64, &AtomicBool) -> T + Sync,
    mut take: impl FnMut(Result<T, Panicked>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let (next, taken, stop) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let (sender, outcomes) = mpsc::channel();
    std::thread::scope(|threads| {
        for _ in 0..jobs.max(1) {
            let sender = sender.clone();
            let (next, taken, stop, trial) = (&next, &taken, &stop, &trial);
            threads.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let ahead_max = AHEAD_MAX * jobs as u64;
                    while number.saturating_sub(taken.load(Ordering::Relaxed)) > ahead_max
                        && !stop.load(Ordering::Relaxed)
                    {
                        std::thread::sleep(LOOK_INTERVAL);
                    }
                    if number >= count || stop.load(Ordering::Relaxed) {
                        return;
                    }
                    // What the trial has touched is its own, and is gone.
                    let outcome = catch_unwind(AssertUnwindSafe(|| trial(number, stop)));
                    let outcome = outcome.map_err(|panic| Panicked {
                        number,
                        message: message(panic.as_ref()),
                    });
                    // What was stopped on its way is no outcome.
                    if stop.load(Ordering::Relaxed) || sender.send((number, outcome)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let _stop = StopAtEnd(&stop);
        let mut early = BTreeMap::new();
        let mut due = 0;
        loop {
            match outcomes.recv_timeout(LOOK_INTERVAL) {
                Ok((number, outcome)) => drop(early.insert(number, outcome)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return ControlFlow::Continue(()),
            }
            stop.fetch_or(interrupt.is_set(), Ordering::Relaxed);
            while let Some(outcome) = early.remove(&due) {
                due += 1;
                taken.store(due, Ordering::Relaxed);
                let flow = take(outcome);
                if flow.is_break() {
                    return flow;
                }
            }
        }
    })
}

/// The text of a panic, if it has one.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|&text| text.to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "a panic without words".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers that were taken, up to the first that is enough.
    fn taken(count: u64, jobs: usize, enough: u64) -> (Vec<u64>, ControlFlow<u64>) {
        let mut taken = Vec::new();
        let uneven = |number: u64, _: &AtomicBool| {
            std::thread::sleep(Duration::from_micros(number * 7919 % 300));
            number
        };
        let flow = run(count, jobs, &Interrupt::default(), uneven, |number| {
            let number = number.expect("no panic");
            taken.push(number);
            match number == enough {
                true => ControlFlow::Break(number),
                false => ControlFlow::Continue(()),
            }
        });
        (taken, flow)
    }

    #[test]
    fn outcomes_come_in_order_from_any_number_of_threads() {
        for jobs in [1, 2, 7] {
            let (all, flow) = taken(200, jobs, u64::MAX);
            assert_eq!(all, (0..200).collect::<Vec<u64>>(), "{jobs} threads");
            assert!(flow.is_continue());
        }
    }

    #[test]
    fn whoever_has_seen_enough_sees_no_more() {
        for jobs in [1, 3] {
            let (all, flow) = taken(10_000, jobs, 41);
            assert_eq!(all, (0..=41).collect::<Vec<u64>>(), "{jobs} threads");
            assert_eq!(flow, ControlFlow::Break(41));
        }
    }

    #[test]
    fn a_trial_that_panics_is_an_outcome_in_its_place() {
        for jobs in [1, 2] {
            let (mut taken, mut panicked) = (Vec::new(), Vec::new());
            // Far more than may wait for an earlier one.
            let count = AHEAD_MAX * 8;
            let fragile = |number: u64, _: &AtomicBool| {
                assert_ne!(number, 3, "a test of panics: no place of its own");
                number
            };
            let flow = run(count, jobs, &Interrupt::default(), fragile, |outcome| {
                match outcome {
                    Ok(number) => taken.push(number),
                    Err(error) => panicked.push((taken.len(), error)),
                }
                ControlFlow::<()>::Continue(())
            });
            assert!(flow.is_continue());
            let others: Vec<u64> = (0..count).filter(|&number| number != 3).collect();
            assert_eq!(taken, others);
            let [(3, Panicked { number: 3, message })] = panicked.as_slice() else {
                panic!("{panicked:?}");
            };
            assert!(message.contains("no place of its own"), "{message}");
        }
    }

    #[test]
    fn a_panic_of_the_one_who_takes_ends_the_threads_too() {
        let quick = |number: u64, _: &AtomicBool| number;
        let never = catch_unwind(|| {
            run(u64::MAX, 2, &Interrupt::default(), quick, |outcome| {
                assert_ne!(outcome, Ok(5), "a test of panics: enough");
                ControlFlow::<()>::Continue(())
            })
        });
        let panic = never.expect_err("a panic");
        assert!(message(panic.as_ref()).contains("enough"));
    }

    #[test]
    fn a_trial_that_was_stopped_on_its_way_is_no_outcome() {
        let interrupt = Interrupt::default();
        let endless = |number: u64, stop: &AtomicBool| {
            if number == 3 {
                interrupt.set();
            }
            while number >= 3 && !stop.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            number
        };
        let mut taken = Vec::new();
        let flow = run(10, 2, &interrupt, endless, |number| {
            taken.push(number.expect("no panic"));
            ControlFlow::<()>::Continue(())
        });
        assert!(flow.is_continue());
        assert!([0, 1, 2].starts_with(&taken), "{taken:?}");
    }
}
