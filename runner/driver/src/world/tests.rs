use std::collections::BTreeMap;

use event_log::faults::{EffectKind, Point, Span, Target};
use machine::process::units::{Peer, Time};
use proptest::prelude::*;

use super::disks::Ailment;
use super::setting::LinkKind;
use super::witness::{LifeEnd, Loss};
use super::{Pause, World};
use blows::{Blow, blow, blow_on_a_link, run};
use talker::{
    Fact, Ledger, MESSAGE_BYTES, MS, Name, PLACES, Talker, WORDS_AT_END, setting, world, world_in,
    world_of,
};

mod blows;
mod closing;
mod talker;

fn blows() -> impl Strategy<Value = Vec<(u64, u64, Blow)>> {
    proptest::collection::vec((0u64..600, 1u64..300, blow()), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn streams_are_in_order_and_every_message_is_heard_once_or_lost_once(
        seed: u64, blows in blows(), has_disk: bool, is_even: bool,
    ) {
        let mut setting = setting(seed, LinkKind::Stream);
        if is_even {
            // Much happens at one time.
            setting.delay.max_ns = setting.delay.min_ns;
        }
        let mut world = world_in(setting, has_disk);
        prop_assert_eq!(run(&mut world, &blows), Ok(()));
        let now = world.now();
        let ledger = world.into_witness();
        let mut last = BTreeMap::new();
        let mut fate: BTreeMap<Name, u32> = BTreeMap::new();
        for (_, (from, to, message)) in ledger.heard() {
            let before = last.insert((from, to), message);
            prop_assert!(before < Some(message), "{from}→{to}: {message} after {before:?}");
            *fate.entry((from, to, message)).or_default() += 1;
        }
        for (_, name, _) in &ledger.lost {
            *fate.entry(*name).or_default() += 1;
        }
        prop_assert!(fate.values().all(|&times| times == 1), "heard and lost, or twice");
        // A message in the last moments may be under way still; and what was heard just before an end may not have reached a log
        // that waits for the disk.
        let now = if has_disk { Time(0) } else { now };
        let settled = ledger.sent().into_iter().filter(|(_, _, message)| message + 100 * MS < now.0);
        for name in settled {
            prop_assert!(fate.contains_key(&name), "{name:?} has vanished");
        }
    }

    #[test]
    fn a_disk_keeps_what_was_flushed_and_at_a_kill_a_prefix_of_the_rest(seed: u64, at_ms in 1u64..300, is_power: bool) {
        let mut world = world(seed, LinkKind::Stream);
        world.run(Some(Time(at_ms * MS))).expect("a run");
        let before = world.durable(Peer(0)).clone();
        let asked = world.process(Peer(0)).map_or(0, |process| process.persisted);
        let how = if is_power { LifeEnd::Power } else { LifeEnd::Killed };
        let changes = world.end(Peer(0), how).expect("it was there");
        let after = world.durable(Peer(0)).clone();
        prop_assert_eq!(after.len(), before.len() + changes.kept);
        prop_assert_eq!(&after, &(0..after.len() as u64).collect::<Vec<_>>());
        prop_assert!(after.len() as u64 <= asked);
        prop_assert!(!is_power || changes.kept == 0);
        let reported = world.witness().disks.get(&Peer(0)).cloned();
        prop_assert_eq!(reported.unwrap_or_default(), after);
        // What was said to be on disk is.
        let said = world.witness().facts.iter().filter(|(_, who, fact)| {
            *who == Peer(0) && matches!(fact, Fact::OnDisk(_))
        });
        prop_assert!(said.count() <= before.len());
    }

    #[test]
    fn a_life_begins_with_what_its_disk_holds(numbers in 1u64..9) {
        let ledger = Ledger { is_prompt: true, ..Ledger::default() };
        let mut world = World::new(setting(1, LinkKind::Stream), 1, vec![(Peer(0), true)], ledger);
        world.load(Peer(0), (0..numbers).collect());
        world.begin_all().expect("begun");
        prop_assert_eq!(world.process(Peer(0)).map(|process| process.persisted), Some(numbers));
    }

    #[test]
    fn a_hold_lets_nothing_through_and_loses_nothing(seed: u64, at_ms in 10u64..200, lasts_ms in 1u64..300) {
        let mut world = world_of(seed, LinkKind::Stream, false);
        prop_assert_eq!(run(&mut world, &[(at_ms, lasts_ms, Blow::Hold(0, 1))]), Ok(()));
        let ledger = world.into_witness();
        let held = at_ms * MS..(at_ms + lasts_ms) * MS;
        let heard = ledger.heard();
        let passes = |&(now, (from, to, _)): &(Time, Name)| (from, to) == (Peer(0), Peer(1)) && held.contains(&now.0);
        prop_assert!(!heard.iter().any(passes));
        let spoken = |name: &Name| (name.0, name.1) == (Peer(0), Peer(1)) && held.contains(&name.2);
        let spoken_in_it = ledger.sent().into_iter().filter(spoken).count();
        let heard_later = heard.iter().filter(|(_, name)| spoken(name)).count();
        prop_assert_eq!((heard_later, ledger.lost.len()), (spoken_in_it, 0));
    }

    #[test]
    fn a_slow_link_lets_through_what_it_can_in_order_and_loses_nothing(
        seed: u64, at_ms in 10u64..200, lasts_ms in 1u64..600, bytes_per_s in 200u64..20_000, held_ms in 0u64..300,
    ) {
        let mut world = world_of(seed, LinkKind::Stream, false);
        let blows = [(at_ms, lasts_ms, Blow::Slow(0, 1, bytes_per_s)), (at_ms + 50, held_ms, Blow::Hold(0, 1))];
        prop_assert_eq!(run(&mut world, &blows), Ok(()));
        let ledger = world.into_witness();
        prop_assert_eq!(ledger.lost.len(), 0);
        let heard = ledger.heard();
        let link: Vec<_> = heard.iter().filter(|(_, name)| (name.0, name.1) == (Peer(0), Peer(1))).collect();
        prop_assert!(link.is_sorted_by(|one, other| one.1.2 < other.1.2));
        let slow = at_ms * MS..(at_ms + lasts_ms) * MS;
        let passed: Vec<u64> = link.iter().map(|(now, _)| now.0).filter(|now| slow.contains(now)).collect();
        let each_ns = MESSAGE_BYTES * 1_000_000_000 / bytes_per_s;
        prop_assert!(passed.first().is_none_or(|first| first - at_ms * MS >= each_ns), "{:?}", passed);
        prop_assert!(passed.windows(2).all(|pair| pair[1] - pair[0] >= each_ns), "{:?}", passed);
        // Once it is over nothing waits: the last that was heard was said a moment before.
        let (last, name) = link.last().expect("it was whole before");
        prop_assert!(last.0 - name.2 <= 40 * MS);
        prop_assert!(link.len() as u64 >= (at_ms + lasts_ms + 900) / 10);
    }

    #[test]
    fn a_break_loses_what_is_under_way_and_both_ends_hear_of_it(seed: u64, at_ms in 100u64..200, lasts_ms in 1u64..300) {
        let mut world = world_of(seed, LinkKind::Stream, false);
        prop_assert_eq!(run(&mut world, &[(at_ms, lasts_ms, Blow::Break(0, 1))]), Ok(()));
        let ledger = world.into_witness();
        for (who, peer) in [(Peer(0), Peer(1)), (Peer(1), Peer(0))] {
            let words: Vec<(u64, bool)> = ledger.facts.iter().filter_map(|(now, of, fact)| match fact {
                Fact::Link { peer: about, is_up } if (*of, *about) == (who, peer) => Some((now.0, *is_up)),
                _ => None,
            }).collect();
            prop_assert_eq!(words.len(), 3, "up, gone, up: {:?}", words);
            prop_assert_eq!((words[0].1, words[1], words[2].1), (true, (at_ms * MS, false), true));
        }
        let between = |name: &Name| (name.0.0 < 2) && (name.1.0 < 2);
        prop_assert!(ledger.lost.iter().all(|(_, name, why)| between(name) && *why == Loss::Broken));
        for (now, name) in ledger.heard().iter().filter(|(_, name)| between(name)) {
            let is_cut = name.2 < at_ms * MS && now.0 >= at_ms * MS;
            prop_assert!(!is_cut, "{name:?} crossed the break");
        }
    }

    #[test]
    fn a_fault_that_is_taken_away_changes_nothing_elsewhere(
        seed: u64, blow in blow_on_a_link(), datagrams: bool,
    ) {
        let kind = if datagrams { LinkKind::Datagram } else { LinkKind::Stream };
        let far = |blows: &[(u64, u64, Blow)]| {
            let mut world = world(seed, kind);
            run(&mut world, blows).expect("a run");
            let heard = world.into_witness().heard();
            let heard = heard.into_iter().filter(|(now, _)| now.0 < 1000 * MS);
            heard.collect::<Vec<_>>()
        };
        let on = |from, to| matches!(blow, Blow::Hold(f, t) | Blow::Weather(f, t, _) if (f, t) == (from, to));
        let with = far(&[(50, 500, Blow::Weather(0, 1, 0.5)), (100, 200, blow)]);
        let without = far(&[(50, 500, Blow::Weather(0, 1, 0.5))]);
        for from in (0..PLACES).map(Peer) {
            for to in (0..PLACES).map(Peer).filter(|&to| to != from && !on(from.0, to.0)) {
                let of = |heard: &[(Time, Name)]| {
                    let of = heard.iter().filter(|(_, name)| (name.0, name.1) == (from, to));
                    of.copied().collect::<Vec<_>>()
                };
                prop_assert_eq!(of(&with), of(&without));
            }
        }
    }
}

#[test]
fn datagrams_are_lost_doubled_and_out_of_order() {
    let mut world = world(7, LinkKind::Datagram);
    run(&mut world, &[(0, 900, Blow::Weather(0, 1, 0.2))]).expect("a run");
    let ledger = world.into_witness();
    let heard = ledger.heard();
    let link = heard
        .iter()
        .filter(|(_, name)| (name.0, name.1) == (Peer(0), Peer(1)));
    let messages: Vec<u64> = link.map(|(_, name)| name.2).collect();
    let arrivals = |to| {
        let of = heard
            .iter()
            .filter(|(_, name)| (name.0, name.1) == (Peer(1), Peer(to)));
        of.map(|(now, _)| now.0).collect::<Vec<_>>()
    };
    assert_ne!(arrivals(0), arrivals(2), "each link has chance of its own");
    let mut once = messages.clone();
    once.sort_unstable();
    assert_ne!(once, messages, "none overtook another");
    once.dedup();
    assert!(once.len() < messages.len(), "none came twice");
    assert!(ledger.lost.iter().any(|(_, _, why)| *why == Loss::Dropped));
}

#[test]
fn a_stop_lets_what_was_said_leave_and_a_failed_flush_ends_a_life() {
    let mut world = world(3, LinkKind::Stream);
    world.run(Some(Time(101 * MS))).expect("a run");
    let asked = world.process(Peer(2)).map(|process| process.persisted);
    assert!(world.stop(Peer(2)) && !world.stop(Peer(2)));
    world.ail(Peer(1), Ailment::Failing);
    world.run(Some(Time(300 * MS))).expect("a run");
    assert!(world.process(Peer(2)).is_none() && world.process(Peer(1)).is_none());
    let at_end = asked.map(|asked| asked + u64::from(WORDS_AT_END));
    assert_eq!(Some(world.durable(Peer(2)).len() as u64), at_end);
    let ends: Vec<LifeEnd> = world.witness().kept.iter().map(|(how, _)| *how).collect();
    assert!(ends.contains(&LifeEnd::Stopped) && ends.contains(&LifeEnd::DiskFailed));
}

#[test]
fn who_stands_still_hears_of_its_end_when_it_goes_on() {
    let mut world = world_of(3, LinkKind::Stream, false);
    world.run(Some(Time(101 * MS))).expect("a run");
    let sent = |world: &World<Talker, Ledger>| {
        let sent = world.witness().sent();
        sent.iter().filter(|name| name.0 == Peer(2)).count() as u32
    };
    let before = sent(&world);
    assert!(world.pause(Peer(2)) && world.stop(Peer(2)) && !world.stop(Peer(2)));
    world.run(Some(Time(300 * MS))).expect("a run");
    assert!(world.process(Peer(2)).is_some());
    assert!(world.resume(Peer(2), 1));
    world.run(Some(Time(400 * MS))).expect("a run");
    assert!(world.process(Peer(2)).is_none());
    assert_eq!(world.last_end(Peer(2)), Some(LifeEnd::Stopped));
    assert_eq!(sent(&world), before + WORDS_AT_END * (PLACES - 1));
}

#[test]
fn a_run_stops_before_or_after_the_effect_that_is_waited_for() {
    let point = |is_after, kind| Point {
        is_after,
        kind,
        by: Target::Server(1),
        nth: 3,
        from: Span::default(),
    };
    let sent = |world: &World<Talker, Ledger>| {
        let sent = world.witness().sent();
        sent.iter().filter(|name| name.0 == Peer(1)).count()
    };
    let kind = || EffectKind::Record(Some("sent".to_owned()));
    for (is_after, expected) in [(false, 2), (true, 3)] {
        let mut world = world(3, LinkKind::Stream);
        world.watch(9, point(is_after, kind()));
        assert_eq!(world.run(None), Ok(Pause::Point));
        assert_eq!(world.take_points(), [(9, Peer(1))]);
        assert_eq!(sent(&world), expected);
        // Killed there, it says nothing more.
        world.end(Peer(1), LifeEnd::Killed);
        assert_eq!(world.run(Some(Time(200 * MS))), Ok(Pause::Time));
        assert_eq!(sent(&world), expected);
    }
    for (is_after, expected) in [(false, 2), (true, 3)] {
        let mut world = world(3, LinkKind::Stream);
        world.watch(0, point(is_after, EffectKind::Persist));
        assert_eq!(world.run(None), Ok(Pause::Point));
        assert_eq!(world.durable(Peer(1)).len(), expected);
        assert_eq!(world.take_points(), [(0, Peer(1))]);
        world.end(Peer(1), LifeEnd::Power);
        assert_eq!(world.durable(Peer(1)).len(), expected);
        world.begin(Peer(1)).expect("begun");
        world.run(Some(Time(200 * MS))).expect("a run");
        assert!(world.durable(Peer(1)).len() > expected);
    }
}

#[test]
fn a_calendar_is_off_in_later_lives_too_until_it_is_moved_back() {
    let mut world = world(3, LinkKind::Stream);
    let shift_ns = |world: &World<Talker, Ledger>| {
        let process = world.process(Peer(1));
        process.map(|process| process.shift_ns)
    };
    world.shift_clock(Peer(1), -5);
    world.shift_clock(Peer(1), 7);
    assert_eq!(shift_ns(&world), Some(2));
    world.end(Peer(1), LifeEnd::Killed);
    world.shift_clock(Peer(1), 10);
    world.begin(Peer(1)).expect("begun");
    assert_eq!(shift_ns(&world), Some(12));
    world.shift_clock(Peer(1), -12);
    assert_eq!(shift_ns(&world), Some(0));
}
