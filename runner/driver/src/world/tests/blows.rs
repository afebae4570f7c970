//! What is done to a world of talkers, and undone.

use std::collections::BTreeMap;

use event_log::faults::ByteRate;
use machine::process::units::{Peer, Time};
use proptest::prelude::*;

use super::talker::{Ledger, MS, PLACES, Talker};
use crate::world::World;
use crate::world::disks::Ailment;
use crate::world::links::Weather;
use crate::world::witness::LifeEnd;

/// What is done to a world, with its undoing after a while.
#[derive(Debug, Clone, Copy)]
pub(super) enum Blow {
    End(u32, LifeEnd),
    Stop(u32),
    Pause(u32),
    Hold(u32, u32),
    Break(u32, u32),
    Weather(u32, u32, f64),
    /// Bytes a second.
    Slow(u32, u32, u64),
    Ail(u32, Ailment),
}

pub(super) fn blow() -> impl Strategy<Value = Blow> {
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
        1 => (link.clone(), 0.1..0.9).prop_map(|((from, to), loss)| Blow::Weather(from, to, loss)),
        1 => (link, 1u64..20_000).prop_map(|((from, to), rate)| Blow::Slow(from, to, rate)),
        1 => (place, ailments).prop_map(|(who, ailment)| Blow::Ail(who, ailment)),
    ]
}

/// What lasts and disturbs no sender.
pub(super) fn blow_on_a_link() -> impl Strategy<Value = Blow> {
    let link = (0..PLACES, 1..PLACES).prop_map(|(from, step)| (from, (from + step) % PLACES));
    (link, prop_oneof![Just(None), (0.1..0.9).prop_map(Some)]).prop_map(|((from, to), loss)| {
        loss.map_or(Blow::Hold(from, to), |loss| Blow::Weather(from, to, loss))
    })
}

/// What undoes a blow.
pub(super) type Act = Box<dyn FnOnce(&mut World<Talker, Ledger>)>;

/// Strikes, and returns what undoes it.
pub(super) fn strike(world: &mut World<Talker, Ledger>, key: u32, blow: Blow) -> Act {
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
        Blow::Weather(from, to, _) | Blow::Slow(from, to, _) => {
            let weather = match blow {
                Blow::Weather(_, _, loss) => Weather {
                    loss,
                    duplication: 0.5,
                    delay_ns: 20 * MS,
                    ..Weather::default()
                },
                Blow::Slow(_, _, bytes_per_s) => Weather {
                    rate: ByteRate { bytes_per_s },
                    ..Weather::default()
                },
                _ => Weather::default(),
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
pub(super) fn run(
    world: &mut World<Talker, Ledger>,
    blows: &[(u64, u64, Blow)],
) -> Result<(), String> {
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
