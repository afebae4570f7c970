//! Which steps are possible.
//!
//! **Invariant.** No step is possible that a rule forbids.

use crate::rules::Rule;

use super::decision::decide;
use super::state::{Bounds, Phase, REPLICAS, State};
use super::step::Step;

/// All that may happen next.
pub(super) fn possible(state: &State, bounds: &Bounds) -> Vec<Step> {
    let mut steps = Vec::new();
    for (id, replica) in state.replicas.iter().enumerate() {
        if !replica.is_up {
            steps.push(Step::Restart(id));
            steps.extend((state.wipes < bounds.wipes).then_some(Step::RestartEmpty(id)));
            continue;
        }
        steps.extend((state.crashes < bounds.crashes).then_some(Step::Crash(id)));
        if replica.is_paused {
            steps.push(Step::Resume(id));
            continue;
        }
        steps.extend((state.pauses < bounds.pauses).then_some(Step::Pause(id)));
        if replica.is_recovering {
            let answers = |other: usize| {
                let other = &state.replicas[other];
                other.runs() && !other.is_recovering
            };
            let all = (0..REPLICAS).all(|other| other == id || answers(other));
            steps.extend(all.then_some(Step::Recover(id)));
            continue;
        }
        let may_propose = replica.view.ballot > 0 || !bounds.rules.hold(Rule::RecoverFirst);
        if replica.next_ballot(id).1 <= bounds.rounds
            && replica.volatile.phase != Phase::Collecting
            && may_propose
        {
            steps.push(Step::Campaign(id));
        }
        match replica.volatile.phase {
            Phase::Idle => {}
            Phase::Collecting => while_collecting(state, bounds, id, &mut steps),
            Phase::Installing => while_installing(state, bounds, id, &mut steps),
            Phase::Active => while_active(state, bounds, id, &mut steps),
        }
    }
    steps
}

fn while_collecting(state: &State, bounds: &Bounds, id: usize, steps: &mut Vec<Step>) {
    let volatile = &state.replicas[id].volatile;
    for (of, other) in state.replicas.iter().enumerate() {
        let asks = of != id && other.runs() && volatile.answers[of].is_none();
        if asks && other.promised <= volatile.ballot && !other.is_recovering {
            steps.push(Step::Promise(id, of, true));
            if !bounds.is_detector_accurate && other.promised < volatile.ballot {
                steps.push(Step::Promise(id, of, false));
            }
        }
    }
    steps.extend(decide(state, bounds, id).map(|_| Step::Decide(id)));
}

fn while_installing(state: &State, bounds: &Bounds, id: usize, steps: &mut Vec<Step>) {
    let rules = bounds.rules;
    let replica = &state.replicas[id];
    let volatile = &replica.volatile;
    let waits = rules.hold(Rule::AuthorityFirst) && replica.first_wave_waits();
    for (of, other) in state.replicas.iter().enumerate() {
        let is_member = of != id && volatile.next.lives[of] > 0;
        if !is_member || volatile.installed[of] || !other.runs() {
            continue;
        }
        let is_fenced = rules.hold(Rule::Fence) && other.promised != volatile.ballot;
        let is_other = rules.hold(Rule::Incarnations) && other.life != volatile.next.lives[of];
        if is_fenced || is_other || (waits && !volatile.first[of]) {
            continue;
        }
        steps.push(Step::Install(id, of, true));
        if !bounds.is_detector_accurate && other.view.ballot != volatile.ballot {
            steps.push(Step::Install(id, of, false));
        }
    }
    let is_own_turn = !volatile.installed[id] && (!waits || volatile.first[id]);
    if is_own_turn && replica.promised == volatile.ballot {
        steps.push(Step::InstallOwn(id));
    }
    if (0..REPLICAS).all(|of| volatile.installed[of] || volatile.next.lives[of] == 0) {
        steps.push(Step::Serve(id));
    }
}

fn while_active(state: &State, bounds: &Bounds, id: usize, steps: &mut Vec<Step>) {
    let rules = bounds.rules;
    let replica = &state.replicas[id];
    let volatile = &replica.volatile;
    let may_write = !rules.hold(Rule::Fence) || replica.promised == volatile.ballot;
    for command in 1..=bounds.commands {
        if may_write && !replica.log.commands().contains(&command) {
            steps.push(Step::Submit(id, command));
        }
    }
    for (of, other) in state.replicas.iter().enumerate() {
        let is_member = of != id && replica.view.lives[of] > 0;
        if !is_member || !other.runs() || volatile.stored[of] == replica.log.length {
            continue;
        }
        let is_fenced = rules.hold(Rule::Fence) && other.promised != volatile.ballot;
        let is_other = rules.hold(Rule::Incarnations) && other.life != replica.view.lives[of];
        if is_fenced || is_other || other.view.ballot != volatile.ballot {
            continue;
        }
        steps.push(Step::Prepare(id, of, true));
        if !bounds.is_detector_accurate && other.log != replica.log {
            steps.push(Step::Prepare(id, of, false));
        }
    }
    if may_write && state.stored_by_all(bounds, id) > volatile.committed {
        steps.push(Step::Acknowledge(id));
    }
}
