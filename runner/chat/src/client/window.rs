//! Operations with sequences: messages, and the deletion of the account.
//!
//! An operation gets its sequence when it first leaves, and keeps it. What is under way is sent again, in order, on each new
//! connection, until it has an answer; so the service carries it out once.
//!
//! A server that asks to wait refuses all that is behind as well, for it is out of order. After the wait one operation leaves
//! alone, and with each answer one more may be under way: otherwise every message of a sender who is too fast would cost a
//! whole window of requests.

use std::collections::VecDeque;

use crate::client::operation::OperationId;
use crate::identity::{RequestId, Sequence, TimeMs};
use crate::limits::WINDOW_MAX;
use crate::name::Name;
use crate::rule::{Rule, Rules};
use crate::wire::request::Request;

/// What has a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deed {
    Send { to: Name, text: String },
    Delete,
}

#[derive(Debug, Clone)]
struct Waiting {
    operation: OperationId,
    deed: Deed,
    deadline: TimeMs,
}

/// What has left.
#[derive(Debug, Clone)]
pub(crate) struct Flying {
    pub(crate) operation: OperationId,
    pub(crate) sequence: Sequence,
    pub(crate) deed: Deed,
    deadline: TimeMs,
    /// The request that carries it on this connection.
    request: Option<RequestId>,
    pub(crate) is_reported_unknown: bool,
}

/// The window of a session.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    rules: Rules,
    waiting: VecDeque<Waiting>,
    flying: VecDeque<Flying>,
    next: Sequence,
    /// Nothing leaves before: the server has asked to wait.
    paused_until: TimeMs,
    /// Requests that may be under way at once.
    abreast: usize,
}

impl Window {
    /// The window of a session in which nothing was done.
    pub(crate) fn new(rules: Rules) -> Window {
        Window {
            rules,
            waiting: VecDeque::new(),
            flying: VecDeque::new(),
            next: Sequence(1),
            paused_until: TimeMs(0),
            abreast: WINDOW_MAX,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.flying.is_empty()
    }

    /// An operation waits for its turn.
    pub(crate) fn push(&mut self, operation: OperationId, deed: Deed, deadline: TimeMs) {
        self.waiting.push_back(Waiting {
            operation,
            deed,
            deadline,
        });
    }

    /// A new connection: what is under way has to be said again. `next` is what the server says is due.
    pub(crate) fn reconnect(&mut self, next: Sequence) {
        for flying in &mut self.flying {
            flying.request = None;
        }
        if !self.rules.hold(Rule::KeepSequences) {
            let due = (next.0..).map(Sequence);
            let flying = self.flying.iter_mut().zip(due);
            flying.for_each(|(flying, due)| flying.sequence = due);
            self.next = Sequence(next.0 + self.flying.len() as u64);
        }
        self.next = self.next.max(next);
    }

    /// The first sequence that has no answer.
    pub(crate) fn unsettled(&self) -> Sequence {
        let first = self.flying.front();
        first.map_or(self.next, |flying| flying.sequence)
    }

    /// What leaves next, as the request of this number.
    pub(crate) fn take(&mut self, now: TimeMs, request: RequestId) -> Option<(Sequence, Request)> {
        let asked = self.flying.iter().filter(|flying| flying.request.is_some());
        if now < self.paused_until || asked.count() >= self.abreast {
            return None;
        }
        let mut flying = self.flying.iter();
        let unsent = |flying: &Flying| flying.request.is_none();
        let place = match self.rules.hold(Rule::ResendInOrder) {
            true => flying.position(unsent),
            false => flying.rposition(unsent),
        };
        let place = match place {
            Some(place) => place,
            None if self.flying.len() < WINDOW_MAX => {
                let waiting = self.waiting.pop_front()?;
                self.flying.push_back(Flying {
                    operation: waiting.operation,
                    sequence: self.next,
                    deed: waiting.deed,
                    deadline: waiting.deadline,
                    request: None,
                    is_reported_unknown: false,
                });
                self.next = self.next.next();
                self.flying.len() - 1
            }
            None => return None,
        };
        let confirmed = Sequence(self.unsettled().0.saturating_sub(1));
        let flying = self.flying.get_mut(place)?;
        flying.request = Some(request);
        let sequence = flying.sequence;
        let request = match &flying.deed {
            Deed::Delete => Request::Delete { sequence },
            Deed::Send { to, text } => Request::Send {
                sequence,
                confirmed,
                to: to.clone(),
                text: text.clone(),
            },
        };
        Some((sequence, request))
    }

    /// A sequence has its answer, for good.
    pub(crate) fn settle(&mut self, sequence: Sequence) -> Option<OperationId> {
        let mut flying = self.flying.iter();
        let place = flying.position(|flying| flying.sequence == sequence)?;
        self.abreast = WINDOW_MAX.min(self.abreast + 1);
        Some(self.flying.remove(place)?.operation)
    }

    /// A sequence was refused for now: it leaves again, in its order; not before a time, if the server has asked to wait.
    pub(crate) fn again(
        &mut self,
        sequence: Sequence,
        request: RequestId,
        not_before: Option<TimeMs>,
    ) {
        let mut flying = self.flying.iter_mut();
        // The answer to an earlier attempt says nothing of a later one.
        if let Some(flying) = flying.find(|flying| flying.sequence == sequence)
            && flying.request == Some(request)
        {
            flying.request = None;
            if let Some(not_before) = not_before {
                self.paused_until = self.paused_until.max(not_before);
                self.abreast = 1;
            }
        }
    }

    /// Operations whose deadline has passed: those that never left, which are dropped, and those that did, which stay.
    pub(crate) fn expire(&mut self, now: TimeMs) -> (Vec<OperationId>, Vec<OperationId>) {
        let mut not_done = Vec::new();
        self.waiting.retain(|waiting| {
            let is_late = waiting.deadline <= now;
            if is_late {
                not_done.push(waiting.operation);
            }
            !is_late
        });
        let flying = self.flying.iter_mut();
        let late = flying.filter(|flying| flying.deadline <= now && !flying.is_reported_unknown);
        let unknown = late.map(|flying| {
            flying.is_reported_unknown = true;
            flying.operation
        });
        (not_done, unknown.collect())
    }

    /// The session is over: what had left, and what had not. A new session begins with sequence 1.
    pub(crate) fn end(&mut self) -> (Vec<Flying>, Vec<OperationId>) {
        let ended = std::mem::replace(self, Window::new(self.rules));
        let waiting = ended.waiting.into_iter();
        let waiting = waiting.map(|waiting| waiting.operation);
        (ended.flying.into(), waiting.collect())
    }

    /// When something is due by itself: a deadline, or the end of a pause.
    pub(crate) fn due(&self, now: TimeMs) -> Option<TimeMs> {
        let waiting = self.waiting.iter().map(|waiting| waiting.deadline);
        let flying = self.flying.iter();
        let flying = flying.filter(|flying| !flying.is_reported_unknown);
        let pause = (now < self.paused_until && !self.is_empty()).then_some(self.paused_until);
        let deadlines = waiting.chain(flying.map(|flying| flying.deadline));
        deadlines.chain(pause).min()
    }
}
