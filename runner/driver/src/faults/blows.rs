//! What each deed does to a world, and what undoes it.
//!
//! **Invariant.** What was done is undone once, and leaves nothing behind but what the deed itself took.

use event_log::faults::{Deed, Fault};
use machine::process::units::Peer;

use crate::world::World;
use crate::world::actor::Actor;
use crate::world::disks::Ailment;
use crate::world::links::Weather;
use crate::world::witness::{LifeEnd, Witness};

/// What was done and can be undone.
#[derive(Debug, Clone, Copy)]
pub(super) enum Blow {
    /// This life was ended.
    End(Peer, u32),
    Pause(Peer, u32),
    Ail(Peer, Ailment),
    /// The calendar was moved by this, nanoseconds.
    Clock(Peer, i64),
    Hold(Peer, Peer),
    Break(Peer, Peer),
    Weather(Peer, Peer),
}

impl Blow {
    /// Strikes a process; what was done and how that is known, or none if it was down.
    pub(super) fn on_process<P: Actor, W: Witness<P>>(
        world: &mut World<P, W>,
        fault: &Fault,
        who: Peer,
    ) -> Option<(Blow, String)> {
        let life = world.life(who);
        let by_ns = fault.severity.by.min.ns;
        match fault.deed {
            Deed::Kill => end(world, who, LifeEnd::Killed),
            Deed::Power => end(world, who, LifeEnd::Power),
            Deed::Wipe => end(world, who, LifeEnd::Wiped),
            Deed::Stop => world.stop(who).then(|| {
                let evidence = format!("life {life} is asked to end in order");
                (Blow::End(who, life), evidence)
            }),
            Deed::Pause => world.pause(who).then(|| {
                let evidence = format!("it stands still in life {life}");
                (Blow::Pause(who, life), evidence)
            }),
            Deed::SlowDisk => Some(ail(world, who, Ailment::Slow(by_ns.unsigned_abs()))),
            Deed::FailFlush => Some(ail(world, who, Ailment::Failing)),
            Deed::FullDisk => Some(ail(world, who, Ailment::Full)),
            Deed::Clock => {
                world.shift_clock(who, by_ns);
                let evidence = format!("its calendar is {} off", fault.severity.by);
                Some((Blow::Clock(who, by_ns), evidence))
            }
            // What strikes links has a link for a target.
            Deed::Hold | Deed::Break | Deed::Delay | Deed::Slow | Deed::Lose | Deed::Duplicate => {
                None
            }
        }
    }

    /// Strikes a link, one way; what was done and how that is known.
    pub(super) fn on_link<P: Actor, W: Witness<P>>(
        world: &mut World<P, W>,
        fault: &Fault,
        number: u32,
        from: Peer,
        to: Peer,
    ) -> Option<(Blow, String)> {
        let mut weather = Weather::default();
        match fault.deed {
            Deed::Hold => {
                world.hold_link(from, to);
                let evidence = "nothing leaves the link".to_owned();
                return Some((Blow::Hold(from, to), evidence));
            }
            Deed::Break => {
                world.break_link(from, to);
                let evidence = "the connection has ended; what was under way is lost".to_owned();
                return Some((Blow::Break(from, to), evidence));
            }
            Deed::Delay => weather.delay_ns = fault.severity.by.min.ns.unsigned_abs(),
            Deed::Slow => weather.rate = fault.severity.rate,
            Deed::Lose => weather.loss = fault.severity.chance,
            Deed::Duplicate => weather.duplication = fault.severity.chance,
            // What strikes processes has none for a target.
            _ => return None,
        }
        let first = world.begin_weather(from, to, number, weather);
        let evidence = format!("in force from message {first} of the link");
        Some((Blow::Weather(from, to), evidence))
    }

    /// Whom it struck; of a link both ends.
    pub(super) fn whom(self) -> (Peer, Option<Peer>) {
        match self {
            Blow::End(who, _) | Blow::Pause(who, _) | Blow::Ail(who, _) | Blow::Clock(who, _) => {
                (who, None)
            }
            Blow::Hold(from, to) | Blow::Break(from, to) | Blow::Weather(from, to) => {
                (from, Some(to))
            }
        }
    }
}

/// Undoes a blow, and says what came of it; none if that cannot be done yet.
pub(super) fn undo<P: Actor, W: Witness<P>>(
    world: &mut World<P, W>,
    number: u32,
    blow: Blow,
) -> Result<Option<String>, W::Error> {
    let evidence = match blow {
        Blow::End(who, life) if world.life(who) != life => "it has begun again already".to_owned(),
        Blow::End(who, _) if world.process(who).is_some() => return Ok(None),
        Blow::End(who, _) => {
            world.begin(who)?;
            format!("life {} begins", world.life(who))
        }
        Blow::Pause(who, life) => match world.resume(who, life) {
            true => "it goes on".to_owned(),
            false => format!("life {life} has ended"),
        },
        Blow::Ail(who, ailment) => {
            world.cure(who, ailment);
            if world.last_end(who) == Some(LifeEnd::DiskFailed) {
                world.begin(who)?;
            }
            format!("the disk is well, in life {}", world.life(who))
        }
        Blow::Clock(who, by_ns) => {
            world.shift_clock(who, by_ns.saturating_neg());
            "its calendar is moved back".to_owned()
        }
        Blow::Hold(from, to) => {
            let messages = world.release_link(from, to);
            format!("{messages} messages have waited and arrive")
        }
        Blow::Break(from, to) => {
            world.mend_link(from, to);
            "there is a connection again".to_owned()
        }
        Blow::Weather(from, to) => {
            let next = world.end_weather(from, to, number);
            format!("no more in force from message {next} of the link")
        }
    };
    Ok(Some(evidence))
}

fn end<P: Actor, W: Witness<P>>(
    world: &mut World<P, W>,
    who: Peer,
    how: LifeEnd,
) -> Option<(Blow, String)> {
    let life = world.life(who);
    let changes = world.end(who, how)?;
    let disk = match (changes.kept, changes.lost) {
        (0, 0) => String::new(),
        (kept, lost) => {
            format!("; of its changes under way to the disk {kept} stay, {lost} are lost")
        }
    };
    let evidence = format!("life {life} is {}{disk}", how.phrase());
    Some((Blow::End(who, life), evidence))
}

fn ail<P: Actor, W: Witness<P>>(
    world: &mut World<P, W>,
    who: Peer,
    ailment: Ailment,
) -> (Blow, String) {
    world.ail(who, ailment);
    let evidence = match ailment {
        Ailment::Slow(by_ns) => format!("a flush takes {by_ns} ns longer"),
        Ailment::Failing => "the next flush fails".to_owned(),
        Ailment::Full => "the disk takes no change".to_owned(),
    };
    (Blow::Ail(who, ailment), evidence)
}
