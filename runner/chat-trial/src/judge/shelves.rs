//! What devices show of their mailboxes, and acknowledge.
//!
//! **Invariant.** A device shows a message once, and the next one after it.

use chat::answer::{Message, Opened};
use chat::identity::{AccountId, Offset, SessionId};
use cluster::client::event::Verdict;
use event_log::chat::Property;

use super::finding::{Finding, ordinal};
use super::ledger::Ledger;
use super::servers::Servers;

impl Ledger {
    pub(super) fn delivered(
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
                let finding = of(format!("and for client {} it has failed", send.client));
                Err(Finding::of(Property::S4, finding))
            }
            Some(_) => Ok(()),
        }
    }

    pub(super) fn logged_in(&mut self, client: usize, opened: &Opened) {
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

    pub(super) fn skipped(
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

    pub(super) fn rewound(
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
