//! What a replica's disk holds, and how it changes.
//!
//! **Invariant.** The disk is the fold of its changes; a replica keeps a copy of what its disk will be.

use crate::application::Application;
use crate::log::{Entry, Log, Snapshot, Tail};
use crate::units::{Ballot, Incarnation, Mark, OpNumber};
use crate::view::View;

/// How many views before the present one a disk remembers. None of them lasted until a command came: so many in a row are
/// the work of faults.
const EARLIER_MAX: usize = 64;

/// What a replica had in its log as a member of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The view.
    pub view: View,
    /// The end of the log, as long as the replica was in that view.
    pub end: Mark,
}

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
    /// What it held in the views before, the oldest first, as far as it is still in the log: those after the last view that is
    /// known to have served, and that one. For a command is committed in the view in which all members hold it, and it may be
    /// in none after that.
    pub earlier: Vec<Holding>,
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
            earlier: Vec::new(),
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

    /// What it holds, in the present view and in those before.
    pub(crate) fn holdings(&self) -> Vec<Holding> {
        let (view, end) = (self.view.clone(), self.log.end());
        let mut holdings = self.earlier.clone();
        holdings.push(Holding { view, end });
        holdings
    }

    /// What it held in earlier views, once it has another log: what it gives up it holds no more.
    fn held(&self, log: &Log<A>) -> Vec<Holding> {
        let fork = self.log.fork(log);
        let holdings = self.holdings().into_iter();
        let mut held: Vec<Holding> = holdings
            .filter_map(|holding| {
                let op = holding.end.op.min(fork);
                let end = match op == holding.end.op {
                    true => holding.end,
                    false => self.log.mark_at(op)?,
                };
                (op > OpNumber(0)).then_some(Holding { end, ..holding })
            })
            .collect();
        held.drain(..held.len().saturating_sub(EARLIER_MAX));
        held
    }

    /// Makes a change.
    pub fn change(&mut self, change: Change<A>) {
        match change {
            Change::Begin(incarnation) => self.incarnation = incarnation,
            Change::Promise(ballot) => self.promised = ballot,
            Change::Install { view, tail } => {
                if let Some(log) = self.extended(&tail) {
                    self.promised = self.promised.max(view.ballot);
                    self.earlier = self.held(&log);
                    (self.view, self.log, self.staged) = (view, log, None);
                }
            }
            Change::Append(entries) => {
                // The view serves: all its members hold what was there before.
                self.earlier.clear();
                self.log.append(entries);
            }
            Change::Stage(tail) => {
                let staged = self.staged.as_ref();
                let staged = staged.and_then(|staged| staged.extended(&tail));
                self.staged = staged.or_else(|| self.log.extended(&tail));
            }
            Change::Compact(snapshot) => self.log.compact(snapshot),
        }
    }
}
