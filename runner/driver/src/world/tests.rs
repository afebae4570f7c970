use std::collections::BTreeMap;

use event_log::Latency;
use event_log::faults::{EffectKind, Target};
use machine::process::EffectsOf;
use proptest::prelude::*;

use super::disks::Ailment;
use super::links::Weather;
use super::setting::LinkKind;
use super::witness::{Changes, Loss};
use super::*;

const PLACES: u32 = 3;
const MS: u64 = 1_000_000;

/// Who it is, and whether it has a disk.
type TalkerSetup = (Peer, bool);

/// Every 10 ms it says the time to all others and persists a number, if it has a disk; it records all that it hears, and each
/// number that is on its disk.
struct Talker {
    me: Peer,
    has_disk: bool,
    /// When this life began: the name of the life.
    born: Time,
    persisted: u64,
}

/// What it writes to its log: the name of its life, the time, what it knows. Behind a change it leaves later.
type Saying = (Time, Time, Fact);

#[derive(Debug, Clone, PartialEq)]
enum Fact {
    Sent { to: Peer, message: u64 },
    Heard { from: Peer, message: u64 },
    Link { peer: Peer, is_up: bool },
    OnDisk(u64),
}

impl Process for Talker {
    type Setup = TalkerSetup;
    type Message = u64;
    type Event = Saying;
    type Change = u64;
    type Durable = Vec<u64>;

    fn begin(
        &(me, has_disk): &TalkerSetup,
        durable: Vec<u64>,
        now: Time,
        effects: &mut EffectsOf<Self>,
    ) -> Talker {
        effects.wake_at(now.after_ns(10 * MS));
        Talker {
            me,
            has_disk,
            born: now,
            persisted: durable.len() as u64,
        }
    }

    fn receive(&mut self, now: Time, from: Peer, message: u64, effects: &mut EffectsOf<Self>) {
        effects.record((self.born, now, Fact::Heard { from, message }));
    }

    fn link(&mut self, now: Time, peer: Peer, is_up: bool, effects: &mut EffectsOf<Self>) {
        effects.record((self.born, now, Fact::Link { peer, is_up }));
    }

    fn wake(&mut self, now: Time, effects: &mut EffectsOf<Self>) {
        let message = now.0;
        for to in (0..PLACES).map(Peer).filter(|&to| to != self.me) {
            effects.record((self.born, now, Fact::Sent { to, message }));
            effects.send(to, message);
        }
        if self.has_disk {
            effects.persist(self.persisted);
            effects.record((self.born, now, Fact::OnDisk(self.persisted)));
            self.persisted += 1;
        }
        effects.wake_at(now.after_ns(10 * MS));
    }

    fn replay(durable: &mut Vec<u64>, change: u64) {
        durable.push(change);
    }
}

impl Actor for Talker {
    fn message_kind(_: &u64) -> &'static str {
        "time"
    }

    fn event_kind((_, _, fact): &Saying) -> &'static str {
        match fact {
            Fact::Sent { .. } => "sent",
            Fact::Heard { .. } => "heard",
            Fact::Link { .. } => "link",
            Fact::OnDisk(_) => "on-disk",
        }
    }
}

/// A message by sender, recipient and what it says.
type Name = (Peer, Peer, u64);

/// Sees that nothing of an ended life is performed, and keeps all facts.
#[derive(Default)]
struct Ledger {
    /// Whether what is said leaves at once, for nothing waits for a disk.
    is_prompt: bool,
    facts: Vec<(Time, Peer, Fact)>,
    born: BTreeMap<Peer, Time>,
    lost: Vec<(Time, Name, Loss)>,
    kept: Vec<(LifeEnd, Changes)>,
    /// What each disk holds, as it was reported.
    disks: BTreeMap<Peer, Vec<u64>>,
    /// How many changes each process has asked for when it was called last.
    asked: BTreeMap<Peer, u64>,
}

impl Witness<Talker> for Ledger {
    type Error = String;

    fn recorded(&mut self, _: Time, who: Peer, (born, at, fact): Saying) -> Result<(), String> {
        if self.born.get(&who) != Some(&born) {
            return Err(format!("{who} of {born:?} acts after its end"));
        }
        if let Fact::Heard { message, .. } = fact
            && self.is_prompt
            && message < born.0
        {
            return Err(format!(
                "{who} of {born:?} hears {message}, said to an earlier life"
            ));
        }
        if let Fact::OnDisk(number) = fact
            && self.asked.get(&who).is_none_or(|&asked| asked <= number)
        {
            return Err(format!(
                "{number} of {who} leaves before the call that asked for it is reported"
            ));
        }
        self.facts.push((at, who, fact));
        Ok(())
    }

    fn called(&mut self, _: Time, who: Peer, process: &Talker) {
        self.asked.insert(who, process.persisted);
    }

    fn written(&mut self, _: Time, who: Peer, durable: &Vec<u64>) {
        self.disks.insert(who, durable.clone());
    }

    fn lost(&mut self, now: Time, from: Peer, to: Peer, message: &u64, why: Loss) {
        self.lost.push((now, (from, to, *message), why));
    }

    fn begun(&mut self, now: Time, who: Peer, _: u32, _: &Talker) {
        self.born.insert(who, now);
    }

    fn ended(&mut self, _: Time, who: Peer, _: &Talker, how: LifeEnd, changes: Changes) {
        self.born.remove(&who);
        self.kept.push((how, changes));
    }
}

impl Ledger {
    fn sent(&self) -> Vec<Name> {
        let sent = |(_, from, fact): &(Time, Peer, Fact)| match fact {
            Fact::Sent { to, message } => Some((*from, *to, *message)),
            _ => None,
        };
        self.facts.iter().filter_map(sent).collect()
    }

    /// With the times at which they were heard.
    fn heard(&self) -> Vec<(Time, Name)> {
        let heard = |(now, to, fact): &(Time, Peer, Fact)| match fact {
            Fact::Heard { from, message } => Some((*now, (*from, *to, *message))),
            _ => None,
        };
        self.facts.iter().filter_map(heard).collect()
    }
}

fn setting(seed: u64, kind: LinkKind) -> Setting {
    let range = |min_ns, max_ns| Latency { min_ns, max_ns };
    Setting {
        seed,
        trial: 0,
        start: Time(0),
        kind,
        delay: range(MS, 40 * MS),
        flush: range(MS / 2, 15 * MS),
        redial_ns: 50 * MS,
    }
}

fn world(seed: u64, kind: LinkKind) -> World<Talker, Ledger> {
    world_of(seed, kind, true)
}

fn world_of(seed: u64, kind: LinkKind, has_disk: bool) -> World<Talker, Ledger> {
    world_in(setting(seed, kind), has_disk)
}

fn world_in(setting: Setting, has_disk: bool) -> World<Talker, Ledger> {
    let setups = (0..PLACES).map(|place| (Peer(place), has_disk)).collect();
    let ledger = Ledger {
        is_prompt: !has_disk,
        ..Ledger::default()
    };
    let mut world = World::new(setting, PLACES, setups, ledger);
    world.begin_all().expect("begun");
    world
}

/// What is done to a world, with its undoing after a while.
#[derive(Debug, Clone, Copy)]
enum Blow {
    End(u32, LifeEnd),
    Stop(u32),
    Pause(u32),
    Hold(u32, u32),
    Break(u32, u32),
    Weather(u32, u32, f64),
    Ail(u32, Ailment),
}

fn blow() -> impl Strategy<Value = Blow> {
    let place = 0..PLACES;
    let link = (place.clone(), 1..PLACES).prop_map(|(from, step)| (from, (from + step) % PLACES));
    let ends = prop_oneof![
        Just(LifeEnd::Killed),
        Just(LifeEnd::Power),
        Just(LifeEnd::Wiped)
    ];
    let ailments = prop_oneof![
        Just(Ailment::Slow(30 * MS)),
        Just(Ailment::Failing),
        Just(Ailment::Full)
    ];
    prop_oneof![
        3 => (place.clone(), ends).prop_map(|(who, how)| Blow::End(who, how)),
        1 => place.clone().prop_map(Blow::Stop),
        2 => place.clone().prop_map(Blow::Pause),
        2 => link.clone().prop_map(|(from, to)| Blow::Hold(from, to)),
        2 => link.clone().prop_map(|(from, to)| Blow::Break(from, to)),
        1 => (link, 0.1..0.9).prop_map(|((from, to), loss)| Blow::Weather(from, to, loss)),
        1 => (place, ailments).prop_map(|(who, ailment)| Blow::Ail(who, ailment)),
    ]
}

/// What lasts and disturbs no sender.
fn blow_on_a_link() -> impl Strategy<Value = Blow> {
    let link = (0..PLACES, 1..PLACES).prop_map(|(from, step)| (from, (from + step) % PLACES));
    (link, prop_oneof![Just(None), (0.1..0.9).prop_map(Some)]).prop_map(|((from, to), loss)| {
        loss.map_or(Blow::Hold(from, to), |loss| Blow::Weather(from, to, loss))
    })
}

/// What undoes a blow.
type Act = Box<dyn FnOnce(&mut World<Talker, Ledger>)>;

/// Strikes, and returns what undoes it.
fn strike(world: &mut World<Talker, Ledger>, key: u32, blow: Blow) -> Act {
    match blow {
        Blow::End(who, how) => {
            world.end(Peer(who), how);
            Box::new(move |world| world.begin(Peer(who)).expect("begun"))
        }
        Blow::Stop(who) => {
            world.stop(Peer(who));
            Box::new(move |world| world.begin(Peer(who)).expect("begun"))
        }
        Blow::Pause(who) => {
            let life = world.life(Peer(who));
            match world.pause(Peer(who)) {
                true => Box::new(move |world| {
                    world.resume(Peer(who), life);
                }),
                false => Box::new(|_| {}),
            }
        }
        Blow::Hold(from, to) => {
            world.hold_link(Peer(from), Peer(to));
            Box::new(move |world| {
                world.release_link(Peer(from), Peer(to));
            })
        }
        Blow::Break(from, to) => {
            world.break_link(Peer(from), Peer(to));
            Box::new(move |world| world.mend_link(Peer(from), Peer(to)))
        }
        Blow::Weather(from, to, loss) => {
            let weather = Weather {
                loss,
                duplication: 0.5,
                delay_ns: 20 * MS,
            };
            world.begin_weather(Peer(from), Peer(to), key, weather);
            Box::new(move |world| {
                world.end_weather(Peer(from), Peer(to), key);
            })
        }
        Blow::Ail(who, ailment) => {
            world.ail(Peer(who), ailment);
            Box::new(move |world| {
                world.cure(Peer(who), ailment);
                world.begin(Peer(who)).expect("begun");
            })
        }
    }
}

/// Blows at their times, each undone after a while, milliseconds; then a calm second. All is well again at its end.
fn run(world: &mut World<Talker, Ledger>, blows: &[(u64, u64, Blow)]) -> Result<(), String> {
    let mut agenda: BTreeMap<(u64, u32), Result<Blow, Act>> = BTreeMap::new();
    for (key, &(at_ms, _, blow)) in (0..).zip(blows) {
        agenda.insert((at_ms, key), Ok(blow));
    }
    let mut last_ms = 0;
    while let Some(((at_ms, key), act)) = agenda.pop_first() {
        world.run(Some(Time(at_ms * MS)))?;
        last_ms = at_ms;
        match act {
            Ok(blow) => {
                let undo = strike(world, key, blow);
                let lasts_ms = blows[key as usize].1;
                agenda.insert((at_ms + lasts_ms, key), Err(undo));
            }
            Err(undo) => undo(world),
        }
    }
    for place in 0..PLACES {
        world.begin(Peer(place))?;
    }
    world.run(Some(Time((last_ms + 1000) * MS)))?;
    Ok(())
}

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
    assert_eq!(Some(world.durable(Peer(2)).len() as u64), asked);
    let ends: Vec<LifeEnd> = world.witness().kept.iter().map(|(how, _)| *how).collect();
    assert!(ends.contains(&LifeEnd::Stopped) && ends.contains(&LifeEnd::DiskFailed));
}

#[test]
fn a_run_stops_before_or_after_the_effect_that_is_waited_for() {
    let point = |is_after, kind| Point {
        is_after,
        kind,
        by: Target::Server(1),
        nth: 3,
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
