//! What can happen to an application, in any order.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::application::command::Command;
use crate::identity::{Nonce, Offset, PasswordHash, Sequence, SessionId, TokenDigest, uuid_of};
use crate::limits::Settings;
use crate::name::Name;
use crate::tests::model::Model;

/// Something that happens. Sessions are counted, sequences and offsets are relative to what is due.
#[derive(Debug, Clone)]
pub(crate) enum Action {
    Create {
        who: u8,
        nonce: u8,
        password: bool,
    },
    LogIn {
        who: u8,
        nonce: u8,
        proof: u8,
    },
    Resume {
        session: usize,
    },
    LogOut {
        session: usize,
    },
    Delete {
        session: usize,
        ahead: i64,
    },
    Send {
        session: usize,
        ahead: i64,
        lag: u64,
        to: u8,
        bytes: usize,
    },
    Acknowledge {
        session: usize,
        ahead: i64,
    },
    List {
        session: usize,
        pattern: String,
        after: Option<u8>,
        most: u32,
    },
    History {
        session: usize,
        before: u64,
        most: u32,
    },
    Expire,
    /// The time of entries from now on, relative to the last one.
    Time {
        change_ms: i64,
    },
    /// Everything but the snapshot is lost.
    Restart,
}

fn ahead() -> impl Strategy<Value = i64> {
    prop_oneof![12 => Just(0i64), 3 => -3..0i64, 1 => 1..3i64]
}

fn action() -> impl Strategy<Value = Action> {
    let session = || 0..8usize;
    let who = || 0..5u8;
    prop_oneof![
        4 => (who(), 0..2u8, prop::bool::weighted(0.2))
            .prop_map(|(who, nonce, password)| Action::Create { who, nonce, password }),
        6 => (who(), 0..6u8, 0..3u8)
            .prop_map(|(who, nonce, proof)| Action::LogIn { who, nonce, proof }),
        2 => session().prop_map(|session| Action::Resume { session }),
        1 => session().prop_map(|session| Action::LogOut { session }),
        1 => (session(), ahead()).prop_map(|(session, ahead)| Action::Delete { session, ahead }),
        20 => (session(), ahead(), 0..4u64, who(), 0..12usize).prop_map(
            |(session, ahead, lag, to, bytes)| Action::Send { session, ahead, lag, to, bytes }
        ),
        6 => (session(), -2..3i64)
            .prop_map(|(session, ahead)| Action::Acknowledge { session, ahead }),
        2 => (session(), "[a-eA?*]{0,3}", prop::option::of(who()), 0..4u32).prop_map(
            |(session, pattern, after, most)| Action::List { session, pattern, after, most }
        ),
        2 => (session(), 0..6u64, 0..4u32)
            .prop_map(|(session, before, most)| Action::History { session, before, most }),
        1 => Just(Action::Expire),
        4 => (-500..4000i64).prop_map(|change_ms| Action::Time { change_ms }),
        1 => Just(Action::Time { change_ms: 15_000 }),
        2 => Just(Action::Restart),
    ]
}

/// Settings whose bounds are reached soon.
fn settings() -> impl Strategy<Value = Settings> {
    (prop::bool::weighted(0.2), 1..3u64).prop_map(|(one_device, sessions_max)| Settings {
        accounts_max: 4,
        one_device,
        sessions_max,
        session_idle_ms: 20_000,
        ended_sessions_max: 3,
        queued_messages_max: 4,
        queued_bytes_max: 40,
        queued_sender_messages_max: 3,
        kept_messages_max: 2,
        kept_ms: 5000,
        sends_per_second: 2,
        sends_burst: 5,
        guesses_burst: 2,
    })
}

/// What a property test runs.
pub(crate) fn cases() -> impl Strategy<Value = (Settings, Vec<Action>)> {
    (settings(), vec(action(), 1..120))
}

fn name(who: u8) -> Name {
    Name::new(["ada", "bob", "cyd", "Dan", "eve"][usize::from(who)]).expect("a name")
}

fn digest(number: u8) -> [u8; 32] {
    [number; 32]
}

pub(crate) fn nearby(number: u64, ahead: i64) -> u64 {
    number.saturating_add_signed(ahead)
}

/// The command of an action, if it is one. Chance is always the same: what is unique must be so without it.
pub(crate) fn command(action: &Action, model: &Model, tokens: &mut u64) -> Option<Command> {
    let chance = Nonce([0; 16]);
    Some(match *action {
        Action::Create {
            who,
            nonce,
            password,
        } => Command::Create {
            name: name(who),
            password: password.then(|| PasswordHash {
                salt: chance,
                digest: digest(1),
            }),
            nonce: Nonce([nonce; 16]),
            chance,
        },
        Action::LogIn { who, nonce, proof } => {
            *tokens += 1;
            let mut token = [0; 32];
            token[..8].copy_from_slice(&tokens.to_be_bytes());
            Command::LogIn {
                name: name(who),
                proof: (proof > 0).then(|| digest(proof)),
                nonce: Nonce([nonce; 16]),
                token: TokenDigest(token),
                chance,
            }
        }
        Action::Expire => Command::Expire,
        Action::Time { .. } | Action::Restart => return None,
        ref action => of_session(action, model),
    })
}

/// The command of an action in a session.
fn of_session(action: &Action, model: &Model) -> Command {
    let chance = Nonce([0; 16]);
    let nobody = SessionId(uuid_of(u64::MAX, chance));
    let find = |index| {
        let unknown = (nobody, TokenDigest([0xff; 32]), 0, 0, 0);
        model.session(index).unwrap_or(unknown)
    };
    match *action {
        Action::Resume { session } => Command::Resume {
            token: find(session).1,
        },
        Action::LogOut { session } => Command::LogOut {
            session: find(session).0,
        },
        Action::Delete { session, ahead } => {
            let (session, _, settled, ..) = find(session);
            let sequence = Sequence(nearby(settled + 1, ahead));
            Command::Delete { session, sequence }
        }
        Action::Send {
            session,
            ahead,
            lag,
            to,
            bytes,
        } => {
            let (session, _, settled, ..) = find(session);
            Command::Send {
                session,
                sequence: Sequence(nearby(settled + 1, ahead)),
                confirmed: Sequence(settled.saturating_sub(lag)),
                to: name(to),
                text: "x".repeat(bytes),
            }
        }
        Action::Acknowledge { session, ahead } => {
            let (session, _, _, acknowledged, end) = find(session);
            let from = if ahead > 1 { end } else { acknowledged };
            let through = Offset(nearby(from, ahead));
            Command::Acknowledge { session, through }
        }
        Action::List {
            session,
            ref pattern,
            after,
            most,
        } => Command::List {
            session: find(session).0,
            pattern: pattern.clone(),
            after: after.map(name),
            most,
        },
        Action::History {
            session,
            before,
            most,
        } => Command::History {
            session: find(session).0,
            before: Offset(before),
            most,
        },
        _ => panic!("{action:?} is in no session"),
    }
}
