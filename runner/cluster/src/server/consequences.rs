//! What follows from a call: the replica pushes, commits and changes its part, and the door wants things done.
//!
//! **Invariant.** What the replica pushed comes before what follows from it: a reply stands behind the change that it needs.

use std::collections::VecDeque;
use std::sync::Arc;

use chat::application::command::{Command, Entry};
use chat::door::{ConnectionId, Effect};
use chat::identity::ServerId;
use chat::refusal::Refusal;
use chat::wire::response::{Notice, Response, Standing, ToClient};
use machine::process::EffectsOf;
use machine::process::effects::Effect as Wanted;
use machine::process::units::Time;
use replica::message::{Event, Message as PeerMessage};
use replica::units::{Mark, OpNumber};

use crate::message::{Message, response_kind};
use crate::server::event::ServerEvent;
use crate::server::setup::Hashing;
use crate::service::{Digest, Service};
use crate::view::view_of;

use super::{Server, WantedHash};

/// What the door wants done, and the place of the command from which it follows.
type Wish = (Option<OpNumber>, Effect);

impl Server {
    /// What follows from a call of the replica and from what the door wants, until nothing follows any more.
    pub(super) fn settle(&mut self, now: Time, wanted: Vec<Effect>, effects: &mut EffectsOf<Self>) {
        let mut wanted: VecDeque<Wish> = wanted.into_iter().map(|effect| (None, effect)).collect();
        let mut news = Vec::new();
        loop {
            self.forward(effects);
            self.pass_outcomes(&mut wanted);
            self.report_standing(&mut news);
            wanted.extend(news.drain(..).map(|effect| (None, effect)));
            let Some(wish) = wanted.pop_front() else {
                return;
            };
            self.perform(now, wish, &mut news, effects);
        }
    }

    /// Passes on what the replica has pushed.
    fn forward(&mut self, effects: &mut EffectsOf<Self>) {
        let mut compacted = None;
        for effect in self.inner.drain() {
            match effect {
                Wanted::Send { to, message } => match message {
                    PeerMessage::Peer { incarnation, body } => {
                        effects.send(to, Message::Peer { incarnation, body });
                    }
                    other => unreachable!("a replica speaks to replicas alone: {other:?}"),
                },
                Wanted::Record(event) => {
                    if let Event::Compacted(op) = event {
                        compacted = Some(op);
                    }
                    effects.record(ServerEvent::Replica(event));
                }
                Wanted::Persist(change) => effects.persist(change),
                Wanted::WakeAt(time) => effects.wake_at(time),
                Wanted::HangUp(peer) => effects.hang_up(peer),
            }
        }
        self.record_digests(compacted, effects);
    }

    fn record_digests(&mut self, compacted: Option<OpNumber>, effects: &mut EffectsOf<Self>) {
        let last = self.replica.state().and_then(Service::last_digest);
        if last != self.digest {
            self.digest = last;
            if let Some(digest) = last {
                effects.record(ServerEvent::Digest(digest));
            }
        }
        let snapshot = self.replica.disk().log.snapshot();
        if let (Some(op), Some(snapshot)) = (compacted, snapshot)
            && snapshot.mark.op == op
        {
            let sha256 = snapshot.state.application().digest();
            effects.record(ServerEvent::Digest(Digest { op, sha256 }));
        }
    }

    /// Passes the outcomes of committed commands to the door.
    fn pass_outcomes(&mut self, wanted: &mut VecDeque<Wish>) {
        let mut news = Vec::new();
        for committed in self.replica.take_committed() {
            let ticket = self.tickets.remove(&committed.mark);
            let state = self.replica.state().unwrap_or(&self.blank);
            let (outcome, application) = (&committed.output, state.application());
            self.door.applied(ticket, outcome, application, &mut news);
            let op = Some(committed.mark.op);
            wanted.extend(news.drain(..).map(|effect| (op, effect)));
        }
    }

    /// Reports the role and the view of the server to the door.
    fn report_standing(&mut self, news: &mut Vec<Effect>) {
        let setup = &self.setup.replica;
        let is_serving = self.replica.is_serving();
        // Who is about to leave serves until then: the door knows the rest.
        let primary = match is_serving {
            true => Some(setup.id),
            false => self.replica.primary(),
        };
        let standing = Standing {
            server: ServerId(setup.id.0),
            is_serving,
            primary: primary.map(|id| ServerId(id.0)),
        };
        let ballot = self.replica.disk().view.ballot;
        if !is_serving {
            self.tickets.clear();
        }
        self.door
            .stand(standing, view_of(ballot, setup.replicas), news);
    }

    /// Does what the door wants.
    fn perform(
        &mut self,
        now: Time,
        (op, effect): Wish,
        news: &mut Vec<Effect>,
        effects: &mut EffectsOf<Self>,
    ) {
        match effect {
            Effect::Send { to, message } => self.send(now, (to, op), message, effects),
            Effect::HangUp { connection } => {
                if let Some(peer) = self.connections.peer(connection) {
                    self.connections.close(peer);
                    effects.hang_up(peer);
                }
            }
            Effect::Propose { ticket, command } => {
                let proposed = self.propose(now, command);
                match proposed {
                    Ok(mark) => {
                        self.tickets.insert(mark, ticket);
                    }
                    // Nothing is done: the client asks again, here or elsewhere.
                    Err(_) => {
                        let primary = self.replica.primary();
                        let hint = primary.map(|id| ServerId(id.0));
                        let outcome = Err(Refusal::NotPrimary { hint });
                        let state = self.replica.state().unwrap_or(&self.blank);
                        let application = state.application();
                        self.door.applied(Some(ticket), &outcome, application, news);
                    }
                }
            }
            Effect::Hash {
                ticket,
                password,
                salt,
            } => match self.setup.hashing {
                Hashing::AtOnce(hasher) => {
                    self.door.hashed(ticket, hasher(&password, &salt), news);
                }
                Hashing::Elsewhere => self.hashes.push(WantedHash {
                    ticket,
                    password,
                    salt,
                }),
            },
            Effect::StepDown { view } => {
                if view > self.fence {
                    self.fence = view;
                    self.replica.outrun(now, &mut self.inner);
                }
            }
        }
    }

    pub(super) fn propose(
        &mut self,
        now: Time,
        command: Command,
    ) -> Result<Mark, replica::replica::Refusal> {
        let seen = self.application().now();
        let time = self.calendar.time(now, seen);
        let entry = Arc::new(Entry { time, command });
        self.replica.propose(now, entry, &mut self.inner)
    }

    fn send(
        &mut self,
        now: Time,
        (to, op): (ConnectionId, Option<OpNumber>),
        mut message: ToClient,
        effects: &mut EffectsOf<Self>,
    ) {
        let Some(to) = self.connections.peer(to) else {
            return;
        };
        if let Response::Noticed(Notice::Status { status }) = &mut message.response {
            self.fill_in(now, status);
        }
        if self.setup.detail {
            let (view, request) = (message.view, message.id);
            effects.record(match &message.response {
                Response::Noticed(Notice::Message { message }) => ServerEvent::Pushed {
                    to,
                    view,
                    offset: message.offset,
                    session: message.session,
                    sequence: message.sequence,
                    op,
                },
                response => ServerEvent::Replied {
                    to,
                    request,
                    view,
                    kind: response_kind(response),
                    op,
                },
            });
        }
        effects.send(to, Message::ToClient(Box::new(message)));
    }
}
