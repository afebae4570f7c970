//! Requests: answered here, refused, or made commands.

use crate::answer::Answer;
use crate::application::Application;
use crate::application::command::Command;
use crate::door::connection::{ConnectionId, Pushes};
use crate::door::desk::{Desk, Passwords};
use crate::door::effect::Effect;
use crate::identity::{
    AccountId, Nonce, Offset, Password, PasswordHash, RequestId, SessionId, Token,
};
use crate::limits::{PASSWORD_BYTES_MAX, WINDOW_MAX};
use crate::name::Name;
use crate::refusal::Refusal;
use crate::rule::Rule;
use crate::wire::request::{Login, Request, ToServer};
use crate::wire::response::{Notice, Response};

/// Requests of one connection that wait for their outcome.
const PENDING_MAX: usize = 2 * WINDOW_MAX;

impl Desk {
    /// A request has come. `draw` gives chance for tokens and uuids.
    pub(crate) fn receive(
        &mut self,
        from: ConnectionId,
        message: ToServer,
        application: &Application,
        draw: &mut impl FnMut() -> [u8; 32],
        effects: &mut Vec<Effect>,
    ) {
        let Some(connection) = self.connections.get(&from) else {
            return;
        };
        let ToServer { id, view, request } = message;
        if view > self.view && self.settings.rules.hold(Rule::ServerFence) {
            let hint = None;
            self.refuse(from, id, Refusal::NotPrimary { hint }, effects);
            return effects.push(Effect::StepDown { view });
        }
        let session = match connection.session {
            None if !self.settings.rules.hold(Rule::LoginNeeded) => self.somebody(),
            session => session,
        };
        let (pending, is_serving) = (connection.pending, self.standing().is_serving);
        match request {
            Request::Hello { lowest, highest } => self.greet(from, id, lowest..=highest, effects),
            Request::Ping => self.notice(from, id, Notice::Pong, effects),
            Request::Status => self.status(from, id, effects),
            _ if !is_serving => {
                let hint = self.standing().primary;
                self.refuse(from, id, Refusal::NotPrimary { hint }, effects);
            }
            _ if pending >= PENDING_MAX => {
                let allowed = PENDING_MAX as u32;
                self.refuse(from, id, Refusal::TooMany { allowed }, effects);
            }
            Request::Create {
                password: Some(password),
                ..
            }
            | Request::LogIn {
                login:
                    Login::New {
                        password: Some(password),
                        ..
                    },
            } if password.0.len() > PASSWORD_BYTES_MAX => {
                self.refuse(from, id, Refusal::PasswordTooLong, effects);
            }
            Request::Create {
                password: Some(_), ..
            } if self.settings.passwords == Passwords::Off => {
                self.refuse(from, id, Refusal::PasswordsOff, effects);
            }
            Request::Create { password: None, .. }
                if self.settings.passwords == Passwords::Required =>
            {
                self.refuse(from, id, Refusal::PasswordNeeded, effects);
            }
            Request::Create {
                name,
                password,
                nonce,
            } => {
                let request = (from, id);
                self.create(request, name, password, nonce, draw, effects);
            }
            Request::LogIn { .. } if session.is_some() => {
                self.refuse(from, id, Refusal::LoggedIn, effects);
            }
            Request::LogIn { login } => self.log_in((from, id), login, application, draw, effects),
            request => match session {
                None => self.refuse(from, id, Refusal::LoginNeeded, effects),
                Some(session) => self.serve((from, id), session, request, application, effects),
            },
        }
    }

    /// Any session that is open here: whose rights a server must not lend.
    fn somebody(&self) -> Option<(SessionId, AccountId)> {
        let mut connections = self.connections.values();
        connections.find_map(|connection| connection.session)
    }

    fn create(
        &mut self,
        request: (ConnectionId, RequestId),
        name: Name,
        password: Option<Password>,
        nonce: Nonce,
        draw: &mut impl FnMut() -> [u8; 32],
        effects: &mut Vec<Effect>,
    ) {
        let salt = nonce_of(draw());
        let hash = password.is_some().then_some(PasswordHash {
            salt,
            digest: [0; 32],
        });
        let command = Command::Create {
            name,
            password: hash,
            nonce,
            chance: nonce_of(draw()),
        };
        match password {
            None => self.propose(request, None, command, effects),
            Some(password) => self.hash(request, None, command, (password, salt), effects),
        }
    }

    fn log_in(
        &mut self,
        request: (ConnectionId, RequestId),
        login: Login,
        application: &Application,
        draw: &mut impl FnMut() -> [u8; 32],
        effects: &mut Vec<Effect>,
    ) {
        let (name, password, nonce) = match login {
            Login::Again { token } => {
                let token = token.digest();
                return self.propose(request, None, Command::Resume { token }, effects);
            }
            Login::New {
                name,
                password,
                nonce,
            } => (name, password, nonce),
        };
        let token = Token(draw());
        let salt = application.salt(&name);
        let command = Command::LogIn {
            name,
            proof: None,
            nonce,
            token: token.digest(),
            chance: nonce_of(draw()),
        };
        match password.zip(salt) {
            None => self.propose(request, Some(token), command, effects),
            Some(secret) => self.hash(request, Some(token), command, secret, effects),
        }
    }

    /// Requests of somebody who has logged in.
    fn serve(
        &mut self,
        from: (ConnectionId, RequestId),
        (session, account): (SessionId, AccountId),
        request: Request,
        application: &Application,
        effects: &mut Vec<Effect>,
    ) {
        let command = match request {
            Request::Deliver { after } => {
                return self.deliver(from, account, after, application, effects);
            }
            Request::Who { names } => return self.who(from, &names, application, effects),
            Request::LogOut => Command::LogOut { session },
            Request::Delete { sequence } if self.settings.rules.hold(Rule::DeleteByLog) => {
                Command::Delete { session, sequence }
            }
            Request::Delete { .. } => {
                let answer = Answer::Deleted { dropped: 0 };
                return self.say(from.0, from.1, Response::Answered(answer), effects);
            }
            Request::Send {
                sequence,
                confirmed,
                to,
                text,
            } => {
                if !self.settings.rules.hold(Rule::PushAfterCommit) {
                    self.push_early(
                        session,
                        account,
                        (sequence, &to, &text),
                        application,
                        effects,
                    );
                }
                Command::Send {
                    session,
                    sequence,
                    confirmed,
                    to,
                    text,
                }
            }
            Request::Acknowledge { through } => Command::Acknowledge { session, through },
            Request::List {
                pattern,
                after,
                most,
            } => Command::List {
                session,
                pattern,
                after,
                most,
            },
            Request::History { before, most } => Command::History {
                session,
                before,
                most,
            },
            // These need nobody to be logged in, and are answered before.
            Request::Hello { .. }
            | Request::Ping
            | Request::Status
            | Request::Create { .. }
            | Request::LogIn { .. } => return,
        };
        self.propose(from, None, command, effects);
    }

    fn deliver(
        &mut self,
        (from, id): (ConnectionId, RequestId),
        account: AccountId,
        after: Offset,
        application: &Application,
        effects: &mut Vec<Effect>,
    ) {
        let Some((first, end)) = application.mailbox(account) else {
            return self.refuse(from, id, Refusal::NoAccount, effects);
        };
        if after > end {
            let end = end.0;
            return self.refuse(from, id, Refusal::BeyondMailbox { end }, effects);
        }
        let answer = Answer::Delivering { end, first };
        self.say(from, id, Response::Answered(answer), effects);
        if let Some(connection) = self.connections.get_mut(&from) {
            connection.pushes = Some(Pushes::after(after));
        }
        self.push(from, application, effects);
    }
}

/// The first half of drawn chance.
fn nonce_of(chance: [u8; 32]) -> Nonce {
    let mut nonce = [0; 16];
    nonce.copy_from_slice(&chance[..16]);
    Nonce(nonce)
}
