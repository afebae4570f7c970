//! Random walks: messages in any order, twice or never, crashes, stalls, power cuts, disks that are lost.
//!
//! With all rules nothing is ever lost, and once the faults end somebody serves. Without one rule a walk finds what is lost;
//! the shortest list of its steps is a golden script. A walk is a seed: the same seed takes the same steps for ever.

mod world;

use replica::rules::{Rule, Rules, Tolerance};
use replica::setup::Limits;
use world::Plan;
use world::walk::{Budget, shrink, walk};

const BUDGET: Budget = Budget {
    steps: 160,
    crashes: 4,
    pauses: 2,
    wipes: 0,
    losses: 1,
};

/// So that short logs have snapshots, and short absences are long.
const TIGHT: Limits = Limits {
    log_max: 2,
    window_max: 4,
    message_max: 1,
    joiner_gap_max: 1,
};

fn plan(tolerance: Tolerance, rules: Rules) -> Plan {
    Plan {
        tolerance,
        rules,
        ..Plan::default()
    }
}

fn nothing_is_lost(walks: u64) {
    for tolerance in [Tolerance::Crashes, Tolerance::Partitions] {
        let (mut views, mut commands) = (0, 0);
        for seed in 0..walks {
            let wipes = (seed % 4 == 0).into();
            let budget = Budget { wipes, ..BUDGET };
            let mut plan = plan(tolerance, Rules::default());
            if seed % 2 == 1 {
                plan.limits = TIGHT;
            }
            let (steps, mut world) = walk(plan, budget, seed);
            let place = format!("{tolerance:?}, seed {seed}, {} steps", steps.len());
            assert_eq!(world.oracle.violation, None, "{place}");
            // A group whose other members had died may have lost its only copy: then it waits.
            if wipes == 0 || tolerance == Tolerance::Partitions {
                assert!(world.heals(), "nobody serves: {place}");
            } else {
                world.heals();
            }
            assert_eq!(world.oracle.violation, None, "afterwards: {place}");
            assert_eq!(world.oracle.divergences, 0, "two groups: {place}");
            views += world.oracle.views;
            commands += world.oracle.acknowledged.len();
        }
        println!("{tolerance:?}: {walks} walks, {views} views, {commands} commands");
        assert!(views as u64 > 2 * walks, "views are changed");
        assert!(commands as u64 > walks, "commands are acknowledged");
    }
}

#[test]
fn with_all_rules_nothing_is_lost_and_everybody_is_served_again() {
    nothing_is_lost(1_000);
}

#[test]
#[ignore = "minutes: a hundred thousand walks with each tolerance"]
fn with_all_rules_nothing_is_lost_in_many_walks() {
    nothing_is_lost(100_000);
}

/// Where the search below looks: without a rule, and with the tolerance for which it is there.
const SEARCHES: [(Rule, Tolerance); 12] = [
    (Rule::Fence, Tolerance::Partitions),
    (Rule::LiveAuthority, Tolerance::Crashes),
    (Rule::LastToFail, Tolerance::Crashes),
    (Rule::Majority, Tolerance::Partitions),
    (Rule::NewestView, Tolerance::Crashes),
    (Rule::AuthorityFirst, Tolerance::Crashes),
    (Rule::WriteAll, Tolerance::Crashes),
    (Rule::WriteToDisk, Tolerance::Crashes),
    (Rule::StallIsCrash, Tolerance::Crashes),
    (Rule::RecoverFirst, Tolerance::Partitions),
    (Rule::Incarnations, Tolerance::Crashes),
    (Rule::AllLiveFirst, Tolerance::Crashes),
];

#[test]
#[ignore = "an hour: searches walks for a short way to lose something without each rule"]
fn find_what_is_lost_without_each_rule() {
    for (rule, tolerance) in SEARCHES {
        let plan = plan(tolerance, Rules::without(rule));
        let budget = Budget {
            pauses: if rule == Rule::StallIsCrash { 2 } else { 0 },
            wipes: (rule == Rule::RecoverFirst).into(),
            losses: (tolerance == Tolerance::Partitions).into(),
            ..BUDGET
        };
        let found = (0..1_000_000).find_map(|seed| {
            let (steps, world) = walk(plan, budget, seed);
            Some((seed, steps, world.oracle.violation?))
        });
        let Some((seed, steps, violation)) = found else {
            println!("{rule:?}, {tolerance:?}: nothing");
            continue;
        };
        println!("{rule:?}, {tolerance:?}: seed {seed}: {violation}");
        for step in shrink(plan, steps) {
            println!("{step}");
        }
    }
}
