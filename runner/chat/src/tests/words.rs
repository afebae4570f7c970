//! Requests and responses in words, for golden scripts: without uuids, which differ in nothing that a script is about.

use crate::answer::{Answer, Delivery, Message};
use crate::identity::ServerId;
use crate::wire::request::{Login, Request};
use crate::wire::response::{Notice, Response, Standing};

pub(crate) fn request(request: &Request) -> String {
    match request {
        Request::List { pattern, .. } => format!("list {pattern}"),
        Request::Create { name, .. } => format!("create {name}"),
        Request::LogIn {
            login: Login::New { name, .. },
        } => format!("log in {name}"),
        Request::LogIn {
            login: Login::Again { token },
        } => format!("log in with token {}", token.0[0]),
        Request::LogOut => "log out".to_owned(),
        Request::Delete { sequence } => format!("delete {}", sequence.0),
        Request::Send {
            sequence,
            confirmed,
            to,
            text,
        } => format!(
            "send {} to {to}: {text} (confirmed {})",
            sequence.0, confirmed.0
        ),
        Request::Deliver { after } => format!("deliver after {}", after.0),
        Request::Acknowledge { through } => format!("acknowledge {}", through.0),
        Request::History { before, .. } => format!("history before {}", before.0),
        Request::Who { .. } => "who".to_owned(),
        Request::Status => "status".to_owned(),
        Request::Hello { lowest, highest } => format!("hello {lowest} to {highest}"),
        Request::Ping => "ping".to_owned(),
    }
}

pub(crate) fn response(response: &Response) -> String {
    match response {
        Response::Answered(answer) => self::answer(answer),
        Response::Refused(refusal) => format!("refused: {refusal}"),
        Response::Noticed(notice) => self::notice(notice),
    }
}

pub(crate) fn answer(answer: &Answer) -> String {
    match answer {
        Answer::Listed { accounts, .. } => {
            let names = accounts.iter().map(|account| account.name.as_str());
            format!("list: {}", names.collect::<Vec<_>>().join(" "))
        }
        Answer::Created { .. } => "created".to_owned(),
        Answer::LoggedIn { opened, token } => format!(
            "logged in{}: next {}, acknowledged {}, end {}",
            if token.is_some() { " with a token" } else { "" },
            opened.next.0,
            opened.acknowledged.0,
            opened.end.0
        ),
        Answer::LoggedOut => "logged out".to_owned(),
        Answer::Deleted { dropped } => format!("deleted, {dropped} messages dropped"),
        Answer::Sent {
            sequence,
            is_repeated,
            placement,
        } => {
            let repeated = if *is_repeated { " before" } else { "" };
            let placed = placement.map_or(String::new(), |placement| {
                let when = match placement.delivery {
                    Delivery::AtOnce => "at once",
                    Delivery::Queued => "queued",
                };
                format!(": {}, {when}", placement.offset.0)
            });
            format!("sent {}{repeated}{placed}", sequence.0)
        }
        Answer::Delivering { end, first } => {
            format!("delivering: first {}, end {}", first.0, end.0)
        }
        Answer::Acknowledged { through } => format!("acknowledged through {}", through.0),
        Answer::History { messages, .. } => format!("history: {} messages", messages.len()),
        Answer::Expired => "expired".to_owned(),
    }
}

pub(crate) fn notice(notice: &Notice) -> String {
    match notice {
        Notice::Welcome { standing, .. } => format!("welcome: {}", self::standing(standing)),
        Notice::GoingAway { spread_ms } => format!("going away, come back within {spread_ms} ms"),
        Notice::Message { message } => self::message(message),
        Notice::Present { presence } => format!("present: {presence:?}"),
        Notice::Status { status } => {
            let (connections, pending) = (status.connections, status.pending);
            let standing = self::standing(&status.standing);
            format!("status: {standing}, {connections} connections, {pending} pending")
        }
        Notice::Pong => "pong".to_owned(),
    }
}

pub(crate) fn message(message: &Message) -> String {
    let Message {
        offset, from, text, ..
    } = message;
    format!("message {} of {from}: {text}", offset.0)
}

pub(crate) fn standing(standing: &Standing) -> String {
    let Standing {
        server,
        is_serving,
        primary,
    } = standing;
    let serving = if *is_serving {
        "serves"
    } else {
        "does not serve"
    };
    match primary {
        Some(ServerId(primary)) => format!("server {} {serving}, primary {primary}", server.0),
        None => format!("server {} {serving}", server.0),
    }
}
