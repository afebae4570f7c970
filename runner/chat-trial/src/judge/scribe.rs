//! Who writes down the rows of a trial, when they are asked for.
//!
//! **Invariant.** A row stands in the log of its process at the time at which it was seen.

use cluster::client::event::ClientEvent;
use cluster::server::event::ServerEvent;
use driver::world::witness::LifeEnd;
use event_log::chat::{ClientStep, ServerRow, ServerStep, view_number};
use event_log::{JournalEntry, JournalKind, MachineId, Party, Record, Row};
use machine::process::units::{Peer, Time};
use replica::message::Event;
use replica::units::Ballot;

use super::client_log::ClientLog;
use super::rows::of_replica;
use crate::logs::Logs;

/// Rows of a process that are shown with what is found at it.
const EVIDENCE_ROWS: usize = 12;

/// Who writes down what happens.
#[derive(Debug)]
pub(crate) struct Scribe {
    servers: u32,
    all: bool,
    lives: Vec<u32>,
    clients: Vec<ClientLog>,
    pub(crate) logs: Logs,
}

impl Scribe {
    /// `all` is whether replies and pushes have rows too.
    pub(crate) fn new(servers: u32, clients: u32, all: bool) -> Scribe {
        Scribe {
            servers,
            all,
            lives: vec![0; servers as usize],
            clients: vec![ClientLog::default(); clients as usize],
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
                self.clients[client as usize].begin(life);
                self.client_row(now, client as usize, ClientStep::Begin);
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
            Some(client) => self.client_row(now, client as usize, ClientStep::End),
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

    fn client_row(&mut self, now: Time, client: usize, step: ClientStep) {
        let event = self.clients[client].row(step);
        let time_ns = now.0;
        self.logs.clients[client].push(Record { time_ns, event });
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
            ServerEvent::Replica(event @ Event::Abandoned { view, .. }) => {
                of_replica(event, self.servers, row);
                for id in view.members.keys() {
                    self.server_row(now, server, row.step, |of| {
                        (of.view, of.op, of.count) = (row.view, row.op, row.count);
                        of.peer = Some(id.0);
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

    pub(crate) fn client(&mut self, now: Time, client: usize, event: &ClientEvent) {
        let row = self.clients[client].of_event(event);
        let record = row.map(|event| Record {
            time_ns: now.0,
            event,
        });
        self.logs.clients[client].extend(record);
    }
}
