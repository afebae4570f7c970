//! What clients hear and show, and what they have a right to.
//!
//! **Invariant.** A send has one record, from the moment in which it was asked for; a device shows a message once.

use std::collections::HashMap;
use std::rc::Rc;

use chat::answer::Answer;
use chat::client::operation::{Operation, OperationId, Settlement};
use chat::identity::{AccountId, Offset, Sequence, SessionId};
use cluster::client::durable::ClientDisk;
use cluster::client::event::{ClientEvent, Verdict, verdict};
use event_log::chat::Property;
use machine::process::units::Time;

use super::device::{ClientTrack, Open};
use super::finding::Finding;
use super::mail::MessageName;
use super::promises::{Promised, accepted, created, gone, refused};
use super::servers::Servers;
use super::sights::Sights;
use crate::happened::Happening;

/// A message that a client was asked to send.
#[derive(Debug, Clone)]
pub(crate) struct Send {
    pub(crate) client: usize,
    text: Rc<str>,
    /// What the client heard last; none while it waits.
    pub(crate) verdict: Option<Verdict>,
    /// Its name, if the service has given it one.
    pub(crate) name: Option<MessageName>,
}

/// What was counted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) delivered: u64,
    pub(crate) duplicated: u64,
    pub(crate) reordered: u64,
}

/// What clients have heard and shown.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) clients: Vec<ClientTrack>,
    pub(crate) sends: Vec<Send>,
    pub(super) by_text: HashMap<Rc<str>, usize>,
    /// How far the device of a session has its mailbox.
    pub(super) shown: HashMap<SessionId, Offset>,
    pub(super) owners: HashMap<SessionId, AccountId>,
    /// How far some device of an account has its mailbox, and has said so.
    pub(super) acknowledged: HashMap<AccountId, Offset>,
    pub(crate) counts: Counts,
    pub(super) promised: Promised,
}

/// What an operation has come to stays (S4).
fn ended_once(
    client: usize,
    track: &ClientTrack,
    operation: OperationId,
    settlement: &Settlement,
) -> Result<(), Finding> {
    let Some(before) = track.ended.get(&operation) else {
        return Ok(());
    };
    let number = operation.0;
    let finding = format!(
        "operation {number} of client {client} ends with {settlement:?}, and has ended with {before:?}"
    );
    Err(Finding::of(Property::S4, finding))
}

impl Ledger {
    pub(crate) fn new(clients: u32) -> Ledger {
        Ledger {
            clients: vec![ClientTrack::default(); clients as usize],
            ..Ledger::default()
        }
    }

    /// Whether a message waits for somebody who is away.
    pub(crate) fn is_mail_waiting(&self, servers: &Servers) -> bool {
        let mut away = self.clients.iter().filter_map(ClientTrack::away);
        let mail = &servers.oracle.lineages[0].mail;
        away.any(|account| {
            let clients = self.clients.iter();
            let shown = clients.map(|client| client.shown(account)).max();
            mail.names.is_alive(account) && shown.unwrap_or_default() < mail.end(account)
        })
    }

    /// The disk of a client has changed.
    pub(crate) fn written(&mut self, client: usize, disk: &ClientDisk) {
        let kept = disk.shelves.iter();
        self.clients[client].kept = kept.map(|(&of, shelf)| (of, shelf.last)).collect();
    }

    /// A client has written an event to its log.
    pub(crate) fn recorded(
        &mut self,
        now: Time,
        client: usize,
        event: &ClientEvent,
        servers: &Servers,
        sights: &mut Sights,
    ) -> Result<(), Finding> {
        match event {
            ClientEvent::Begun { .. } => self.begin(now, client),
            ClientEvent::Invoked { operation, asked } => {
                self.invoked(now, client, *operation, asked);
            }
            ClientEvent::Settled {
                operation,
                sequence,
                settlement,
                ..
            } => {
                if let Settlement::Done(Answer::Deleted { dropped: 1.. }) = settlement {
                    sights.happened.note(Happening::DeletedWithMail);
                }
                return self.settled(now, client, *operation, *sequence, settlement, servers);
            }
            ClientEvent::Delivered {
                account, message, ..
            } => return self.delivered(client, *account, message, servers),
            ClientEvent::LoggedIn { opened, .. } => {
                self.logged_in(client, opened);
                let mut others = self.clients.iter().enumerate();
                if others.any(|(of, other)| of != client && other.account() == Some(opened.account))
                {
                    sights.happened.note(Happening::TwoDevices);
                }
            }
            ClientEvent::SessionEnded { .. } => {
                let track = &mut self.clients[client];
                track.is_in &= std::mem::take(&mut track.is_replaced);
            }
            &ClientEvent::Acknowledged { through } => {
                if let Some((_, account)) = self.clients[client].session {
                    let kept = self.promised.acknowledged.entry(account).or_default();
                    *kept = through.max(*kept);
                }
            }
            &ClientEvent::Skipped { first, last } => {
                return self.skipped(client, (first, last), servers);
            }
            &ClientEvent::Rewound { seen, end } => {
                return self.rewound(client, seen, end, servers);
            }
            _ => {}
        }
        Ok(())
    }

    /// A life begins: what was open in the one before stays unknown, and the device has what is on its disk.
    fn begin(&mut self, now: Time, client: usize) {
        let track = &mut self.clients[client];
        for open in std::mem::take(&mut track.open).into_values() {
            if let Some(send) = open.send {
                self.sends[send].verdict = Some(Verdict::Unknown);
            }
        }
        track.ended.clear();
        track.shown = track.kept.clone();
        track.wait.begin(now);
    }

    fn invoked(&mut self, now: Time, client: usize, operation: OperationId, asked: &Operation) {
        let send = match asked {
            Operation::Send { text, .. } => {
                let text: Rc<str> = text.as_str().into();
                self.by_text.insert(Rc::clone(&text), self.sends.len());
                self.sends.push(Send {
                    client,
                    text,
                    verdict: None,
                    name: None,
                });
                Some(self.sends.len() - 1)
            }
            _ => None,
        };
        let track = &mut self.clients[client];
        let is_unknown = false;
        track.open.insert(operation, Open { send, is_unknown });
        track.wait.invoke(now);
    }

    fn settled(
        &mut self,
        now: Time,
        client: usize,
        operation: OperationId,
        sequence: Option<Sequence>,
        settlement: &Settlement,
        servers: &Servers,
    ) -> Result<(), Finding> {
        let verdict = verdict(settlement);
        let track = &mut self.clients[client];
        let Some(open) = track.open.remove(&operation) else {
            return ended_once(client, track, operation, settlement);
        };
        if verdict == Verdict::Unknown {
            let is_unknown = true;
            track.open.insert(operation, Open { is_unknown, ..open });
        } else {
            track.ended.insert(operation, settlement.clone());
        }
        if !open.is_unknown {
            let is_answer = !matches!(settlement, Settlement::NotDone | Settlement::Unknown);
            let is_ok = verdict == Verdict::Done;
            track.wait.settle(now, is_ok, is_answer, track.waiting());
        }
        let Some((session, account)) = track.session else {
            return Ok(());
        };
        let name = sequence.map(|sequence| (session, sequence));
        if let Some(send) = open.send {
            self.sends[send].verdict = Some(verdict);
            self.sends[send].name = name.or(self.sends[send].name);
        }
        match settlement {
            Settlement::Done(Answer::Sent {
                sequence,
                placement,
                ..
            }) => {
                let text = open.send.map(|send| &*self.sends[send].text);
                accepted(servers, (session, *sequence), text, *placement)
            }
            Settlement::Done(Answer::Deleted { .. }) | Settlement::Gone => {
                self.promised.gone.insert(account);
                gone(servers, account)
            }
            Settlement::Done(Answer::Created { account }) => {
                self.promised.made.insert(*account);
                created(servers, *account)
            }
            _ if verdict == Verdict::Failed && open.send.is_some() => refused(servers, name),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use chat::refusal::Refusal;

    use super::*;

    #[test]
    fn an_operation_ends_once_and_an_answer_may_follow_where_nobody_knew() {
        let (servers, operation) = (Servers::new(3, false, true), OperationId(1));
        let mut ledger = Ledger::new(1);
        ledger.invoked(Time(1), 0, operation, &Operation::LogOut);
        let mut settle = |time, settlement: Settlement| {
            let settled = ledger.settled(Time(time), 0, operation, None, &settlement, &servers);
            settled.map_err(|found| (found.property, found.finding))
        };
        assert_eq!(settle(2, Settlement::Unknown), Ok(()));
        assert_eq!(settle(3, Settlement::Unknown), Ok(()));
        assert_eq!(settle(9, Settlement::Done(Answer::LoggedOut)), Ok(()));
        for again in [
            Settlement::Refused(Refusal::LoginNeeded),
            Settlement::Unknown,
            Settlement::Done(Answer::LoggedOut),
        ] {
            let (property, finding) = settle(10, again).expect_err("it has ended");
            assert_eq!(property, Property::S4);
            assert!(
                finding.contains("has ended with Done(LoggedOut)"),
                "{finding}"
            );
        }
        // A life later it is not known any more how it ended.
        ledger.begin(Time(20), 0);
        let late = ledger.settled(Time(21), 0, operation, None, &Settlement::Unknown, &servers);
        assert!(late.is_ok());
    }
}
