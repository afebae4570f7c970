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
pub(crate) mod oracle;
pub(crate) mod walk;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use machine::process::Process;
use machine::process::effects::Effects;
use machine::process::outbox::{Departure, Outbox};
use machine::process::units::{Peer, Time};
use replica::application::Application;
use replica::durable::{Change, Durable};
use replica::message::{Body, Event, Message};
use replica::rules::{Rules, Tolerance};
use replica::server::Server;
use replica::setup::{Limits, Setup};
use replica::timing::Timing;
use replica::units::{Ballot, OpNumber, ReplicaId};

use action::Action;
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

    fn digest(&self) -> u64 {
        let fold = |digest: u64, said: &u32| digest.wrapping_mul(31).wrapping_add(u64::from(*said));
        self.0.iter().fold(17, fold)
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
            rules: Rules::default(),
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

    fn begin(&mut self, id: u32) {
        let place = &mut self.places[id as usize];
        let now = self.now.after_ns(place.ahead_ns);
        let mut effects = Effects::new();
        place.outbox = Outbox::new();
        place.wake = None;
        place.unflushed.clear();
        let server = Server::begin(&place.setup, place.disk.clone(), now, &mut effects);
        place.server = Some(server);
        place.outbox.put(&mut effects);
        self.perform(id);
    }

    /// Calls a replica, if it runs, and performs what it wants.
    fn with(
        &mut self,
        id: u32,
        call: impl FnOnce(
            &mut Server<History>,
            Time,
            &mut Effects<Message<History>, Event, Change<History>>,
        ),
    ) {
        let place = &mut self.places[id as usize];
        let (Some(server), false) = (&mut place.server, place.is_paused) else {
            return;
        };
        let mut effects = Effects::new();
        call(server, self.now.after_ns(place.ahead_ns), &mut effects);
        place.outbox.put(&mut effects);
        self.perform(id);
    }

    fn perform(&mut self, id: u32) {
        let place = &mut self.places[id as usize];
        place.wake = place.outbox.take_wake().or(place.wake);
        place.unflushed.extend(place.outbox.take_changes());
        let writes = if place.is_held {
            place.writes
        } else {
            usize::MAX
        };
        place.writes = 0;
        let flushed = place.unflushed.len().min(writes);
        if flushed > 0 {
            let before = (
                place.disk.incarnation,
                place.disk.promised,
                place.disk.view.ballot,
            );
            for change in place.unflushed.drain(..flushed) {
                Server::<History>::replay(&mut place.disk, change);
            }
            place.outbox.flushed(flushed);
            let disk = &place.disk;
            let after = (disk.incarnation, disk.promised, disk.view.ballot);
            let goes_back = after.0 < before.0 || after.1 < before.1 || after.2 < before.2;
            assert!(!goes_back, "r{id}: {before:?} on disk, then {after:?}");
        }
        while let Some(departure) = self.places[id as usize].outbox.depart() {
            match departure {
                Departure::Send { to, message } => self.send(id, to, message),
                Departure::Record(event) => self.record(id, &event),
                Departure::HangUp(peer) => self.lines.push(format!("r{id} hangs up on {peer}")),
            }
        }
    }

    fn send(&mut self, from: u32, to: Peer, message: Message<History>) {
        if self.cut.contains(&(from, to.0)) {
            return;
        }
        match message {
            Message::Answer { number, output, .. } => {
                let line = format!("r{from} answers request {number}: place {}", output + 1);
                self.lines.push(line);
                self.oracle.answered(from, output + 1);
            }
            Message::Redirect {
                number, primary, ..
            } => {
                let to = primary.map_or("nobody".to_owned(), |primary| format!("r{primary}"));
                let line = format!("r{from} redirects request {number} to {to}");
                self.lines.push(line);
            }
            Message::Peer {
                body: Body::Heartbeat { .. },
                ..
            } => {
                self.heartbeats.insert((from, to.0), message);
            }
            message => {
                let link = self.links.entry((from, to.0)).or_default();
                link.push_back(message);
            }
        }
    }

    fn record(&mut self, id: u32, event: &Event) {
        self.lines.push(format!("r{id} {}", action::line(event)));
        let (ballot, through, is_new_view) = match event {
            Event::Serving { view, end } => (view.ballot, end.op, true),
            Event::Committed { ballot, through } => (*ballot, *through, false),
            Event::Diverged { .. } | Event::Discarded { .. } => {
                self.oracle.divergences += 1;
                return;
            }
            _ => return,
        };
        let commands = self.commands(id, through);
        self.oracle.committed(id, ballot, commands, is_new_view);
    }

    /// Messages under way on a link, but for heartbeats.
    pub(crate) fn under_way(&self, from: u32, to: u32) -> usize {
        self.links.get(&(from, to)).map_or(0, VecDeque::len)
    }

    fn take(&mut self, from: u32, to: u32) -> Option<Message<History>> {
        self.links.get_mut(&(from, to))?.pop_front()
    }

    fn hand(&mut self, from: u32, to: u32, message: Message<History>) {
        self.with(to, |server, now, effects| {
            server.receive(now, Peer(from), message, effects);
        });
    }

    /// Delivers everything that is under way between replicas that run, and what comes of it.
    pub(crate) fn deliver_all(&mut self) {
        for _ in 0..10_000 {
            let mut links = self.links.iter();
            let next = links.find(|&(&(_, to), queue)| !queue.is_empty() && self.runs(to));
            let Some((&(from, to), _)) = next else { return };
            if let Some(message) = self.take(from, to) {
                self.hand(from, to, message);
            }
        }
        panic!("replicas talk without end");
    }

    /// Lets time pass: every message arrives within ten milliseconds, every replica wakes when it asked to.
    pub(crate) fn run_for(&mut self, milliseconds: u64) {
        for _ in 0..milliseconds / 10 {
            self.now = self.now.after_ns(10_000_000);
            for ((from, to), heartbeat) in std::mem::take(&mut self.heartbeats) {
                self.hand(from, to, heartbeat);
            }
            self.deliver_all();
            for id in 0..REPLICAS {
                let place = &mut self.places[id as usize];
                let now = self.now.after_ns(place.ahead_ns);
                if !place.is_paused && place.wake.take_if(|wake| *wake <= now).is_some() {
                    self.with(id, |server, now, effects| server.wake(now, effects));
                }
            }
        }
    }

    /// Ends all faults; whether a command is then acknowledged, with everybody back.
    pub(crate) fn heals(&mut self) -> bool {
        for id in 0..REPLICAS {
            self.step(Action::Resume(id));
            self.step(Action::Flush(id));
            self.step(Action::Restart(id));
        }
        self.deliver_all();
        for candidate in (0..3).flat_map(|_| 0..REPLICAS) {
            self.step(Action::Campaign(candidate));
            // Where others have promised more they refuse at first, and say what.
            for _ in 0..3 {
                self.deliver_all();
                self.step(Action::Wait);
            }
            let before = self.oracle.acknowledged.len();
            self.step(Action::Request(candidate, u32::MAX));
            self.deliver_all();
            if self.oracle.acknowledged.len() > before {
                return true;
            }
        }
        false
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
            assert!(
                is_alike || replica.setup().rules != Rules::default(),
                "digests"
            );
            if !self.oracle.acknowledged.starts_with(known) {
                let acknowledged = &self.oracle.acknowledged;
                let violation = format!("r{id} has applied {known:?}, not {acknowledged:?}");
                self.oracle.violation.get_or_insert(violation);
            }
            if replica.setup().rules == Rules::default() {
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

    fn presume_the_dead(&mut self, by: u32) {
        let dead: Vec<u32> = (0..REPLICAS).filter(|&id| !self.runs(id)).collect();
        if let Some(server) = &mut self.places[by as usize].server {
            for id in dead.into_iter().filter(|&id| id != by) {
                server.replica_mut().presume_dead(ReplicaId(id));
            }
        }
    }

    /// A client that has seen this view sends a command.
    pub(crate) fn ask(&mut self, to: u32, command: u32, view: Ballot) {
        self.requests += 1;
        let number = self.requests;
        let message = Message::Request {
            number,
            view,
            command,
        };
        self.with(to, |server, now, effects| {
            server.receive(now, CLIENT, message, effects);
        });
    }
}
