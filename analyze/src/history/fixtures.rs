//! Small histories for unit tests, an event a line: `machine kind clock`, then what else the line says.
//!
//! ```text
//! 0 send 1 to=1 time=100
//! 1 receive 2 from=0 carried=1 queue=0
//! 0 broadcast [2,0,0]
//! ```
//!
//! Times are milliseconds; a clock `-` is none; other words are `before`, `position` and `id`.

use std::path::PathBuf;

use super::{Clock, Dialect, Event, History, Kind, MachineHistory};

/// A trial of so many machines. Lines are numbered from 1 within each machine.
pub(crate) fn history(machines: usize, lines: &str) -> History {
    let machine = |name: usize| MachineHistory {
        name: name.to_string(),
        rate_hz: None,
        files: vec![PathBuf::from(format!("machine-{name}.log"))],
        events: Vec::new(),
    };
    let mut machines: Vec<MachineHistory> = (0..machines).map(machine).collect();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (machine, rest) = line.split_once(' ').expect("a machine and its event");
        let events = &mut machines[machine.parse::<usize>().expect("a position")].events;
        events.push(event(rest, events.len()));
    }
    History {
        group: "group".to_owned(),
        trial: "trial".to_owned(),
        dir: PathBuf::from("trial"),
        format: "test".to_owned(),
        dialect: Dialect::default(),
        machines,
        without_log: Some(Vec::new()),
        logs_missing: false,
        manifest: None,
    }
}

fn event(text: &str, position: usize) -> Event {
    let mut words = text.split(' ');
    let kind = match words.next() {
        Some("internal") => Kind::Internal,
        Some("send") => Kind::Send,
        Some("broadcast") => Kind::Broadcast,
        Some("receive") => Kind::Receive,
        other => panic!("no kind of event: {other:?}"),
    };
    let mut event = Event {
        clock: clock(words.next().expect("a clock or -")),
        ..Event::new(position as u32 + 1, kind, position as u64)
    };
    for word in words {
        let (name, value) = word.split_once('=').expect("name=value");
        let number = || value.parse::<usize>().expect("a whole number");
        match name {
            "time" => event.time_ns = Some(number() as i64 * 1_000_000),
            "before" => event.clock_before = clock(value),
            "queue" => event.queue = Some(number() as u64),
            "from" => event.from = Some(number()),
            "to" => event.to = Some(vec![number()]),
            "position" => event.position = Some(number() as u32),
            "carried" => event.carried = clock(value),
            "id" => event.message = Some(value.to_owned()),
            other => panic!("no field of an event: {other}"),
        }
    }
    event
}

fn clock(text: &str) -> Option<Clock> {
    if text == "-" {
        return None;
    }
    if let Some(components) = text.strip_prefix('[') {
        let components = components.trim_end_matches(']').split(',');
        return Some(Clock::Vector(
            components
                .map(|number| number.parse().expect("a component"))
                .collect(),
        ));
    }
    let whole = text.parse().map(Clock::Lamport);
    Some(whole.unwrap_or_else(|_| Clock::Fractional(text.parse().expect("a clock"))))
}
