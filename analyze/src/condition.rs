//! Which trials are repetitions of one experiment, and how to call it.
//!
//! **Invariant.** Two of our own trials are of one condition exactly when their manifests say so, seed and number aside;
//! two of others' when folder, format and number of machines are the same. Distinct conditions have distinct labels.

pub mod setting;

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use event_log::{
    Condition, Design, Drain, Driver, Latency, Odds, OnDisconnect, PhaseRule, RateRule, Stamp,
};

pub use setting::{ForeignSetting, Setting, StatedRates};

/// The one-way delay in virtual time that goes without saying.
const USUAL_LATENCY: Latency = Latency {
    min_ns: 100_000,
    max_ns: 100_000,
};

/// The conditions of some trials.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    keys: HashMap<String, usize>,
    runs: HashMap<String, usize>,
    found: Vec<Found>,
}

/// A condition, and the ordinal of the run in which it was found first.
#[derive(Debug, Clone)]
struct Found {
    run: usize,
    setting: Setting,
}

impl Conditions {
    /// The index of a condition, in the order of first appearance; a new one is added.
    pub fn index(&mut self, setting: &Setting, run: &str) -> usize {
        let runs = self.runs.len();
        let run = *self.runs.entry(run.to_owned()).or_insert(runs);
        let index = *self.keys.entry(key(setting)).or_insert_with(|| {
            let setting = setting.clone();
            self.found.push(Found { run, setting });
            self.found.len() - 1
        });
        if let (Setting::Foreign(known), Setting::Foreign(new)) =
            (&mut self.found[index].setting, setting)
        {
            known.rates.join(&new.rates);
        }
        index
    }

    /// The indices in the order in which people read them: runs as they were found, and the conditions of one run by
    /// what varies in them, because an experiment shuffles the order of its trials.
    pub fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.found.len()).collect();
        order.sort_by(|&a, &b| {
            let (a, b) = (&self.found[a], &self.found[b]);
            let by_run = a.run.cmp(&b.run);
            by_run.then_with(|| match (a.setting.own(), b.setting.own()) {
                (Some(a), Some(b)) => by_what_varies(a, b),
                _ => a.setting.machines().cmp(&b.setting.machines()),
            })
        });
        order
    }

    /// All of them with their labels, in the order of [`Conditions::order`].
    pub fn labelled(&self) -> Vec<(Setting, String)> {
        let mut taken = HashSet::new();
        let ordered = self.order().into_iter();
        let labelled = ordered.map(|index| {
            let setting = &self.found[index].setting;
            let plain = match setting {
                Setting::Own(condition) => label(condition),
                Setting::Foreign(foreign) => foreign.label(),
            };
            let mut unique = plain.clone();
            let mut copy = 2;
            while !taken.insert(unique.clone()) {
                unique = format!("{plain} ({copy})");
                copy += 1;
            }
            (setting.clone(), unique)
        });
        labelled.collect()
    }
}

/// What tells a condition from others.
fn key(setting: &Setting) -> String {
    match setting {
        // Manifests have no maps and no floats but finite ones, so their JSON is canonical.
        Setting::Own(condition) => {
            serde_json::to_string(condition).unwrap_or_else(|_| format!("{condition:?}"))
        }
        Setting::Foreign(foreign) => {
            let ForeignSetting {
                group,
                format,
                machines,
                rates: _,
            } = foreign;
            format!("{group}\n{format}\n{machines}")
        }
    }
}

/// Orders by machines, rates, length, odds, design, stamp, queue rule, delays, speed, what the loss of a machine
/// means, machines a process and driver, the small before the large and the usual before the unusual.
fn by_what_varies(a: &Condition, b: &Condition) -> Ordering {
    let numbers = |condition: &Condition| {
        let mut numbers = vec![f64::from(condition.machines)];
        match &condition.rates {
            RateRule::Fixed(rates) => numbers.extend(rates.iter().map(|rate| rate.hz())),
            RateRule::Range(low, high) => numbers.extend([f64::from(*low), f64::from(*high)]),
        }
        numbers.push(condition.duration_ns as f64);
        // More sends are fewer internal events.
        numbers.push(-condition.odds.each_send());
        numbers.push(match condition.design {
            Design::Mesh => 0.0,
            Design::Timekeeper => 1.0,
            Design::Hub => 2.0,
        });
        numbers.push(condition.stamp.behind() as f64);
        numbers.push(condition.tick_delay_ns as f64);
        numbers.push(f64::from(u8::from(condition.drain == Drain::All)));
        numbers.push(f64::from(u8::from(condition.phase == PhaseRule::Aligned)));
        let latency = condition.latency.unwrap_or(USUAL_LATENCY);
        numbers.extend([
            latency.min_ns as f64,
            latency.max_ns as f64,
            condition.speed,
            f64::from(u8::from(
                condition.on_disconnect == Some(OnDisconnect::Reconnect),
            )),
            f64::from(condition.per_process),
        ]);
        numbers
    };
    let (left, right) = (numbers(a), numbers(b));
    let pairs = left.iter().zip(&right);
    let first = pairs
        .map(|(a, b)| a.total_cmp(b))
        .find(|order| order.is_ne());
    first
        .unwrap_or(left.len().cmp(&right.len()))
        .then(a.driver.cmp(&b.driver))
}

/// A condition in words: `3 machines · rates 1, 3, 6 · 60 s · die of 10 · sockets`. What is usual goes without saying.
pub fn label(condition: &Condition) -> String {
    let mut parts = Vec::new();
    if condition.system != "scale-model" {
        parts.push(condition.system.clone());
    }
    parts.push(format!("{} machines", condition.machines));
    parts.push(match &condition.rates {
        RateRule::Fixed(rates) => {
            let rates: Vec<String> = rates.iter().map(ToString::to_string).collect();
            format!("rates {}", rates.join(", "))
        }
        RateRule::Range(low, high) => format!("rates {low}–{high}"),
    });
    parts.push(format!("{} s", condition.duration_ns as f64 / 1e9));
    parts.push(match condition.odds {
        Odds::Sides(sides) => format!("die of {sides}"),
        Odds::Internal(internal) => format!("internal with probability {internal}"),
    });
    if condition.design != Design::Mesh {
        parts.push(condition.design.name().to_owned());
    }
    if condition.stamp != Stamp::After {
        parts.push(format!("stamped {} the increment", condition.stamp.name()));
    }
    if condition.tick_delay_ns > 0 {
        let delay_ms = condition.tick_delay_ns as f64 / 1e6;
        parts.push(format!("ticks {delay_ms} ms late"));
    }
    if condition.faults.is_some() {
        parts.push("with faults".to_owned());
    }
    if condition.drain == Drain::All {
        parts.push("drain all".to_owned());
    }
    if condition.phase == PhaseRule::Aligned {
        parts.push("aligned phase".to_owned());
    }
    if condition.speed != 1.0 {
        parts.push(format!("{}× speed", condition.speed));
    }
    if condition.on_disconnect == Some(OnDisconnect::Reconnect) {
        parts.push("reconnect".to_owned());
    }
    if condition.per_process > 1 {
        parts.push(format!("{} machines a process", condition.per_process));
    }
    if let Some(latency) = condition
        .latency
        .filter(|latency| *latency != USUAL_LATENCY)
    {
        parts.push(format!("latency {}", latency_words(latency)));
    }
    parts.push(driver_name(condition.driver).to_owned());
    parts.join(" · ")
}

/// A driver in one word.
pub fn driver_name(driver: Driver) -> &'static str {
    match driver {
        Driver::Sockets => "sockets",
        Driver::Virtual => "virtual time",
    }
}

fn latency_words(latency: Latency) -> String {
    let (low, high) = (latency.min_ns as f64 / 1e6, latency.max_ns as f64 / 1e6);
    if low == high {
        format!("{low} ms")
    } else {
        format!("{low}–{high} ms")
    }
}

#[cfg(test)]
mod tests {
    use events::fixtures;

    use super::*;

    fn condition(internal: f64, driver: Driver) -> Condition {
        Condition {
            driver,
            odds: Odds::Internal(internal),
            ..fixtures::condition(&[1, 6])
        }
    }

    #[test]
    fn runs_stand_as_found_and_the_conditions_of_a_run_by_what_varies() {
        let mut conditions = Conditions::default();
        let shuffled = [
            (0.5, Driver::Virtual, "first"),
            (0.1, Driver::Virtual, "first"),
            (0.1, Driver::Sockets, "first"),
            (0.0, Driver::Sockets, "second"),
        ];
        for (index, (internal, driver, run)) in shuffled.into_iter().enumerate() {
            let condition = Setting::Own(condition(internal, driver));
            assert_eq!(conditions.index(&condition, run), index);
            assert_eq!(
                conditions.index(&condition, "second"),
                index,
                "known already"
            );
        }
        assert_eq!(conditions.order(), [2, 1, 0, 3]);
        let labels: Vec<String> = conditions
            .labelled()
            .into_iter()
            .map(|(_, label)| label)
            .collect();
        assert!(
            labels[0].contains("0.1") && labels[0].ends_with("sockets"),
            "{labels:?}"
        );
        assert!(labels[3].contains("probability 0 "), "{labels:?}");
    }

    #[test]
    fn what_only_sockets_know_is_in_order_too() {
        let mut conditions = Conditions::default();
        let (abort, reconnect) = (OnDisconnect::Abort, OnDisconnect::Reconnect);
        for (per_process, rule) in [(4, abort), (1, reconnect), (2, abort), (1, abort)] {
            let condition = Condition {
                per_process,
                on_disconnect: Some(rule),
                ..condition(0.1, Driver::Sockets)
            };
            conditions.index(&Setting::Own(condition), "run");
        }
        assert_eq!(conditions.order(), [3, 2, 0, 1]);
    }
}
