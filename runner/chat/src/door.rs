//! The door of a server: between its connections and the log of the service.
//!
//! A request becomes a command with a [`Ticket`]; the holder of the log gives the ticket back with the outcome, when
//! the command is committed and applied here. Requests come as values: how they travel is not known here.
//!
//! The contract with the holder: it performs all effects in order; it calls [`applied`](Door::applied) for each entry that is
//! committed and applied here, with the ticket of those that this door has proposed, and [`stand`](Door::stand) when the
//! server's part or view changes; and it puts a [`Command::Expire`] into the log from time to
//! time (once a minute serves).
//!
//! `requests` what comes from clients · `outcomes` what comes from the log · `pushes` what goes to those who listen · `notices`
//! what a server says of itself ·
//! `connection`, `desk` what is known of clients · `effect` what is wanted done
//!
//! **Invariant.** Nothing is answered or pushed that is not committed. Only a recipient's acknowledgement moves its mailbox:
//! a push does not. A server that does not serve answers no request that needs the state.

mod connection;
mod desk;
mod effect;
mod notices;
mod outcomes;
mod pushes;
mod requests;

use std::collections::BTreeMap;

pub use connection::{ConnectionId, PUSH_WINDOW_MAX};
pub use desk::{DoorSettings, Passwords};
pub use effect::{Effect, Ticket};

use crate::answer::Answer;
use crate::application::command::Command;
use crate::application::{Application, Outcome};
use crate::door::connection::Connection;
use crate::door::desk::{Desk, HASH_RETRY_MS, Pending};
use crate::field::Malformed;
use crate::identity::{RequestId, View};
use crate::limits::{FRAME_BYTES_BEFORE_LOGIN_MAX, FRAME_BYTES_MAX};
use crate::refusal::Refusal;
use crate::rule::Rule;
use crate::wire::request::ToServer;
use crate::wire::response::{Response, Standing};
use crate::wire::status::Status;

/// The connections of a server.
#[derive(Debug)]
pub struct Door {
    desk: Desk,
}

impl Door {
    /// The door of a server that does not serve yet.
    pub fn new(standing: Standing, view: View, settings: DoorSettings) -> Door {
        let desk = Desk {
            settings,
            standing,
            view,
            leaves: None,
            connections: BTreeMap::new(),
            pending: BTreeMap::new(),
            tickets: 0,
        };
        Door { desk }
    }

    /// A client has connected.
    pub fn open(&mut self, connection: ConnectionId) {
        self.desk
            .connections
            .insert(connection, Connection::default());
    }

    /// A connection has ended. What it asked for may still be done.
    pub fn close(&mut self, connection: ConnectionId) {
        self.desk.connections.remove(&connection);
        self.desk
            .pending
            .retain(|_, pending| pending.connection != connection);
    }

    /// Body bytes of the longest frame that a connection may send now.
    pub fn frame_bytes_max(&self, connection: ConnectionId) -> usize {
        let connection = self.desk.connections.get(&connection);
        match connection.is_some_and(|connection| connection.session.is_some()) {
            true => FRAME_BYTES_MAX,
            false => FRAME_BYTES_BEFORE_LOGIN_MAX,
        }
    }

    /// A frame came whose body is not what its op code says. The next frame counts.
    pub fn malformed(
        &self,
        connection: ConnectionId,
        id: RequestId,
        error: &Malformed,
        effects: &mut Vec<Effect>,
    ) {
        let why = error.to_string();
        self.desk
            .refuse(connection, id, Refusal::Malformed { why }, effects);
    }

    /// The server's part, or the view, has changed. Who stops serving says so, and ends its connections.
    pub fn stand(&mut self, standing: Standing, view: View, effects: &mut Vec<Effect>) {
        let was_serving = self.desk.standing.is_serving;
        let before = (self.desk.standing, self.desk.view) == (standing, view);
        if was_serving && !before {
            for pending in std::mem::take(&mut self.desk.pending).into_values() {
                let response = match pending.sequence {
                    Some(sequence) if !self.desk.settings.rules.hold(Rule::AnswerAfterCommit) => {
                        Response::Answered(Answer::Sent {
                            sequence,
                            is_repeated: false,
                            placement: None,
                        })
                    }
                    _ => Response::Refused(Refusal::Unsettled),
                };
                self.desk
                    .say(pending.connection, pending.id, response, effects);
            }
            for &connection in self.desk.connections.keys() {
                effects.push(Effect::HangUp { connection });
            }
            self.desk.connections.clear();
        }
        self.desk.standing = standing;
        self.desk.view = view;
    }

    /// The server is about to stop in order: it takes nothing any more, and clients are asked to come back elsewhere, spread over
    /// this time. Who waits for an answer is asked behind it.
    pub fn leave(&mut self, spread_ms: u32, effects: &mut Vec<Effect>) {
        self.desk.leaves = Some(spread_ms);
        for &connection in self.desk.connections.keys() {
            self.desk.send_away(connection, effects);
        }
    }

    /// What is known here of how the server is: the rest is for the holder to say.
    pub fn status(&self) -> Status {
        self.desk.own_status()
    }

    /// A password is hashed: what it was needed for goes on.
    pub fn hashed(&mut self, ticket: Ticket, digest: [u8; 32], effects: &mut Vec<Effect>) {
        let Some(pending) = self.desk.pending.get_mut(&ticket) else {
            return;
        };
        if let Some(connection) = self.desk.connections.get_mut(&pending.connection) {
            connection.is_hashing = false;
        }
        let Some(mut command) = pending.command.take() else {
            return;
        };
        match &mut command {
            Command::Create {
                password: Some(password),
                ..
            } => password.digest = digest,
            Command::LogIn { proof, .. } => *proof = Some(digest),
            _ => {}
        }
        effects.push(Effect::Propose { ticket, command });
    }

    /// A password is not hashed, because too many are: what it was needed for is refused, and can be asked for again.
    pub fn not_hashed(&mut self, ticket: Ticket, effects: &mut Vec<Effect>) {
        let Some(Pending { connection, id, .. }) = self.desk.pending.remove(&ticket) else {
            return;
        };
        if let Some(connection) = self.desk.connections.get_mut(&connection) {
            connection.is_hashing = false;
            connection.pending = connection.pending.saturating_sub(1);
        }
        let retry_after_ms = HASH_RETRY_MS;
        let refusal = Refusal::RateLimited { retry_after_ms };
        self.desk.refuse(connection, id, refusal, effects);
        self.desk.send_away(connection, effects);
    }

    /// A request has come. `draw` gives chance for tokens and uuids.
    pub fn receive(
        &mut self,
        from: ConnectionId,
        message: ToServer,
        application: &Application,
        draw: &mut impl FnMut() -> [u8; 32],
        effects: &mut Vec<Effect>,
    ) {
        self.desk.receive(from, message, application, draw, effects);
    }

    /// A command is committed and applied here; with the ticket of its proposal, if this door proposed it.
    pub fn applied(
        &mut self,
        ticket: Option<Ticket>,
        outcome: &Outcome,
        application: &Application,
        effects: &mut Vec<Effect>,
    ) {
        self.desk.applied(ticket, outcome, application, effects);
    }
}
