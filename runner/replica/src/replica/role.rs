//! What a replica is at the moment.
//!
//! **Invariant.** Roles are lost with a life: what must outlast it is on disk.

use std::collections::{BTreeMap, BTreeSet};

use machine::process::units::Time;

use crate::application::Application;
use crate::log::{Log, Tail};
use crate::units::{Ballot, Incarnation, Mark, OpNumber, ReplicaId};
use crate::view::View;

/// Where somebody who has promised stands.
#[derive(Debug)]
pub(super) struct Promise<A: Application> {
    pub(super) incarnation: Incarnation,
    pub(super) view: View,
    pub(super) end: Mark,
    pub(super) marks: Vec<Mark>,
    pub(super) tail: Box<Tail<A>>,
}

#[derive(Debug)]
pub(super) struct Candidate<A: Application> {
    pub(super) since: Time,
    pub(super) promises: BTreeMap<ReplicaId, Promise<A>>,
    /// Whether the log says already that it waits.
    pub(super) is_waiting: bool,
}

#[derive(Debug)]
pub(super) struct Installer<A: Application> {
    pub(super) since: Time,
    pub(super) view: View,
    pub(super) log: Log<A>,
    /// What each member has of logs.
    pub(super) marks: BTreeMap<ReplicaId, Vec<Mark>>,
    /// Who is to install it now and has not said that it has.
    pub(super) wave: BTreeSet<ReplicaId>,
    /// Who comes after these.
    pub(super) later: BTreeSet<ReplicaId>,
}

#[derive(Debug)]
pub(super) struct Primary {
    /// How far each member has the log on disk; its own goes by the order of effects.
    pub(super) stored: BTreeMap<ReplicaId, OpNumber>,
    /// Who has fetched, in which life, and up to where.
    pub(super) joiners: BTreeMap<ReplicaId, (Incarnation, OpNumber)>,
}

#[derive(Debug)]
pub(super) enum Role<A: Application> {
    /// An empty disk that nobody allowed: does nothing.
    Shut,
    /// It has taken its leave: does nothing any more.
    Left,
    /// An empty disk: which attempt, and what the others have said.
    Recovering {
        attempt: u64,
        recalls: BTreeMap<ReplicaId, (Ballot, Incarnation)>,
    },
    Idle,
    Candidate(Candidate<A>),
    Installer(Installer<A>),
    Primary(Primary),
}
