//! Streams: another program gets the trials that a run would have, in their order, and no file is written.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use event_log::TrialManifest;
use event_log::stream::{StreamStart, StreamedTrial};
use tempfile::TempDir;

/// The runner in this folder, its standard input held open.
fn start(place: &TempDir, arguments: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_runner"));
    command
        .args(arguments.split_whitespace())
        .current_dir(place.path())
        .env("TMPDIR", place.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().expect("the runner starts")
}

fn output(place: &TempDir, arguments: &str) -> Output {
    let output = start(place, arguments).wait_with_output();
    output.expect("it ends")
}

fn beginning(stream: &mut BufReader<ChildStdout>) -> StreamStart {
    let mut line = String::new();
    stream.read_line(&mut line).expect("a first line");
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: `{line}`"))
}

/// The next trial of a stream: its manifest, and the logs of its machines.
fn trial(stream: &mut BufReader<ChildStdout>) -> (TrialManifest, Vec<String>) {
    let mut line = String::new();
    stream.read_line(&mut line).expect("a line");
    let StreamedTrial {
        log_bytes,
        journal,
        manifest,
    } = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: `{line}`"));
    assert_eq!(journal, [], "nothing was done to it");
    let logs = log_bytes.into_iter().map(|bytes| {
        let mut log = String::new();
        let read = stream.by_ref().take(bytes).read_to_string(&mut log);
        assert_eq!(read.expect("a log") as u64, bytes);
        log
    });
    (manifest, logs.collect())
}

fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).expect("a folder").count()
}

#[test]
fn a_stream_has_the_trials_of_the_run() {
    let arguments = "trial --virtual --seed 1 --count 7 --duration 5s";
    let place = TempDir::new().expect("a folder");
    let run = output(
        &place,
        &format!("{arguments} --out {}", place.path().display()),
    );
    assert!(run.status.success());
    let folder = fs::read_dir(place.path()).expect("a folder").next();
    let folder = folder.expect("a run").expect("a run").path();

    let empty = TempDir::new().expect("a folder");
    let mut runner = start(&empty, &format!("{arguments} --stream"));
    let mut stream = BufReader::new(runner.stdout.take().expect("piped"));
    // Three machines of at most 6 Hz for 5 s, each roll 0.4 messages: less than the room of their files.
    let (events, trials) = (7 * 6 * 100, Some(7));
    assert_eq!(beginning(&mut stream), StreamStart { events, trials });
    for number in 0..7 {
        let (manifest, logs) = trial(&mut stream);
        let of_run = folder.join(format!("trial-{number:03}"));
        let text = fs::read(of_run.join("trial.json")).expect("a manifest");
        let expected: TrialManifest = serde_json::from_slice(&text).expect("a manifest");
        assert_eq!(manifest, expected);
        assert_eq!(logs.len(), manifest.machines.len());
        for (machine, log) in manifest.machines.iter().zip(logs) {
            let expected = fs::read_to_string(of_run.join(&machine.log));
            assert_eq!(log, expected.expect("a log"));
        }
    }
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).expect("the end");
    assert_eq!(rest, b"");
    assert_eq!(runner.wait().expect("it ends").code(), Some(0));
    assert_eq!(entries(empty.path()), 0, "a stream wrote files");
}

#[test]
fn a_shard_of_a_stream_has_its_trials_also_of_a_packed_run() {
    let place = TempDir::new().expect("a folder");
    let arguments =
        "trial --virtual --packed --seed 1 --count 5 --duration 1s --shard 1/2 --stream";
    let mut runner = start(&place, arguments);
    let mut stream = BufReader::new(runner.stdout.take().expect("piped"));
    assert_eq!(beginning(&mut stream).trials, Some(2));
    let numbers = [trial(&mut stream).0.trial, trial(&mut stream).0.trial];
    assert_eq!(numbers, [1, 3]);
    assert_eq!(runner.wait().expect("it ends").code(), Some(0));
}

#[test]
fn an_experiment_is_streamed_in_the_order_of_its_trials() {
    let place = TempDir::new().expect("a folder");
    let file = "count = 2\nseed = 3\n[base]\nduration = '1s'\n[grid]\ndrain = ['one', 'all']\n";
    fs::write(place.path().join("sweep.toml"), file).expect("a file");
    let mut runner = start(&place, "experiment sweep.toml --virtual --stream");
    let mut stream = BufReader::new(runner.stdout.take().expect("piped"));
    assert_eq!(beginning(&mut stream).trials, Some(4));
    let numbers: Vec<u64> = (0..4).map(|_| trial(&mut stream).0.trial).collect();
    assert_eq!(numbers, [0, 1, 2, 3]);
    assert_eq!(runner.wait().expect("it ends").code(), Some(0));
}

#[test]
fn a_stream_that_nobody_reads_ends_before_it_is_done() {
    let place = TempDir::new().expect("a folder");
    let arguments = "trial --virtual --seed 1 --count 1000000 --stream";
    let mut runner = start(&place, arguments);
    let mut stream = BufReader::new(runner.stdout.take().expect("piped"));
    beginning(&mut stream);
    drop(stream);
    assert_eq!(runner.wait().expect("it ends").code(), Some(1));

    // Whoever asked is gone, and left the other end of standard output to a child.
    let mut runner = start(&place, arguments);
    drop(runner.stdin.take());
    let mut read = Vec::new();
    let stdout = runner.stdout.as_mut().expect("piped");
    stdout.read_to_end(&mut read).expect("its end");
    assert_eq!(runner.wait().expect("it ends").code(), Some(1));
    assert_eq!(entries(place.path()), 0, "a stream wrote files");
}

#[test]
fn what_would_open_sockets_or_is_too_large_does_not_begin() {
    let place = TempDir::new().expect("a folder");
    let file = "[[machine]]\nhost = '0.0.0.0'\nport = 7811\n[[machine]]\n";
    fs::write(place.path().join("run.toml"), file).expect("a file");
    let refused = |arguments: &str| {
        let output = output(&place, arguments);
        assert_eq!(output.status.code(), Some(2));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    };
    let (_, said) = refused("trial --config run.toml --stream");
    assert!(
        said.contains("on sockets; a stream is in virtual time"),
        "{said}"
    );
    let too_large = "trial --virtual --rates 1,3,6 --count 10 --stream --events-max 8399";
    let (answer, said) = refused(too_large);
    assert_eq!(answer, "{\"events\":8400,\"trials\":null}\n");
    assert!(said.contains("may have 8400 events"), "{said}");
}
