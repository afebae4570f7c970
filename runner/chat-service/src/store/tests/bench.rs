//! How fast a store is on the disk of this host: printed, never asserted. And how much is written for little.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chat::answer::Answer;
use chat::application::command::{Command, Entry as Proposed};
use chat::identity::{Nonce, Sequence, SessionId, TimeMs, TokenDigest};
use chat::limits::Settings;
use chat::name::Name;
use chat::rule::Rules;
use cluster::service::Service;
use replica::application::Application as _;
use replica::durable::{Change, Durable};
use replica::log::{Entry, Snapshot};
use replica::units::{Mark, OpNumber};
use uuid::Uuid;

use super::script::{founding, membership};
use super::volatile::{Deed, Volatile};
use crate::disk::Disk;
use crate::store::Store;

/// About what a message of a hundred letters takes.
fn entry(number: u64) -> Entry<Arc<Proposed>> {
    let command = Arc::new(Proposed {
        time: TimeMs(number),
        command: Command::Send {
            session: SessionId(Uuid::from_u128(1)),
            sequence: Sequence(number),
            confirmed: Sequence(number),
            to: Name::new("bob").expect("a name"),
            text: "x".repeat(130),
        },
    });
    let ballot = founding().view.ballot;
    Entry { ballot, command }
}

#[test]
#[ignore = "prints figures: cargo test --release -p chat-service store::tests::bench -- --ignored --nocapture"]
fn commits_a_second() {
    for batch in [1, 16, 64] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = Store::create(folder.path(), &membership(), founding()).expect("a disk");
        let (mut number, mut commits) = (0, Vec::new());
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(3) {
            let changes = (0..batch).map(|_| {
                number += 1;
                Change::Append(vec![entry(number)])
            });
            let changes = changes.collect();
            let commit = Instant::now();
            store.write(changes).expect("the disk is there");
            commits.push(commit.elapsed());
        }
        let took = began.elapsed().as_secs_f64();
        commits.sort();
        let share = |part: usize| commits[commits.len() * part / 100].as_micros();
        println!(
            "batch {batch}: {:.0} commits/s, {:.0} entries/s, commit p50 {} us, p99 {} us",
            commits.len() as f64 / took,
            number as f64 / took,
            share(50),
            share(99),
        );
    }
}

/// A service with this many messages of a hundred letters and more, each of 64 mailboxes with its part.
fn large(messages: u64) -> Service {
    let mut service = Service::new(
        Settings {
            sends_per_second: 1_000_000,
            sends_burst: 1_000_000,
            queued_sender_messages_max: 1_000_000,
            queued_messages_max: 1_000_000,
            queued_bytes_max: 1 << 40,
            ..Settings::default()
        },
        Rules::default(),
    );
    let mut op = 0;
    let mut apply = |service: &mut Service, command| {
        op += 1;
        let time = TimeMs(op);
        let applied = service.apply(OpNumber(op), &Arc::new(Proposed { time, command }));
        applied.expect("it is allowed")
    };
    let name = |number: u64| Name::new(&format!("account-{number}")).expect("a name");
    let nonce = |number: u64| {
        let mut nonce = [0; 16];
        nonce[..8].copy_from_slice(&number.to_be_bytes());
        Nonce(nonce)
    };
    for number in 0..64 {
        let create = Command::Create {
            name: name(number),
            password: None,
            nonce: nonce(number),
            chance: nonce(number),
        };
        apply(&mut service, create);
    }
    let log_in = Command::LogIn {
        name: name(0),
        proof: None,
        nonce: nonce(64),
        token: TokenDigest([1; 32]),
        chance: nonce(64),
    };
    let Answer::LoggedIn { opened, .. } = apply(&mut service, log_in) else {
        unreachable!("the answer of a log-in");
    };
    for number in 1..=messages {
        let send = Command::Send {
            session: opened.session,
            sequence: Sequence(number),
            confirmed: Sequence(number - 1),
            to: name(number % 64),
            text: "x".repeat(130),
        };
        apply(&mut service, send);
    }
    service
}

/// Bytes that were written to a disk from some deed on.
fn bytes_written(disk: &Volatile, from: usize) -> usize {
    let deeds = disk.deeds().into_iter().skip(from);
    let bytes = deeds.map(|deed| match deed {
        Deed::Write { bytes, .. } => bytes.len(),
        Deed::Resize(_) | Deed::Flush => 0,
    });
    bytes.sum()
}

#[test]
fn a_large_snapshot_is_written_when_the_replica_asks_and_not_again() {
    let state = Arc::new(large(2_000));
    let disk = Volatile::default();
    let empty = Durable::founding(3, Service::new(Settings::default(), Rules::default()));
    let created = Store::create_on(disk.clone(), &membership(), empty);
    let mut store = created.expect("a new disk");
    store
        .write(vec![Change::Append(vec![entry(1)])])
        .expect("the disk is there");
    let compact = Change::Compact(Snapshot {
        mark: Mark {
            op: OpNumber(1),
            ballot: founding().view.ballot,
        },
        lineage: vec![Mark::default()],
        state,
    });
    let before = disk.count();
    store.write(vec![compact]).expect("the disk is there");
    let snapshot = bytes_written(&disk, before);
    assert!(snapshot > 2_000 * 130, "{snapshot}");
    let before = disk.count();
    for number in 2..12 {
        let append = Change::Append(vec![entry(number)]);
        store.write(vec![append]).expect("the disk is there");
    }
    let appended = bytes_written(&disk, before) / 10;
    println!(
        "a snapshot of 2000 messages is {snapshot} bytes on the disk, an entry after it {appended}"
    );
    assert!(appended < snapshot / 4, "{appended} bytes for an entry");
}

#[test]
#[ignore = "prints figures: cargo test --release -p chat-service store::tests::bench -- --ignored --nocapture"]
fn a_large_snapshot() {
    let state = Arc::new(large(100_000));
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Store::create(folder.path(), &membership(), founding()).expect("a disk");
    store
        .write(vec![Change::Append(vec![entry(1)])])
        .expect("the disk is there");
    let compact = Change::Compact(Snapshot {
        mark: Mark {
            op: OpNumber(1),
            ballot: founding().view.ballot,
        },
        lineage: vec![Mark::default()],
        state,
    });
    let began = Instant::now();
    store.write(vec![compact]).expect("the disk is there");
    let (wrote, began) = (began.elapsed(), Instant::now());
    store
        .write(vec![Change::Append(vec![entry(2)])])
        .expect("the disk is there");
    let (appended, began) = (began.elapsed(), Instant::now());
    drop(store);
    let (closed, began) = (began.elapsed(), Instant::now());
    Store::open(folder.path(), &membership()).expect("it is whole");
    println!(
        "10^5 messages: snapshot written in {wrote:?}, the next entry in {appended:?}, closed in {closed:?}, opened and checked in {:?}",
        began.elapsed()
    );
}
