//! The way out: what is under way ends first, then the session, then the client.
//!
//! **Invariant.** Whoever leaves is told of every message that is not confirmed.

use std::time::Duration;

use chat::client::operation::Operation;
use tokio::time::Instant;

use super::{Connection, Conversation, Doing, Stage};
use crate::terminal::said::{Outcome, Said};

/// How long what is under way may take once a person wants to leave. Scripts have no hurry: they wait as long as for any answer.
const SETTLING: Duration = Duration::from_secs(10);
/// How long a log-out may take.
const LOGGING_OUT: Duration = Duration::from_secs(3);

impl Conversation {
    /// The person wants to leave.
    pub(super) fn leave(&mut self) {
        if self.stage == Stage::Talking {
            self.stage = Stage::Settling;
            let patience = match self.desk.is_some() {
                true => SETTLING,
                false => self.talk.patience,
            };
            self.gives_up = Some(Instant::now() + patience);
            // Nobody waits for these any more.
            self.doing.retain(|_, doing| !matches!(doing, Doing::Enter));
            self.entry = None;
        }
    }

    /// Somebody outside asks this program to end: once in order, twice at once.
    pub(super) fn interrupt(&mut self) {
        match self.stage {
            Stage::Talking => self.leave(),
            _ => self.stage = Stage::Over,
        }
    }

    /// What is under way takes too long.
    pub(super) fn give_up(&mut self) {
        self.gives_up = None;
        match self.stage {
            Stage::Settling => self.begin_to_log_out(),
            _ => self.stage = Stage::Over,
        }
    }

    /// Goes on with leaving, as far as it is time.
    pub(super) fn move_on(&mut self) {
        let is_idle = self.doing.is_empty();
        match self.stage {
            Stage::Settling if is_idle && self.has_shown_all() => self.begin_to_log_out(),
            Stage::LoggingOut if is_idle => self.stage = Stage::Over,
            _ => {}
        }
    }

    /// Whether a script has what was in the mailbox when messages began to come. A person has seen what came.
    fn has_shown_all(&self) -> bool {
        let is_up = self.connection == Connection::Up && self.name.is_some();
        if self.desk.is_some() || !is_up || !self.listens {
            return true;
        }
        // They were asked for: the answer may be on its way.
        let through = self.listens_through;
        through.is_some_and(|through| self.shown >= through)
    }

    fn begin_to_log_out(&mut self) {
        if self.talk.stays || self.name.is_none() {
            self.stage = Stage::Over;
            return;
        }
        self.stage = Stage::LoggingOut;
        self.gives_up = Some(Instant::now() + LOGGING_OUT);
        self.ask(Operation::LogOut, Doing::LogOut, LOGGING_OUT);
    }

    /// Says what is not confirmed, and ends the client.
    pub(super) async fn end(mut self) -> anyhow::Result<u8> {
        self.handle.close(LOGGING_OUT).await;
        self.screen.end_prompt();
        for (ticket, doing) in std::mem::take(&mut self.doing) {
            if let Doing::Send { to, text } = doing {
                self.unconfirmed
                    .insert(ticket, (to, text, Outcome::NotConfirmed));
            }
        }
        let unconfirmed = std::mem::take(&mut self.unconfirmed);
        if !unconfirmed.is_empty() && self.desk.is_some() {
            let count = unconfirmed.len();
            self.note(format!(
                "messages of yours that nobody has confirmed: {count}"
            ))?;
        }
        let is_all_known = unconfirmed.is_empty();
        for (to, text, outcome) in unconfirmed.into_values() {
            self.show(&Said::Sent {
                to: to.to_string(),
                outcome,
                text,
                reason: None,
            })?;
        }
        let was_refused = self.was_refused && self.desk.is_none();
        Ok(u8::from(!is_all_known || was_refused))
    }
}
