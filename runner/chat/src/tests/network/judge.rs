//! What users have a right to, and what has happened.

use std::collections::BTreeMap;

use crate::answer::{Answer, Message};
use crate::client::operation::Settlement;
use crate::identity::Offset;
use crate::refusal::Refusal;
use crate::wire::response::{Notice, Response, ToClient};

use super::trial::{CLIENTS, Sent, World, name};

impl World {
    /// No message is acknowledged that was not shown.
    pub(crate) fn check_acknowledged(&mut self) {
        for client in 0..CLIENTS {
            let application = &self.servers[self.primary].application;
            let account = application.account(&name(client));
            let acknowledged = account.and_then(|account| application.acknowledged(account));
            let shown = self.parties[client].shown.len() as u64;
            if acknowledged.unwrap_or_default() > Offset(shown) {
                self.fault(format!(
                    "{acknowledged:?} of client {client}, which has shown {shown}"
                ));
            }
        }
    }

    /// Whether all operations have ended, and all messages are shown and acknowledged.
    pub(crate) fn is_at_rest(&self) -> bool {
        let application = &self.servers[self.primary].application;
        let mut parties = self.parties.iter().enumerate();
        parties.all(|(client, party)| {
            let account = application.account(&name(client));
            let end = account.and_then(|account| application.mailbox(account));
            let (_, end) = end.unwrap_or_default();
            let acknowledged = account.and_then(|account| application.acknowledged(account));
            let mut sends = party.sends.values();
            !party.is_out
                && sends.all(|sent| !sent.settlements.is_empty())
                && party.others.values().all(Option::is_some)
                && party.shown.len() as u64 == end.0
                && acknowledged.unwrap_or_default() == end
        })
    }

    /// What users have a right to.
    pub(crate) fn check(&mut self) -> Result<(), String> {
        let application = &self.servers[self.primary].application;
        let mailbox = |client| {
            let account = application.account(&name(client));
            let messages = account.map(|account| application.messages_after(account, Offset(0)));
            messages
                .into_iter()
                .flatten()
                .cloned()
                .collect::<Vec<Message>>()
        };
        let mailboxes: Vec<Vec<Message>> = (0..CLIENTS).map(mailbox).collect();
        for (client, party) in self.parties.iter().enumerate() {
            if party.shown != mailboxes[client] {
                return Err(format!("client {client} has not shown its mailbox"));
            }
            for sent in party.sends.values() {
                check_send(sent, &mailboxes[sent.to])?;
            }
            let mut last = BTreeMap::new();
            for message in &mailboxes[client] {
                let (author, number) = message.text.split_once(':').ok_or("no text of ours")?;
                let number: usize = number.parse().map_err(|_| "no number")?;
                let before = last.insert(author.to_owned(), number);
                if before.is_some_and(|before| before >= number) {
                    return Err(format!("{} is out of order", message.text));
                }
            }
        }
        Ok(())
    }

    /// Something of note that comes to a client.
    pub(crate) fn note(&mut self, client: usize, message: &ToClient) {
        let party = &self.parties[client];
        let shown = Offset(party.shown.len() as u64);
        let what = match &message.response {
            _ if message.view < party.client.view() => "a server is of a lower view",
            Response::Refused(Refusal::RateLimited { .. }) => "a sender is too fast",
            Response::Refused(Refusal::OutOfOrder { .. }) => "a sequence comes too early",
            Response::Answered(Answer::LoggedIn { token: None, .. }) => {
                "a session goes on elsewhere"
            }
            Response::Noticed(Notice::Message { message }) if message.offset <= shown => {
                "a message is pushed again"
            }
            _ => return,
        };
        self.happens(what);
    }

    /// Something of note that is said of a message.
    pub(crate) fn note_settlement(&mut self, settlement: &Settlement, is_late: bool) {
        match settlement {
            Settlement::Done(_) if is_late => {
                self.happens("an unknown outcome is answered after all");
            }
            Settlement::Done(Answer::Sent {
                is_repeated: true, ..
            }) => self.happens("a repeated send is answered as the first time"),
            Settlement::Done(_) => self.happens("a message is accepted"),
            Settlement::Unknown => self.happens("an outcome is unknown"),
            Settlement::NotDone => self.happens("a message is not done"),
            _ => {}
        }
    }
}

fn check_send(sent: &Sent, mailbox: &[Message]) -> Result<(), String> {
    let found: Vec<&Message> = mailbox
        .iter()
        .filter(|message| message.text == sent.text)
        .collect();
    let of = |message: &str| Err(format!("{}: {message}, {:?}", sent.text, sent.settlements));
    if found.len() > 1 {
        return of("twice in the mailbox");
    }
    for settlement in &sent.settlements {
        match (settlement, found.first()) {
            (Settlement::Unknown, _) => {}
            (Settlement::Done(Answer::Sent { placement, .. }), Some(message)) => {
                let placed = placement.map(|placement| placement.offset);
                if placed != Some(message.offset) {
                    return of("elsewhere in the mailbox");
                }
            }
            (Settlement::Done(_), _) => return of("done, and not in the mailbox"),
            (_, Some(_)) => return of("not done, and in the mailbox"),
            _ => {}
        }
    }
    Ok(())
}
