use std::collections::{BTreeMap, BTreeSet};

use event_log::faults::{Deed, Severity, Span, SpanRange, Target, When};
use proptest::prelude::*;

use super::*;

const MS: u64 = 1_000_000;

/// Faults that are known by their targets, each at a time of its own.
fn schedule(lasts_ns: &[u64]) -> Faults {
    let fault = |(number, &lasts_ns): (u32, &u64)| Fault {
        when: When::At(Span {
            ns: 1_234_567_891 * u64::from(number + 1),
        }),
        deed: Deed::Kill,
        target: Target::Server(number),
        lasts: Some(SpanRange::exactly(Span { ns: lasts_ns })),
        severity: Severity::default(),
    };
    Faults {
        settle: Span { ns: 5 },
        faults: (0..).zip(lasts_ns).map(fault).collect(),
        storms: Vec::new(),
    }
}

fn number(fault: &Fault) -> u32 {
    match fault.target {
        Target::Server(number) => number,
        other => panic!("{other}"),
    }
}

fn numbers(faults: &Faults) -> BTreeSet<u32> {
    faults.faults.iter().map(number).collect()
}

fn lasts_ns(fault: &Fault) -> u64 {
    fault.lasts.map_or(0, |lasts| lasts.min.ns)
}

/// Goes on whatever happens.
fn on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Fails for about every second set of numbers, by a hash.
fn is_odd(salt: u64, numbers: &BTreeSet<u32>) -> bool {
    let mut hasher = DefaultHasher::new();
    (salt, numbers).hash(&mut hasher);
    hasher.finish() % 2 == 1
}

proptest! {
    #[test]
    fn planted_faults_alone_are_left_as_short_as_they_may_be(
        lasts in proptest::collection::vec(5 * MS..9000 * MS, 1..80),
        chosen in proptest::collection::vec((any::<prop::sample::Index>(), 1u64..4000), 0..5),
    ) {
        let plain = schedule(&lasts);
        // Each has to last this long at least, nanoseconds.
        let planted: BTreeMap<u32, u64> = chosen
            .iter()
            .map(|(index, least_ms)| {
                let place = index.index(lasts.len());
                (place as u32, (least_ms * MS).min(lasts[place]))
            })
            .collect();
        let fails = |faults: &Faults| {
            planted.iter().all(|(&of, &least_ns)| {
                faults.faults.iter().any(|fault| number(fault) == of && lasts_ns(fault) >= least_ns)
            })
        };
        let mut last = None;
        let shrunk = shrink(&plain, u32::MAX, fails, |progress| {
            last = Some(progress);
            on(progress)
        });
        let shrunk = shrunk.expect("it fails");
        prop_assert_eq!(numbers(&shrunk.faults), planted.keys().copied().collect());
        prop_assert_eq!((shrunk.before, shrunk.after), (lasts.len(), planted.len()));
        prop_assert!(shrunk.is_minimal && shrunk.faults.settle == plain.settle);
        let last = last.expect("there were runs");
        prop_assert_eq!((last.runs, last.faults), (shrunk.runs, planted.len()));
        for fault in &shrunk.faults.faults {
            prop_assert!(lasts_ns(fault) < 2 * planted[&number(fault)].max(MS));
            // Nothing depends on the time: it is as round as can be.
            let When::At(at) = fault.when else { panic!("{fault:?}") };
            prop_assert!(at.ns.is_multiple_of(10_000 * MS) && at.ns <= 1_234_567_891 * u64::from(number(fault) + 1));
        }
        // The worst case of the method, and a few tries to simplify each.
        let faults = lasts.len() as u32;
        prop_assert!(shrunk.runs <= faults * faults + 3 * faults + 60 * planted.len() as u32 + 2);
    }

    #[test]
    fn whatever_fails_is_shrunk_to_what_fails_and_has_no_fault_to_spare(count in 0usize..40, salt: u64) {
        let plain = schedule(&vec![MS; count]);
        let all = numbers(&plain);
        let fails = |faults: &Faults| numbers(faults) == all || is_odd(salt, &numbers(faults));
        let shrunk = shrink(&plain, u32::MAX, fails, on).expect("it fails");
        prop_assert!(fails(&shrunk.faults) && shrunk.is_minimal);
        for place in 0..shrunk.after {
            let mut less = shrunk.faults.clone();
            less.faults.remove(place);
            prop_assert!(!fails(&less));
        }
    }

    #[test]
    fn a_search_that_is_cut_short_gives_the_smallest_that_failed(
        count in 1usize..60, planted in 0u32..60, runs_max in 1u32..200, is_told: bool,
    ) {
        let plain = schedule(&vec![MS; count]);
        let planted = planted % count as u32;
        let fails = |faults: &Faults| numbers(faults).contains(&planted);
        let mut runs = 0;
        let limit = if is_told { u32::MAX } else { runs_max };
        let shrunk = shrink(&plain, limit, fails, |progress| {
            runs = progress.runs;
            if is_told && runs == runs_max { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let shrunk = shrunk.expect("it fails");
        prop_assert!(fails(&shrunk.faults) && runs == shrunk.runs && runs <= runs_max);
        prop_assert!(!shrunk.is_minimal || shrunk.after == 1);
    }
}

#[test]
fn what_passes_or_is_left_to_chance_is_refused() {
    let plain = schedule(&[MS; 3]);
    let passes = shrink(&plain, 100, |_| false, on);
    assert_eq!(passes, Err(ShrinkError::Passes));
    let mut drawn = plain.clone();
    drawn.faults[1].target = Target::Any;
    assert_eq!(
        shrink(&drawn, 100, |_| true, on),
        Err(ShrinkError::NotPlain)
    );
    let nothing = shrink(&plain, 100, |_| true, on).expect("it fails");
    assert_eq!((nothing.after, nothing.runs), (0, 2));
}
