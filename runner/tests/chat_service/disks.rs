//! `runner chat verify`, `backup`, `restore` and `force-view`: what is done with disks of servers that do not run.

use std::fs;

use serde_json::Value;

use super::bench::{Bench, Program};
use crate::common::text;

const FAST: &str = "--heartbeat 100ms --suspect 500ms";

fn end(mut cluster: Program) {
    cluster.signal("INT");
    assert_eq!(cluster.wait().code(), Some(0), "{}", cluster.said());
}

/// What a command says on both streams. It must end with this code.
fn say(bench: &Bench, code: i32, line: &str) -> String {
    let output = bench.type_in(line);
    let said = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{line}:\n{said}");
    said
}

/// What bob has not read, from the cluster of a folder, and not acknowledged.
fn receive(bench: &Bench, folder: &str) -> Vec<String> {
    let line =
        format!("runner chat receive --folder {folder} --name bob --ephemeral --format json");
    let said = text(&bench.type_in(&line).stdout);
    let lines = said
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines
        .filter_map(|line| Some(line["text"].as_str()?.to_owned()))
        .collect()
}

/// A cluster that has ended, in which ada has written to bob.
fn ended_cluster(bench: &Bench, options: &str) {
    let cluster = bench.start_cluster(&format!("{FAST} {options}"));
    say(
        bench,
        0,
        "runner chat receive --folder chat --name bob --ephemeral",
    );
    for words in ["one", "two"] {
        say(
            bench,
            0,
            &format!("runner chat send --folder chat --name ada --to bob {words}"),
        );
    }
    let used = say(bench, 2, "runner chat verify chat");
    assert!(used.contains("another process uses it"), "{used}");
    end(cluster);
}

fn verify(bench: &Bench, code: i32) -> Value {
    let line = "runner chat verify chat --json";
    let output = bench.type_in(line);
    let said = text(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{said}{}",
        text(&output.stderr)
    );
    serde_json::from_str(&said).expect("JSON")
}

#[test]
fn disks_are_looked_at_and_damage_is_named() {
    let bench = Bench::new();
    ended_cluster(&bench, "--servers 3");
    let report = verify(&bench, 0);
    let disks = report["disks"].as_array().expect("disks");
    assert_eq!(disks.len(), 3);
    for disk in disks {
        let contents = &disk["contents"];
        assert_eq!(contents["accounts"], 2, "{report}");
        assert_eq!(contents["queued_messages"], 2, "{report}");
        assert_eq!(
            contents["sha256"], disks[0]["contents"]["sha256"],
            "{report}"
        );
    }
    let table = say(&bench, 0, "runner chat verify chat");
    assert!(table.contains("nothing is wrong"), "{table}");
    assert!(
        table.contains("all disks are the same through command"),
        "{table}"
    );
    let alone = say(&bench, 0, "runner chat verify chat/server-1");
    assert!(alone.contains("server 1 of 3"), "{alone}");
    let none = say(&bench, 2, "runner chat verify photos");
    assert!(none.contains("expected the folder of a server"), "{none}");

    // A copy of another's disk, and one that is damaged.
    fs::copy(
        bench.path("chat/server-0/state.redb"),
        bench.path("chat/server-2/state.redb"),
    )
    .expect("a copy");
    let report = verify(&bench, 1);
    let findings = report["findings"].to_string();
    assert!(
        findings.contains("both are the disk of server 0"),
        "{findings}"
    );
    let place = bench.path("chat/server-1/state.redb");
    let mut bytes = fs::read(&place).expect("a disk");
    for byte in &mut bytes[8192..] {
        *byte ^= 1;
    }
    fs::write(&place, bytes).expect("a disk");
    let damaged = say(&bench, 1, "runner chat verify chat/server-1");
    assert!(
        damaged.contains("WRONG: chat/server-1/state.redb: damaged"),
        "{damaged}"
    );
    let refused = say(&bench, 2, "runner chat serve --config chat/server-1.toml");
    assert!(refused.contains("damaged"), "{refused}");
}

#[test]
fn a_backup_becomes_a_new_cluster() {
    let bench = Bench::new();
    ended_cluster(&bench, "--servers 2");
    say(&bench, 0, "runner chat backup kept --folder chat");
    let again = say(&bench, 2, "runner chat backup kept --folder chat");
    assert!(again.contains("exists"), "{again}");
    let made = say(
        &bench,
        0,
        "runner chat restore kept --folder new --servers 3 --heartbeat 100ms --suspect 500ms",
    );
    assert!(made.contains("2 accounts, 2 queued messages"), "{made}");
    let over = say(&bench, 2, "runner chat restore kept --folder new");
    assert!(over.contains("new"), "{over}");
    let table = say(&bench, 0, "runner chat verify new");
    assert!(table.contains("server 2 of 3"), "{table}");

    let cluster = bench.start("runner chat cluster --folder new");
    cluster.wait_for("runner chat client");
    crate::common::wait_until("the new cluster serves", || {
        receive(&bench, "new") == ["one", "two"]
    });
    drop(cluster);

    let mut bytes = fs::read(bench.path("kept")).expect("a backup");
    let last = bytes.len() - 40;
    bytes[last] ^= 4;
    fs::write(bench.path("spoilt"), bytes).expect("a file");
    let spoilt = say(&bench, 2, "runner chat restore spoilt --folder other");
    assert!(spoilt.contains("damaged backup"), "{spoilt}");
    assert!(!bench.path("other").exists());
}

#[test]
fn the_last_server_goes_on_alone_when_it_is_told_to() {
    let bench = Bench::new();
    ended_cluster(&bench, "--servers 3");
    let asked = say(&bench, 2, "runner chat force-view --folder chat/server-1");
    assert!(asked.contains("nothing was done"), "{asked}");
    let done = say(
        &bench,
        0,
        "runner chat force-view --folder chat/server-1 --yes",
    );
    assert!(done.contains("the only member of view"), "{done}");
    for lost in ["chat/server-0", "chat/server-2"] {
        fs::remove_dir_all(bench.path(lost)).expect("a folder");
    }
    let mut alone = bench.start("runner chat serve --config chat/server-1.toml");
    bench.wait_until_served();
    let used = say(
        &bench,
        2,
        "runner chat force-view --folder chat/server-1 --yes",
    );
    assert!(used.contains("another process uses it"), "{used}");
    assert_eq!(receive(&bench, "chat"), ["one", "two"]);
    alone.signal("TERM");
    assert_eq!(alone.wait().code(), Some(0), "{}", alone.said());
}

#[test]
fn one_server_alone_is_never_a_majority() {
    let bench = Bench::new();
    ended_cluster(&bench, "--servers 3 --tolerate partitions");
    let refused = say(
        &bench,
        2,
        "runner chat force-view --folder chat/server-1 --yes",
    );
    assert!(refused.contains("runner chat backup"), "{refused}");
}
