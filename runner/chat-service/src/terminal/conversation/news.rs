//! What happens by itself, for the person.
//!
//! **Invariant.** A loss of the connection is one quiet note, and its end another.

use chat::answer::Opened;
use chat::identity::ServerId;
use chat::name::Name;
use chat::refusal::SessionEnd;

use super::{Connection, Conversation, Doing, Stage, prompt};
use crate::client::{News, Unserved, advice};
use crate::terminal::said::Said;

impl Conversation {
    /// Something has happened.
    pub(super) fn hear(&mut self, news: News) -> anyhow::Result<()> {
        match news {
            News::Message { message, receipt } => {
                self.learn(&message.from);
                let offset = message.offset;
                self.show(&Said::Message(message.into()))?;
                self.handle.shown(receipt);
                self.shown = self.shown.max(offset);
            }
            News::LoggedIn { opened, server } => self.logged_in(opened, server)?,
            News::Listening { end } => self.listens_through = Some(end),
            News::Acknowledged { .. } => {}
            News::Served => self.unserved = None,
            News::Lost if self.connection == Connection::Up => {
                self.connection = Connection::Lost;
                self.note("reconnecting…")?;
            }
            News::Lost => {}
            News::Unserved(unserved) => self.unserved(unserved)?,
            News::SettledAfterAll { ticket, settlement } => {
                self.settled_after_all(ticket, &settlement)?;
            }
            News::Skipped { count, receipt } => {
                let text =
                    format!("another device has read messages that are not kept any more: {count}");
                self.note(text)?;
                self.handle.shown(receipt);
            }
            News::Rewound { count } => self.problem(format!(
                "the service has lost messages that were shown here: {count}. Its servers' logs name them"
            ))?,
            News::SessionEnded(end) => self.session_ended(end)?,
            News::Failed(error) => return Err(error.into()),
        }
        Ok(())
    }

    fn logged_in(&mut self, opened: Opened, ServerId(server): ServerId) -> anyhow::Result<()> {
        self.server = server;
        self.queued = opened.end.0.saturating_sub(opened.acknowledged.0);
        self.shown = self.shown.max(opened.acknowledged);
        match self.connection {
            Connection::Lost => self.note(format!("connected again (server {server})"))?,
            Connection::Up => {}
            // The session of an earlier client goes on, without an operation that asks for it.
            Connection::New if !self.is_asking_to_enter() => {
                if let Some(entry) = self.entry.take() {
                    self.entered(entry.name().clone(), false)?;
                }
            }
            Connection::New => {}
        }
        self.connection = Connection::Up;
        Ok(())
    }

    /// Somebody is logged in.
    pub(super) fn entered(&mut self, name: Name, is_new: bool) -> anyhow::Result<()> {
        if let Some(desk) = &self.desk {
            desk.set_prompt(prompt(Some(&name)));
        }
        self.show(&Said::LoggedIn {
            name: name.to_string(),
            server: self.server,
            is_new,
            queued: match self.listens {
                true => 0,
                false => self.queued,
            },
        })?;
        self.name = Some(name);
        self.was_in = true;
        Ok(())
    }

    fn is_asking_to_enter(&self) -> bool {
        let mut doing = self.doing.values();
        doing.any(|doing| matches!(doing, Doing::Enter))
    }

    fn unserved(&mut self, unserved: Unserved) -> anyhow::Result<()> {
        // Who was connected has been told that another server is sought.
        if self.connection == Connection::New && self.desk.is_some() {
            let text = format!("{unserved}; {}. Still trying", self.advice);
            self.note(text)?;
        }
        self.unserved = Some(unserved);
        Ok(())
    }

    fn session_ended(&mut self, end: Option<SessionEnd>) -> anyhow::Result<()> {
        let mut doing = self.doing.values();
        let is_wanted = doing.any(|doing| matches!(doing, Doing::LogOut | Doing::Delete));
        let by_itself = matches!(end, Some(SessionEnd::LoggedOut | SessionEnd::Deleted));
        if (is_wanted && by_itself) || self.stage != Stage::Talking {
            return Ok(());
        }
        // What this device had kept may be a session that has ended long ago: nobody has to know, the person comes in anew.
        let was_in = self.name.is_some();
        if was_in {
            self.problem(advice::session_end(end))?;
        }
        self.forget();
        if (end.is_none() || !was_in) && !self.is_asking_to_enter() {
            self.entry = self.entry.take().or_else(|| self.own_entry());
            self.enter();
        }
        Ok(())
    }
}
