//! Every built-in format reads the example at its top, from bytes to events with their values.

use super::*;
use crate::builtin::{builtin, text};
use events::Clock;

/// For each format what its example says: kind, clock, queue and time in ms of every event, by clock.
const EXPECTED: [(&str, &str); 16] = [
    (
        "driftlab",
        "internal 1 queue 0 at 1708941603512; receive 17 queue 3 at 1708941604012",
    ),
    (
        "python-logging",
        "receive 17 queue 3 at 1708941603512; send 18; internal 19 at 1708941604013",
    ),
    (
        "bracketed",
        "receive 17 queue 3 at 1708941603512; send 18 at 1708941604013; internal 19 at 1708941604512",
    ),
    (
        "epoch-sentences",
        "receive 17 queue 3 at 1708941603512; send 18 at 1708941604013; internal 19 at 1708941604512",
    ),
    (
        "clock-first",
        "receive 17 queue 3 at 1708941603512; send 18 at 1708941604013; internal 19 at 1708941604512",
    ),
    (
        "time-of-day",
        "receive 17 queue 3 at 36003000; send 18 at 36004013; internal 19 at 36004512",
    ),
    (
        "elapsed",
        "receive 17 queue 3 at 12503; send 18 at 13000; internal 19 at 13512",
    ),
    ("no-times", "receive 17 queue 3; send 18; internal 19"),
    (
        "vector-sentences",
        "receive [3, 0, 2] queue 1 at 1708941603512; send [4, 0, 2]; internal [5, 0, 2]",
    ),
    (
        "csv",
        "receive 17 queue 3 at 1708941603512; send 18 at 1708941604013",
    ),
    (
        "csv-dates",
        "receive 17 queue 3 at 1708941603512; internal 18 queue 3 at 1708941604013",
    ),
    ("tsv", "receive 17 queue 3 at 1708941603512"),
    ("json-lines", "receive 17 queue 3 at 1708941603512"),
    ("json-lines-dates", "send 18 at 1708941603512"),
    ("shiviz", "receive [3, 2]"),
    ("govector", "receive [3, 2] at 1708941603512"),
];

fn in_words(event: Event) -> String {
    let mut words = format!("{:?}", event.kind).to_lowercase();
    words.push_str(&match &event.clock {
        Some(Clock::Lamport(value)) => format!(" {value}"),
        Some(Clock::Fractional(value)) => format!(" {value:?}"),
        Some(Clock::Vector(components)) => format!(" {components:?}"),
        None => " without clock".to_owned(),
    });
    if let Some(queue) = event.queue {
        words.push_str(&format!(" queue {queue}"));
    }
    if let Some(time_ns) = event.time_ns {
        words.push_str(&format!(" at {}", time_ns / 1_000_000));
    }
    words
}

#[test]
fn every_format_reads_its_example() {
    assert_eq!(builtin().len(), EXPECTED.len());
    for (name, expected) in EXPECTED {
        let toml = text(name).expect("a built-in format");
        let example = toml.lines().map_while(|line| line.strip_prefix("# "));
        let example: Vec<&str> = example.collect();
        let loaded = loaded(toml, &(example.join("\n") + "\n"));
        let account = account_of(&loaded);
        assert_eq!(account.lines, example.len() as u64, "{name}");
        assert_eq!(account.unexplained, 0, "{name}: {:?}", account.examples);
        let machines = loaded.trials.iter().flat_map(|trial| &trial.machines);
        let events = machines.flat_map(super::events_of);
        let mut events: Vec<String> = events.map(in_words).collect();
        events.sort_by_key(|event| expected.find(event.as_str()));
        assert_eq!(events.join("; "), expected, "{name}");
    }
}

#[test]
fn columns_and_keys_may_be_called_otherwise() {
    for (name, log) in [
        (
            "csv",
            "Wall Time,Action,LC,Q Len,From\n1708941603.512,Recv,17,3,2\n",
        ),
        (
            "tsv",
            "systemTime\tkind\tLamport Clock\tremaining\tpeer\n1708941603.512\tdequeued\t17\t3\t2\n",
        ),
        (
            "json-lines",
            "{\"ts\": 1708941603.512, \"op\": \"deliver\", \"lc\": 17, \"qlen\": 3, \"src\": 2, \"clock\": null}\n",
        ),
        (
            "json-lines-dates",
            "{\"datetime\": \"2024-02-26 10:00:03.512\", \"kind\": \"RECV\", \"Lamport-Clock\": 17, \"queue\": 3}\n",
        ),
        (
            "csv-dates",
            "datetime,what,vc,queue\n2024-02-26 10:00:03.512,receive,17,3\n",
        ),
    ] {
        let loaded = loaded(text(name).expect("a built-in format"), log);
        assert_eq!(account_of(&loaded).unexplained, 0, "{name}");
        let machines = loaded.trials.iter().flat_map(|trial| &trial.machines);
        let events = machines.flat_map(super::events_of);
        let events: Vec<String> = events.map(in_words).collect();
        assert_eq!(events, ["receive 17 queue 3 at 1708941603512"], "{name}");
    }
}
