//! What is right in a submission and what is not: logs of the scale model held against the assignment.
//!
//! ```text
//! folder → submission (its trials) → facts (what each trial and machine can be measured by)
//!            └→ criteria: trials · rates · ticks · drain · dice · peers · twins · messages · clocks · fields
//!                 └→ judgements (verdict, points, numbers, lines) → student (Markdown) · class (tables, CSV, JSON)
//! ```
//!
//! [`rubric`] says what counts and by which thresholds, [`criterion`] names what is judged, [`judgement`] is what comes out.
//! The criteria each take one question and the facts; none knows of points.
//!
//! # What is judged
//!
//! Aborted starts are set aside. Of the trials that are left, the assignment asks for five: where a team ran more, the ones
//! beyond may vary rates and dice. Such an experiment is no fault while other trials keep to the assignment.
//!
//! # How sure a verdict is
//!
//! A log that cannot answer gets "cannot tell", which takes no points: points are given out of what could be judged. Four
//! criteria rest on chance; the rubric states how often each accuses a correct program (`alpha`), 0.65 % together. The others
//! follow from the lines, with tolerances for late starts and late ticks. `analyze grade --split 5 RUN` takes each five trials
//! of a run for a submission: on trials of `runner trial --virtual`, which are correct, every finding is a false one.
//!
//! **Invariant.** A verdict rests on lines or numbers that are shown beside it, and never on a field that was not logged.

pub mod class;
mod clocks;
pub mod criterion;
mod dice;
mod drain;
mod facts;
mod fields;
pub mod judgement;
mod lines;
mod messages;
mod names;
mod overlay;
mod peers;
mod rates;
pub mod rubric;
#[cfg(test)]
mod simulated;
pub mod student;
pub mod submission;
pub mod table;
#[cfg(test)]
mod tests;
mod ticks;
mod trials;
mod twins;

pub use class::{Class, GRADE_VERSION, Row, csv};
pub use criterion::Criterion;
pub use judgement::{Grade, Judgement, Verdict};
pub use names::names;
pub use rubric::Rubric;
pub use submission::{Submission, Unreadable};

use std::panic::{AssertUnwindSafe, catch_unwind};

use facts::Facts;
use judgement::Outcome;

/// Judges a submission by a rubric.
pub fn grade(submission: &Submission, rubric: &Rubric) -> Grade {
    let facts = Facts::new(submission, rubric);
    let on = Criterion::ALL.into_iter().filter(|&one| rubric.is_on(one));
    let judgements = on.map(|criterion| {
        let outcome = judge(criterion, &facts, rubric);
        Judgement::new(criterion, rubric, outcome)
    });
    let judgements: Vec<Judgement> = judgements.collect();
    Grade {
        submission: submission.name.clone(),
        folder: submission.folder.clone(),
        format: submission.format.clone(),
        trials: facts.trials.len() as u64,
        aborted: facts
            .aborted
            .iter()
            .map(|name| (*name).to_owned())
            .collect(),
        notes: submission.notes.clone(),
        unread_logs: submission.unread_logs.clone(),
        judgements,
    }
}

/// Reads and judges one submission of a class; a bug of ours that its logs bring to light costs the others nothing.
///
/// # Errors
///
/// What `judge` returns, or that it panicked. The panic itself is on standard error by then.
pub fn isolated(judge: impl FnOnce() -> Result<Grade, Unreadable>) -> Result<Grade, Unreadable> {
    catch_unwind(AssertUnwindSafe(judge)).unwrap_or_else(|panic| {
        let texts = (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>());
        let text = match texts {
            (Some(text), _) => text.as_str(),
            (_, Some(text)) => text,
            _ => "no message",
        };
        Err(Unreadable(format!(
            "these logs made this program fail, which is a bug of the program and no fault of the submission: {text}; \
             please report it, with the logs"
        )))
    })
}

fn judge(criterion: Criterion, facts: &Facts<'_>, rubric: &Rubric) -> Outcome {
    match criterion {
        Criterion::Trials => trials::count(facts, &rubric.trials.limits),
        Criterion::RunLength => trials::length(facts, rubric),
        Criterion::Machines => trials::machines(facts, &rubric.machines.limits),
        Criterion::RateRange => rates::range(facts, rubric),
        Criterion::RatesDrawn => rates::drawn(facts, rubric),
        Criterion::TickRate => rates::held(facts, &rubric.tick_rate.limits),
        Criterion::OneEvent => ticks::judge(facts, &rubric.one_event.limits),
        Criterion::Drained => drain::judge(facts, &rubric.drained.limits),
        Criterion::Dice => dice::judge(facts, &rubric.dice.limits),
        Criterion::Peers => peers::judge(facts, &rubric.peers.limits),
        Criterion::Independent => twins::judge(facts, &rubric.independent.limits),
        Criterion::Messages => messages::judge(facts, &rubric.messages.limits),
        Criterion::Clock => clocks::judge(facts, &rubric.clock.limits),
        Criterion::Fields => fields::judge(facts, &rubric.fields.limits),
    }
}
