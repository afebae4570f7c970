//! A group that goes by its clocks: it forms, serves, fails over, and takes back who was away.

mod world;

use replica::rules::Tolerance;
use replica::timing::Timing;
use replica::units::OpNumber;
use world::action::Action;
use world::{Plan, REPLICAS, World};

fn group(tolerance: Tolerance) -> World {
    let timing = Timing::default();
    let mut world = World::founded(Plan {
        tolerance,
        timing,
        ..Plan::default()
    });
    world.run_for(5_000);
    world
}

fn primary(world: &World) -> u32 {
    let serving: Vec<u32> = (0..REPLICAS).filter(|&id| world.is_serving(id)).collect();
    assert_eq!(serving.len(), 1, "one serves: {serving:?}");
    serving[0]
}

fn members(world: &World) -> usize {
    let server = world.places[primary(world) as usize].server.as_ref();
    let replica = server.expect("it serves").replica();
    replica.disk().view.members.len()
}

fn say(world: &mut World, command: u32) {
    let to = primary(world);
    world.step(Action::Request(to, command));
    world.run_for(1_000);
    assert_eq!(world.oracle.acknowledged.last(), Some(&command));
}

#[test]
fn a_new_group_serves_and_all_have_what_was_said() {
    for tolerance in [Tolerance::Crashes, Tolerance::Partitions] {
        let mut world = group(tolerance);
        assert_eq!(members(&world), 3, "{:?}", world.take_lines());
        for command in 1..=20 {
            say(&mut world, command);
        }
        // Backups learn of the last one with the next heartbeat.
        world.run_for(1_500);
        let said: Vec<u32> = (1..=20).collect();
        for id in 0..REPLICAS {
            assert_eq!(world.commands(id, OpNumber(20)), said);
            let server = world.places[id as usize].server.as_ref().expect("it runs");
            assert_eq!(server.replica().committed().op, OpNumber(20));
        }
        assert_eq!(world.oracle.views, 1, "nobody changes a view that works");
    }
}

#[test]
fn when_the_primary_dies_another_serves_and_the_dead_is_taken_back() {
    for tolerance in [Tolerance::Crashes, Tolerance::Partitions] {
        let mut world = group(tolerance);
        say(&mut world, 1);
        let first = primary(&world);
        world.step(Action::Crash(first));
        world.run_for(5_000);
        assert_ne!(primary(&world), first);
        assert_eq!(members(&world), 2);
        say(&mut world, 2);
        world.step(Action::Restart(first));
        world.run_for(5_000);
        assert_eq!(members(&world), 3, "{:#?}", world.take_lines());
        say(&mut world, 3);
        assert_eq!(world.commands(first, OpNumber(3)), [1, 2, 3]);
        assert_eq!(world.oracle.violation, None);
    }
}

#[test]
fn the_last_of_three_serves_alone_if_the_others_have_crashed_and_not_if_they_may_be_cut_off() {
    for tolerance in [Tolerance::Crashes, Tolerance::Partitions] {
        let mut world = group(tolerance);
        say(&mut world, 1);
        for _ in 0..2 {
            let serving = primary(&world);
            world.step(Action::Crash(serving));
            world.run_for(6_000);
            if !(0..REPLICAS).any(|id| world.is_serving(id)) {
                break;
            }
        }
        let serving = (0..REPLICAS).filter(|&id| world.is_serving(id)).count();
        let expected = usize::from(tolerance == Tolerance::Crashes);
        assert_eq!(serving, expected, "{tolerance:?}");
        if serving == 1 {
            say(&mut world, 2);
        }
        assert_eq!(world.oracle.violation, None);
    }
}

#[test]
fn after_a_power_cut_of_all_everything_is_there() {
    for tolerance in [Tolerance::Crashes, Tolerance::Partitions] {
        let mut world = group(tolerance);
        for command in 1..=5 {
            say(&mut world, command);
        }
        for id in 0..REPLICAS {
            world.step(Action::Power(id));
        }
        for id in (0..REPLICAS).rev() {
            world.step(Action::Restart(id));
        }
        world.run_for(5_000);
        say(&mut world, 6);
        let all = world.commands(primary(&world), OpNumber(6));
        assert_eq!(all, [1, 2, 3, 4, 5, 6]);
    }
}

#[test]
fn an_emptied_disk_is_filled_by_the_others_and_does_nothing_if_it_may_not_be() {
    for may_recover in [true, false] {
        let mut world = World::founded(Plan {
            timing: Timing::default(),
            may_recover,
            ..Plan::default()
        });
        world.run_for(5_000);
        say(&mut world, 1);
        let lost = (primary(&world) + 1) % REPLICAS;
        world.step(Action::Crash(lost));
        world.run_for(5_000);
        say(&mut world, 2);
        world.step(Action::Wipe(lost));
        world.run_for(8_000);
        assert_eq!(members(&world), if may_recover { 3 } else { 2 });
        say(&mut world, 3);
        if may_recover {
            assert_eq!(world.commands(lost, OpNumber(3)), [1, 2, 3]);
        }
    }
}

#[test]
fn a_log_is_bounded_and_who_was_away_gets_a_snapshot_before_it_is_a_member() {
    let mut plan = Plan {
        timing: Timing::default(),
        ..Plan::default()
    };
    (plan.limits.log_max, plan.limits.message_max) = (8, 3);
    plan.limits.joiner_gap_max = 4;
    let mut world = World::founded(plan);
    world.run_for(5_000);
    let away = (primary(&world) + 1) % REPLICAS;
    world.step(Action::Crash(away));
    world.run_for(5_000);
    for command in 1..=40 {
        say(&mut world, command);
    }
    world.step(Action::Restart(away));
    world.take_lines();
    world.run_for(8_000);
    let lines = world.take_lines();
    let place = |text: &str| lines.iter().position(|line| line.contains(text));
    let (fetched, joined) = (place(&format!("r{away} has fetched")), place("SERVES"));
    assert!(fetched.is_some() && fetched < joined, "{lines:#?}");
    assert_eq!(members(&world), 3);
    say(&mut world, 41);
    for id in 0..REPLICAS {
        let server = world.places[id as usize].server.as_ref().expect("it runs");
        let replica = server.replica();
        assert!(replica.disk().log.entries().count() <= 8 + 1, "r{id}");
        assert_eq!(
            world.commands(id, OpNumber(41)),
            (1..=41).collect::<Vec<_>>()
        );
        assert_eq!(world.places[id as usize].disk.log.end().op, OpNumber(41));
    }
}

#[test]
fn a_partition_loses_what_one_side_acknowledged_and_the_side_that_gives_way_says_what() {
    let mut world = group(Tolerance::Crashes);
    say(&mut world, 1);
    let alone = primary(&world);
    world.cut_off(alone, true);
    world.run_for(6_000);
    let serving: Vec<u32> = (0..REPLICAS).filter(|&id| world.is_serving(id)).collect();
    assert_eq!(serving.len(), 2, "one on each side");
    let other = serving.into_iter().find(|&id| id != alone);
    let other = other.expect("the other side");
    for (to, command) in [(alone, 2), (alone, 3), (other, 4), (other, 5), (other, 6)] {
        world.step(Action::Request(to, command));
        world.run_for(500);
    }
    let violation = world.oracle.violation.clone();
    assert!(violation.is_some_and(|violation| violation.starts_with("lost")));
    world.take_lines();
    world.cut_off(alone, false);
    world.run_for(8_000);
    assert_ne!(primary(&world), alone);
    assert_eq!(members(&world), 3);
    let lines = world.take_lines();
    let discards: Vec<&String> = lines
        .iter()
        .filter(|line| line.contains("DISCARDS"))
        .collect();
    assert_eq!(discards.len(), 1, "{discards:?}");
    let said = format!("r{alone} DISCARDS what it had committed after 1, through 3@");
    assert!(discards[0].starts_with(&said), "{discards:?}");
    for id in 0..REPLICAS {
        assert_eq!(world.commands(id, OpNumber(9)), [1, 4, 5, 6], "r{id}");
    }
}

#[test]
fn who_is_cut_off_from_a_majority_acknowledges_nothing_and_comes_back() {
    let mut world = group(Tolerance::Partitions);
    say(&mut world, 1);
    let alone = primary(&world);
    world.cut_off(alone, true);
    world.run_for(6_000);
    world.step(Action::Request(alone, 2));
    let serving = (0..REPLICAS).find(|&id| id != alone && world.is_serving(id));
    let serving = serving.expect("the majority serves");
    world.step(Action::Request(serving, 3));
    world.run_for(1_000);
    assert_eq!(world.oracle.acknowledged, [1, 3]);
    world.cut_off(alone, false);
    world.run_for(8_000);
    assert_eq!(members(&world), 3);
    say(&mut world, 4);
    assert_eq!(world.oracle.acknowledged, [1, 3, 4]);
    assert_eq!(world.oracle.violation, None);
    assert_eq!(world.commands(alone, OpNumber(9)), [1, 3, 4]);
}

#[test]
fn nothing_is_answered_before_it_is_on_every_disk() {
    for held in 0..REPLICAS {
        let mut world = group(Tolerance::Crashes);
        world.step(Action::Hold(held));
        let to = primary(&world);
        world.step(Action::Request(to, 1));
        world.run_for(500);
        let lines = world.take_lines();
        let is_answered = |lines: &[String]| lines.iter().any(|line| line.contains("answers"));
        assert!(
            !is_answered(&lines),
            "the disk of r{held} is held: {lines:?}"
        );
        world.step(Action::Flush(held));
        world.run_for(500);
        assert!(is_answered(&world.take_lines()), "the disk of r{held}");
    }
}

#[test]
fn a_primary_takes_no_more_commands_than_its_window_holds() {
    let mut plan = Plan::default();
    plan.limits.window_max = 2;
    let mut world = World::new(plan);
    world.take_lines();
    for command in 1..=3 {
        world.step(Action::Request(0, command));
    }
    assert_eq!(world.take_lines(), ["r0 redirects request 3 to r0"]);
    world.deliver_all();
    assert_eq!(world.oracle.acknowledged, [1, 2]);
}

#[test]
fn who_comes_back_waits_for_the_primary_however_slow_the_heartbeat() {
    let timing = Timing::new(5_000_000_000, 15_000_000_000).expect("a slow heartbeat");
    let mut world = World::founded(Plan {
        timing,
        ..Plan::default()
    });
    world.run_for(20_000);
    let back = (primary(&world) + 1) % REPLICAS;
    world.step(Action::Crash(back));
    world.step(Action::Restart(back));
    world.take_lines();
    world.run_for(15_000);
    let lines = world.take_lines();
    let campaigns = format!("r{back} campaigns");
    assert!(
        !lines.iter().any(|line| line.starts_with(&campaigns)),
        "{lines:#?}"
    );
    assert_eq!(members(&world), 3);
}

#[test]
fn a_question_of_an_emptied_disk_that_comes_late_does_not_silence_who_asked() {
    let mut world = World::new(Plan::default());
    for step in [
        Action::Crash(1),
        Action::Wipe(1),
        Action::Repeat(1, 0),
        Action::Deliver(1, 0),
        Action::Deliver(1, 2),
        Action::Deliver(0, 1),
        Action::Deliver(2, 1),
        // The question, once more.
        Action::Deliver(1, 0),
    ] {
        world.step(step);
    }
    // It answers, is left out for what it lacks, fetches that, and is a member.
    for step in [Action::Campaign(0), Action::Beat(0, 1), Action::Campaign(0)] {
        world.step(step);
        world.deliver_all();
    }
    let lines = world.take_lines();
    let serves = lines
        .iter()
        .any(|line| line.starts_with("r0 SERVES 3.0{0/1 1/1:1 2/1}"));
    assert!(serves, "{lines:#?}");
}
