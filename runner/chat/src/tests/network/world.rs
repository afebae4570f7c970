//! What can happen to servers and lines.

use std::collections::VecDeque;

use crate::application::Application;
use crate::application::command::{Command, Entry};
use crate::client::operation::Operation;
use crate::door::{ConnectionId, Door, Effect, Ticket};
use crate::identity::{Nonce, TimeMs, Token, View};
use crate::limits::FRAME_BYTES_MAX;
use crate::wire::frame::{Frame, FrameReader};
use crate::wire::request::ToServer;
use crate::wire::response::ToClient;

use super::step::Step;
use super::trial::{CLIENTS, Down, Server, Up, World, door_settings, name, standing};

/// Rounds in which everything has to come to rest.
const ROUNDS_MAX: usize = 3000;

impl World {
    pub(crate) fn happens(&mut self, what: &'static str) {
        *self.happened.entry(what).or_default() += 1;
    }

    pub(crate) fn fault(&mut self, fault: String) {
        self.fault.get_or_insert(fault);
    }

    pub(crate) fn act(&mut self, server: usize, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send { to, message } => {
                    if let Some(line) = self.lines.get_mut(&to) {
                        line.down.push_back(Down::Say(message));
                    }
                }
                Effect::HangUp { connection } => {
                    if let Some(line) = self.lines.get_mut(&connection) {
                        line.up.clear();
                        line.down.push_back(Down::Closed);
                    }
                }
                Effect::Propose { ticket, command } => {
                    self.servers[server].proposals.push_back((ticket, command));
                }
                Effect::Hash { ticket, .. } => {
                    let mut effects = Vec::new();
                    let door = &mut self.servers[server].door;
                    door.hashed(ticket, [1; 32], &mut effects);
                    self.act(server, effects);
                }
                Effect::StepDown { .. } => {
                    self.happens("a client is of a higher view");
                    self.stand(server);
                }
            }
        }
    }

    /// Tells a server who serves.
    pub(crate) fn stand(&mut self, server: usize) {
        let mut effects = Vec::new();
        let standing = standing(server, self.primary, true);
        self.servers[server]
            .door
            .stand(standing, self.view, &mut effects);
        if server != self.primary {
            self.servers[server].proposals.clear();
        }
        self.act(server, effects);
    }

    pub(crate) fn up(&mut self, id: ConnectionId) {
        let Some(line) = self.lines.get_mut(&id) else {
            return;
        };
        let (server, client) = (line.server, line.client);
        let Some(item) = line.up.pop_front() else {
            return;
        };
        let Server {
            door, application, ..
        } = &mut self.servers[server];
        let mut effects = Vec::new();
        match item {
            Up::Open => {
                door.open(id);
                if self.parties[client].line == Some(id) {
                    line.down.push_back(Down::Opened);
                }
            }
            Up::Close => {
                door.close(id);
                self.lines.remove(&id);
            }
            Up::Say(message) => {
                let length_max = door.frame_bytes_max(id);
                let frame = travel(length_max, |bytes| message.encode(bytes));
                let message = ToServer::decode(&frame).expect("what was written is read");
                let mut draw = || {
                    self.drawn += 1;
                    let mut chance = [0; 32];
                    chance[..8].copy_from_slice(&self.drawn.to_be_bytes());
                    chance
                };
                door.receive(id, message, application, &mut draw, &mut effects);
            }
        }
        self.act(server, effects);
    }

    pub(crate) fn down(&mut self, id: ConnectionId, is_repeated: bool) {
        let Some(line) = self.lines.get_mut(&id) else {
            return;
        };
        let client = line.client;
        let item = match is_repeated {
            true => match line.down.front() {
                Some(Down::Say(message)) => Some(Down::Say(message.clone())),
                _ => None,
            },
            false => line.down.pop_front(),
        };
        if self.parties[client].line != Some(id) {
            return;
        }
        if let Some(Down::Say(message)) = &item {
            self.note(client, message);
        }
        let mut effects = Vec::new();
        let party = &mut self.parties[client];
        match item {
            None => return,
            Some(Down::Opened) => party.client.connected(self.time, &mut effects),
            Some(Down::Say(message)) => {
                let frame = travel(FRAME_BYTES_MAX, |bytes| message.encode(bytes));
                let message = ToClient::decode(&frame).expect("what was written is read");
                party.client.receive(self.time, message, &mut effects);
            }
            Some(Down::Closed) => {
                self.lines.remove(&id);
                party.line = None;
                party.client.lost(self.time, &mut effects);
            }
        }
        self.perform(client, effects);
    }

    pub(crate) fn break_line(&mut self, id: ConnectionId) {
        let Some(line) = self.lines.remove(&id) else {
            return;
        };
        self.servers[line.server].door.close(id);
        let party = &mut self.parties[line.client];
        if party.line == Some(id) {
            party.line = None;
            let mut effects = Vec::new();
            party.client.lost(self.time, &mut effects);
            self.perform(line.client, effects);
        }
    }

    pub(crate) fn commit(&mut self) {
        let primary = self.primary;
        if let Some((ticket, command)) = self.servers[primary].proposals.pop_front() {
            self.apply(Some(ticket), command);
        }
    }

    /// A command is committed, on all servers.
    fn apply(&mut self, ticket: Option<Ticket>, command: Command) {
        let (time, primary) = (self.time, self.primary);
        let entry = Entry { time, command };
        for server in 0..self.servers.len() {
            let Server {
                door, application, ..
            } = &mut self.servers[server];
            let outcome = application.apply(&entry);
            let mut effects = Vec::new();
            let ticket = ticket.filter(|_| server == primary);
            door.applied(ticket, &outcome, application, &mut effects);
            self.act(server, effects);
        }
        self.check_acknowledged();
    }

    /// The primary loses its part. What it has proposed is committed up to a point, and its clients do not hear of it.
    pub(crate) fn end_primary(&mut self, committed: usize) {
        let proposals = std::mem::take(&mut self.servers[self.primary].proposals);
        let time = self.time;
        for (_, command) in proposals.into_iter().take(committed) {
            let entry = Entry { time, command };
            for server in &mut self.servers {
                let _ = server.application.apply(&entry);
            }
        }
        self.view = View(self.view.0 + 1);
    }

    pub(crate) fn take_over(&mut self, to: usize, committed: usize, is_known: bool) {
        let old = self.primary;
        self.end_primary(committed);
        self.primary = to;
        for server in 0..self.servers.len() {
            if server != old || is_known || old == to {
                self.stand(server);
            }
        }
    }

    pub(crate) fn restart(&mut self, committed: usize) {
        self.end_primary(committed);
        for id in self.lines.keys().copied().collect::<Vec<_>>() {
            self.break_line(id);
        }
        for server in 0..self.servers.len() {
            let bytes = self.servers[server].application.snapshot();
            let restored = Application::restore_with_rules(&bytes, self.rules);
            let door = Door::new(
                standing(server, self.primary, true),
                self.view,
                door_settings(self.rules),
            );
            match restored {
                Ok(application) => {
                    self.servers[server] = Server {
                        door,
                        application,
                        proposals: VecDeque::new(),
                    };
                }
                Err(error) => self.fault(error.to_string()),
            }
        }
    }

    pub(crate) fn pass(&mut self, duration_ms: u64) {
        self.time = self.time.plus(duration_ms);
        for client in 0..CLIENTS {
            if self.parties[client].wake <= self.time {
                self.wake(client);
            }
        }
    }

    pub(crate) fn wake(&mut self, client: usize) {
        let mut effects = Vec::new();
        let party = &mut self.parties[client];
        party.wake = TimeMs(u64::MAX);
        party.client.wake(self.time, &mut effects);
        self.perform(client, effects);
    }

    pub(crate) fn line(&self, choice: usize) -> ConnectionId {
        let place = choice % self.lines.len().max(1);
        self.lines
            .keys()
            .nth(place)
            .copied()
            .unwrap_or(ConnectionId(0))
    }

    /// Another device of a client logs in.
    fn evict(&mut self, client: usize) {
        self.drawn += 1;
        let mut token = [0xee; 32];
        token[..8].copy_from_slice(&self.drawn.to_be_bytes());
        let chance = Nonce([0xee; 16]);
        let mut nonce = chance;
        nonce.0[..8].copy_from_slice(&self.drawn.to_be_bytes());
        let command = Command::LogIn {
            name: name(client),
            proof: None,
            nonce,
            token: Token(token).digest(),
            chance,
        };
        self.apply(None, command);
    }

    pub(crate) fn step(&mut self, step: &Step) {
        match *step {
            Step::Up { line } => self.up(self.line(line)),
            Step::Down { line } => self.down(self.line(line), false),
            Step::Repeat { line } => self.down(self.line(line), true),
            Step::Commit => self.commit(),
            Step::Flow => self.flow(),
            Step::Break { line } => self.break_line(self.line(line)),
            Step::Ask {
                client,
                to,
                deadline_ms,
            } => self.ask(client, to, deadline_ms),
            Step::Time { duration_ms } => self.pass(duration_ms),
            Step::TakeOver {
                to,
                committed,
                is_known,
            } => self.take_over(to, committed, is_known),
            Step::LogOut { client } => {
                self.ask_other(client, Operation::LogOut);
            }
            Step::Evict { client } => self.evict(client),
            Step::Restart { committed } => self.restart(committed),
        }
        self.come_back();
    }

    /// Everything that is on its way arrives, and what is proposed is committed.
    pub(crate) fn flow(&mut self) {
        for id in self.lines.keys().copied().collect::<Vec<_>>() {
            while self.lines.get(&id).is_some_and(|line| !line.up.is_empty()) {
                self.up(id);
            }
        }
        while !self.servers[self.primary].proposals.is_empty() {
            self.commit();
        }
        for id in self.lines.keys().copied().collect::<Vec<_>>() {
            while self
                .lines
                .get(&id)
                .is_some_and(|line| !line.down.is_empty())
            {
                self.down(id, false);
            }
        }
    }

    /// Everything arrives and is committed, and time goes on, until nothing is left to do.
    pub(crate) fn settle(&mut self) {
        for server in 0..self.servers.len() {
            self.stand(server);
        }
        for _ in 0..ROUNDS_MAX {
            self.flow();
            self.come_back();
            if self.is_at_rest() || self.fault.is_some() {
                return;
            }
            let up = self.lines.values().any(|line| !line.up.is_empty());
            if !up {
                let next = self.parties.iter().map(|party| party.wake).min();
                let wait_ms = next.unwrap_or_default().since(self.time).min(60_000);
                self.pass(wait_ms);
            }
        }
        self.fault("there is no rest".to_owned());
    }
}

/// A frame, as it comes out of a stream with this bound.
fn travel(length_max: usize, write: impl FnOnce(&mut Vec<u8>)) -> Frame {
    let mut bytes = Vec::new();
    write(&mut bytes);
    let mut reader = FrameReader::new(length_max);
    reader.feed(&bytes);
    let frame = reader.take().expect("a frame that is short enough");
    frame.expect("a whole frame")
}
