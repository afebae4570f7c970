//! The judge: sees every call, every change of a disk and every event of a trial, and says what is against the properties.
//!
//! It looks after each call at what is new: the log of a server, what it commits, what its state has then. What clients hear
//! and show is compared with that. The properties are those of [`event_log::chat::property`].
//!
//! # Map
//!
//! | of | modules |
//! |---|---|
//! | servers | `steps` what each does, `servers` what is in its log, `commits` what it commits, `given_up` what it gives up, `holdings` what it held in which view, `disks` what is flushed |
//! | the service | `oracle` what was committed first, `mail` what that makes of mailboxes, `names` of accounts |
//! | clients | `ledger` what they know, `device` of each, `shelves` what it shows, `promises` what answers promise, `waits` how long they wait |
//! | a trial | `liveness` bounds, `winner` the history that goes on, `losses` what is lost, `verdict` what is looked at in the end, `sights` what happened, `finding` what is wrong |
//! | logs | `scribe` of all, `client_log` of a client, `rows` of events |
//!
//! **Invariant.** The first thing that is found ends the trial: what follows from a broken world proves nothing.

mod client_log;
mod commits;
mod device;
mod disks;
mod finding;
mod given_up;
mod giving;
mod holdings;
mod ledger;
mod liveness;
mod losses;
mod mail;
mod names;
mod oracle;
mod promises;
mod rows;
mod scribe;
mod servers;
mod shelves;
mod sights;
mod steps;
mod verdict;
mod waits;
mod winner;

use std::sync::atomic::{AtomicBool, Ordering};

use cluster::message::Message;
use driver::world::witness::{Changes, LifeEnd, Loss, Witness};
use event_log::chat::{ChatCondition, Tolerate, Violation};
use machine::process::units::{Peer, Time};

use crate::happened::Happened;
use crate::logs::Detail;
use crate::node::{Node, NodeDisk, NodeEvent};
use disks::Disks;
use finding::Finding;
use ledger::Ledger;
use liveness::Liveness;
use losses::Named;
use scribe::Scribe;
use servers::Servers;
use sights::Sights;

/// How many events may pass between two looks at whether to stop.
const STOP_LOOK_EVENTS: u64 = 4096;

/// Why a trial ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Halt {
    /// Something was found.
    Found,
    /// It was asked to stop.
    Stopped,
}

/// What is known before a trial.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// Whether servers may go different ways: no policy survives everything.
    pub(crate) may_part: bool,
    /// When all faults are over; none if they last.
    pub(crate) calm: Option<Time>,
}

/// Sees all that happens in a trial.
#[derive(Debug)]
pub(crate) struct Judge<'a> {
    count: u32,
    tolerate: Tolerate,
    may_part: bool,
    servers: Servers,
    disks: Disks,
    pub(crate) ledger: Ledger,
    liveness: Liveness,
    /// Whether the servers wait for a disk that was lost.
    pub(crate) is_halted: bool,
    pub(crate) sights: Sights,
    /// What servers have said that they give up.
    named: Vec<Named>,
    pub(crate) violations: Vec<Violation>,
    scribe: Option<Scribe>,
    events: u64,
    /// When somebody began to serve, or ceased to.
    service: Vec<(Time, Peer, bool)>,
    /// When something was done for a client.
    done: Vec<Time>,
    stop: &'a AtomicBool,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(
        condition: &ChatCondition,
        rules: Rules,
        happened: Happened,
        detail: Detail,
        stop: &'a AtomicBool,
    ) -> Judge<'a> {
        let (servers, clients) = (condition.servers, condition.clients);
        let writes = detail != Detail::Summary;
        Judge {
            count: servers,
            tolerate: condition.tolerate,
            may_part: rules.may_part,
            servers: Servers::new(
                servers,
                rules.may_part,
                condition.tolerate == Tolerate::Crashes,
            ),
            disks: Disks::new(servers),
            ledger: Ledger::new(clients),
            liveness: Liveness::new(condition, rules.calm),
            is_halted: false,
            sights: Sights::new(servers, happened),
            named: Vec::new(),
            violations: Vec::new(),
            scribe: writes.then(|| Scribe::new(servers, clients, detail == Detail::Everything)),
            events: 0,
            service: Vec::new(),
            done: Vec::new(),
            stop,
        }
    }

    /// Whether something was found.
    pub(crate) fn has_found(&self) -> bool {
        !self.violations.is_empty()
    }

    /// Takes over something that was found. Only the first counts.
    fn check(&mut self, now: Time, who: Option<Peer>, found: Result<(), Finding>) {
        let Err(Finding { property, finding }) = found else {
            return;
        };
        if self.has_found() {
            return;
        }
        let rows = match (&self.scribe, who) {
            (Some(scribe), Some(who)) => scribe.evidence(who),
            _ => Vec::new(),
        };
        self.violations.push(Violation {
            property,
            time_ns: now.0,
            process: who.map(|who| who.0),
            finding,
            rows,
        });
    }

    fn client(&self, who: Peer) -> Option<usize> {
        Some(who.0.checked_sub(self.count)? as usize)
    }
}

impl Witness<Node> for Judge<'_> {
    type Error = Halt;

    fn recorded(&mut self, now: Time, who: Peer, event: NodeEvent) -> Result<(), Halt> {
        match &event {
            NodeEvent::Server(event) => {
                if let Some(scribe) = &mut self.scribe {
                    scribe.server(now, who.0 as usize, event);
                }
                self.of_server(now, who, event);
            }
            NodeEvent::Client(event) => {
                let client = (who.0 - self.count) as usize;
                if let Some(scribe) = &mut self.scribe {
                    scribe.client(now, client, event);
                }
                let since = self.ledger.clients[client].wait.unanswered_since;
                if !self.is_halted {
                    let found = self.liveness.view(now);
                    self.check(now, None, found);
                    let found = self.liveness.answer(now, since);
                    self.check(now, Some(who), found);
                }
                let (servers, sights) = (&self.servers, &mut self.sights);
                let found = self.ledger.recorded(now, client, event, servers, sights);
                self.check(now, Some(who), found);
                if self.ledger.clients[client].wait.take_done() {
                    self.done.push(now);
                }
            }
        }
        self.events += 1;
        if self.has_found() {
            return Err(Halt::Found);
        }
        match self.events.is_multiple_of(STOP_LOOK_EVENTS) && self.stop.load(Ordering::Relaxed) {
            true => Err(Halt::Stopped),
            false => Ok(()),
        }
    }

    fn lost(&mut self, _now: Time, _from: Peer, _to: Peer, message: &Message, why: Loss) {
        self.sights.lost(message, why);
    }

    fn begun(&mut self, now: Time, who: Peer, life: u32, _node: &Node) {
        if self.client(who).is_none() {
            self.servers.tracks[who.0 as usize].begin();
            self.sights.begun(who.0 as usize);
        }
        if let Some(scribe) = &mut self.scribe {
            scribe.begun(now, who, life);
        }
    }

    fn ended(&mut self, now: Time, who: Peer, node: &Node, how: LifeEnd, changes: Changes) {
        if self.client(who).is_none() {
            self.service.push((now, who, false));
            self.sights.ended(who.0 as usize, node, how, changes);
            if let Some(server) = node.server() {
                self.servers.ended(who.0 as usize, server.replica());
            }
            self.look_for_halt();
        } else {
            self.sights.hear(node);
        }
        if let Some(scribe) = &mut self.scribe {
            scribe.ended(now, who, how, changes.lost);
        }
    }

    fn called(&mut self, now: Time, who: Peer, node: &Node) {
        if let Some(server) = node.server()
            && !self.has_found()
        {
            self.look(now, who, server, &node.alone);
        }
    }

    fn written(&mut self, now: Time, who: Peer, disk: &NodeDisk) {
        let at = who.0 as usize;
        match (disk, self.client(who)) {
            (NodeDisk::Empty, None) => self.disks.wiped(at),
            (NodeDisk::Server(disk), None) => {
                let promised = self.disks.tracks[at].promised;
                let found = self.disks.written(at, disk);
                self.check(now, Some(who), found);
                if let Some(scribe) = &mut self.scribe
                    && disk.promised != promised
                {
                    scribe.promised(now, at, disk.promised);
                }
            }
            (NodeDisk::Client(disk), Some(client)) => self.ledger.written(client, disk),
            _ => {}
        }
    }
}
