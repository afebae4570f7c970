//! How operations ended, for the person.
//!
//! **Invariant.** An operation of which nobody knows is said to be not confirmed.

use chat::answer::{Answer, Listed};
use chat::client::operation::Settlement;
use chat::name::Name;
use chat::refusal::Refusal;
use chat::wire::response::{Notice, Presence};

use super::{Connection, Conversation, Doing, Secret, prompt};
use crate::client::{Ticket, advice};
use crate::terminal::outcome::{NOT_DONE, UNKNOWN, outcome};
use crate::terminal::said::{Outcome, Person, Said};

impl Conversation {
    /// An operation has ended.
    pub(super) fn settle(&mut self, ticket: Ticket, settlement: Settlement) -> anyhow::Result<()> {
        let Some(doing) = self.doing.remove(&ticket) else {
            return Ok(());
        };
        match (doing, settlement) {
            (Doing::Enter, settlement) => {
                if let Some(entry) = &mut self.entry {
                    let step = entry.settled(settlement);
                    self.step(step)?;
                }
            }
            (Doing::Send { to, text }, settlement) => self.sent(ticket, to, text, &settlement)?,
            (Doing::Create { name, .. }, Settlement::Done(_)) => {
                let name = name.to_string();
                self.show(&Said::Created { name })?;
            }
            (
                Doing::Create {
                    name,
                    has_password: false,
                },
                Settlement::Refused(Refusal::PasswordNeeded),
            ) => self.ask_password(&name, true, Secret::Create(name.clone()))?,
            (Doing::List { pattern }, Settlement::Done(Answer::Listed { accounts, more })) => {
                self.listed(&pattern, accounts, more)?;
            }
            (Doing::History, Settlement::Done(Answer::History { messages, more })) => {
                let messages = messages.into_iter().map(Into::into).collect();
                self.show(&Said::History { messages, more })?;
            }
            (Doing::Who(names), Settlement::Noticed(Notice::Present { presence })) => {
                let people = names.into_iter().zip(presence);
                let people = people.map(|(name, presence)| Person {
                    name: name.to_string(),
                    presence: word(presence),
                });
                let people = people.collect();
                self.show(&Said::Present { people })?;
            }
            (Doing::Status, Settlement::Noticed(Notice::Status { status })) => {
                let standing = status.standing;
                self.show(&Said::Status {
                    server: standing.server.0,
                    is_serving: standing.is_serving,
                    primary: standing.primary.map(|server| server.0),
                    members: status
                        .replica
                        .members
                        .iter()
                        .map(|server| server.0)
                        .collect(),
                })?;
            }
            (Doing::LogOut, Settlement::Done(_)) => self.left()?,
            (Doing::Delete, Settlement::Done(Answer::Deleted { dropped })) => {
                self.deleted(Some(dropped))?;
            }
            (Doing::Delete, Settlement::Gone) => self.deleted(None)?,
            (doing, settlement) => self.not_done(&doing, &settlement)?,
        }
        Ok(())
    }

    /// What is left: it was refused, or not answered.
    fn not_done(&mut self, doing: &Doing, settlement: &Settlement) -> anyhow::Result<()> {
        let what = match doing {
            Doing::Create { name, .. } => format!("the account {name}"),
            Doing::Delete => "the deletion".to_owned(),
            Doing::LogOut => "the log-out".to_owned(),
            _ => "an answer".to_owned(),
        };
        match settlement {
            Settlement::Refused(refusal) if refusal.is_definite() => {
                self.problem(advice::refusal(refusal))?;
            }
            Settlement::NotDone => self.problem(format!("{what}: {NOT_DONE}"))?,
            _ => self.problem(format!("{what} is not confirmed: {UNKNOWN}"))?,
        }
        Ok(())
    }

    fn sent(
        &mut self,
        ticket: Ticket,
        to: Name,
        text: String,
        settlement: &Settlement,
    ) -> anyhow::Result<()> {
        let (outcome, reason) = outcome(&to, settlement);
        match outcome {
            Outcome::NotConfirmed | Outcome::NotSent => {
                let message = (to.clone(), text.clone(), outcome);
                self.unconfirmed.insert(ticket, message);
            }
            Outcome::Refused => self.was_refused = true,
            Outcome::Delivered | Outcome::Queued | Outcome::Accepted => self.learn(&to),
        }
        self.show(&Said::Sent {
            to: to.to_string(),
            outcome,
            text,
            reason,
        })?;
        Ok(())
    }

    /// Nobody knew how a message had ended; now it is known.
    pub(super) fn settled_after_all(
        &mut self,
        ticket: Ticket,
        settlement: &Settlement,
    ) -> anyhow::Result<()> {
        let Some((to, text, _)) = self.unconfirmed.remove(&ticket) else {
            return Ok(());
        };
        self.sent(ticket, to, text, settlement)
    }

    fn listed(&mut self, pattern: &str, accounts: Vec<Listed>, more: bool) -> anyhow::Result<()> {
        accounts
            .iter()
            .for_each(|account| self.learn(&account.name));
        let last = accounts.last().filter(|_| more);
        let more = last.map(|last| format!("/list {pattern} {}", last.name));
        let accounts = accounts.into_iter().map(|account| Person {
            name: account.name.to_string(),
            presence: match account.is_logged_in {
                true => "logged in",
                false => "not logged in",
            },
        });
        let accounts = accounts.collect();
        self.show(&Said::Accounts { accounts, more })?;
        Ok(())
    }

    /// Nobody is logged in any more, as the person wanted.
    fn left(&mut self) -> anyhow::Result<()> {
        if let Some(name) = self.name.take() {
            let name = name.to_string();
            self.show(&Said::LoggedOut { name })?;
        }
        self.forget();
        Ok(())
    }

    fn deleted(&mut self, dropped: Option<u64>) -> anyhow::Result<()> {
        if let Some(name) = self.name.take() {
            let name = name.to_string();
            self.show(&Said::Deleted { name, dropped })?;
        }
        self.forget();
        Ok(())
    }

    /// There is no session any more.
    pub(super) fn forget(&mut self) {
        self.name = None;
        self.connection = Connection::New;
        self.listens_through = None;
        if let Some(desk) = &self.desk {
            desk.set_prompt(prompt(None));
        }
    }

    /// A name that can be completed.
    pub(super) fn learn(&self, name: &Name) {
        if let Some(desk) = &self.desk {
            desk.learn(name.as_str());
        }
    }
}

fn word(presence: Presence) -> &'static str {
    match presence {
        Presence::NoAccount => "nobody has this name",
        Presence::Offline => "not logged in",
        Presence::Unknown => "logged in, not connected",
        Presence::Online => "here",
    }
}
