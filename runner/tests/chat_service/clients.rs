//! Clients as programs: pipes in, pipes out, exit codes.

use std::process::Output;

use serde_json::Value;

use super::bench::Bench;

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The texts of the messages in lines of JSON, in order.
fn texts(said: &str) -> Vec<String> {
    let events = said
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let messages = events.filter(|event| event["event"] == "message");
    messages
        .map(|event| event["text"].as_str().expect("a text").to_owned())
        .collect()
}

#[test]
fn people_talk_across_the_death_of_a_primary_and_read_each_message_once() {
    let bench = Bench::new();
    let cluster = bench.start_cluster("--servers 3 --heartbeat 100ms --suspect 600ms");
    let mut bob = bench.start("runner chat receive --name bob --follow --format json");
    // Bob is there when a message to him is delivered.
    let send = |text: &str| bench.type_in(&format!("runner chat send --name ada --to bob {text}"));
    crate::common::wait_until("bob is logged in", || {
        out(&send("hello")).contains("delivered to bob")
    });
    let primary = bench.status()["servers"].as_array().and_then(|servers| {
        let mut servers = servers.iter();
        servers.position(|server| server["role"] == "primary")
    });
    let primary = primary.expect("somebody serves") as u64;
    crate::common::signal("KILL", cluster.server_process(primary));
    let lines = "@bob one\n@bob two\n@bob three\n";
    let ada = bench.type_into("runner chat client --name ada --format json", lines);
    assert_eq!(ada.status.code(), Some(0), "{} {}", out(&ada), error(&ada));
    assert_eq!(
        out(&ada).matches("\"outcome\":\"delivered\"").count(),
        3,
        "{}",
        out(&ada)
    );
    bob.wait_for("three");
    bob.signal("INT");
    assert_eq!(bob.wait().code(), Some(0));
    let mut read = texts(&bob.said());
    read.retain(|text| text != "hello");
    assert_eq!(read, ["one", "two", "three"]);
    // Nothing is left, and nothing comes again.
    let again = bench.type_in("runner chat receive --name bob --format json");
    assert_eq!(
        (again.status.code(), texts(&out(&again))),
        (Some(0), Vec::new())
    );
}

#[test]
fn a_script_learns_from_exit_codes_what_became_of_its_messages() {
    let bench = Bench::new();
    let _cluster = bench.start_cluster("--servers 1");
    let nobody = bench.type_in("runner chat send --name ada --to bob hi");
    assert_eq!(nobody.status.code(), Some(2));
    assert!(
        error(&nobody).contains("no account is called bob"),
        "{}",
        error(&nobody)
    );
    assert_eq!(
        bench
            .type_in("runner chat receive --name bob")
            .status
            .code(),
        Some(0)
    );
    let text = "two\nlines\u{1b}[2J\n";
    let sent = bench.type_into("runner chat send --name ada --to bob -", text);
    assert_eq!(sent.status.code(), Some(0), "{}", error(&sent));
    assert!(out(&sent).contains("queued for bob"), "{}", out(&sent));
    for number in 0..2 {
        bench.type_in(&format!("runner chat send --name ada --to bob {number}"));
    }
    let first = bench.type_in("runner chat receive --name bob --most 1");
    // Nothing that would clear a screen comes out.
    assert!(
        out(&first).contains("ada: two\\nlines\\u{1b}[2J"),
        "{}",
        out(&first)
    );
    assert_eq!(out(&first).lines().count(), 1);
    let rest = bench.type_in("runner chat receive --name bob --format json");
    assert_eq!(texts(&out(&rest)), ["0", "1"]);
    let waited = bench.type_in("runner chat receive --name bob --follow --wait 100ms");
    assert_eq!(waited.status.code(), Some(1));
}

#[test]
fn one_device_is_one_client() {
    let bench = Bench::new();
    let _cluster = bench.start_cluster("--servers 1");
    let mut first = bench.start("runner chat receive --name ada --follow");
    crate::common::wait_until("ada is logged in", || {
        let send = bench.type_in("runner chat send --name eve --to ada hi");
        out(&send).contains("delivered")
    });
    let second = bench.type_in("runner chat receive --name ada");
    assert_eq!(second.status.code(), Some(2));
    assert!(
        error(&second).contains("another client uses it"),
        "{}",
        error(&second)
    );
    // What the first has read is read on each device of hers.
    let other = bench.type_in("runner chat receive --name ada --ephemeral");
    assert_eq!(other.status.code(), Some(0), "{}", error(&other));
    first.signal("TERM");
    assert_eq!(first.wait().code(), Some(0));
}

#[test]
fn a_session_goes_on_after_its_client_and_one_that_the_service_does_not_know_is_opened_anew() {
    let bench = Bench::new();
    let _cluster = bench.start_cluster("--servers 1");
    let client = |input: &str| {
        let line = "runner chat client --name ada --stay --state ada.json --format json";
        let output = bench.type_into(line, input);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{} {}",
            out(&output),
            error(&output)
        );
        out(&output)
    };
    let token = || {
        let kept: Value = serde_json::from_str(&bench.read("ada.json")).expect("JSON");
        kept["session"]["token"]
            .as_str()
            .expect("a session")
            .to_owned()
    };
    client("");
    let first = token();
    bench.type_in("runner chat send --name bob --to ada hi");
    assert_eq!(texts(&client("")), ["hi"]);
    // It was the same session, and what was shown is not shown again.
    assert_eq!(token(), first);
    assert!(texts(&client("")).is_empty());
    let kept = bench.read("ada.json").replace(&first, &"00".repeat(32));
    std::fs::write(bench.path("ada.json"), kept).expect("a file");
    assert_eq!(texts(&client("@ada to myself\n")), ["to myself"]);
    assert_ne!(token(), first);
}

#[test]
fn passwords_come_from_files() {
    let bench = Bench::new();
    let _cluster = bench.start_cluster("--servers 1 --passwords required");
    std::fs::write(bench.path("right"), "correct horse\n").expect("a file");
    std::fs::write(bench.path("wrong"), "battery staple\n").expect("a file");
    let send = |password: &str| {
        bench.type_in(&format!(
            "runner chat send --name ada --to ada hi {password}"
        ))
    };
    for (password, code, words) in [
        ("", 2, "--password-file FILE"),
        ("--password-file right", 0, ""),
        ("--password-file right", 0, ""),
        ("--password-file wrong", 2, "missing or wrong"),
        ("--password-file none", 2, "none"),
    ] {
        let sent = send(password);
        assert_eq!(
            sent.status.code(),
            Some(code),
            "{password}: {}",
            error(&sent)
        );
        assert!(error(&sent).contains(words), "{password}: {}", error(&sent));
    }
}
