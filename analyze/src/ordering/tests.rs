use super::*;
use events::fixtures;

/// Machine 1 is late: its second event has the smaller clock and the later time.
const TRIAL: &str = "0 internal 1 time=10
    0 send 2 to=1 id=a time=20
    0 internal 3 time=30
    1 internal 1 time=40
    1 receive 3 id=a carried=2 time=50";

/// A matched trial of two machines.
fn trial(lines: &str) -> Trial {
    fixtures::trial(2, lines).matched()
}

#[test]
fn orders_are_compared_pair_by_pair() {
    let found = compare(&trial(TRIAL), 1);
    // The receive knows the first two events of machine 0; the other four pairs are concurrent.
    assert_eq!((found.pairs, found.examined, found.seed), (6, 6, None));
    assert_eq!(
        (found.ordered, found.concurrent, found.uncertain),
        (2, 4, 0)
    );
    // Clocks 1 and 1, and 3 and 3, are equal; 2 and 3 of machine 0 are before 1 of machine 1 by time, not by clock.
    assert_eq!(
        (
            found.equal_clocks,
            found.concurrent_timed,
            found.clock_against_wall
        ),
        (2, 2, 2)
    );
    assert_eq!(found.apart_max_s, Some(0.02));
    assert_eq!(
        (found.clock_condition_failures, found.wall_against_causality),
        (0, 0)
    );
    assert_eq!((found.receives_timed, found.received_before_sent), (1, 0));
}

#[test]
fn a_clock_and_a_time_that_contradict_causality_are_counted() {
    let lines = TRIAL.replace(
        "1 receive 3 id=a carried=2 time=50",
        "1 receive 2 id=a carried=2 time=15",
    );
    let found = compare(&trial(&lines), 1);
    assert_eq!(
        (found.clock_condition_failures, found.wall_against_causality),
        (1, 1)
    );
    assert_eq!(found.received_before_sent, 1);
}

#[test]
fn what_depends_on_an_uncertain_receive_is_left_out() {
    let found = compare(
        &trial(&TRIAL.replace("1 receive 3 id=a", "1 receive 3 id=b")),
        1,
    );
    assert_eq!(found.uncertain, 3);
}

#[test]
fn sums_weigh_distances_by_their_pairs() {
    let one = Ordering {
        clock_against_wall: 1,
        apart_mean_s: Some(4.0),
        apart_max_s: Some(4.0),
        ..Ordering::default()
    };
    let mut sum = Ordering {
        clock_against_wall: 3,
        apart_mean_s: Some(2.0),
        apart_max_s: Some(5.0),
        ..Ordering::default()
    };
    sum.add(&one);
    assert_eq!(
        (sum.clock_against_wall, sum.apart_mean_s, sum.apart_max_s),
        (4, Some(2.5), Some(5.0))
    );
}

#[test]
fn a_draw_takes_pairs_of_different_machines_only() {
    let pairs = Pairs {
        lengths: vec![3, 0, 5],
    };
    assert_eq!(pairs.total(), 15);
    let mut chance = Chance::new(7);
    for _ in 0..200 {
        let (one, other) = pairs.draw(&mut chance);
        assert!(
            one.0 != other.0 && one.1 < pairs.lengths[one.0] && other.1 < pairs.lengths[other.0]
        );
    }
}
