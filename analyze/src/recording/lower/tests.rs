use super::*;
use crate::history::{Dialect, MachineHistory};
use crate::metrics::measure;

fn event(kind: Kind, time_s: f64, clock: i64) -> Event {
    Event {
        time_ns: Some((time_s * 1e9) as i64),
        clock: Some(Clock::Lamport(clock)),
        ..Event::new(1, kind, 0)
    }
}

fn machine(name: &str, rate_hz: Option<f64>, events: Vec<Event>) -> MachineHistory {
    let ticks = (0u64..).zip(events);
    MachineHistory {
        name: name.to_owned(),
        rate_hz,
        files: vec![format!("{name}.log").into()],
        events: ticks.map(|(tick, event)| Event { tick, ..event }).collect(),
    }
}

/// `fast` ticks twice a second and sends its second tick to `slow`, which takes it at 1001 s; a queue is written only then.
fn two() -> (History, Matching) {
    let send = Event {
        to: Some(vec![1]),
        carried: Some(Clock::Lamport(2)),
        ..event(Kind::Send, 1000.5, 2)
    };
    let receive = Event {
        queue: Some(3),
        carried: Some(Clock::Lamport(2)),
        ..event(Kind::Receive, 1001.0, 3)
    };
    let fast = vec![
        event(Kind::Internal, 1000.0, 1),
        send,
        event(Kind::Internal, 1001.0, 3),
    ];
    let slow = vec![
        event(Kind::Internal, 1000.0, 1),
        receive,
        event(Kind::Internal, 1002.0, 4),
    ];
    let history = History {
        group: "theirs".to_owned(),
        trial: "night".to_owned(),
        dir: "theirs/night".into(),
        format: "sentences".to_owned(),
        dialect: Dialect::default(),
        machines: vec![
            machine("fast", Some(2.0), fast),
            machine("slow", None, slow),
        ],
        without_log: Some(Vec::new()),
        logs_missing: false,
        manifest: None,
    };
    let took = Match::Sent {
        machine: 0,
        event: 1,
    };
    let matching = Matching {
        receives: vec![
            vec![Match::NoReceive; 3],
            vec![Match::NoReceive, took, Match::NoReceive],
        ],
        ..Matching::default()
    };
    (history, matching)
}

#[test]
fn what_a_log_does_not_record_is_not_measured() {
    let (history, matching) = two();
    let measured = measure(&lower(&history, &matching, 0));
    let [fast, slow] = measured.machines.as_slice() else {
        panic!("two machines");
    };
    assert_eq!((slow.rate, slow.ticks.tick_error_percent), (None, None));
    assert_eq!(
        (slow.drift.drift_factor, slow.drift.drift_final),
        (None, None)
    );
    assert_eq!(slow.drift.logical_rate, Some(1.5));
    assert_eq!(
        (fast.queues.queue_max, fast.queues.queue_rows),
        (None, Some(0))
    );
    assert_eq!(
        (slow.queues.queue_max, slow.queues.queue_rows),
        (Some(3), Some(1))
    );
    assert_eq!(slow.messages.wait_mean_s, Some(0.5));
    assert_eq!(slow.account.inherited, Some(1));
    assert_eq!(slow.account.inherited_from.get(&0), Some(&1));
    assert_eq!(slow.account.minted_by.get(&0), Some(&2));
    assert_eq!(fast.ticks.tick_error_percent, Some(0.0));
    assert_eq!(measured.whole.trial_connections, None);
}

#[test]
fn times_of_each_machines_own_start_give_no_lag_and_no_wait() {
    let (mut history, matching) = two();
    history.dialect.time = Some(TimeOrigin::Machine);
    let recording = lower(&history, &matching, 0);
    let measured = measure(&recording);
    assert!(measured.machines.iter().all(|of| of.lag.lag_mean.is_none()));
    assert_eq!(measured.machines[1].messages.wait_mean_s, None);
    let said = remarks(&history, &matching, &recording);
    assert!(
        said.iter().any(|note| note.found.contains("own start")),
        "{said:?}"
    );
}

#[test]
fn a_receive_of_several_sends_has_no_wait_and_is_no_lost_message() {
    let (history, mut matching) = two();
    matching.receives[1][1] = Match::Ambiguous { candidates: 2 };
    let recording = lower(&history, &matching, 0);
    let slow = &measure(&recording).machines[1];
    assert_eq!(
        (slow.messages.wait_mean_s, slow.messages.unreceived),
        (None, Some(0))
    );
    assert_eq!(
        (slow.account.inherited, slow.account.unexplained),
        (Some(1), Some(1))
    );
    assert_eq!(slow.account.minted_unknown, Some(2));
    let said = remarks(&history, &matching, &recording);
    assert!(
        said.iter()
            .any(|note| note.found.contains("of 1 receives 1")),
        "{said:?}"
    );
}

#[test]
fn of_a_vector_clock_the_own_component_is_measured_and_nothing_is_accounted_for() {
    let (mut history, matching) = two();
    for (position, machine) in history.machines.iter_mut().enumerate() {
        for (count, event) in (1u64..).zip(&mut machine.events) {
            let mut vector = vec![7, 7];
            vector[position] = count;
            event.clock = Some(Clock::Vector(vector));
        }
    }
    let recording = lower(&history, &matching, 0);
    let slow = &measure(&recording).machines[1];
    assert_eq!(slow.jumps.clock_final.map(|clock| clock.0), Some(3.0));
    assert_eq!(slow.account.own_ticks, None);
    let said = remarks(&history, &matching, &recording);
    assert!(
        said.iter().any(|note| note.found == "a vector clock"),
        "{said:?}"
    );
}

#[test]
fn a_trial_counts_if_every_machine_is_there_for_half_of_it() {
    let (history, matching) = two();
    let recording = lower(&history, &matching, 0);
    assert_eq!(left_out(&history, &recording, 0), None);
    assert_eq!(left_out(&history, &recording, 1), Some("unexplained lines"));
    let mut short = history.clone();
    short.machines[0].events.truncate(1);
    let recording = lower(&short, &Matching::default(), 0);
    let why = left_out(&short, &recording, 0);
    assert_eq!(why, Some("a machine with fewer than two events"));
    let mut late = history;
    late.machines[1].events[2].time_ns = Some(1_010_000_000_000);
    let recording = lower(&late, &matching, 0);
    assert!(left_out(&late, &recording, 0).is_some_and(|why| why.contains("half")));
}
