//! An experiment as written. Keys are checked here, values when conditions are made of them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use toml::{Spanned, Table, Value};

use crate::options::TrialOptions;

/// Options of `trial` that belong to an experiment as a whole, not to one of its conditions.
const OF_THE_WHOLE: [&str; 5] = ["count", "seed", "jobs", "out", "name"];

/// What a file says. `None`: nothing, so a flag or the default holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// Name of the experiment, the last part of the run folder's name.
    pub name: Option<String>,
    /// The question of the experiment, in prose.
    pub question: Option<String>,
    /// Trials of each condition.
    pub count: Option<u64>,
    /// Seed of all chance.
    pub seed: Option<u64>,
    /// Trials side by side.
    pub jobs: Option<usize>,
    /// Folder that receives the run's folder.
    pub out: Option<PathBuf>,
    /// Options of all conditions that say nothing else.
    pub base: TrialOptions,
    /// `[[condition]]` tables.
    pub listed: Vec<Listed>,
    /// `[grid]`, in the order of the file.
    pub grid: Vec<Axis>,
}

/// A condition of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// What to call it.
    pub label: String,
    /// The options in which it differs from the base.
    pub options: TrialOptions,
}

/// An option that the grid varies.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Name of the option.
    pub key: String,
    /// Its values, at least one.
    pub values: Vec<Value>,
}

/// The file's form, before any of its options has been looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    name: Option<String>,
    question: Option<String>,
    count: Option<u64>,
    seed: Option<u64>,
    jobs: Option<usize>,
    out: Option<PathBuf>,
    #[serde(default)]
    base: Table,
    #[serde(default)]
    condition: Vec<Table>,
    grid: Option<BTreeMap<String, Spanned<Value>>>,
}

/// The draft that TOML says; the error names the key.
pub(super) fn from_toml(text: &str) -> Result<Draft, String> {
    let form: Form = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut listed = Vec::new();
    for (table, number) in form.condition.into_iter().zip(1..) {
        let place = format!("[[condition]] {number}");
        listed.push(listed_of(table).map_err(|problem| format!("{place}: {problem}"))?);
    }
    let grid = match form.grid {
        Some(grid) => axes(grid)?,
        None => Vec::new(),
    };
    if listed.is_empty() && grid.is_empty() {
        return Err(
            "neither [[condition]] nor [grid]: say what is to vary, or use `runner trial`"
                .to_owned(),
        );
    }
    Ok(Draft {
        name: form.name,
        question: form.question,
        count: form.count,
        seed: form.seed,
        jobs: form.jobs,
        out: form.out,
        base: options_of(form.base).map_err(|problem| format!("[base]: {problem}"))?,
        listed,
        grid,
    })
}

fn listed_of(mut table: Table) -> Result<Listed, String> {
    let label = match table.remove("label") {
        Some(Value::String(label)) if !label.trim().is_empty() => label,
        Some(other) => return Err(format!("label: expected some words, found {other}")),
        None if table.is_empty() => "base".to_owned(),
        None => {
            let parts: Vec<String> = table.iter().map(|(key, value)| words(key, value)).collect();
            parts.join(" · ")
        }
    };
    Ok(Listed {
        label,
        options: options_of(table)?,
    })
}

fn axes(grid: BTreeMap<String, Spanned<Value>>) -> Result<Vec<Axis>, String> {
    if grid.is_empty() {
        return Err("[grid]: empty; name options and the values that each takes".to_owned());
    }
    // The parser sorts keys; their positions give the order in which they were written.
    let mut grid: Vec<(String, Spanned<Value>)> = grid.into_iter().collect();
    grid.sort_by_key(|(_, value)| value.span().start);
    let mut axes = Vec::new();
    for (key, value) in grid {
        let values = match value.into_inner() {
            Value::Array(values) if !values.is_empty() => values,
            Value::Array(_) => return Err(format!("[grid] {key}: an empty list; give it a value")),
            other => {
                return Err(format!(
                    "[grid] {key}: expected a list of values, found {other}; what does not vary belongs in [base]"
                ));
            }
        };
        for value in &values {
            let table = Table::from_iter([(key.clone(), value.clone())]);
            options_of(table).map_err(|problem| {
                let listless = key == "rates" && !value.is_array();
                let hint = if listless {
                    "; each value is a list itself: rates = [[1, 3, 6], [2, 2, 2]]"
                } else {
                    ""
                };
                format!("[grid] {key}: {value}: {problem}{hint}")
            })?;
        }
        axes.push(Axis { key, values });
    }
    Ok(axes)
}

/// The options of a condition; the error names the key.
pub(super) fn options_of(table: Table) -> Result<TrialOptions, String> {
    if let Some(key) = OF_THE_WHOLE.iter().find(|&&key| table.contains_key(key)) {
        return Err(format!(
            "{key}: belongs to the experiment as a whole; move it to the top of the file"
        ));
    }
    table.try_into().map_err(|error: toml::de::Error| {
        // The parser's message may go on in a second line that says the key.
        let message = error.to_string().trim().replace('\n', ", ");
        // It lists what it would have expected; not all of that has its place here.
        let unfit = OF_THE_WHOLE.iter();
        unfit.fold(message, |message, key| {
            message.replace(&format!(" `{key}`,"), "")
        })
    })
}

/// An option and its value, for people: `rates 1,3,6`.
pub(super) fn words(key: &str, value: &Value) -> String {
    format!("{} {}", key.replace('_', " "), value_words(value))
}

fn value_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(value_words).collect();
            values.join(",")
        }
        other => other.to_string(),
    }
}
