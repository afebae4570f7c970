//! Values of every form, for property tests.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

use crate::answer::{Answer, Delivery, Listed, Message, Opened, Placement};
use crate::identity::{
    AccountId, Nonce, Offset, Password, RequestId, Sequence, ServerId, SessionId, TimeMs, Token,
    View,
};
use crate::name::Name;
use crate::refusal::{Refusal, SessionEnd};
use crate::wire::request::{Login, Request, ToServer};
use crate::wire::response::{Notice, Presence, Response, Standing, ToClient};
use crate::wire::status::{ReplicaStatus, Status, Totals};

pub(crate) fn name() -> impl Strategy<Value = Name> {
    "[a-zA-Z0-9._-]{1,32}".prop_map(|text| Name::new(&text).expect("a name"))
}

fn nonce() -> impl Strategy<Value = Nonce> {
    any::<[u8; 16]>().prop_map(Nonce)
}

fn password() -> impl Strategy<Value = Password> {
    any::<String>().prop_map(Password)
}

fn uuid() -> impl Strategy<Value = Uuid> {
    any::<[u8; 16]>().prop_map(Uuid::from_bytes)
}

fn sequence() -> impl Strategy<Value = Sequence> {
    any::<u64>().prop_map(Sequence)
}

fn offset() -> impl Strategy<Value = Offset> {
    any::<u64>().prop_map(Offset)
}

fn token() -> impl Strategy<Value = Token> {
    any::<[u8; 32]>().prop_map(Token)
}

fn login() -> impl Strategy<Value = Login> {
    prop_oneof![
        (name(), option::of(password()), nonce()).prop_map(|(name, password, nonce)| {
            Login::New {
                name,
                password,
                nonce,
            }
        }),
        token().prop_map(|token| Login::Again { token }),
    ]
}

fn request() -> impl Strategy<Value = Request> {
    prop_oneof![
        (any::<String>(), option::of(name()), any::<u32>()).prop_map(|(pattern, after, most)| {
            Request::List {
                pattern,
                after,
                most,
            }
        }),
        (name(), option::of(password()), nonce()).prop_map(|(name, password, nonce)| {
            Request::Create {
                name,
                password,
                nonce,
            }
        }),
        login().prop_map(|login| Request::LogIn { login }),
        sequence().prop_map(|sequence| Request::Delete { sequence }),
        (sequence(), sequence(), name(), any::<String>()).prop_map(
            |(sequence, confirmed, to, text)| Request::Send {
                sequence,
                confirmed,
                to,
                text,
            }
        ),
        offset().prop_map(|after| Request::Deliver { after }),
        offset().prop_map(|through| Request::Acknowledge { through }),
        (offset(), any::<u32>()).prop_map(|(before, most)| Request::History { before, most }),
        vec(name(), 0..5).prop_map(|names| Request::Who { names }),
        any::<(u16, u16)>().prop_map(|(lowest, highest)| Request::Hello { lowest, highest }),
        prop_oneof![
            Just(Request::LogOut),
            Just(Request::Status),
            Just(Request::Ping)
        ],
    ]
}

pub(crate) fn to_server() -> impl Strategy<Value = ToServer> {
    (any::<u32>(), any::<u64>(), request()).prop_map(|(id, view, request)| ToServer {
        id: RequestId(id),
        view: View(view),
        request,
    })
}

fn message() -> impl Strategy<Value = Message> {
    let ids = (offset(), uuid(), sequence(), uuid());
    (ids, name(), any::<u64>(), any::<String>()).prop_map(
        |((offset, session, sequence, author), from, accepted, text)| Message {
            offset,
            session: SessionId(session),
            sequence,
            author: AccountId(author),
            from,
            accepted: TimeMs(accepted),
            text,
        },
    )
}

fn listed() -> impl Strategy<Value = Listed> {
    (name(), uuid(), any::<bool>()).prop_map(|(name, account, is_logged_in)| Listed {
        name,
        account: AccountId(account),
        is_logged_in,
    })
}

fn placement() -> impl Strategy<Value = Placement> {
    let delivery = prop_oneof![Just(Delivery::AtOnce), Just(Delivery::Queued)];
    (uuid(), offset(), delivery).prop_map(|(to, offset, delivery)| Placement {
        to: AccountId(to),
        offset,
        delivery,
    })
}

fn opened() -> impl Strategy<Value = Opened> {
    (uuid(), uuid(), sequence(), offset(), offset()).prop_map(
        |(account, session, next, acknowledged, end)| Opened {
            account: AccountId(account),
            session: SessionId(session),
            next,
            acknowledged,
            end,
        },
    )
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        (vec(listed(), 0..4), any::<bool>())
            .prop_map(|(accounts, more)| Answer::Listed { accounts, more }),
        uuid().prop_map(|account| Answer::Created {
            account: AccountId(account)
        }),
        (opened(), option::of(token()))
            .prop_map(|(opened, token)| Answer::LoggedIn { opened, token }),
        Just(Answer::LoggedOut),
        any::<u64>().prop_map(|dropped| Answer::Deleted { dropped }),
        (sequence(), any::<bool>(), option::of(placement())).prop_map(
            |(sequence, is_repeated, placement)| Answer::Sent {
                sequence,
                is_repeated,
                placement,
            }
        ),
        (offset(), offset()).prop_map(|(end, first)| Answer::Delivering { end, first }),
        offset().prop_map(|through| Answer::Acknowledged { through }),
        (vec(message(), 0..4), any::<bool>())
            .prop_map(|(messages, more)| Answer::History { messages, more }),
    ]
}

fn server() -> impl Strategy<Value = ServerId> {
    any::<u32>().prop_map(ServerId)
}

fn refusal() -> impl Strategy<Value = Refusal> {
    let ends = [
        SessionEnd::LoggedOut,
        SessionEnd::Deleted,
        SessionEnd::Evicted,
        SessionEnd::Idle,
    ];
    let plain = [
        Refusal::LoginNeeded,
        Refusal::LoggedIn,
        Refusal::Unsettled,
        Refusal::NameTaken,
        Refusal::NoAccount,
        Refusal::WrongPassword,
        Refusal::AnotherDevice,
        Refusal::AccountsFull,
        Refusal::NoSession,
        Refusal::WindowFull,
        Refusal::MailboxFull,
        Refusal::SenderQuota,
        Refusal::PatternTooLong,
        Refusal::PasswordTooLong,
        Refusal::PasswordNeeded,
        Refusal::PasswordsOff,
    ];
    prop_oneof![
        proptest::sample::select(plain.to_vec()),
        any::<String>().prop_map(|why| Refusal::Malformed { why }),
        option::of(server()).prop_map(|hint| Refusal::NotPrimary { hint }),
        (proptest::sample::select(ends.to_vec()), sequence())
            .prop_map(|(end, settled)| Refusal::SessionEnded { end, settled }),
        sequence().prop_map(|expected| Refusal::OutOfOrder { expected }),
        any::<u32>().prop_map(|retry_after_ms| Refusal::RateLimited { retry_after_ms }),
        any::<u64>().prop_map(|bytes| Refusal::TextTooLong { bytes }),
        any::<u64>().prop_map(|end| Refusal::BeyondMailbox { end }),
        any::<u32>().prop_map(|allowed| Refusal::TooMany { allowed }),
        any::<u16>().prop_map(|version| Refusal::Version { version }),
    ]
}

fn standing() -> impl Strategy<Value = Standing> {
    (server(), any::<bool>(), option::of(server())).prop_map(|(server, is_serving, primary)| {
        Standing {
            server,
            is_serving,
            primary,
        }
    })
}

fn notice() -> impl Strategy<Value = Notice> {
    let presence = [
        Presence::NoAccount,
        Presence::Offline,
        Presence::Unknown,
        Presence::Online,
    ];
    let presence = proptest::sample::select(presence.to_vec());
    prop_oneof![
        (any::<u16>(), standing(), any::<(u32, u32)>()).prop_map(
            |(version, standing, (text_bytes_max, window_max))| Notice::Welcome {
                version,
                standing,
                text_bytes_max,
                window_max,
            }
        ),
        any::<u32>().prop_map(|spread_ms| Notice::GoingAway { spread_ms }),
        message().prop_map(|message| Notice::Message { message }),
        vec(presence, 0..5).prop_map(|presence| Notice::Present { presence }),
        status().prop_map(|status| Notice::Status { status }),
        Just(Notice::Pong),
    ]
}

fn status() -> impl Strategy<Value = Status> {
    let ids = vec(any::<u32>().prop_map(ServerId), 0..4);
    let stored = vec((any::<u32>().prop_map(ServerId), any::<u64>()), 0..4);
    let replica = (ids, any::<bool>(), any::<(u64, u64)>(), stored);
    let replica = replica.prop_map(
        |(members, is_live, (end, committed), stored)| ReplicaStatus {
            members,
            is_live,
            end,
            committed,
            stored,
        },
    );
    let totals = any::<[u64; 4]>().prop_map(|totals| Totals {
        accounts: totals[0],
        sessions: totals[1],
        queued_messages: totals[2],
        queued_messages_most: totals[3],
    });
    let figures = vec(("[a-z_]{1,9}", any::<u64>()), 0..4);
    let own = (standing(), any::<u32>(), any::<u64>());
    (own, replica, totals, figures).prop_map(
        |((standing, connections, pending), replica, totals, figures)| Status {
            standing,
            connections,
            pending,
            replica,
            totals,
            figures,
        },
    )
}

pub(crate) fn to_client() -> impl Strategy<Value = ToClient> {
    let response = prop_oneof![
        answer().prop_map(Response::Answered),
        refusal().prop_map(Response::Refused),
        notice().prop_map(Response::Noticed),
    ];
    (any::<u32>(), any::<u64>(), response).prop_map(|(id, view, response)| ToClient {
        id: RequestId(id),
        view: View(view),
        response,
    })
}
