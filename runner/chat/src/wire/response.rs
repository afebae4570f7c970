//! What servers say.

use crate::answer::{Answer, Message};
use crate::field::{Field, Malformed, end};
use crate::identity::{RequestId, View};
use crate::record::variants;
use crate::refusal::Refusal;
use crate::wire::frame::{Frame, write_frame};
use crate::wire::request::Head;
pub use crate::wire::status::Standing;
use crate::wire::status::Status;

/// Whether somebody is there. It is what one server sees, and never part of the replicated state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// No account has this name.
    NoAccount,
    /// No device is logged in.
    Offline,
    /// A device is logged in, and has no connection to this server now.
    Unknown,
    /// A device is connected.
    Online,
}

/// What is said on a connection besides answers of the application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The answer to a hello.
    Welcome {
        /// The version of the protocol from now on.
        version: u16,
        /// How the server is.
        standing: Standing,
        /// Bytes of the longest text.
        text_bytes_max: u32,
        /// Operations that may be under way.
        window_max: u32,
    },
    /// The server is about to end its connections.
    GoingAway {
        /// Clients spread their return over this time, in milliseconds.
        spread_ms: u32,
    },
    /// A message of the mailbox.
    Message {
        /// The message.
        message: Message,
    },
    /// Who is there, in the order of the question.
    Present {
        /// For each name.
        presence: Vec<Presence>,
    },
    /// How the server is.
    Status {
        /// That.
        status: Status,
    },
    /// Somebody is there.
    Pong,
}

/// Op code of a refusal.
const REFUSED: u8 = 18;

/// What a server says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// What the application answers.
    Answered(Answer),
    /// The request is refused.
    Refused(Refusal),
    /// What the connection says.
    Noticed(Notice),
}

variants!(Presence as "presence" {
    0 => NoAccount {},
    1 => Offline {},
    2 => Unknown {},
    3 => Online {},
});

variants!(Notice as "op code of a response" {
    17 => Welcome { version, standing, text_bytes_max, window_max },
    19 => GoingAway { spread_ms },
    70 => Message { message },
    137 => Present { presence },
    138 => Status { status },
    148 => Pong {},
});

/// A response on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToClient {
    /// The request that it answers; 0 if the server speaks of its own.
    pub id: RequestId,
    /// The view in which it is said.
    pub view: View,
    /// What is said.
    pub response: Response,
}

impl ToClient {
    /// Appends its frame.
    pub fn encode(&self, bytes: &mut Vec<u8>) {
        let op = match &self.response {
            Response::Answered(answer) => answer.number(),
            Response::Refused(_) => REFUSED,
            Response::Noticed(notice) => notice.number(),
        };
        let (id, view) = (self.id, self.view);
        write_frame(op, bytes, |bytes| {
            Head { id, view }.write(bytes);
            match &self.response {
                Response::Answered(answer) => answer.write_fields(bytes),
                Response::Noticed(notice) => notice.write_fields(bytes),
                Response::Refused(refusal) => {
                    refusal.write(bytes);
                    // For clients that do not know the code.
                    refusal.is_definite().write(bytes);
                    refusal.retry_after_ms().write(bytes);
                    refusal.to_string().write(bytes);
                }
            }
        });
    }

    /// Reads it from a frame.
    ///
    /// # Errors
    ///
    /// What is wrong with the body, or that the op code is no server's.
    pub fn decode(frame: &Frame) -> Result<ToClient, Malformed> {
        let mut body = &frame.body[..];
        let Head { id, view } = Head::read(&mut body)?;
        let response = match frame.op {
            REFUSED => {
                let refusal = Refusal::read(&mut body)?;
                let _: (bool, (u32, String)) = Field::read(&mut body)?;
                Response::Refused(refusal)
            }
            128..=136 => Answer::read_fields(frame.op, &mut body).map(Response::Answered)?,
            _ => Notice::read_fields(frame.op, &mut body).map(Response::Noticed)?,
        };
        end(body)?;
        Ok(ToClient { id, view, response })
    }
}
