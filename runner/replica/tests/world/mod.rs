//! A tiny world for replicas: disks, links, and an oracle that sees what is lost.
//!
//! Nothing happens by itself: each step of the protocol is an [`Action`], which a script writes and a walk draws. Actions that
//! are not possible are passed over, so that any of them can be left out of a list. Disks flush at once unless they are held.
//!
//! [`World::run_for`] is the other way: all goes by the clocks of the replicas, at once and without loss.
//!
//! **Invariant.** What was acknowledged is known to the world alone; no replica can change it.

#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod action;
mod delivery;
pub(crate) mod oracle;
pub(crate) mod walk;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use machine::process::outbox::Outbox;
use machine::process::units::{Peer, Time};
use replica::application::Application;
use replica::durable::{Change, Durable};
use replica::message::{Event, Message};
use replica::rules::{Rules, Tolerance};
use replica::server::Server;
use replica::setup::{Limits, Setup};
use replica::timing::Timing;
use replica::units::{OpNumber, ReplicaId};

use oracle::Oracle;

/// Replicas of every world.
pub(crate) const REPLICAS: u32 = 3;

/// The client of every world.
pub(crate) const CLIENT: Peer = Peer(9);

/// The application: everything that was ever said, in order. What comes of a command is where it was first said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct History(pub(crate) Vec<u32>);

impl Application for History {
    type Command = u32;
    type Output = usize;

    fn apply(&mut self, op: OpNumber, command: &u32) -> usize {
        self.0.push(*command);
        assert_eq!(op.0, self.0.len() as u64, "no command is left out");
        let first = self.0.iter().position(|said| said == command);
        first.expect("it was just said")
    }

    fn digest(&self) -> [u8; 32] {
        let fold = |digest: u64, said: &u32| digest.wrapping_mul(31).wrapping_add(u64::from(*said));
        let digest = self.0.iter().fold(17, fold).to_be_bytes();
        std::array::from_fn(|place| digest[place % 8])
    }
}

/// A replica at its place.
pub(crate) struct Place {
    pub(crate) setup: Setup,
    pub(crate) server: Option<Server<History>>,
    pub(crate) disk: Durable<History>,
    outbox: Outbox<Message<History>, Event, Change<History>>,
    /// Changes that are taken, and wait for the disk.
    unflushed: VecDeque<Change<History>>,
    pub(crate) is_paused: bool,
    pub(crate) is_held: bool,
    /// Whether it was asked to end in order.
    pub(crate) is_stopping: bool,
    /// Changes that a held disk writes all the same.
    writes: usize,
    /// When it asked to be woken.
    wake: Option<Time>,
    /// How far its clock is ahead of the world's, after pauses.
    ahead_ns: u64,
}

/// What a world is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) tolerance: Tolerance,
    pub(crate) rules: Rules,
    pub(crate) limits: Limits,
    pub(crate) may_recover: bool,
    pub(crate) timing: Timing,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            tolerance: Tolerance::Crashes,
            rules: Rules::ALL,
            limits: Limits::default(),
            may_recover: true,
            timing: timing(),
        }
    }
}

/// The world.
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) places: Vec<Place>,
    /// Messages under way, but for heartbeats: of these the last of each link is kept.
    links: BTreeMap<(u32, u32), VecDeque<Message<History>>>,
    heartbeats: BTreeMap<(u32, u32), Message<History>>,
    /// Links on which everything is lost.
    pub(crate) cut: BTreeSet<(u32, u32)>,
    pub(crate) now: Time,
    pub(crate) oracle: Oracle,
    /// What replicas wrote to their logs since it was last taken.
    lines: Vec<String>,
    requests: u64,
}

/// Nobody becomes a candidate, suspects anybody or gives up, unless the world says so.
fn timing() -> Timing {
    let never_ns = u64::MAX / 4;
    Timing {
        suspicion_ns: never_ns,
        attempt_ns: never_ns,
        patience_ns: never_ns,
        jitter_ns: 0,
        gathering_max_ns: Timing::default().gathering_ns,
        ..Timing::default()
    }
}

impl World {
    /// A group in which replica 0 serves all three.
    pub(crate) fn new(plan: Plan) -> World {
        let mut world = World::founded(plan);
        world.with(0, |server, now, effects| {
            server.replica_mut().campaign_now(now, effects);
        });
        world.deliver_all();
        world
    }

    /// A group in which nobody serves yet.
    pub(crate) fn founded(plan: Plan) -> World {
        let mut world = World {
            plan,
            places: Vec::new(),
            links: BTreeMap::new(),
            heartbeats: BTreeMap::new(),
            cut: BTreeSet::new(),
            now: Time(0),
            oracle: Oracle::default(),
            lines: Vec::new(),
            requests: 0,
        };
        for id in (0..REPLICAS).map(ReplicaId) {
            world.places.push(Place {
                setup: Setup {
                    id,
                    replicas: REPLICAS,
                    tolerance: plan.tolerance,
                    timing: plan.timing,
                    limits: plan.limits,
                    may_recover: plan.may_recover,
                    seed: 1,
                    trial: 0,
                    rules: plan.rules,
                },
                server: None,
                disk: Durable::founding(REPLICAS, History::default()),
                outbox: Outbox::new(),
                unflushed: VecDeque::new(),
                is_paused: false,
                is_held: false,
                is_stopping: false,
                writes: 0,
                wake: None,
                ahead_ns: 0,
            });
        }
        for id in 0..REPLICAS {
            world.begin(id);
        }
        world
    }

    /// What was written since this was called.
    pub(crate) fn take_lines(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }

    pub(crate) fn runs(&self, id: u32) -> bool {
        let place = &self.places[id as usize];
        place.server.is_some() && !place.is_paused
    }

    pub(crate) fn is_serving(&self, id: u32) -> bool {
        let server = self.places[id as usize].server.as_ref();
        server.is_some_and(|server| server.replica().is_serving())
    }

    /// Commands of a replica's log, up to a place.
    pub(crate) fn commands(&self, id: u32, through: OpNumber) -> Vec<u32> {
        let server = self.places[id as usize].server.as_ref();
        let replica = server.expect("a replica that runs").replica();
        let state = replica.state().cloned().unwrap_or_default();
        let log = &replica.disk().log;
        let rest = (replica.committed().op.0 + 1..=through.0).map(OpNumber);
        let rest = rest.filter_map(|op| Some(log.entry(op)?.command));
        let mut commands: Vec<u32> = state.0.into_iter().chain(rest).collect();
        commands.truncate(through.0 as usize);
        commands
    }

    /// Messages under way on a link, but for heartbeats.
    pub(crate) fn under_way(&self, from: u32, to: u32) -> usize {
        self.links.get(&(from, to)).map_or(0, VecDeque::len)
    }

    /// What replicas know to be committed was acknowledged, in its order; and a disk that is not held is what its replica
    /// takes it for.
    pub(crate) fn check(&mut self) {
        let mut digests = BTreeMap::new();
        for (id, place) in self.places.iter().enumerate() {
            // What a disk holds back nobody has heard of.
            let (Some(server), false) = (&place.server, place.is_held) else {
                continue;
            };
            let replica = server.replica();
            let known = replica.state().map_or(&[][..], |state| &state.0);
            let digest = replica.state().map(Application::digest);
            let same = *digests.entry(replica.committed().op).or_insert(digest);
            let is_alike = same == digest || known.is_empty();
            assert!(is_alike || replica.setup().rules != Rules::ALL, "digests");
            // Whoever is the whole view has committed what is on its disk: it knows that in its next life, and says so to nobody.
            let view = &replica.disk().view;
            let is_alone = view.members.len() == 1 && view.has(place.setup.id);
            if is_alone && known.starts_with(&self.oracle.acknowledged) {
                self.oracle.acknowledged = known.to_vec();
            }
            if !self.oracle.acknowledged.starts_with(known) {
                let acknowledged = &self.oracle.acknowledged;
                let violation = format!("r{id} has applied {known:?}, not {acknowledged:?}");
                self.oracle.violation.get_or_insert(violation);
            }
            if replica.setup().rules == Rules::ALL {
                let (mirror, disk) = (replica.disk(), &place.disk);
                assert_eq!(mirror.log.end(), disk.log.end(), "r{id}");
                assert_eq!(mirror.view, disk.view, "r{id}");
                assert_eq!(mirror.promised, disk.promised, "r{id}");
            }
        }
    }

    /// Whether there is a heartbeat under way on a link.
    pub(crate) fn beats(&self, from: u32, to: u32) -> bool {
        self.heartbeats.contains_key(&(from, to))
    }
}
