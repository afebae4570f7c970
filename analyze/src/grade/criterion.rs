//! What is judged, by name.
//!
//! **Invariant.** The order of [`Criterion::ALL`] is the order of every report and table.

use serde::Serialize;

/// A question to a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// Are there enough trials?
    Trials,
    /// Do they last as long as they should?
    RunLength,
    /// Has each enough machines?
    Machines,
    /// Do the machines tick at rates of the range?
    RateRange,
    /// Are rates drawn, rather than the same in every trial?
    RatesDrawn,
    /// Do machines tick as often as they say?
    TickRate,
    /// Does a tick hold one event?
    OneEvent,
    /// Does a machine with messages take one, rather than roll?
    Drained,
    /// Do the outcomes of the die come as often as they should?
    Dice,
    /// Do messages to one peer go to either alike?
    Peers,
    /// Are the dice of machines and trials their own?
    Independent,
    /// Does what is sent arrive?
    Messages,
    /// Does the logical clock keep to Lamport's rule?
    Clock,
    /// Does each event tell its time, clock and kind, and a receive the queue?
    Fields,
}

impl Criterion {
    /// All of them, in the order of reports.
    pub const ALL: [Criterion; 14] = [
        Criterion::Trials,
        Criterion::RunLength,
        Criterion::Machines,
        Criterion::RateRange,
        Criterion::RatesDrawn,
        Criterion::TickRate,
        Criterion::OneEvent,
        Criterion::Drained,
        Criterion::Dice,
        Criterion::Peers,
        Criterion::Independent,
        Criterion::Messages,
        Criterion::Clock,
        Criterion::Fields,
    ];

    /// Its stable name: the rubric's table, the column of the CSV, the value in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Criterion::Trials => "trials",
            Criterion::RunLength => "run_length",
            Criterion::Machines => "machines",
            Criterion::RateRange => "rate_range",
            Criterion::RatesDrawn => "rates_drawn",
            Criterion::TickRate => "tick_rate",
            Criterion::OneEvent => "one_event",
            Criterion::Drained => "drained",
            Criterion::Dice => "dice",
            Criterion::Peers => "peers",
            Criterion::Independent => "independent",
            Criterion::Messages => "messages",
            Criterion::Clock => "clock",
            Criterion::Fields => "fields",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_the_names_in_json_and_in_the_rubric() {
        let rubric: toml::Table = super::super::rubric::DEFAULT.parse().expect("TOML");
        for criterion in Criterion::ALL {
            let json = serde_json::to_value(criterion).expect("JSON");
            assert_eq!(json, criterion.key());
            assert!(rubric.contains_key(criterion.key()), "{}", criterion.key());
        }
    }
}
