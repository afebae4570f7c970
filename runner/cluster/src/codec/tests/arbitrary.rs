//! Values of every form, for property tests.
//!
//! **Invariant.** A service is one that commands have made: its accounts, sessions and mailboxes belong together.

use std::sync::Arc;

use chat::answer::Answer;
use chat::application::command::{Command, Entry as Proposed};
use chat::identity::{Nonce, Offset, PasswordHash, Sequence, SessionId, TimeMs, TokenDigest};
use chat::limits::Settings;
use chat::name::Name;
use chat::rule::Rules;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use replica::application::Application as _;
use replica::durable::Holding;
use replica::log::{Entry, Snapshot, Tail};
use replica::message::Body;
use replica::units::{Ballot, Incarnation, Mark, OpNumber, ReplicaId};
use replica::view::View;

use crate::codec::record::{Head, LogEntry};
use crate::message::Message;
use crate::service::{DIGEST_OPS, Service};

pub(super) fn ballot() -> impl Strategy<Value = Ballot> {
    any::<(u64, u32)>().prop_map(|(number, proposer)| Ballot {
        number,
        proposer: ReplicaId(proposer),
    })
}

fn op() -> impl Strategy<Value = OpNumber> {
    any::<u64>().prop_map(OpNumber)
}

fn mark() -> impl Strategy<Value = Mark> {
    (op(), ballot()).prop_map(|(op, ballot)| Mark { op, ballot })
}

fn marks() -> impl Strategy<Value = Vec<Mark>> {
    vec(mark(), 0..4)
}

fn incarnation() -> impl Strategy<Value = Incarnation> {
    any::<(u32, u32)>().prop_map(|(disk, life)| Incarnation { disk, life })
}

fn view() -> impl Strategy<Value = View> {
    let members = btree_map(any::<u32>().prop_map(ReplicaId), incarnation(), 0..5);
    (ballot(), members).prop_map(|(ballot, members)| View { ballot, members })
}

pub(super) fn head() -> impl Strategy<Value = Head> {
    let earlier = vec(
        (view(), mark()).prop_map(|(view, end)| Holding { view, end }),
        0..4,
    );
    let head = (incarnation(), ballot(), view(), earlier);
    head.prop_map(|(incarnation, promised, view, earlier)| Head {
        incarnation,
        promised,
        view,
        earlier,
    })
}

fn name() -> impl Strategy<Value = Name> {
    "[a-zA-Z0-9._-]{1,32}".prop_map(|text| Name::new(&text).expect("a name"))
}

fn nonce() -> impl Strategy<Value = Nonce> {
    any::<[u8; 16]>().prop_map(Nonce)
}

fn session() -> impl Strategy<Value = SessionId> {
    // The type of its number is no dependency of this crate: a session of chance is one that a service has opened.
    (nonce(), 0..3u64).prop_map(|(chance, logins)| {
        let mut service = Service::new(Settings::default(), Rules::default());
        let sessions = (0..=logins).map(|_| people(&mut service, 1, chance)[0]);
        sessions.last().expect("one at least")
    })
}

fn command() -> impl Strategy<Value = Command> {
    let sequence = || any::<u64>().prop_map(Sequence);
    let offset = || any::<u64>().prop_map(Offset);
    let token = || any::<[u8; 32]>().prop_map(TokenDigest);
    let password = (nonce(), any::<[u8; 32]>());
    let password = password.prop_map(|(salt, digest)| PasswordHash { salt, digest });
    let proof = option::of(any::<[u8; 32]>());
    prop_oneof![
        (name(), option::of(password), nonce(), nonce()).prop_map(
            |(name, password, nonce, chance)| Command::Create {
                name,
                password,
                nonce,
                chance
            }
        ),
        (name(), proof, nonce(), token(), nonce()).prop_map(
            |(name, proof, nonce, token, chance)| Command::LogIn {
                name,
                proof,
                nonce,
                token,
                chance
            }
        ),
        token().prop_map(|token| Command::Resume { token }),
        session().prop_map(|session| Command::LogOut { session }),
        (session(), sequence())
            .prop_map(|(session, sequence)| Command::Delete { session, sequence }),
        (session(), sequence(), sequence(), name(), any::<String>()).prop_map(
            |(session, sequence, confirmed, to, text)| Command::Send {
                session,
                sequence,
                confirmed,
                to,
                text
            }
        ),
        (session(), offset())
            .prop_map(|(session, through)| Command::Acknowledge { session, through }),
        Just(Command::Expire),
    ]
}

pub(super) fn entry() -> impl Strategy<Value = LogEntry> {
    (ballot(), any::<u64>(), command()).prop_map(|(ballot, time, command)| Entry {
        ballot,
        command: Arc::new(Proposed {
            time: TimeMs(time),
            command,
        }),
    })
}

fn entries() -> impl Strategy<Value = Vec<LogEntry>> {
    vec(entry(), 0..5)
}

/// A step of a service: who sends what to whom, and whether the recipient acknowledges it.
type Step = (usize, usize, String, bool);

/// Creates accounts, or finds them there, and opens a session of each.
fn people(service: &mut Service, count: u8, chance: Nonce) -> Vec<SessionId> {
    let mut sessions = Vec::new();
    for person in 0..count {
        let name = Name::new(&format!("person-{person}")).expect("a name");
        let create = Command::Create {
            name: name.clone(),
            password: None,
            nonce: chance,
            chance,
        };
        let mut token = [person; 32];
        token[1] = service.application().totals().sessions as u8;
        let login = Command::LogIn {
            name,
            proof: None,
            nonce: Nonce(std::array::from_fn(|place| token[place])),
            token: TokenDigest(token),
            chance,
        };
        run(service, 1, create);
        match run(service, 2, login) {
            Some(Answer::LoggedIn { opened, .. }) => sessions.push(opened.session),
            other => unreachable!("a log-in opens a session: {other:?}"),
        }
    }
    sessions
}

/// Applies a command at a place; its answer, unless it is refused.
fn run(service: &mut Service, op: u64, command: Command) -> Option<Answer> {
    let time = TimeMs(op * 100);
    service
        .apply(OpNumber(op), &Arc::new(Proposed { time, command }))
        .ok()
}

/// A service that people have used.
pub(super) fn service() -> impl Strategy<Value = Service> {
    let steps = vec(
        (0..3usize, 0..3usize, any::<String>(), any::<bool>()),
        0..20,
    );
    (nonce(), steps).prop_map(|(chance, steps)| used(chance, steps))
}

fn used(chance: Nonce, steps: Vec<Step>) -> Service {
    let mut service = Service::new(Settings::default(), Rules::default());
    let sessions = people(&mut service, 3, chance);
    let mut sequences = [Sequence(0); 3];
    // Some pass a place at which a digest is due.
    for (place, (from, to, text, is_read)) in (DIGEST_OPS - 5..).zip(steps) {
        sequences[from] = sequences[from].next();
        let send = Command::Send {
            session: sessions[from],
            sequence: sequences[from],
            confirmed: Sequence(0),
            to: Name::new(&format!("person-{to}")).expect("a name"),
            text,
        };
        if let Some(Answer::Sent { placement, .. }) = run(&mut service, place, send)
            && let Some(placement) = placement.filter(|_| is_read)
        {
            let acknowledge = Command::Acknowledge {
                session: sessions[to],
                through: placement.offset,
            };
            run(&mut service, place, acknowledge);
        }
    }
    service
}

pub(super) fn snapshot() -> impl Strategy<Value = Snapshot<Service>> {
    (mark(), marks(), service()).prop_map(|(mark, lineage, state)| Snapshot {
        mark,
        lineage,
        state: Arc::new(state),
    })
}

fn tail() -> impl Strategy<Value = Box<Tail<Service>>> {
    (mark(), option::of(snapshot()), entries()).prop_map(|(after, snapshot, entries)| {
        Box::new(Tail {
            after,
            snapshot,
            entries,
        })
    })
}

/// Messages that say little.
fn short() -> impl Strategy<Value = Body<Service>> {
    prop_oneof![
        (view(), ballot(), any::<bool>(), op()).prop_map(
            |(view, promised, is_serving, committed)| Body::Heartbeat {
                view,
                promised,
                is_serving,
                committed
            }
        ),
        (ballot(), marks()).prop_map(|(ballot, marks)| Body::PrepareView { ballot, marks }),
        ballot().prop_map(|promised| Body::Refuse { promised }),
        ballot().prop_map(|ballot| Body::Installed { ballot }),
        ballot().prop_map(|ballot| Body::Lack { ballot }),
        (ballot(), op()).prop_map(|(ballot, through)| Body::PrepareOk { ballot, through }),
        marks().prop_map(|marks| Body::Fetch { marks }),
        any::<u64>().prop_map(|attempt| Body::Recover { attempt }),
        (any::<u64>(), ballot(), incarnation()).prop_map(|(attempt, promised, known)| {
            Body::Recall {
                attempt,
                promised,
                known,
            }
        }),
        Just(Body::Farewell),
        ballot().prop_map(|ballot| Body::Gathering { ballot }),
    ]
}

/// Messages with commands or a state.
fn long() -> impl Strategy<Value = Body<Service>> {
    prop_oneof![
        (ballot(), view(), mark(), marks(), tail()).prop_map(|(ballot, view, end, marks, tail)| {
            Body::Promise {
                ballot,
                view,
                end,
                marks,
                tail,
            }
        }),
        (view(), tail()).prop_map(|(view, tail)| Body::Install { view, tail }),
        (ballot(), op(), entries(), op()).prop_map(|(ballot, after, entries, committed)| {
            Body::Prepare {
                ballot,
                after,
                entries,
                committed,
            }
        }),
        (ballot(), tail()).prop_map(|(ballot, tail)| Body::Supply { ballot, tail }),
    ]
}

pub(super) fn message() -> impl Strategy<Value = Message> {
    let body = prop_oneof![short(), long()];
    (incarnation(), body).prop_map(|(incarnation, body)| Message::Peer {
        incarnation,
        body: Box::new(body),
    })
}
