//! Whether a host kept up with the rates of a trial on sockets.
//!
//! A tick that is late by more than half a period is nearer to the next tick than to its own, and a machine whose rate
//! is off is another machine than the one on trial. Either says that the numbers are the host's and not the system's.

use std::path::Path;

use event_log::{Condition, Driver};

use super::{MachineMetrics, TrialMetrics};
use files::note::{Note, Severity};

/// Largest error of a rate, percent.
const ERROR_PERCENT: f64 = 1.0;
/// Fewest ticks whose rate is judged: over fewer, ordinary lateness of the first and the last tick makes such an error.
const TICKS: u64 = 50;
/// Error of a rate, percent, above which the machine has caught up rather than kept a rate: twice as fast as it should be.
const CAUGHT_UP_PERCENT: f64 = 100.0;
/// Largest lateness (99th percentile), in periods.
const LATENESS_PERIODS: f64 = 0.5;

/// A warning about the machine that kept its rate worst, if one did not keep it; `dir` is the folder of the trial.
pub fn note(condition: &Condition, dir: &Path, measured: &TrialMetrics) -> Option<Note> {
    if condition.driver != Driver::Sockets {
        return None;
    }
    let injected_ms = condition.tick_delay_ns as f64 / 1e6;
    let excess = |machine: &MachineMetrics| excess(machine, condition.speed, injected_ms);
    let machines = measured.machines.iter();
    let worst = machines.max_by(|a, b| excess(a).total_cmp(&excess(b)))?;
    if excess(worst) <= 1.0 {
        return None;
    }
    let rate = worst.rate?;
    let period_ms = 1e3 / (rate * condition.speed);
    let late_ms = worst.ticks.lateness_p99_ms.unwrap_or_default();
    let error_percent = worst.ticks.tick_error_percent.unwrap_or_default();
    let (rate_found, advice) = words(worst.ticks.ticks.unwrap_or(0), period_ms, error_percent);
    Some(Note::new(
        Severity::Warning,
        dir,
        format!(
            "machine {} to keep its rate of {rate}/s, a tick every {period_ms:.3} ms of system time",
            worst.machine
        ),
        format!("ticks late by {late_ms:.3} ms (99th percentile), {rate_found}"),
        advice,
    ))
}

/// What became of a rate, and what to do about it. No machine can tick faster than it is due for long: one that seems to do
/// so was held up at its beginning and caught up.
fn words(ticks: u64, period_ms: f64, error_percent: f64) -> (String, &'static str) {
    if error_percent <= CAUGHT_UP_PERCENT {
        return (
            format!("rate off by {error_percent:.2} %"),
            "this host cannot hold these rates: lower --speed, --rates or --machines",
        );
    }
    let due_s = ticks.saturating_sub(1) as f64 * period_ms / 1e3;
    let took_s = due_s / (1.0 + error_percent / 100.0);
    (
        format!("its {ticks} ticks within {took_s:.3} s where {due_s:.3} s are due"),
        "the machine or this host stood still, and it caught up: its rows are whole, but their times say little",
    )
}

/// How far a machine is from keeping its rate; above 1 it does not. A delay that the condition injects is not the host's.
fn excess(machine: &MachineMetrics, speed: f64, injected_ms: f64) -> f64 {
    let ticks = &machine.ticks;
    let judged = ticks.ticks.is_some_and(|ticks| ticks >= TICKS);
    let error = ticks.tick_error_percent.filter(|_| judged).unwrap_or(0.0);
    let late_ms = ticks.lateness_p99_ms.unwrap_or(0.0) - injected_ms;
    let late_periods = late_ms * speed * machine.rate.unwrap_or_default() / 1e3;
    (error.abs() / ERROR_PERCENT).max(late_periods / LATENESS_PERIODS)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_machine_that_caught_up_is_not_told_to_be_fast() {
        let (found, advice) = words(60, 500.0, 516_909.62);
        assert_eq!(found, "its 60 ticks within 0.006 s where 29.500 s are due");
        assert!(advice.contains("caught up"), "{advice}");
        let (found, advice) = words(60, 500.0, -12.5);
        assert_eq!(found, "rate off by -12.50 %");
        assert!(advice.contains("cannot hold these rates"), "{advice}");
    }
}
