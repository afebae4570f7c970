//! One frame of each op code.

use uuid::Uuid;

use crate::answer::{Answer, Delivery, Listed, Message, Opened, Placement};
use crate::identity::{
    AccountId, Nonce, Offset, Password, RequestId, Sequence, ServerId, SessionId, TimeMs, Token,
    View,
};
use crate::limits::{TEXT_BYTES_MAX, WINDOW_MAX};
use crate::name::Name;
use crate::refusal::Refusal;
use crate::wire::request::{Login, Request, ToServer};
use crate::wire::response::{Notice, Presence, Response, Standing, ToClient};
use crate::wire::status::{ReplicaStatus, Status, Totals};

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

pub(crate) fn uuid(byte: u8) -> Uuid {
    Uuid::from_bytes([byte; 16])
}

pub(crate) fn request(request: Request) -> ToServer {
    ToServer {
        id: RequestId(7),
        view: View(3),
        request,
    }
}

pub(crate) fn response(response: Response) -> ToClient {
    ToClient {
        id: RequestId(7),
        view: View(3),
        response,
    }
}

/// One request of each op code.
pub(crate) fn requests() -> Vec<ToServer> {
    let nonce = Nonce([0xaa; 16]);
    let new = Login::New {
        name: name("ada"),
        password: Some(Password("secret".to_owned())),
        nonce,
    };
    let again = Login::Again {
        token: Token([0xbb; 32]),
    };
    let requests = [
        Request::List {
            pattern: "a*".to_owned(),
            after: Some(name("ada")),
            most: 10,
        },
        Request::Create {
            name: name("Ada"),
            password: None,
            nonce,
        },
        Request::LogIn { login: new },
        Request::LogIn { login: again },
        Request::LogOut,
        Request::Delete {
            sequence: Sequence(2),
        },
        Request::Send {
            sequence: Sequence(2),
            confirmed: Sequence(1),
            to: name("bob"),
            text: "good day – ☀".to_owned(),
        },
        Request::Deliver { after: Offset(4) },
        Request::Acknowledge { through: Offset(5) },
        Request::History {
            before: Offset(0),
            most: 20,
        },
        Request::Who {
            names: vec![name("ada"), name("bob")],
        },
        Request::Status,
        Request::Hello {
            lowest: 1,
            highest: 1,
        },
        Request::Ping,
    ];
    requests.into_iter().map(request).collect()
}

fn account() -> AccountId {
    AccountId(uuid(1))
}

fn message() -> Message {
    Message {
        offset: Offset(9),
        session: SessionId(uuid(2)),
        sequence: Sequence(2),
        author: account(),
        from: name("ada"),
        accepted: TimeMs(1000),
        text: "hi".to_owned(),
    }
}

fn answers() -> [Answer; 9] {
    let account = account();
    let placement = Placement {
        to: account,
        offset: Offset(9),
        delivery: Delivery::Queued,
    };
    let opened = Opened {
        account,
        session: SessionId(uuid(2)),
        next: Sequence(3),
        acknowledged: Offset(4),
        end: Offset(9),
    };
    let listed = Listed {
        name: name("ada"),
        account,
        is_logged_in: true,
    };
    [
        Answer::Listed {
            accounts: vec![listed],
            more: false,
        },
        Answer::Created { account },
        Answer::LoggedIn {
            opened,
            token: Some(Token([0xbb; 32])),
        },
        Answer::LoggedOut,
        Answer::Deleted { dropped: 6 },
        Answer::Sent {
            sequence: Sequence(2),
            is_repeated: false,
            placement: Some(placement),
        },
        Answer::Delivering {
            end: Offset(9),
            first: Offset(1),
        },
        Answer::Acknowledged { through: Offset(5) },
        Answer::History {
            messages: vec![message()],
            more: true,
        },
    ]
}

fn notices() -> [Notice; 6] {
    let standing = Standing {
        server: ServerId(1),
        is_serving: false,
        primary: Some(ServerId(0)),
    };
    [
        Notice::Welcome {
            version: 1,
            standing,
            text_bytes_max: u32::try_from(TEXT_BYTES_MAX).expect("a length"),
            window_max: u32::try_from(WINDOW_MAX).expect("a number"),
        },
        Notice::GoingAway { spread_ms: 5000 },
        Notice::Message { message: message() },
        Notice::Present {
            presence: vec![Presence::Online, Presence::Unknown],
        },
        Notice::Status {
            status: Status {
                standing,
                connections: 12,
                pending: 3,
                replica: ReplicaStatus {
                    members: vec![ServerId(0), ServerId(1)],
                    is_live: true,
                    end: 9,
                    committed: 8,
                    stored: vec![(ServerId(0), 7)],
                },
                totals: Totals {
                    accounts: 4,
                    sessions: 5,
                    queued_messages: 6,
                    queued_messages_most: 3,
                },
                figures: vec![("frames_malformed_total".to_owned(), 2)],
            },
        },
        Notice::Pong,
    ]
}

/// One response of each op code.
pub(crate) fn responses() -> Vec<ToClient> {
    let refusal = Refusal::RateLimited {
        retry_after_ms: 250,
    };
    let answers = answers().into_iter().map(Response::Answered);
    let notices = notices().into_iter().map(Response::Noticed);
    let all = answers.chain([Response::Refused(refusal)]).chain(notices);
    all.map(response).collect()
}
