//! Which trials are repetitions of one experiment, and how to call it.
//!
//! **Invariant.** Two trials are of one condition exactly when their manifests say so, seed and number aside; distinct
//! conditions have distinct labels.

use std::collections::HashSet;

use event_log::{Condition, Drain, Driver, Latency, Odds, OnDisconnect, PhaseRule, RateRule};

/// The one-way delay in virtual time that goes without saying.
const USUAL_LATENCY: Latency = Latency {
    min_ns: 100_000,
    max_ns: 100_000,
};

/// The conditions of some trials, in the order of first appearance.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    keys: std::collections::HashMap<String, usize>,
    conditions: Vec<Condition>,
}

impl Conditions {
    /// The index of a condition; a new one is added.
    pub fn index(&mut self, condition: &Condition) -> usize {
        // Manifests have no maps and no floats but finite ones, so their JSON is canonical.
        let key = serde_json::to_string(condition).unwrap_or_else(|_| format!("{condition:?}"));
        *self.keys.entry(key).or_insert_with(|| {
            self.conditions.push(condition.clone());
            self.conditions.len() - 1
        })
    }

    /// All of them with their labels, by index.
    pub fn labelled(self) -> Vec<(Condition, String)> {
        let mut taken = HashSet::new();
        let labelled = self.conditions.into_iter().map(|condition| {
            let plain = label(&condition);
            let mut unique = plain.clone();
            let mut copy = 2;
            while !taken.insert(unique.clone()) {
                unique = format!("{plain} ({copy})");
                copy += 1;
            }
            (condition, unique)
        });
        labelled.collect()
    }
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
