//! A small trial of another program, for unit tests.

use events::{Clock, Dialect, Event, EventsBuilder, Kind, Machine, Match, Trial, TrialInfo};

/// A trial before it is a table.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) dialect: Dialect,
    /// Of each machine its events.
    pub(crate) events: Vec<Vec<Event>>,
    /// Of each machine and each of its events what is known of its message.
    pub(crate) matches: Vec<Vec<Match>>,
}

/// `fast` ticks twice a second and sends its second tick to `slow`, which takes it at 1001 s; a queue is written only then.
pub(crate) fn two() -> Draft {
    let send = Event {
        to: Some(vec![1]),
        carried: Some(Clock::Lamport(2)),
        ..event(Kind::Send, 1, 1000.5, 2)
    };
    let receive = Event {
        queue: Some(3),
        carried: Some(Clock::Lamport(2)),
        ..event(Kind::Receive, 1, 1001.0, 3)
    };
    let took = Match::Sent {
        machine: 0,
        event: 1,
    };
    Draft {
        dialect: Dialect::default(),
        events: vec![
            vec![
                event(Kind::Internal, 0, 1000.0, 1),
                send,
                event(Kind::Internal, 2, 1001.0, 3),
            ],
            vec![
                event(Kind::Internal, 0, 1000.0, 1),
                receive,
                event(Kind::Internal, 2, 1002.0, 4),
            ],
        ],
        matches: vec![
            vec![Match::NoReceive; 3],
            vec![Match::NoReceive, took, Match::NoReceive],
        ],
    }
}

fn event(kind: Kind, tick: u64, time_s: f64, clock: i64) -> Event {
    Event {
        time_ns: Some((time_s * 1e9) as i64),
        clock: Some(Clock::Lamport(clock)),
        ..Event::new(1, kind, tick)
    }
}

impl Draft {
    /// The table.
    pub(crate) fn trial(self) -> Trial {
        let mut builder = EventsBuilder::default();
        let lengths: Vec<usize> = self.events.iter().map(Vec::len).collect();
        for (machine, events) in self.events.into_iter().enumerate() {
            for event in events {
                builder.push(machine, event);
            }
        }
        let info = TrialInfo {
            run: "theirs".to_owned(),
            name: "night".to_owned(),
            dir: "theirs/night".into(),
            dialect: self.dialect,
            without_log: Some(Vec::new()),
            ..TrialInfo::default()
        };
        let machines = [("fast", Some(2.0)), ("slow", None)];
        let machines = machines.map(|(name, rate_hz)| {
            Machine::new(name.to_owned(), rate_hz, vec![format!("{name}.log").into()])
        });
        let frame = builder.finish().expect("a frame");
        let trial = Trial::new(info, machines.to_vec(), lengths, frame);
        let mut trial = trial.expect("a trial");
        trial
            .set_matches(self.matches)
            .expect("a match for each row");
        trial
    }
}
