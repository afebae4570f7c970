//! Random walks through the steps of a world, and the shortest list of steps that still shows what one of them found.

use machine::chance::{Purpose, Stream};

use super::action::Action;
use super::{Plan, REPLICAS, World};

/// How much may go wrong in a walk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) steps: usize,
    pub(crate) crashes: usize,
    /// Ends in order.
    pub(crate) stops: usize,
    pub(crate) pauses: usize,
    pub(crate) wipes: usize,
    /// Of 32 messages this many are lost, and as many come twice, and as many come late.
    pub(crate) losses: u64,
}

/// What is left of it.
struct Left(Budget);

impl Left {
    fn possible(&self, world: &World, commands: u32) -> Vec<Action> {
        let mut actions = vec![Action::Wait];
        for id in 0..REPLICAS {
            let place = &world.places[id as usize];
            if place.server.is_none() {
                actions.push(Action::Restart(id));
                actions.extend((self.0.wipes > 0).then_some(Action::Wipe(id)));
                continue;
            }
            if self.0.crashes > 0 {
                actions.extend([Action::Crash(id), Action::Power(id)]);
            }
            if place.is_paused {
                actions.push(Action::Resume(id));
                continue;
            }
            actions.extend((self.0.stops > 0).then_some(Action::Stop(id)));
            actions.extend((self.0.pauses > 0).then_some(Action::Pause(id)));
            actions.push(Action::Campaign(id));
            match place.is_held {
                true => actions.extend([Action::Write(id), Action::Flush(id)]),
                false => actions.push(Action::Hold(id)),
            }
            if world.is_serving(id) {
                actions.push(Action::Request(id, commands + 1));
            }
            for from in 0..REPLICAS {
                let is_under_way = world.under_way(from, id) > 0;
                actions.extend(is_under_way.then_some(Action::Deliver(from, id)));
                actions.extend(world.beats(from, id).then_some(Action::Beat(from, id)));
            }
        }
        actions
    }

    fn take(&mut self, action: Action) {
        match action {
            Action::Crash(_) | Action::Power(_) => self.0.crashes -= 1,
            Action::Stop(_) => self.0.stops -= 1,
            Action::Pause(_) => self.0.pauses -= 1,
            Action::Wipe(_) => self.0.wipes -= 1,
            _ => {}
        }
    }
}

fn is_rare(action: Action) -> bool {
    matches!(
        action,
        Action::Crash(_)
            | Action::Power(_)
            | Action::Stop(_)
            | Action::Pause(_)
            | Action::Campaign(_)
            | Action::Beat(..)
            | Action::Hold(_)
    )
}

/// Walks until something is contradicted; all steps, and whether it was.
pub(crate) fn walk(plan: Plan, budget: Budget, seed: u64) -> (Vec<Action>, World) {
    let mut chance = Stream::new(seed, 0, Purpose::Network);
    let mut world = World::new(plan);
    let mut left = Left(budget);
    let (mut steps, mut commands) = (Vec::new(), 0);
    while steps.len() < budget.steps && world.oracle.violation.is_none() {
        let possible = left.possible(&world, commands);
        let mut draw = || possible[chance.below(possible.len() as u64) as usize];
        let mut action = draw();
        if is_rare(action) {
            action = draw();
        }
        if let Action::Deliver(from, to) = action {
            action = match chance.below(32).checked_div(budget.losses) {
                Some(0) => Action::Drop(from, to),
                Some(1) => Action::Repeat(from, to),
                Some(2) => Action::Delay(from, to),
                _ => action,
            };
        }
        if let Action::Request(_, command) = action {
            commands = command;
        }
        left.take(action);
        world.step(action);
        world.check();
        steps.push(action);
    }
    (steps, world)
}

/// Takes these steps in a new world.
pub(crate) fn replay(plan: Plan, steps: &[Action]) -> World {
    let mut world = World::new(plan);
    for &step in steps {
        world.step(step);
        world.check();
        if world.oracle.violation.is_some() {
            break;
        }
    }
    world
}

/// Leaves out steps, many at a time and then few, as long as something is still contradicted.
pub(crate) fn shrink(plan: Plan, mut steps: Vec<Action>) -> Vec<Action> {
    let mut size = steps.len() / 2;
    while size > 0 {
        let mut from = 0;
        let before = steps.len();
        while from < steps.len() {
            let mut fewer = steps.clone();
            fewer.drain(from..(from + size).min(steps.len()));
            match replay(plan, &fewer).oracle.violation.is_some() {
                true => steps = fewer,
                false => from += size,
            }
        }
        if size > 1 || steps.len() == before {
            size /= 2;
        }
    }
    steps
}
