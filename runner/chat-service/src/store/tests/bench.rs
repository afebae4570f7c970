//! How fast a store is on the disk of this host: printed, never asserted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chat::application::command::{Command, Entry as Proposed};
use chat::identity::{Sequence, SessionId, TimeMs};
use chat::name::Name;
use replica::durable::Change;
use replica::log::Entry;
use uuid::Uuid;

use super::script::{founding, membership};
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
