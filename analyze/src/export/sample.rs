//! A trial by hand for tests: two machines of another program's log, with all that a log can lack.

use std::path::PathBuf;

use super::Trial;
use crate::history::matching::{Match, Matching};
use crate::history::{
    Clock, Dialect, Event, History, Kind, MachineHistory, QueueCount, TimeOrigin,
};

/// Two machines, called `a 1` and `1`: `a 1` sends clock 1, twice the same clock 2, and receives what nobody sent;
/// `1` receives the first, one of the second, and has a line without time or clock.
pub(super) fn trial() -> Trial {
    Trial::matched(history(), matching())
}

/// What is known of its messages.
pub(super) fn matching() -> Matching {
    let sent = Match::Sent {
        machine: 0,
        event: 0,
    };
    let ambiguous = Match::Ambiguous { candidates: 2 };
    let none = Match::NoReceive;
    Matching {
        receives: vec![
            vec![none, none, none, Match::Missing],
            vec![none, sent, ambiguous],
        ],
        ..Matching::default()
    }
}

pub(super) fn history() -> History {
    let lamport = |value| Some(Clock::Lamport(value));
    let send = |line, time_ns, clock| Event {
        to: Some(vec![1]),
        carried: lamport(clock),
        clock: lamport(clock),
        queue: Some(0),
        ..event(line, Kind::Send, Some(time_ns))
    };
    let receive = |line, time_ns, clock, carried| Event {
        carried: lamport(carried),
        clock: lamport(clock),
        queue: Some(1),
        ..event(line, Kind::Receive, Some(time_ns))
    };
    let machine = |name: &str, rate_hz, events| MachineHistory {
        name: name.to_owned(),
        rate_hz,
        files: vec![PathBuf::from(format!("logs/{name}.log"))],
        events,
    };
    History {
        group: "theirs".to_owned(),
        trial: "night, 1".to_owned(),
        dir: PathBuf::from("logs"),
        format: "sentences".to_owned(),
        dialect: Dialect {
            queue: Some(QueueCount::AfterPop),
            time: Some(TimeOrigin::Epoch),
            ..Dialect::default()
        },
        machines: vec![
            machine(
                "a 1",
                Some(2.5),
                vec![
                    send(1, 1_000_000_000, 1),
                    send(2, 2_000_000_000, 2),
                    send(3, 2_000_000_000, 2),
                    receive(4, 3_000_000_000, 99, 98),
                ],
            ),
            machine(
                "1",
                None,
                vec![
                    event(7, Kind::Internal, None),
                    Event {
                        from: Some(0),
                        clock_before: Some(Clock::Fractional(0.5)),
                        ..receive(8, 1_500_000_001, 2, 1)
                    },
                    receive(9, 2_500_000_000, 3, 2),
                ],
            ),
        ],
        without_log: Some(Vec::new()),
        logs_missing: false,
        manifest: None,
    }
}

/// Two machines with vector clocks of their own: the second receives what the first sends.
pub(super) fn vectors(first: [&[u64]; 2], second: [&[u64]; 2]) -> Trial {
    let event = |line, kind, vector: &[u64]| Event {
        clock: Some(Clock::Vector(vector.to_vec())),
        ..event(line, kind, None)
    };
    let mut history = history();
    history.dialect.time = None;
    history.machines[0].events = vec![
        event(1, Kind::Internal, first[0]),
        event(2, Kind::Send, first[1]),
    ];
    history.machines[1].events = vec![
        Event {
            carried: Some(Clock::Vector(first[1].to_vec())),
            ..event(1, Kind::Receive, second[0])
        },
        event(2, Kind::Internal, second[1]),
    ];
    let none = Match::NoReceive;
    let sent = Match::Sent {
        machine: 0,
        event: 1,
    };
    Trial::matched(
        history,
        Matching {
            receives: vec![vec![none, none], vec![sent, none]],
            ..Matching::default()
        },
    )
}

fn event(line: u32, kind: Kind, time_ns: Option<i64>) -> Event {
    Event {
        time_ns,
        ..Event::new(line, kind, u64::from(line))
    }
}
