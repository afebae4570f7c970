//! The whole state as bytes, and back.
//!
//! Servers that have applied the same entries have the same bytes. Their keeper sees whether they
//! were damaged; what is no state is an error here, and no panic.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::application::state::{Account, State};
use crate::field::{Field, Malformed, end};
use crate::identity::{AccountId, Sequence};
use crate::rule::{Rule, Rules};

/// What a snapshot begins with; its last two bytes are the version of the form.
const HEAD: [u8; 8] = *b"dlchat\x00\x01";

/// Why bytes are no snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// They begin otherwise.
    #[error("no snapshot of this version: it begins with {found:02x?}, expected {HEAD:02x?}")]
    Head {
        /// The first bytes.
        found: Vec<u8>,
    },
    /// They are damaged.
    #[error("a damaged snapshot: {0}; take one from another server")]
    Malformed(#[from] Malformed),
}

impl Field for Account {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.name.write(bytes);
        self.password.write(bytes);
        self.nonce.write(bytes);
        self.sends.write(bytes);
        self.guesses.write(bytes);
        self.mailbox.write(bytes);
    }

    fn read(bytes: &mut &[u8]) -> Result<Self, Malformed> {
        Ok(Account {
            name: Field::read(bytes)?,
            password: Field::read(bytes)?,
            nonce: Field::read(bytes)?,
            sends: Field::read(bytes)?,
            guesses: Field::read(bytes)?,
            mailbox: Field::read(bytes)?,
            sessions: BTreeSet::new(),
        })
    }
}

/// The bytes of a state.
pub(crate) fn write(state: &State) -> Vec<u8> {
    let mut bytes = HEAD.to_vec();
    state.settings.write(&mut bytes);
    state.now.write(&mut bytes);
    state.ordinal.write(&mut bytes);
    state.accounts.write(&mut bytes);
    state.sessions.write(&mut bytes);
    state.ended.write(&mut bytes);
    bytes
}

/// The state of exactly these bytes.
pub(crate) fn read(bytes: &[u8], rules: Rules) -> Result<State, SnapshotError> {
    let Some(mut bytes) = bytes.strip_prefix(&HEAD) else {
        let found = bytes.iter().copied().take(HEAD.len()).collect();
        return Err(SnapshotError::Head { found });
    };
    let bytes = &mut bytes;
    let mut state = State {
        settings: Field::read(bytes)?,
        rules,
        now: Field::read(bytes)?,
        ordinal: Field::read(bytes)?,
        accounts: Field::read(bytes)?,
        sessions: Field::read(bytes)?,
        ended: Field::read(bytes)?,
        names: BTreeMap::new(),
        tokens: BTreeMap::new(),
    };
    end(bytes)?;
    forget(&mut state);
    connect(&mut state)?;
    Ok(state)
}

/// What broken rules forget.
fn forget(state: &mut State) {
    if !state.rules.hold(Rule::SettledInSnapshot) {
        for session in state.sessions.values_mut() {
            session.settled = Sequence(0);
            session.answers.clear();
        }
    }
    if !state.rules.hold(Rule::OffsetsGoOn) {
        let accounts = state.accounts.values_mut();
        accounts.for_each(|account| account.mailbox.forget_end());
    }
}

/// Finds names, tokens and the sessions of accounts again.
fn connect(state: &mut State) -> Result<(), Malformed> {
    let names = state.accounts.iter();
    state.names = names
        .map(|(&id, account)| (account.name.clone(), id))
        .collect();
    if state.names.len() != state.accounts.len() && state.rules.hold(Rule::OneCreator) {
        return Err(invalid("two accounts have the same name".to_owned()));
    }
    for (&id, session) in &state.sessions {
        let account = state.accounts.get_mut(&session.account);
        let account = account.ok_or_else(|| no_account(session.account))?;
        account.sessions.insert(id);
        if session.acknowledged > account.mailbox.end() {
            return Err(invalid("a device has more than its mailbox".to_owned()));
        }
        if session.settled.0 < session.answers.len() as u64 {
            return Err(invalid("more answers than operations".to_owned()));
        }
    }
    let open = state.sessions.iter();
    let open = open.map(|(&id, session)| (session.token, id));
    let ended = state.ended.iter().map(|(&id, ended)| (ended.token, id));
    state.tokens = open.chain(ended).collect();
    Ok(())
}

fn no_account(id: AccountId) -> Malformed {
    invalid(format!(
        "a session is of account {}, which is missing",
        id.0
    ))
}

fn invalid(rule: String) -> Malformed {
    Malformed::Invalid { rule }
}
