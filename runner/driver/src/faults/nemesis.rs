//! Who strikes: carries out a plain schedule in a world, undoes it, and keeps account of both.
//!
//! At one time faults come before all else that happens then, in the order of the schedule.
//!
//! **Invariant.** Every fault that took effect has an entry for whom it struck, and another when that ended.

use std::collections::BTreeMap;

use event_log::faults::{Deed, Fault, FaultEntry, FaultStep, Faults, Target, When};
use event_log::{MachineId, Party};
use machine::process::units::{Peer, Time};

use super::blows::{Blow, undo};
use super::targets::{pairs, processes};
use crate::world::actor::Actor;
use crate::world::witness::Witness;
use crate::world::{Pause, World};

/// How soon a process is looked at again that was asked to end and has not yet, nanoseconds.
const NEXT_LOOK_NS: u64 = 1_000_000;

#[derive(Debug)]
enum Action {
    Strike(u32),
    /// From now on effects count.
    Await(u32),
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
            When::On(point) if point.from.ns == 0 => world.watch(number, point.clone()),
            When::On(point) => nemesis.plan(start.after_ns(point.from.ns), Action::Await(number)),
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
            Some((_, Action::Await(number))) => {
                if let When::On(point) = &self.plan[number as usize].when {
                    world.watch(number, point.clone());
                }
            }
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
                    self.note(world, number, FaultStep::NoEffect, None, evidence);
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
        match Blow::on_process(world, &self.plan[number as usize], who) {
            Some((blow, evidence)) => self.struck(world, number, blow, evidence),
            None => {
                let evidence = "it was down".to_owned();
                let whom = Some((who, None));
                self.note(world, number, FaultStep::NoEffect, whom, evidence);
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
        if let Some((blow, evidence)) = Blow::on_link(world, fault, number, from, to) {
            self.struck(world, number, blow, evidence);
        }
    }

    /// A blow took effect: says so, and plans its end.
    fn struck<P: Actor, W: Witness<P>>(
        &mut self,
        world: &World<P, W>,
        number: u32,
        blow: Blow,
        evidence: String,
    ) {
        self.note(
            world,
            number,
            FaultStep::Effect,
            Some(blow.whom()),
            evidence,
        );
        let lasts = self.plan[number as usize].lasts;
        // A life begins after the moment in which the last one ended, or it would do again what that did then.
        let end = lasts.map(|range| world.now().after_ns(range.min.ns.max(1)));
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
        match undo(world, number, blow)? {
            Some(evidence) => {
                let whom = Some(blow.whom());
                self.note(world, number, FaultStep::Undone, whom, evidence);
            }
            // It was asked to end, and is still at it.
            None => self.plan(
                world.now().after_ns(NEXT_LOOK_NS),
                Action::Undo(number, blow),
            ),
        }
        Ok(())
    }

    fn note<P: Actor, W: Witness<P>>(
        &mut self,
        world: &World<P, W>,
        number: u32,
        step: FaultStep,
        whom: Option<(Peer, Option<Peer>)>,
        evidence: String,
    ) {
        let fault = &self.plan[number as usize];
        let party = |peer: Peer| match peer.0.checked_sub(world.servers()) {
            Some(number) => Party::Client(number),
            None => Party::Machine(MachineId(peer.0)),
        };
        self.log.push(FaultEntry {
            time_ns: world.now().0,
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
