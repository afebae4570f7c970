//! What a candidate of the model decides: by the code that replicas use.
//!
//! **Invariant.** Nothing is decided here but by [`Election`].

use std::collections::BTreeMap;

use crate::choice::{self, Election};
use crate::units::{Ballot, Incarnation, Mark, OpNumber, ReplicaId};
use crate::view;

use super::state::{Bounds, Log, REPLICAS, State, View};

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
pub(super) fn decide(
    state: &State,
    bounds: &Bounds,
    id: usize,
) -> Option<(View, Log, [bool; REPLICAS])> {
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
