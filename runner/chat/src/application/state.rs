//! What the service knows: accounts, sessions, and what leads to them.
//!
//! `names`, `tokens` and the sessions of an account are found from the rest, and are no part of a snapshot.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::answer::Placement;
use crate::application::bucket::Bucket;
use crate::application::mailbox::Mailbox;
use crate::identity::{
    AccountId, Nonce, Offset, PasswordHash, Sequence, SessionId, TimeMs, TokenDigest,
};
use crate::limits::Settings;
use crate::name::Name;
use crate::record::fields;
use crate::refusal::{Refusal, SessionEnd};
use crate::rule::Rules;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) name: Name,
    pub(crate) password: Option<PasswordHash>,
    /// Its creator's.
    pub(crate) nonce: Nonce,
    pub(crate) sends: Bucket,
    pub(crate) guesses: Bucket,
    pub(crate) mailbox: Mailbox,
    /// Its open sessions.
    pub(crate) sessions: BTreeSet<SessionId>,
}

/// An open session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) account: AccountId,
    pub(crate) token: TokenDigest,
    /// That of its log-in.
    pub(crate) nonce: Nonce,
    pub(crate) used: TimeMs,
    /// The last message that this device has.
    pub(crate) acknowledged: Offset,
    /// The last sequence that has an answer.
    pub(crate) settled: Sequence,
    /// The answers through `settled` that the client has not confirmed: one for each sequence.
    pub(crate) answers: VecDeque<Result<Placement, Refusal>>,
}

/// A session that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) token: TokenDigest,
    pub(crate) end: SessionEnd,
    pub(crate) settled: Sequence,
    pub(crate) time: TimeMs,
}

fields!(Session {
    account,
    token,
    nonce,
    used,
    acknowledged,
    settled,
    answers,
});
fields!(Ended {
    token,
    end,
    settled,
    time,
});

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) rules: Rules,
    /// The latest time of an entry.
    pub(crate) now: TimeMs,
    /// How many uuids were made.
    pub(crate) ordinal: u64,
    pub(crate) accounts: BTreeMap<AccountId, Account>,
    pub(crate) sessions: BTreeMap<SessionId, Session>,
    pub(crate) ended: BTreeMap<SessionId, Ended>,
    pub(crate) names: BTreeMap<Name, AccountId>,
    pub(crate) tokens: BTreeMap<TokenDigest, SessionId>,
}

impl State {
    /// A service without accounts.
    pub(crate) fn new(settings: Settings, rules: Rules) -> State {
        State {
            settings,
            rules,
            now: TimeMs(0),
            ordinal: 0,
            accounts: BTreeMap::new(),
            sessions: BTreeMap::new(),
            ended: BTreeMap::new(),
            names: BTreeMap::new(),
            tokens: BTreeMap::new(),
        }
    }

    /// An open session, or why it is none.
    pub(crate) fn session(&self, id: SessionId) -> Result<&Session, Refusal> {
        let session = self.sessions.get(&id);
        session.ok_or_else(|| gone(&self.ended, id))
    }

    /// The same, to change it.
    pub(crate) fn session_mut(&mut self, id: SessionId) -> Result<&mut Session, Refusal> {
        let session = self.sessions.get_mut(&id);
        session.ok_or_else(|| gone(&self.ended, id))
    }

    /// The account of an open session.
    pub(crate) fn account_of(&self, session: SessionId) -> Result<(AccountId, &Account), Refusal> {
        let id = self.session(session)?.account;
        let account = self.accounts.get(&id).ok_or(Refusal::NoAccount)?;
        Ok((id, account))
    }

    /// Ends a session, and remembers why.
    pub(crate) fn end_session(&mut self, id: SessionId, end: SessionEnd) {
        let Some(session) = self.sessions.remove(&id) else {
            return;
        };
        if let Some(account) = self.accounts.get_mut(&session.account) {
            account.sessions.remove(&id);
        }
        let ended = Ended {
            token: session.token,
            end,
            settled: session.settled,
            time: self.now,
        };
        self.ended.insert(id, ended);
        while self.ended.len() as u64 > self.settings.ended_sessions_max {
            // Uuids grow: the first is the oldest.
            let Some((_, ended)) = self.ended.pop_first() else {
                return;
            };
            self.tokens.remove(&ended.token);
        }
    }
}

/// Why a session is not open.
fn gone(ended: &BTreeMap<SessionId, Ended>, id: SessionId) -> Refusal {
    match ended.get(&id) {
        Some(&Ended { end, settled, .. }) => Refusal::SessionEnded { end, settled },
        None => Refusal::NoSession,
    }
}
