//! What servers say, and what follows.

use crate::answer::{Answer, Opened};
use crate::client::core::Core;
use crate::client::inbox::{Arrival, Inbox};
use crate::client::link::{Asked, Phase};
use crate::client::operation::{Effect, OperationId, Report, Settlement};
use crate::identity::{Offset, RequestId, Sequence, TimeMs, Token};
use crate::refusal::{Refusal, SessionEnd};
use crate::rule::Rule;
use crate::wire::response::{Notice, Response, ToClient};

impl Core {
    /// Something has come on the connection.
    pub(crate) fn receive(&mut self, now: TimeMs, message: ToClient, effects: &mut Vec<Effect>) {
        if matches!(self.link.phase, Phase::Down { .. } | Phase::Connecting) {
            return;
        }
        let ToClient { id, view, response } = message;
        if view < self.view && self.rules.hold(Rule::ClientFence) {
            // It may not know yet that another serves: what it says counts no more.
            return self.leave(now, None, effects);
        }
        self.view = self.view.max(view);
        self.link.hear(now);
        let asked = match self.link.asked.remove(&id) {
            Some(asked) => asked,
            None if id == RequestId(0) => return self.unasked(now, response, effects),
            // The answer came before.
            None => return,
        };
        match response {
            Response::Refused(Refusal::NotPrimary { hint }) => self.leave(now, hint, effects),
            Response::Refused(Refusal::Unsettled | Refusal::LoginNeeded) => {
                self.leave(now, None, effects);
            }
            Response::Refused(refusal) => self.refused(now, (id, asked), refusal, effects),
            Response::Answered(answer) => self.answered(now, asked, answer, effects),
            Response::Noticed(notice) => self.noticed(now, asked, notice, effects),
        }
    }

    /// The server speaks of its own.
    fn unasked(&mut self, now: TimeMs, response: Response, effects: &mut Vec<Effect>) {
        match response {
            Response::Noticed(Notice::Message { message }) => {
                match self.inbox.arrive(message, now) {
                    Arrival::Show(message) => {
                        effects.push(Effect::Report(Report::Delivered(message)));
                    }
                    Arrival::Known => {}
                    // It is asked for again from where it broke off.
                    Arrival::Gap => self.is_listening = self.link.awaits(Asked::Deliver),
                }
            }
            Response::Noticed(Notice::GoingAway { spread_ms }) => {
                self.leave(now, None, effects);
                let wait_ms = self.chance.below(u64::from(spread_ms) + 1);
                let until = now.plus(wait_ms);
                self.link.phase = Phase::Down { until };
            }
            Response::Refused(refusal @ (Refusal::SessionEnded { .. } | Refusal::NoSession)) => {
                self.end_session(&refusal, effects)
            }
            _ => {}
        }
    }

    fn noticed(&mut self, now: TimeMs, asked: Asked, notice: Notice, effects: &mut Vec<Effect>) {
        match (asked, notice) {
            (Asked::Hello, Notice::Welcome { standing, .. }) => {
                effects.push(Effect::Report(Report::Connected(standing)));
                if standing.is_serving {
                    self.link.phase = Phase::Open;
                } else {
                    self.leave(now, standing.primary, effects);
                }
            }
            (Asked::Call(operation), notice) => {
                self.end_call(operation, Settlement::Noticed(notice), effects);
            }
            _ => {}
        }
    }

    fn answered(&mut self, now: TimeMs, asked: Asked, answer: Answer, effects: &mut Vec<Effect>) {
        self.link.settle();
        match (asked, answer) {
            (Asked::LogIn, Answer::LoggedIn { opened, token }) => {
                self.logged_in(now, opened, token, effects);
            }
            (Asked::Deliver, Answer::Delivering { first, .. }) => {
                effects.extend(self.inbox.begin(first).map(Effect::Report));
            }
            (Asked::Acknowledge, Answer::Acknowledged { through }) => {
                self.inbox.acknowledged(through);
            }
            (Asked::Deed(sequence), answer) => {
                let is_gone = matches!(answer, Answer::Deleted { .. });
                if let Some(operation) = self.window.settle(sequence) {
                    self.report(operation, Settlement::Done(answer), effects);
                }
                if is_gone {
                    self.session_left(SessionEnd::Deleted, sequence, effects);
                }
            }
            (Asked::Call(operation), answer) => {
                let has_left = answer == Answer::LoggedOut;
                self.end_call(operation, Settlement::Done(answer), effects);
                if has_left {
                    self.session_left(SessionEnd::LoggedOut, Sequence(0), effects);
                }
            }
            _ => {}
        }
    }

    fn session_left(&mut self, end: SessionEnd, settled: Sequence, effects: &mut Vec<Effect>) {
        self.end_session(&Refusal::SessionEnded { end, settled }, effects);
    }

    fn logged_in(
        &mut self,
        now: TimeMs,
        opened: Opened,
        token: Option<Token>,
        effects: &mut Vec<Effect>,
    ) {
        let before = self.identity.session.replace(opened.session);
        if before.is_some_and(|before| before != opened.session) {
            // The service has forgotten the old session: what was under way in it is not sent in another one.
            self.end_window(&Refusal::NoSession, None, Sequence(u64::MAX), effects);
            effects.push(Effect::Report(Report::SessionEnded(None)));
        }
        let owner = self.owner.replace(opened.account);
        if owner.is_some_and(|owner| owner != opened.account) {
            self.inbox = Inbox::new(Offset(0), self.rules);
        }
        self.identity.token = token.or(self.identity.token);
        if let Some(attempt) = self.identity.attempt.take() {
            let answer = Answer::LoggedIn {
                opened,
                token: None,
            };
            self.report(attempt.operation, Settlement::Done(answer), effects);
        }
        if opened.next < self.window.unsettled() {
            // The service has lost operations that it had answered: under their sequences no others may go.
            self.end_session(&Refusal::NoSession, effects);
            return self.leave(now, None, effects);
        }
        self.window.reconnect(opened.next);
        self.inbox.reconnect(opened.acknowledged, now);
        self.is_listening = false;
        self.link.phase = Phase::LoggedIn;
    }

    fn refused(
        &mut self,
        now: TimeMs,
        (id, asked): (RequestId, Asked),
        refusal: Refusal,
        effects: &mut Vec<Effect>,
    ) {
        let is_over = matches!(refusal, Refusal::SessionEnded { .. } | Refusal::NoSession);
        match asked {
            // The token is dead, perhaps because an answer with a newer one was lost: the log-in itself still leads to the
            // same session.
            Asked::LogIn
                if refusal == Refusal::NoSession
                    && self.identity.token.is_some()
                    && self.identity.login.is_some() =>
            {
                self.identity.token = None;
                self.link.phase = Phase::Open;
            }
            Asked::LogIn => self.end_session(&refusal, effects),
            _ if is_over => self.end_session(&refusal, effects),
            Asked::Deed(sequence) if refusal.is_final() => {
                if let Some(operation) = self.window.settle(sequence) {
                    self.report(operation, Settlement::Refused(refusal), effects);
                }
            }
            Asked::Deed(sequence) => {
                let wait_ms = match refusal {
                    Refusal::OutOfOrder { .. } => None,
                    Refusal::RateLimited { retry_after_ms } => Some(u64::from(retry_after_ms)),
                    _ => Some(self.settings.retry_first_ms),
                };
                let not_before = wait_ms.map(|wait_ms| now.plus(wait_ms));
                self.window.again(sequence, id, not_before);
            }
            Asked::Call(operation) => {
                self.end_call(operation, Settlement::Refused(refusal), effects);
            }
            Asked::Deliver => {
                if let Refusal::BeyondMailbox { end } = refusal {
                    // The service has lost what it had delivered. Its offsets go on from there.
                    let (seen, end) = (self.inbox.seen(), Offset(end));
                    self.inbox = Inbox::new(end, self.rules);
                    effects.push(Effect::Report(Report::Rewound { seen, end }));
                    self.is_listening = false;
                }
            }
            Asked::Hello => {
                effects.push(Effect::Report(Report::TurnedAway(refusal)));
                self.leave(now, None, effects);
            }
            Asked::Acknowledge | Asked::Ping => self.leave(now, None, effects),
        }
    }

    fn end_call(
        &mut self,
        operation: OperationId,
        settlement: Settlement,
        effects: &mut Vec<Effect>,
    ) {
        let mut calls = self.calls.iter();
        if let Some(place) = calls.position(|call| call.operation == operation) {
            self.calls.remove(place);
            self.report(operation, settlement, effects);
        }
    }
}
