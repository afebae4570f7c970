//! What servers and clients say, all of it: one type for every link of a cluster.
//!
//! **Invariant.** A message says by its kind who may send it: servers speak to servers as peers, to clients in responses, and
//! clients to servers in requests.

use chat::answer::Answer;
use chat::application::command::Entry;
use chat::wire::request::{Request, ToServer};
use chat::wire::response::{Notice, Response, ToClient};
use replica::log::Tail;
use replica::message::Body;
use replica::units::Incarnation;

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

/// Bytes of a message between servers besides commands and snapshots: its kind, lives, marks, members. About as many as a
/// wire would carry; how peers encode them is not decided here.
const PEER_HEAD_BYTES: u64 = 96;

impl Message {
    /// The word for its kind, as in `send:KIND`. Replies are named after their requests.
    pub fn kind(&self) -> &'static str {
        match self {
            Message::Peer { body, .. } => body.name(),
            Message::ToServer(message) => request_kind(&message.request),
            Message::ToClient(message) => response_kind(&message.response),
        }
    }

    /// How many bytes it has: those of its frame between servers and clients, about those of the commands and the snapshot in
    /// it between servers.
    pub fn bytes(&self) -> u64 {
        let mut frame = Vec::new();
        match self {
            Message::Peer { body, .. } => return PEER_HEAD_BYTES + body_bytes(body),
            Message::ToServer(message) => message.encode(&mut frame),
            Message::ToClient(message) => message.encode(&mut frame),
        }
        frame.len() as u64
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

fn body_bytes(body: &Body<Service>) -> u64 {
    match body {
        Body::Prepare { entries, .. } => {
            let entries = entries.iter();
            entries.map(|entry| entry_bytes(&entry.command)).sum()
        }
        Body::Promise { tail, .. } | Body::Install { tail, .. } | Body::Supply { tail, .. } => {
            tail_bytes(tail)
        }
        _ => 0,
    }
}

fn tail_bytes(tail: &Tail<Service>) -> u64 {
    let snapshot = tail.snapshot.as_ref();
    let snapshot = snapshot.map_or(0, |one| one.state.application().snapshot().len() as u64);
    let entries = tail.entries.iter();
    snapshot
        + entries
            .map(|entry| entry_bytes(&entry.command))
            .sum::<u64>()
}

fn entry_bytes(entry: &Entry) -> u64 {
    entry.encode().len() as u64
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chat::application::command::Command;
    use chat::identity::{RequestId, TimeMs, View};
    use replica::log::Entry as LogEntry;
    use replica::units::{Ballot, OpNumber};

    use super::*;

    #[test]
    fn a_message_has_the_bytes_of_its_frame_or_of_its_commands() {
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
        let one = entry.encode().len() as u64;
        assert_eq!(prepare(3).bytes() - prepare(1).bytes(), 2 * one);
    }
}
