//! What clients were told and shown, and what they have a right to.
//!
//! **Invariant.** A send has one record, from the moment in which it was asked for; a device shows a message once.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use chat::answer::{Answer, Message, Opened, Placement};
use chat::client::operation::{Operation, OperationId, Settlement};
use chat::identity::{AccountId, Offset, Sequence, SessionId};
use cluster::client::durable::ClientDisk;
use cluster::client::event::{ClientEvent, Verdict, verdict};
use event_log::chat::Property;
use machine::process::units::Time;

use super::finding::Finding;
use super::mail::{MessageName, ordinal};
use super::servers::Servers;
use super::sights::Sights;
use super::waits::Wait;
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

/// An operation without an end.
#[derive(Debug, Clone, Copy)]
struct Open {
    /// Its record, if it is a send.
    send: Option<usize>,
    /// Whether the client was told that nobody knows.
    is_unknown: bool,
}

/// What was seen of a client.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClientTrack {
    /// Its last session, and whose it is.
    session: Option<(SessionId, AccountId)>,
    /// Whether that session is open, as far as the client knows.
    pub(crate) is_in: bool,
    /// Whether another session took the place of one that was open: its end is reported behind that.
    is_replaced: bool,
    open: BTreeMap<OperationId, Open>,
    /// The last message of each mailbox that the device has.
    shown: BTreeMap<AccountId, Offset>,
    /// The same, as it is on its disk.
    kept: BTreeMap<AccountId, Offset>,
    pub(crate) wait: Wait,
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

impl ClientTrack {
    /// Whose mailbox it listens to.
    pub(crate) fn account(&self) -> Option<AccountId> {
        let (_, account) = self.session?;
        self.is_in.then_some(account)
    }

    /// Whose mailbox it had before it left.
    pub(crate) fn away(&self) -> Option<AccountId> {
        let (_, account) = self.session?;
        (!self.is_in).then_some(account)
    }

    /// The last message of a mailbox that it has.
    pub(crate) fn shown(&self, account: AccountId) -> Offset {
        self.shown.get(&account).copied().unwrap_or_default()
    }

    /// Operations whose end its user waits for.
    pub(crate) fn waiting(&self) -> usize {
        self.open.values().filter(|open| !open.is_unknown).count()
    }
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
            mail.is_alive(account) && shown.unwrap_or_default() < mail.end(account)
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

/// A send was acknowledged: it is committed, and where the answer says (S1, S4).
fn accepted(
    servers: &Servers,
    name: MessageName,
    text: Option<&str>,
    placement: Option<Placement>,
) -> Result<(), Finding> {
    let (session, sequence) = (ordinal(name.0.0), name.1.0);
    let mut other = None;
    for lineage in &servers.oracle.lineages {
        let Some(sent) = lineage.mail.sent(name) else {
            continue;
        };
        let is_other = |text| lineage.mail.name_of(text) != Some(name);
        if sent.placed.is_some() && text.is_some_and(is_other) {
            let finding = format!(
                "message {sequence} of session {session} is acknowledged, and is not what was asked for, {text:?}"
            );
            return Err(Finding::of(Property::S4, finding));
        }
        let said = placement.map(|placement| (placement.to, placement.offset));
        match (said, sent.placed) {
            (None, Some(_)) => return Ok(()),
            (Some(said), Some(placed)) if said == placed => return Ok(()),
            // The mailbox is gone with its account, before anybody looked.
            (Some((account, _)), None) if !lineage.mail.is_alive(account) => return Ok(()),
            (said, placed) => other = Some((said, placed)),
        }
    }
    let finding = match other {
        None => {
            format!("message {sequence} of session {session} is acknowledged, and not committed")
        }
        Some((said, placed)) => format!(
            "message {sequence} of session {session} is acknowledged at {said:?}, and is at {placed:?}"
        ),
    };
    let property = if other.is_none() {
        Property::S1
    } else {
        Property::S4
    };
    Err(Finding::of(property, finding))
}

/// A send was refused for good: it is in no mailbox (S4).
fn refused(servers: &Servers, name: Option<MessageName>) -> Result<(), Finding> {
    let Some(name) = name.filter(|_| !servers.have_parted()) else {
        return Ok(());
    };
    let lineages = servers.oracle.lineages.iter();
    let mut placed = lineages.filter_map(|lineage| lineage.mail.sent(name)?.placed);
    match placed.next() {
        None => Ok(()),
        Some((account, offset)) => Err(Finding::of(
            Property::S4,
            format!(
                "message {} of session {} has failed, and is at offset {} of account {}",
                name.1.0,
                ordinal(name.0.0),
                offset.0,
                ordinal(account.0)
            ),
        )),
    }
}

/// The deletion of an account was acknowledged (S9).
fn gone(servers: &Servers, account: AccountId) -> Result<(), Finding> {
    let mut lineages = servers.oracle.lineages.iter();
    match lineages.all(|lineage| lineage.mail.is_alive(account)) {
        false => Ok(()),
        true => {
            let account = ordinal(account.0);
            let finding = format!("account {account} is said to be deleted, and is there");
            Err(Finding::of(Property::S9, finding))
        }
    }
}

/// The creation of an account was acknowledged (S1).
fn created(servers: &Servers, account: AccountId) -> Result<(), Finding> {
    let mut lineages = servers.oracle.lineages.iter();
    match lineages.any(|lineage| lineage.mail.was_made(account)) {
        true => Ok(()),
        false => {
            let account = ordinal(account.0);
            let finding = format!("account {account} is said to be made, and nobody committed it");
            Err(Finding::of(Property::S1, finding))
        }
    }
}
