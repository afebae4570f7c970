//! Scratch runs: what another program asks for is there while it holds our standard input, and gone with it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The runner, asked for a scratch run below this folder.
fn start(place: &TempDir, arguments: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_runner"));
    command
        .args(arguments.split_whitespace())
        .arg("--scratch")
        .env("TMPDIR", place.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().expect("the runner starts")
}

fn answer(runner: &mut Child) -> Value {
    let mut line = String::new();
    let stdout = runner.stdout.as_mut().expect("piped");
    let read = BufReader::new(stdout).read_line(&mut line);
    read.expect("an answer");
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: `{line}`"))
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).expect("a folder").next().is_none()
}

#[test]
fn a_run_is_there_until_standard_input_closes() {
    let place = TempDir::new().expect("a folder");
    let mut runner = start(&place, "trial --virtual --seed 1 --count 2 --duration 5s");
    let answer = answer(&mut runner);
    let run = PathBuf::from(answer["folder"].as_str().expect("a folder"));
    assert!(run.starts_with(place.path()), "{}", run.display());
    assert!(run.join("run.json").is_file() && run.join("trial-001/trial.json").is_file());
    // Three machines of at most 6 Hz for 5 s, each roll 0.4 messages: less than the room of their files.
    assert_eq!(answer["events"], 2 * 6 * 100);
    assert!(runner.try_wait().expect("known").is_none(), "it ended");
    drop(runner.stdin.take());
    let status = runner.wait().expect("it ends");
    assert_eq!(status.code(), Some(0));
    assert!(is_empty(place.path()), "the folder stayed");
}

#[test]
fn a_part_of_a_packed_run_is_no_smaller_than_its_packs() {
    let place = TempDir::new().expect("a folder");
    let rates = "--rates 1,1,1 --duration 5s";
    let arguments = format!("trial --virtual --packed --shard 0/2 --seed 1 --count 3 {rates}");
    let mut runner = start(&place, &arguments);
    let packed = answer(&mut runner);
    drop(runner.stdin.take());
    assert_eq!(runner.wait().expect("it ends").code(), Some(0));
    let mut runner = start(
        &place,
        &format!("trial --virtual --seed 1 --count 3 {rates}"),
    );
    let whole = answer(&mut runner);
    drop(runner.stdin.take());
    assert_eq!(runner.wait().expect("it ends").code(), Some(0));
    // The three trials are one pack, which is the first part's.
    assert_eq!(packed["events"], whole["events"]);
}

#[test]
fn a_run_that_nobody_waits_for_ends_before_it_is_done() {
    let place = TempDir::new().expect("a folder");
    let mut runner = start(&place, "trial --virtual --seed 1 --count 1000000");
    drop(runner.stdin.take());
    let output = runner.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"", "there is no run to report");
    assert!(is_empty(place.path()), "the folder stayed");
}

#[cfg(unix)]
#[test]
fn a_signal_to_end_is_no_reason_to_leave_anything() {
    let place = TempDir::new().expect("a folder");
    let mut runner = start(&place, "trial --virtual --seed 1 --count 2 --duration 5s");
    answer(&mut runner);
    let kill = Command::new("kill").arg(runner.id().to_string()).status();
    assert!(kill.expect("kill starts").success());
    assert_eq!(runner.wait().expect("it ends").code(), Some(0));
    assert!(is_empty(place.path()), "the folder stayed");
}

#[test]
fn what_would_open_sockets_or_is_too_large_does_not_begin() {
    let place = TempDir::new().expect("a folder");
    let config = place.path().join("run.toml");
    fs::write(
        &config,
        "[[machine]]\nhost = '0.0.0.0'\nport = 7811\n[[machine]]\n",
    )
    .expect("a file");
    let config = format!("trial --config {}", config.display());
    let refused = |arguments: &str| {
        let output = start(&place, arguments).wait_with_output();
        let output = output.expect("it ends");
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (String::from_utf8_lossy(&output.stdout).into_owned(), said)
    };
    let (_, said) = refused(&config);
    assert!(
        said.contains("on sockets; a scratch run is in virtual time"),
        "{said}"
    );
    let (answer, said) = refused("trial --virtual --rates 1,3,6 --count 10 --events-max 8399");
    assert_eq!(answer, "{\"folder\":null,\"events\":8400}\n");
    assert!(said.contains("it may have 8400 events"), "{said}");
    let left: Vec<_> = fs::read_dir(place.path()).expect("a folder").collect();
    assert_eq!(left.len(), 1, "more than the file of options: {left:?}");
}
