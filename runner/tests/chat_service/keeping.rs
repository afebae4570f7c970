//! What is kept: through an end in order, a kill of all, a server that is gone; and whose folder it is.

use std::fs;

use super::bench::{Bench, Program, edit};
use crate::common::{signal, text};

const FAST: &str = "--heartbeat 100ms --suspect 500ms";

fn send(bench: &Bench, words: &str) {
    let line = format!("runner chat send --folder chat --name ada --to bob {words}");
    let output = bench.type_in(&line);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

fn receive(bench: &Bench) -> Vec<String> {
    let line = "runner chat receive --folder chat --name bob --ephemeral --format json";
    let output = bench.type_in(line);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    let lines = said
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    let texts = lines.filter_map(|line: serde_json::Value| Some(line["text"].as_str()?.to_owned()));
    texts.collect()
}

/// Makes bob's account, so that he can be written to.
fn welcome_bob(bench: &Bench) {
    assert_eq!(receive(bench), Vec::<String>::new());
}

fn end(mut cluster: Program) {
    cluster.signal("INT");
    assert_eq!(cluster.wait().code(), Some(0), "{}", cluster.said());
}

#[cfg(unix)]
#[test]
fn what_was_acknowledged_is_there_after_every_kind_of_end() {
    let bench = Bench::new();
    let cluster = bench.start_cluster(&format!("--servers 3 {FAST}"));
    welcome_bob(&bench);
    send(&bench, "before-the-end");
    end(cluster);

    let mut cluster = bench.start_cluster("");
    send(&bench, "before-the-kill");
    for number in 0..3 {
        signal("KILL", cluster.server_process(number));
    }
    assert_eq!(cluster.wait().code(), Some(1));

    let cluster = bench.start_cluster("--servers 3");
    let primary = bench.primary();
    signal("KILL", cluster.server_process(primary));
    cluster.wait_for(&format!("server {primary} has ended (killed by signal 9)"));
    send(&bench, "with-two");
    assert_eq!(
        receive(&bench),
        ["before-the-end", "before-the-kill", "with-two"]
    );
    assert_eq!(receive(&bench), Vec::<String>::new());
    end(cluster);
}

#[cfg(unix)]
#[test]
fn a_server_that_is_ended_in_order_hands_over() {
    let bench = Bench::new();
    let cluster = bench.start_cluster(&format!("--servers 3 {FAST}"));
    let first = bench.primary();
    signal("TERM", cluster.server_process(first));
    cluster.wait_for(&format!("server {first} has ended (exit code 0)"));
    let log = bench.read(&format!("chat/server-{first}.log"));
    assert!(log.contains("this server has handed over"), "{log}");
    assert_ne!(bench.primary(), first);
    // It is taken in again.
    let again = bench.start(&format!(
        "runner chat serve --config chat/server-{first}.toml"
    ));
    crate::common::wait_until("all are members again", || {
        let status = bench.status();
        let servers = status["servers"].as_array().expect("servers").clone();
        servers.iter().all(|server| {
            server["members"]
                .as_array()
                .is_some_and(|members| members.len() == 3)
        })
    });
    drop(again);
    end(cluster);
}

#[test]
fn a_folder_is_one_servers_and_one_processs() {
    let bench = Bench::new();
    let cluster = bench.start_cluster(&format!("--servers 2 {FAST}"));
    let second = bench.type_in("runner chat serve --config chat/server-0.toml");
    assert_eq!(second.status.code(), Some(2));
    let error = text(&second.stderr);
    assert!(error.contains("another process uses it"), "{error}");
    end(cluster);

    // The folder of the other server.
    let foreign =
        bench.type_in("runner chat serve --config chat/server-0.toml --folder chat/server-1");
    assert_eq!(foreign.status.code(), Some(2));
    let error = text(&foreign.stderr);
    assert!(
        error.contains("expected the disk of server 0") && error.contains("found that of server 1"),
        "{error}"
    );
    // One that is not there is not made, unless it is said why.
    let missing = bench.type_in("runner chat serve --config chat/server-0.toml --folder elsewhere");
    assert_eq!(missing.status.code(), Some(2));
    let error = text(&missing.stderr);
    assert!(
        error.contains("--found") && error.contains("--empty-disk"),
        "{error}"
    );
    assert!(!bench.path("elsewhere").exists());
    for flag in ["--found", "--empty-disk"] {
        let output = bench.type_in(&format!(
            "runner chat serve --config chat/server-0.toml {flag}"
        ));
        assert_eq!(output.status.code(), Some(2), "{flag}");
    }
}

#[test]
fn a_server_whose_disk_is_lost_fetches_everything_from_the_others() {
    let bench = Bench::new();
    let cluster = bench.start_cluster(&format!("--servers 3 {FAST} --tolerate partitions"));
    welcome_bob(&bench);
    send(&bench, "kept-by-two");
    end(cluster);
    fs::remove_dir_all(bench.path("chat/server-2")).expect("a folder");
    let mut refused = bench.start("runner chat cluster --folder chat");
    assert_eq!(refused.wait().code(), Some(2));
    assert!(
        refused.said().contains("--empty-disk"),
        "{}",
        refused.said()
    );

    let serve = |number, flag| {
        bench.start(&format!(
            "runner chat serve --config chat/server-{number}.toml {flag}"
        ))
    };
    let all = [serve(0, ""), serve(1, ""), serve(2, "--empty-disk")];
    crate::common::wait_until("the third is a member, and has it all", || {
        let status = bench.status();
        let third = &status["servers"][2];
        third["role"] != "joining" && third["accounts"] == 2 && third["queued_messages"] == 1
    });
    drop(all);
    let again = bench.start_cluster("");
    assert_eq!(receive(&bench), ["kept-by-two"]);
    end(again);
}

#[test]
fn a_server_is_founded_by_hand_once() {
    let bench = Bench::new();
    let cluster = bench.start_cluster(&format!("--servers 1 {FAST} --passwords required"));
    end(cluster);
    // The settings alone, as an operator would write them.
    fs::remove_dir_all(bench.path("chat/server-0")).expect("a folder");
    edit(
        &bench.path("chat/server-0.toml"),
        "[limits]",
        "[limits]\naccounts = 1",
    );
    let mut founded = bench.start("runner chat serve --config chat/server-0.toml --found");
    bench.wait_until_served();
    let output = bench.type_in("runner chat receive --folder chat --name bob --ephemeral");
    assert_eq!(output.status.code(), Some(2));
    fs::write(bench.path("password"), "open sesame\n").expect("a file");
    let with = "--folder chat --ephemeral --password-file password";
    let output = bench.type_in(&format!("runner chat receive --name bob {with}"));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let second = bench.type_in(&format!("runner chat receive --name eve {with}"));
    assert_eq!(second.status.code(), Some(2), "{}", text(&second.stderr));
    founded.signal("TERM");
    assert_eq!(founded.wait().code(), Some(0), "{}", founded.said());
    assert!(!founded.said().contains("sesame"));
}
