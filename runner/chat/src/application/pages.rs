//! Looking: lists of accounts and histories, page by page.

use std::ops::Bound;

use wildmatch::WildMatch;

use crate::answer::{Answer, Listed, Message};
use crate::application::state::State;
use crate::field::Field as _;
use crate::identity::{Offset, SessionId};
use crate::limits::{
    FRAME_BYTES_MAX, HISTORY_MESSAGES_MAX, LIST_ACCOUNTS_MAX, PATTERN_CHARACTERS_MAX,
};
use crate::name::Name;
use crate::refusal::Refusal;

/// Bytes of a page's frame that are not its elements.
const PAGE_HEAD_BYTES: usize = 32;

/// Accounts whose names match a pattern, in the order of their names. An empty pattern matches all.
pub(crate) fn list(
    state: &State,
    session: SessionId,
    pattern: &str,
    after: Option<&Name>,
    most: u32,
) -> Result<Answer, Refusal> {
    state.session(session)?;
    if pattern.chars().count() > PATTERN_CHARACTERS_MAX {
        return Err(Refusal::PatternTooLong);
    }
    let most = (most as usize).min(LIST_ACCOUNTS_MAX);
    let pattern = match pattern {
        "" => WildMatch::new("*"),
        pattern => WildMatch::new(&pattern.to_ascii_lowercase()),
    };
    let start = after.map_or(Bound::Unbounded, Bound::Excluded);
    let names = state.names.range::<Name, _>((start, Bound::Unbounded));
    let mut matching = names.filter(|(name, _)| pattern.matches(name.as_str()));
    let accounts = matching.by_ref().take(most).map(|(name, &account)| Listed {
        name: name.clone(),
        account,
        is_logged_in: !state.accounts[&account].sessions.is_empty(),
    });
    let accounts = accounts.collect();
    let more = matching.next().is_some();
    Ok(Answer::Listed { accounts, more })
}

/// The last messages before an offset that a page holds, in order.
pub(crate) fn history(
    state: &State,
    session: SessionId,
    before: Offset,
    most: u32,
) -> Result<Answer, Refusal> {
    let (_, account) = state.account_of(session)?;
    let before = match before {
        Offset(0) => account.mailbox.end().next(),
        before => before,
    };
    let most = (most as usize).min(HISTORY_MESSAGES_MAX);
    let mut bytes = PAGE_HEAD_BYTES;
    let mut messages: Vec<Message> = account
        .mailbox
        .before(before)
        .rev()
        .take(most)
        .take_while(|message| {
            bytes += message.to_bytes().len();
            bytes <= FRAME_BYTES_MAX
        })
        .cloned()
        .collect();
    messages.reverse();
    let first = messages.first().map_or(before, |message| message.offset);
    let more = account.mailbox.before(first).next().is_some();
    Ok(Answer::History { messages, more })
}
