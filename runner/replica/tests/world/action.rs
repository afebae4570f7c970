//! Steps of a world, as scripts write them and walks draw them; and what replicas say, as scripts show it.

use std::fmt;

use machine::process::Process;
use replica::durable::Durable;
use replica::message::Event;
use replica::units::Ballot;

use super::{REPLICAS, World};

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// A replica proposes a view.
    Campaign(u32),
    /// Time passes, enough for a candidate to decide; who runs sees who does not (with no partition).
    Wait,
    /// The next message of a link arrives.
    Deliver(u32, u32),
    /// The next message of a link is lost.
    Drop(u32, u32),
    /// The next message of a link will come once more, after all others.
    Repeat(u32, u32),
    /// The next message of a link comes after all others.
    Delay(u32, u32),
    /// The last heartbeat of a link arrives.
    Beat(u32, u32),
    /// A replica takes another for dead, rightly or not.
    Suspect(u32, u32),
    /// A process ends; what it has not sent is gone, what is under way to it is lost.
    Crash(u32),
    /// A process ends, and what it has under way is lost too.
    Power(u32),
    /// A process is asked to end in order.
    Stop(u32),
    /// It begins again with its disk.
    Restart(u32),
    /// It begins again with an empty disk.
    Wipe(u32),
    /// A process does not run.
    Pause(u32),
    /// It runs again, after longer than the stall limit.
    Resume(u32),
    /// A client that has seen no view sends a command.
    Request(u32, u32),
    /// The disk of a replica writes nothing from now on.
    Hold(u32),
    /// It writes the oldest change, and no more.
    Write(u32),
    /// It writes again.
    Flush(u32),
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Action::Campaign(id) => write!(f, "campaign {id}"),
            Action::Wait => write!(f, "wait"),
            Action::Deliver(from, to) => write!(f, "deliver {from} {to}"),
            Action::Drop(from, to) => write!(f, "drop {from} {to}"),
            Action::Repeat(from, to) => write!(f, "repeat {from} {to}"),
            Action::Delay(from, to) => write!(f, "delay {from} {to}"),
            Action::Beat(from, to) => write!(f, "beat {from} {to}"),
            Action::Suspect(by, of) => write!(f, "suspect {by} {of}"),
            Action::Crash(id) => write!(f, "crash {id}"),
            Action::Power(id) => write!(f, "power {id}"),
            Action::Stop(id) => write!(f, "stop {id}"),
            Action::Restart(id) => write!(f, "restart {id}"),
            Action::Wipe(id) => write!(f, "wipe {id}"),
            Action::Pause(id) => write!(f, "pause {id}"),
            Action::Resume(id) => write!(f, "resume {id}"),
            Action::Request(to, command) => write!(f, "request {to} {command}"),
            Action::Hold(id) => write!(f, "hold {id}"),
            Action::Write(id) => write!(f, "write {id}"),
            Action::Flush(id) => write!(f, "flush {id}"),
        }
    }
}

impl Action {
    /// Reads a step from its word and its numbers.
    pub(crate) fn read(word: &str, numbers: &[u32]) -> Option<Action> {
        Some(match (word, numbers) {
            ("campaign", &[id]) => Action::Campaign(id),
            ("wait", &[]) => Action::Wait,
            ("deliver", &[from, to]) => Action::Deliver(from, to),
            ("drop", &[from, to]) => Action::Drop(from, to),
            ("repeat", &[from, to]) => Action::Repeat(from, to),
            ("delay", &[from, to]) => Action::Delay(from, to),
            ("beat", &[from, to]) => Action::Beat(from, to),
            ("suspect", &[by, of]) => Action::Suspect(by, of),
            ("crash", &[id]) => Action::Crash(id),
            ("power", &[id]) => Action::Power(id),
            ("stop", &[id]) => Action::Stop(id),
            ("restart", &[id]) => Action::Restart(id),
            ("wipe", &[id]) => Action::Wipe(id),
            ("pause", &[id]) => Action::Pause(id),
            ("resume", &[id]) => Action::Resume(id),
            ("request", &[to, command]) => Action::Request(to, command),
            ("hold", &[id]) => Action::Hold(id),
            ("write", &[id]) => Action::Write(id),
            ("flush", &[id]) => Action::Flush(id),
            _ => return None,
        })
    }
}

impl World {
    /// Takes a step, if it is possible.
    pub(crate) fn step(&mut self, action: Action) {
        match action {
            Action::Campaign(id) => self.with(id, |server, now, effects| {
                server.replica_mut().campaign_now(now, effects);
            }),
            Action::Wait => self.wait(),
            Action::Deliver(from, to) if self.runs(to) => {
                if let Some(message) = self.take(from, to) {
                    self.lines
                        .push(format!("r{from} → r{to} {}", message.name()));
                    self.hand(from, to, message);
                }
            }
            Action::Deliver(..) => {}
            Action::Drop(from, to) => {
                self.take(from, to);
            }
            Action::Repeat(from, to) => {
                if let Some(queue) = self.links.get_mut(&(from, to))
                    && let Some(message) = queue.front().cloned()
                {
                    queue.push_back(message);
                }
            }
            Action::Delay(from, to) => {
                if let Some(queue) = self.links.get_mut(&(from, to)) {
                    queue.rotate_left(queue.len().min(1));
                }
            }
            Action::Beat(from, to) => {
                if self.runs(to)
                    && let Some(message) = self.heartbeats.remove(&(from, to))
                {
                    self.hand(from, to, message);
                }
            }
            Action::Suspect(by, of) => {
                if let Some(server) = &mut self.places[by as usize].server {
                    server
                        .replica_mut()
                        .presume_dead(replica::units::ReplicaId(of));
                }
            }
            Action::Crash(id) => self.end(id, false),
            Action::Power(id) => self.end(id, true),
            Action::Stop(id) => self.stop(id),
            Action::Restart(id) if self.places[id as usize].server.is_none() => self.begin(id),
            Action::Restart(_) => {}
            Action::Wipe(id) if self.places[id as usize].server.is_none() => {
                self.places[id as usize].disk = Durable::default();
                self.begin(id);
            }
            Action::Wipe(_) => {}
            Action::Pause(id) => {
                let place = &mut self.places[id as usize];
                place.is_paused |= place.server.is_some();
            }
            Action::Resume(id) => self.resume(id),
            Action::Request(to, command) => self.ask(to, command, Ballot::ZERO),
            Action::Hold(id) => self.places[id as usize].is_held = true,
            Action::Write(id) => {
                self.places[id as usize].writes = 1;
                self.perform(id);
            }
            Action::Flush(id) => {
                self.places[id as usize].is_held = false;
                self.perform(id);
            }
        }
    }

    fn wait(&mut self) {
        self.now = self.now.after_ns(200_000_000);
        for id in 0..REPLICAS {
            self.presume_the_dead(id);
            self.with(id, |server, now, effects| server.wake(now, effects));
        }
    }

    fn stop(&mut self, id: u32) {
        if self.runs(id) && !std::mem::replace(&mut self.places[id as usize].is_stopping, true) {
            self.with(id, |server, now, effects| server.stop(now, effects));
        }
    }

    pub(crate) fn end(&mut self, id: u32, takes_links: bool) {
        let place = &mut self.places[id as usize];
        if place.server.take().is_none() {
            return;
        }
        (place.is_paused, place.is_held, place.is_stopping) = (false, false, false);
        let is_lost = |&(from, to): &(u32, u32)| to == id || (takes_links && from == id);
        self.links.retain(|link, _| !is_lost(link));
        self.heartbeats.retain(|link, _| !is_lost(link));
    }

    fn resume(&mut self, id: u32) {
        let place = &mut self.places[id as usize];
        if place.is_paused {
            place.is_paused = false;
            place.ahead_ns += place.setup.timing.stall_ns + 1;
            self.with(id, |server, now, effects| server.wake(now, effects));
        }
    }
}

/// An event as scripts show it.
pub(crate) fn line(event: &Event) -> String {
    match event {
        Event::Begun(incarnation) => format!("begins life {incarnation}"),
        Event::EmptyDisk => "finds its disk empty".to_owned(),
        Event::Recovered { promised } => format!("has recovered what it promised: {promised}"),
        Event::Left(incarnation) => format!("takes its leave from life {incarnation}"),
        Event::Stalled { .. } => "notices that it stalled".to_owned(),
        Event::Suspected(id) => format!("suspects r{id}"),
        Event::Campaigned(ballot) => format!("campaigns for {ballot}"),
        Event::Waiting { ballot, missing } => {
            let missing: Vec<String> = missing.iter().map(|id| format!("r{id}")).collect();
            format!("waits for {} to decide on {ballot}", missing.join(", "))
        }
        Event::Decided { view, end } => format!("decides on {view} from {end}"),
        Event::Serving { view, end } => format!("SERVES {view} from {end}"),
        Event::SteppedDown(ballot) => format!("steps down from {ballot}"),
        Event::Committed { through, .. } => format!("commits through {through}"),
        Event::Staged(mark) => format!("has fetched through {mark}"),
        Event::Compacted(op) => format!("has a snapshot at {op}"),
        Event::Excluded { view } => format!("is left out of {view}"),
        Event::Diverged { view } => format!("gives way to {view}"),
        Event::Abandoned {
            view,
            after,
            through,
        } => format!("abandons what it held in {view} after {after}, through {through}"),
        Event::Discarded { after, through } => {
            format!("DISCARDS what it had committed after {after}, through {through}")
        }
    }
}
