//! What the model knows.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::answer::{Message, Placement};
use crate::identity::{AccountId, Nonce, PasswordHash, Sequence, SessionId, TimeMs, TokenDigest};
use crate::limits::Settings;
use crate::name::Name;
use crate::refusal::{Refusal, SessionEnd};

/// A rate limit: how much is in use, in milliseconds of waiting.
#[derive(Debug, Clone, Default)]
pub(crate) struct Limit {
    pub(crate) level_ms: u64,
    pub(crate) at: TimeMs,
}

impl Limit {
    pub(crate) fn wait_ms(&mut self, now: TimeMs, period_ms: u64, burst: u64) -> u64 {
        self.level_ms = self.level_ms.saturating_sub(now.since(self.at));
        self.at = now;
        (self.level_ms + period_ms).saturating_sub(period_ms * burst)
    }

    pub(crate) fn take(&mut self, now: TimeMs, period_ms: u64, burst: u64) -> Result<(), Refusal> {
        match self.wait_ms(now, period_ms, burst) {
            0 => {
                self.level_ms += period_ms;
                Ok(())
            }
            wait_ms => Err(Refusal::RateLimited {
                retry_after_ms: wait_ms as u32,
            }),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) name: Name,
    pub(crate) nonce: Nonce,
    pub(crate) password: Option<PasswordHash>,
    pub(crate) is_deleted: bool,
    pub(crate) sends: Limit,
    pub(crate) guesses: Limit,
    /// All messages that there ever were.
    pub(crate) messages: Vec<Message>,
    /// How many of them are gone.
    pub(crate) gone: usize,
    /// How many of them some device has.
    pub(crate) acknowledged: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) account: usize,
    pub(crate) token: TokenDigest,
    pub(crate) nonce: Nonce,
    pub(crate) used: TimeMs,
    pub(crate) acknowledged: u64,
    /// One for each sequence.
    pub(crate) answers: Vec<Result<Placement, Refusal>>,
    pub(crate) confirmed: u64,
    pub(crate) end: Option<(SessionEnd, Sequence, TimeMs)>,
    pub(crate) is_forgotten: bool,
}

/// The plain model.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) settings: Settings,
    pub(crate) now: TimeMs,
    pub(crate) accounts: Vec<Account>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) uuids: BTreeSet<Uuid>,
}

impl Model {
    pub(crate) fn new(settings: Settings) -> Model {
        Model {
            settings,
            now: TimeMs(0),
            accounts: Vec::new(),
            sessions: Vec::new(),
            uuids: BTreeSet::new(),
        }
    }

    /// Sessions that there ever were, with the sequence that is due, what the device has and its mailbox's end.
    pub(crate) fn session(&self, index: usize) -> Option<(SessionId, TokenDigest, u64, u64, u64)> {
        let session = self.sessions.get(index % self.sessions.len().max(1))?;
        let settled = session.answers.len() as u64;
        let end = self.accounts[session.account].messages.len() as u64;
        Some((
            session.id,
            session.token,
            settled,
            session.acknowledged,
            end,
        ))
    }

    /// Accounts that are there, with the messages that their mailboxes have.
    pub(crate) fn mailboxes(&self) -> impl Iterator<Item = (AccountId, &[Message])> {
        let accounts = self.accounts.iter();
        let there = accounts.filter(|account| !account.is_deleted);
        there.map(|account| (account.id, &account.messages[account.gone..]))
    }

    pub(crate) fn account(&self, name: &Name) -> Option<usize> {
        let mut accounts = self.accounts.iter();
        accounts.position(|account| account.name == *name && !account.is_deleted)
    }

    pub(crate) fn open_sessions(&self, account: usize) -> Vec<usize> {
        let sessions = self.sessions.iter().enumerate();
        let open =
            sessions.filter(|(_, session)| session.account == account && session.end.is_none());
        open.map(|(index, _)| index).collect()
    }

    pub(crate) fn open(&mut self, id: SessionId) -> Result<usize, Refusal> {
        let mut sessions = self.sessions.iter();
        let found = sessions.position(|session| session.id == id && !session.is_forgotten);
        let index = found.ok_or(Refusal::NoSession)?;
        match self.sessions[index].end {
            None => Ok(index),
            Some((end, settled, _)) => Err(Refusal::SessionEnded { end, settled }),
        }
    }

    pub(crate) fn end(&mut self, session: usize, end: SessionEnd) {
        let settled = Sequence(self.sessions[session].answers.len() as u64);
        self.sessions[session].end = Some((end, settled, self.now));
        let remembered: Vec<usize> = (0..self.sessions.len())
            .filter(|&index| self.sessions[index].end.is_some())
            .filter(|&index| !self.sessions[index].is_forgotten)
            .collect();
        let excess = remembered
            .len()
            .saturating_sub(self.settings.ended_sessions_max as usize);
        for &index in &remembered[..excess] {
            self.sessions[index].is_forgotten = true;
        }
    }

    pub(crate) fn retain(&mut self, account: usize) {
        let (now, settings) = (self.now, &self.settings);
        let account = &mut self.accounts[account];
        while account.gone < account.acknowledged {
            let kept = (account.acknowledged - account.gone) as u64;
            let age_ms = now.since(account.messages[account.gone].accepted);
            if kept <= settings.kept_messages_max && age_ms <= settings.kept_ms {
                break;
            }
            account.gone += 1;
        }
    }
}
