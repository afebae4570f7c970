//! The outcomes of the die: internal, to one, to all.
//!
//! All trials together are held against the die of the assignment. Where they do not fit, trials that rolled different dice
//! are told from trials that share a wrong one: the test that all trials roll one die, whichever, is by shuffling their
//! rolls. Different dice are an experiment with the share of internal events, and no fault if what is left without the
//! trials that fit least fits; one wrong die is a fault.
//!
//! Rolls are taken for independent of their number. That is not quite so, since who sends more receives less; what it does
//! to the error rate is measured, not argued away (see [`crate::grade`]).

use statistics::chance::Chance;
use statistics::multinomial::p_value;

use super::facts::{Facts, Trial, counted, percent, rolled};
use super::judgement::Outcome;
use super::rubric::DiceLimits;
use events::Kind;

/// From this p on, trials are taken to roll one die.
const ONE_DIE: f64 = 0.01;
/// Shuffles of that test.
const SHUFFLES: usize = 1_999;
/// A die is named as what was rolled if it explains the rolls at least this well.
const LIKELY: f64 = 0.05;
/// Dice that are tried for that.
const SIDES: std::ops::RangeInclusive<u64> = 4..=20;

/// Internal events, sends to one, sends to all.
type Counts = [u64; 3];

/// Do the outcomes of the die come as often as they should?
pub(super) fn judge(facts: &Facts<'_>, limits: &DiceLimits) -> Outcome {
    let counts: Vec<Counts> = facts.trials.iter().map(counts).collect();
    let all = sum(&counts);
    let total: u64 = all.iter().sum();
    if total < limits.rolls_at_least {
        return Outcome::cannot_tell(format!(
            "{total} rolls are too few to tell; it takes {}.",
            limits.rolls_at_least
        ));
    }
    if all[2] == 0 && !facts.broadcasts_are_told() {
        return without_broadcasts(all);
    }
    let chances = [limits.internal, limits.send, limits.broadcast];
    let p = p_value(&all, &chances);
    if p >= limits.alpha {
        return numbers(Outcome::met(told(all)), all, chances, p, limits);
    }
    if one_die(&counts) >= ONE_DIE {
        return wrong(all, chances, p, limits);
    }
    match fitting(&counts, &chances, limits) {
        Some(rest) => {
            let others = counts.len() - rest.len();
            let fit = sum(&rest.iter().map(|&at| counts[at]).collect::<Vec<_>>());
            let summary = format!(
                "{} rolled another die than the rest: taken for an experiment, which is no fault. {} in the {} that fit.",
                counted(others, "trial"),
                told(fit).trim_end_matches('.'),
                counted(rest.len(), "trial")
            );
            numbers(
                Outcome::met(summary),
                fit,
                chances,
                p_value(&fit, &chances),
                limits,
            )
        }
        None => wrong(all, chances, p, limits),
    }
}

fn counts(trial: &Trial<'_>) -> Counts {
    let mut counts = [0; 3];
    let machines = trial.table.machines.iter();
    for kind in machines.flat_map(|machine| rolled(&machine.rows)).flatten() {
        counts[match kind {
            Kind::Internal => 0,
            Kind::Send => 1,
            Kind::Broadcast => 2,
            Kind::Receive => continue,
        }] += 1;
    }
    counts
}

fn sum(counts: &[Counts]) -> Counts {
    counts
        .iter()
        .fold([0; 3], |sum, one| [0, 1, 2].map(|at| sum[at] + one[at]))
}

/// What rolls tell where a send to all may stand as a send to one, as several of them, or not at all: nothing for sure.
fn without_broadcasts(all: Counts) -> Outcome {
    let total: u64 = all.iter().sum();
    Outcome::cannot_tell(format!(
        "No line is a send to all, and the logs do not say how one would be written; {} of {total} lines without a receive are internal.",
        percent(all[0] as f64 / total as f64)
    ))
}

fn told(counts: Counts) -> String {
    let total = counts.iter().sum::<u64>().max(1) as f64;
    let share = |at: usize| percent(counts[at] as f64 / total);
    format!(
        "Of {total} rolls {} were internal, {} sent to one and {} to all.",
        share(0),
        share(1),
        share(2)
    )
}

fn numbers(
    outcome: Outcome,
    counts: Counts,
    chances: [f64; 3],
    p: f64,
    limits: &DiceLimits,
) -> Outcome {
    let total: u64 = counts.iter().sum();
    let mut outcome = outcome;
    for (at, what) in ["internal", "sent to one", "sent to all"]
        .into_iter()
        .enumerate()
    {
        let expected = format!(
            "about {:.0}, {}",
            total as f64 * chances[at],
            percent(chances[at])
        );
        let share = percent(counts[at] as f64 / total.max(1) as f64);
        outcome = outcome.number(
            what,
            format!("{} of {total}, {share}", counts[at]),
            expected,
        );
    }
    outcome.number(
        "p of the exact multinomial test",
        scientific(p),
        format!("at least {}", limits.alpha),
    )
}

fn wrong(all: Counts, chances: [f64; 3], p: f64, limits: &DiceLimits) -> Outcome {
    let total: u64 = all.iter().sum();
    let internal = percent(all[0] as f64 / total as f64);
    let (short, advice) = match likely_sides(all) {
        Some(sides) => (
            format!("die of {sides}?"),
            format!("The rolls look like those of a die of {sides}: look at the bounds of the random number."),
        ),
        None => (
            format!("{internal} internal"),
            "No fair die of four to twenty sides gives these shares: look at what each number does. A new roll in every branch of an if changes the odds, too.".to_owned(),
        ),
    };
    numbers(Outcome::finding(0.0, short, told(all)), all, chances, p, limits).advise(format!(
        "{advice} If all trials were meant as an experiment with other odds, hand in five with the odds of the assignment, too."
    ))
}

/// The die on which 1 and 2 send to one, 3 to all, that explains the rolls best, if it explains them.
fn likely_sides(counts: Counts) -> Option<u64> {
    let fits = SIDES.map(|sides| {
        let side = 1.0 / sides as f64;
        (
            sides,
            p_value(&counts, &[1.0 - 3.0 * side, 2.0 * side, side]),
        )
    });
    let best = fits.max_by(|a, b| a.1.total_cmp(&b.1));
    best.filter(|&(_, p)| p >= LIKELY).map(|(sides, _)| sides)
}

/// p of the hypothesis that all trials roll one die: the share of shuffles of all rolls over the trials after which they
/// differ as much, by chi-square.
fn one_die(trials: &[Counts]) -> f64 {
    let all = sum(trials);
    let sizes: Vec<u64> = trials.iter().map(|counts| counts.iter().sum()).collect();
    let total: u64 = sizes.iter().sum();
    let spread = |trials: &[Counts]| -> f64 {
        let mut sum = 0.0;
        for (counts, &size) in trials.iter().zip(&sizes) {
            for (at, &count) in counts.iter().enumerate() {
                let expected = size as f64 * all[at] as f64 / total as f64;
                if expected > 0.0 {
                    sum += (count as f64 - expected).powi(2) / expected;
                }
            }
        }
        sum
    };
    let observed = spread(trials);
    let mut rolls: Vec<usize> = Vec::with_capacity(total as usize);
    for (kind, &count) in all.iter().enumerate() {
        rolls.extend(std::iter::repeat_n(kind, count as usize));
    }
    let mut chance = Chance::new(total);
    let mut beyond = 0;
    for _ in 0..SHUFFLES {
        for last in (1..rolls.len()).rev() {
            rolls.swap(last, chance.below(last + 1));
        }
        let mut rest = rolls.iter();
        let shuffled: Vec<Counts> = sizes
            .iter()
            .map(|&size| {
                let mut counts = [0; 3];
                rest.by_ref()
                    .take(size as usize)
                    .for_each(|&kind| counts[kind] += 1);
                counts
            })
            .collect();
        beyond += usize::from(spread(&shuffled) >= observed - 1e-9);
    }
    (beyond + 1) as f64 / (SHUFFLES + 1) as f64
}

/// The trials that are left when those that fit least are left out, one after the other, until the rest fits: none if too
/// few rolls would be left.
fn fitting(trials: &[Counts], chances: &[f64; 3], limits: &DiceLimits) -> Option<Vec<usize>> {
    let mut rest: Vec<usize> = (0..trials.len()).collect();
    let alone: Vec<f64> = trials
        .iter()
        .map(|counts| p_value(counts, chances))
        .collect();
    loop {
        let kept: Vec<Counts> = rest.iter().map(|&at| trials[at]).collect();
        let counts = sum(&kept);
        if counts.iter().sum::<u64>() < limits.rolls_at_least {
            return None;
        }
        if p_value(&counts, chances) >= limits.alpha {
            return Some(rest);
        }
        let worst = (0..rest.len()).min_by(|&a, &b| alone[rest[a]].total_cmp(&alone[rest[b]]))?;
        rest.remove(worst);
    }
}

/// A p as it is read: `0.034`, `2e-9`.
pub(super) fn scientific(p: f64) -> String {
    if p >= 0.001 {
        format!("{p:.3}")
    } else if p == 0.0 {
        "below 1e-300".to_owned()
    } else {
        format!("{p:.0e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_die_is_named_by_its_rolls() {
        assert_eq!(likely_sides([667, 222, 111]), Some(9));
        assert_eq!(likely_sides([500, 333, 167]), Some(6));
        assert_eq!(likely_sides([700, 100, 200]), None);
    }

    #[test]
    fn trials_of_one_die_are_told_from_trials_of_several() {
        let one = [[333, 111, 56], [340, 109, 51], [326, 113, 61]];
        assert!(one_die(&one) > 0.3, "{}", one_die(&one));
        let several = [[350, 100, 50], [345, 104, 51], [200, 200, 100]];
        assert!(one_die(&several) < ONE_DIE);
    }

    #[test]
    fn an_experiment_is_left_out_and_a_wrong_die_is_not() {
        let limits = super::super::rubric::Rubric::default().dice.limits;
        let chances = [0.7, 0.2, 0.1];
        let varied = [[350, 100, 50], [345, 104, 51], [200, 200, 100]];
        assert_eq!(fitting(&varied, &chances, &limits), Some(vec![0, 1]));
        let wrong = [[200, 200, 100], [210, 190, 100]];
        assert_eq!(fitting(&wrong, &chances, &limits), None);
    }
}
