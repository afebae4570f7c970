//! How many trials, how long, of how many machines.

use super::facts::{Facts, Trial, counted, short};
use super::judgement::Outcome;
use super::lines::line;
use super::rubric::{MachinesLimits, Rubric, TrialsLimits};

/// Files of a finding that are shown.
const SHOWN: usize = 5;

/// Are there enough trials?
pub(super) fn count(facts: &Facts<'_>, limits: &TrialsLimits) -> Outcome {
    let (found, wanted) = (facts.trials.len(), limits.at_least as usize);
    let aborted = match facts.aborted.len() {
        0 => String::new(),
        count => format!(
            " Set aside as aborted starts, shorter than {} s: {} ({}).",
            short(limits.aborted_below_s),
            counted(count, "trial"),
            listed(&facts.aborted)
        ),
    };
    let summary = format!(
        "There {} {}.{aborted}",
        verb(found),
        counted(found, "trial")
    );
    let outcome = if found >= wanted {
        Outcome::met(summary)
    } else {
        let words = format!("{found} of {}", counted(wanted, "trial"));
        let share = found as f64 / wanted as f64;
        Outcome::finding(share, words, summary).advise(
            "Are all logs in the folder? Programs that write each trial to the same files keep only the last one.",
        )
    };
    outcome.number("trials", found.to_string(), format!("at least {wanted}"))
}

fn verb(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn listed(names: &[String]) -> String {
    let mut text = names
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > SHOWN {
        text += &format!(" and {} more", names.len() - SHOWN);
    }
    text
}

/// Do as many trials as are asked for last as long as they should?
pub(super) fn length(facts: &Facts<'_>, rubric: &Rubric) -> Outcome {
    let limits = rubric.run_length.limits;
    let known: Vec<(&Trial<'_>, f64)> = facts
        .trials
        .iter()
        .filter_map(|trial| Some((trial, whole_length(trial)?)))
        .collect();
    if known.is_empty() {
        return Outcome::cannot_tell(
            "The logs have no times, so nobody can tell how long a trial lasted.",
        );
    }
    let wanted = known
        .len()
        .min(rubric.trials.limits.at_least.max(1) as usize);
    let resolution = facts
        .machines()
        .map(|(_, _, pace)| pace.resolution_s)
        .fold(0.0, f64::max);
    let limit = limits.at_least_s - limits.tolerance_s - resolution;
    let long = known.iter().filter(|&&(_, length)| length >= limit).count();
    let longest = known.iter().map(|&(_, length)| length).fold(0.0, f64::max);
    let shortest = known
        .iter()
        .map(|&(_, length)| length)
        .fold(f64::MAX, f64::min);
    let expected = format!("{} s or more", short(limits.at_least_s));
    let spread = match known.len() {
        1 => format!("The trial lasts {shortest:.1} s."),
        _ => format!("Trials last {shortest:.1} to {longest:.1} s."),
    };
    if long >= wanted {
        return Outcome::met(spread).number(
            "length of the trials",
            format!("{shortest:.1} to {longest:.1} s"),
            expected,
        );
    }
    let short_ones = known.iter().filter(|&&(_, length)| length < limit);
    let mut outcome = Outcome::finding(
        long as f64 / wanted as f64,
        match long {
            0 => format!("at most {longest:.0} s"),
            _ => format!("{} short", counted(wanted - long, "trial")),
        },
        format!(
            "{spread} {long} of {} reach the {} s asked for.",
            known.len(),
            short(limits.at_least_s)
        ),
    )
    .advise("Does the program stop every machine at the same time, or does one end early?");
    for &(trial, _) in short_ones.take(SHOWN) {
        outcome = ends(outcome, facts, trial, limit).number(
            format!("length of {}", trial.name),
            format!("{:.1} s", whole_length(trial).unwrap_or_default()),
            expected.clone(),
        );
    }
    outcome
}

/// Where the machine of a trial that ends first has its last line.
fn ends(outcome: Outcome, facts: &Facts<'_>, trial: &Trial<'_>, limit: f64) -> Outcome {
    let machines = trial.table.machines.iter().zip(&trial.paces);
    let lengths = machines.filter_map(|(machine, pace)| Some((machine, pace.length_s?)));
    let early = lengths.filter(|&(_, length)| length < limit);
    let Some((machine, length)) = early.min_by(|a, b| a.1.total_cmp(&b.1)) else {
        return outcome;
    };
    let shows = format!(
        "the last line of {}, after {length:.1} s",
        facts.called(trial, machine)
    );
    outcome.proven_by(line(machine, machine.rows.len().saturating_sub(1), shows))
}

/// How long all machines of a trial ran.
fn whole_length(trial: &Trial<'_>) -> Option<f64> {
    let lengths: Option<Vec<f64>> = trial.paces.iter().map(|pace| pace.length_s).collect();
    lengths?.into_iter().reduce(f64::min)
}

/// Has each trial enough machines?
pub(super) fn machines(facts: &Facts<'_>, limits: &MachinesLimits) -> Outcome {
    let wanted = limits.at_least as usize;
    let machines_of = |trial: &Trial<'_>| {
        let machines = trial.table.machines.iter();
        machines.filter(|machine| !machine.rows.is_empty()).count()
    };
    let few: Vec<&Trial<'_>> = facts
        .trials
        .iter()
        .filter(|trial| machines_of(trial) < wanted)
        .collect();
    let counts = facts.trials.iter().map(machines_of);
    let (fewest, most) = (counts.clone().min().unwrap_or(0), counts.max().unwrap_or(0));
    let found = match fewest == most {
        true => fewest.to_string(),
        false => format!("{fewest} to {most}"),
    };
    let expected = format!("at least {wanted}");
    if few.is_empty() {
        return Outcome::met(format!("Each trial has {found} machines.")).number(
            "machines in a trial",
            found,
            expected,
        );
    }
    let share = 1.0 - few.len() as f64 / facts.trials.len() as f64;
    let names: Vec<String> = few.iter().map(|trial| trial.name.clone()).collect();
    let words = match share > 0.0 {
        true => format!("{} of {} machines", counted(few.len(), "trial"), fewest),
        false => format!("{found} machines"),
    };
    let summary = format!(
        "Fewer than {wanted} machines have events in {}.",
        listed(&names)
    );
    Outcome::finding(share, words, summary)
        .number("machines in a trial", found, expected)
        .advise("Did a machine die at the start, or is its log missing from the folder?")
}
