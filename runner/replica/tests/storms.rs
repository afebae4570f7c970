//! Groups that go by their clocks, in storms: processes end, stall and begin again at random times, or links lose all. In the
//! calm after each storm one of them serves all, and everything that was acknowledged is there.

mod world;

use machine::chance::{Purpose, Stream};
use replica::rules::Tolerance;
use replica::timing::Timing;
use replica::units::OpNumber;
use world::action::Action;
use world::{Plan, REPLICAS, World};

/// What a storm is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Storm {
    /// Processes end, stall and begin again.
    Lives,
    /// So they do, links lose all, either way or both, and a disk is lost where the others have what was on it.
    Everything,
    /// One link, or a replica that is mute, or one that is deaf: one way, and never two at a time.
    OneWayCuts,
}

/// What happens to the life of a replica next.
fn life(world: &World, id: u32, chance: &mut Stream, may_wipe: bool) -> Action {
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

/// Cuts links one way: of one replica to another, to all, or from all.
fn cut(world: &mut World, id: u32, chance: &mut Stream) {
    let others = (0..REPLICAS).filter(|&other| other != id);
    let others: Vec<u32> = others.collect();
    match chance.below(3) {
        0 => world.cut.extend(others.iter().map(|&other| (id, other))),
        1 => world.cut.extend(others.iter().map(|&other| (other, id))),
        _ => world.cut.extend([(id, others[0])]),
    }
}

fn blow(world: &mut World, storm: Storm, chance: &mut Stream) {
    let id = chance.below(u64::from(REPLICAS)) as u32;
    let cuts = match storm {
        Storm::Lives => false,
        Storm::Everything => chance.below(2) == 0,
        Storm::OneWayCuts => true,
    };
    if cuts && world.cut.is_empty() {
        cut(world, id, chance);
        if storm == Storm::Everything && chance.below(2) == 0 {
            let back: Vec<_> = world.cut.iter().map(|&(from, to)| (to, from)).collect();
            world.cut.extend(back);
        }
    } else if cuts {
        // Most cuts outlast the suspicion. A cut one way and soon another would be a partition, both ways.
        if chance.below(3) == 0 {
            world.cut.clear();
            world.run_for(if storm == Storm::OneWayCuts { 8_000 } else { 0 });
        }
    } else {
        let may_wipe = storm == Storm::Everything && chance.below(8) == 0;
        let is_last = (0..REPLICAS).all(|other| other == id || world.runs(other));
        let action = life(world, id, chance, may_wipe && is_last);
        world.step(action);
    }
}

fn weather(tolerance: Tolerance, storm: Storm, seed: u64) -> World {
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
        blow(&mut world, storm, &mut chance);
        world.check();
    }
    world.cut.clear();
    for id in 0..REPLICAS {
        world.step(Action::Resume(id));
        world.step(Action::Restart(id));
    }
    world
}

/// In the calm one serves all three, no view changes any more, and all have everything.
fn everybody_serves_again(tolerance: Tolerance, storm: Storm, storms: u64) {
    let (mut views, mut commands) = (0, 0);
    for seed in 0..storms {
        let mut world = weather(tolerance, storm, seed);
        world.run_for(10_000);
        let place = format!("{tolerance:?}, {storm:?}, seed {seed}");
        assert_eq!(world.oracle.violation, None, "{place}");
        let serving: Vec<u32> = (0..REPLICAS).filter(|&id| world.is_serving(id)).collect();
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
        views += world.oracle.views as u64;
        commands += all.len() as u64;
    }
    println!("{tolerance:?}, {storm:?}: {storms} storms, {views} views, {commands} commands");
    assert!(
        views > 3 * storms && commands > 5 * storms,
        "{views} views, {commands} commands"
    );
}

#[test]
fn after_processes_have_ended_and_stalled_everybody_serves_again() {
    everybody_serves_again(Tolerance::Crashes, Storm::Lives, 60);
    everybody_serves_again(Tolerance::Partitions, Storm::Lives, 60);
}

#[test]
fn after_partitions_and_lost_disks_everybody_serves_again() {
    everybody_serves_again(Tolerance::Partitions, Storm::Everything, 60);
}

#[test]
fn after_cuts_one_way_everybody_serves_again_even_if_silence_is_death() {
    everybody_serves_again(Tolerance::Crashes, Storm::OneWayCuts, 60);
}
