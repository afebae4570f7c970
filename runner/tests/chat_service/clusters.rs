//! `runner chat cluster`: its folder, its servers, its end.

use super::bench::{Bench, edit};
use crate::common::{runs, signal, text, wait_until};

#[test]
fn a_folder_is_one_cluster_and_is_started_by_one_at_a_time() {
    let bench = Bench::new();
    let mut cluster = bench.start_cluster("--servers 1 --heartbeat 100ms --suspect 500ms");
    let second = bench.type_in("runner chat cluster --folder chat");
    assert_eq!(second.status.code(), Some(2));
    let error = text(&second.stderr);
    assert!(error.contains("another `runner chat cluster`"), "{error}");
    cluster.signal("INT");
    assert_eq!(cluster.wait().code(), Some(0), "{}", cluster.said());
    let log = bench.read("chat/server-0.log");
    assert!(log.contains("this server has handed over"), "{log}");

    let before = bench.read("chat/cluster.toml");
    let other = bench.type_in("runner chat cluster --folder chat --servers 2");
    assert_eq!(other.status.code(), Some(2));
    let error = text(&other.stderr);
    assert!(error.contains("--servers 2, and it has 1"), "{error}");
    let other = bench.type_in("runner chat cluster --folder chat --heartbeat 200ms");
    assert_eq!(other.status.code(), Some(2));
    let again = bench.start_cluster("--servers 1 --heartbeat 100ms");
    assert_eq!(bench.read("chat/cluster.toml"), before);
    drop(again);

    std::fs::create_dir(bench.path("photos")).expect("a folder");
    std::fs::write(bench.path("photos/cat.jpg"), "cat").expect("a file");
    let foreign = bench.type_in("runner chat cluster --folder photos");
    assert_eq!(foreign.status.code(), Some(2));
    let error = text(&foreign.stderr);
    assert!(
        error.contains("expected the folder of a cluster"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn a_server_that_ends_is_named_with_the_command_that_starts_it_again() {
    let bench = Bench::new();
    let mut cluster = bench.start_cluster("--servers 1 --heartbeat 100ms --suspect 500ms");
    signal("KILL", cluster.server_process(0));
    cluster.wait_for("server 0 has ended (killed by signal 9)");
    assert_eq!(cluster.wait().code(), Some(1));
    let said = cluster.said();
    assert!(
        said.contains("chat serve --config chat/server-0.toml"),
        "{said}"
    );
    assert!(said.contains("no server is left"), "{said}");

    let mut alone = bench.start("runner chat serve --config chat/server-0.toml");
    bench.wait_until_served();
    alone.signal("TERM");
    assert_eq!(alone.wait().code(), Some(0), "{}", alone.said());
}

#[cfg(unix)]
#[test]
fn servers_end_when_whoever_started_them_is_killed() {
    let bench = Bench::new();
    let cluster = bench.start_cluster("--servers 1 --heartbeat 100ms --suspect 500ms");
    let server = cluster.server_process(0);
    assert!(runs(server));
    cluster.signal("KILL");
    wait_until("the server ends", || !runs(server));
    let log = bench.read("chat/server-0.log");
    assert!(log.contains("this server has handed over"), "{log}");
}

#[test]
fn a_cluster_whose_server_cannot_begin_says_why() {
    let bench = Bench::new();
    let mut cluster = bench.start_cluster("--servers 1 --heartbeat 100ms --suspect 500ms");
    cluster.signal("INT");
    cluster.wait();
    edit(
        &bench.path("chat/server-0.toml"),
        "suspect = \"500ms\"",
        "suspect = \"often\"",
    );
    let mut broken = bench.start("runner chat cluster --folder chat");
    assert_eq!(broken.wait().code(), Some(2));
    let said = broken.said();
    assert!(said.contains("server-0.toml"), "{said}");
}
