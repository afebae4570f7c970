//! What users saw, and what they would complain of.

use std::collections::{BTreeMap, BTreeSet};

use chat::answer::{Answer, Message};
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

/// A ledger while it is written.
#[derive(Default)]
struct Clerk {
    ledger: Ledger,
    asked: BTreeMap<(u32, OperationId), Operation>,
    /// What was accepted, and what was shown, by its place.
    sent: BTreeMap<(AccountId, Offset), String>,
    shown: BTreeMap<(AccountId, Offset), String>,
    /// What each device has seen: the last place, the last sequence of each session, and all messages.
    last: BTreeMap<(u32, AccountId), Offset>,
    sequences: BTreeMap<(u32, AccountId, SessionId), Sequence>,
    names: BTreeSet<(u32, AccountId, SessionId, Sequence)>,
    gone: BTreeSet<AccountId>,
    owners: BTreeMap<u32, AccountId>,
}

/// Goes through a log.
///
/// # Errors
///
/// What users would complain of.
pub(super) fn ledger(log: &[(Time, u32, Said)]) -> Result<Ledger, String> {
    let mut clerk = Clerk::default();
    for (time, who, said) in log {
        if let Said::Client(event) = said {
            let place = format!("{} ms, process {who}", time.0 / 1_000_000);
            let written = clerk.write(*who, event);
            written.map_err(|complaint| format!("{place}: {complaint}"))?;
        }
    }
    clerk.close()
}

impl Clerk {
    fn write(&mut self, who: u32, event: &ClientEvent) -> Result<(), String> {
        match event {
            ClientEvent::Begun { .. } => self.asked.retain(|(client, _), _| *client != who),
            ClientEvent::Invoked { operation, asked } => {
                self.asked.insert((who, *operation), asked.clone());
            }
            ClientEvent::LoggedIn { opened, .. } => {
                self.owners.insert(who, opened.account);
                let seen = self.last.entry((who, opened.account)).or_default();
                *seen = opened.acknowledged.max(*seen);
            }
            ClientEvent::Skipped { last, .. } => {
                self.last.insert((who, self.owners[&who]), *last);
            }
            ClientEvent::Delivered {
                account, message, ..
            } => return self.show(who, *account, message),
            ClientEvent::Settled {
                operation,
                settlement,
                ..
            } => {
                let asked = self.asked[&(who, *operation)].clone();
                return self.settle(who, &asked, settlement);
            }
            _ => {}
        }
        Ok(())
    }

    fn show(&mut self, who: u32, account: AccountId, message: &Message) -> Result<(), String> {
        self.ledger.delivered += 1;
        let (session, sequence) = (message.session, message.sequence);
        let seen = self.last.entry((who, account)).or_default();
        if message.offset != seen.next() {
            return Err(format!("offset {} after {}", message.offset.0, seen.0));
        }
        *seen = message.offset;
        if !self.names.insert((who, account, session, sequence)) {
            return Err(format!("shown twice: {message:?}"));
        }
        let before = self.sequences.insert((who, account, session), sequence);
        if before.is_some_and(|before| before > sequence) {
            return Err(format!("shown out of order: {message:?}"));
        }
        let text = self.shown.entry((account, message.offset));
        match *text.or_insert_with(|| message.text.clone()) == message.text {
            true => Ok(()),
            false => Err(format!("two messages of one place: {message:?}")),
        }
    }

    fn settle(
        &mut self,
        who: u32,
        asked: &Operation,
        settlement: &Settlement,
    ) -> Result<(), String> {
        let ledger = &mut self.ledger;
        match verdict(settlement) {
            Verdict::Done => {}
            Verdict::Failed => ledger.failed += 1,
            Verdict::Unknown => ledger.unknown += 1,
        }
        match (asked, settlement) {
            (Operation::Send { text, .. }, Settlement::Done(answer)) => {
                let Answer::Sent {
                    is_repeated,
                    placement,
                    ..
                } = answer
                else {
                    return Err(format!("{answer:?} to a send"));
                };
                ledger.sent += 1;
                ledger.repeated += u64::from(*is_repeated);
                if let Some(placement) = placement {
                    let place = (placement.to, placement.offset);
                    self.sent.insert(place, text.clone());
                }
            }
            (Operation::Delete, Settlement::Done(_) | Settlement::Gone) => {
                ledger.deleted += 1;
                self.gone.insert(self.owners[&who]);
            }
            (Operation::Create { name, .. }, Settlement::Done(_)) if *name == contested_name() => {
                ledger.winners.push(who);
            }
            _ => {}
        }
        Ok(())
    }

    /// What was accepted was shown.
    fn close(self) -> Result<Ledger, String> {
        for (place, text) in &self.sent {
            match self.shown.get(place) {
                Some(found) if found == text => {}
                Some(found) => return Err(format!("{place:?}: sent {text}, shown {found}")),
                None if self.gone.contains(&place.0) => {}
                None => return Err(format!("{place:?}: accepted and never shown: {text}")),
            }
        }
        Ok(self.ledger)
    }
}
