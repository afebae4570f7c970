//! What a client knows, and how it says things.

use machine::chance::Stream;

use crate::answer::Answer;
use crate::client::calls::Call;
use crate::client::inbox::Inbox;
use crate::client::link::{Asked, Link, Phase};
use crate::client::login::Identity;
use crate::client::operation::{ClientSettings, Effect, OperationId, Report, Settlement};
use crate::client::window::{Deed, Window};
use crate::identity::{AccountId, Nonce, Sequence, ServerId, TimeMs, View};
use crate::refusal::{Refusal, SessionEnd};
use crate::rule::{Rule, Rules};
use crate::wire::request::{Request, ToServer};

/// All of it.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) settings: ClientSettings,
    pub(crate) rules: Rules,
    pub(crate) chance: Stream,
    pub(crate) link: Link,
    /// The highest view that was seen.
    pub(crate) view: View,
    pub(crate) identity: Identity,
    pub(crate) window: Window,
    pub(crate) inbox: Inbox,
    /// Whose messages the inbox has shown.
    pub(crate) owner: Option<AccountId>,
    /// Whether messages were asked for on this connection.
    pub(crate) is_listening: bool,
    pub(crate) calls: Vec<Call>,
    /// How many operations there were.
    pub(crate) operations: u64,
    /// When the client asked to be woken, last.
    pub(crate) wake: Option<TimeMs>,
}

impl Core {
    pub(crate) fn nonce(&mut self) -> Nonce {
        let mut nonce = [0; 16];
        for half in nonce.chunks_exact_mut(8) {
            half.copy_from_slice(&self.chance.below(u64::MAX).to_be_bytes());
        }
        Nonce(nonce)
    }

    pub(crate) fn report(
        &self,
        operation: OperationId,
        settlement: Settlement,
        effects: &mut Vec<Effect>,
    ) {
        effects.push(Effect::Report(Report::Settled {
            operation,
            settlement,
        }));
    }

    /// Says something, and awaits an answer.
    pub(crate) fn say(
        &mut self,
        asked: Asked,
        request: Request,
        now: TimeMs,
        effects: &mut Vec<Effect>,
    ) {
        let view = self.view;
        let id = self.link.ask(asked, now);
        effects.push(Effect::Send(ToServer { id, view, request }));
    }

    /// Leaves the server: what has no answer is asked for again on the next one.
    pub(crate) fn leave(&mut self, now: TimeMs, hint: Option<ServerId>, effects: &mut Vec<Effect>) {
        let (server, view) = (self.link.server, self.view);
        effects.push(Effect::HangUp);
        effects.push(Effect::Report(Report::Lost { server, view }));
        let (link, chance) = (&mut self.link, &mut self.chance);
        link.leave(now, hint, &self.settings, chance);
        for call in &mut self.calls {
            call.carried_by = None;
        }
    }

    /// Nobody is logged in any more: what waits for it ends.
    pub(crate) fn end_session(&mut self, refusal: &Refusal, effects: &mut Vec<Effect>) {
        let (end, settled) = match *refusal {
            Refusal::SessionEnded { end, settled } => (Some(end), settled),
            // Nobody knows what was done in it.
            _ => (None, Sequence(u64::MAX)),
        };
        self.end_window(refusal, end, settled, effects);
        let (ending, kept) = std::mem::take(&mut self.calls)
            .into_iter()
            .partition(Call::needs_login);
        self.calls = kept;
        let is_left = matches!(end, Some(SessionEnd::LoggedOut | SessionEnd::Deleted));
        let ending: Vec<Call> = ending;
        for call in ending {
            let settlement = match call.request {
                Request::LogOut if is_left => Settlement::Done(Answer::LoggedOut),
                _ => Settlement::Refused(refusal.clone()),
            };
            self.report(call.operation, settlement, effects);
        }
        if let Some(attempt) = self.identity.attempt.take() {
            let settlement = Settlement::Refused(refusal.clone());
            self.report(attempt.operation, settlement, effects);
        }
        if self.identity.session.is_some() || self.identity.token.is_some() {
            effects.push(Effect::Report(Report::SessionEnded(end)));
        }
        // What is still owed is owed to the session that is over.
        self.link.asked.retain(|_, asked| match asked {
            Asked::Hello | Asked::Ping => true,
            Asked::Call(operation) => {
                let mut calls = self.calls.iter();
                calls.any(|call| call.operation == *operation)
            }
            Asked::LogIn | Asked::Deliver | Asked::Acknowledge | Asked::Deed(_) => false,
        });
        self.identity.forget();
        if matches!(self.link.phase, Phase::LoggingIn | Phase::LoggedIn) {
            self.link.phase = Phase::Open;
        }
    }

    /// The session is over: of what had left, nobody knows whether it was done, unless the service says how far it came.
    pub(crate) fn end_window(
        &mut self,
        refusal: &Refusal,
        end: Option<SessionEnd>,
        settled: Sequence,
        effects: &mut Vec<Effect>,
    ) {
        let (flying, waiting) = self.window.end();
        for flying in flying {
            let settlement = match flying.deed {
                Deed::Delete if end == Some(SessionEnd::Deleted) => Settlement::Gone,
                _ if flying.sequence > settled => Settlement::Refused(refusal.clone()),
                _ if self.rules.hold(Rule::UnknownIsNotFailed) => Settlement::Unknown,
                _ => Settlement::NotDone,
            };
            if !(flying.is_reported_unknown && settlement == Settlement::Unknown) {
                self.report(flying.operation, settlement, effects);
            }
        }
        for operation in waiting {
            self.report(operation, Settlement::NotDone, effects);
        }
    }
}
