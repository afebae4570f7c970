//! Messages that come: each is shown once, in order, and then acknowledged.

use crate::answer::Message;
use crate::client::operation::Report;
use crate::identity::{Offset, TimeMs};
use crate::rule::{Rule, Rules};

/// How far the messages have come.
#[derive(Debug, Clone)]
pub(crate) struct Inbox {
    rules: Rules,
    /// The last message that was shown.
    seen: Offset,
    /// The last one that the service knows of.
    acknowledged: Offset,
    /// The last one of an acknowledgement under way.
    asked: Offset,
    /// When the first message came that is not in an acknowledgement.
    since: Option<TimeMs>,
}

/// What is to be done with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It is new.
    Show(Message),
    /// It was shown before.
    Known,
    /// Others are missing before it.
    Gap,
}

impl Inbox {
    /// A device that has the messages through this one.
    pub(crate) fn new(seen: Offset, rules: Rules) -> Inbox {
        Inbox {
            rules,
            seen,
            acknowledged: Offset(0),
            asked: Offset(0),
            since: None,
        }
    }

    pub(crate) fn seen(&self) -> Offset {
        self.seen
    }

    /// A new connection: the service has this acknowledgement, and knows of no other.
    pub(crate) fn reconnect(&mut self, acknowledged: Offset, now: TimeMs) {
        self.seen = self.seen.max(acknowledged);
        self.acknowledged = acknowledged;
        self.asked = acknowledged;
        self.since = (self.seen > acknowledged).then_some(now);
    }

    /// Messages before this one are kept no more.
    pub(crate) fn begin(&mut self, first: Offset) -> Option<Report> {
        let missing = self.seen.next();
        if first <= missing {
            return None;
        }
        let last = Offset(first.0 - 1);
        self.seen = last;
        Some(Report::Skipped {
            first: missing,
            last,
        })
    }

    /// A message has come.
    pub(crate) fn arrive(&mut self, message: Message, now: TimeMs) -> Arrival {
        if message.offset <= self.seen && self.rules.hold(Rule::ShowOnce) {
            return Arrival::Known;
        }
        if message.offset > self.seen.next() {
            return Arrival::Gap;
        }
        self.seen = self.seen.max(message.offset);
        self.since.get_or_insert(now);
        Arrival::Show(message)
    }

    /// The acknowledgement that is due, if one is.
    pub(crate) fn acknowledge(
        &mut self,
        now: TimeMs,
        messages: u64,
        after_ms: u64,
    ) -> Option<Offset> {
        let is_late = self.due(after_ms).is_some_and(|due| due <= now);
        let count = self.seen.0.saturating_sub(self.asked.0);
        if count == 0 || !(is_late || count >= messages) {
            return None;
        }
        self.since = None;
        self.asked = match self.rules.hold(Rule::AcknowledgeShown) {
            true => self.seen,
            false => self.seen.next(),
        };
        Some(self.asked)
    }

    /// The service has an acknowledgement.
    pub(crate) fn acknowledged(&mut self, through: Offset) {
        self.acknowledged = self.acknowledged.max(through);
    }

    /// Whether the service knows of everything that was shown.
    pub(crate) fn is_settled(&self) -> bool {
        self.since.is_none() && self.acknowledged >= self.asked
    }

    /// When an acknowledgement is due at the latest.
    pub(crate) fn due(&self, after_ms: u64) -> Option<TimeMs> {
        self.since.map(|since| since.plus(after_ms))
    }
}
