//! Which log a new view starts from, and who must have it first: rules R2 to R6.
//!
//! **Invariant.** A function of the answers alone. If every acknowledged command is on the disks of all members of the view
//! in which it was acknowledged, it is in the log that is chosen.

use std::collections::{BTreeMap, BTreeSet};

use crate::rules::{Rule, Rules, Tolerance};
use crate::units::{Incarnation, Mark, ReplicaId};
use crate::view::View;

/// Where somebody who has answered stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer<'a> {
    pub(crate) incarnation: Incarnation,
    /// The view that it installed last.
    pub(crate) view: &'a View,
    /// The end of its log.
    pub(crate) end: Mark,
}

/// What is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Whose log the view starts from.
    pub(crate) source: ReplicaId,
    /// Who installs it first.
    pub(crate) first: BTreeSet<ReplicaId>,
}

/// Decides, or says who must answer first.
pub(crate) fn choose(
    answers: &BTreeMap<ReplicaId, Answer<'_>>,
    tolerance: Tolerance,
    replicas: u32,
    rules: Rules,
    is_dead: impl Fn(ReplicaId, Incarnation) -> bool,
) -> Result<Choice, Vec<ReplicaId>> {
    let is_live = |id: ReplicaId, answer: &Answer<'_>| match rules.hold(Rule::Incarnations) {
        true => answer.view.names(id, answer.incarnation),
        false => answer.view.has(id),
    };
    let any_live = answers.iter().any(|(&id, answer)| is_live(id, answer));
    // R2. With partitions the majority has the authority, live or not.
    let live_only = tolerance == Tolerance::Crashes && any_live && rules.hold(Rule::LiveAuthority);
    let electors = answers
        .iter()
        .filter(|&(&id, answer)| !live_only || is_live(id, answer));
    // R10. An emptied disk answers, and does not count.
    let is_filled = |answer: &Answer<'_>| !answer.view.is_none() || !rules.hold(Rule::RecoverFirst);
    let filled = electors.filter(|(_, answer)| is_filled(answer));
    let last = filled.map(|(_, answer)| answer.view);
    let everybody = (0..replicas).map(ReplicaId);
    let silent = everybody.filter(|id| !answers.contains_key(id));
    let Some(last) = last.max_by_key(|view| view.ballot) else {
        return Err(silent.collect());
    };
    let missing = match tolerance {
        Tolerance::Partitions => {
            let count = answers.values().filter(|answer| is_filled(answer)).count();
            let is_enough = count >= tolerance.members_min(replicas) || !rules.hold(Rule::Majority);
            match is_enough {
                true => Vec::new(),
                false => silent.collect(),
            }
        }
        // R3: nobody is live, so nobody may be missing; else the dead may.
        Tolerance::Crashes => {
            let may_be_dead = any_live || !rules.hold(Rule::LastToFail);
            let members = last.members.iter();
            let missing = members.filter(|&(&id, &incarnation)| match answers.get(&id) {
                None => !may_be_dead || !is_dead(id, incarnation),
                Some(answer) => !may_be_dead && !is_filled(answer),
            });
            missing.map(|(&id, _)| id).collect()
        }
    };
    if !missing.is_empty() {
        return Err(missing);
    }
    let holds = |id: ReplicaId, answer: &Answer<'_>| {
        answer.view.ballot == last.ballot
            && !answer.view.is_none()
            && (!live_only || is_live(id, answer))
    };
    // R5: of two logs of one view the longer has all that the other has.
    let sources = answers
        .iter()
        .filter(|&(&id, answer)| holds(id, answer) || !rules.hold(Rule::NewestView));
    let Some((&source, _)) = sources.max_by_key(|(_, answer)| answer.end.op) else {
        return Err(Vec::new());
    };
    // R6.
    let first = answers.iter().filter(|&(&id, answer)| match live_only {
        true => is_live(id, answer) && (holds(id, answer) || rules.hold(Rule::AllLiveFirst)),
        false => last.has(id),
    });
    let first = match rules.hold(Rule::AuthorityFirst) {
        true => first.map(|(&id, _)| id).collect(),
        false => answers.keys().copied().collect(),
    };
    Ok(Choice { source, first })
}
