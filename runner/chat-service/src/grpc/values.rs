//! Values of the service as messages of gRPC, and back.
//!
//! **Invariant.** What became a message and comes back is the same. What comes from outside is checked as the wire checks it.

use chat::answer::{Answer, Delivery, Listed, Message, Opened, Placement};
use chat::identity::{AccountId, Nonce, Offset, Sequence, ServerId, SessionId, TimeMs, Token};
use chat::name::Name;
use chat::refusal::Refusal;
use chat::wire::response::{Presence, Standing};
use chat::wire::status::{ReplicaStatus, Status, Totals};
use uuid::Uuid;

use super::generated as proto;

/// The name that a text is.
pub(super) fn name(text: &str) -> Result<Name, Refusal> {
    Name::new(text).map_err(|error| malformed(&error.to_string()))
}

/// The refusal of what is not as the .proto says.
pub(super) fn malformed(why: &str) -> Refusal {
    let why = why.to_owned();
    Refusal::Malformed { why }
}

/// The nonce that these bytes are; a fresh one if there are none.
pub(super) fn nonce(bytes: &[u8]) -> Result<Nonce, Refusal> {
    if bytes.is_empty() {
        let mut fresh = [0; 16];
        let drawn = getrandom::fill(&mut fresh);
        return drawn
            .map(|()| Nonce(fresh))
            .map_err(|_| Refusal::RateLimited {
                retry_after_ms: 1000,
            });
    }
    let nonce = bytes.try_into().map(Nonce);
    nonce.map_err(|_| {
        malformed(&format!(
            "a nonce has 16 bytes, this one has {}",
            bytes.len()
        ))
    })
}

/// The digits of a token.
pub(super) fn token_text(token: &Token) -> String {
    token.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The token of these digits.
pub(super) fn token(text: &str) -> Option<Token> {
    let mut token = [0; 32];
    let digits = text.as_bytes();
    if digits.len() != 2 * token.len() || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in token.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(digit(pair[0])? << 4 | digit(pair[1])?).ok()?;
    }
    Some(Token(token))
}

fn uuid(bytes: &[u8]) -> Option<Uuid> {
    Uuid::from_slice(bytes).ok()
}

fn bytes(uuid: Uuid) -> Vec<u8> {
    uuid.into_bytes().to_vec()
}

pub(super) fn session_reply(opened: &Opened, token: Option<Token>) -> proto::OpenSessionReply {
    proto::OpenSessionReply {
        token: token.as_ref().map(token_text),
        account: bytes(opened.account.0),
        session: bytes(opened.session.0),
        next_sequence: opened.next.0,
        acknowledged: opened.acknowledged.0,
        end: opened.end.0,
    }
}

pub(super) fn opened(reply: &proto::OpenSessionReply) -> Option<Answer> {
    let opened = Opened {
        account: AccountId(uuid(&reply.account)?),
        session: SessionId(uuid(&reply.session)?),
        next: Sequence(reply.next_sequence),
        acknowledged: Offset(reply.acknowledged),
        end: Offset(reply.end),
    };
    let token = match &reply.token {
        Some(digits) => Some(token(digits)?),
        None => None,
    };
    Some(Answer::LoggedIn { opened, token })
}

pub(super) fn created(reply: &proto::CreateAccountReply) -> Option<Answer> {
    let account = AccountId(uuid(&reply.account)?);
    Some(Answer::Created { account })
}

pub(super) fn create_reply(account: AccountId) -> proto::CreateAccountReply {
    let account = bytes(account.0);
    proto::CreateAccountReply { account }
}

pub(super) fn list_reply(accounts: &[Listed], more: bool) -> proto::ListAccountsReply {
    let accounts = accounts.iter().map(|listed| proto::Account {
        name: listed.name.to_string(),
        account: bytes(listed.account.0),
        logged_in: listed.is_logged_in,
    });
    let accounts = accounts.collect();
    proto::ListAccountsReply { accounts, more }
}

pub(super) fn listed(reply: &proto::ListAccountsReply) -> Option<Answer> {
    let accounts = reply.accounts.iter().map(|account| {
        Some(Listed {
            name: Name::new(&account.name).ok()?,
            account: AccountId(uuid(&account.account)?),
            is_logged_in: account.logged_in,
        })
    });
    let accounts = accounts.collect::<Option<_>>()?;
    let more = reply.more;
    Some(Answer::Listed { accounts, more })
}

pub(super) fn send_reply(
    sequence: Sequence,
    is_repeated: bool,
    placement: Option<Placement>,
) -> proto::SendReply {
    proto::SendReply {
        sequence: sequence.0,
        repeated_send: is_repeated,
        placement: placement.map(|placement| proto::Placement {
            account: bytes(placement.to.0),
            offset: placement.offset.0,
            queued: placement.delivery == Delivery::Queued,
        }),
    }
}

pub(super) fn sent(reply: &proto::SendReply) -> Option<Answer> {
    let placement = match &reply.placement {
        None => None,
        Some(placement) => Some(Placement {
            to: AccountId(uuid(&placement.account)?),
            offset: Offset(placement.offset),
            delivery: match placement.queued {
                true => Delivery::Queued,
                false => Delivery::AtOnce,
            },
        }),
    };
    Some(Answer::Sent {
        sequence: Sequence(reply.sequence),
        is_repeated: reply.repeated_send,
        placement,
    })
}

pub(super) fn message(message: Message) -> proto::Message {
    proto::Message {
        offset: message.offset.0,
        session: bytes(message.session.0),
        sequence: message.sequence.0,
        author: bytes(message.author.0),
        from: message.from.to_string(),
        accepted_ms: message.accepted.0,
        text: message.text,
    }
}

pub(super) fn message_of(message: proto::Message) -> Option<Message> {
    Some(Message {
        offset: Offset(message.offset),
        session: SessionId(uuid(&message.session)?),
        sequence: Sequence(message.sequence),
        author: AccountId(uuid(&message.author)?),
        from: Name::new(&message.from).ok()?,
        accepted: TimeMs(message.accepted_ms),
        text: message.text,
    })
}

pub(super) fn presence(presence: Presence) -> proto::Presence {
    match presence {
        Presence::NoAccount => proto::Presence::NoAccount,
        Presence::Offline => proto::Presence::Offline,
        Presence::Unknown => proto::Presence::Unknown,
        Presence::Online => proto::Presence::Online,
    }
}

pub(super) fn presence_of(presence: proto::Presence) -> Option<Presence> {
    match presence {
        proto::Presence::Unspecified => None,
        proto::Presence::NoAccount => Some(Presence::NoAccount),
        proto::Presence::Offline => Some(Presence::Offline),
        proto::Presence::Unknown => Some(Presence::Unknown),
        proto::Presence::Online => Some(Presence::Online),
    }
}

pub(super) fn status_reply(status: Status) -> proto::StatusReply {
    let Status {
        standing,
        connections,
        pending,
        replica,
        totals,
        figures,
    } = status;
    let stored = replica.stored.into_iter();
    let figures = figures.into_iter();
    proto::StatusReply {
        server: standing.server.0,
        serving: standing.is_serving,
        primary: standing.primary.map(|server| server.0),
        connections,
        pending,
        members: replica.members.iter().map(|server| server.0).collect(),
        live: replica.is_live,
        end: replica.end,
        committed: replica.committed,
        stored: stored
            .map(|(server, through)| proto::Stored {
                server: server.0,
                through,
            })
            .collect(),
        accounts: totals.accounts,
        sessions: totals.sessions,
        queued_messages: totals.queued_messages,
        queued_messages_most: totals.queued_messages_most,
        figures: figures
            .map(|(name, count)| proto::Figure { name, count })
            .collect(),
    }
}

pub(super) fn status_of(reply: proto::StatusReply) -> Status {
    let stored = reply.stored.into_iter();
    let figures = reply.figures.into_iter();
    Status {
        standing: Standing {
            server: ServerId(reply.server),
            is_serving: reply.serving,
            primary: reply.primary.map(ServerId),
        },
        connections: reply.connections,
        pending: reply.pending,
        replica: ReplicaStatus {
            members: reply.members.into_iter().map(ServerId).collect(),
            is_live: reply.live,
            end: reply.end,
            committed: reply.committed,
            stored: stored
                .map(|stored| (ServerId(stored.server), stored.through))
                .collect(),
        },
        totals: Totals {
            accounts: reply.accounts,
            sessions: reply.sessions,
            queued_messages: reply.queued_messages,
            queued_messages_most: reply.queued_messages_most,
        },
        figures: figures.map(|figure| (figure.name, figure.count)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_of_a_token_are_read_as_they_were_written() {
        let mut bytes = [0; 32];
        bytes
            .iter_mut()
            .zip(0..)
            .for_each(|(byte, place)| *byte = place * 8);
        let digits = token_text(&Token(bytes));
        assert_eq!(token(&digits).map(|token| token.0), Some(bytes));
        assert_eq!(
            token(&digits.to_uppercase()).map(|token| token.0),
            Some(bytes)
        );
        let wrong = [
            &digits[1..],
            &digits.replace('8', "g"),
            "",
            &"é".repeat(32),
            &"+1".repeat(32),
        ];
        for wrong in wrong {
            assert!(token(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_status_comes_back_as_it_went() {
        let status = Status {
            standing: Standing {
                server: ServerId(2),
                is_serving: true,
                primary: Some(ServerId(0)),
            },
            connections: 3,
            pending: 4,
            replica: ReplicaStatus {
                members: vec![ServerId(0), ServerId(2)],
                is_live: true,
                end: 5,
                committed: 6,
                stored: vec![(ServerId(0), 7)],
            },
            totals: Totals {
                accounts: 8,
                sessions: 9,
                queued_messages: 10,
                queued_messages_most: 11,
            },
            figures: vec![("flushes_total".to_owned(), 12)],
        };
        assert_eq!(status_of(status_reply(status.clone())), status);
    }

    #[test]
    fn a_nonce_has_sixteen_bytes_or_is_drawn() {
        assert_eq!(nonce(&[7; 16]), Ok(Nonce([7; 16])));
        assert_ne!(nonce(&[]), nonce(&[]));
        assert!(matches!(nonce(&[7; 15]), Err(Refusal::Malformed { .. })));
    }
}
