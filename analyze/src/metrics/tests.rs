use events::{Clock, Match, TimeOrigin, Trial};
use proptest::prelude::*;

use super::fixtures::two;
use super::{jumps, measure};

#[test]
fn what_a_log_does_not_record_is_not_measured() {
    let measured = measure(&two().trial());
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
    let mut draft = two();
    draft.dialect.time = Some(TimeOrigin::Machine);
    let measured = measure(&draft.trial());
    assert!(measured.machines.iter().all(|of| of.lag.lag_mean.is_none()));
    assert_eq!(measured.machines[1].messages.wait_mean_s, None);
}

#[test]
fn a_receive_of_several_sends_has_no_wait_and_is_no_lost_message() {
    let mut draft = two();
    draft.matches[1][1] = Match::Ambiguous { candidates: 2 };
    let slow = &measure(&draft.trial()).machines[1];
    assert_eq!(
        (slow.messages.wait_mean_s, slow.messages.unreceived),
        (None, Some(0))
    );
    assert_eq!(
        (slow.account.inherited, slow.account.unexplained),
        (Some(1), Some(1))
    );
    assert_eq!(slow.account.minted_unknown, Some(2));
}

#[test]
fn of_a_vector_clock_the_own_component_is_measured_and_nothing_is_accounted_for() {
    let mut draft = two();
    for (position, events) in draft.events.iter_mut().enumerate() {
        for (count, event) in (1u64..).zip(events) {
            let mut vector = vec![7, 7];
            vector[position] = count;
            event.clock = Some(Clock::Vector(vector));
        }
    }
    let slow = &measure(&draft.trial()).machines[1];
    assert_eq!(slow.jumps.clock_final.map(|clock| clock.0), Some(3.0));
    assert_eq!(slow.account.own_ticks, None);
}

/// The first machine of a trial with these clocks on its rows.
fn with_clocks(clocks: &[Option<Clock>]) -> Trial {
    let mut draft = two();
    let row = draft.events[0][0].clone();
    let rows = clocks.iter().map(|clock| events::Event {
        clock: clock.clone(),
        ..row.clone()
    });
    draft.events[0] = rows.collect();
    draft.matches[0] = vec![Match::NoReceive; clocks.len()];
    draft.trial()
}

proptest! {
    /// Whole clocks, clocks with fractions, both, and rows without one: what polars says of jumps is what their list says.
    #[test]
    fn jumps_are_those_between_neighbouring_rows_with_a_clock(
        clocks in prop::collection::vec(prop::option::weighted(0.8, (any::<bool>(), -9i64..99)), 1..60), fractions: bool,
    ) {
        let clock = |&(half, value): &(bool, i64)| match half && fractions {
            true => Clock::Fractional(value as f64 + 0.5),
            false => Clock::Lamport(value),
        };
        let shown: Vec<Option<Clock>> = clocks.iter().map(|of| of.as_ref().map(clock)).collect();
        let trial = with_clocks(&shown);
        let found = jumps::measure(&trial, 0);
        let values: Vec<Option<f64>> = shown.iter().map(|of| of.as_ref().and_then(|of| of.scalar(0))).collect();
        let pairs = values.windows(2).filter_map(|pair| Some(pair[1]? - pair[0]?));
        let ascending = statistics::sorted(pairs.collect());
        let listed: Vec<f64> = statistics::sorted(jumps::jumps(&trial.machines[0].rows).map(|(_, jump)| jump).collect());
        prop_assert_eq!(&listed, &ascending);
        let close = |found: Option<f64>, expected: Option<f64>| match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() <= 1e-9,
            (found, expected) => found == expected,
        };
        prop_assert!(close(found.jump_mean, statistics::mean(&ascending)));
        prop_assert!(close(found.jump_deviation, statistics::deviation(&ascending)));
        prop_assert!(close(found.jump_p50, statistics::quantile(&ascending, 0.5)));
        prop_assert!(close(found.jump_p99, statistics::quantile(&ascending, 0.99)));
        prop_assert_eq!(found.jump_max.map(|of| of.0), ascending.last().copied());
        prop_assert_eq!(found.jump_min.map(|of| of.0), ascending.first().copied());
        let any = values.iter().flatten().next();
        let above = any.map(|_| ascending.iter().filter(|&&jump| jump > 1.0).count() as u64);
        let below = any.map(|_| ascending.iter().filter(|&&jump| jump < 0.0).count() as u64);
        prop_assert_eq!((found.jumps_above_one_count, found.clock_decreases), (above, below));
        let largest = values.iter().flatten().copied().reduce(f64::max);
        prop_assert_eq!(found.clock_max.map(|of| of.0), largest);
    }
}

#[test]
fn jumps_beyond_what_an_integer_holds_do_not_wrap() {
    let clocks = [i64::MIN, i64::MAX].map(|clock| Some(Clock::Lamport(clock)));
    let found = jumps::measure(&with_clocks(&clocks), 0);
    assert_eq!(
        found.jump_max.map(|of| of.0),
        Some(i64::MAX as f64 - i64::MIN as f64)
    );
}
