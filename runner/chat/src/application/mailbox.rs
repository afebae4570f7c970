//! A mailbox: messages with dense offsets. The recipient acknowledges them from the front.
//!
//! Messages beyond the acknowledgement are *queued*: neither retention nor a full mailbox drops one. Those before it are
//! *kept* for the history, as long as the settings say.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::answer::Message;
use crate::field::{Field, Malformed};
use crate::identity::{AccountId, Offset, TimeMs};
use crate::limits::Settings;
use crate::refusal::Refusal;
use crate::rule::{Rule, Rules};

/// The messages of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mailbox {
    /// Kept messages, then queued ones: offsets without gaps, the last one's is `end`. A copy of the state shares them.
    messages: VecDeque<Arc<Message>>,
    end: Offset,
    acknowledged: Offset,
    /// Bytes of queued texts.
    queued_bytes: u64,
    /// Queued messages of each author.
    queued_of: BTreeMap<AccountId, u64>,
}

impl Mailbox {
    /// Offset of the last message that there ever was.
    pub(crate) fn end(&self) -> Offset {
        self.end
    }

    /// The last message that some device of the recipient has.
    pub(crate) fn acknowledged(&self) -> Offset {
        self.acknowledged
    }

    /// How many messages are queued.
    pub(crate) fn queued(&self) -> u64 {
        self.end.0 - self.acknowledged.0
    }

    /// Offset of the first message that is still there; one beyond the end if none is.
    pub(crate) fn first(&self) -> Offset {
        Offset(self.end.0 + 1 - self.messages.len() as u64)
    }

    /// Messages beyond an offset, in order.
    pub(crate) fn after(&self, offset: Offset) -> impl DoubleEndedIterator<Item = &Message> {
        self.index(offset.next())
    }

    /// Messages before an offset, in order.
    pub(crate) fn before(&self, offset: Offset) -> impl DoubleEndedIterator<Item = &Message> {
        let count = offset.0.saturating_sub(self.first().0);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let messages = self.messages.range(..count.min(self.messages.len()));
        messages.map(Arc::as_ref)
    }

    fn index(&self, from: Offset) -> impl DoubleEndedIterator<Item = &Message> {
        let skipped = from.0.saturating_sub(self.first().0);
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        let messages = self.messages.range(skipped.min(self.messages.len())..);
        messages.map(Arc::as_ref)
    }

    /// Whether a message of this author and length can be queued.
    pub(crate) fn room(
        &self,
        author: AccountId,
        bytes: u64,
        settings: &Settings,
    ) -> Result<(), Refusal> {
        let is_full = self.queued() >= settings.queued_messages_max
            || self.queued_bytes + bytes > settings.queued_bytes_max;
        let queued_of = self.queued_of.get(&author).copied().unwrap_or(0);
        match () {
            () if is_full => Err(Refusal::MailboxFull),
            () if queued_of >= settings.queued_sender_messages_max => Err(Refusal::SenderQuota),
            () => Ok(()),
        }
    }

    /// Queues a message, and gives it its offset.
    pub(crate) fn queue(&mut self, mut message: Message) -> Offset {
        self.end = self.end.next();
        message.offset = self.end;
        self.count(&message);
        self.messages.push_back(Arc::new(message));
        self.end
    }

    fn count(&mut self, message: &Message) {
        self.queued_bytes += message.text.len() as u64;
        *self.queued_of.entry(message.author).or_default() += 1;
    }

    /// The recipient has the messages through this one. It never goes back.
    pub(crate) fn acknowledge(&mut self, through: Offset) {
        let newly: Vec<(AccountId, u64)> = self
            .after(self.acknowledged)
            .take_while(|message| message.offset <= through)
            .map(|message| (message.author, message.text.len() as u64))
            .collect();
        for (author, bytes) in newly {
            self.queued_bytes -= bytes;
            if let Some(count) = self.queued_of.get_mut(&author) {
                *count -= 1;
                if *count == 0 {
                    self.queued_of.remove(&author);
                }
            }
        }
        self.acknowledged = self.acknowledged.max(through);
    }

    /// Drops what is kept longer than the settings say.
    pub(crate) fn retain(&mut self, now: TimeMs, settings: &Settings, rules: Rules) {
        let keeps_queued = rules.hold(Rule::KeepQueued);
        while let Some(message) = self.messages.front() {
            let kept = match keeps_queued {
                true => (self.acknowledged.0 + 1).saturating_sub(message.offset.0),
                false => self.messages.len() as u64,
            };
            let is_old = now.since(message.accepted) > settings.kept_ms;
            let is_queued = keeps_queued && message.offset > self.acknowledged;
            if is_queued || (kept <= settings.kept_messages_max && !is_old) {
                break;
            }
            self.acknowledged = self.acknowledged.max(message.offset);
            self.messages.pop_front();
        }
    }

    /// Drops the oldest queued message: what a full mailbox must not do.
    pub(crate) fn drop_oldest(&mut self) {
        self.acknowledge(self.acknowledged.next());
        self.messages.pop_front();
    }

    /// Counts offsets from what is there: what a restart must not do.
    pub(crate) fn forget_end(&mut self) {
        self.end = self.messages.back().map_or(Offset(0), |last| last.offset);
        self.acknowledged = self.acknowledged.min(self.end);
    }
}

impl Field for Mailbox {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.end.write(bytes);
        self.acknowledged.write(bytes);
        self.messages.write(bytes);
    }

    fn read(bytes: &mut &[u8]) -> Result<Self, Malformed> {
        let mut mailbox = Mailbox {
            end: Field::read(bytes)?,
            acknowledged: Field::read(bytes)?,
            messages: Field::read(bytes)?,
            ..Mailbox::default()
        };
        let invalid = |rule: &str| Malformed::Invalid {
            rule: rule.to_owned(),
        };
        if mailbox.acknowledged > mailbox.end || mailbox.end.0 < mailbox.messages.len() as u64 {
            return Err(invalid("a mailbox ends before its messages do"));
        }
        let offsets = mailbox.messages.iter().map(|message| message.offset.0);
        if !offsets.eq(mailbox.first().0..=mailbox.end.0) {
            return Err(invalid("the offsets of a mailbox have a gap"));
        }
        if mailbox.first() > mailbox.acknowledged.next() {
            return Err(invalid("a queued message is missing"));
        }
        let queued: Vec<Message> = mailbox.after(mailbox.acknowledged).cloned().collect();
        queued.iter().for_each(|message| mailbox.count(message));
        Ok(mailbox)
    }
}
