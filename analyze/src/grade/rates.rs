//! The rates of machines: in range, drawn, held.

use super::facts::{Facts, Pace, Trial, counted, percent, short};
use super::judgement::Outcome;
use super::lines::line;
use super::rubric::{Rubric, Tolerance};
use events::Machine;

/// Machines of a finding that are shown.
const SHOWN: usize = 6;

/// Do the machines tick at rates of the range?
pub(super) fn range(facts: &Facts<'_>, rubric: &Rubric) -> Outcome {
    let limits = rubric.rate_range.limits;
    let rate = |pace: &Pace| match pace.nominal_hz {
        Some(hertz) => Some((hertz, 0.0)),
        None => Some((pace.measured_hz?, limits.measured_tolerance)),
    };
    let inside = |pace: &Pace| {
        let (hertz, slack) = rate(pace)?;
        Some(hertz >= limits.low_hz * (1.0 - slack) && hertz <= limits.high_hz * (1.0 + slack))
    };
    let known: Vec<f64> = facts
        .machines()
        .filter_map(|(_, _, pace)| Some(rate(pace)?.0))
        .collect();
    if known.is_empty() {
        return Outcome::cannot_tell(
            "The logs state no rates and have no times to measure them by.",
        );
    }
    let low = known.iter().copied().fold(f64::MAX, f64::min);
    let high = known.iter().copied().fold(0.0, f64::max);
    let stated = facts
        .machines()
        .all(|(_, _, pace)| pace.nominal_hz.is_some());
    let how = if stated {
        "stated"
    } else {
        "measured, where not stated"
    };
    let found = format!("{} to {}", short(low), short(high));
    let expected = format!("{} to {}", short(limits.low_hz), short(limits.high_hz));
    let fits = |trial: &&Trial<'_>| trial.paces.iter().all(|pace| inside(pace) != Some(false));
    let fitting = facts.trials.iter().filter(fits).count();
    let wanted = facts
        .trials
        .len()
        .min(rubric.trials.limits.at_least.max(1) as usize);
    let what = format!("rates, {how}, ticks per second");
    let summary = format!("Machines tick {found} times a second ({how}).");
    if fitting >= wanted {
        let others = facts.trials.len() - fitting;
        let summary = match others {
            0 => summary,
            _ => format!(
                "{summary} {} with rates beyond the range: taken for an experiment.",
                counted(others, "trial")
            ),
        };
        return Outcome::met(summary).number(what, found, expected);
    }
    let beyond = facts
        .machines()
        .filter(|(_, _, pace)| inside(pace) == Some(false));
    let lines = beyond.take(SHOWN).filter_map(|(trial, machine, pace)| {
        let hertz = rate(pace)?.0;
        line(
            machine,
            0,
            format!(
                "the first event of {}: {} a second",
                facts.called(trial, machine),
                short(hertz)
            ),
        )
    });
    Outcome::finding(
        fitting as f64 / wanted as f64,
        format!("rates {found}"),
        summary,
    )
    .number(what, found, expected)
    .advise(format!(
        "Draw each machine's rate from {} to {} ticks per second.",
        short(limits.low_hz),
        short(limits.high_hz)
    ))
    .proven_by(lines)
}

/// Are rates drawn, rather than the same in every trial?
pub(super) fn drawn(facts: &Facts<'_>, rubric: &Rubric) -> Outcome {
    let range = rubric.rate_range.limits;
    let rates: Option<Vec<Vec<u64>>> = facts.trials.iter().map(stated_rates).collect();
    let Some(mut rates) = rates else {
        return Outcome::cannot_tell("The logs do not state the rates of all machines.");
    };
    let machines = rates.iter().map(Vec::len).min().unwrap_or_default();
    if rates.len() < 2 || machines == 0 {
        return Outcome::cannot_tell("One trial cannot tell whether rates are drawn for each.");
    }
    rates.sort();
    let different = rates
        .iter()
        .zip(&rates[1..])
        .filter(|(a, b)| a != b)
        .count()
        + 1;
    // The chance of one and the same draw in every trial, in whole rates of the range; machines that swap rates count
    // as the same, which makes it at most as many times larger as machines can be ordered.
    let values = (range.high_hz - range.low_hz).floor() + 1.0;
    let orders: f64 = (1..=machines).map(|number| number as f64).product();
    let p = (orders / values.powi(machines as i32)).powi(rates.len() as i32 - 1);
    let found = format!("{different} in {}", counted(rates.len(), "trial"));
    if different > 1 || p > rubric.rates_drawn.limits.alpha {
        return Outcome::met(format!("Different sets of rates: {found}.")).number(
            "different sets of rates",
            found,
            "",
        );
    }
    let same: Vec<String> = rates[0]
        .iter()
        .map(|&millihertz| short(millihertz as f64 / 1e3))
        .collect();
    let summary = format!(
        "All {} trials have the same rates: {} a second.",
        rates.len(),
        same.join(", ")
    );
    Outcome::finding(0.0, format!("always {}", same.join(", ")), summary)
        .number("different sets of rates", found, "more than 1")
        .number(
            "chance of that by drawing",
            format!("{p:.1e}"),
            format!("above {}", rubric.rates_drawn.limits.alpha),
        )
        .advise("Are rates drawn at the start of each trial, or written into the program?")
}

/// The rates of a trial in thousandths, in ascending order; none where one is not stated.
fn stated_rates(trial: &Trial<'_>) -> Option<Vec<u64>> {
    let rates: Option<Vec<u64>> = trial
        .paces
        .iter()
        .map(|pace| Some((pace.nominal_hz? * 1e3).round() as u64))
        .collect();
    let mut rates = rates?;
    rates.sort_unstable();
    Some(rates)
}

/// A machine's rate against the stated one.
struct Held<'a> {
    name: String,
    machine: &'a Machine,
    nominal_hz: f64,
    measured_hz: f64,
    /// How far off, as a share of the stated rate.
    error: f64,
    /// Whether that is more than is allowed for.
    beyond: bool,
}

/// Do machines tick as often as they say?
pub(super) fn held(facts: &Facts<'_>, limits: &Tolerance) -> Outcome {
    let held: Vec<Held<'_>> = facts
        .machines()
        .filter_map(|(trial, machine, pace)| {
            let (nominal_hz, measured_hz, span_s) =
                (pace.nominal_hz?, pace.measured_hz?, pace.span_s?);
            let error = measured_hz / nominal_hz - 1.0;
            // Times in whole seconds are off by up to one of them.
            let slack = limits.tolerance + pace.resolution_s / span_s;
            Some(Held {
                name: facts.called(trial, machine),
                machine,
                nominal_hz,
                measured_hz,
                error,
                beyond: error.abs() > slack,
            })
        })
        .collect();
    let Some(worst) = held
        .iter()
        .max_by(|a, b| a.error.abs().total_cmp(&b.error.abs()))
    else {
        return Outcome::cannot_tell(
            "The logs state no rates, or have no times to measure them by.",
        );
    };
    let beyond: Vec<&Held<'_>> = held.iter().filter(|held| held.beyond).collect();
    let found = format!("{:+.1} % at worst", worst.error * 100.0);
    let expected = format!("within {}", percent(limits.tolerance));
    let summary = format!(
        "{}: stated {} ticks a second, measured {}; of {} machines {} are further off than {}.",
        capital(&worst.name),
        short(worst.nominal_hz),
        short(worst.measured_hz),
        held.len(),
        beyond.len(),
        percent(limits.tolerance),
    );
    let what = "ticks per second, measured against stated";
    if beyond.is_empty() {
        let summary = format!("Machines tick as often as they say: {found}.");
        return Outcome::met(summary).number(what, found, expected);
    }
    let share = 1.0 - beyond.len() as f64 / held.len() as f64;
    // Fewer than half on time is not met.
    let share = if share < 0.5 { 0.0 } else { share };
    let slow = beyond.iter().filter(|held| held.error < 0.0).count();
    let advice = match slow * 2 > beyond.len() {
        true => {
            "Slower than stated: does the program sleep a whole period after its work, instead of until the next tick is due?"
        }
        false => {
            "Faster than stated: does a tick do more than one thing, or a wake-up come before its time?"
        }
    };
    let lines = beyond.iter().take(SHOWN).filter_map(|held| {
        let last = held.machine.rows.len().checked_sub(1)?;
        let shows = format!(
            "{}: {} a second up to here, stated {}",
            held.name,
            short(held.measured_hz),
            short(held.nominal_hz)
        );
        line(held.machine, last, shows)
    });
    let words = format!("ticks {:+.0} %", worst.error * 100.0);
    Outcome::finding(share, words, summary)
        .number(what, found, expected)
        .advise(advice)
        .proven_by(lines)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
