//! What lines mean by the dialect of their format.

use super::*;
use events::Clock;

fn format(dialect: &str) -> String {
    format!(
        "name = 'x'\n[time]\nformat = 'epoch_ms'\n[dialect]\n{dialect}\n\
         [[header]]\npattern = '^rate (?<rate>\\S+)$'\n\
         [[header]]\npattern = '^every (?<period_ms>\\d+) ms$'\n\
         [[event]]\nkind = 'send'\npattern = '^(?<machine>\\w) (?:(?<time>\\d+) )?c=(?<clock>.*?) to (?<to>.+)$'\n\
         [[event]]\nkind = 'broadcast'\npattern = '^(?<machine>\\w) (?:(?<time>\\d+) )?c=(?<clock>.*?) all$'\n\
         [[event]]\nkind = 'receive'\npattern = '^(?<machine>\\w) (?:(?<time>\\d+) )?c=(?<clock>.*?) from (?<from>\\w+)$'\n\
         [[event]]\nkind = 'internal'\npattern = '^(?<machine>\\w) (?:(?<time>\\d+) )?c=(?<clock>.*?)(?: tick (?<tick>\\d+))?$'\n"
    )
}

fn ticks(loaded: &Loaded) -> Vec<u64> {
    events(loaded, 0).iter().map(|event| event.tick).collect()
}

#[test]
fn sends_of_one_clock_are_one_broadcast_where_the_dialect_says_so() {
    let log = "A c=1 to B\nA c=1 to C\nA c=2 to B\nA c=3 to C\nB c=1\nC c=1\n";
    let each = loaded(&format("broadcast = 'each'"), log);
    assert_eq!(
        kinds(&events(&each, 0)),
        [Kind::Broadcast, Kind::Send, Kind::Send]
    );
    assert_eq!(events(&each, 0)[0].to, Some(vec![1, 2]));
    assert_eq!(ticks(&each), [0, 1, 2]);
    assert_eq!(classes(&each.account), (6, 0, 0, 0));
    let one = loaded(&format(""), log);
    assert_eq!(kinds(&events(&one, 0)), [Kind::Send; 4]);
}

#[test]
fn a_send_to_all_is_a_broadcast() {
    let loaded = loaded(
        &format(""),
        "A c=1 to both\nA c=2 to B and C\nA c=3 all\nA c=4 to B\nB c=1\nC c=1\n",
    );
    let others = Some(vec![1, 2]);
    let to: Vec<_> = events(&loaded, 0)
        .iter()
        .map(|event| (event.kind, event.to.clone()))
        .collect();
    let expected = [
        (Kind::Broadcast, others.clone()),
        (Kind::Broadcast, others.clone()),
        (Kind::Broadcast, others),
        (Kind::Send, Some(vec![1])),
    ];
    assert_eq!(to, expected);
}

#[test]
fn a_machine_that_names_itself_is_told() {
    let loaded = loaded(&format(""), "A c=1 to A\nA c=2 from A\nB c=1\n");
    assert_eq!(
        (events(&loaded, 0)[0].to.clone(), events(&loaded, 0)[1].from),
        (None, None)
    );
    assert!(told(
        &loaded,
        "found the machine itself, on 2 lines of the trial"
    ));
    assert!(told(&loaded, "recipient = \"position\""));
}

#[test]
fn a_position_is_kept_and_names_nobody() {
    let loaded = loaded(
        &format("recipient = 'position'"),
        "A c=1 to machine 1\nA c=2 to 0, 1\nB c=1\nC c=1\n",
    );
    let sends: Vec<_> = events(&loaded, 0)
        .iter()
        .map(|event| (event.kind, event.to.clone(), event.position))
        .collect();
    assert_eq!(
        sends,
        [
            (Kind::Send, None, Some(1)),
            (Kind::Broadcast, Some(vec![1, 2]), None)
        ]
    );
}

#[test]
fn several_events_share_a_tick_within_half_a_period() {
    let log = "rate 2\nA 1000 c=1 from B\nA 1010 c=2\nA 1500 c=3\nA 2000 c=4 from B\nA 2001 c=5 from B\nB 5 c=1\n";
    let log = log.replacen("rate 2\n", "", 1);
    let with_rate = format("tick = 'several'").replace(
        "c=(?<clock>.*?)(?: tick",
        "c=(?<clock>.*?)(?: r(?<rate>\\d+))?(?: tick",
    );
    let timed = loaded(&with_rate, &log.replace("c=3\n", "c=3 r2\n"));
    assert_eq!(ticks(&timed), [0, 0, 1, 2, 2]);
    let untimed = loaded(
        &format("tick = 'several'"),
        "A c=1 from B\nA c=2\nA c=3\nB c=1\n",
    );
    assert_eq!(ticks(&untimed), [0, 0, 1]);
    let one = loaded(&format("tick = 'one'"), &log);
    assert_eq!(ticks(&one), [0, 1, 2, 3, 4]);
}

#[test]
fn a_logged_tick_is_taken() {
    assert_eq!(
        ticks(&loaded(&format(""), "A c=1 tick 7\nA c=2 tick 9\n")),
        [7, 9]
    );
}

#[test]
fn clocks_are_whole_if_all_of_the_trial_are() {
    let whole = loaded(&format(""), "A c=1.0\nA c=2\nA c=1,204\n");
    let clocks: Vec<_> = events(&whole, 0)
        .iter()
        .map(|event| event.clock.clone())
        .collect();
    assert_eq!(
        clocks,
        [1, 2, 1204].map(|value| Some(Clock::Lamport(value)))
    );
    let fractional = loaded(&format(""), "A c=1.0\nA c=2\nA c=2.5\n");
    let clocks: Vec<_> = events(&fractional, 0)
        .iter()
        .map(|event| event.clock.clone())
        .collect();
    assert_eq!(
        clocks,
        [1.0, 2.0, 2.5].map(|value| Some(Clock::Fractional(value)))
    );
}

#[test]
fn vectors_stand_in_the_order_of_the_machines() {
    let log = "B c={B:2,A:1}\nA c=A:1\nA c={\"A\":2,\"Z\":4}\nB c=[1, 3]\nB c=[1, 3, 5]\n";
    let loaded = loaded(&format("clock = 'vector'"), log);
    let clocks = |machine| {
        events(&loaded, machine)
            .iter()
            .map(|event| event.clock.clone())
            .collect::<Vec<_>>()
    };
    let vector = |components: &[u64]| Some(Clock::Vector(components.to_vec()));
    assert_eq!(clocks(0), [vector(&[1, 0]), vector(&[2, 0, 4])]);
    assert_eq!(
        clocks(1),
        [vector(&[1, 2]), vector(&[1, 3]), vector(&[1, 3, 5])]
    );
    assert!(told(&loaded, "components named Z"));
    assert!(told(
        &loaded,
        "m.log:5: expected a component for each of 2 machines"
    ));
}

#[test]
fn times_that_go_backwards_are_kept_and_told() {
    let loaded = loaded(&format(""), "A 5 c=1\nA 3 c=2\nA c=3\nA 4 c=4\nA 1 c=5\n");
    let times: Vec<_> = events(&loaded, 0)
        .iter()
        .map(|event| event.time_ns)
        .collect();
    assert_eq!(
        times,
        [
            Some(5_000_000),
            Some(3_000_000),
            None,
            Some(4_000_000),
            Some(1_000_000)
        ]
    );
    assert!(told(
        &loaded,
        "m.log:2: expected times in order, found 2 earlier"
    ));
}

#[test]
fn a_period_is_a_rate() {
    let format = format("").replace("^(?<machine>\\w) ", "^\\w ");
    let loaded = loaded(&format, "every 250 ms\nA c=1\n");
    assert_eq!(loaded.trials[0].machines[0].rate_hz, Some(4.0));
}
