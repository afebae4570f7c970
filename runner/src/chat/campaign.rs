//! Trials on all processors, handed on in their order.
//!
//! **Invariant.** Whoever takes the outcomes sees those of trials 0, 1, 2 and so on, without a gap, whatever the threads do;
//! when it has seen enough, later ones are gone.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use crate::interrupt::Interrupt;

/// How often it is looked whether the user wants the end.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);
/// How many trials may be done and wait for an earlier one, for each thread.
const AHEAD_MAX: u64 = 64;

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
    mut take: impl FnMut(T) -> ControlFlow<B>,
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
                    let outcome = trial(number, stop);
                    // What was stopped on its way is no outcome.
                    if stop.load(Ordering::Relaxed) || sender.send((number, outcome)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
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
                    stop.store(true, Ordering::Relaxed);
                    return flow;
                }
            }
        }
    })
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
            taken.push(number);
            ControlFlow::<()>::Continue(())
        });
        assert!(flow.is_continue());
        assert!([0, 1, 2].starts_with(&taken), "{taken:?}");
    }
}
