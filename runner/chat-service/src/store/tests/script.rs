//! Changes of every kind, as a replica makes them, and what is on the disk after each batch of them.
//!
//! **Invariant.** The script is the same each time.

use std::sync::Arc;

use chat::application::command::{Command, Entry as Proposed};
use chat::identity::{Nonce, ServerId, TimeMs};
use chat::limits::Settings;
use chat::name::Name;
use chat::rule::Rules;
use cluster::codec::record::{Head, LogEntry, encode_entry, encode_head, encode_snapshot};
use cluster::service::Service;
use replica::application::Application as _;
use replica::durable::{Change, Durable};
use replica::log::{Entry, Log, Snapshot, Tail};
use replica::units::{Ballot, Mark, OpNumber, ReplicaId};
use replica::view::View;
use uuid::Uuid;

use super::volatile::chance;
use crate::store::Membership;

/// Whose disk it is.
pub(super) fn membership() -> Membership {
    Membership {
        cluster: Uuid::from_u128(7),
        server: ServerId(1),
        servers: 3,
    }
}

/// The disk before the first change.
pub(super) fn founding() -> Durable<Service> {
    Durable::founding(3, Service::new(Settings::default(), Rules::default()))
}

/// The whole of a disk as bytes: two disks that hold the same have the same.
pub(super) fn fingerprint(durable: &Durable<Service>) -> Vec<u8> {
    let mut bytes = encode_head(&Head::of(durable));
    for log in [Some(&durable.log), durable.staged.as_ref()] {
        bytes.push(u8::from(log.is_some()));
        let Some(log) = log else { continue };
        bytes.extend(log.snapshot().map(encode_snapshot).unwrap_or_default());
        for entry in log.entries() {
            bytes.extend(encode_entry(entry));
        }
    }
    bytes
}

/// A command that creates an account of its own.
fn command(number: u64) -> Arc<Proposed> {
    let mut nonce = [0; 16];
    nonce[..8].copy_from_slice(&number.to_be_bytes());
    Arc::new(Proposed {
        time: TimeMs(number),
        command: Command::Create {
            name: Name::new(&format!("account-{number}")).expect("a name"),
            password: None,
            nonce: Nonce(nonce),
            chance: Nonce(nonce),
        },
    })
}

/// A walk of a disk through changes, drawn from a seed.
struct Writer {
    seed: u64,
    drawn: usize,
    disk: Durable<Service>,
    commands: u64,
    changes: Vec<Change<Service>>,
}

impl Writer {
    fn below(&mut self, bound: u64) -> u64 {
        self.drawn += 1;
        chance(self.seed, self.drawn, 0) % bound
    }

    fn change(&mut self, change: Change<Service>) {
        self.disk.change(change.clone());
        self.changes.push(change);
    }

    fn entries(&mut self, ballot: Ballot, count: u64) -> Vec<LogEntry> {
        let first = self.commands;
        self.commands += count;
        let commands = (first..self.commands).map(command);
        commands.map(|command| Entry { ballot, command }).collect()
    }

    fn next_ballot(&mut self) -> Ballot {
        let proposer = u32::try_from(self.below(3)).expect("one of three");
        self.disk.promised.next_of(ReplicaId(proposer))
    }

    /// The state after this many commands of a log, as a snapshot.
    fn snapshot(log: &Log<Service>, count: usize) -> Snapshot<Service> {
        let base = log.snapshot().expect("a log that was founded");
        let mut state = Service::clone(&base.state);
        let mut mark = base.mark;
        let mut lineage = base.lineage.clone();
        for entry in log.entries().take(count) {
            let op = mark.op.plus(1);
            mark = Mark {
                op,
                ballot: entry.ballot,
            };
            if lineage.last().is_none_or(|last| last.ballot != mark.ballot) {
                lineage.push(mark);
            }
            // What the service says is nothing to a disk.
            let _ = state.apply(op, &entry.command);
        }
        Snapshot {
            mark,
            lineage,
            state: Arc::new(state),
        }
    }

    /// The end of a later view's log: after the end of what is here, in the place of a part of it, or with a snapshot.
    fn tail(&mut self, ballot: Ballot) -> Box<Tail<Service>> {
        let log = self.disk.log.clone();
        let count = log.entries().count() as u64;
        let kept = count - self.below(4).min(count);
        let op = OpNumber(log.base().op.0 + kept);
        let after = log.mark_at(op).expect("a place of the log");
        let more = self.below(5);
        let entries = self.entries(ballot, more);
        let replaces = self.below(3) == 0;
        let kept = usize::try_from(kept).expect("few");
        let snapshot = replaces.then(|| Writer::snapshot(&log, kept));
        Box::new(Tail {
            after,
            snapshot,
            entries,
        })
    }

    fn step(&mut self) {
        match self.below(20) {
            0 => self.change(Change::Begin(self.disk.incarnation.next_life())),
            1 | 2 => {
                let ballot = self.next_ballot();
                self.change(Change::Promise(ballot));
            }
            3 | 4 => {
                let ballot = self.next_ballot();
                let members = View::founding(3).members;
                let tail = self.tail(ballot);
                let view = View { ballot, members };
                self.change(Change::Install { view, tail });
            }
            5 => {
                let ballot = self.next_ballot();
                let tail = self.tail(ballot);
                self.change(Change::Stage(tail));
                // What was fetched of a later view is gone with the next one that is installed.
                self.change(Change::Promise(ballot));
            }
            6 | 7 => {
                let count = self.disk.log.entries().count() as u64;
                let swallowed = usize::try_from(self.below(count + 1)).expect("few");
                let snapshot = Writer::snapshot(&self.disk.log, swallowed);
                self.change(Change::Compact(snapshot));
            }
            _ => {
                let count = 1 + self.below(4);
                let entries = self.entries(self.disk.view.ballot, count);
                self.change(Change::Append(entries));
            }
        }
    }
}

/// Changes that are written together, and what is on the disk then.
pub(super) struct Batch {
    pub(super) changes: Vec<Change<Service>>,
    pub(super) after: Vec<u8>,
}

/// At least this many changes in batches.
pub(super) fn script(seed: u64, changes: usize) -> Vec<Batch> {
    let mut writer = Writer {
        seed,
        drawn: 0,
        disk: founding(),
        commands: 0,
        changes: Vec::new(),
    };
    let mut batches = Vec::new();
    let mut count = 0;
    while count < changes {
        for _ in 0..=writer.below(4) {
            writer.step();
        }
        let changes = std::mem::take(&mut writer.changes);
        count += changes.len();
        batches.push(Batch {
            changes,
            after: fingerprint(&writer.disk),
        });
    }
    batches
}
