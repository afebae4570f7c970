//! What is due by itself: connecting, saying what waits, acknowledging, giving up.

use crate::client::core::Core;
use crate::client::link::{Asked, Phase};
use crate::client::operation::{Effect, Settlement};
use crate::identity::TimeMs;
use crate::refusal::Refusal;
use crate::rule::Rule;
use crate::wire::request::{PROTOCOL_VERSION, Request};

impl Core {
    /// Does everything that is due, and says when to be woken.
    pub(crate) fn advance(&mut self, now: TimeMs, effects: &mut Vec<Effect>) {
        self.expire(now, effects);
        let given_up = self.link.given_up(self.settings.silence_ms);
        if given_up.is_some_and(|due| due <= now) {
            self.leave(now, None, effects);
        }
        if let Phase::Down { until } = self.link.phase
            && until <= now
        {
            effects.push(Effect::Connect(self.link.server));
            self.link.connect(now);
        }
        if self.link.phase == Phase::Open
            && let Some(login) = self.identity.login()
        {
            self.link.phase = Phase::LoggingIn;
            if let Some(attempt) = &mut self.identity.attempt {
                attempt.has_left = true;
            }
            self.say(Asked::LogIn, Request::LogIn { login }, now, effects);
        }
        if self.link.phase == Phase::LoggedIn {
            self.speak(now, effects);
        }
        if matches!(self.link.phase, Phase::Open | Phase::LoggedIn) {
            self.call(now, effects);
        }
        let tried = self.link.tried(self.settings.quiet_ms);
        if tried.is_some_and(|due| due <= now) {
            self.say(Asked::Ping, Request::Ping, now, effects);
        }
        let due = self.due(now);
        if due != self.wake {
            effects.extend(due.map(Effect::WakeAt));
            self.wake = due;
        }
    }

    /// The connection is there: greets the server.
    pub(crate) fn greet(&mut self, now: TimeMs, effects: &mut Vec<Effect>) {
        self.link.phase = Phase::Greeting;
        let request = Request::Hello {
            lowest: PROTOCOL_VERSION,
            highest: PROTOCOL_VERSION,
        };
        self.say(Asked::Hello, request, now, effects);
    }

    fn expire(&mut self, now: TimeMs, effects: &mut Vec<Effect>) {
        let unknown = match self.rules.hold(Rule::UnknownIsNotFailed) {
            true => Settlement::Unknown,
            false => Settlement::NotDone,
        };
        let (not_done, late) = self.window.expire(now);
        for operation in not_done {
            self.report(operation, Settlement::NotDone, effects);
        }
        for operation in late {
            self.report(operation, unknown.clone(), effects);
        }
        let (late, calls) = std::mem::take(&mut self.calls)
            .into_iter()
            .partition(|call| call.deadline <= now);
        self.calls = calls;
        let late: Vec<_> = late;
        for call in late {
            self.report(call.operation, call.expired(self.rules), effects);
        }
        if let Some(attempt) = &self.identity.attempt
            && attempt.deadline <= now
        {
            let settlement = match attempt.has_left {
                true => unknown,
                false => Settlement::NotDone,
            };
            let operation = attempt.operation;
            let is_awaited = self.link.awaits(Asked::LogIn);
            self.identity.forget();
            self.report(operation, settlement, effects);
            self.end_session(&Refusal::LoginNeeded, effects);
            if is_awaited {
                // Its answer would log in whom nobody waits for.
                self.leave(now, None, effects);
            }
        }
    }

    /// Says what waits for a log-in.
    fn speak(&mut self, now: TimeMs, effects: &mut Vec<Effect>) {
        if self.settings.listens && !self.is_listening {
            self.is_listening = true;
            let after = self.inbox.seen();
            self.say(Asked::Deliver, Request::Deliver { after }, now, effects);
        }
        while let Some((sequence, request)) = self.window.take(now, self.link.next_request()) {
            self.say(Asked::Deed(sequence), request, now, effects);
        }
        let (messages, after_ms) = (
            self.settings.acknowledge_messages,
            self.settings.acknowledge_ms,
        );
        if let Some(through) = self.inbox.acknowledge(now, messages, after_ms) {
            let request = Request::Acknowledge { through };
            self.say(Asked::Acknowledge, request, now, effects);
        }
    }

    /// Asks what needs no sequence, and has not been asked on this connection.
    fn call(&mut self, now: TimeMs, effects: &mut Vec<Effect>) {
        let is_logged_in = self.link.phase == Phase::LoggedIn;
        let is_settled = self.window.is_empty() && self.inbox.is_settled();
        let mut due = Vec::new();
        for call in &mut self.calls {
            let waits = call.needs_login() && !is_logged_in;
            let is_last = call.request == Request::LogOut;
            if call.carried_by.is_some() || waits || (is_last && !is_settled) {
                continue;
            }
            call.has_left = true;
            due.push((call.operation, call.request.clone()));
        }
        for (operation, request) in due {
            let id = self.link.next_request();
            self.say(Asked::Call(operation), request, now, effects);
            let mut calls = self.calls.iter_mut();
            if let Some(call) = calls.find(|call| call.operation == operation) {
                call.carried_by = Some(id);
            }
        }
    }

    fn due(&self, now: TimeMs) -> Option<TimeMs> {
        let down = match self.link.phase {
            Phase::Down { until } => Some(until),
            _ => None,
        };
        let is_logged_in = self.link.phase == Phase::LoggedIn;
        let acknowledgement = self.inbox.due(self.settings.acknowledge_ms);
        let attempt = self.identity.attempt.as_ref();
        let own = [
            down,
            self.window.due(now),
            acknowledgement.filter(|_| is_logged_in),
            self.link.given_up(self.settings.silence_ms),
            self.link.tried(self.settings.quiet_ms),
            attempt.map(|attempt| attempt.deadline),
        ];
        let calls = self.calls.iter().map(|call| call.deadline);
        own.into_iter().flatten().chain(calls).min()
    }
}
