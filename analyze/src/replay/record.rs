//! `run.json` beside the manifests of its trials: seed and settings are the same in both.
//!
//! Other settings may give the same rows, such as another delay of a few nanoseconds: then only the run's record shows that
//! a manifest was changed. The runner says what the record means: it makes one trial of each condition from it.
//!
//! **Invariant.** A run without a record, or of a record that cannot be followed, differs in nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use event_log::layout::RUN_FILE;
use event_log::{Condition, Driver, RunManifest};

use super::batch::Group;
use super::compare::Difference;
use crate::check::LogLine;
use crate::runner_process::{EventBudget, Recipe};
use files::input::{self, DOCUMENT_BYTES_MAX};
use files::note::{Note, Severity};
use logs::scan::TrialPlace;

/// What comparing records has shown.
pub(super) struct Records {
    pub(super) differences: Vec<Difference>,
    pub(super) notes: Vec<Note>,
}

/// Compares the records of the runs that these groups come from.
pub(super) fn compare(groups: &[Group], places: &[TrialPlace], events_max: u64) -> Records {
    let mut runs: BTreeMap<PathBuf, Vec<(&Group, usize)>> = BTreeMap::new();
    for group in groups {
        let mut first: BTreeMap<PathBuf, usize> = BTreeMap::new();
        for &place in group.trials.values().flatten() {
            if let Some(run) = places[place].dir.parent() {
                first.entry(run.to_owned()).or_insert(place);
            }
        }
        for (run, place) in first {
            runs.entry(run).or_default().push((group, place));
        }
    }
    let mut records = Records {
        differences: Vec::new(),
        notes: Vec::new(),
    };
    for (run, groups) in runs {
        let file = run.join(RUN_FILE);
        if !file.exists() {
            continue;
        }
        match Record::read(&file, events_max) {
            Ok(record) => {
                let differ = groups.into_iter().filter_map(|(group, place)| {
                    let (expected, found) = record.differs(group)?;
                    Some(difference(&file, &places[place], expected, found))
                });
                records.differences.extend(differ);
            }
            Err(why) => records.notes.push(Note::new(
                // Of conditions on sockets the record cannot be followed in virtual time, which is nobody's fault.
                Severity::Info,
                &file,
                "the record of a run that can be run again in virtual time",
                why,
                "the settings of its trials were not compared with it",
            )),
        }
    }
    records
}

/// What the record of a run says of its trials.
struct Record {
    seed: u64,
    /// The condition of each trial that the runner makes from it, in virtual time.
    conditions: Vec<Condition>,
}

impl Record {
    fn read(file: &Path, events_max: u64) -> Result<Record, String> {
        let bytes =
            input::bytes_below(file, DOCUMENT_BYTES_MAX).map_err(|error| error.to_string())?;
        let manifest: RunManifest<serde_json::Value> =
            serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        let path = file.display().to_string();
        let mut arguments = match manifest.config.get("conditions") {
            Some(_) => vec!["experiment".to_owned(), path, "--virtual".to_owned()],
            None => ["trial", "--virtual", "--config", path.as_str()]
                .map(str::to_owned)
                .to_vec(),
        };
        arguments.extend(["--count".to_owned(), "1".to_owned()]);
        let recipe = Recipe {
            name: "record".to_owned(),
            arguments,
            faults: None,
        };
        let made = recipe.start(&EventBudget::new(events_max))?;
        let conditions = made.map(|made| Ok(made?.manifest.condition));
        Ok(Record {
            seed: manifest.seed,
            conditions: conditions.collect::<Result<_, String>>()?,
        })
    }

    /// What the record says and what the trials of a group say, where they differ.
    fn differs(&self, group: &Group) -> Option<(String, String)> {
        if group.seed != self.seed {
            let words = |seed| format!("seed {seed}");
            return Some((words(self.seed), words(group.seed)));
        }
        let comparable = |condition: &Condition| comparable(condition, group.condition.driver);
        let found = comparable(&group.condition);
        if self
            .conditions
            .iter()
            .any(|condition| comparable(condition) == found)
        {
            return None;
        }
        let nearest = self
            .conditions
            .iter()
            .map(comparable)
            .min_by_key(|condition| fields(condition, &found).len())?;
        let differing = fields(&nearest, &found);
        let words = |side: fn(&(String, String, String)) -> String| {
            let parts: Vec<String> = differing.iter().map(side).collect();
            parts.join(", ")
        };
        Some((
            words(|(name, expected, _)| format!("{name} {expected}")),
            words(|(name, _, found)| format!("{name} {found}")),
        ))
    }
}

/// A condition without what only the other driver knows.
fn comparable(condition: &Condition, driver: Driver) -> Condition {
    let mut condition = condition.clone();
    if driver == Driver::Sockets {
        condition.latency = None;
        condition.speed = 1.0;
        condition.tick_delay_ns = 0;
        condition.on_disconnect = None;
        condition.per_process = 1;
        condition.driver = Driver::Sockets;
    }
    condition
}

/// The fields of two conditions that differ: name, and both values as JSON.
fn fields(expected: &Condition, found: &Condition) -> Vec<(String, String, String)> {
    let object = |condition: &Condition| match serde_json::to_value(condition) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (expected, found) = (object(expected), object(found));
    let names = expected
        .keys()
        .chain(found.keys().filter(|name| !expected.contains_key(*name)));
    let text = |value: Option<&serde_json::Value>| {
        value.map_or("not given".to_owned(), ToString::to_string)
    };
    names
        .filter(|name| expected.get(*name) != found.get(*name))
        .map(|name| {
            (
                name.clone(),
                text(expected.get(name)),
                text(found.get(name)),
            )
        })
        .collect()
}

fn difference(file: &Path, place: &TrialPlace, expected: String, found: String) -> Difference {
    Difference {
        run: place.run.clone(),
        trial_dir: place.dir.clone(),
        machine: None,
        evidence: LogLine {
            file: file.to_owned(),
            line: None,
            text: "(the record of the run)".to_owned(),
            at: None,
        },
        expected,
        found: format!("{found} in the manifests of its trials"),
        differing: 1,
    }
}

#[cfg(test)]
mod tests {
    use event_log::Odds;

    use super::*;
    use laws::fixtures;

    #[test]
    fn fields_that_differ_are_named_with_both_values() {
        let expected = fixtures::log(&[&[], &[]]).manifest.condition;
        let mut found = expected.clone();
        assert_eq!(fields(&expected, &found), []);
        found.odds = Odds::Sides(6);
        found.latency = Some(event_log::Latency {
            min_ns: 0,
            max_ns: 1,
        });
        let differing = fields(&expected, &found);
        let names: Vec<&str> = differing.iter().map(|(name, _, _)| name.as_str()).collect();
        assert_eq!(names, ["odds", "latency"]);
        assert_eq!(differing[0].1, r#"{"sides":10}"#);
        assert_eq!(differing[1].1, "not given");
    }

    #[test]
    fn what_only_the_other_driver_knows_is_not_compared() {
        let sockets = fixtures::log(&[&[], &[]]).manifest.condition;
        let mut replayed = sockets.clone();
        replayed.driver = Driver::Virtual;
        replayed.latency = Some(event_log::Latency {
            min_ns: 1,
            max_ns: 1,
        });
        assert_eq!(
            comparable(&sockets, Driver::Sockets),
            comparable(&replayed, Driver::Sockets)
        );
        assert_ne!(
            comparable(&sockets, Driver::Virtual),
            comparable(&replayed, Driver::Virtual)
        );
    }
}
