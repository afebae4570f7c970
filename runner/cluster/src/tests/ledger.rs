//! What users saw, and what they would complain of.

use std::collections::{BTreeMap, BTreeSet};

use chat::answer::Answer;
use chat::client::operation::{Operation, OperationId, Settlement};
use chat::identity::{AccountId, Offset, Sequence, SessionId};
use machine::process::units::Time;

use super::place::Said;
use crate::client::event::{ClientEvent, Verdict, verdict};
use crate::workload::setup::contested_name;

/// What came of all operations.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ledger {
    pub(super) sent: u64,
    pub(super) failed: u64,
    pub(super) unknown: u64,
    pub(super) delivered: u64,
    pub(super) repeated: u64,
    pub(super) deleted: u64,
    /// Clients that created the name that all want.
    pub(super) winners: Vec<u32>,
}

type Texts = BTreeMap<(AccountId, Offset), String>;

/// Goes through a log.
///
/// # Errors
///
/// What users would complain of.
pub(super) fn ledger(log: &[(Time, u32, Said)]) -> Result<Ledger, String> {
    let mut ledger = Ledger::default();
    let mut asked: BTreeMap<(u32, OperationId), Operation> = BTreeMap::new();
    let (mut sent, mut shown) = (Texts::new(), Texts::new());
    let mut last: BTreeMap<(u32, AccountId), Offset> = BTreeMap::new();
    let mut names: BTreeSet<(u32, AccountId, SessionId, Sequence)> = BTreeSet::new();
    let mut sequences: BTreeMap<(u32, AccountId, SessionId), Sequence> = BTreeMap::new();
    let mut gone: BTreeSet<AccountId> = BTreeSet::new();
    let mut owners: BTreeMap<u32, AccountId> = BTreeMap::new();
    for (time, who, said) in log {
        let Said::Client(event) = said else { continue };
        let place = format!("{} ms, process {who}", time.0 / 1_000_000);
        match event {
            ClientEvent::Begun { .. } => asked.retain(|(client, _), _| client != who),
            ClientEvent::Invoked {
                operation,
                asked: what,
            } => {
                asked.insert((*who, *operation), what.clone());
            }
            ClientEvent::LoggedIn { opened, .. } => {
                owners.insert(*who, opened.account);
                let seen = last.entry((*who, opened.account)).or_default();
                *seen = opened.acknowledged.max(*seen);
            }
            ClientEvent::Skipped { last: to, .. } => {
                last.insert((*who, owners[who]), *to);
            }
            ClientEvent::Delivered {
                account, message, ..
            } => {
                ledger.delivered += 1;
                let seen = last.entry((*who, *account)).or_default();
                if message.offset != seen.next() {
                    return Err(format!(
                        "{place}: offset {} after {}",
                        message.offset.0, seen.0
                    ));
                }
                *seen = message.offset;
                if !names.insert((*who, *account, message.session, message.sequence)) {
                    return Err(format!("{place}: shown twice: {message:?}"));
                }
                let before = sequences.insert((*who, *account, message.session), message.sequence);
                if before.is_some_and(|before| before > message.sequence) {
                    return Err(format!("{place}: shown out of order: {message:?}"));
                }
                let text = shown.entry((*account, message.offset));
                if *text.or_insert_with(|| message.text.clone()) != message.text {
                    return Err(format!("{place}: two messages of one place: {message:?}"));
                }
            }
            ClientEvent::Settled {
                operation,
                settlement,
                ..
            } => {
                let what = &asked[&(*who, *operation)];
                match (what, settlement) {
                    (Operation::Send { text, .. }, Settlement::Done(answer)) => {
                        ledger.sent += 1;
                        let Answer::Sent {
                            is_repeated,
                            placement,
                            ..
                        } = answer
                        else {
                            return Err(format!("{place}: {answer:?} to a send"));
                        };
                        ledger.repeated += u64::from(*is_repeated);
                        if let Some(placement) = placement {
                            sent.insert((placement.to, placement.offset), text.clone());
                        }
                    }
                    (Operation::Delete, Settlement::Done(_) | Settlement::Gone) => {
                        ledger.deleted += 1;
                        gone.insert(owners[who]);
                    }
                    (Operation::Create { name, .. }, Settlement::Done(_))
                        if *name == contested_name() =>
                    {
                        ledger.winners.push(*who);
                    }
                    _ => {}
                }
                match verdict(settlement) {
                    Verdict::Done => {}
                    Verdict::Failed => ledger.failed += 1,
                    Verdict::Unknown => ledger.unknown += 1,
                }
            }
            _ => {}
        }
    }
    for (place, text) in &sent {
        match shown.get(place) {
            Some(found) if found == text => {}
            Some(found) => return Err(format!("{place:?}: sent {text}, shown {found}")),
            None if gone.contains(&place.0) => {}
            None => return Err(format!("{place:?}: accepted and never shown: {text}")),
        }
    }
    Ok(ledger)
}
