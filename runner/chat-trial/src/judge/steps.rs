//! A server takes a step: what it is after a call, and what it says.
//!
//! **Invariant.** A call is looked at before anything of it is heard.

use cluster::server::Server;
use cluster::server::event::ServerEvent;
use event_log::chat::Tolerate;
use machine::process::units::{Peer, Time};
use replica::message::Event;
use replica::units::ReplicaId;

use super::Judge;
use super::finding::Finding;
use super::giving::GivenUp;
use super::losses::Named;
use crate::happened::Happening;
use crate::node::LogEntry;

impl Judge<'_> {
    /// Looks whether what was lost with a disk is nowhere else: then nobody serves before an operator says so, and nothing is
    /// asked of the time before another view serves.
    pub(super) fn look_for_halt(&mut self) {
        let (left, servers) = (self.disks.with_view(), self.count as usize);
        let halts = match self.tolerate {
            Tolerate::Partitions => left < servers / 2 + 1,
            // Whoever is live knows who is dead; of others nobody knows what the lost disk had.
            Tolerate::Crashes => left < servers && !self.sights.is_somebody_live(),
        };
        if halts {
            self.is_halted = true;
            self.sights.happened.note(Happening::Halt);
        }
    }

    /// What a server is after a call.
    pub(super) fn look(&mut self, now: Time, who: Peer, server: &Server, alone: &[LogEntry]) {
        let at = who.0 as usize;
        let replica = server.replica();
        let is_serving = replica.is_serving();
        if self.sights.called(at, replica.is_live()) {
            self.look_for_halt();
        }
        let served = self.servers.tracks[at].served;
        let found = self.servers.called(at, replica, alone);
        let has_committed = matches!(found, Ok(true));
        self.check(now, Some(who), found.map(|_| ()));
        for (session, through) in self.servers.take_acknowledgements() {
            let found = self.ledger.acknowledged(session, through, &self.servers);
            self.check(now, Some(who), found);
        }
        if is_serving {
            self.liveness.serves(now);
            let view = &replica.disk().view;
            if view.ballot != served {
                self.is_halted = false;
                self.liveness.changes(now);
                self.service.push((now, who, true));
            }
            if has_committed {
                let through = replica.committed().op;
                let found = self
                    .disks
                    .stored_by_others(replica.setup().id, view, through);
                self.check(now, Some(who), found);
            }
        }
    }

    pub(super) fn of_server(&mut self, now: Time, who: Peer, event: &ServerEvent) {
        let at = who.0 as usize;
        match event {
            ServerEvent::Replica(event) => self.of_replica(now, who, event),
            ServerEvent::Digest(digest) => {
                let found = self.servers.digest(at, digest);
                self.check(now, Some(who), found);
            }
            _ => {}
        }
    }

    fn of_replica(&mut self, now: Time, who: Peer, event: &Event) {
        let (servers, ledger) = (&self.servers, &self.ledger);
        let is_mail_waiting = || ledger.is_mail_waiting(servers);
        self.sights
            .recorded(now, who.0 as usize, event, is_mail_waiting);
        match event {
            Event::Committed { through: op, .. } => self.servers.firm(who.0 as usize, *op),
            Event::Serving { end, .. } => self.servers.firm(who.0 as usize, end.op),
            _ => {}
        }
        let found = match *event {
            Event::Committed { ballot, through } => {
                self.disks.stored(who.0 as usize, ballot, through)
            }
            Event::Discarded { after, through } => self.gives_way(
                who,
                GivenUp {
                    after,
                    through,
                    held: None,
                },
            ),
            Event::Abandoned {
                ref view,
                after,
                through,
            } => self.gives_way(
                who,
                GivenUp {
                    after,
                    through,
                    held: Some(view.clone()),
                },
            ),
            Event::SteppedDown(_) => {
                self.service.push((now, who, false));
                Ok(())
            }
            _ => Ok(()),
        };
        self.check(now, Some(who), found);
    }

    fn gives_way(&mut self, who: Peer, given_up: GivenUp) -> Result<(), Finding> {
        let kept = self.servers.gives_way(who.0 as usize, &given_up)?;
        if self.may_part {
            self.named.push(Named {
                server: ReplicaId(who.0),
                given_up,
                kept,
            });
        }
        Ok(())
    }
}
