//! A trial by hand for tests: two machines of another program's log, with all that a log can lack.

use std::path::PathBuf;

use events::{
    Clock, Dialect, Event, Kind, Machine, Match, Matching, QueueCount, TimeOrigin, TrialInfo,
    fixtures,
};

use super::trial::Trial;

/// A trial whose messages are matched as [`matching`] says.
pub(super) fn trial() -> Trial {
    matched(machines(), &matching())
}

/// A trial of these machines, matched so.
pub(super) fn matched(machines: Vec<(Machine, Vec<Event>)>, matching: &Matching) -> Trial {
    of(info(), machines, matching)
}

fn of(info: TrialInfo, machines: Vec<(Machine, Vec<Event>)>, matching: &Matching) -> Trial {
    let (machines, events) = machines.into_iter().unzip();
    let mut table = fixtures::of(info, machines, events);
    table.set_matching(matching).expect("a match for each row");
    Trial::of(table)
}

/// One receive whose send is certain, one that two sends fit, and one that none does.
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

fn info() -> TrialInfo {
    TrialInfo {
        run: "theirs".to_owned(),
        name: "night, 1".to_owned(),
        dir: PathBuf::from("logs"),
        format: "sentences".to_owned(),
        dialect: Dialect {
            queue: Some(QueueCount::AfterPop),
            time: Some(TimeOrigin::Epoch),
            ..Dialect::default()
        },
        without_log: Some(Vec::new()),
        ..TrialInfo::default()
    }
}

/// The machines of the trial, each with its events.
pub(super) fn machines() -> Vec<(Machine, Vec<Event>)> {
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
    let machine = |name: &str, rate_hz, events| {
        let file = PathBuf::from(format!("logs/{name}.log"));
        (Machine::new(name.to_owned(), rate_hz, vec![file]), events)
    };
    vec![
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
    ]
}

/// Two machines of two events each with these vectors; the second takes what the first sends.
pub(super) fn vectors(first: [&[u64]; 2], second: [&[u64]; 2]) -> Trial {
    let event = |line, kind, vector: &[u64]| Event {
        clock: Some(Clock::Vector(vector.to_vec())),
        ..event(line, kind, None)
    };
    let mut machines = machines();
    machines[0].1 = vec![
        event(1, Kind::Internal, first[0]),
        event(2, Kind::Send, first[1]),
    ];
    machines[1].1 = vec![
        Event {
            carried: Some(Clock::Vector(first[1].to_vec())),
            ..event(1, Kind::Receive, second[0])
        },
        event(2, Kind::Internal, second[1]),
    ];
    let mut info = info();
    info.dialect.time = None;
    let none = Match::NoReceive;
    let sent = Match::Sent {
        machine: 0,
        event: 1,
    };
    let matching = Matching {
        receives: vec![vec![none, none], vec![sent, none]],
        ..Matching::default()
    };
    of(info, machines, &matching)
}

fn event(line: u32, kind: Kind, time_ns: Option<i64>) -> Event {
    Event {
        time_ns,
        ..Event::new(line, kind, u64::from(line))
    }
}
