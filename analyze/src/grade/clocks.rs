//! The logical clock: one step for each own event, and on a receive one more than the larger of both.

use super::facts::{Facts, Trial, percent};
use super::judgement::{Line, Outcome};
use super::lines::line;
use super::rubric::Tolerance;
use crate::history::{Clock, Event, Kind, MachineHistory, ReceiveClock};

/// Cases of a finding that are shown.
const SHOWN: usize = 2;

/// How a clock departs from the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Slip {
    /// It falls.
    Falls,
    /// After a receive it is the larger of both, without the step.
    NoStep,
    /// After a receive it is not above what the message carried.
    NotMerged,
    /// It stays where it was.
    Stands,
    /// It takes several steps on an event of its own.
    Jumps,
    /// After a receive it is something else.
    Other,
}

impl Slip {
    const ALL: [Slip; 6] = [
        Slip::Falls,
        Slip::NoStep,
        Slip::NotMerged,
        Slip::Stands,
        Slip::Jumps,
        Slip::Other,
    ];

    fn words(self) -> &'static str {
        match self {
            Slip::Falls => "clock falls",
            Slip::NoStep => "merge without + 1",
            Slip::NotMerged => "receive not merged",
            Slip::Stands => "clock stands still",
            Slip::Jumps => "clock jumps on own events",
            Slip::Other => "wrong clock after receives",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Slip::Falls => {
                "The clock of a machine never goes back: is it set to the message's clock without taking the larger of both?"
            }
            Slip::NoStep => "A receive is an event: clock = max(own, received) + 1.",
            Slip::NotMerged => {
                "Is the line written before the clock is merged with that of the message?"
            }
            Slip::Stands => {
                "Every event takes a step: is the line written before the clock is raised, or are there two events in a tick?"
            }
            Slip::Jumps => {
                "An event of the machine's own takes one step: is the clock raised twice, or are messages merged that no line tells of?"
            }
            Slip::Other => {
                "clock = max(own, received) + 1, and the message carries the clock of its send."
            }
        }
    }
}

/// Does the logical clock keep to Lamport's rule?
pub(super) fn judge(facts: &Facts<'_>, limits: &Tolerance) -> Outcome {
    let mut judged = 0u64;
    let mut slips: Vec<(Slip, String)> = Vec::new();
    let mut lines: Vec<(Slip, Vec<Line>)> = Vec::new();
    for (trial, machine, _) in facts.machines() {
        let own = position(trial, machine);
        for (before, pair) in machine.events.windows(2).enumerate() {
            let Some(slip) = slip(trial, own, pair) else {
                continue;
            };
            judged += 1;
            let Some((slip, expected)) = slip else {
                continue;
            };
            if lines.iter().filter(|(one, _)| *one == slip).count() < SHOWN {
                let shown = [
                    (before, "before".to_owned()),
                    (before + 1, expected.clone()),
                ];
                let shown = shown
                    .into_iter()
                    .filter_map(|(event, shows)| line(machine, event, shows));
                lines.push((slip, shown.collect()));
            }
            slips.push((slip, expected));
        }
    }
    if judged == 0 {
        return Outcome::cannot_tell("The logs have no logical clocks.");
    }
    let share = slips.len() as f64 / judged as f64;
    let found = format!("{} of {judged}, {}", slips.len(), percent(share));
    let expected = format!("at most {}", percent(limits.tolerance));
    let what = "events whose clock breaks the rule";
    if share <= limits.tolerance {
        return Outcome::met("The clock keeps to the rule on every event that can be judged.")
            .number(what, found, expected);
    }
    let count = |slip: Slip| slips.iter().filter(|(one, _)| *one == slip).count();
    let main = Slip::ALL
        .into_iter()
        .max_by_key(|&slip| count(slip))
        .unwrap_or(Slip::Other);
    let points = if share <= 0.01 { 0.5 } else { 0.0 };
    let summary = format!(
        "{} of {judged} clocks break the rule, {} of them in one way: {}.",
        slips.len(),
        count(main),
        main.words()
    );
    let mut outcome = Outcome::finding(points, main.words(), summary).number(what, found, expected);
    for slip in Slip::ALL.into_iter().filter(|&slip| count(slip) > 0) {
        outcome = outcome.number(slip.words(), count(slip).to_string(), "0");
    }
    let proof = lines
        .into_iter()
        .filter(|(slip, _)| *slip == main)
        .flat_map(|(_, lines)| lines);
    outcome.advise(main.advice()).proven_by(proof)
}

fn position(trial: &Trial<'_>, machine: &MachineHistory) -> usize {
    let machines = trial.history.machines.iter();
    machines
        .into_iter()
        .position(|one| std::ptr::eq(one, machine))
        .unwrap_or_default()
}

/// Whether the later of two events breaks the rule, and what its clock should have been; none where that cannot be judged.
fn slip(trial: &Trial<'_>, own: usize, pair: &[Event]) -> Option<Option<(Slip, String)>> {
    let before = pair[0].clock.as_ref()?.scalar(own)?;
    let after = pair[1].clock.as_ref()?.scalar(own)?;
    let merged_late = |event: &Event| {
        event.kind == Kind::Receive
            && trial.history.dialect.receive_clock == Some(ReceiveClock::BeforeMerge)
    };
    if pair.iter().any(merged_late) || matches!(pair[1].clock, Some(Clock::Fractional(_))) {
        return None;
    }
    if after < before {
        return Some(Some((Slip::Falls, format!("above {before}"))));
    }
    let vector = matches!(pair[1].clock, Some(Clock::Vector(_)));
    let carried = pair[1].carried.as_ref().and_then(|clock| clock.scalar(own));
    let expected = match (pair[1].kind, carried) {
        (Kind::Receive, Some(carried)) if !vector => before.max(carried) + 1.0,
        (Kind::Receive, None) if !vector => {
            let stands = after <= before;
            return Some(stands.then(|| (Slip::Stands, format!("above {before}"))));
        }
        _ => before + 1.0,
    };
    if after == expected {
        return Some(None);
    }
    let slip = match (pair[1].kind, carried) {
        (Kind::Receive, Some(_)) if !vector && after == expected - 1.0 => Slip::NoStep,
        (Kind::Receive, Some(carried)) if !vector && after <= carried => Slip::NotMerged,
        _ if after == before => Slip::Stands,
        (Kind::Receive, _) => Slip::Other,
        _ => Slip::Jumps,
    };
    Some(Some((slip, format!("{expected} expected"))))
}
