//! The application again, as plainly as possible: lists that only grow, and searches from the front.
//!
//! It answers each command for itself. Uuids alone it takes from the application, when it has seen that they are new.

mod accounts;
mod messages;
mod state;

pub(crate) use state::Model;

use crate::answer::Answer;
use crate::application::Outcome;
use crate::application::command::{Command, Entry};
use crate::refusal::{Refusal, SessionEnd};

impl Model {
    /// What the application must answer. `got` is what it does answer, for new uuids.
    pub(crate) fn apply(&mut self, entry: &Entry, got: &Outcome) -> Outcome {
        if !matches!(
            entry.command,
            Command::List { .. } | Command::History { .. }
        ) {
            self.now = self.now.max(entry.time);
        }
        match &entry.command {
            Command::Create {
                name,
                password,
                nonce,
                ..
            } => self.create(name, password.clone(), *nonce, got),
            Command::LogIn {
                name,
                proof,
                nonce,
                token,
                ..
            } => self.log_in(name, *proof, *nonce, *token, got),
            Command::Resume { token } => {
                let mut sessions = self.sessions.iter();
                let found = sessions.find(|session| session.token == *token);
                let id = found.map(|session| session.id).ok_or(Refusal::NoSession)?;
                let session = self.open(id)?;
                Ok(self.opened(session))
            }
            Command::LogOut { session } => {
                let session = self.open(*session)?;
                self.end(session, SessionEnd::LoggedOut);
                Ok(Answer::LoggedOut)
            }
            Command::Delete { session, sequence } => {
                let session = self.open(*session)?;
                match self.settled(session, *sequence, 0)? {
                    Some(first) => first,
                    None => Ok(self.delete(session)),
                }
            }
            Command::Send {
                session,
                sequence,
                confirmed,
                to,
                text,
            } => {
                let session = self.open(*session)?;
                match self.settled(session, *sequence, confirmed.0)? {
                    Some(first) => first,
                    None => self.send(session, *sequence, to, text),
                }
            }
            Command::Acknowledge { session, through } => self.acknowledge(*session, through.0),
            Command::List {
                session,
                pattern,
                after,
                most,
            } => {
                self.open(*session)?;
                Ok(self.list(pattern, after.as_ref(), *most as usize))
            }
            Command::History {
                session,
                before,
                most,
            } => {
                let session = self.open(*session)?;
                Ok(self.history(session, before.0, *most as usize))
            }
            Command::Expire => Ok(self.expire()),
        }
    }
}
