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

/// The answers, and the rules by which they count.
#[derive(Debug)]
pub(crate) struct Election<'a> {
    pub(crate) answers: BTreeMap<ReplicaId, Answer<'a>>,
    pub(crate) tolerance: Tolerance,
    pub(crate) replicas: u32,
    pub(crate) rules: Rules,
}

impl<'a> Election<'a> {
    /// Decides, or says who must answer first.
    pub(crate) fn choose(
        &self,
        is_dead: impl Fn(ReplicaId, Incarnation) -> bool,
    ) -> Result<Choice, Vec<ReplicaId>> {
        let Some(last) = self.last() else {
            return Err(self.unfilled().collect());
        };
        let missing = match self.tolerance {
            Tolerance::Crashes => self.missing_of(last, is_dead),
            Tolerance::Partitions => self.missing_for_majority(),
        };
        // R5: of two logs of one view the longer has all that the other has.
        let sources = self.answers.iter().filter(|&(&id, answer)| {
            self.holds(last, id, answer) || !self.rules.hold(Rule::NewestView)
        });
        match sources.max_by_key(|(_, answer)| answer.end.op) {
            Some((&source, _)) if missing.is_empty() => Ok(Choice {
                source,
                first: self.first(last),
            }),
            _ => Err(missing),
        }
    }

    fn is_live(&self, id: ReplicaId, answer: &Answer<'_>) -> bool {
        match self.rules.hold(Rule::Incarnations) {
            true => answer.view.names(id, answer.incarnation),
            false => answer.view.has(id),
        }
    }

    fn is_anybody_live(&self) -> bool {
        let mut answers = self.answers.iter();
        answers.any(|(&id, answer)| self.is_live(id, answer))
    }

    /// R2: whether only the live count. With partitions the majority does, live or not.
    fn counts_live_only(&self) -> bool {
        let by_life = self.tolerance == Tolerance::Crashes && self.rules.hold(Rule::LiveAuthority);
        by_life && self.is_anybody_live()
    }

    /// R10: an emptied disk answers, and does not count.
    fn is_filled(&self, answer: &Answer<'_>) -> bool {
        !answer.view.is_none() || !self.rules.hold(Rule::RecoverFirst)
    }

    /// Who has not answered with a disk that counts.
    fn unfilled(&self) -> impl Iterator<Item = ReplicaId> {
        let everybody = (0..self.replicas).map(ReplicaId);
        everybody.filter(|id| {
            let answer = self.answers.get(id);
            answer.is_none_or(|answer| !self.is_filled(answer))
        })
    }

    /// The last view, as far as those say who count.
    fn last(&self) -> Option<&'a View> {
        let live_only = self.counts_live_only();
        let electors = self.answers.iter().filter(|&(&id, answer)| {
            self.is_filled(answer) && (!live_only || self.is_live(id, answer))
        });
        let views = electors.map(|(_, answer)| answer.view);
        views.max_by_key(|view| view.ballot)
    }

    /// R3: if nobody is live nobody may be missing; else the dead may.
    fn missing_of(
        &self,
        last: &View,
        is_dead: impl Fn(ReplicaId, Incarnation) -> bool,
    ) -> Vec<ReplicaId> {
        let may_be_dead = self.is_anybody_live() || !self.rules.hold(Rule::LastToFail);
        let members = last.members.iter();
        let missing = members.filter(|&(&id, &incarnation)| match self.answers.get(&id) {
            None => !may_be_dead || !is_dead(id, incarnation),
            Some(answer) => !may_be_dead && !self.is_filled(answer),
        });
        missing.map(|(&id, _)| id).collect()
    }

    /// R4.
    fn missing_for_majority(&self) -> Vec<ReplicaId> {
        let missing: Vec<ReplicaId> = self.unfilled().collect();
        let filled = self.replicas as usize - missing.len();
        let is_enough = filled >= self.tolerance.members_min(self.replicas);
        match is_enough || !self.rules.hold(Rule::Majority) {
            true => Vec::new(),
            false => missing,
        }
    }

    /// Whether somebody who counts has the last view.
    fn holds(&self, last: &View, id: ReplicaId, answer: &Answer<'_>) -> bool {
        let has_it = !answer.view.is_none() && answer.view.ballot == last.ballot;
        has_it && (!self.counts_live_only() || self.is_live(id, answer))
    }

    /// R6: all who are live, not only those who have the last view; after a total failure, and with partitions, its members.
    fn first(&self, last: &View) -> BTreeSet<ReplicaId> {
        let live_only = self.counts_live_only();
        let first = self.answers.iter().filter(|&(&id, answer)| {
            if !self.rules.hold(Rule::AuthorityFirst) {
                return true;
            }
            match live_only {
                true => {
                    let all = self.rules.hold(Rule::AllLiveFirst);
                    self.is_live(id, answer) && (all || self.holds(last, id, answer))
                }
                false => last.has(id),
            }
        });
        first.map(|(&id, _)| id).collect()
    }
}
