//! Who is called when, and what becomes of what they want.
//!
//! **Invariant.** What a replica wants leaves it through its outbox, and its disk changes before what follows a change.

use machine::process::Process;
use machine::process::effects::Effects;
use machine::process::outbox::{Departure, Outbox};
use machine::process::units::{Peer, Time};
use replica::durable::Change;
use replica::message::{Body, Event, Message};
use replica::server::Server;
use replica::units::{Ballot, ReplicaId};

use super::action::{Action, line};
use super::{CLIENT, History, REPLICAS, World};

impl World {
    pub(crate) fn begin(&mut self, id: u32) {
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
    pub(crate) fn with(
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

    pub(crate) fn perform(&mut self, id: u32) {
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
        let place = &self.places[id as usize];
        let has_left = place.server.as_ref().is_some_and(Server::has_left);
        if place.is_stopping && has_left && place.outbox.is_empty() && place.unflushed.is_empty() {
            self.end(id, false);
        }
    }

    pub(crate) fn send(&mut self, from: u32, to: Peer, message: Message<History>) {
        if self.cut.contains(&(from, to.0)) {
            return;
        }
        match message {
            Message::Answer { number, output, .. } => {
                let output = *output;
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
            Message::Peer { ref body, .. } if matches!(**body, Body::Heartbeat { .. }) => {
                self.heartbeats.insert((from, to.0), message);
            }
            message => {
                let link = self.links.entry((from, to.0)).or_default();
                link.push_back(message);
            }
        }
    }

    pub(crate) fn record(&mut self, id: u32, event: &Event) {
        self.lines.push(format!("r{id} {}", line(event)));
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

    pub(crate) fn take(&mut self, from: u32, to: u32) -> Option<Message<History>> {
        self.links.get_mut(&(from, to))?.pop_front()
    }

    pub(crate) fn hand(&mut self, from: u32, to: u32, message: Message<History>) {
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

    pub(crate) fn presume_the_dead(&mut self, by: u32) {
        let dead: Vec<u32> = (0..REPLICAS).filter(|&id| !self.runs(id)).collect();
        if let Some(server) = &mut self.places[by as usize].server {
            for id in dead.into_iter().filter(|&id| id != by) {
                server.replica_mut().presume_dead(ReplicaId(id));
            }
        }
    }

    /// Cuts a replica off from the others, or not any more.
    pub(crate) fn cut_off(&mut self, id: u32, is_cut: bool) {
        for other in (0..REPLICAS).filter(|&other| other != id) {
            for link in [(id, other), (other, id)] {
                match is_cut {
                    true => self.cut.insert(link),
                    false => self.cut.remove(&link),
                };
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
