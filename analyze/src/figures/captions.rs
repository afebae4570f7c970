//! Subtitles, headings and the sentences that say how a figure is read.

use plots::axes::rate;
use plots::palette::COLOURS;

use crate::plot_data::{ConditionDigest, MachineDigest, TrialDigest};
use crate::report::ConditionReport;

use super::groups::{rates, same_rates, with_rows};

/// Faint lines per machine, at most.
pub(super) const FAINT: usize = 30;
/// Panels of a comparison, at most.
pub(super) const COMPARED: usize = 4;

/// The condition, and how many trials of it there are.
pub(super) fn subtitle(condition: &ConditionDigest) -> String {
    let count = condition.trials.len();
    let incomplete = condition.trials.iter().filter(|t| !t.complete).count();
    let trials = if count == 1 { "trial" } else { "trials" };
    // Others' logs do not say whether a trial is complete; theirs are left out for many reasons.
    let what = match condition.setting.own() {
        Some(_) => "incomplete",
        None => "not counted",
    };
    let note = match incomplete {
        0 => String::new(),
        _ if count == 1 => format!(" ({what})"),
        some => format!(" ({some} {what})"),
    };
    format!("{} · {count} {trials}{note}", brief(&condition.label))
}

/// A label in which a list of more than eight numbers is cut short.
pub(super) fn brief(label: &str) -> String {
    let parts = label.split(" · ").map(|part| {
        let items: Vec<&str> = part.split(", ").collect();
        match items.as_slice() {
            [first, second, third, .., last] if items.len() > COLOURS => {
                format!("{first}, {second}, {third}, …, {last}")
            }
            _ => part.to_owned(),
        }
    });
    parts.collect::<Vec<String>>().join(" · ")
}

/// Two sentences as one text.
pub(super) fn both(one: String, other: String) -> String {
    join([one, other])
}

/// Sentences, less those that are empty.
fn join<const N: usize>(sentences: [String; N]) -> String {
    let said = sentences
        .into_iter()
        .filter(|sentence| !sentence.is_empty());
    said.collect::<Vec<String>>().join(" ")
}

/// A trial and its rates, as the heading of a panel.
pub(super) fn trial(trial: &TrialDigest) -> String {
    let rates = rates(trial);
    let unknown = trial.machines.iter().any(|of| of.rate_hz.is_none());
    let which = if unknown {
        format!("{} machines", rates.len())
    } else if rates.len() > COLOURS {
        let low = rates.iter().copied().fold(f64::INFINITY, f64::min);
        let high = rates.iter().copied().fold(0.0, f64::max);
        format!("{} rates from {} to {}", rates.len(), rate(low), rate(high))
    } else {
        let rates: Vec<String> = rates.iter().map(|hz| rate(*hz)).collect();
        format!("rates {}", rates.join(", "))
    };
    let note = if trial.complete { "" } else { " (incomplete)" };
    format!("trial {}: {which}{note}", trial.called)
}

/// What faint and bold lines are when trials lie on one another.
pub(super) fn together(trials: &[&TrialDigest]) -> String {
    let count = trials.len();
    let complete = trials.iter().filter(|trial| trial.complete).count();
    let faint = if count > FAINT {
        format!("{FAINT} of {count} trials")
    } else {
        format!("{count} trials")
    };
    let lines = match (count, complete) {
        (1, _) => String::new(),
        (_, 0) => format!("Faint: {faint}, none complete, so there is no mean."),
        (_, 1) => format!("Faint: {faint}; bold: the only complete one."),
        (all, complete) if all == complete => {
            format!("Faint: {faint}; bold: their mean, 95 % interval shaded.")
        }
        (_, complete) => {
            format!(
                "Faint: {faint}; bold: mean of the {complete} complete ones, 95 % interval shaded."
            )
        }
    };
    join([lines, colours(trials)])
}

/// That a figure shows less than all rows, where only some of them carry what it is about; nothing where all do.
pub(super) fn partly(trials: &[&TrialDigest], carry: fn(&MachineDigest) -> u64) -> String {
    let machines = || trials.iter().flat_map(|trial| &trial.machines);
    let jumps = |machine: &MachineDigest| machine.jumps.values().sum::<u64>();
    let carrying: u64 = machines().map(carry).sum();
    match carrying < machines().map(jumps).sum() {
        true => format!("Over the {carrying} rows that carry it."),
        false => String::new(),
    }
}

/// How many of the trials have a panel.
pub(super) fn apart(trials: &[&TrialDigest], shown: usize) -> String {
    let panels = if trials.len() > shown {
        format!("Panels: the first {shown} of {} trials.", trials.len())
    } else {
        String::new()
    };
    join([panels, colours(trials)])
}

fn colours(trials: &[&TrialDigest]) -> String {
    let machines = trials
        .iter()
        .map(|trial| trial.machines.len())
        .max()
        .unwrap_or(0);
    if machines <= COLOURS {
        return String::new();
    }
    format!(
        "Coloured: slowest, median, fastest; grey: the other {}.",
        machines - 3
    )
}

/// What a comparison of conditions shows.
pub(super) fn compared(shown: &[&ConditionDigest], all: usize) -> String {
    let count = if all > COMPARED {
        format!("The first {COMPARED} of {all} conditions.")
    } else {
        String::new()
    };
    let several = shown.iter().any(|condition| with_rows(condition).len() > 1);
    let lines = if several {
        "Faint: trials; bold: mean, 95 % interval shaded."
    } else {
        ""
    };
    let ranked = shown.iter().any(|condition| {
        let trials = with_rows(condition);
        !same_rates(&trials) || trials[0].machines.len() > 6
    });
    let ranks = if ranked {
        "Slowest, median, fastest: of each trial."
    } else {
        ""
    };
    join([count, lines.to_owned(), ranks.to_owned()])
}

/// How many conditions there are, and how many trials of each.
pub(super) fn trials_each(conditions: &[&ConditionReport]) -> String {
    let least = conditions.iter().map(|c| c.trials).min().unwrap_or(0);
    let most = conditions.iter().map(|c| c.trials).max().unwrap_or(0);
    let trials = match (least, most) {
        (1, 1) => "1 trial each".to_owned(),
        _ if least == most => format!("{most} trials each"),
        _ => format!("{least}–{most} trials each"),
    };
    format!("{} conditions of {trials}", conditions.len())
}

/// The parts of labels that all of them have.
pub(super) fn shared(labels: &[String]) -> Vec<&str> {
    let others: Vec<Vec<&str>> = labels
        .iter()
        .map(|label| label.split(" · ").collect())
        .collect();
    let common = |part: &&str| others.iter().all(|other| other.contains(part));
    let first = labels.first().into_iter();
    first
        .flat_map(|label| label.split(" · "))
        .filter(common)
        .collect()
}

/// What the conditions have in common, and for each what it alone says.
pub(super) fn differences(conditions: &[&ConditionDigest]) -> (String, Vec<String>) {
    let labels: Vec<String> = conditions.iter().map(|c| brief(&c.label)).collect();
    let shared = shared(&labels);
    let common = |part: &&str| shared.contains(part);
    let parts = labels
        .iter()
        .map(|label| label.split(" · ").collect::<Vec<&str>>());
    let headings = parts.zip(conditions).enumerate();
    let headings = headings.map(|(index, (parts, condition))| {
        let own: Vec<&str> = parts.into_iter().filter(|part| !common(part)).collect();
        let count = condition.trials.len();
        let trials = if count == 1 { "trial" } else { "trials" };
        match own.is_empty() {
            true => format!("condition {} · {count} {trials}", index + 1),
            false => format!("{} · {count} {trials}", own.join(" · ")),
        }
    });
    (shared.join(" · "), headings.collect())
}
