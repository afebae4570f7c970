//! Creating and deleting accounts.

use std::collections::BTreeSet;

use crate::answer::Answer;
use crate::application::bucket::Bucket;
use crate::application::mailbox::Mailbox;
use crate::application::state::{Account, State};
use crate::identity::{AccountId, Nonce, PasswordHash, Sequence, SessionId, uuid_of};
use crate::name::Name;
use crate::refusal::{Refusal, SessionEnd};
use crate::rule::Rule;

/// Creates an account, unless its name has an owner. Its creator may ask again.
pub(crate) fn create(
    state: &mut State,
    name: &Name,
    password: Option<&PasswordHash>,
    nonce: Nonce,
    chance: Nonce,
) -> Result<Answer, Refusal> {
    if let Some(owner) = state.names.get(name)
        && state.rules.hold(Rule::OneCreator)
    {
        let is_repeated = state.accounts[owner].nonce == nonce;
        let account = *owner;
        return match is_repeated {
            true => Ok(Answer::Created { account }),
            false => Err(Refusal::NameTaken),
        };
    }
    if state.accounts.len() as u64 >= state.settings.accounts_max {
        return Err(Refusal::AccountsFull);
    }
    let id = AccountId(next_uuid(state, chance));
    let account = Account {
        name: name.clone(),
        password: password.cloned(),
        nonce,
        sends: Bucket::default(),
        guesses: Bucket::default(),
        mailbox: Mailbox::default(),
        sessions: BTreeSet::new(),
    };
    state.accounts.insert(id, account);
    state.names.insert(name.clone(), id);
    Ok(Answer::Created { account: id })
}

/// A uuid that was never given before.
pub(crate) fn next_uuid(state: &mut State, chance: Nonce) -> uuid::Uuid {
    if state.rules.hold(Rule::FreshIdentity) {
        state.ordinal += 1;
    }
    uuid_of(state.ordinal, chance)
}

/// Deletes the account of a session, with its mailbox and all its sessions.
///
/// The sequence is due: [`turn`](crate::application::sends::turn) has said so.
pub(crate) fn delete(
    state: &mut State,
    session: SessionId,
    sequence: Sequence,
) -> Result<Answer, Refusal> {
    let id = state.session(session)?.account;
    let account = state.accounts.get(&id).ok_or(Refusal::NoAccount)?;
    let (name, dropped) = (account.name.clone(), account.mailbox.queued());
    let sessions = account.sessions.clone();
    state.session_mut(session)?.settled = sequence;
    if state.rules.hold(Rule::TokenEndsWithAccount) {
        for session in sessions {
            state.end_session(session, SessionEnd::Deleted);
        }
    }
    if state.rules.hold(Rule::ListWithoutDeleted) {
        state.accounts.remove(&id);
        state.names.remove(&name);
    }
    Ok(Answer::Deleted { dropped })
}
