//! `runner chat serve` and `runner chat status`: what one server does, and what it says.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::bench::{Bench, edit};
use crate::common::text;

/// A folder with the settings of a cluster of one server that does not run.
fn settings(bench: &Bench) -> String {
    let mut cluster = bench.start_cluster("--servers 1 --heartbeat 100ms --suspect 500ms");
    cluster.signal("INT");
    assert_eq!(cluster.wait().code(), Some(0), "{}", cluster.said());
    bench.read("chat/server-0.toml")
}

#[test]
fn wrong_settings_are_refused_with_file_line_and_advice() {
    let bench = Bench::new();
    let good = settings(&bench);
    let path = bench.path("chat/server-0.toml");
    for (from, to, words) in [
        ("suspect = ", "suspekt = ", vec!["line 8", "suspekt"]),
        ("\"500ms\"", "\"200ms\"", vec!["suspect = 200ms", "three"]),
        (
            "server = 0",
            "server = 1",
            vec!["server = 1", "[[servers]]"],
        ),
    ] {
        std::fs::write(&path, &good).expect("a file");
        edit(&path, from, to);
        let output = bench.type_in("runner chat serve --config chat/server-0.toml");
        assert_eq!(output.status.code(), Some(2), "{to}");
        let error = text(&output.stderr);
        for word in [vec!["server-0.toml"], words].concat() {
            assert!(error.contains(word), "{word} in {error}");
        }
    }
    std::fs::write(&path, &good).expect("a file");
    let output = bench.type_in("runner chat serve --config chat/server-0.toml --listen 0.0.0.0:1");
    let error = text(&output.stderr);
    assert!(error.contains("--insecure"), "{error}");
    let missing = bench.type_in("runner chat serve --config none.toml");
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("none.toml"));
}

#[test]
fn a_server_says_how_it_is_to_people_and_machines() {
    let bench = Bench::new();
    let cluster = bench.start_cluster("--servers 1 --heartbeat 100ms --suspect 500ms");
    let table = bench.type_in("runner chat status --folder chat");
    assert_eq!(table.status.code(), Some(0), "{}", text(&table.stderr));
    let table = text(&table.stdout);
    for words in ["server-0", "primary", "last flush took"] {
        assert!(table.contains(words), "{words} in\n{table}");
    }
    let settings: toml::Table = bench.read("chat/cluster.toml").parse().expect("TOML");
    let address = settings["servers"][0]["metrics"]
        .as_str()
        .expect("an address");
    let answer = get(address, "/metrics");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\nchat_serving 1\n"), "{answer}");
    assert!(get(address, "/readyz").starts_with("HTTP/1.1 200"));
    assert!(get(address, "/healthz").starts_with("HTTP/1.1 200"));
    assert!(get(address, "/none").starts_with("HTTP/1.1 404"));
    let long = format!("/{}", "x".repeat(8000));
    assert!(!get(address, &long).starts_with("HTTP/1.1 200"));
    drop(cluster);
    let nobody = bench.type_in("runner chat status --folder chat");
    assert_eq!(nobody.status.code(), Some(1));
    assert!(text(&nobody.stdout).contains("Nobody answers"));
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
    // It may have read enough, and closed.
    let _ = stream.write_all(request.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
