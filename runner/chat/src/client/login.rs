//! Who the client is: how it logs in, and what proves its session.

use crate::client::operation::OperationId;
use crate::identity::{Nonce, Offset, Password, SessionId, TimeMs, Token, View};
use crate::name::Name;
use crate::wire::request::Login;

/// What a device keeps, to go on with its session after a restart. What was under way then is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saved {
    /// Proof of the session.
    pub token: Token,
    /// The last message that it has kept.
    pub seen: Offset,
    /// The highest view that it has seen.
    pub view: View,
}

/// An operation that asks to log in, while it has no answer.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) operation: OperationId,
    pub(crate) deadline: TimeMs,
    pub(crate) has_left: bool,
}

/// Who the client is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Identity {
    /// Name, password and nonce: the same at each attempt.
    pub(crate) login: Option<(Name, Option<Password>, Nonce)>,
    pub(crate) attempt: Option<Attempt>,
    pub(crate) token: Option<Token>,
    pub(crate) session: Option<SessionId>,
}

impl Identity {
    /// How to log in now, if anybody is to be.
    pub(crate) fn login(&self) -> Option<Login> {
        if let Some(token) = self.token {
            return Some(Login::Again { token });
        }
        let (name, password, nonce) = self.login.clone()?;
        Some(Login::New {
            name,
            password,
            nonce,
        })
    }

    /// Nobody is logged in any more, nor is to be.
    pub(crate) fn forget(&mut self) {
        *self = Identity::default();
    }
}
