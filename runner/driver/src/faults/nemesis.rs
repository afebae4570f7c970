//! Who strikes: carries out a plain schedule in a world, undoes it, and keeps account of both.
//!
//! At one time faults come before all else that happens then, in the order of the schedule.
//!
//! **Invariant.** Every fault that took effect has an entry for whom it struck, and another when that ended.

use std::collections::BTreeMap;

use event_log::faults::{Deed, Fault, FaultEntry, FaultStep, Faults, Target, When};
use event_log::{MachineId, Party};
use machine::process::units::{Peer, Time};

use super::targets::{pairs, processes};
use crate::world::actor::Actor;
use crate::world::disks::Ailment;
use crate::world::links::Weather;
use crate::world::witness::{LifeEnd, Witness};
use crate::world::{Pause, World};

/// How soon a process is looked at again that was asked to end and has not yet, nanoseconds.
const NEXT_LOOK_NS: u64 = 1_000_000;

/// What was done and can be undone.
#[derive(Debug, Clone, Copy)]
enum Blow {
    /// This life was ended.
    End(Peer, u32),
    Pause(Peer, u32),
    Ail(Peer, Ailment),
    Hold(Peer, Peer),
    Break(Peer, Peer),
    Weather(Peer, Peer),
}

#[derive(Debug)]
enum Action {
    Strike(u32),
    Undo(u32, Blow),
    /// From now on there is no fault.
    Calm,
}

struct Nemesis<'a> {
    plan: &'a [Fault],
    calm: Option<Time>,
    agenda: BTreeMap<(Time, u64), Action>,
    actions: u64,
    log: &'a mut Vec<FaultEntry>,
}

/// Runs a world through a plain schedule, to the time `until` or to its end. `calm` is when all faults are over; what becomes of
/// them is in the log as it happens.
///
/// # Errors
///
/// What the witness of the world says.
pub fn run<P: Actor, W: Witness<P>>(
    world: &mut World<P, W>,
    plan: &Faults,
    calm: Option<Time>,
    until: Option<Time>,
    log: &mut Vec<FaultEntry>,
) -> Result<(), W::Error> {
    let mut nemesis = Nemesis {
        plan: &plan.faults,
        calm,
        agenda: BTreeMap::new(),
        actions: 0,
        log,
    };
    let start = world.now();
    for (number, fault) in (0..).zip(&plan.faults) {
        match &fault.when {
            When::At(at) => nemesis.plan(start.after_ns(at.ns), Action::Strike(number)),
            When::On(point) => world.watch(number, point.clone()),
        }
    }
    if let Some(calm) = calm {
        nemesis.plan(calm, Action::Calm);
    }
    loop {
        let next = nemesis.agenda.first_key_value().map(|(&(due, _), _)| due);
        let next = next.filter(|&due| until.is_none_or(|until| due < until));
        match world.run(next.or(until))? {
            Pause::Point => {
                for (number, _) in world.take_points() {
                    nemesis.strike(world, number);
                }
            }
            Pause::Time if next.is_none() => return Ok(()),
            Pause::Time => nemesis.act(world)?,
        }
    }
}

impl Nemesis<'_> {
    fn plan(&mut self, due: Time, action: Action) {
        self.agenda.insert((due, self.actions), action);
        self.actions += 1;
    }

    fn act<P: Actor, W: Witness<P>>(&mut self, world: &mut World<P, W>) -> Result<(), W::Error> {
        match self.agenda.pop_first() {
            Some((_, Action::Strike(number))) => self.strike(world, number),
            Some((_, Action::Undo(number, blow))) => self.undo(world, number, blow)?,
            Some((_, Action::Calm)) => {
                world.unwatch();
                for action in std::mem::take(&mut self.agenda).into_values() {
                    if let Action::Undo(number, blow) = action {
                        self.undo(world, number, blow)?;
                    }
                }
            }
            None => {}
        }
        Ok(())
    }

    fn strike<P: Actor, W: Witness<P>>(&mut self, world: &mut World<P, W>, number: u32) {
        let fault = &self.plan[number as usize];
        match fault.target {
            Target::Link {
                from,
                to,
                both_ways,
            } => {
                for (from, to) in pairs(world, from, to) {
                    self.strike_link(world, number, from, to);
                    if both_ways && fault.deed != Deed::Break {
                        self.strike_link(world, number, to, from);
                    }
                }
            }
            target => {
                let struck = processes(world, target);
                if struck.is_empty() {
                    let evidence = format!("nobody was {target}");
                    self.note(world.now(), number, FaultStep::NoEffect, None, evidence);
                }
                for who in struck {
                    self.strike_process(world, number, who);
                }
            }
        }
    }

    fn strike_process<P: Actor, W: Witness<P>>(
        &mut self,
        world: &mut World<P, W>,
        number: u32,
        who: Peer,
    ) {
        let fault = &self.plan[number as usize];
        let life = world.life(who);
        let mut end = |how| {
            let changes = world.end(who, how)?;
            let disk = match (changes.kept, changes.lost) {
                (0, 0) => String::new(),
                (kept, lost) => {
                    format!("; of its changes under way to the disk {kept} stay, {lost} are lost")
                }
            };
            let evidence = format!("life {life} is {}{disk}", how.phrase());
            Some((Blow::End(who, life), evidence))
        };
        let by_ns = fault.by.ns;
        let struck = match fault.deed {
            Deed::Kill => end(LifeEnd::Killed),
            Deed::Power => end(LifeEnd::Power),
            Deed::Wipe => end(LifeEnd::Wiped),
            Deed::Stop => world.stop(who).then(|| {
                let evidence = format!("life {life} is asked to end and takes nothing more");
                (Blow::End(who, life), evidence)
            }),
            Deed::Pause => world.pause(who).then(|| {
                let evidence = format!("it stands still in life {life}");
                (Blow::Pause(who, life), evidence)
            }),
            Deed::SlowDisk => Some(ail(world, who, Ailment::Slow(by_ns))),
            Deed::FailFlush => Some(ail(world, who, Ailment::Failing)),
            Deed::FullDisk => Some(ail(world, who, Ailment::Full)),
            // What strikes links has a link for a target.
            Deed::Hold | Deed::Break | Deed::Delay | Deed::Lose | Deed::Duplicate => None,
        };
        match struck {
            Some((blow, evidence)) => self.struck(world.now(), number, blow, evidence),
            None => {
                let evidence = "it was down".to_owned();
                let whom = Some((who, None));
                self.note(world.now(), number, FaultStep::NoEffect, whom, evidence);
            }
        }
    }

    fn strike_link<P: Actor, W: Witness<P>>(
        &mut self,
        world: &mut World<P, W>,
        number: u32,
        from: Peer,
        to: Peer,
    ) {
        let fault = &self.plan[number as usize];
        let mut weather = Weather::default();
        match fault.deed {
            Deed::Hold => {
                world.hold_link(from, to);
                let evidence = "nothing leaves the link".to_owned();
                self.struck(world.now(), number, Blow::Hold(from, to), evidence);
                return;
            }
            Deed::Break => {
                world.break_link(from, to);
                let evidence = "the connection has ended; what was under way is lost".to_owned();
                self.struck(world.now(), number, Blow::Break(from, to), evidence);
                return;
            }
            Deed::Delay => weather.delay_ns = fault.by.ns,
            Deed::Lose => weather.loss = fault.chance,
            Deed::Duplicate => weather.duplication = fault.chance,
            // What strikes processes has none for a target.
            _ => return,
        }
        let first = world.begin_weather(from, to, number, weather);
        let evidence = format!("in force from message {first} of the link");
        self.struck(world.now(), number, Blow::Weather(from, to), evidence);
    }

    /// A blow took effect: says so, and plans its end.
    fn struck(&mut self, now: Time, number: u32, blow: Blow, evidence: String) {
        self.note(now, number, FaultStep::Effect, Some(whom(blow)), evidence);
        let lasts = self.plan[number as usize].lasts;
        // A life begins after the moment in which the last one ended, or it would do again what that did then.
        let end = lasts.map(|range| now.after_ns(range.min.ns.max(1)));
        let end = match (end, self.calm) {
            (Some(end), Some(calm)) => Some(end.min(calm)),
            (end, calm) => end.or(calm),
        };
        if let Some(end) = end {
            self.plan(end, Action::Undo(number, blow));
        }
    }

    fn undo<P: Actor, W: Witness<P>>(
        &mut self,
        world: &mut World<P, W>,
        number: u32,
        blow: Blow,
    ) -> Result<(), W::Error> {
        let now = world.now();
        let evidence = match blow {
            Blow::End(who, life) if world.life(who) != life => {
                "it has begun again already".to_owned()
            }
            Blow::End(who, _) if world.process(who).is_some() => {
                // It was asked to end, and is still at it.
                self.plan(now.after_ns(NEXT_LOOK_NS), Action::Undo(number, blow));
                return Ok(());
            }
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
        self.note(now, number, FaultStep::Undone, Some(whom(blow)), evidence);
        Ok(())
    }

    fn note(
        &mut self,
        now: Time,
        number: u32,
        step: FaultStep,
        whom: Option<(Peer, Option<Peer>)>,
        evidence: String,
    ) {
        let fault = &self.plan[number as usize];
        let party = |peer: Peer| Party::Machine(MachineId(peer.0));
        self.log.push(FaultEntry {
            time_ns: now.0,
            fault: number,
            step,
            deed: fault.deed,
            target: fault.target,
            machine: whom.map(|(one, _)| party(one)),
            peer: whom.and_then(|(_, other)| other).map(party),
            evidence,
        });
    }
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

fn whom(blow: Blow) -> (Peer, Option<Peer>) {
    match blow {
        Blow::End(who, _) | Blow::Pause(who, _) | Blow::Ail(who, _) => (who, None),
        Blow::Hold(from, to) | Blow::Break(from, to) | Blow::Weather(from, to) => (from, Some(to)),
    }
}
