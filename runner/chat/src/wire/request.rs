//! What clients say.

use crate::field::{Field, Malformed, end};
use crate::identity::{Nonce, Offset, Password, RequestId, Sequence, Token, View};
use crate::name::Name;
use crate::record::{fields, variants};
use crate::wire::frame::{Frame, write_frame};

/// The version of the protocol that is spoken here.
pub const PROTOCOL_VERSION: u16 = 1;

/// Who wants to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// A device, anew.
    New {
        /// The account.
        name: Name,
        /// Its password, if it has one.
        password: Option<Password>,
        /// The same at each attempt, so that a repeated one opens no second session.
        nonce: Nonce,
    },
    /// A device whose session goes on, on another connection.
    Again {
        /// What it was given when it logged in.
        token: Token,
    },
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Accounts whose names match a pattern with `*` and `?`.
    List {
        /// The pattern.
        pattern: String,
        /// The last name of the page before.
        after: Option<Name>,
        /// How many at most.
        most: u32,
    },
    /// A new account.
    Create {
        /// Its name.
        name: Name,
        /// Its password, if it is to have one.
        password: Option<Password>,
        /// The same at each attempt, so that a repeated one is known to be the creator's.
        nonce: Nonce,
    },
    /// Log in.
    LogIn {
        /// Who.
        login: Login,
    },
    /// End the session.
    LogOut,
    /// Delete the account of the session.
    Delete {
        /// Its place in the session.
        sequence: Sequence,
    },
    /// Send a message.
    Send {
        /// Its place in the session.
        sequence: Sequence,
        /// The client has the answers up to this one.
        confirmed: Sequence,
        /// The recipient.
        to: Name,
        /// What it says.
        text: String,
    },
    /// Push messages from now on.
    Deliver {
        /// The client has the messages up to this one.
        after: Offset,
    },
    /// The device has the messages up to this one, and keeps them.
    Acknowledge {
        /// The last of them.
        through: Offset,
    },
    /// Messages of the account that were delivered before.
    History {
        /// The first that is not wanted; 0 for the newest.
        before: Offset,
        /// How many at most.
        most: u32,
    },
    /// Who is there.
    Who {
        /// Whose presence is asked for.
        names: Vec<Name>,
    },
    /// How the server is.
    Status,
    /// The first request.
    Hello {
        /// The lowest version that the client speaks.
        lowest: u16,
        /// The highest.
        highest: u16,
    },
    /// Is somebody there?
    Ping,
}

variants!(Login as "kind of log-in" {
    1 => New { name, password, nonce },
    2 => Again { token },
});

variants!(Request as "op code of a request" {
    0 => List { pattern, after, most },
    1 => Create { name, password, nonce },
    2 => LogIn { login },
    3 => LogOut {},
    4 => Delete { sequence },
    5 => Send { sequence, confirmed, to, text },
    6 => Deliver { after },
    7 => Acknowledge { through },
    8 => History { before, most },
    9 => Who { names },
    10 => Status {},
    16 => Hello { lowest, highest },
    20 => Ping {},
});

/// A request on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToServer {
    /// Its number within the connection.
    pub id: RequestId,
    /// The highest view that the client has seen.
    pub view: View,
    /// What is asked for.
    pub request: Request,
}

/// What stands before the fields of each body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The request that the frame is, or answers.
    pub id: RequestId,
    /// The highest view of its sender.
    pub view: View,
}

fields!(Head { id, view });

impl ToServer {
    /// Appends its frame.
    pub fn encode(&self, bytes: &mut Vec<u8>) {
        let (id, view) = (self.id, self.view);
        write_frame(self.request.number(), bytes, |bytes| {
            Head { id, view }.write(bytes);
            self.request.write_fields(bytes);
        });
    }

    /// Reads it from a frame.
    ///
    /// # Errors
    ///
    /// What is wrong, with the number of the request as far as it was to be read.
    pub fn decode(frame: &Frame) -> Result<ToServer, (RequestId, Malformed)> {
        let mut body = &frame.body[..];
        let head = Head::read(&mut body).map_err(|error| (RequestId::default(), error))?;
        let request = Request::read_fields(frame.op, &mut body);
        let request = request.and_then(|request| end(body).map(|()| request));
        let Head { id, view } = head;
        let request = request.map_err(|error| (id, error))?;
        Ok(ToServer { id, view, request })
    }
}
