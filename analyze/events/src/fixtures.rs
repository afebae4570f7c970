//! Small trials for tests, an event a line: `machine kind clock`, then what else the line says; and a condition of ours.
//!
//! ```text
//! 0 send 1 to=1 time=100
//! 1 receive 2 from=0 carried=1 queue=0
//! 0 broadcast [2,0,0]
//! ```
//!
//! Times are milliseconds; a clock `-` is none; other words are `before`, `position` and `id`.

use std::path::PathBuf;

use event_log::{Condition, Design, Drain, Driver, Odds, PhaseRule, Rate, RateRule, Stamp};

use crate::builder::EventsBuilder;
use crate::clock::Clock;
use crate::event::Event;
use crate::kind::Kind;
use crate::trial::{Machine, Trial, TrialInfo};

/// A trial of this many machines. Lines are numbered from 1 within each machine.
///
/// # Panics
///
/// When a line is not as above.
pub fn trial(machines: usize, lines: &str) -> Trial {
    let mut events: Vec<Vec<Event>> = vec![Vec::new(); machines];
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (machine, rest) = line.split_once(' ').expect("a machine and its event");
        let events = &mut events[machine.parse::<usize>().expect("a position")];
        events.push(event(rest, events.len()));
    }
    let info = TrialInfo {
        run: "group".to_owned(),
        name: "trial".to_owned(),
        dir: PathBuf::from("trial"),
        format: "test".to_owned(),
        without_log: Some(Vec::new()),
        ..TrialInfo::default()
    };
    let machine = |name: usize| {
        let file = PathBuf::from(format!("machine-{name}.log"));
        Machine::new(name.to_string(), None, vec![file])
    };
    of(info, (0..machines).map(machine).collect(), events)
}

/// A trial of these machines and of the events of each.
///
/// # Panics
///
/// When polars cannot make the frame.
pub fn of(info: TrialInfo, machines: Vec<Machine>, events: Vec<Vec<Event>>) -> Trial {
    let mut builder = EventsBuilder::default();
    let lengths: Vec<usize> = events.iter().map(Vec::len).collect();
    for (machine, events) in events.into_iter().enumerate() {
        events
            .into_iter()
            .for_each(|event| builder.push(machine, event));
    }
    let frame = builder.finish().expect("a frame");
    Trial::new(info, machines, lengths, frame).expect("a trial")
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

/// The condition of the assignment in virtual time: a minute of machines with these rates, ticks per second.
pub fn condition(rates_hz: &[u32]) -> Condition {
    Condition {
        system: "scale-model".to_owned(),
        driver: Driver::Virtual,
        machines: rates_hz.len() as u32,
        rates: RateRule::Fixed(rates_hz.iter().map(|&hz| Rate::from_hz(hz)).collect()),
        duration_ns: 60_000_000_000,
        odds: Odds::Sides(10),
        drain: Drain::One,
        phase: PhaseRule::Random,
        speed: 1.0,
        latency: None,
        design: Design::Mesh,
        stamp: Stamp::After,
        tick_delay_ns: 0,
        faults: None,
        on_disconnect: None,
        per_process: 1,
    }
}
