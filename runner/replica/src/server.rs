//! A replica and its clients: the process of the service.
//!
//! A request that is committed is answered in the view in which it was served. A request that cannot be taken is redirected
//! at once, and nothing was done. One that was taken and is not answered, because the replica steps down, the client asks
//! again elsewhere: the application knows whether it was applied.
//!
//! A service that also speaks unasked, or in frames of its own, wraps [`Replica`] in the same way: it hands over what peers say
//! and when to wake, proposes commands, and after each call sends what [`Replica::take_committed`] gives.
//!
//! **Invariant.** An answer says what came of a command that is committed, and leaves after it is on the primary's disk.

use std::collections::BTreeMap;

use machine::process::units::{Peer, Time};
use machine::process::{EffectsOf, Process};

use crate::application::Application;
use crate::durable::{Change, Durable};
use crate::message::{Event, Message};
use crate::replica::Replica;
use crate::rules::Rule;
use crate::setup::Setup;
use crate::units::{Ballot, Mark, ReplicaId};

/// A replica that serves clients. Peers with numbers below the number of replicas are replicas, all others are clients.
#[derive(Debug)]
pub struct Server<A: Application> {
    replica: Replica<A>,
    /// Who asked for the commands that wait to be committed, and under which number.
    askers: BTreeMap<Mark, (Peer, u64)>,
    /// The last view that a client claimed to have seen and that this replica stepped down for: once for each.
    fence: Ballot,
}

impl<A: Application> Server<A> {
    /// Its replica.
    pub fn replica(&self) -> &Replica<A> {
        &self.replica
    }

    /// Its replica, for a test that decides who proposes and who is suspected.
    #[cfg(any(test, feature = "mutants"))]
    pub fn replica_mut(&mut self) -> &mut Replica<A> {
        &mut self.replica
    }

    fn other(&self, peer: Peer) -> Option<ReplicaId> {
        let setup = self.replica.setup();
        let is_other = peer.0 < setup.replicas && peer != setup.id.peer();
        is_other.then_some(ReplicaId(peer.0))
    }

    fn request(
        &mut self,
        now: Time,
        from: (Peer, u64),
        seen: Ballot,
        command: A::Command,
        effects: &mut EffectsOf<Self>,
    ) {
        let (view, rules) = (self.replica.disk().view.ballot, self.replica.setup().rules);
        let is_outrun = seen > view && rules.hold(Rule::ClientFence);
        if is_outrun && seen > self.fence {
            self.fence = seen;
            self.replica.outrun(now, effects);
        }
        let mark = match is_outrun {
            true => None,
            false => self.replica.propose(now, command, effects).ok(),
        };
        match mark {
            Some(mark) => {
                self.askers.insert(mark, from);
            }
            None => {
                let redirect = Message::Redirect {
                    number: from.1,
                    view,
                    primary: self.replica.primary().map(ReplicaId::peer),
                };
                effects.send(from.0, redirect);
            }
        }
    }

    /// Says farewell, once nothing is left to wait for.
    fn go_on_leaving(&mut self, now: Time, effects: &mut EffectsOf<Self>) {
        if self.replica.may_end() && !self.replica.has_left() {
            self.replica.say_farewell(now, effects);
        }
    }

    /// Answers what is committed, and forgets who asked where it is no longer served here.
    fn answer(&mut self, effects: &mut EffectsOf<Self>) {
        let view = self.replica.disk().view.ballot;
        for committed in self.replica.take_committed() {
            if let Some((client, number)) = self.askers.remove(&committed.mark) {
                let output = Box::new(committed.output);
                let answer = Message::Answer {
                    number,
                    view,
                    output,
                };
                effects.send(client, answer);
            }
        }
        if !self.replica.is_serving() {
            self.askers.clear();
        }
    }
}

impl<A: Application> Process for Server<A> {
    type Setup = Setup;
    type Message = Message<A>;
    type Event = Event;
    type Change = Change<A>;
    type Durable = Durable<A>;

    fn begin(
        setup: &Setup,
        durable: Durable<A>,
        now: Time,
        effects: &mut EffectsOf<Self>,
    ) -> Server<A> {
        Server {
            replica: Replica::begin(*setup, durable, now, effects),
            askers: BTreeMap::new(),
            fence: Ballot::ZERO,
        }
    }

    fn receive(
        &mut self,
        now: Time,
        from: Peer,
        message: Message<A>,
        effects: &mut EffectsOf<Self>,
    ) {
        match (message, self.other(from)) {
            (Message::Peer { incarnation, body }, Some(id)) => {
                self.replica.receive(now, id, incarnation, *body, effects);
            }
            (
                Message::Request {
                    number,
                    view,
                    command,
                },
                None,
            ) => self.request(now, (from, number), view, command, effects),
            // Whoever says what is not theirs to say is no peer of ours.
            _ => effects.hang_up(from),
        }
        self.answer(effects);
        self.go_on_leaving(now, effects);
    }

    fn link(&mut self, now: Time, peer: Peer, is_up: bool, effects: &mut EffectsOf<Self>) {
        if let Some(id) = self.other(peer).filter(|_| is_up) {
            self.replica.greet(now, id, effects);
        }
        self.answer(effects);
        self.go_on_leaving(now, effects);
    }

    fn wake(&mut self, now: Time, effects: &mut EffectsOf<Self>) {
        self.replica.wake(now, effects);
        self.answer(effects);
        self.go_on_leaving(now, effects);
    }

    fn stop(&mut self, now: Time, effects: &mut EffectsOf<Self>) {
        let until = now.after_ns(self.replica.setup().timing.suspicion_ns);
        self.replica.leave(now, until, effects);
        self.answer(effects);
        self.go_on_leaving(now, effects);
    }

    fn has_left(&self) -> bool {
        self.replica.has_left()
    }

    fn replay(durable: &mut Durable<A>, change: Change<A>) {
        durable.change(change);
    }
}
