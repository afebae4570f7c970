//! Outcomes: what is answered when a command is committed, and what follows for others.

use crate::answer::{Answer, Placement};
use crate::application::{Application, Outcome};
use crate::door::connection::{ConnectionId, Pushes};
use crate::door::desk::{Desk, Pending};
use crate::door::effect::{Effect, Ticket};
use crate::identity::{RequestId, SessionId};
use crate::refusal::Refusal;
use crate::wire::response::Response;

impl Desk {
    /// A command is committed and applied here; with the ticket of its proposal, if this door proposed it.
    pub(crate) fn applied(
        &mut self,
        ticket: Option<Ticket>,
        outcome: &Outcome,
        application: &Application,
        effects: &mut Vec<Effect>,
    ) {
        let pending = ticket.and_then(|ticket| self.pending.remove(&ticket));
        if let Some(pending) = pending {
            if let Ok(Answer::LoggedIn { opened, .. }) = outcome {
                self.replace(pending.connection, opened.session, effects);
            }
            self.answer(&pending, outcome, application, effects);
        }
        match outcome {
            Ok(Answer::Sent {
                placement: Some(Placement { to, .. }),
                is_repeated: false,
                ..
            }) => {
                let listeners: Vec<ConnectionId> = self.listeners(*to).collect();
                for connection in listeners {
                    self.push(connection, application, effects);
                }
            }
            // A further device, a deletion or time may have ended sessions.
            Ok(
                Answer::LoggedIn { .. }
                | Answer::LoggedOut
                | Answer::Deleted { .. }
                | Answer::Expired,
            ) => self.dismiss(application, effects),
            _ => {}
        }
    }

    fn answer(
        &mut self,
        pending: &Pending,
        outcome: &Outcome,
        application: &Application,
        effects: &mut Vec<Effect>,
    ) {
        let Some(connection) = self.connections.get_mut(&pending.connection) else {
            return;
        };
        connection.pending = connection.pending.saturating_sub(1);
        let mut answer = outcome.clone();
        let mut pushes_now = false;
        match &mut answer {
            Ok(Answer::LoggedIn { opened, token }) => {
                *token = pending.token;
                connection.session = Some((opened.session, opened.account));
                if self.settings.pushes_from_login {
                    connection.pushes = Some(Pushes::after(opened.acknowledged));
                    pushes_now = true;
                }
            }
            Ok(Answer::LoggedOut | Answer::Deleted { .. }) => {
                connection.session = None;
                connection.pushes = None;
            }
            Ok(Answer::Acknowledged { through }) => {
                if let Some(pushes) = &mut connection.pushes {
                    pushes.acknowledged = pushes.acknowledged.max(*through);
                    pushes_now = true;
                }
            }
            _ => {}
        }
        let response = match answer {
            Ok(answer) => Response::Answered(answer),
            Err(refusal) => Response::Refused(refusal),
        };
        self.say(pending.connection, pending.id, response, effects);
        if pushes_now {
            self.push(pending.connection, application, effects);
        }
        self.send_away(pending.connection, effects);
    }

    /// Ends other connections of a session: its device has come back on this one.
    fn replace(&mut self, by: ConnectionId, session: SessionId, effects: &mut Vec<Effect>) {
        self.connections.retain(|&connection, other| {
            let is_of = other.session.is_some_and(|(of, _)| of == session);
            let is_replaced = is_of && connection != by;
            if is_replaced {
                effects.push(Effect::HangUp { connection });
            }
            !is_replaced
        });
    }

    /// Ends connections whose sessions have ended elsewhere.
    fn dismiss(&mut self, application: &Application, effects: &mut Vec<Effect>) {
        let connections = self.connections.iter();
        let dismissed: Vec<(ConnectionId, Refusal)> = connections
            .filter_map(|(&id, connection)| {
                let (session, _) = connection.session?;
                let refusal = application.refusal_of(session)?;
                Some((id, refusal))
            })
            .collect();
        for (connection, refusal) in dismissed {
            self.refuse(connection, RequestId(0), refusal, effects);
            effects.push(Effect::HangUp { connection });
            self.connections.remove(&connection);
        }
    }
}
