//! Clients of a trial: what they are asked for, want done and report.

use std::collections::{BTreeMap, VecDeque};

use machine::chance::{Purpose, Stream};

use crate::application::Application;
use crate::client::Client;
use crate::client::operation::{ClientSettings, Effect as Wanted, Operation, Report};
use crate::client::operation::{OperationId, Settlement};
use crate::door::{ConnectionId, Door};
use crate::identity::{Offset, TimeMs, View};
use crate::limits::Settings;
use crate::refusal::SessionEnd;
use crate::rule::Rules;

use super::trial::{
    CLIENTS, Line, Party, SERVERS, Sent, Server, Up, World, door_settings, name, standing,
};

impl World {
    pub(crate) fn new(is_slow: bool, rules: Rules) -> World {
        let settings = Settings {
            sends_per_second: if is_slow { 5 } else { 1000 },
            sends_burst: if is_slow { 3 } else { 1000 },
            sessions_max: 1,
            ..Settings::default()
        };
        let standing = |server| standing(server, 0, true);
        let servers = (0..SERVERS as usize).map(|server| Server {
            door: Door::new(standing(server), View(1), door_settings(rules)),
            application: Application::with_rules(settings.clone(), rules),
            proposals: VecDeque::new(),
        });
        let parties = (0..CLIENTS).map(|client| {
            let settings = ClientSettings {
                servers: SERVERS,
                silence_ms: 1000,
                quiet_ms: 5000,
                retry_first_ms: 10,
                retry_last_ms: 100,
                ..ClientSettings::default()
            };
            let chance = Stream::new(1, client as u64, Purpose::Plan);
            Party {
                client: Client::with_rules(settings, chance, rules),
                line: None,
                wake: TimeMs(0),
                sends: BTreeMap::new(),
                others: BTreeMap::new(),
                shown: Vec::new(),
                is_out: false,
                login: None,
            }
        });
        let mut world = World {
            rules,
            time: TimeMs(1000),
            view: View(1),
            primary: 0,
            servers: servers.collect(),
            parties: parties.collect(),
            lines: BTreeMap::new(),
            opened: 0,
            drawn: 0,
            fault: None,
            happened: BTreeMap::new(),
        };
        for client in 0..CLIENTS {
            let create = Operation::Create {
                name: name(client),
                password: None,
            };
            // A log-in before its account is there is refused.
            world.ask_other(client, create);
            world.settle();
            world.parties[client].is_out = true;
            world.settle();
        }
        world
    }

    pub(crate) fn ask_other(&mut self, client: usize, operation: Operation) -> OperationId {
        let mut effects = Vec::new();
        let party = &mut self.parties[client];
        let deadline = self.time.plus(1_000_000);
        let id = party
            .client
            .ask(self.time, operation, deadline, &mut effects);
        party.others.insert(id, None);
        self.perform(client, effects);
        id
    }

    /// Clients that are logged out log in again.
    pub(crate) fn come_back(&mut self) {
        for client in 0..CLIENTS {
            if std::mem::take(&mut self.parties[client].is_out) {
                let log_in = Operation::LogIn {
                    name: name(client),
                    password: None,
                };
                let id = self.ask_other(client, log_in);
                self.parties[client].login = Some(id);
            }
        }
    }

    pub(crate) fn ask(&mut self, client: usize, to: usize, deadline_ms: u64) {
        let mut effects = Vec::new();
        let party = &mut self.parties[client];
        let text = format!("{client}:{}", party.sends.len());
        let operation = Operation::Send {
            to: name(to),
            text: text.clone(),
        };
        let deadline = self.time.plus(deadline_ms);
        let id = party
            .client
            .ask(self.time, operation, deadline, &mut effects);
        let settlements = Vec::new();
        party.sends.insert(
            id,
            Sent {
                to,
                text,
                settlements,
            },
        );
        self.perform(client, effects);
    }

    pub(crate) fn perform(&mut self, client: usize, effects: Vec<Wanted>) {
        for effect in effects {
            match effect {
                Wanted::Connect(server) => {
                    self.opened += 1;
                    let id = ConnectionId(self.opened);
                    let line = Line {
                        client,
                        server: server.0 as usize,
                        up: [Up::Open].into(),
                        down: VecDeque::new(),
                    };
                    self.lines.insert(id, line);
                    self.parties[client].line = Some(id);
                }
                Wanted::HangUp => {
                    // What was written before may still arrive.
                    let line = self.parties[client].line.take();
                    if let Some(line) = line.and_then(|line| self.lines.get_mut(&line)) {
                        line.down.clear();
                        line.up.push_back(Up::Close);
                    }
                }
                Wanted::Send(message) => {
                    let line = self.parties[client].line;
                    if let Some(line) = line.and_then(|line| self.lines.get_mut(&line)) {
                        line.up.push_back(Up::Say(message));
                    }
                }
                Wanted::WakeAt(time) => self.parties[client].wake = time,
                Wanted::Report(report) => self.report(client, report),
            }
        }
    }

    pub(crate) fn report(&mut self, client: usize, report: Report) {
        let party = &mut self.parties[client];
        match report {
            Report::Settled {
                operation,
                settlement,
            } => match party.sends.get_mut(&operation) {
                Some(sent) => {
                    let is_late = !sent.settlements.is_empty();
                    sent.settlements.push(settlement.clone());
                    self.note_settlement(&settlement, is_late);
                }
                None => {
                    let is_done = matches!(settlement, Settlement::Done(_));
                    party.is_out |= party.login == Some(operation) && !is_done;
                    party.others.insert(operation, Some(settlement));
                }
            },
            Report::Delivered(message) => {
                let application = &self.servers[self.primary].application;
                let account = application.account(&name(client));
                let place = Offset(message.offset.0 - 1);
                let committed = account.map(|account| {
                    let mut messages = application.messages_after(account, place);
                    messages.next().cloned()
                });
                if committed.flatten().as_ref() != Some(&message) {
                    self.fault(format!("{message:?} is shown, and is not committed"));
                }
                self.parties[client].shown.push(message);
                self.happens("a message is shown");
            }
            Report::SessionEnded(Some(end)) => {
                party.is_out = true;
                self.happens(match end {
                    SessionEnd::Evicted => "a session is evicted",
                    _ => "a client logs out",
                });
            }
            // A late log-in took the token, and another device the session: a new one is open.
            Report::SessionEnded(None) if party.client.saved().is_some() => {
                self.happens("a session is replaced");
            }
            Report::Connected(_) | Report::Lost { .. } => {}
            report => self.fault(format!("client {client} reports {report:?}")),
        }
    }
}
