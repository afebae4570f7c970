//! The application again, as plainly as possible: lists that only grow, and searches from the front.
//!
//! It answers each command for itself. Uuids alone it takes from the application, when it has seen that they are new.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::answer::{Answer, Delivery, Listed, Message, Opened, Placement};
use crate::application::Outcome;
use crate::application::command::{Command, Entry};
use crate::identity::{
    AccountId, Nonce, Offset, PasswordHash, Sequence, SessionId, TimeMs, TokenDigest,
};
use crate::limits::{Settings, WINDOW_MAX};
use crate::name::Name;
use crate::refusal::{Refusal, SessionEnd};

/// A rate limit: how much is in use, in milliseconds of waiting.
#[derive(Debug, Clone, Default)]
struct Limit {
    level_ms: u64,
    at: TimeMs,
}

impl Limit {
    fn wait_ms(&mut self, now: TimeMs, period_ms: u64, burst: u64) -> u64 {
        self.level_ms = self.level_ms.saturating_sub(now.since(self.at));
        self.at = now;
        (self.level_ms + period_ms).saturating_sub(period_ms * burst)
    }

    fn take(&mut self, now: TimeMs, period_ms: u64, burst: u64) -> Result<(), Refusal> {
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
struct Account {
    id: AccountId,
    name: Name,
    nonce: Nonce,
    password: Option<PasswordHash>,
    is_deleted: bool,
    sends: Limit,
    guesses: Limit,
    /// All messages that there ever were.
    messages: Vec<Message>,
    /// How many of them are gone.
    gone: usize,
    /// How many of them some device has.
    acknowledged: usize,
}

#[derive(Debug, Clone)]
struct Session {
    id: SessionId,
    account: usize,
    token: TokenDigest,
    nonce: Nonce,
    used: TimeMs,
    acknowledged: u64,
    /// One for each sequence.
    answers: Vec<Result<Placement, Refusal>>,
    confirmed: u64,
    end: Option<(SessionEnd, Sequence, TimeMs)>,
    is_forgotten: bool,
}

/// The plain model.
#[derive(Debug)]
pub(crate) struct Model {
    settings: Settings,
    now: TimeMs,
    accounts: Vec<Account>,
    sessions: Vec<Session>,
    uuids: BTreeSet<Uuid>,
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

    fn account(&self, name: &Name) -> Option<usize> {
        let mut accounts = self.accounts.iter();
        accounts.position(|account| account.name == *name && !account.is_deleted)
    }

    fn open_sessions(&self, account: usize) -> Vec<usize> {
        let sessions = self.sessions.iter().enumerate();
        let open =
            sessions.filter(|(_, session)| session.account == account && session.end.is_none());
        open.map(|(index, _)| index).collect()
    }

    fn open(&mut self, id: SessionId) -> Result<usize, Refusal> {
        let mut sessions = self.sessions.iter();
        let found = sessions.position(|session| session.id == id && !session.is_forgotten);
        let index = found.ok_or(Refusal::NoSession)?;
        match self.sessions[index].end {
            None => Ok(index),
            Some((end, settled, _)) => Err(Refusal::SessionEnded { end, settled }),
        }
    }

    fn end(&mut self, session: usize, end: SessionEnd) {
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

    fn retain(&mut self, account: usize) {
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

    fn opened(&mut self, session: usize) -> Answer {
        self.sessions[session].used = self.now;
        let session = &self.sessions[session];
        let account = &self.accounts[session.account];
        let opened = Opened {
            account: account.id,
            session: session.id,
            next: Sequence(session.answers.len() as u64 + 1),
            acknowledged: Offset(session.acknowledged),
            end: Offset(account.messages.len() as u64),
        };
        Answer::LoggedIn {
            opened,
            token: None,
        }
    }

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
                match self.settled(session, *sequence, sequence.0.saturating_sub(1))? {
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

    fn create(
        &mut self,
        name: &Name,
        password: Option<PasswordHash>,
        nonce: Nonce,
        got: &Outcome,
    ) -> Outcome {
        if let Some(owner) = self.account(name) {
            let owner = &self.accounts[owner];
            return match owner.nonce == nonce {
                true => Ok(Answer::Created { account: owner.id }),
                false => Err(Refusal::NameTaken),
            };
        }
        if self.mailboxes().count() as u64 >= self.settings.accounts_max {
            return Err(Refusal::AccountsFull);
        }
        let Ok(Answer::Created { account }) = *got else {
            panic!("an account is created, and the answer is {got:?}");
        };
        assert!(self.uuids.insert(account.0), "{account:?} is not new");
        self.accounts.push(Account {
            id: account,
            name: name.clone(),
            nonce,
            password,
            is_deleted: false,
            sends: Limit::default(),
            guesses: Limit::default(),
            messages: Vec::new(),
            gone: 0,
            acknowledged: 0,
        });
        Ok(Answer::Created { account })
    }

    fn log_in(
        &mut self,
        name: &Name,
        proof: Option<[u8; 32]>,
        nonce: Nonce,
        token: TokenDigest,
        got: &Outcome,
    ) -> Outcome {
        let index = self.account(name).ok_or(Refusal::NoAccount)?;
        let (now, burst) = (self.now, self.settings.guesses_burst);
        let account = &mut self.accounts[index];
        if let Some(password) = &account.password {
            let wait_ms = account.guesses.wait_ms(now, 10_000, burst);
            if wait_ms > 0 {
                return Err(Refusal::RateLimited {
                    retry_after_ms: wait_ms as u32,
                });
            }
            if proof != Some(password.digest) {
                account.guesses.take(now, 10_000, burst)?;
                return Err(Refusal::WrongPassword);
            }
        }
        let acknowledged = account.acknowledged as u64;
        let mut open = self.open_sessions(index);
        if let Some(&session) = open
            .iter()
            .find(|&&open| self.sessions[open].nonce == nonce)
        {
            self.sessions[session].token = token;
            return Ok(self.opened(session));
        }
        if self.settings.one_device && !open.is_empty() {
            return Err(Refusal::AnotherDevice);
        }
        if open.len() as u64 >= self.settings.sessions_max {
            open.sort_by_key(|&open| self.sessions[open].used);
            self.end(open[0], SessionEnd::Evicted);
        }
        let Ok(Answer::LoggedIn { opened, .. }) = got else {
            panic!("a session is opened, and the answer is {got:?}");
        };
        let id = opened.session;
        assert!(self.uuids.insert(id.0), "{id:?} is not new");
        self.sessions.push(Session {
            id,
            account: index,
            token,
            nonce,
            used: now,
            acknowledged,
            answers: Vec::new(),
            confirmed: 0,
            end: None,
            is_forgotten: false,
        });
        Ok(self.opened(self.sessions.len() - 1))
    }

    fn settled(
        &mut self,
        session: usize,
        sequence: Sequence,
        confirmed: u64,
    ) -> Result<Option<Outcome>, Refusal> {
        let session = &mut self.sessions[session];
        session.used = self.now;
        let settled = session.answers.len() as u64;
        session.confirmed = session.confirmed.max(confirmed.min(settled));
        if sequence.0 > settled + 1 {
            let expected = Sequence(settled + 1);
            return Err(Refusal::OutOfOrder { expected });
        }
        if sequence.0 == settled + 1 {
            let is_full = settled - session.confirmed >= WINDOW_MAX as u64;
            return if is_full {
                Err(Refusal::WindowFull)
            } else {
                Ok(None)
            };
        }
        let first = match sequence.0 > session.confirmed {
            true => Some(session.answers[sequence.0 as usize - 1].clone()),
            false => None,
        };
        Ok(Some(first.transpose().map(|placement| Answer::Sent {
            sequence,
            is_repeated: true,
            placement,
        })))
    }

    fn send(&mut self, index: usize, sequence: Sequence, to: &Name, text: &str) -> Outcome {
        let now = self.now;
        let author = self.sessions[index].account;
        let period_ms = 1000_u64.div_ceil(self.settings.sends_per_second);
        let burst = self.settings.sends_burst;
        self.accounts[author].sends.take(now, period_ms, burst)?;
        let outcome = self.place(index, sequence, to, text);
        self.sessions[index].answers.push(outcome.clone());
        Ok(Answer::Sent {
            sequence,
            is_repeated: false,
            placement: Some(outcome?),
        })
    }

    fn place(
        &mut self,
        index: usize,
        sequence: Sequence,
        to: &Name,
        text: &str,
    ) -> Result<Placement, Refusal> {
        let session = &self.sessions[index];
        let author = &self.accounts[session.account];
        let to = self.account(to).ok_or(Refusal::NoAccount)?;
        let mailbox = &self.accounts[to];
        let queued = &mailbox.messages[mailbox.acknowledged..];
        let bytes: usize = queued.iter().map(|message| message.text.len()).sum();
        let of_author = queued.iter().filter(|message| message.author == author.id);
        if queued.len() as u64 >= self.settings.queued_messages_max
            || (bytes + text.len()) as u64 > self.settings.queued_bytes_max
        {
            return Err(Refusal::MailboxFull);
        }
        if of_author.count() as u64 >= self.settings.queued_sender_messages_max {
            return Err(Refusal::SenderQuota);
        }
        let offset = Offset(mailbox.messages.len() as u64 + 1);
        let message = Message {
            offset,
            session: session.id,
            sequence,
            author: author.id,
            from: author.name.clone(),
            accepted: self.now,
            text: text.to_owned(),
        };
        self.accounts[to].messages.push(message);
        self.retain(to);
        let delivery = match self.open_sessions(to).is_empty() {
            true => Delivery::Queued,
            false => Delivery::AtOnce,
        };
        Ok(Placement {
            to: self.accounts[to].id,
            offset,
            delivery,
        })
    }

    fn acknowledge(&mut self, session: SessionId, through: u64) -> Outcome {
        let session = self.open(session)?;
        let now = self.now;
        let session = &mut self.sessions[session];
        let index = session.account;
        let account = &mut self.accounts[index];
        let end = account.messages.len() as u64;
        if through > end {
            return Err(Refusal::BeyondMailbox { end });
        }
        session.used = now;
        session.acknowledged = session.acknowledged.max(through);
        account.acknowledged = account.acknowledged.max(session.acknowledged as usize);
        let through = Offset(session.acknowledged);
        self.retain(index);
        Ok(Answer::Acknowledged { through })
    }

    fn delete(&mut self, session: usize) -> Answer {
        let account = self.sessions[session].account;
        // The deletion has a place in its session too.
        let placement = Err(Refusal::NoAccount);
        self.sessions[session].answers.push(placement);
        for open in self.open_sessions(account) {
            self.end(open, SessionEnd::Deleted);
        }
        let account = &mut self.accounts[account];
        account.is_deleted = true;
        Answer::Deleted {
            dropped: (account.messages.len() - account.acknowledged) as u64,
        }
    }

    fn list(&self, pattern: &str, after: Option<&Name>, most: usize) -> Answer {
        let accounts = self.accounts.iter().enumerate();
        let there = accounts.filter(|(_, account)| !account.is_deleted);
        let after = after.map_or("", Name::as_str);
        let mut matching: Vec<Listed> = there
            .filter(|(_, account)| account.name.as_str() > after)
            .filter(|(_, account)| matches(pattern.as_bytes(), account.name.as_str().as_bytes()))
            .map(|(index, account)| Listed {
                name: account.name.clone(),
                account: account.id,
                is_logged_in: !self.open_sessions(index).is_empty(),
            })
            .collect();
        matching.sort_by(|one, other| one.name.cmp(&other.name));
        let more = matching.len() > most;
        matching.truncate(most);
        Answer::Listed {
            accounts: matching,
            more,
        }
    }

    fn history(&self, session: usize, before: u64, most: usize) -> Answer {
        let account = &self.accounts[self.sessions[session].account];
        let is_before = |message: &&Message| before == 0 || message.offset.0 < before;
        let messages = account.messages[account.gone..].iter();
        let all: Vec<Message> = messages.filter(is_before).cloned().collect();
        let skipped = all.len().saturating_sub(most);
        Answer::History {
            messages: all[skipped..].to_vec(),
            more: skipped > 0,
        }
    }

    fn expire(&mut self) -> Answer {
        let (now, idle_ms) = (self.now, self.settings.session_idle_ms);
        for session in 0..self.sessions.len() {
            let is_idle = now.since(self.sessions[session].used) > idle_ms;
            if self.sessions[session].end.is_none() && is_idle {
                self.end(session, SessionEnd::Idle);
            }
        }
        for session in &mut self.sessions {
            let end = session.end;
            session.is_forgotten |= end.is_some_and(|(_, _, time)| now.since(time) > idle_ms);
        }
        (0..self.accounts.len()).for_each(|account| self.retain(account));
        Answer::Expired
    }
}

/// Whether a text matches a pattern with `*` and `?`; an empty pattern matches all.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    fn rest(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', after)), _) => {
                (0..=text.len()).any(|skipped| rest(after, &text[skipped..]))
            }
            (Some((b'?', after)), Some((_, text))) => rest(after, text),
            (Some((expected, after)), Some((found, text))) => {
                expected.to_ascii_lowercase() == *found && rest(after, text)
            }
            _ => false,
        }
    }
    pattern.is_empty() || rest(pattern, text)
}
