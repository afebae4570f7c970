//! Sessions: logging in, going on, logging out, and ending by themselves.

use std::collections::VecDeque;

use crate::answer::{Answer, Opened};
use crate::application::accounts::next_uuid;
use crate::application::bucket::Rate;
use crate::application::state::{Account, Session, State};
use crate::identity::{AccountId, Nonce, Offset, Sequence, SessionId, TimeMs, TokenDigest};
use crate::limits::Settings;
use crate::name::Name;
use crate::refusal::{Refusal, SessionEnd};
use crate::rule::Rule;

/// How a device asks to log in.
pub(crate) struct Attempt {
    /// The digest of the password that it gave.
    pub(crate) proof: Option<[u8; 32]>,
    /// The same at each attempt of the device.
    pub(crate) nonce: Nonce,
    /// The digest of the token that it is given.
    pub(crate) token: TokenDigest,
    /// For the session's uuid.
    pub(crate) chance: Nonce,
}

/// Opens a session; a repeated attempt goes on with the one that it opened, under the new token.
pub(crate) fn log_in(state: &mut State, name: &Name, attempt: &Attempt) -> Result<Answer, Refusal> {
    let &id = state.names.get(name).ok_or(Refusal::NoAccount)?;
    let account = state.accounts.get_mut(&id).ok_or(Refusal::NoAccount)?;
    check_password(account, attempt.proof, state.now, &state.settings)?;
    let sessions = state.accounts[&id].sessions.clone();
    let mut open = sessions.iter();
    let repeated = open.find(|session| state.sessions[session].nonce == attempt.nonce);
    if let Some(&session) = repeated
        && state.rules.hold(Rule::OneSessionForOneLogin)
    {
        let old = std::mem::replace(&mut state.session_mut(session)?.token, attempt.token);
        state.tokens.remove(&old);
        state.tokens.insert(attempt.token, session);
        return opened(state, session);
    }
    if state.settings.one_device && !sessions.is_empty() && state.rules.hold(Rule::OneDevice) {
        return Err(Refusal::AnotherDevice);
    }
    if sessions.len() as u64 >= state.settings.sessions_max {
        let mut by_use: Vec<SessionId> = sessions.into_iter().collect();
        by_use.sort_by_key(|session| state.sessions[session].used);
        let excess = by_use.len() as u64 + 1 - state.settings.sessions_max.max(1);
        for &session in by_use.iter().take(excess as usize) {
            state.end_session(session, SessionEnd::Evicted);
        }
    }
    let session = SessionId(next_uuid(state, attempt.chance));
    open_session(state, id, session, attempt);
    opened(state, session)
}

fn check_password(
    account: &mut Account,
    proof: Option<[u8; 32]>,
    now: TimeMs,
    settings: &Settings,
) -> Result<(), Refusal> {
    let Some(password) = &account.password else {
        return Ok(());
    };
    let rate = Rate {
        period_ms: 10_000,
        burst: settings.guesses_burst,
    };
    // A right password has to wait too: whether it is right is what a guess asks.
    account.guesses.look(now, rate).map_err(rate_limited)?;
    if proof == Some(password.digest) {
        return Ok(());
    }
    account.guesses.take(now, rate).map_err(rate_limited)?;
    Err(Refusal::WrongPassword)
}

/// The refusal of what comes too early.
pub(crate) fn rate_limited(wait_ms: u64) -> Refusal {
    let retry_after_ms = u32::try_from(wait_ms).unwrap_or(u32::MAX);
    Refusal::RateLimited { retry_after_ms }
}

fn open_session(state: &mut State, account: AccountId, id: SessionId, attempt: &Attempt) {
    let mut acknowledged = Offset(0);
    if let Some(account) = state.accounts.get_mut(&account) {
        account.sessions.insert(id);
        // A new device begins with what no other has.
        acknowledged = account.mailbox.acknowledged();
    }
    let session = Session {
        account,
        token: attempt.token,
        nonce: attempt.nonce,
        used: state.now,
        acknowledged,
        settled: Sequence(0),
        answers: VecDeque::new(),
    };
    state.sessions.insert(id, session);
    state.tokens.insert(attempt.token, id);
}

fn opened(state: &mut State, id: SessionId) -> Result<Answer, Refusal> {
    let now = state.now;
    let session = state.session_mut(id)?;
    session.used = now;
    let (account, next) = (session.account, session.settled.next());
    let acknowledged = session.acknowledged;
    let mailbox = state.accounts.get(&account).map(|account| &account.mailbox);
    let opened = Opened {
        account,
        session: id,
        next,
        acknowledged,
        end: mailbox.map_or(Offset(0), |mailbox| mailbox.end()),
    };
    Ok(Answer::LoggedIn {
        opened,
        token: None,
    })
}

/// Goes on with the session of a token.
pub(crate) fn resume(state: &mut State, token: TokenDigest) -> Result<Answer, Refusal> {
    let session = state.tokens.get(&token).copied();
    opened(state, session.ok_or(Refusal::NoSession)?)
}

/// Ends a session.
pub(crate) fn log_out(state: &mut State, session: SessionId) -> Result<Answer, Refusal> {
    state.session(session)?;
    state.end_session(session, SessionEnd::LoggedOut);
    Ok(Answer::LoggedOut)
}

/// Ends sessions that nobody uses, and forgets those that ended long ago.
pub(crate) fn expire(state: &mut State) {
    let (now, idle_ms) = (state.now, state.settings.session_idle_ms);
    let sessions = state.sessions.iter();
    let idle: Vec<SessionId> = sessions
        .filter(|(_, session)| now.since(session.used) > idle_ms)
        .map(|(&id, _)| id)
        .collect();
    for session in idle {
        state.end_session(session, SessionEnd::Idle);
    }
    let tokens = &mut state.tokens;
    state.ended.retain(|_, ended| {
        let is_kept = now.since(ended.time) <= idle_ms;
        if !is_kept {
            tokens.remove(&ended.token);
        }
        is_kept
    });
}
