//! A condition's options by the names that `runner trial` and experiment files give them, and conditions chosen by them.
//!
//! **Invariant.** Options are read from the manifest's own words, so one that is new to the runner can be named here too.

use std::collections::{BTreeMap, BTreeSet};

use event_log::Condition;
use serde_json::{Map, Value, json};

/// What a condition, or some of them, are named by: options and their values.
pub type Options = BTreeMap<String, Value>;

/// Options that manifests leave out where they are usual.
const USUAL: [(&str, &str); 3] = [("design", "mesh"), ("stamp", "after"), ("tick_delay", "0s")];

/// The options of a condition, and what follows from its rates: `slowest_rate`, `fastest_rate` and their `gap` where
/// rates are fixed, `range_low`, `range_high` and `range_width` where they are drawn.
pub fn of(condition: &Condition) -> Options {
    let mut options: Options = USUAL
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    if let Ok(Value::Object(fields)) = serde_json::to_value(condition) {
        for (name, value) in fields {
            options.extend(named(&name, value));
        }
    }
    options
}

/// A field of a manifest under the names of options.
fn named(name: &str, value: Value) -> Vec<(String, Value)> {
    let one = |name: &str, value: Value| vec![(name.to_owned(), value)];
    match (name, &value) {
        ("driver", _) => {
            let mut both = one("virtual", json!(value == "virtual"));
            both.push((name.to_owned(), value));
            both
        }
        ("rates", Value::Object(rule)) => rates(rule),
        ("latency", Value::Object(latency)) => {
            let end = |key: &str| latency.get(key).and_then(Value::as_u64).map(span);
            match (end("min_ns"), end("max_ns")) {
                (Some(low), Some(high)) if low == high => one(name, json!(low)),
                (Some(low), Some(high)) => one(name, json!(format!("{low}..{high}"))),
                _ => Vec::new(),
            }
        }
        // A choice among several options, with one given: {"internal": 0.7}, {"sides": 10}.
        (_, Value::Object(choice)) => choice.clone().into_iter().collect(),
        (_, Value::Number(number)) => match (name.strip_suffix("_ns"), number.as_u64()) {
            (Some(name), Some(nanoseconds)) => one(name, json!(span(nanoseconds))),
            _ => one(name, value),
        },
        _ => one(name, value),
    }
}

fn rates(rule: &Map<String, Value>) -> Vec<(String, Value)> {
    let numbers = |value: &Value| -> Vec<f64> {
        let list = value.as_array().into_iter().flatten();
        list.filter_map(Value::as_f64).collect()
    };
    let mut found = Vec::new();
    let mut add = |name: &str, value: Value| found.push((name.to_owned(), value));
    if let Some(fixed) = rule.get("fixed") {
        let rates = numbers(fixed);
        let low = rates.iter().copied().fold(f64::INFINITY, f64::min);
        let high = rates.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        add("rates", fixed.clone());
        add("slowest_rate", json!(low));
        add("fastest_rate", json!(high));
        add("gap", json!(high - low));
    }
    if let Some([low, high]) = rule.get("range").map(numbers).as_deref() {
        add("rate_range", json!(format!("{low}..{high}")));
        add("range_low", json!(low));
        add("range_high", json!(high));
        add("range_width", json!(high - low));
    }
    found
}

/// Nanoseconds as options write them: `60s`, `100us`.
fn span(nanoseconds: u64) -> String {
    let units = [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000)];
    let unit = units
        .into_iter()
        .find(|(_, length)| nanoseconds.is_multiple_of(*length));
    let (unit, length) = unit.unwrap_or(("ns", 1));
    format!("{}{unit}", nanoseconds / length)
}

/// Whether two values are the same; whole numbers and fractions are one kind.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        _ => a == b,
    }
}

/// The indices of the conditions that have all these options.
///
/// # Errors
///
/// In words, with the options or values that there are, when an option is unknown or nothing matches.
pub fn matching(conditions: &[Options], wanted: &Options) -> Result<Vec<usize>, String> {
    for name in wanted.keys() {
        if !conditions.iter().any(|options| options.contains_key(name)) {
            let known: BTreeSet<&str> = conditions
                .iter()
                .flat_map(|o| o.keys())
                .map(String::as_str)
                .collect();
            let known: Vec<&str> = known.into_iter().collect();
            return Err(format!(
                "no condition has an option `{name}`; expected one of {}",
                known.join(", ")
            ));
        }
    }
    let has = |options: &Options, (name, value): (&String, &Value)| {
        options.get(name).is_some_and(|found| same(found, value))
    };
    let found: Vec<usize> = (0..conditions.len())
        .filter(|&index| wanted.iter().all(|wish| has(&conditions[index], wish)))
        .collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let unmet = wanted
        .iter()
        .find(|wish| !conditions.iter().any(|options| has(options, *wish)));
    Err(match unmet {
        Some((name, value)) => format!(
            "no condition has {name} = {value}; there are {name} = {}",
            values(conditions, name).join(", ")
        ),
        None => format!(
            "no condition has all of {}, though each of them occurs; conditions differ in {}",
            words(wanted),
            differences(conditions)
        ),
    })
}

/// The values of an option, each once, in the order of the conditions.
fn values(conditions: &[Options], name: &str) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for value in conditions.iter().filter_map(|options| options.get(name)) {
        let text = value_words(value);
        if !values.contains(&text) {
            values.push(text);
        }
    }
    values
}

/// The options in which conditions differ, with their values.
pub fn differences(conditions: &[Options]) -> String {
    let names: BTreeSet<&String> = conditions
        .iter()
        .flat_map(|options| options.keys())
        .collect();
    let mut parts = Vec::new();
    for name in names {
        let everywhere = conditions.iter().all(|options| options.contains_key(name));
        let values = values(conditions, name);
        if values.len() > 1 || !everywhere {
            parts.push(format!("{name} = {}", values.join(", ")));
        }
    }
    match parts.is_empty() {
        true => "nothing".to_owned(),
        false => parts.join(" · "),
    }
}

/// Options that follow from the rates, or vary with their number.
const OF_RATES: [&str; 9] = [
    "rates",
    "rate_range",
    "slowest_rate",
    "fastest_rate",
    "gap",
    "range_low",
    "range_high",
    "range_width",
    "machines",
];

/// The names of options in which conditions differ besides the one that is swept, and what follows from it.
pub fn differ_besides(conditions: &[Options], swept: &str) -> Vec<String> {
    let names: BTreeSet<&String> = conditions
        .iter()
        .flat_map(|options| options.keys())
        .collect();
    let with_it =
        |name: &str| name == swept || OF_RATES.contains(&swept) && OF_RATES.contains(&name);
    let differ = |name: &str| {
        let mut values = conditions.iter().map(|options| options.get(name));
        let first = values.next();
        !values.all(|value| Some(value) == first)
    };
    let others = names
        .into_iter()
        .filter(|name| !with_it(name) && differ(name));
    others.cloned().collect()
}

/// Those options of one condition in which it differs from others.
pub fn difference_of(one: &Options, all: &[Options]) -> String {
    let differs = |(name, value): &(&String, &Value)| {
        !all.iter().all(|other| other.get(*name) == Some(*value))
    };
    let mut different: Options = one
        .iter()
        .filter(differs)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    // What follows from the rates says nothing new beside them.
    if different.contains_key("rates") || different.contains_key("rate_range") {
        different.retain(|name, _| !OF_RATES[2..].contains(&name.as_str()));
    }
    words(&different)
}

/// `internal = 0.9, rates = [1, 3, 6]`
pub fn words(options: &Options) -> String {
    let parts: Vec<String> = options
        .iter()
        .map(|(name, value)| format!("{name} = {}", value_words(value)))
        .collect();
    parts.join(", ")
}

fn value_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number
            .as_f64()
            .map_or_else(|| number.to_string(), |number| number.to_string()),
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(value_words).collect();
            format!("[{}]", values.join(", "))
        }
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(odds: Value, rates: Value) -> Options {
        let condition = json!({
            "system": "scale-model", "driver": "virtual", "machines": 3, "rates": rates,
            "duration_ns": 60_000_000_000u64, "odds": odds, "drain": "one", "phase": "random",
            "speed": 1.0, "latency": { "min_ns": 100_000, "max_ns": 100_000 },
        });
        of(&serde_json::from_value(condition).expect("a condition"))
    }

    fn wanted(toml: &str) -> Options {
        toml::from_str(toml).expect("options")
    }

    #[test]
    fn options_are_named_as_in_experiments() {
        let options = condition(
            json!({ "internal": 0.9 }),
            json!({ "fixed": [1.0, 3.0, 6.0] }),
        );
        let expected = wanted(
            "internal = 0.9\nrates = [1, 3, 6]\ngap = 5\nduration = '60s'\nlatency = '100us'\nvirtual = true\n\
             drain = 'one'\nmachines = 3\ndesign = 'mesh'\nphase = 'random'\nspeed = 1",
        );
        for (name, value) in &expected {
            assert!(same(&options[name], value), "{name}: {:?}", options[name]);
        }
        let drawn = condition(json!({ "sides": 10 }), json!({ "range": [1, 6] }));
        let expected = wanted("sides = 10\nrate_range = '1..6'\nrange_width = 5");
        for (name, value) in &expected {
            assert!(same(&drawn[name], value), "{name}: {:?}", drawn[name]);
        }
    }

    #[test]
    fn a_choice_that_fails_names_what_there_is() {
        let rates = json!({ "fixed": [1.0, 6.0] });
        let all: Vec<Options> = [0.1, 0.5]
            .iter()
            .map(|internal| condition(json!({ "internal": internal }), rates.clone()))
            .collect();
        assert_eq!(matching(&all, &wanted("internal = 0.5")), Ok(vec![1]));
        assert_eq!(matching(&all, &Options::new()), Ok(vec![0, 1]));
        let none = matching(&all, &wanted("internal = 0.6")).expect_err("none");
        assert!(none.ends_with("there are internal = 0.1, 0.5"), "{none}");
        let typo = matching(&all, &wanted("intrnal = 0.5")).expect_err("unknown");
        assert!(
            typo.contains("`intrnal`") && typo.contains("internal, "),
            "{typo}"
        );
        assert_eq!(differences(&all), "internal = 0.1, 0.5");
    }
}
