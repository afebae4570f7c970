//! Files of settings: what is read, what is written, and what is said of wrong ones.

use std::fs;

use tempfile::TempDir;

use super::*;

const GOOD: &str = r#"
cluster = "0198c1f6-0000-8000-8000-000000000000"
server = 1
folder = "server-1"
secret_file = "secret"
suspect = "4s"

[limits]
accounts = 10
session_idle = "2h"

[connections]
most = 50
login = "90s"

[[servers]]
name = "anchor"
client = "127.0.0.1:4000"
peer = "127.0.0.1:4001"

[[servers]]
name = "buoy"
client = "127.0.0.1:4010"
peer = "[::1]:4011"
grpc = "localhost:4012"
"#;

fn read(text: &str) -> Result<ServerSettings, String> {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("server.toml");
    fs::write(&path, text).expect("a file");
    let settings = ServerSettings::read(&path).map_err(|error| error.to_string())?;
    settings.check(&path).map_err(|error| error.to_string())?;
    assert_eq!(settings.folder, folder.path().join("server-1"));
    Ok(settings)
}

#[test]
fn a_file_is_read_with_its_defaults() {
    let settings = read(GOOD).expect("good settings");
    assert_eq!(settings.own().name, "buoy");
    assert_eq!(settings.tolerate, Tolerate::Crashes);
    assert_eq!(
        (settings.heartbeat.ms(), settings.suspect.ms()),
        (1000, 4000)
    );
    let limits = settings.limits.settings(false);
    assert_eq!(
        (limits.accounts_max, limits.session_idle_ms),
        (10, 7_200_000)
    );
    let connections = settings.connections.limits();
    assert_eq!(
        (connections.connections_max, connections.login.as_secs()),
        (50, 90)
    );
    let kinds: Vec<&str> = settings
        .listens()
        .into_iter()
        .map(|(kind, _)| kind)
        .collect();
    assert_eq!(kinds, ["clients", "servers", "gRPC"]);
}

#[test]
fn what_is_written_is_read_back() {
    let settings = read(GOOD).expect("good settings");
    let text = toml::to_string(&settings).expect("TOML");
    let again: ServerSettings = toml::from_str(&text).expect("the same");
    assert_eq!(again, settings);
}

#[test]
fn wrong_files_are_refused_with_line_or_key_and_what_to_do() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "suspect = \"4s\"",
            "suspekt = \"4s\"",
            &["line 6", "suspekt"],
        ),
        ("\"4s\"", "\"4\"", &["line 6", "`4`", "500ms"]),
        (
            "\"4s\"",
            "\"2s\"",
            &["heartbeat = 1s", "suspect = 2s", "three"],
        ),
        ("127.0.0.1:4000", "127.0.0.1", &["line 18", "HOST:PORT"]),
        ("127.0.0.1:4000", "127.0.0.1:0", &["127.0.0.1:0", "port"]),
        (
            "127.0.0.1:4000",
            "127.0.0.1:4010",
            &["127.0.0.1:4010", "twice"],
        ),
        ("\"anchor\"", "\"buoy\"", &["two", "buoy"]),
        ("server = 1", "server = 2", &["server = 2", "from 0 on"]),
        (
            "127.0.0.1:4010",
            "10.0.0.1:4010",
            &["clients", "10.0.0.1:4010", "--insecure"],
        ),
        (
            "127.0.0.1:4010",
            "0.0.0.0:4010",
            &["0.0.0.0:4010", "listen"],
        ),
        ("most = 50", "most = 0", &["most = 0", "at least 1"]),
        ("0198c1f6", "0198c1f", &["line 2", "uuid"]),
        (
            "server = 1",
            "server = 1\ntolerate = \"everything\"",
            &["line 4", "crashes"],
        ),
    ];
    for (good, wrong, words) in cases {
        let text = GOOD.replacen(good, wrong, 1);
        assert_ne!(text, GOOD, "{good} is in the file");
        let error = read(&text).expect_err(wrong);
        for word in *words {
            assert!(error.contains(word), "{word} in: {error}");
        }
        assert!(error.contains("server.toml"), "{error}");
    }
}

#[test]
fn servers_that_differ_in_what_must_be_alike_are_told_apart() {
    let settings = read(GOOD).expect("good settings");
    let mut other = settings.clone();
    other.server = 0;
    assert_eq!(settings.common(), other.common());
    other.tolerate = Tolerate::Partitions;
    assert_ne!(settings.common(), other.common());
}

#[test]
fn spans_and_addresses_are_written_as_they_are_read() {
    for text in ["1s", "500ms", "1500us", "7ns"] {
        assert_eq!(text.parse::<Span>().expect("a span").to_string(), text);
    }
    for text in ["0s", "-1s", "1", "soon", "1000000000h"] {
        text.parse::<Span>().expect_err("no span");
    }
    for text in ["127.0.0.1:1", "[::1]:2", "chat.example.org:65535"] {
        assert_eq!(
            text.parse::<Address>().expect("an address").to_string(),
            text
        );
    }
    for text in ["::1:2", "a:b", ":1", "a b:1", "host:65536", "host"] {
        text.parse::<Address>().expect_err("no address");
    }
}
