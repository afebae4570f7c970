//! What each server had in its log in each view.
//!
//! A command is committed in a view if all members of it hold it there, whether or not its primary has come to know. A server says
//! so of what it takes over behind the flush of it, so what it says that it gave up was on its disk.
//!
//! **Invariant.** In a view a log only grows: what a server held there last is all that it held there.

use std::collections::BTreeMap;

use replica::units::{Ballot, Mark, ReplicaId};
use replica::view::View;

use super::oracle::Oracle;

/// What the members of a view held in it.
#[derive(Debug)]
struct Held {
    view: View,
    ends: BTreeMap<ReplicaId, Mark>,
}

/// What servers held, by views.
#[derive(Debug, Default)]
pub(crate) struct Holdings {
    views: BTreeMap<Ballot, Held>,
}

impl Holdings {
    /// A server has a log that ends there, in a view.
    pub(crate) fn see(&mut self, id: ReplicaId, view: &View, end: Mark) {
        let held = self.views.entry(view.ballot).or_insert_with(|| Held {
            view: view.clone(),
            ends: BTreeMap::new(),
        });
        held.ends.insert(id, end);
    }

    /// The view of a ballot.
    pub(crate) fn view(&self, ballot: Ballot) -> Option<&View> {
        Some(&self.views.get(&ballot)?.view)
    }

    /// Whether a server held a command in a view.
    pub(crate) fn has(&self, oracle: &Oracle, id: ReplicaId, ballot: Ballot, mark: Mark) -> bool {
        let held = self.views.get(&ballot);
        let end = held.and_then(|held| held.ends.get(&id));
        end.is_some_and(|&end| oracle.common(end, mark) == Some(mark.op))
    }

    /// Whether a command was committed: all members of some view held it.
    pub(crate) fn is_committed(&self, oracle: &Oracle, mark: Mark) -> bool {
        self.views.iter().any(|(&ballot, held)| {
            let mut members = held.view.members.keys();
            members.all(|&id| self.has(oracle, id, ballot, mark))
        })
    }
}
