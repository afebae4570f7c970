//! Blocks that ask a page's logs a question of their own: coverage of intervals, a plan, power over
//! the number of trials, a gap between two worlds.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use super::page::Block;
use crate::condition::driver_name;
use crate::coverage::study::Deal;
use crate::coverage::{self, Coverage};
use crate::figures;
use crate::gap::{Gap, World, gap};
use crate::markdown;
use crate::plan::power_study::{PowerQuestion, PowerStudy, power_study};
use crate::plan::{self, Plan, Question, Subject};
use crate::report::{Report, TrialReport};
use crate::table;
use event_log::Driver;

/// The kinds of block that are studies.
pub(super) const KINDS: [&str; 4] = ["coverage", "plan", "power", "gap"];

/// Options of a block that say how an answer is shown, not what is asked.
const SHOWN_AS: [&str; 4] = ["as", "at", "decimals", "of"];

/// The answers to questions that blocks of a page ask, each found once: many values may come from one study.
#[derive(Debug, Default)]
pub(super) struct Studies {
    known: RefCell<BTreeMap<String, Rc<Answer>>>,
}

/// A study, and its JSON once a value is asked for.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) study: Study,
    json: OnceCell<Value>,
}

impl Studies {
    /// The study of this kind that the block's options ask for.
    ///
    /// # Errors
    ///
    /// What the options ask for and the report cannot answer, in words.
    pub(super) fn of(
        &self,
        kind: &str,
        block: &Block,
        report: &Report,
    ) -> Result<Rc<Answer>, String> {
        let asked = block.options.iter();
        let asked = asked.filter(|(name, _)| !SHOWN_AS.contains(&name.as_str()));
        let question = format!("{kind} {:?}", asked.collect::<Vec<_>>());
        if let Some(known) = self.known.borrow().get(&question) {
            return Ok(Rc::clone(known));
        }
        let answer = Rc::new(Answer {
            study: Study::of(kind, block, report)?,
            json: OnceCell::new(),
        });
        let mut known = self.known.borrow_mut();
        known.insert(question, Rc::clone(&answer));
        Ok(answer)
    }
}

impl Answer {
    /// For values.
    pub(super) fn json(&self) -> Result<&Value, String> {
        if let Some(json) = self.json.get() {
            return Ok(json);
        }
        let json = self.study.json()?;
        Ok(self.json.get_or_init(|| json))
    }
}

/// The answer to a block's question.
#[derive(Debug)]
pub(super) enum Study {
    Coverage(Coverage),
    Plan(Box<Plan>),
    Power(PowerStudy),
    Gap(Gap),
}

impl Study {
    /// Makes the study of this kind that the block's options ask for.
    fn of(kind: &str, block: &Block, report: &Report) -> Result<Study, String> {
        match kind {
            "coverage" => covered(block, report).map(Study::Coverage),
            "plan" => planned(block, report).map(|plan| Study::Plan(Box::new(plan))),
            "power" => powered(block, report).map(Study::Power),
            "gap" => between(block, report).map(Study::Gap),
            other => Err(format!(
                "`{other}` is no study: expected one of {}",
                KINDS.join(", ")
            )),
        }
    }

    /// As a page shows it.
    pub(super) fn text(&self) -> String {
        match self {
            Study::Coverage(coverage) => markdown::table(&table::coverage::table(coverage)),
            Study::Plan(plan) => sentence(&plan.sentence),
            Study::Power(study) => markdown::table(&table::power::table(study)),
            Study::Gap(gap) => {
                let table = markdown::table(&table::gap::table(gap));
                format!("**{}**\n\n{table}", sentence(&gap.sentence))
            }
        }
    }

    /// For values.
    fn json(&self) -> Result<Value, String> {
        let json = match self {
            Study::Coverage(coverage) => serde_json::to_value(coverage),
            Study::Plan(plan) => serde_json::to_value(plan),
            Study::Power(study) => serde_json::to_value(study),
            Study::Gap(gap) => serde_json::to_value(gap),
        };
        json.map_err(|error| error.to_string())
    }
}

/// A sentence with names of metrics as they are: underscores inside words mark nothing.
fn sentence(text: &str) -> String {
    markdown::inline(text).replace("\\_", "_")
}

/// `coverage [trials=K] [resample=N] [machine=A,B] [metric=A,B]`
fn covered(block: &Block, report: &Report) -> Result<Coverage, String> {
    let wanted = coverage::Wanted {
        metrics: list(block, "metric"),
        machines: list(block, "machine")
            .iter()
            .map(|name| name.parse::<Subject>())
            .collect::<Result<_, _>>()?,
        trials_per_replication: parsed(block, "trials")?.unwrap_or_default(),
        deal: parsed(block, "resample")?.map_or(Deal::Apart, Deal::Resampled),
    };
    coverage::coverage(report, &wanted).map_err(|error| error.to_string())
}

/// `plan metric=NAME effect=CHANGE [power=P] [alpha=P] [machine=NAME] [condition=N]`
fn planned(block: &Block, report: &Report) -> Result<Plan, String> {
    let question = Question {
        metric: needed(block, "metric")?.to_owned(),
        effect: needed(block, "effect")?.parse()?,
        power: parsed(block, "power")?.unwrap_or(0.9),
        alpha: parsed(block, "alpha")?.unwrap_or(0.05),
        machine: machine(block)?,
        condition: block.options.get("condition").cloned(),
    };
    plan::plan(report, &question).map_err(|error| error.to_string())
}

/// `power metric=NAME [effects=A,B] [machine=NAME] [condition=N] [alpha=P]`
fn powered(block: &Block, report: &Report) -> Result<PowerStudy, String> {
    let question = PowerQuestion {
        metric: needed(block, "metric")?.to_owned(),
        effects: list(block, "effects")
            .iter()
            .map(|effect| effect.parse())
            .collect::<Result<_, _>>()?,
        machine: machine(block)?,
        condition: block.options.get("condition").cloned(),
        alpha: parsed(block, "alpha")?.unwrap_or(0.05),
    };
    power_study(report, &question).map_err(|error| error.to_string())
}

/// The name of the file of a figure of power: a page may hold several, of different metrics, machines and conditions.
pub(super) fn power_file(block: &Block) -> String {
    let told = ["metric", "machine", "condition"].map(|name| block.options.get(name));
    let words = told.into_iter().flatten().map(String::as_str);
    let words: Vec<&str> = std::iter::once(figures::POWER).chain(words).collect();
    format!("{}.svg", words.join("-"))
}

fn needed<'a>(block: &'a Block, name: &str) -> Result<&'a str, String> {
    let found = block.options.get(name).map(String::as_str);
    found.ok_or_else(|| format!("a block of {} needs {name}=…", block.kind))
}

fn machine(block: &Block) -> Result<Subject, String> {
    let name = block.options.get("machine");
    name.map_or("slowest", String::as_str).parse()
}

/// `gap [a=RUN b=RUN] [metric=A,B]`: two runs by part of their names, or sockets against virtual time.
fn between(block: &Block, report: &Report) -> Result<Gap, String> {
    let metrics = list(block, "metric");
    let (a, b) = match (block.options.get("a"), block.options.get("b")) {
        (Some(a), Some(b)) => (of_run(a, report)?, of_run(b, report)?),
        (None, None) => (
            of_driver(Driver::Sockets, report),
            of_driver(Driver::Virtual, report),
        ),
        _ => return Err("a gap has two sides: expected a=… and b=…, or neither".to_owned()),
    };
    gap(&a, &b, &metrics).map_err(|error| error.to_string())
}

fn of_driver(driver: Driver, report: &Report) -> World<'_> {
    World::of(driver_name(driver), report, |trial| {
        trial.driver == Some(driver)
    })
}

fn of_run<'a>(name: &str, report: &'a Report) -> Result<World<'a>, String> {
    let chosen = |trial: &TrialReport| trial.run.contains(name);
    let mut runs: Vec<&str> = report
        .trials
        .iter()
        .filter(|trial| chosen(trial))
        .map(|trial| trial.run.as_str())
        .collect();
    runs.sort_unstable();
    runs.dedup();
    match runs.as_slice() {
        [run] => Ok(World::of(*run, report, chosen)),
        [] => Err(format!("`{name}` is part of no run's name")),
        several => Err(format!("`{name}` is part of {} runs' names", several.len())),
    }
}

fn list(block: &Block, name: &str) -> Vec<String> {
    let words = block.options.get(name).into_iter();
    words
        .flat_map(|words| words.split(','))
        .map(str::to_owned)
        .collect()
}

fn parsed<T: std::str::FromStr>(block: &Block, name: &str) -> Result<Option<T>, String> {
    let text = block.options.get(name);
    let parsed = text.map(|text| {
        text.parse()
            .map_err(|_| format!("{name}={text}: expected a number"))
    });
    parsed.transpose()
}
