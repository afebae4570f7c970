//! What a door has before it: connections, and requests that wait.

use std::collections::BTreeMap;

use crate::application::command::Command;
use crate::door::connection::{Connection, ConnectionId};
use crate::door::effect::{Effect, Ticket};
use crate::identity::{Nonce, Password, RequestId, Sequence, Token, View};
use crate::refusal::Refusal;
use crate::rule::Rules;
use crate::wire::response::{Notice, Response, Standing, ToClient};

/// Who has a password.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Passwords {
    /// No account that is created from now on.
    Off,
    /// Accounts that are created with one.
    #[default]
    Optional,
    /// Every account that is created from now on.
    Required,
}

/// How a door does things.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DoorSettings {
    /// Messages are pushed from the log-in on; otherwise when the device asks for them, as in the notebooks.
    pub pushes_from_login: bool,
    /// Who has a password.
    pub passwords: Passwords,
    /// The rules that hold.
    pub rules: Rules,
}

/// A request that waits for its outcome.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) connection: ConnectionId,
    pub(crate) id: RequestId,
    /// What the device is given if its log-in succeeds.
    pub(crate) token: Option<Token>,
    /// What is proposed when the password is hashed.
    pub(crate) command: Option<Command>,
    /// The place of a message in its session.
    pub(crate) sequence: Option<Sequence>,
}

/// When a password that was not hashed now can be, milliseconds.
pub(crate) const HASH_RETRY_MS: u32 = 1000;

/// All of it.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) settings: DoorSettings,
    pub(crate) standing: Standing,
    pub(crate) view: View,
    /// Over which time its clients spread their return elsewhere, milliseconds, if the server is about to stop.
    pub(crate) leaves: Option<u32>,
    pub(crate) connections: BTreeMap<ConnectionId, Connection>,
    pub(crate) pending: BTreeMap<Ticket, Pending>,
    /// How many tickets were given.
    pub(crate) tickets: u64,
}

impl Desk {
    pub(crate) fn propose(
        &mut self,
        request: (ConnectionId, RequestId),
        token: Option<Token>,
        command: Command,
        effects: &mut Vec<Effect>,
    ) {
        let sequence = match command {
            Command::Send { sequence, .. } => Some(sequence),
            _ => None,
        };
        let ticket = self.wait(request, token, None, sequence);
        effects.push(Effect::Propose { ticket, command });
    }

    pub(crate) fn hash(
        &mut self,
        request: (ConnectionId, RequestId),
        token: Option<Token>,
        command: Command,
        (password, salt): (Password, Nonce),
        effects: &mut Vec<Effect>,
    ) {
        // A hash is work: one connection has one at a time, so that it keeps nobody else from logging in.
        let connection = self.connections.get_mut(&request.0);
        if connection.is_some_and(|one| std::mem::replace(&mut one.is_hashing, true)) {
            let retry_after_ms = HASH_RETRY_MS;
            return self.refuse(
                request.0,
                request.1,
                Refusal::RateLimited { retry_after_ms },
                effects,
            );
        }
        let ticket = self.wait(request, token, Some(command), None);
        effects.push(Effect::Hash {
            ticket,
            password,
            salt,
        });
    }

    fn wait(
        &mut self,
        (connection, id): (ConnectionId, RequestId),
        token: Option<Token>,
        command: Option<Command>,
        sequence: Option<Sequence>,
    ) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let pending = Pending {
            connection,
            id,
            token,
            command,
            sequence,
        };
        self.pending.insert(ticket, pending);
        if let Some(connection) = self.connections.get_mut(&connection) {
            connection.pending += 1;
        }
        ticket
    }

    /// The part of the server as clients should see it: who is about to stop takes nothing any more.
    pub(crate) fn standing(&self) -> Standing {
        let standing = self.standing;
        let primary = standing.primary;
        match self.leaves {
            None => standing,
            Some(_) => Standing {
                is_serving: false,
                primary: primary.filter(|&primary| primary != standing.server),
                ..standing
            },
        }
    }

    /// Asks a client to come back elsewhere, if the server is about to stop and owes it nothing.
    pub(crate) fn send_away(&self, connection: ConnectionId, effects: &mut Vec<Effect>) {
        let pending = self.connections.get(&connection).map(|one| one.pending);
        if let (Some(spread_ms), Some(0)) = (self.leaves, pending) {
            let notice = Notice::GoingAway { spread_ms };
            self.notice(connection, RequestId(0), notice, effects);
        }
    }

    pub(crate) fn notice(
        &self,
        to: ConnectionId,
        id: RequestId,
        notice: Notice,
        effects: &mut Vec<Effect>,
    ) {
        self.say(to, id, Response::Noticed(notice), effects);
    }

    pub(crate) fn refuse(
        &self,
        to: ConnectionId,
        id: RequestId,
        refusal: Refusal,
        effects: &mut Vec<Effect>,
    ) {
        self.say(to, id, Response::Refused(refusal), effects);
    }

    pub(crate) fn say(
        &self,
        to: ConnectionId,
        id: RequestId,
        response: Response,
        effects: &mut Vec<Effect>,
    ) {
        let view = self.view;
        let message = ToClient { id, view, response };
        effects.push(Effect::Send { to, message });
    }
}
