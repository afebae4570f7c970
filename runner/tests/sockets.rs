//! Real sockets: trials that go well, and all the ways in which they do not.
#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use common::{Lab, runs, signal, text, wait_until};
use event_log::{JournalKind, MachineId, Status, layout};

/// A minute in eight seconds: time enough for a crowd of strangers on a busy host.
const SHORT: &str = "--count 1 --rates 1,3,6 --speed 7.5";
/// Longer than any test: ended by the test.
const LONG: &str = "--count 1 --rates 1,3,6 --duration 10m";

#[test]
fn every_machine_performs_rate_times_duration_ticks() {
    let lab = Lab::new();
    let output = lab.run("--count 3 --rates 1,3,6 --speed 30 --seed 5");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains("next: analyze"),
        "{}",
        text(&output.stdout)
    );
    for trial in 0..3 {
        let trial = lab.trial(trial);
        assert_eq!(trial.manifest().status, Status::Complete);
        assert_eq!([0, 1, 2].map(|id| trial.rows(id)), [60, 180, 360]);
        let journal = trial.journal();
        let count = |kind| journal.iter().filter(|entry| entry.kind == kind).count();
        assert_eq!(count(JournalKind::Connected), 6, "each end of three links");
        assert_eq!(count(JournalKind::Lost), 0);
        assert_eq!(count(JournalKind::Exit), 3);
    }
}

#[test]
fn a_killed_machine_ends_its_trial_but_no_other() {
    let lab = Lab::new();
    let running = lab.start("--count 2 --rates 2,4,6 --speed 10 --jobs 2");
    let victim = lab.wait_for_start(0).machine(1).1;
    lab.wait_for_start(1);
    signal("KILL", victim);
    let output = running.wait();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let manifest = lab.trial(0).manifest();
    assert_eq!(manifest.status, Status::Aborted);
    let reason = manifest.reason.expect("a reason");
    assert!(
        reason.contains("machine 1 was lost") && reason.contains("SIGKILL"),
        "{reason}"
    );
    assert_eq!(lab.trial(1).manifest().status, Status::Complete);
    assert_eq!(lab.trial(1).rows(2), 360);
}

#[test]
fn with_reconnect_the_others_tick_on_and_count_what_is_lost() {
    let lab = Lab::new();
    let running =
        lab.start("--count 1 --rates 4,5,6 --speed 10 --internal 0.1 --on-disconnect reconnect");
    let trial = lab.wait_for_start(0);
    signal("KILL", trial.machine(0).1);
    let output = running.wait();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let manifest = trial.manifest();
    assert_eq!(manifest.status, Status::Degraded);
    assert_eq!([1, 2].map(|id| trial.rows(id)), [300, 360]);
    let lost: u64 = trial
        .journal()
        .iter()
        .filter(|entry| entry.kind == JournalKind::Undelivered && entry.peer == Some(MachineId(0)))
        .filter_map(|entry| entry.count)
        .sum();
    assert!(
        lost > 0,
        "with so few internal events somebody spoke to machine 0"
    );
}

#[test]
fn no_machine_outlives_a_killed_coordinator() {
    let lab = Lab::new();
    let running = lab.start(LONG);
    let trial = lab.wait_for_start(0);
    let machines = [0, 1, 2].map(|id| trial.machine(id).1);
    assert!(machines.iter().all(|&process| runs(process)));
    signal("KILL", running.id());
    running.wait();
    wait_until("the machines have ended", || {
        !machines.iter().any(|&process| runs(process))
    });
    assert_eq!(
        trial.manifest().status,
        Status::Running,
        "nobody was left to say more"
    );
    for id in 0..3 {
        trial.rows(id);
    }
}

#[test]
fn an_interrupt_stops_in_order() {
    for name in ["INT", "TERM"] {
        let lab = Lab::new();
        let running = lab.start(LONG);
        let trial = lab.wait_for_start(0);
        let machines = [0, 1, 2].map(|id| trial.machine(id).1);
        signal(name, running.id());
        let output = running.wait();
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        let manifest = trial.manifest();
        assert_eq!(manifest.status, Status::Aborted);
        assert_eq!(manifest.reason.as_deref(), Some("interrupted by the user"));
        assert!(!machines.iter().any(|&process| runs(process)));
        assert!(trial.saw(JournalKind::Stopped));
    }
}

#[test]
fn strangers_are_refused_noted_and_do_no_harm() {
    let lab = Lab::new();
    let running = lab.start(SHORT);
    let trial = lab.wait_for_start(0);
    let (address, _) = trial.machine(0);
    let connect = || TcpStream::connect(address).expect("the machine listens");

    let mut garbage = connect();
    garbage.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("sent");
    let mut oversized = connect();
    oversized.write_all(&u32::MAX.to_be_bytes()).expect("sent");
    let silent = connect();
    // A well-formed hello for the right door, from one who cannot know the secret.
    let mut impostor = connect();
    let mut hello = vec![0, 0, 0, 34, 1, 1];
    hello.extend([0; 8]);
    hello.extend(1u32.to_be_bytes());
    hello.extend(0u32.to_be_bytes());
    hello.extend([7; 16]);
    impostor.write_all(&hello).expect("sent");
    let mut challenge = [0; 4 + 2 + 16 + 32];
    impostor.read_exact(&mut challenge).expect("a challenge");
    let mut proof = vec![0, 0, 0, 34, 1, 3];
    proof.extend([0; 32]);
    impostor.write_all(&proof).expect("sent");
    let mut rest = Vec::new();
    impostor.read_to_end(&mut rest).unwrap_or_default();
    assert_eq!(rest, b"", "no welcome");
    let flood: Vec<TcpStream> = (0..150).map(|_| connect()).collect();

    let output = running.wait();
    drop((silent, flood));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!([0, 1, 2].map(|id| trial.rows(id)), [60, 180, 360]);
    let journal = trial.journal();
    let refusals: Vec<&str> = journal
        .iter()
        .filter(|entry| entry.kind == JournalKind::Refused)
        .map(|entry| entry.detail.as_str())
        .collect();
    for expected in [
        "not our wire format",
        "claims to be machine 1 and cannot prove it",
        "crowded out",
        "further connections turned away",
    ] {
        let told = refusals.iter().any(|refusal| refusal.contains(expected));
        assert!(told, "`{expected}` in {refusals:#?}");
    }
    assert!(!trial.saw(JournalKind::Lost), "no peer lost its link");
}

#[test]
fn a_port_in_use_is_an_error_that_names_it() {
    let lab = Lab::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("bound").port();
    let file = lab.out.path().join("lab.toml");
    fs::write(
        &file,
        format!("[[machine]]\nport = {port}\n[[machine]]\n[[machine]]\n"),
    )
    .expect("a file");
    let output = lab.run(&format!("--count 3 --config {}", file.display()));
    fs::remove_file(&file).expect("still there");
    assert_eq!(output.status.code(), Some(2));
    let message = text(&output.stderr);
    assert!(message.contains(&format!("127.0.0.1:{port}")), "{message}");
    assert!(message.contains("choose another port"), "{message}");
    assert!(
        !lab.trial(1).folder.exists(),
        "the next trial would fare no better"
    );
}

#[test]
fn a_file_names_machines_hosts_rates_and_logs() {
    let lab = Lab::new();
    let file = lab.out.path().join("lab.toml");
    let tables = "count = 1\nspeed = 60\n[[machine]]\nname = 'tortoise'\nrate = 1\nlog = 'tortoise.csv'\n\
        [[machine]]\nname = 'hare'\nhost = '127.0.0.2'\nrate = 6\n";
    fs::write(&file, tables).expect("a file");
    let output = lab.run(&format!("--config {}", file.display()));
    fs::remove_file(&file).expect("still there");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let trial = lab.trial(0);
    let manifest = trial.manifest();
    assert_eq!(manifest.machines[0].name, "tortoise");
    let address = manifest.machines[1]
        .address
        .as_deref()
        .expect("it listened");
    assert!(address.starts_with("127.0.0.2:"), "{address}");
    let log = fs::read_to_string(trial.folder.join("tortoise.csv")).expect("its log");
    assert_eq!(log.lines().count(), 61);
    assert!(trial.folder.join(layout::JOURNAL_FILE).exists());
}
