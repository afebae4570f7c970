//! An experiment as `run.json` stores it: with every condition in full, so that its file may change or go.

use std::path::PathBuf;

use event_log::{FORMAT_VERSION, RunManifest};
use serde::{Deserialize, Serialize};

use super::draft::{Draft, Listed};
use super::{Experiment, NamedCondition};
use crate::options::TrialOptions;

/// The `config` of an experiment's run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Trials of the run, all conditions together; readers use it to see whether some are missing.
    pub count: u64,
    /// Trials of each condition.
    pub count_per_condition: u64,
    /// Name of the experiment.
    pub name: String,
    /// Its question, in prose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Seed of all chance.
    pub seed: u64,
    /// Trials side by side on sockets, where they share the host; in virtual time it makes no difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs: Option<usize>,
    /// Folder that received the run's folder.
    pub out: PathBuf,
    /// The conditions, in the order in which they are listed to people.
    pub conditions: Vec<ConditionRecord>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionRecord {
    /// What to call it.
    pub label: String,
    /// All of its options.
    pub options: TrialOptions,
}

impl From<&Experiment> for Record {
    fn from(experiment: &Experiment) -> Record {
        Record {
            count: experiment.count(),
            count_per_condition: experiment.count_per_condition,
            name: experiment.name.clone(),
            question: experiment.question.clone(),
            seed: experiment.seed,
            jobs: experiment.socket_jobs(),
            out: experiment.out.clone(),
            conditions: experiment.conditions.iter().map(condition).collect(),
        }
    }
}

fn condition(named: &NamedCondition) -> ConditionRecord {
    ConditionRecord {
        label: named.label.clone(),
        options: TrialOptions {
            count: None,
            seed: None,
            jobs: None,
            out: None,
            name: None,
            ..named.config.to_options()
        },
    }
}

impl From<Record> for Draft {
    fn from(record: Record) -> Draft {
        let listed = record.conditions.into_iter().map(|condition| Listed {
            label: condition.label,
            options: condition.options.as_recorded(),
        });
        Draft {
            name: Some(record.name),
            question: record.question,
            count: Some(record.count_per_condition),
            seed: Some(record.seed),
            jobs: record.jobs,
            out: Some(record.out),
            base: TrialOptions::default(),
            listed: listed.collect(),
            grid: Vec::new(),
        }
    }
}

/// The manifest of an experiment's run; the error says what is wrong with the text.
pub(super) fn manifest_of(text: &str) -> Result<RunManifest<Record>, String> {
    let manifest: RunManifest<serde_json::Value> =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    if manifest.format_version != FORMAT_VERSION {
        return Err(format!(
            "format version {}: this runner reads version {FORMAT_VERSION}; use the release that wrote it",
            manifest.format_version
        ));
    }
    if manifest.config.get("conditions").is_none() {
        return Err(
            "a run of one condition, not an experiment: repeat it with `runner trial --config`"
                .to_owned(),
        );
    }
    let config = Record::deserialize(&manifest.config)
        .map_err(|error| format!("config: {error}; was it edited?"))?;
    Ok(RunManifest {
        format_version: manifest.format_version,
        system: manifest.system,
        tool: manifest.tool,
        created: manifest.created,
        host: manifest.host,
        driver: manifest.driver,
        seed: manifest.seed,
        config,
    })
}
