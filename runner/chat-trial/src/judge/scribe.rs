//! Who writes down the rows of a trial, when they are asked for.
//!
//! **Invariant.** A row stands in the log of its process at the time at which it was seen.

use chat::client::operation::{Operation, OperationId};
use cluster::client::event::ClientEvent;
use cluster::server::event::ServerEvent;
use cluster::text::text_hash;
use driver::world::witness::LifeEnd;
use event_log::chat::{ClientRow, ClientStep, ServerRow, ServerStep, view_number};
use event_log::{JournalEntry, JournalKind, MachineId, Party, Record, Row};
use machine::process::units::{Peer, Time};
use replica::message::Event;
use replica::units::Ballot;

use super::rows::{account, of_operation, of_replica, operation_of, session, settled};
use crate::logs::Logs;

/// Rows of a process that are shown with what is found at it.
const EVIDENCE_ROWS: usize = 12;

/// What a client's later rows say again.
#[derive(Debug, Clone, Default)]
struct ClientState {
    life: u32,
    /// Operations of earlier lives.
    offset: u64,
    last: u64,
    session: Option<u64>,
    /// Whether another session took the place of one that was open: its end is reported behind that.
    is_replaced: bool,
}

/// Who writes down what happens.
#[derive(Debug)]
pub(crate) struct Scribe {
    servers: u32,
    all: bool,
    lives: Vec<u32>,
    clients: Vec<ClientState>,
    pub(crate) logs: Logs,
}

impl Scribe {
    /// `all` is whether replies and pushes have rows too.
    pub(crate) fn new(servers: u32, clients: u32, all: bool) -> Scribe {
        Scribe {
            servers,
            all,
            lives: vec![0; servers as usize],
            clients: vec![ClientState::default(); clients as usize],
            logs: Logs {
                clients: vec![Vec::new(); clients as usize],
                servers: vec![Vec::new(); servers as usize],
                journal: Vec::new(),
            },
        }
    }

    /// The last rows of a process, as its log has them.
    pub(crate) fn evidence(&self, who: Peer) -> Vec<String> {
        fn lines<E: Row>(records: &[Record<E>]) -> Vec<String> {
            let skipped = records.len().saturating_sub(EVIDENCE_ROWS);
            let line = |record: &Record<E>| {
                let mut line = Vec::new();
                record.event.encode(record.time_ns, &mut line);
                String::from_utf8_lossy(&line).into_owned()
            };
            records[skipped..].iter().map(line).collect()
        }
        match who.0.checked_sub(self.servers) {
            None => lines(&self.logs.servers[who.0 as usize]),
            Some(client) => lines(&self.logs.clients[client as usize]),
        }
    }

    fn party(&self, who: Peer) -> Party {
        match who.0.checked_sub(self.servers) {
            None => Party::Machine(MachineId(who.0)),
            Some(client) => Party::Client(client),
        }
    }

    pub(crate) fn begun(&mut self, now: Time, who: Peer, life: u32) {
        match who.0.checked_sub(self.servers) {
            None => self.lives[who.0 as usize] = life,
            Some(client) => {
                let state = &mut self.clients[client as usize];
                state.life = life;
                state.offset = state.last;
                self.client_row(now, client as usize, ClientStep::Begin, |_| {});
            }
        }
        if life > 1 {
            let detail = format!("life {life} begins with what the disk holds");
            let party = self.party(who);
            let entry = JournalEntry::of_party(now.0, party, JournalKind::Restarted, detail);
            self.logs.journal.push(entry);
        }
    }

    pub(crate) fn ended(&mut self, now: Time, who: Peer, how: LifeEnd, lost: usize) {
        match who.0.checked_sub(self.servers) {
            None => self.server_row(now, who.0 as usize, ServerStep::End, |row| {
                row.count = Some(lost as u64);
            }),
            Some(client) => self.client_row(now, client as usize, ClientStep::End, |_| {}),
        }
        let party = self.party(who);
        let entry = JournalEntry::of_party(now.0, party, JournalKind::Exit, how.phrase());
        self.logs.journal.push(entry);
    }

    fn server_row(
        &mut self,
        now: Time,
        server: usize,
        step: ServerStep,
        fill: impl FnOnce(&mut ServerRow),
    ) {
        let mut row = ServerRow::new(self.lives[server], step);
        fill(&mut row);
        let time_ns = now.0;
        self.logs.servers[server].push(Record {
            time_ns,
            event: row,
        });
    }

    fn client_row(
        &mut self,
        now: Time,
        client: usize,
        step: ClientStep,
        fill: impl FnOnce(&mut ClientRow),
    ) {
        let state = &self.clients[client];
        let mut row = ClientRow::new(state.life, step);
        row.session = state.session;
        fill(&mut row);
        let time_ns = now.0;
        self.logs.clients[client].push(Record {
            time_ns,
            event: row,
        });
    }

    fn view(&self, ballot: Ballot) -> Option<u64> {
        Some(view_number(ballot.number, ballot.proposer.0, self.servers))
    }

    /// A disk of a server has changed: it has promised, or taken more of the log.
    pub(crate) fn promised(&mut self, now: Time, server: usize, ballot: Ballot) {
        let view = self.view(ballot);
        self.server_row(now, server, ServerStep::Promise, |row| row.view = view);
    }

    pub(crate) fn server(&mut self, now: Time, server: usize, event: &ServerEvent) {
        let row = &mut ServerRow::new(0, ServerStep::Begin);
        match event {
            ServerEvent::Replica(Event::Waiting { ballot, missing }) => {
                let view = self.view(*ballot);
                for id in missing {
                    self.server_row(now, server, ServerStep::Wait, |row| {
                        (row.view, row.peer) = (view, Some(id.0));
                    });
                }
                return;
            }
            ServerEvent::Replica(event) => of_replica(event, self.servers, row),
            ServerEvent::Digest(digest) => {
                row.step = ServerStep::Digest;
                row.op = Some(digest.op.0);
                let mut first = [0; 8];
                first.copy_from_slice(&digest.sha256[..8]);
                row.count = Some(u64::from_be_bytes(first));
            }
            ServerEvent::Replied { .. } | ServerEvent::Pushed { .. } if !self.all => return,
            ServerEvent::Replied { to, view, .. } => {
                row.step = ServerStep::Reply;
                (row.peer, row.view) = (Some(to.0), Some(view.0));
            }
            ServerEvent::Pushed {
                to, view, offset, ..
            } => {
                row.step = ServerStep::Push;
                (row.peer, row.view) = (Some(to.0), Some(view.0));
                row.count = Some(offset.0);
            }
        }
        let row = *row;
        self.server_row(now, server, row.step, |empty| {
            let life = empty.life;
            *empty = ServerRow { life, ..row };
        });
    }

    fn number(&mut self, client: usize, operation: OperationId) -> Option<u64> {
        let state = &mut self.clients[client];
        let number = state.offset + operation.0;
        state.last = state.last.max(number);
        Some(number)
    }

    pub(crate) fn client(&mut self, now: Time, client: usize, event: &ClientEvent) {
        let mut row = ClientRow::new(0, ClientStep::Begin);
        row.step = match event {
            // The world has said so already.
            ClientEvent::Begun { .. } => return,
            ClientEvent::Invoked { operation, asked } => {
                row.number = self.number(client, *operation);
                row.operation = Some(of_operation(asked));
                if let Operation::Send { text, .. } = asked {
                    row.bytes = Some(text.len() as u64);
                    row.text = Some(text_hash(text));
                }
                ClientStep::Invoke
            }
            ClientEvent::Attempted {
                operation,
                kind,
                sequence,
                server,
                view,
            } => {
                row.number = operation.and_then(|operation| self.number(client, operation));
                row.operation = operation_of(kind);
                row.sequence = sequence.map(|sequence| sequence.0);
                (row.server, row.view) = (Some(server.0), Some(view.0));
                ClientStep::Attempt
            }
            ClientEvent::Settled {
                operation,
                kind,
                sequence,
                settlement,
                server,
                view,
            } => {
                row.number = self.number(client, *operation);
                row.operation = operation_of(kind);
                row.sequence = sequence.map(|sequence| sequence.0);
                (row.server, row.view) = (Some(server.0), Some(view.0));
                settled(&mut row, settlement)
            }
            ClientEvent::Delivered {
                account: owner,
                message,
                server,
                view,
            } => {
                (row.server, row.view) = (Some(server.0), Some(view.0));
                (row.mailbox, row.offset) = (account(*owner), Some(message.offset.0));
                row.author = account(message.author);
                row.author_session = session(message.session);
                row.author_sequence = Some(message.sequence.0);
                row.bytes = Some(message.text.len() as u64);
                row.text = Some(text_hash(&message.text));
                ClientStep::Deliver
            }
            ClientEvent::Acknowledged { through } => {
                row.offset = Some(through.0);
                ClientStep::Acknowledge
            }
            ClientEvent::LoggedIn {
                opened,
                server,
                view,
            } => {
                let state = &mut self.clients[client];
                let before = std::mem::replace(&mut state.session, session(opened.session));
                state.is_replaced = before.is_some() && before != state.session;
                (row.server, row.view) = (Some(server.0), Some(view.0));
                row.mailbox = account(opened.account);
                ClientStep::Connected
            }
            ClientEvent::SessionEnded { .. } => ClientStep::SessionEnd,
            ClientEvent::Skipped { last, .. } => {
                row.offset = Some(last.0);
                ClientStep::Skipped
            }
            ClientEvent::Rewound { end, .. } => {
                row.offset = Some(end.0);
                ClientStep::Rewound
            }
            ClientEvent::Connected { server, view } => {
                (row.server, row.view) = (Some(server.0), Some(view.0));
                ClientStep::Connected
            }
            ClientEvent::Redirected { server, .. } | ClientEvent::TurnedAway { server, .. } => {
                row.server = Some(server.0);
                ClientStep::Redirect
            }
            ClientEvent::Lost { server, view } => {
                (row.server, row.view) = (Some(server.0), Some(view.0));
                ClientStep::Lost
            }
        };
        self.client_row(now, client, row.step, |empty| {
            let (life, session) = (empty.life, empty.session);
            *empty = ClientRow {
                life,
                session,
                ..row
            };
        });
        if matches!(event, ClientEvent::SessionEnded { .. }) {
            let state = &mut self.clients[client];
            if !std::mem::take(&mut state.is_replaced) {
                state.session = None;
            }
        }
    }
}
