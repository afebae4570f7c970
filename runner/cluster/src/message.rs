//! What servers and clients say, all of it: one type for every link of a cluster.
//!
//! **Invariant.** A message says by its kind who may send it: servers speak to servers as peers, to clients in responses, and
//! clients to servers in requests.

use chat::Malformed;
use chat::answer::Answer;
use chat::rule::Rules;
use chat::wire::request::{Request, ToServer};
use chat::wire::response::{Notice, Response, ToClient};
use replica::message::Body;
use replica::units::Incarnation;

use crate::codec;
use crate::service::Service;

/// A message of a cluster. What it says is in a box: messages are moved often, and read once.
#[derive(Debug, Clone)]
pub enum Message {
    /// From server to server.
    Peer {
        /// The life of the sender.
        incarnation: Incarnation,
        /// What it says.
        body: Box<Body<Service>>,
    },
    /// From a client to a server.
    ToServer(Box<ToServer>),
    /// From a server to a client.
    ToClient(Box<ToClient>),
}

impl Message {
    /// The word for its kind, as in `send:KIND`. Replies are named after their requests.
    pub fn kind(&self) -> &'static str {
        match self {
            Message::Peer { body, .. } => body.name(),
            Message::ToServer(message) => request_kind(&message.request),
            Message::ToClient(message) => response_kind(&message.response),
        }
    }

    /// Appends its bytes: its frame between servers and clients, what a frame carries between servers.
    pub fn encode(&self, bytes: &mut Vec<u8>) {
        match self {
            Message::Peer { incarnation, body } => codec::encode(*incarnation, body, bytes),
            Message::ToServer(message) => message.encode(bytes),
            Message::ToClient(message) => message.encode(bytes),
        }
    }

    /// The message from server to server of exactly these bytes. A snapshot in it follows these rules.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where they are none.
    pub fn decode_peer(bytes: &[u8], rules: Rules) -> Result<Message, Malformed> {
        let (incarnation, body) = codec::decode(bytes, rules)?;
        Ok(Message::Peer { incarnation, body })
    }

    /// How many bytes it has.
    pub fn bytes(&self) -> u64 {
        let mut bytes = Vec::new();
        self.encode(&mut bytes);
        bytes.len() as u64
    }
}

/// The word for a kind of request; an operation of a client is named by the same.
pub fn request_kind(request: &Request) -> &'static str {
    match request {
        Request::List { .. } => "list",
        Request::Create { .. } => "create",
        Request::LogIn { .. } => "log-in",
        Request::LogOut => "log-out",
        Request::Delete { .. } => "delete",
        Request::Send { .. } => "send",
        Request::Deliver { .. } => "deliver",
        Request::Acknowledge { .. } => "acknowledge",
        Request::History { .. } => "history",
        Request::Who { .. } => "who",
        Request::Status => "status",
        Request::Hello { .. } => "hello",
        Request::Ping => "ping",
    }
}

/// The word for a kind of response.
pub fn response_kind(response: &Response) -> &'static str {
    match response {
        Response::Refused(_) => "refusal",
        Response::Answered(answer) => match answer {
            Answer::Listed { .. } => "list-reply",
            Answer::Created { .. } => "create-reply",
            Answer::LoggedIn { .. } => "log-in-reply",
            Answer::LoggedOut => "log-out-reply",
            Answer::Deleted { .. } => "delete-reply",
            Answer::Sent { .. } => "send-reply",
            Answer::Delivering { .. } => "deliver-reply",
            Answer::Acknowledged { .. } => "acknowledge-reply",
            Answer::History { .. } => "history-reply",
            Answer::Expired => "expire-reply",
        },
        Response::Noticed(notice) => match notice {
            Notice::Welcome { .. } => "hello-reply",
            Notice::GoingAway { .. } => "going-away",
            Notice::Message { .. } => "message",
            Notice::Present { .. } => "who-reply",
            Notice::Status { .. } => "status-reply",
            Notice::Pong => "ping-reply",
        },
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chat::application::command::{Command, Entry};
    use chat::identity::{RequestId, TimeMs, View};
    use replica::log::Entry as LogEntry;
    use replica::units::{Ballot, OpNumber};

    use super::*;

    #[test]
    fn a_message_has_the_bytes_of_its_frame_or_what_one_carries() {
        let ping = Message::ToServer(Box::new(ToServer {
            id: RequestId(1),
            view: View(0),
            request: Request::Ping,
        }));
        // Length, op, request, view.
        assert_eq!((ping.kind(), ping.bytes()), ("ping", 4 + 1 + 4 + 8));
        let entry = Arc::new(Entry {
            time: TimeMs(1),
            command: Command::Expire,
        });
        let prepare = |count| Message::Peer {
            incarnation: Incarnation::default(),
            body: Box::new(Body::Prepare {
                ballot: Ballot::ZERO,
                after: OpNumber(0),
                entries: vec![
                    LogEntry {
                        ballot: Ballot::ZERO,
                        command: entry.clone()
                    };
                    count
                ],
                committed: OpNumber(0),
            }),
        };
        assert_eq!(prepare(1).kind(), "prepare");
        // The view, and the command.
        let one = 8 + 4 + entry.encode().len() as u64;
        // Version, life, kind, view, what they follow, their number, what is committed.
        let head = 1 + 8 + 1 + 12 + 8 + 4 + 8;
        assert_eq!(prepare(0).bytes(), head);
        assert_eq!(prepare(3).bytes(), head + 3 * one);
    }
}
