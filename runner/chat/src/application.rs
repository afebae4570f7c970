//! The application: accounts, sessions and mailboxes as a fold over a log of entries.
//!
//! [`command`] what it is asked to do · `state` what it knows · `accounts`, `sessions`, `sends`, `pages` what it does ·
//! `mailbox`, `bucket` parts of the state · [`snapshot`] the state as bytes
//!
//! **Invariant.** Two applications that have applied the same entries are equal, answer the same, and have the same bytes.
//! What is accepted stays until its recipient has acknowledged it, or its account is deleted.

mod accounts;
mod bucket;
pub mod command;
mod mailbox;
mod pages;
mod sends;
mod sessions;
pub mod snapshot;
mod state;

use sha2::{Digest as _, Sha256};

use crate::answer::{Answer, Message};
use crate::application::command::{Command, Entry};
use crate::application::sends::Turn;
use crate::application::sessions::Attempt;
use crate::application::snapshot::SnapshotError;
use crate::application::state::State;
use crate::identity::{AccountId, Nonce, Offset, Sequence, SessionId, TimeMs};
use crate::limits::Settings;
use crate::name::Name;
use crate::refusal::Refusal;
use crate::rule::{Rule, Rules};
use crate::wire::status::Totals;

/// What the service does with an entry.
pub type Outcome = Result<Answer, Refusal>;

/// The chat service, without connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    state: State,
}

impl Application {
    /// A service without accounts.
    pub fn new(settings: Settings) -> Application {
        Application::with_rules(settings, Rules::default())
    }

    /// The same, under these rules.
    pub fn with_rules(settings: Settings, rules: Rules) -> Application {
        let state = State::new(settings, rules);
        Application { state }
    }

    /// Does what an entry says.
    ///
    /// # Errors
    ///
    /// A refusal is an answer too: all servers come to the same.
    pub fn apply(&mut self, entry: &Entry) -> Outcome {
        let state = &mut self.state;
        if !entry.command.is_read() {
            state.now = match state.rules.hold(Rule::TimeForward) {
                true => state.now.max(entry.time),
                false => entry.time,
            };
        }
        match &entry.command {
            Command::Create {
                name,
                password,
                nonce,
                chance,
            } => accounts::create(state, name, password.as_ref(), *nonce, *chance),
            &Command::LogIn {
                ref name,
                proof,
                nonce,
                token,
                chance,
            } => {
                let attempt = Attempt {
                    proof,
                    nonce,
                    token,
                    chance,
                };
                sessions::log_in(state, name, &attempt)
            }
            Command::Resume { token } => sessions::resume(state, *token),
            Command::LogOut { session } => sessions::log_out(state, *session),
            &Command::Delete { session, sequence } => {
                // It says nothing of answers: it may come too early, and be asked for again.
                match sends::turn(state, session, sequence, Sequence(0))? {
                    Turn::Due => accounts::delete(state, session, sequence),
                    Turn::Settled(first) => sends::again(sequence, first),
                }
            }
            Command::Send {
                session,
                sequence,
                confirmed,
                to,
                text,
            } => match sends::turn(state, *session, *sequence, *confirmed)? {
                Turn::Due => sends::send(state, *session, *sequence, to, text),
                Turn::Settled(first) => sends::again(*sequence, first),
            },
            Command::Acknowledge { session, through } => {
                sends::acknowledge(state, *session, *through)
            }
            Command::List {
                session,
                pattern,
                after,
                most,
            } => pages::list(state, *session, pattern, after.as_ref(), *most),
            Command::History {
                session,
                before,
                most,
            } => pages::history(state, *session, *before, *most),
            Command::Expire => Ok(self.expire()),
        }
    }

    fn expire(&mut self) -> Answer {
        let state = &mut self.state;
        sessions::expire(state);
        for account in state.accounts.values_mut() {
            let mailbox = &mut account.mailbox;
            mailbox.retain(state.now, &state.settings, state.rules);
        }
        Answer::Expired
    }

    /// The rules that hold.
    #[cfg(test)]
    pub(crate) fn rules(&self) -> Rules {
        self.state.rules
    }

    /// The bounds of the service.
    pub fn settings(&self) -> &Settings {
        &self.state.settings
    }

    /// The latest time of an entry that was applied.
    pub fn now(&self) -> TimeMs {
        self.state.now
    }

    /// The account of a name.
    pub fn account(&self, name: &Name) -> Option<AccountId> {
        self.state.names.get(name).copied()
    }

    /// The salt of an account's password; none without account or password.
    pub fn salt(&self, name: &Name) -> Option<Nonce> {
        let account = self.state.accounts.get(&self.account(name)?)?;
        account.password.as_ref().map(|password| password.salt)
    }

    /// Why a session is not open; none while it is.
    pub fn refusal_of(&self, session: SessionId) -> Option<Refusal> {
        self.state.session(session).err()
    }

    /// Whether a device of an account is logged in.
    pub fn is_logged_in(&self, account: AccountId) -> bool {
        let account = self.state.accounts.get(&account);
        account.is_some_and(|account| !account.sessions.is_empty())
    }

    /// First and last offset that a mailbox has; the first is one beyond the last if it is empty.
    pub fn mailbox(&self, account: AccountId) -> Option<(Offset, Offset)> {
        let account = self.state.accounts.get(&account)?;
        Some((account.mailbox.first(), account.mailbox.end()))
    }

    /// The last message of a mailbox that some device of its owner has.
    pub fn acknowledged(&self, account: AccountId) -> Option<Offset> {
        let account = self.state.accounts.get(&account)?;
        Some(account.mailbox.acknowledged())
    }

    /// Messages of a mailbox beyond an offset, in order.
    pub fn messages_after(
        &self,
        account: AccountId,
        offset: Offset,
    ) -> impl Iterator<Item = &Message> {
        let account = self.state.accounts.get(&account);
        account
            .into_iter()
            .flat_map(move |account| account.mailbox.after(offset))
    }

    /// How large the state is. It looks at every account.
    pub fn totals(&self) -> Totals {
        let accounts = self.state.accounts.values();
        let queued = accounts.map(|account| account.mailbox.queued());
        let (mut queued_messages, mut queued_messages_most) = (0, 0);
        for queued in queued {
            queued_messages += queued;
            queued_messages_most = queued.max(queued_messages_most);
        }
        Totals {
            accounts: self.state.accounts.len() as u64,
            sessions: self.state.sessions.len() as u64,
            queued_messages,
            queued_messages_most,
        }
    }

    /// The whole state as bytes.
    pub fn snapshot(&self) -> Vec<u8> {
        snapshot::write(&self.state)
    }

    /// The service whose bytes these are.
    ///
    /// # Errors
    ///
    /// [`SnapshotError`] if they are no snapshot.
    pub fn restore(bytes: &[u8]) -> Result<Application, SnapshotError> {
        Application::restore_with_rules(bytes, Rules::default())
    }

    /// The same, under these rules.
    ///
    /// # Errors
    ///
    /// [`SnapshotError`] if they are no snapshot.
    pub fn restore_with_rules(bytes: &[u8], rules: Rules) -> Result<Application, SnapshotError> {
        let state = snapshot::read(bytes, rules)?;
        Ok(Application { state })
    }

    /// SHA-256 of the state: equal on servers that have applied the same entries.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.snapshot()).into()
    }
}
