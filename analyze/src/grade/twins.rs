//! Dice of their own: machines that fork after the random numbers were seeded all roll the same, and so do trials with a
//! seed that is written into the program.
//!
//! Compared are the outcomes of the n-th rolls. Two sequences are called one if nearly all are equal, and if so many would be
//! equal by chance with a probability of at most alpha, divided by the number of comparisons. Machines may have drawn a few
//! numbers more or less before their first roll: small shifts are tried.

use statistics::binomial::Share;

use super::dice::scientific;
use super::facts::{Facts, percent};
use super::judgement::{Line, Outcome};
use super::lines::line;
use super::rubric::IndependentLimits;
use events::{Kind, Machine};

/// Shifts that are tried, in rolls.
const SHIFTS: std::ops::RangeInclusive<isize> = -3..=3;
/// Rolls of a pair that are shown.
const SHOWN: usize = 3;

/// A machine's rolls in one trial.
struct Rolls<'a> {
    trial: usize,
    at: usize,
    name: String,
    machine: &'a Machine,
    /// Positions of the rolls among the machine's events.
    events: Vec<usize>,
    kinds: Vec<Kind>,
    /// Shares of the kinds.
    shares: [f64; 3],
}

/// Two sequences beside each other.
struct Twin {
    first: usize,
    second: usize,
    shift: isize,
    equal: u64,
    of: u64,
    p: f64,
}

/// Are the dice of machines and trials their own?
pub(super) fn judge(facts: &Facts<'_>, limits: &IndependentLimits) -> Outcome {
    let rolls = gather(facts);
    let enough = |rolls: &&Rolls<'_>| rolls.kinds.len() as u64 >= limits.rolls_at_least;
    let rolls: Vec<&Rolls<'_>> = rolls.iter().filter(enough).collect();
    let mut pairs: Vec<(usize, usize, isize)> = Vec::new();
    for second in 0..rolls.len() {
        for first in 0..second {
            let (a, b) = (rolls[first], rolls[second]);
            if a.trial == b.trial {
                pairs.extend(SHIFTS.map(|shift| (first, second, shift)));
            } else if a.at == b.at {
                pairs.push((first, second, 0));
            }
        }
    }
    if pairs.is_empty() {
        return Outcome::cannot_tell("No two machines roll often enough to compare them.");
    }
    let twins = pairs.iter().filter_map(|&(first, second, shift)| {
        let twin = compare(&rolls, first, second, shift, limits)?;
        let p = twin.p * pairs.len() as f64;
        (p < limits.alpha).then_some(Twin { p, ..twin })
    });
    let twins: Vec<Twin> = twins.collect();
    let what = format!(
        "pairs of sequences that are one, of {} compared",
        pairs.len()
    );
    let Some(worst) = twins.iter().min_by(|a, b| a.p.total_cmp(&b.p)) else {
        return Outcome::met("No two machines and no two trials roll the same sequence.")
            .number(what, "0", "0");
    };
    let (a, b) = (rolls[worst.first], rolls[worst.second]);
    let same_trial = twins
        .iter()
        .any(|twin| rolls[twin.first].trial == rolls[twin.second].trial);
    let (share, short, advice) = match same_trial {
        true => (
            0.0,
            "machines roll alike",
            "Seed each machine's random numbers after the processes part: a forked process inherits the state, and so does a seed that all machines share.",
        ),
        false => (
            0.5,
            "trials repeat",
            "Trials of one seed are one trial, told several times; or was a folder copied?",
        ),
    };
    let summary = format!(
        "{} and {} roll the same: {} of {} rolls are equal.",
        a.name, b.name, worst.equal, worst.of
    );
    Outcome::finding(share, short, summary)
        .number(what, twins.len().to_string(), "0")
        .number(
            "chance of so much agreement",
            scientific(worst.p),
            format!("at least {}", limits.alpha),
        )
        .number(
            "equal rolls",
            percent(worst.equal as f64 / worst.of as f64),
            format!("below {}", percent(limits.agreement)),
        )
        .advise(advice)
        .proven_by(example(a, b, worst.shift))
}

fn gather<'a>(facts: &Facts<'a>) -> Vec<Rolls<'a>> {
    let mut gathered = Vec::new();
    for (number, trial) in facts.trials.iter().enumerate() {
        for (at, machine) in trial.table.machines.iter().enumerate() {
            let own = machine
                .rows
                .kinds()
                .enumerate()
                .filter(|&(_, kind)| kind != Kind::Receive);
            let (events, kinds): (Vec<usize>, Vec<Kind>) = own.unzip();
            let share = |kind: Kind| {
                let same = kinds.iter().filter(|&&one| one == kind).count();
                same as f64 / kinds.len().max(1) as f64
            };
            let shares = [Kind::Internal, Kind::Send, Kind::Broadcast].map(share);
            gathered.push(Rolls {
                trial: number,
                at,
                name: facts.called(trial, machine),
                machine,
                events,
                kinds,
                shares,
            });
        }
    }
    gathered
}

/// How much two sequences agree, the second shifted; none when that is too little to be one, or on too few rolls.
fn compare(
    rolls: &[&Rolls<'_>],
    first: usize,
    second: usize,
    shift: isize,
    limits: &IndependentLimits,
) -> Option<Twin> {
    let (a, b) = (rolls[first], rolls[second]);
    let (a_from, b_from) = starts(shift);
    let pairs = a.kinds.iter().skip(a_from).zip(b.kinds.iter().skip(b_from));
    let (mut equal, mut of) = (0u64, 0u64);
    for (one, other) in pairs {
        equal += u64::from(one == other);
        of += 1;
    }
    if of < limits.rolls_at_least || (equal as f64) < limits.agreement * of as f64 {
        return None;
    }
    let chance: f64 = (0..3).map(|kind| a.shares[kind] * b.shares[kind]).sum();
    let p = Share { held: equal, of }.p_above(chance);
    Some(Twin {
        first,
        second,
        shift,
        equal,
        of,
        p,
    })
}

fn starts(shift: isize) -> (usize, usize) {
    (shift.max(0) as usize, (-shift).max(0) as usize)
}

/// The first sends of both, which are rarer than internal events and so tell more.
fn example(a: &Rolls<'_>, b: &Rolls<'_>, shift: isize) -> Vec<Line> {
    let (a_from, b_from) = starts(shift);
    let length = a.kinds.len().saturating_sub(a_from);
    let sends = (0..length).filter(|&at| a.kinds[a_from + at] != Kind::Internal);
    let mut lines = Vec::new();
    for at in sends.take(SHOWN) {
        for (rolls, at) in [(a, a_from + at), (b, b_from + at)] {
            let shown = rolls.events.get(at).and_then(|&event| {
                line(
                    rolls.machine,
                    event,
                    format!("roll {} of {}", at + 1, rolls.name),
                )
            });
            lines.extend(shown);
        }
    }
    lines
}
