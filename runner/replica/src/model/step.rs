//! Steps of the model: which are possible, and what they make of a state.
//!
//! **Invariant.** A step that is possible changes something.

use std::collections::BTreeMap;

use crate::choice::{self, Election};
use crate::rules::Rule;
use crate::units::{Ballot, Incarnation, Mark, OpNumber, ReplicaId};
use crate::view;

use super::state::{Answer, Bounds, Log, Phase, REPLICAS, Replica, State, View, Volatile};

/// A step: by whom, with whom, and whether the answer arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Crash(usize),
    Restart(usize),
    RestartEmpty(usize),
    Recover(usize),
    Pause(usize),
    Resume(usize),
    Campaign(usize),
    Promise(usize, usize, bool),
    Decide(usize),
    Install(usize, usize, bool),
    InstallOwn(usize),
    Serve(usize),
    Submit(usize, u8),
    Prepare(usize, usize, bool),
    Acknowledge(usize),
}

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
    if may_write && stored_by_all(state, bounds, id) > volatile.committed {
        steps.push(Step::Acknowledge(id));
    }
}

fn stored_by_all(state: &State, bounds: &Bounds, id: usize) -> u8 {
    let replica = &state.replicas[id];
    let members = (0..REPLICAS).filter(|&of| of != id && replica.view.lives[of] > 0);
    let stored = members.map(|of| replica.volatile.stored[of]);
    let waits = bounds.rules.hold(Rule::WriteAll);
    let stored = stored.filter(|_| waits).min();
    stored.unwrap_or(replica.log.length).min(replica.log.length)
}

/// The view as the replica's own code has it.
fn as_view(view: &View) -> view::View {
    let members = (0..REPLICAS).filter(|&id| view.lives[id] > 0);
    let members = members.map(|id| (ReplicaId(id as u32), life(view.lives[id])));
    view::View {
        ballot: Ballot {
            number: u64::from(view.ballot / 3),
            proposer: ReplicaId(u32::from(view.ballot % 3)),
        },
        members: members.collect(),
    }
}

fn life(life: u8) -> Incarnation {
    let life = u32::from(life);
    Incarnation { disk: 0, life }
}

/// The view, its first log, and who installs first: by the function that replicas use.
fn decide(state: &State, bounds: &Bounds, id: usize) -> Option<(View, Log, [bool; REPLICAS])> {
    let volatile = &state.replicas[id].volatile;
    let views: Vec<view::View> = volatile
        .answers
        .iter()
        .map(|answer| answer.map_or_else(view::View::default, |answer| as_view(&answer.view)))
        .collect();
    let mut answers = BTreeMap::new();
    for (of, answer) in volatile.answers.iter().enumerate() {
        if let Some(answer) = answer {
            let end = Mark {
                op: OpNumber(answer.log.length.into()),
                ballot: Ballot::ZERO,
            };
            let answer = choice::Answer {
                incarnation: life(answer.life),
                view: &views[of],
                end,
            };
            answers.insert(ReplicaId(of as u32), answer);
        }
    }
    let is_dead = |of: ReplicaId, incarnation: Incarnation| {
        let other = &state.replicas[of.0 as usize];
        !bounds.is_detector_accurate || !other.runs() || life(other.life) != incarnation
    };
    let election = Election {
        answers,
        tolerance: bounds.tolerance,
        replicas: REPLICAS as u32,
        rules: bounds.rules,
    };
    let choice = election.choose(is_dead).ok()?;
    let source = volatile.answers[choice.source.0 as usize]?;
    let mut next = View {
        ballot: volatile.ballot,
        ..View::default()
    };
    let mut first = [false; REPLICAS];
    for (of, answer) in volatile.answers.iter().enumerate() {
        next.lives[of] = answer.map_or(0, |answer| answer.life);
        first[of] = choice.first.contains(&ReplicaId(of as u32));
    }
    Some((next, source.log, first))
}

/// The state after a step.
///
/// # Errors
///
/// What is contradicted by it.
pub(super) fn take(state: &State, bounds: &Bounds, step: Step) -> Result<State, String> {
    let mut after = *state;
    match step {
        Step::Crash(id) | Step::Restart(id) | Step::RestartEmpty(id) | Step::Recover(id) => {
            live(&mut after, bounds, step, id);
        }
        Step::Pause(id) | Step::Resume(id) => live(&mut after, bounds, step, id),
        Step::Campaign(id) => campaign(&mut after.replicas[id], id),
        Step::Promise(id, of, arrives) => promise(&mut after, bounds, id, of, arrives),
        Step::Decide(id) => {
            if let Some((next, start, first)) = decide(state, bounds, id) {
                let volatile = &mut after.replicas[id].volatile;
                volatile.phase = Phase::Installing;
                (volatile.next, volatile.start, volatile.first) = (next, start, first);
                volatile.answers = Default::default();
            }
        }
        Step::InstallOwn(id) => {
            let replica = &mut after.replicas[id];
            (replica.view, replica.log) = (replica.volatile.next, replica.volatile.start);
            replica.volatile.installed[id] = true;
        }
        Step::Install(id, of, arrives) => {
            let Volatile { next, start, .. } = after.replicas[id].volatile;
            let other = &mut after.replicas[of];
            if other.view.ballot != next.ballot {
                (other.view, other.log) = (next, start);
            }
            after.replicas[id].volatile.installed[of] |= arrives;
        }
        Step::Serve(id) => return serve(after, id),
        Step::Submit(id, command) => after.replicas[id].log.push(command),
        Step::Prepare(id, of, arrives) => {
            let log = after.replicas[id].log;
            after.replicas[of].log = log;
            if arrives {
                after.replicas[id].volatile.stored[of] = log.length;
            }
        }
        Step::Acknowledge(id) => return acknowledge(after, bounds, id),
    }
    Ok(after)
}

/// Steps that end and begin lives.
fn live(after: &mut State, bounds: &Bounds, step: Step, id: usize) {
    let promised = after.replicas.iter().map(|other| other.promised).max();
    let replica = &mut after.replicas[id];
    match step {
        Step::Crash(_) => {
            (replica.is_up, replica.is_paused) = (false, false);
            replica.volatile = Volatile::default();
            after.crashes += 1;
        }
        Step::Restart(_) => (replica.is_up, replica.life) = (true, replica.life + 1),
        Step::RestartEmpty(_) => {
            (replica.is_up, replica.life) = (true, replica.life + 1);
            replica.is_recovering = bounds.rules.hold(Rule::RecoverFirst);
            (replica.promised, replica.view, replica.log) = Default::default();
            after.wipes += 1;
        }
        Step::Recover(_) => {
            replica.promised = promised.unwrap_or_default();
            replica.is_recovering = false;
        }
        Step::Pause(_) => {
            replica.is_paused = true;
            after.pauses += 1;
        }
        _ => {
            replica.is_paused = false;
            if bounds.rules.hold(Rule::StallIsCrash) {
                replica.life += 1;
                replica.volatile = Volatile::default();
            }
        }
    }
}

fn campaign(replica: &mut Replica, id: usize) {
    let ballot = replica.next_ballot(id).0;
    replica.promised = ballot;
    replica.volatile = Volatile::default();
    (replica.volatile.phase, replica.volatile.ballot) = (Phase::Collecting, ballot);
    replica.volatile.answers[id] = Some(Answer {
        life: replica.life,
        view: replica.view,
        log: replica.log,
    });
}

fn promise(after: &mut State, bounds: &Bounds, id: usize, of: usize, arrives: bool) {
    let ballot = after.replicas[id].volatile.ballot;
    let other = &mut after.replicas[of];
    if other.promised < ballot {
        other.promised = ballot;
        if bounds.rules.hold(Rule::Fence) || other.volatile.phase != Phase::Active {
            other.volatile = Volatile::default();
        }
    }
    let answer = Answer {
        life: other.life,
        view: other.view,
        log: other.log,
    };
    if arrives {
        after.replicas[id].volatile.answers[of] = Some(answer);
    }
}

fn serve(mut after: State, id: usize) -> Result<State, String> {
    let known = after.acknowledged;
    let replica = &mut after.replicas[id];
    let (log, ballot) = (replica.log, replica.volatile.ballot);
    replica.volatile.phase = Phase::Active;
    replica.volatile.stored = [log.length; REPLICAS];
    replica.volatile.committed = log.length;
    if ballot > after.newest {
        if !known.begins(&log) {
            return Err(format!(
                "view {ballot} begins with {log:?}, after {known:?}"
            ));
        }
        (after.acknowledged, after.newest) = (log, ballot);
    } else if !log.begins(&known) {
        return Err(format!(
            "old view {ballot} begins with {log:?}, after {known:?}"
        ));
    }
    Ok(after)
}

fn acknowledge(mut after: State, bounds: &Bounds, id: usize) -> Result<State, String> {
    let known = after.acknowledged;
    let length = stored_by_all(&after, bounds, id);
    let replica = &mut after.replicas[id];
    replica.volatile.committed = length;
    let (log, ballot) = (replica.log.beginning(length), replica.volatile.ballot);
    if log.begins(&known) {
        return Ok(after);
    }
    if !known.begins(&log) || ballot < after.newest {
        return Err(format!(
            "view {ballot} acknowledges {log:?}, after {known:?}"
        ));
    }
    (after.acknowledged, after.newest) = (log, ballot);
    Ok(after)
}
