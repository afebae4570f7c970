//! Which number is a machine's rate: its unit says so, or the lines of the machines do.
//!
//! Machines that run for the same time write lines in proportion to their rates.
//!
//! **Invariant.** A number without a unit or a name is a rate only if several machines of different rates prove it.

use super::meaning::{Meaning, Role};
use super::shape::{Shape, Slot};

/// How far lines per unit of rate may be from the middle one, as a share of it.
const SPREAD_MAX: f64 = 0.2;
/// The highest rate must be this many times the lowest, to prove anything.
const RANGE_MIN: f64 = 1.5;

/// Whether a number is said to count per second: `3Hz`, `2 events per second`, `4 ticks/s`.
pub(super) fn per_second(slot: &Slot) -> bool {
    are_per_second(&slot.right)
}

/// Whether these words after a number say that it counts per second.
pub(super) fn are_per_second(right: &[String]) -> bool {
    let right: Vec<&str> = right.iter().take(4).map(String::as_str).collect();
    let is = |at: usize, words: &[&str]| right.get(at).is_some_and(|word| words.contains(word));
    let second = |at: usize| is(at, &["second", "seconds", "sec", "s"]);
    let by_second =
        |at: usize| second(at) || (is(at, &["per", "a", "every", "each"]) && second(at + 1));
    is(0, &["hz", "tps", "cps", "hertz", "ips", "ops"])
        || (is(0, &["per", "a"]) && second(1))
        || (is(0, COUNTED) && by_second(1))
        || (is(1, COUNTED) && by_second(2))
}

/// What a rate counts.
const COUNTED: &[&str] = &[
    "tick",
    "ticks",
    "event",
    "events",
    "instruction",
    "instructions",
    "instr",
    "cycle",
    "cycles",
    "step",
    "steps",
    "operation",
    "operations",
    "ops",
    "op",
    "action",
    "actions",
    "time",
    "times",
    "beat",
    "beats",
    "iteration",
    "iterations",
    "x",
];

/// The role of a number that is the time between two ticks: `1 tick every 0.25 s`, `sleep = 250 ms`.
pub(super) fn period(slot: &Slot) -> Option<Role> {
    let near = |words: &[&str]| {
        let mut left = slot.left.iter().take(4);
        left.any(|word| words.contains(&word.as_str()))
    };
    if !near(&[
        "every", "period", "interval", "sleep", "sleeps", "sleeping", "duration", "pause", "delay",
        "pro", "je",
    ]) {
        return None;
    }
    let mut units = slot.right.iter().take(1).chain(slot.left.iter().take(4));
    units.find_map(|word| match word.as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => Some(Role::PeriodS),
        "ms" | "msec" | "millis" | "millisecond" | "milliseconds" => Some(Role::PeriodMs),
        _ => None,
    })
}

/// Lines of each file that are events.
pub(super) fn lines(shapes: &[Shape], meanings: &[Meaning]) -> Vec<usize> {
    let mut lines = Vec::new();
    let events = shapes
        .iter()
        .zip(meanings)
        .filter(|(_, meaning)| meaning.kind().is_some());
    for row in events.flat_map(|(shape, _)| &shape.rows) {
        if lines.len() <= row.file {
            lines.resize(row.file + 1, 0);
        }
        lines[row.file] += 1;
    }
    lines
}

/// Whether the numbers of a slot, one a file, are rates by the events of each file.
pub(super) fn proven_by(shape: &Shape, slot: usize, lines: &[usize]) -> bool {
    let files: Option<Vec<(f64, usize)>> = (0..shape.rows.len())
        .map(|row| Some((shape.number(row, slot)?, *lines.get(shape.rows[row].file)?)))
        .collect();
    shape.rows.len() == shape.files() && files.is_some_and(|files| proven(&files))
}

/// What a number of each machine is, by its lines: the rate, or the time between two ticks, of which rates up to ten a
/// second tell the unit; in words too.
pub(super) fn role_by_lines(machines: &[(f64, usize)]) -> Option<(Role, &'static str)> {
    let inverse: Vec<(f64, usize)> = machines
        .iter()
        .map(|&(period, lines)| (1.0 / period, lines))
        .collect();
    let all = |range: std::ops::RangeInclusive<f64>| {
        machines.iter().all(|(number, _)| range.contains(number))
    };
    if all(0.01..=1000.0) && proven(machines) {
        Some((Role::Rate, "the rate"))
    } else if all(0.001..=10.0) && proven(&inverse) {
        Some((Role::PeriodS, "the seconds between two ticks"))
    } else if all(20.0..=10_000.0) && proven(&inverse) {
        Some((Role::PeriodMs, "the milliseconds between two ticks"))
    } else {
        None
    }
}

/// Whether machines of these rates wrote as many lines as their rates say: rate and lines of each file.
pub(super) fn proven(files: &[(f64, usize)]) -> bool {
    let mut ratios: Vec<f64> = files
        .iter()
        .map(|&(rate, lines)| lines as f64 / rate)
        .collect();
    ratios.sort_by(f64::total_cmp);
    let Some(&middle) = ratios.get(ratios.len() / 2) else {
        return false;
    };
    let near = |ratio: &f64| (ratio - middle).abs() <= SPREAD_MAX * middle;
    let rates = files.iter().map(|&(rate, _)| rate);
    let lowest = rates.clone().fold(f64::INFINITY, f64::min);
    let highest = rates.fold(0.0, f64::max);
    lowest > 0.0 && highest >= RANGE_MIN * lowest && middle > 0.0 && ratios.iter().all(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(left: &str, right: &str) -> Slot {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        Slot {
            class: super::super::tokens::Class::Number,
            left: words(left),
            right: words(right),
            field: None,
        }
    }

    #[test]
    fn units_of_rates_and_periods() {
        for right in [
            "hz",
            "ticks per second",
            "ticks s",
            "per sec",
            "clock ticks a second",
            "times per second",
        ] {
            assert!(per_second(&slot("", right)), "{right}");
        }
        for right in ["", "ticks", "seconds", "messages left"] {
            assert!(!per_second(&slot("", right)), "{right}");
        }
        assert_eq!(period(&slot("every tick", "s")), Some(Role::PeriodS));
        assert_eq!(period(&slot("ms interval", "")), Some(Role::PeriodMs));
        assert_eq!(period(&slot("after", "s")), None);
    }

    #[test]
    fn lines_tell_what_a_number_of_each_machine_is() {
        let role = |numbers: [f64; 3]| {
            let lines = [61, 118, 362].into_iter();
            let machines: Vec<(f64, usize)> = numbers.into_iter().zip(lines).collect();
            role_by_lines(&machines).map(|(role, _)| role)
        };
        assert_eq!(role([1.0, 2.0, 6.0]), Some(Role::Rate));
        assert_eq!(role([1.0, 0.5, 0.1667]), Some(Role::PeriodS));
        assert_eq!(role([1000.0, 500.0, 167.0]), Some(Role::PeriodMs));
        assert_eq!(role([1.0, 2.0, 3.0]), None);
        assert_eq!(role([0.0, 0.0, 0.0]), None);
    }

    #[test]
    fn lines_prove_rates_of_different_machines_only() {
        assert!(proven(&[(1.0, 58), (3.0, 181), (6.0, 355)]));
        assert!(!proven(&[(1.0, 60), (2.0, 61), (3.0, 62)]));
        assert!(!proven(&[(3.0, 180), (3.0, 181)]));
        assert!(!proven(&[]));
    }
}
