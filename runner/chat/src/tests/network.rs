//! Clients, doors and applications together, on lines that hold, break and repeat, with servers that take over.
//!
//! How the log is replicated is left out: a command that the primary has proposed is committed, or lost when another server
//! takes over. What is checked is what users see: each message once and in order, nothing lost that was accepted, and
//! nothing called failed that was done.

use std::collections::{BTreeMap, VecDeque};

use machine::chance::{Purpose, Stream};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::cases_at_least;
use crate::answer::{Answer, Message};
use crate::application::Application;
use crate::application::command::{Command, Entry};
use crate::client::Client;
use crate::client::operation::{
    ClientSettings, Effect as Wanted, Operation, OperationId, Report, Settlement,
};
use crate::door::{ConnectionId, Door, DoorSettings, Effect, Ticket};
use crate::identity::{Offset, ServerId, TimeMs, View};
use crate::limits::{FRAME_BYTES_MAX, Settings};
use crate::name::Name;
use crate::rule::Rules;
use crate::wire::frame::{Frame, FrameReader};
use crate::wire::request::ToServer;
use crate::wire::response::{Standing, ToClient};

const SERVERS: u32 = 3;
const CLIENTS: usize = 3;
/// Rounds in which everything has to come to rest.
const ROUNDS_MAX: usize = 3000;

/// Something that happens; numbers choose among what there is.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Something goes from a client to a server.
    Up {
        line: usize,
    },
    /// Something goes from a server to a client.
    Down {
        line: usize,
    },
    /// Something comes to a client twice.
    Repeat {
        line: usize,
    },
    Commit,
    Break {
        line: usize,
    },
    Ask {
        client: usize,
        to: usize,
        deadline_ms: u64,
    },
    Time {
        duration_ms: u64,
    },
    /// Another server takes over. Of what the old one has proposed, some is committed. It may not know.
    TakeOver {
        to: usize,
        committed: usize,
        is_known: bool,
    },
    /// All servers start again from their snapshots.
    Restart {
        committed: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let line = || 0..8usize;
    prop_oneof![
        12 => line().prop_map(|line| Step::Up { line }),
        12 => line().prop_map(|line| Step::Down { line }),
        2 => line().prop_map(|line| Step::Repeat { line }),
        8 => Just(Step::Commit),
        1 => line().prop_map(|line| Step::Break { line }),
        8 => (0..CLIENTS, 0..CLIENTS, prop_oneof![Just(500u64), Just(100_000)])
            .prop_map(|(client, to, deadline_ms)| Step::Ask { client, to, deadline_ms }),
        3 => prop_oneof![0..50u64, 200..1500u64].prop_map(|duration_ms| Step::Time { duration_ms }),
        1 => (0..SERVERS as usize, 0..4usize, any::<bool>()).prop_map(
            |(to, committed, is_known)| Step::TakeOver { to, committed, is_known }
        ),
        1 => (0..4usize).prop_map(|committed| Step::Restart { committed }),
    ]
}

/// What a property test runs: whether senders are slowed down, and what happens.
pub(crate) fn cases() -> impl Strategy<Value = (bool, Vec<Step>)> {
    (prop::bool::weighted(0.3), vec(step(), 50..400))
}

#[derive(Debug, Clone)]
enum Up {
    Open,
    Say(ToServer),
    Close,
}

#[derive(Debug, Clone)]
enum Down {
    Opened,
    Say(ToClient),
    Closed,
}

#[derive(Debug)]
struct Line {
    client: usize,
    server: usize,
    up: VecDeque<Up>,
    down: VecDeque<Down>,
}

struct Server {
    door: Door,
    application: Application,
    proposals: VecDeque<(Ticket, Command)>,
}

struct Sent {
    to: usize,
    text: String,
    settlements: Vec<Settlement>,
}

struct Party {
    client: Client,
    line: Option<ConnectionId>,
    wake: TimeMs,
    sends: BTreeMap<OperationId, Sent>,
    others: BTreeMap<OperationId, Option<Settlement>>,
    shown: Vec<Message>,
}

struct World {
    rules: Rules,
    time: TimeMs,
    view: View,
    primary: usize,
    servers: Vec<Server>,
    parties: Vec<Party>,
    lines: BTreeMap<ConnectionId, Line>,
    opened: u64,
    drawn: u64,
    /// What is wrong, as soon as something is.
    fault: Option<String>,
}

fn name(client: usize) -> Name {
    Name::new(["ada", "bob", "cyd"][client]).expect("a name")
}

impl World {
    fn new(is_slow: bool, rules: Rules) -> World {
        let settings = Settings {
            sends_per_second: if is_slow { 5 } else { 1000 },
            sends_burst: if is_slow { 3 } else { 1000 },
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
        };
        for client in 0..CLIENTS {
            let password = None;
            let create = Operation::Create {
                name: name(client),
                password: password.clone(),
            };
            let log_in = Operation::LogIn {
                name: name(client),
                password,
            };
            // A log-in before its account is there is refused: first all accounts.
            world.ask_other(client, create);
            world.settle();
            world.ask_other(client, log_in);
            world.settle();
        }
        world
    }

    fn ask_other(&mut self, client: usize, operation: Operation) {
        let mut effects = Vec::new();
        let party = &mut self.parties[client];
        let deadline = self.time.plus(1_000_000);
        let id = party
            .client
            .ask(self.time, operation, deadline, &mut effects);
        party.others.insert(id, None);
        self.perform(client, effects);
    }

    fn ask(&mut self, client: usize, to: usize, deadline_ms: u64) {
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

    fn perform(&mut self, client: usize, effects: Vec<Wanted>) {
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

    fn report(&mut self, client: usize, report: Report) {
        let party = &mut self.parties[client];
        match report {
            Report::Settled {
                operation,
                settlement,
            } => match party.sends.get_mut(&operation) {
                Some(sent) => sent.settlements.push(settlement),
                None => {
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
            }
            Report::Connected(_) | Report::Lost { .. } => {}
            report => self.fault(format!("client {client} reports {report:?}")),
        }
    }

    fn fault(&mut self, fault: String) {
        self.fault.get_or_insert(fault);
    }

    fn act(&mut self, server: usize, effects: Vec<Effect>) {
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
                Effect::StepDown { .. } => self.stand(server),
            }
        }
    }

    /// Tells a server who serves.
    fn stand(&mut self, server: usize) {
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

    fn up(&mut self, id: ConnectionId) {
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

    fn down(&mut self, id: ConnectionId, is_repeated: bool) {
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

    fn break_line(&mut self, id: ConnectionId) {
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

    fn commit(&mut self) {
        let primary = self.primary;
        let Some((ticket, command)) = self.servers[primary].proposals.pop_front() else {
            return;
        };
        let time = self.time;
        let entry = Entry { time, command };
        for server in 0..self.servers.len() {
            let Server {
                door, application, ..
            } = &mut self.servers[server];
            let outcome = application.apply(&entry);
            let mut effects = Vec::new();
            let ticket = (server == primary).then_some(ticket);
            door.applied(ticket, &outcome, application, &mut effects);
            self.act(server, effects);
        }
        self.check_acknowledged();
    }

    /// No message is acknowledged that was not shown.
    fn check_acknowledged(&mut self) {
        for client in 0..CLIENTS {
            let application = &self.servers[self.primary].application;
            let account = application.account(&name(client));
            let acknowledged = account.and_then(|account| application.acknowledged(account));
            let shown = self.parties[client].shown.len() as u64;
            if acknowledged.unwrap_or_default() > Offset(shown) {
                self.fault(format!(
                    "{acknowledged:?} of client {client}, which has shown {shown}"
                ));
            }
        }
    }

    /// The primary loses its part. What it has proposed is committed up to a point, and its clients do not hear of it.
    fn end_primary(&mut self, committed: usize) {
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

    fn take_over(&mut self, to: usize, committed: usize, is_known: bool) {
        let old = self.primary;
        self.end_primary(committed);
        self.primary = to;
        for server in 0..self.servers.len() {
            if server != old || is_known || old == to {
                self.stand(server);
            }
        }
    }

    fn restart(&mut self, committed: usize) {
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

    fn pass(&mut self, duration_ms: u64) {
        self.time = self.time.plus(duration_ms);
        for client in 0..CLIENTS {
            if self.parties[client].wake <= self.time {
                self.wake(client);
            }
        }
    }

    fn wake(&mut self, client: usize) {
        let mut effects = Vec::new();
        let party = &mut self.parties[client];
        party.wake = TimeMs(u64::MAX);
        party.client.wake(self.time, &mut effects);
        self.perform(client, effects);
    }

    fn line(&self, choice: usize) -> ConnectionId {
        let place = choice % self.lines.len().max(1);
        self.lines
            .keys()
            .nth(place)
            .copied()
            .unwrap_or(ConnectionId(0))
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Up { line } => self.up(self.line(line)),
            Step::Down { line } => self.down(self.line(line), false),
            Step::Repeat { line } => self.down(self.line(line), true),
            Step::Commit => self.commit(),
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
            Step::Restart { committed } => self.restart(committed),
        }
    }

    /// Whether all operations have ended, and all messages are shown and acknowledged.
    fn is_at_rest(&self) -> bool {
        let application = &self.servers[self.primary].application;
        let mut parties = self.parties.iter().enumerate();
        parties.all(|(client, party)| {
            let account = application.account(&name(client));
            let end = account.and_then(|account| application.mailbox(account));
            let (_, end) = end.unwrap_or_default();
            let acknowledged = account.and_then(|account| application.acknowledged(account));
            let mut sends = party.sends.values();
            sends.all(|sent| !sent.settlements.is_empty())
                && party.others.values().all(Option::is_some)
                && party.shown.len() as u64 == end.0
                && acknowledged.unwrap_or_default() == end
        })
    }

    /// Everything arrives and is committed, and time goes on, until nothing is left to do.
    fn settle(&mut self) {
        for server in 0..self.servers.len() {
            self.stand(server);
        }
        for _ in 0..ROUNDS_MAX {
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

    /// What users have a right to.
    fn check(&mut self) -> Result<(), String> {
        let application = &self.servers[self.primary].application;
        let mailbox = |client| {
            let account = application.account(&name(client));
            let messages = account.map(|account| application.messages_after(account, Offset(0)));
            messages
                .into_iter()
                .flatten()
                .cloned()
                .collect::<Vec<Message>>()
        };
        let mailboxes: Vec<Vec<Message>> = (0..CLIENTS).map(mailbox).collect();
        for (client, party) in self.parties.iter().enumerate() {
            if party.shown != mailboxes[client] {
                return Err(format!("client {client} has not shown its mailbox"));
            }
            for sent in party.sends.values() {
                check_send(sent, &mailboxes[sent.to])?;
            }
            let mut last = BTreeMap::new();
            for message in &mailboxes[client] {
                let (author, number) = message.text.split_once(':').ok_or("no text of ours")?;
                let number: usize = number.parse().map_err(|_| "no number")?;
                let before = last.insert(author.to_owned(), number);
                if before.is_some_and(|before| before >= number) {
                    return Err(format!("{} is out of order", message.text));
                }
            }
        }
        Ok(())
    }
}

fn check_send(sent: &Sent, mailbox: &[Message]) -> Result<(), String> {
    let found: Vec<&Message> = mailbox
        .iter()
        .filter(|message| message.text == sent.text)
        .collect();
    let of = |message: &str| Err(format!("{}: {message}, {:?}", sent.text, sent.settlements));
    if found.len() > 1 {
        return of("twice in the mailbox");
    }
    for settlement in &sent.settlements {
        match (settlement, found.first()) {
            (Settlement::Unknown, _) => {}
            (Settlement::Done(Answer::Sent { placement, .. }), Some(message)) => {
                let placed = placement.map(|placement| placement.offset);
                if placed != Some(message.offset) {
                    return of("elsewhere in the mailbox");
                }
            }
            (Settlement::Done(_), _) => return of("done, and not in the mailbox"),
            (_, Some(_)) => return of("not done, and in the mailbox"),
            _ => {}
        }
    }
    Ok(())
}

/// A frame, as it comes out of a stream in which frames have at most so many bytes.
fn travel(length_max: usize, write: impl FnOnce(&mut Vec<u8>)) -> Frame {
    let mut bytes = Vec::new();
    write(&mut bytes);
    let mut reader = FrameReader::new(length_max);
    reader.feed(&bytes);
    let frame = reader.take().expect("a frame that is short enough");
    frame.expect("a whole frame")
}

fn standing(server: usize, primary: usize, is_known: bool) -> Standing {
    Standing {
        server: ServerId(server as u32),
        is_serving: server == primary,
        primary: is_known.then_some(ServerId(primary as u32)),
    }
}

fn door_settings(rules: Rules) -> DoorSettings {
    DoorSettings {
        pushes_from_login: false,
        rules,
    }
}

/// Says what a user would complain of, if anything.
pub(crate) fn serve(is_slow: bool, steps: &[Step], rules: Rules) -> Result<(), TestCaseError> {
    let mut world = World::new(is_slow, rules);
    for step in steps {
        world.step(step);
        if world.fault.is_some() {
            break;
        }
    }
    if world.fault.is_none() {
        world.settle();
    }
    let checked = match world.fault.take() {
        Some(fault) => Err(fault),
        None => world.check(),
    };
    checked.map_err(TestCaseError::fail)
}

proptest! {
    #![proptest_config(cases_at_least(300))]

    #[test]
    fn each_message_is_shown_once_and_in_order((is_slow, steps) in cases()) {
        serve(is_slow, &steps, Rules::default())?;
    }
}
