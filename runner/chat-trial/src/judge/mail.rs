//! What a history makes of messages: which is at which offset of which mailbox.
//!
//! It is read off the state of the first server that has come so far, and checked against what was committed; every other server
//! is then compared with it. It knows of the service what users have a right to, and nothing of how the service does it.
//!
//! **Invariant.** An offset that was read once keeps its message.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use chat::answer::Message;
use chat::application::Application;
use chat::application::command::{Command, Entry};
use chat::identity::{AccountId, Offset, Sequence, SessionId};
use event_log::chat::Property;
use replica::units::OpNumber;

use super::finding::{Finding, ordinal};
use super::names::Names;

/// What names a message for ever.
pub(crate) type MessageName = (SessionId, Sequence);

/// What was sent under a name, and is committed.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    /// Where the command is that placed the message, or the last one that did not.
    pub(crate) op: OpNumber,
    /// Of each text the first command: under a name that was refused and is free still, a client that has begun anew may send
    /// another message.
    entries: Vec<(OpNumber, Arc<Entry>)>,
    /// Where the message is, once it was seen.
    pub(crate) placed: Option<(AccountId, Offset)>,
}

/// Messages and accounts of one history.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mail {
    boxes: BTreeMap<AccountId, Vec<MessageName>>,
    pub(crate) names: Names,
    sends: HashMap<MessageName, Sent>,
    /// Texts are the senders' own names of their messages: no two have the same.
    texts: HashMap<Rc<str>, MessageName>,
    /// The last message of a session that is in a mailbox.
    last: HashMap<SessionId, Sequence>,
    /// Where the history ended when messages were taken back that may be in it: a server that has come so far knows.
    doubt: Option<OpNumber>,
}

impl Mail {
    /// As it was when the history ended at a place.
    pub(crate) fn until(&self, after: OpNumber) -> Mail {
        let mut mail = self.clone();
        let is_certain = |name: &MessageName| self.sends.get(name).is_some_and(|of| of.op <= after);
        for messages in mail.boxes.values_mut() {
            let certain = messages.iter().take_while(|&name| is_certain(name)).count();
            messages.truncate(certain);
        }
        let placed: BTreeSet<MessageName> = mail.boxes.values().flatten().copied().collect();
        mail.sends.retain(|name, sent| {
            sent.entries.retain(|(op, _)| *op <= after);
            if sent.placed.is_some() && !placed.contains(name) {
                sent.placed = None;
                sent.op = sent.entries.last().map_or(sent.op, |&(op, _)| op);
                mail.doubt = Some(after);
            }
            !sent.entries.is_empty()
        });
        mail.texts.retain(|_, name| placed.contains(name));
        mail.names = self.names.until(after);
        mail.last.clear();
        for &(session, sequence) in &placed {
            let last = mail.last.entry(session).or_default();
            *last = sequence.max(*last);
        }
        mail
    }

    /// A send is committed; false if its message is in a mailbox already.
    pub(crate) fn commit(&mut self, op: OpNumber, name: MessageName, entry: &Arc<Entry>) -> bool {
        let Some(sent) = self.sends.get_mut(&name) else {
            let entries = vec![(op, Arc::clone(entry))];
            let placed = None;
            self.sends.insert(
                name,
                Sent {
                    op,
                    entries,
                    placed,
                },
            );
            return true;
        };
        if sent.placed.is_none() {
            sent.op = op;
            if sent.entries.iter().all(|(_, known)| known != entry) {
                sent.entries.push((op, Arc::clone(entry)));
            }
        }
        sent.placed.is_none()
    }

    /// Reads what a server has in a mailbox beyond an offset; the last offset.
    pub(crate) fn read(
        &mut self,
        application: &Application,
        account: AccountId,
        after: Offset,
    ) -> Result<Offset, Finding> {
        let after = after.min(self.end(account));
        let mut last = after;
        for message in application.messages_after(account, after) {
            let known = self.boxes.entry(account).or_default();
            let index = message.offset.0.saturating_sub(1) as usize;
            let name = (message.session, message.sequence);
            match known.get(index) {
                Some(&known) if known == name => {}
                Some(&known) => return Err(another(message, known)),
                None if index == known.len() => self.place(account, message)?,
                None => {
                    return Err(Finding::of(
                        Property::S6,
                        format!(
                            "the mailbox of account {} goes on at offset {} after offset {}",
                            ordinal(account.0),
                            message.offset.0,
                            known.len()
                        ),
                    ));
                }
            }
            last = message.offset;
        }
        Ok(last)
    }

    /// A message is seen for the first time.
    fn place(&mut self, account: AccountId, message: &Message) -> Result<(), Finding> {
        let name = (message.session, message.sequence);
        let of = |finding: String| {
            format!(
                "message {} of session {} {finding} (offset {} of account {})",
                message.sequence.0,
                ordinal(message.session.0),
                message.offset.0,
                ordinal(account.0)
            )
        };
        let here = (account, message.offset);
        let sent_at = match self.sends.get_mut(&name) {
            None => {
                let finding = of("is in a mailbox, and nobody sent it".to_owned());
                return Err(Finding::of(Property::S7, finding));
            }
            Some(sent) => {
                if let Some((other, offset)) = sent.placed.replace(here) {
                    let finding = format!(
                        "is there twice, before at offset {} of account {}",
                        offset.0,
                        ordinal(other.0)
                    );
                    return Err(Finding::of(Property::S4, of(finding)));
                }
                let mut entries = sent.entries.iter();
                if !entries.any(|(_, entry)| is_of(message, &entry.command)) {
                    let finding = of(format!("is not what was sent, {:?}", sent.entries));
                    return Err(Finding::of(Property::S6, finding));
                }
                sent.entries.first().map_or(sent.op, |&(op, _)| op)
            }
        };
        if let Some(first) = self.texts.insert(message.text.as_str().into(), name) {
            let finding = of(format!(
                "has the text of message {} of session {}",
                first.1.0,
                ordinal(first.0.0)
            ));
            return Err(Finding::of(Property::S4, finding));
        }
        // It may be seen only after a deletion that came behind it.
        if let Some(op) = self.names.gone(message.author).filter(|&op| op < sent_at) {
            let finding = of(format!("is of an account that was deleted at {op}"));
            return Err(Finding::of(Property::S9, finding));
        }
        self.boxes.entry(account).or_default().push(name);
        Ok(())
    }

    /// Sends that were committed, in order, have left messages in the order of their sequences. One that was refused for the
    /// moment and asked for again counts where it was first for those before it, and where it was last for those behind it.
    pub(crate) fn follow(&mut self, names: &[MessageName]) -> Result<(), Finding> {
        let mut times: HashMap<MessageName, (usize, usize)> = HashMap::new();
        for &name in names {
            times.entry(name).or_default().1 += 1;
        }
        for &(session, sequence) in names {
            let sent = self.sends.get(&(session, sequence));
            if sent.is_none_or(|sent| sent.placed.is_none()) {
                continue;
            }
            let (seen, all) = times.entry((session, sequence)).or_default();
            *seen += 1;
            let last = self.last.entry(session).or_default();
            if *seen == 1 && sequence <= *last {
                let finding = format!(
                    "message {} of session {} is accepted after message {}",
                    sequence.0,
                    ordinal(session.0),
                    last.0
                );
                return Err(Finding::of(Property::S5, finding));
            }
            if seen == all {
                *last = sequence.max(*last);
            }
        }
        Ok(())
    }

    /// Whether a server that has come to a place has to be asked for all that it has; then nothing is in doubt.
    pub(crate) fn take_doubt(&mut self, op: OpNumber) -> bool {
        self.doubt.take_if(|doubt| *doubt <= op).is_some()
    }

    /// The message at an offset.
    pub(crate) fn at(&self, account: AccountId, offset: Offset) -> Option<MessageName> {
        let index = usize::try_from(offset.0.checked_sub(1)?).ok()?;
        self.boxes.get(&account)?.get(index).copied()
    }

    /// What was sent under a name.
    pub(crate) fn sent(&self, name: MessageName) -> Option<&Sent> {
        self.sends.get(&name)
    }

    /// The name under which a text is in a mailbox.
    pub(crate) fn name_of(&self, text: &str) -> Option<MessageName> {
        self.texts.get(text).copied()
    }

    /// The last offset of a mailbox.
    pub(crate) fn end(&self, account: AccountId) -> Offset {
        let messages = self.boxes.get(&account);
        Offset(messages.map_or(0, Vec::len) as u64)
    }
}

fn is_of(message: &Message, command: &Command) -> bool {
    matches!(command, Command::Send { session, sequence, text, .. }
        if *session == message.session && *sequence == message.sequence && *text == message.text)
}

fn another(message: &Message, (session, sequence): MessageName) -> Finding {
    Finding::of(
        Property::S6,
        format!(
            "offset {} is message {} of session {}, and was message {} of session {}",
            message.offset.0,
            message.sequence.0,
            ordinal(message.session.0),
            sequence.0,
            ordinal(session.0)
        ),
    )
}

#[cfg(test)]
mod tests;
