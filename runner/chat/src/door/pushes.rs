//! Pushing messages to those who listen, when they are committed.

use crate::answer::Message;
use crate::application::Application;
use crate::application::command::Command;
use crate::door::connection::ConnectionId;
use crate::door::desk::Desk;
use crate::door::effect::{Effect, Ticket};
use crate::identity::{AccountId, RequestId, Sequence, SessionId};
use crate::name::Name;
use crate::rule::Rule;
use crate::wire::response::Notice;

impl Desk {
    pub(crate) fn listeners(&self, account: AccountId) -> impl Iterator<Item = ConnectionId> {
        let connections = self.connections.iter();
        let listening = connections.filter(move |(_, connection)| {
            let is_of = connection.session.is_some_and(|(_, of)| of == account);
            is_of && connection.pushes.is_some()
        });
        listening.map(|(&id, _)| id)
    }

    /// Pushes what a connection has room for.
    pub(crate) fn push(
        &mut self,
        to: ConnectionId,
        application: &Application,
        effects: &mut Vec<Effect>,
    ) {
        let Some(connection) = self.connections.get_mut(&to) else {
            return;
        };
        let (Some((session, account)), Some(pushes)) = (connection.session, &mut connection.pushes)
        else {
            return;
        };
        let room = usize::try_from(pushes.room()).unwrap_or(usize::MAX);
        let messages = application.messages_after(account, pushes.through);
        let messages: Vec<Message> = messages.take(room).cloned().collect();
        let Some(last) = messages.last() else {
            return;
        };
        let through = last.offset;
        pushes.through = through;
        for message in messages {
            self.notice(to, RequestId(0), Notice::Message { message }, effects);
        }
        if !self.settings.rules.hold(Rule::AcknowledgedByRecipient) {
            self.tickets += 1;
            let ticket = Ticket(self.tickets);
            let command = Command::Acknowledge { session, through };
            effects.push(Effect::Propose { ticket, command });
        }
    }

    /// Shows a message that is not committed: what a server must not do.
    pub(crate) fn push_early(
        &self,
        session: SessionId,
        author: AccountId,
        (sequence, to, text): (Sequence, &Name, &str),
        application: &Application,
        effects: &mut Vec<Effect>,
    ) {
        let Some(account) = application.account(to) else {
            return;
        };
        let end = application.mailbox(account).map(|(_, end)| end);
        let message = Message {
            offset: end.unwrap_or_default().next(),
            session,
            sequence,
            author,
            from: to.clone(),
            accepted: application.now(),
            text: text.to_owned(),
        };
        for listener in self.listeners(account) {
            let message = message.clone();
            self.notice(listener, RequestId(0), Notice::Message { message }, effects);
        }
    }
}
