//! Refusals as gRPC statuses, and back.
//!
//! A status has a code for programs that know gRPC, a sentence for people, the whole refusal in its details, and trailers
//! for scripts.
//!
//! **Invariant.** A refusal that became a status and comes back is the same.

use chat::identity::{Sequence, ServerId};
use chat::refusal::{Refusal, SessionEnd};
use prost::Message as _;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};

use super::generated as proto;

/// The trailer with the kind of a refusal.
pub const REFUSAL_TRAILER: &str = "driftlab-refusal";
/// The trailer that says whether nothing was done and nothing will be.
pub const DEFINITE_TRAILER: &str = "driftlab-definite";
/// The trailer that says when the same call can succeed, in milliseconds.
pub const RETRY_TRAILER: &str = "driftlab-retry-after-ms";
/// The trailer with the number of the server that serves.
pub const PRIMARY_TRAILER: &str = "driftlab-primary";
/// The trailer with its address for gRPC.
pub const PRIMARY_ADDRESS_TRAILER: &str = "driftlab-primary-address";

/// What the type of a refusal is called in the details of a status.
const TYPE_URL: &str = "type.googleapis.com/driftlab.chat.v1.Refusal";

/// `google.rpc.Status`: what the details of a status are, by agreement of all who speak gRPC.
#[derive(Clone, PartialEq, prost::Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

/// `google.protobuf.Any`: a message with the name of its type.
#[derive(Clone, PartialEq, prost::Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// The code and the kind of a refusal: the table of the .proto.
fn code_and_kind(refusal: &Refusal) -> (Code, proto::RefusalKind) {
    use proto::RefusalKind as Kind;
    match refusal {
        Refusal::Malformed { .. } => (Code::InvalidArgument, Kind::Malformed),
        Refusal::LoginNeeded => (Code::Unauthenticated, Kind::LoginNeeded),
        Refusal::LoggedIn => (Code::FailedPrecondition, Kind::LoggedIn),
        Refusal::NotPrimary { .. } => (Code::Unavailable, Kind::NotPrimary),
        Refusal::Unsettled => (Code::Unknown, Kind::Unsettled),
        Refusal::NameTaken => (Code::AlreadyExists, Kind::NameTaken),
        Refusal::NoAccount => (Code::NotFound, Kind::NoAccount),
        Refusal::WrongPassword => (Code::Unauthenticated, Kind::WrongPassword),
        Refusal::AnotherDevice => (Code::FailedPrecondition, Kind::AnotherDevice),
        Refusal::AccountsFull => (Code::ResourceExhausted, Kind::AccountsFull),
        Refusal::NoSession => (Code::Unauthenticated, Kind::NoSession),
        Refusal::SessionEnded { .. } => (Code::Unauthenticated, Kind::SessionEnded),
        Refusal::OutOfOrder { .. } => (Code::Aborted, Kind::OutOfOrder),
        Refusal::WindowFull => (Code::ResourceExhausted, Kind::WindowFull),
        Refusal::RateLimited { .. } => (Code::ResourceExhausted, Kind::RateLimited),
        Refusal::TextTooLong { .. } => (Code::InvalidArgument, Kind::TextTooLong),
        Refusal::MailboxFull => (Code::ResourceExhausted, Kind::MailboxFull),
        Refusal::SenderQuota => (Code::ResourceExhausted, Kind::SenderQuota),
        Refusal::BeyondMailbox { .. } => (Code::OutOfRange, Kind::BeyondMailbox),
        Refusal::PatternTooLong => (Code::InvalidArgument, Kind::PatternTooLong),
        Refusal::TooMany { .. } => (Code::ResourceExhausted, Kind::TooMany),
        Refusal::Version { .. } => (Code::Unimplemented, Kind::Version),
        Refusal::PasswordTooLong => (Code::InvalidArgument, Kind::PasswordTooLong),
        Refusal::PasswordNeeded => (Code::InvalidArgument, Kind::PasswordNeeded),
        Refusal::PasswordsOff => (Code::InvalidArgument, Kind::PasswordsOff),
    }
}

/// The status of a refusal. `addresses` are those of all servers for gRPC, in the order of their numbers; empty where there is
/// none.
pub fn status(refusal: &Refusal, addresses: &[String]) -> Status {
    let (code, kind) = code_and_kind(refusal);
    let detail = detail(refusal, kind);
    let sentence = refusal.to_string();
    let details = RpcStatus {
        code: code as i32,
        message: sentence.clone(),
        details: vec![Any {
            type_url: TYPE_URL.to_owned(),
            value: detail.encode_to_vec(),
        }],
    };
    let word = kind.as_str_name().trim_start_matches("REFUSAL_KIND_");
    let mut trailers = MetadataMap::new();
    let mut put = |key: &'static str, value: &str| {
        if let Ok(value) = MetadataValue::try_from(value) {
            trailers.insert(key, value);
        }
    };
    put(
        REFUSAL_TRAILER,
        &word.to_ascii_lowercase().replace('_', "-"),
    );
    put(DEFINITE_TRAILER, &detail.definite.to_string());
    if detail.retry_after_ms > 0 {
        put(RETRY_TRAILER, &detail.retry_after_ms.to_string());
    }
    if let Some(primary) = detail.primary {
        put(PRIMARY_TRAILER, &primary.to_string());
        let address = addresses.get(primary as usize);
        if let Some(address) = address.filter(|address| !address.is_empty()) {
            put(PRIMARY_ADDRESS_TRAILER, address);
        }
    }
    Status::with_details_and_metadata(code, sentence, details.encode_to_vec().into(), trailers)
}

fn detail(refusal: &Refusal, kind: proto::RefusalKind) -> proto::Refusal {
    let mut detail = proto::Refusal {
        kind: kind.into(),
        definite: refusal.is_definite(),
        retry_after_ms: refusal.retry_after_ms(),
        ..proto::Refusal::default()
    };
    match refusal {
        Refusal::Malformed { why } => detail.why.clone_from(why),
        Refusal::NotPrimary { hint } => detail.primary = hint.map(|server| server.0),
        Refusal::SessionEnded { end, settled } => {
            detail.end = session_end(*end).into();
            detail.number = settled.0;
        }
        Refusal::OutOfOrder { expected } => detail.number = expected.0,
        Refusal::TextTooLong { bytes } => detail.number = *bytes,
        Refusal::BeyondMailbox { end } => detail.number = *end,
        Refusal::TooMany { allowed } => detail.number = (*allowed).into(),
        Refusal::Version { version } => detail.number = (*version).into(),
        _ => {}
    }
    detail
}

fn session_end(end: SessionEnd) -> proto::SessionEnd {
    match end {
        SessionEnd::LoggedOut => proto::SessionEnd::LoggedOut,
        SessionEnd::Deleted => proto::SessionEnd::Deleted,
        SessionEnd::Evicted => proto::SessionEnd::Evicted,
        SessionEnd::Idle => proto::SessionEnd::Idle,
    }
}

/// The refusal that a status is; none if the service did not say it: the connection broke, a deadline passed, or a bound of
/// the transport was crossed.
pub fn refusal(status: &Status) -> Option<Refusal> {
    use proto::RefusalKind as Kind;
    let details = RpcStatus::decode(status.details()).ok()?;
    let mut details = details.details.iter();
    let detail = details.find(|any| any.type_url == TYPE_URL)?;
    let detail = proto::Refusal::decode(&detail.value[..]).ok()?;
    let number = detail.number;
    Some(match detail.kind() {
        Kind::Unspecified => return None,
        Kind::Malformed => Refusal::Malformed { why: detail.why },
        Kind::LoginNeeded => Refusal::LoginNeeded,
        Kind::LoggedIn => Refusal::LoggedIn,
        Kind::NotPrimary => Refusal::NotPrimary {
            hint: detail.primary.map(ServerId),
        },
        Kind::Unsettled => Refusal::Unsettled,
        Kind::NameTaken => Refusal::NameTaken,
        Kind::NoAccount => Refusal::NoAccount,
        Kind::WrongPassword => Refusal::WrongPassword,
        Kind::AnotherDevice => Refusal::AnotherDevice,
        Kind::AccountsFull => Refusal::AccountsFull,
        Kind::NoSession => Refusal::NoSession,
        Kind::SessionEnded => Refusal::SessionEnded {
            end: end_of(detail.end())?,
            settled: Sequence(number),
        },
        Kind::OutOfOrder => Refusal::OutOfOrder {
            expected: Sequence(number),
        },
        Kind::WindowFull => Refusal::WindowFull,
        Kind::RateLimited => Refusal::RateLimited {
            retry_after_ms: detail.retry_after_ms,
        },
        Kind::TextTooLong => Refusal::TextTooLong { bytes: number },
        Kind::MailboxFull => Refusal::MailboxFull,
        Kind::SenderQuota => Refusal::SenderQuota,
        Kind::BeyondMailbox => Refusal::BeyondMailbox { end: number },
        Kind::PatternTooLong => Refusal::PatternTooLong,
        Kind::TooMany => Refusal::TooMany {
            allowed: u32::try_from(number).ok()?,
        },
        Kind::Version => Refusal::Version {
            version: u16::try_from(number).ok()?,
        },
        Kind::PasswordTooLong => Refusal::PasswordTooLong,
        Kind::PasswordNeeded => Refusal::PasswordNeeded,
        Kind::PasswordsOff => Refusal::PasswordsOff,
    })
}

fn end_of(end: proto::SessionEnd) -> Option<SessionEnd> {
    Some(match end {
        proto::SessionEnd::Unspecified => return None,
        proto::SessionEnd::LoggedOut => SessionEnd::LoggedOut,
        proto::SessionEnd::Deleted => SessionEnd::Deleted,
        proto::SessionEnd::Evicted => SessionEnd::Evicted,
        proto::SessionEnd::Idle => SessionEnd::Idle,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One refusal of each kind, with fields that are no defaults.
    fn all() -> Vec<Refusal> {
        let (settled, expected) = (Sequence(41), Sequence(7));
        let ends = [
            SessionEnd::LoggedOut,
            SessionEnd::Deleted,
            SessionEnd::Evicted,
            SessionEnd::Idle,
        ];
        let mut all: Vec<Refusal> = ends
            .into_iter()
            .map(|end| Refusal::SessionEnded { end, settled })
            .collect();
        all.extend([
            Refusal::Malformed {
                why: "a name is too long: größer".to_owned(),
            },
            Refusal::LoginNeeded,
            Refusal::LoggedIn,
            Refusal::NotPrimary { hint: None },
            Refusal::NotPrimary {
                hint: Some(ServerId(0)),
            },
            Refusal::Unsettled,
            Refusal::NameTaken,
            Refusal::NoAccount,
            Refusal::WrongPassword,
            Refusal::AnotherDevice,
            Refusal::AccountsFull,
            Refusal::NoSession,
            Refusal::OutOfOrder { expected },
            Refusal::WindowFull,
            Refusal::RateLimited { retry_after_ms: 50 },
            Refusal::TextTooLong { bytes: 16385 },
            Refusal::MailboxFull,
            Refusal::SenderQuota,
            Refusal::BeyondMailbox { end: 3 },
            Refusal::PatternTooLong,
            Refusal::TooMany { allowed: 100 },
            Refusal::Version { version: 1 },
            Refusal::PasswordTooLong,
            Refusal::PasswordNeeded,
            Refusal::PasswordsOff,
        ]);
        all
    }

    #[test]
    fn a_refusal_comes_back_as_it_went() {
        for sent in all() {
            assert_eq!(refusal(&status(&sent, &[])), Some(sent));
        }
    }

    #[test]
    fn trailers_say_what_a_script_needs() {
        let addresses = ["127.0.0.1:7700".to_owned(), "127.0.0.1:7701".to_owned()];
        let hint = Some(ServerId(1));
        let said = status(&Refusal::NotPrimary { hint }, &addresses);
        let trailer = |key| {
            said.metadata()
                .get(key)
                .and_then(|value| value.to_str().ok())
        };
        assert_eq!(said.code(), Code::Unavailable);
        assert_eq!(trailer(REFUSAL_TRAILER), Some("not-primary"));
        assert_eq!(trailer(DEFINITE_TRAILER), Some("true"));
        assert_eq!(trailer(PRIMARY_TRAILER), Some("1"));
        assert_eq!(trailer(PRIMARY_ADDRESS_TRAILER), Some("127.0.0.1:7701"));
        assert_eq!(trailer(RETRY_TRAILER), None);
    }

    #[test]
    fn the_proto_says_the_codes_that_are_given() {
        let text = include_str!("../../proto/chat.proto");
        for sent in all() {
            let (code, kind) = code_and_kind(&sent);
            let lines = text.lines();
            let mut lines = lines.filter(|line| line.trim_start().starts_with(kind.as_str_name()));
            let line = lines.next().expect("the kind stands in the .proto");
            let said: String = line.split("// ").nth(1).expect("a code").to_owned();
            let said = said.split(',').next().expect("a word").trim();
            let given = format!("{code:?}");
            let given: String = given
                .chars()
                .enumerate()
                .flat_map(|(place, letter)| {
                    let gap = (place > 0 && letter.is_uppercase()).then_some('_');
                    gap.into_iter().chain(letter.to_uppercase())
                })
                .collect();
            assert_eq!(said, given, "{kind:?}");
        }
    }

    #[test]
    fn a_status_of_the_transport_is_no_refusal() {
        assert_eq!(refusal(&Status::unavailable("connection refused")), None);
        let garbled = Status::with_details(Code::Unknown, "", vec![255, 255, 1].into());
        assert_eq!(refusal(&garbled), None);
    }
}
