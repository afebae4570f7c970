//! Groups that go by their clocks, in storms: processes end, stall and begin again at random times. In the calm after each
//! storm one of them serves all, and everything that was acknowledged is there.

mod world;

use machine::chance::{Purpose, Stream};
use replica::rules::Tolerance;
use replica::timing::Timing;
use replica::units::OpNumber;
use world::action::Action;
use world::{Plan, REPLICAS, World};

/// What happens to a replica next.
fn fault(world: &World, id: u32, chance: &mut Stream, may_wipe: bool) -> Action {
    let place = &world.places[id as usize];
    match (&place.server, place.is_paused, chance.below(4)) {
        (None, _, 0) if may_wipe => Action::Wipe(id),
        (None, ..) => Action::Restart(id),
        (_, true, _) => Action::Resume(id),
        (_, false, 0) => Action::Crash(id),
        (_, false, 1) => Action::Power(id),
        (_, false, _) => Action::Pause(id),
    }
}

fn weather(tolerance: Tolerance, seed: u64) -> World {
    let timing = Timing::default();
    let mut plan = Plan {
        tolerance,
        timing,
        ..Plan::default()
    };
    (plan.limits.log_max, plan.limits.joiner_gap_max) = (10, 5);
    let mut chance = Stream::new(seed, 0, Purpose::Network);
    let mut world = World::founded(plan);
    let mut command = 0;
    for _ in 0..40 {
        world.run_for(100 * (1 + chance.below(20)));
        for id in 0..REPLICAS {
            if world.is_serving(id) && world.runs(id) {
                command += 1;
                world.step(Action::Request(id, command));
            }
        }
        world.run_for(10 * chance.below(10));
        // A disk may be lost where the others have what was on it.
        let may_wipe = tolerance == Tolerance::Partitions && chance.below(20) == 0;
        let id = chance.below(u64::from(REPLICAS)) as u32;
        let is_last = (0..REPLICAS).all(|other| other == id || world.runs(other));
        let action = fault(&world, id, &mut chance, may_wipe && is_last);
        world.step(action);
        world.check();
    }
    for id in 0..REPLICAS {
        world.step(Action::Resume(id));
        world.step(Action::Restart(id));
    }
    world
}

#[test]
fn after_a_storm_everybody_serves_again_and_nothing_is_lost() {
    for tolerance in [Tolerance::Crashes, Tolerance::Partitions] {
        let (mut views, mut commands) = (0, 0);
        for seed in 0..60 {
            let mut world = weather(tolerance, seed);
            world.run_for(10_000);
            let place = format!("{tolerance:?}, seed {seed}");
            assert_eq!(world.oracle.violation, None, "{place}");
            let serving = (0..REPLICAS).filter(|&id| world.is_serving(id));
            let serving: Vec<u32> = serving.collect();
            assert_eq!(serving.len(), 1, "{place}: {:#?}", world.take_lines());
            let before = world.oracle.views;
            world.run_for(5_000);
            assert_eq!(
                world.oracle.views, before,
                "{place}: a view that works is changed"
            );
            world.step(Action::Request(serving[0], u32::MAX));
            world.run_for(2_000);
            let all = world.oracle.acknowledged.clone();
            assert_eq!(all.last(), Some(&u32::MAX), "{place}");
            for id in 0..REPLICAS {
                assert_eq!(
                    world.commands(id, OpNumber(all.len() as u64)),
                    all,
                    "{place}, r{id}"
                );
            }
            assert_eq!(world.oracle.divergences, 0, "{place}");
            views += world.oracle.views;
            commands += all.len();
        }
        println!("{tolerance:?}: {views} views, {commands} commands");
        assert!(
            views > 300 && commands > 600,
            "{views} views, {commands} commands"
        );
    }
}
