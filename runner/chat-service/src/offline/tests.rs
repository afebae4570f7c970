//! Backups, new clusters from them, and what is found on disks.
//!
//! **Invariant.** Disks are made in temporary folders.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chat::application::command::{Command, Entry as Proposed};
use chat::identity::{Nonce, ServerId, TimeMs};
use chat::limits::Settings;
use chat::name::Name;
use chat::rule::Rules;
use cluster::service::Service;
use replica::durable::{Change, Durable};
use replica::log::{Entry, Tail};
use replica::units::{Ballot, Incarnation, ReplicaId};
use replica::view::View;
use tempfile::TempDir;
use uuid::Uuid;

use super::backup::{self, Backup};
use super::disks::Disk;
use super::force_view::force_view;
use super::verify::verify;
use crate::disk::Disk as _;
use crate::store::{Membership, Store};

/// Disks of the servers of a cluster, in folders of their own.
struct Disks {
    folder: TempDir,
}

fn ballot(number: u64, proposer: u32) -> Ballot {
    let proposer = ReplicaId(proposer);
    Ballot { number, proposer }
}

fn create(name: &str) -> Arc<Proposed> {
    let nonce = Nonce([name.as_bytes()[0]; 16]);
    let name = Name::new(name).expect("a name");
    let command = Command::Create {
        name,
        password: None,
        nonce,
        chance: nonce,
    };
    let time = TimeMs(1);
    Arc::new(Proposed { time, command })
}

fn view(ballot: Ballot, members: &[u32]) -> View {
    let life = Incarnation { disk: 0, life: 1 };
    let members = members.iter().map(|&id| (ReplicaId(id), life));
    View {
        ballot,
        members: members.collect(),
    }
}

/// Enters a view and stores these commands in it.
fn changes(view: View, durable: &Durable<Service>, names: &[&str]) -> Vec<Change<Service>> {
    let ballot = view.ballot;
    let entries = names.iter().map(|name| Entry {
        ballot,
        command: create(name),
    });
    let tail = Tail {
        after: durable.log.end(),
        snapshot: None,
        entries: Vec::new(),
    };
    let tail = Box::new(tail);
    vec![
        Change::Install { view, tail },
        Change::Append(entries.collect()),
    ]
}

impl Disks {
    fn new() -> Disks {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("cluster.toml"), cluster_file(3)).expect("a file");
        let disks = Disks { folder };
        for server in 0..3 {
            let membership = Membership {
                cluster: Uuid::from_u128(1),
                server: ServerId(server),
                servers: 3,
            };
            let service = Service::new(Settings::default(), Rules::default());
            let mut store = Store::create(
                &disks.path(server),
                &membership,
                Durable::founding(3, service),
            )
            .expect("a disk");
            let life = Incarnation { disk: 0, life: 1 };
            store
                .write(vec![Change::Begin(life)])
                .expect("the disk is there");
        }
        disks
    }

    fn path(&self, server: u32) -> PathBuf {
        self.folder.path().join(format!("server-{server}"))
    }

    fn write(&self, server: u32, view: View, names: &[&str]) {
        let (mut store, _) = Store::open_any(&self.path(server)).expect("it is whole");
        let changes = changes(view, store.durable(), names);
        store.write(changes).expect("the disk is there");
    }

    fn found(&self) -> (Vec<String>, Vec<String>, Option<u64>) {
        let report = verify(self.folder.path()).expect("they can be read");
        (report.findings, report.notes, report.agree_through)
    }
}

fn cluster_file(servers: u32) -> String {
    let mut text = format!(
        "cluster = \"{}\"\ntolerate = \"crashes\"\nheartbeat = \"1s\"\nsuspect = \"3s\"\n",
        Uuid::from_u128(1)
    );
    for server in 0..servers {
        let port = 4000 + 10 * server;
        text.push_str(&format!(
            "[[servers]]\nname = \"server-{server}\"\nclient = \"127.0.0.1:{port}\"\npeer = \"127.0.0.1:{}\"\n",
            port + 1
        ));
    }
    text
}

#[test]
fn disks_of_one_view_agree_as_far_as_both_go() {
    let disks = Disks::new();
    let first = view(ballot(1, 0), &[0, 1, 2]);
    for (server, names) in [
        (0, vec!["ada", "bob"]),
        (1, vec!["ada", "bob"]),
        (2, vec!["ada"]),
    ] {
        disks.write(server, first.clone(), &names);
    }
    let (findings, notes, agree) = disks.found();
    assert_eq!((findings, notes), (Vec::new(), Vec::new()));
    assert_eq!(agree, Some(1));
}

#[test]
fn a_log_that_was_given_up_is_a_note_and_a_different_state_a_finding() {
    let disks = Disks::new();
    disks.write(0, view(ballot(1, 0), &[0, 1, 2]), &["ada", "old"]);
    disks.write(1, view(ballot(1, 0), &[0, 1, 2]), &["ada"]);
    disks.write(1, view(ballot(2, 1), &[1, 2]), &["new"]);
    // The same marks, another command: what no server ever does.
    disks.write(2, view(ballot(1, 0), &[0, 1, 2]), &["eve"]);
    let (findings, notes, agree) = disks.found();
    assert_eq!(agree, Some(1));
    let note = "server-0: 1 commands after 1 are in no later view";
    assert!(notes.iter().any(|found| found.contains(note)), "{notes:?}");
    let states = findings
        .iter()
        .filter(|finding| finding.contains("expected the same state"));
    assert_eq!(states.count(), 2, "{findings:?}");
    assert_eq!(findings.len(), 2, "{findings:?}");
}

#[test]
fn a_disk_that_is_older_than_its_cluster_is_found() {
    let disks = Disks::new();
    let mut later = view(ballot(1, 0), &[0, 1]);
    later
        .members
        .insert(ReplicaId(0), Incarnation { disk: 0, life: 9 });
    later
        .members
        .insert(ReplicaId(7), Incarnation { disk: 0, life: 1 });
    disks.write(0, later, &[]);
    let (findings, _, _) = disks.found();
    assert_eq!(findings.len(), 2, "{findings:?}");
    assert!(findings[0].contains("in life 9"), "{findings:?}");
    assert!(findings[1].contains("found 7"), "{findings:?}");
}

#[test]
fn a_backup_is_of_the_latest_view_and_is_read_back() {
    let disks = Disks::new();
    disks.write(0, view(ballot(1, 0), &[0, 1, 2]), &["ada", "old", "older"]);
    disks.write(1, view(ballot(1, 0), &[0, 1, 2]), &["ada"]);
    disks.write(1, view(ballot(2, 1), &[1, 2]), &["new"]);
    let file = disks.folder.path().join("kept");
    let made = backup::make(disks.folder.path(), &file).expect("a backup");
    assert_eq!(made.source, disks.path(1));
    let backup = Backup::read(&file).expect("a backup");
    assert_eq!(backup.mark, made.mark);
    assert_eq!(backup.cluster, Uuid::from_u128(1));
    let has = |name: &str| {
        backup
            .application
            .account(&Name::new(name).expect("a name"))
    };
    assert!(has("ada").is_some() && has("new").is_some() && has("old").is_none());
    let founding = backup.founding(3);
    assert_eq!(
        (founding.view.ballot, founding.promised),
        (ballot(3, 0), ballot(3, 0))
    );

    let bytes = std::fs::read(&file).expect("a file");
    for place in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[place] ^= 1 << (place % 8);
        Backup::decode(&bytes).expect_err("every bit counts");
        Backup::decode(&bytes[..place]).expect_err("every byte counts");
    }
}

#[test]
fn a_forced_view_is_later_than_all_that_its_disk_knows() {
    let disks = Disks::new();
    disks.write(1, view(ballot(1, 0), &[0, 1, 2]), &["ada"]);
    let (mut store, _) = Store::open_any(&disks.path(1)).expect("it is whole");
    store
        .write(vec![Change::Promise(ballot(8, 2))])
        .expect("the disk is there");
    drop(store);
    force_view(&disks.path(1), false).expect("it could");
    let before = read(&disks.path(1));
    assert_eq!(before.view.ballot, ballot(1, 0));
    let forced = force_view(&disks.path(1), true).expect("it can");
    let after = read(&disks.path(1));
    assert_eq!(after.view, forced.after);
    assert_eq!(
        (after.view.ballot, after.promised),
        (ballot(9, 1), ballot(9, 1))
    );
    assert_eq!(
        after.view.members.keys().collect::<Vec<_>>(),
        [&ReplicaId(1)]
    );
    assert_eq!(after.log.end(), before.log.end());
}

fn read(folder: &Path) -> Durable<Service> {
    Disk::read(folder).expect("it is whole").durable
}
