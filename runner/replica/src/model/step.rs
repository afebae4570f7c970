//! Steps of the model, and what they make of a state.
//!
//! **Invariant.** A step of the list of possible ones changes something.

use crate::rules::Rule;

use super::decision::decide;
use super::state::{Answer, Bounds, Phase, REPLICAS, Replica, State, Volatile};

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
    let length = after.stored_by_all(bounds, id);
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
