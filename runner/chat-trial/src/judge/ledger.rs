//! What clients were told and shown, and what they have a right to.
//!
//! **Invariant.** A send has one record, from the moment in which it was asked for; a device shows a message once.

use std::collections::HashMap;
use std::rc::Rc;

use chat::answer::{Answer, Message, Opened};
use chat::client::operation::{Operation, OperationId, Settlement};
use chat::identity::{AccountId, Offset, Sequence, SessionId};
use cluster::client::durable::ClientDisk;
use cluster::client::event::{ClientEvent, Verdict, verdict};
use event_log::chat::Property;
use machine::process::units::Time;

use super::device::{ClientTrack, Open};
use super::finding::Finding;
use super::mail::{MessageName, ordinal};
use super::promises::{accepted, created, gone, refused};
use super::servers::Servers;
use super::sights::Sights;
use crate::happened::Happening;

/// A message that a client was asked to send.
#[derive(Debug, Clone)]
pub(crate) struct Send {
    pub(crate) client: usize,
    text: Rc<str>,
    /// What the client was told last; none while it waits.
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

/// What clients were told and shown.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) clients: Vec<ClientTrack>,
    pub(crate) sends: Vec<Send>,
    by_text: HashMap<Rc<str>, usize>,
    /// How far the device of a session has its mailbox.
    shown: HashMap<SessionId, Offset>,
    owners: HashMap<SessionId, AccountId>,
    /// How far some device of an account has its mailbox, and has said so.
    acknowledged: HashMap<AccountId, Offset>,
    pub(crate) counts: Counts,
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
            return Ok(());
        };
        if verdict == Verdict::Unknown {
            let is_unknown = true;
            track.open.insert(operation, Open { is_unknown, ..open });
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
            Settlement::Done(Answer::Deleted { .. }) | Settlement::Gone => gone(servers, account),
            Settlement::Done(Answer::Created { account }) => created(servers, *account),
            _ if verdict == Verdict::Failed && open.send.is_some() => refused(servers, name),
            _ => Ok(()),
        }
    }

    fn delivered(
        &mut self,
        client: usize,
        account: AccountId,
        message: &Message,
        servers: &Servers,
    ) -> Result<(), Finding> {
        self.counts.delivered += 1;
        let track = &mut self.clients[client];
        let (shown, offset) = (track.shown(account), message.offset);
        track.shown.insert(account, offset.max(shown));
        if let Some((session, _)) = track.session {
            let of_session = self.shown.entry(session).or_default();
            *of_session = offset.max(*of_session);
        }
        let of = |finding: String| {
            let (account, session) = (ordinal(account.0), ordinal(message.session.0));
            let (offset, sequence) = (offset.0, message.sequence.0);
            format!(
                "it shows message {sequence} of session {session}, offset {offset} of account {account}, {finding}"
            )
        };
        let name = (message.session, message.sequence);
        let lineages = &servers.oracle.lineages;
        let is_there = lineages
            .iter()
            .any(|lineage| lineage.mail.at(account, offset) == Some(name));
        if !is_there {
            let end = lineages.iter().map(|lineage| lineage.mail.end(account));
            let is_beyond = end.max().is_some_and(|end| offset > end);
            return Err(match is_beyond {
                true => Finding::of(Property::S7, of("which is not committed".to_owned())),
                false => Finding::of(Property::S6, of("where another one is".to_owned())),
            });
        }
        if offset <= shown && !servers.have_parted() {
            self.counts.duplicated += 1;
            return Err(Finding::of(Property::S4, of("again".to_owned())));
        }
        if offset > shown.next() && !servers.have_parted() {
            self.counts.reordered += 1;
            let finding = of(format!("before offset {}", shown.next().0));
            return Err(Finding::of(Property::S6, finding));
        }
        let send = self.by_text.get(message.text.as_str());
        match send.and_then(|&send| self.sends.get(send)) {
            None => Err(Finding::of(
                Property::S7,
                of("which nobody was asked to send".to_owned()),
            )),
            // What one side refused for good another may do: neither knows of the other.
            Some(send) if send.verdict == Some(Verdict::Failed) && !servers.have_parted() => {
                let finding = of(format!(
                    "and client {} was told that it failed",
                    send.client
                ));
                Err(Finding::of(Property::S4, finding))
            }
            Some(_) => Ok(()),
        }
    }

    fn logged_in(&mut self, client: usize, opened: &Opened) {
        let track = &mut self.clients[client];
        let before = track.session.replace((opened.session, opened.account));
        track.is_replaced = track.is_in && before.is_some_and(|(of, _)| of != opened.session);
        track.is_in = true;
        // A device takes no message that another has acknowledged.
        let shown = track.shown.entry(opened.account).or_default();
        *shown = opened.acknowledged.max(*shown);
        let shown = *shown;
        let of_session = self.shown.entry(opened.session).or_default();
        *of_session = shown.max(*of_session);
        self.owners.insert(opened.session, opened.account);
    }

    /// A device acknowledges: it has shown what it acknowledges, or nobody will see that again (S11).
    pub(crate) fn acknowledged(
        &mut self,
        session: SessionId,
        through: Offset,
        servers: &Servers,
    ) -> Result<(), Finding> {
        let (Some(&owner), Some(&shown)) = (self.owners.get(&session), self.shown.get(&session))
        else {
            return Ok(());
        };
        if through > shown && !servers.have_parted() {
            let finding = format!(
                "session {} acknowledges offset {}, and its device has shown {}",
                ordinal(session.0),
                through.0,
                shown.0
            );
            return Err(Finding::of(Property::S11, finding));
        }
        let acknowledged = self.acknowledged.entry(owner).or_default();
        *acknowledged = through.max(*acknowledged);
        Ok(())
    }

    /// A device goes on after an offset.
    fn move_on(&mut self, client: usize, last: Offset) -> Option<AccountId> {
        let track = &mut self.clients[client];
        let (session, account) = track.session?;
        track.shown.insert(account, last);
        self.shown.insert(session, last);
        Some(account)
    }

    fn skipped(
        &mut self,
        client: usize,
        (first, last): (Offset, Offset),
        servers: &Servers,
    ) -> Result<(), Finding> {
        let Some(account) = self.move_on(client, last) else {
            return Ok(());
        };
        let acknowledged = self.acknowledged.get(&account).copied().unwrap_or_default();
        match last <= acknowledged || servers.have_parted() {
            true => Ok(()),
            false => Err(Finding::of(
                Property::S11,
                format!(
                    "offsets {} to {} of account {} are not kept, and its devices have acknowledged {}",
                    first.0,
                    last.0,
                    ordinal(account.0),
                    acknowledged.0
                ),
            )),
        }
    }

    fn rewound(
        &mut self,
        client: usize,
        seen: Offset,
        end: Offset,
        servers: &Servers,
    ) -> Result<(), Finding> {
        self.move_on(client, end);
        match servers.have_parted() {
            true => Ok(()),
            false => {
                let finding = format!(
                    "it has shown offset {}, and the mailbox ends at {}",
                    seen.0, end.0
                );
                Err(Finding::of(Property::S1, finding))
            }
        }
    }
}
