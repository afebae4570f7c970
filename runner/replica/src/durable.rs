//! What a replica's disk holds, and how it changes.
//!
//! **Invariant.** The disk is the fold of its changes; a replica keeps a copy of what its disk will be.

use crate::application::Application;
use crate::log::{Entry, Log, Snapshot, Tail};
use crate::units::{Ballot, Incarnation, Mark};
use crate::view::View;

/// The disk of a replica. The default is an empty disk, and an empty disk is one that was lost: a group is founded with
/// [`Durable::founding`].
#[derive(Debug, Clone)]
pub struct Durable<A: Application> {
    /// The life that runs, or ran last.
    pub incarnation: Incarnation,
    /// The highest view that it has agreed to wait for.
    pub promised: Ballot,
    /// The view that it installed last; none on an emptied disk.
    pub view: View,
    /// The log as of that view.
    pub log: Log<A>,
    /// What it has fetched of the log of a later view. It is no member of that yet.
    pub staged: Option<Log<A>>,
}

impl<A: Application> Default for Durable<A> {
    fn default() -> Durable<A> {
        Durable {
            incarnation: Incarnation::default(),
            promised: Ballot::ZERO,
            view: View::default(),
            log: Log::default(),
            staged: None,
        }
    }
}

/// A change to the disk of a replica.
#[derive(Debug, Clone)]
pub enum Change<A: Application> {
    /// A life begins.
    Begin(Incarnation),
    /// The replica agrees to wait for a view.
    Promise(Ballot),
    /// The replica enters a view, with the end of its log.
    Install {
        /// The view.
        view: View,
        /// The end of its log.
        tail: Box<Tail<A>>,
    },
    /// Commands come to the log.
    Append(Vec<Entry<A::Command>>),
    /// A part of a later log comes to what was fetched.
    Stage(Box<Tail<A>>),
    /// A snapshot takes the place of commands.
    Compact(Snapshot<A>),
}

impl<A: Application> Durable<A> {
    /// The disk of each replica of a new group.
    pub fn founding(replicas: u32, application: A) -> Durable<A> {
        Durable {
            view: View::founding(replicas),
            log: Log::founding(application),
            ..Durable::default()
        }
    }

    /// Whether nothing was ever written to it.
    pub fn is_empty(&self) -> bool {
        self.view.is_none() && self.incarnation == Incarnation::default()
    }

    /// Marks of logs that it has, for whoever is to send what is missing.
    pub(crate) fn marks(&self) -> Vec<Mark> {
        let staged = self.staged.iter().map(Log::end);
        let own = self.log.snapshot().is_some().then(|| self.log.end());
        staged.chain(own).collect()
    }

    /// The log that a tail is the end of; none if this disk lacks what comes before it.
    pub(crate) fn extended(&self, tail: &Tail<A>) -> Option<Log<A>> {
        let own = self.log.extended(tail);
        own.or_else(|| self.staged.as_ref()?.extended(tail))
    }

    /// Makes a change.
    pub fn change(&mut self, change: Change<A>) {
        match change {
            Change::Begin(incarnation) => self.incarnation = incarnation,
            Change::Promise(ballot) => self.promised = ballot,
            Change::Install { view, tail } => {
                if let Some(log) = self.extended(&tail) {
                    self.promised = self.promised.max(view.ballot);
                    (self.view, self.log, self.staged) = (view, log, None);
                }
            }
            Change::Append(entries) => self.log.append(entries),
            Change::Stage(tail) => {
                let staged = self.staged.as_ref();
                let staged = staged.and_then(|staged| staged.extended(&tail));
                self.staged = staged.or_else(|| self.log.extended(&tail));
            }
            Change::Compact(snapshot) => self.log.compact(snapshot),
        }
    }
}
