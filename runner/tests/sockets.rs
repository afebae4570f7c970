//! Real sockets: trials that go well, and all the ways in which they do not.
#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use common::stand_in::StandIn;
use common::{Lab, Stopped, impostor, runs, signal, text, wait_until};
use event_log::{JournalEntry, JournalKind, MachineId, Party, Status, layout};
use runner::drive::sockets::control::Order;
use runner::drive::sockets::links::listener::STRANGERS_MAX;
use runner::drive::sockets::quota::LISTED_MAX;
use tempfile::TempDir;

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
        assert_eq!(
            trial.connections(),
            trial.manifest().condition.connections()
        );
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
    assert!(lab.trial(0).saw(JournalKind::Stopped));
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
    assert!(trial.saw(JournalKind::Lost), "two peers noticed");
    let lost: u64 = trial
        .journal()
        .iter()
        .filter(|entry| {
            entry.kind == JournalKind::Undelivered && entry.peer == Some(MachineId(0).into())
        })
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
    wait_until("the machines have ended", || {
        !machines.iter().any(|&process| runs(process))
    });
    running.wait();
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
    assert_eq!(impostor(address, 1, 0), b"", "no welcome");
    let flood: Vec<TcpStream> = (0..STRANGERS_MAX + 100).map(|_| connect()).collect();

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
        let listed = refusals.iter().any(|refusal| refusal.contains(expected));
        assert!(listed, "`{expected}` in {refusals:#?}");
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

#[test]
fn a_coordinator_killed_while_it_starts_leaves_nobody_and_no_complaint() {
    let lab = Lab::new();
    let running = lab.start("--count 1 --machines 8 --duration 10m");
    // Whatever the step at which it is caught, the machines that exist by then must end.
    wait_until("a machine listens", || {
        !lab.runs().is_empty() && lab.trial(0).saw(JournalKind::Listening)
    });
    signal("KILL", running.id());
    // Machines hold the other end of its standard error: it ends when the last of them does.
    let output = running.wait();
    assert!(
        !text(&output.stderr).contains("not by hand"),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(lab.trial(0).manifest().status, Status::Running);
}

#[test]
fn a_second_interrupt_ends_at_once_and_leaves_nobody() {
    let lab = Lab::new();
    let running = lab.start(LONG);
    let trial = lab.wait_for_start(0);
    let machines = [0, 1, 2].map(|id| trial.machine(id).1);
    // A machine that hangs keeps the coordinator waiting for its orderly end.
    let stopped = Stopped::new(machines[1]);
    signal("INT", running.id());
    wait_until("the others have ended", || {
        !runs(machines[0]) && !runs(machines[2])
    });
    signal("INT", running.id());
    drop(stopped);
    let output = running.wait();
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    wait_until("the last machine has ended", || !runs(machines[1]));
}

#[test]
fn a_machine_that_was_held_up_catches_up() {
    let lab = Lab::new();
    let running = lab.start("--count 1 --rates 4,5,6 --speed 10");
    let trial = lab.wait_for_start(0);
    let (_, process) = trial.machine(1);
    let stopped = Stopped::new(process);
    wait_until("a peer is ahead", || trial.rows_so_far(2) > 40);
    drop(stopped);
    let output = running.wait();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!([0, 1, 2].map(|id| trial.rows(id)), [240, 300, 360]);
}

#[test]
fn nobody_who_reads_the_progress_is_needed() {
    let lab = Lab::new();
    let mut command = lab.command("--count 2 --rates 1,2 --speed 60");
    let mut child = command.spawn().expect("runner starts");
    drop(child.stderr.take());
    drop(child.stdout.take());
    let status = child.wait().expect("runner ends");
    assert_eq!(status.code(), Some(0));
    for trial in [0, 1] {
        assert_eq!(lab.trial(trial).manifest().status, Status::Complete);
    }
}

#[tokio::test]
async fn strangers_before_a_start_that_never_comes_are_counted() {
    for (design, party) in [
        ("", Party::Machine(MachineId(0))),
        ("design = 'hub'", Party::Hub),
    ] {
        let folder = TempDir::new().expect("a folder");
        let mut trial = StandIn::new(&format!("rates = [1, 1]\n{design}"), folder.path());
        let address = trial.ready().await[&party];
        for _ in 0..LISTED_MAX + 5 {
            let mut stranger = TcpStream::connect(address).expect("it listens");
            stranger.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("sent");
            // However it is turned away, it is.
            let _ = stranger.read_to_end(&mut Vec::new());
        }
        trial.end(&Order::Stop).await;
        let refused = |entry: &&JournalEntry| {
            entry.kind == JournalKind::Refused && entry.machine == Some(party)
        };
        let refused = trial.journal.iter().filter(refused);
        let rest: u64 = refused.filter_map(|entry| entry.count).sum();
        // The last may be turned away while it ends.
        assert!((1..=5).contains(&rest), "{party}: {:#?}", trial.journal);
    }
}

#[test]
fn strangers_at_the_start_keep_no_peer_out() {
    let lab = Lab::new();
    let ports: Vec<u16> = {
        let free: Vec<TcpListener> = (0..3)
            .map(|_| TcpListener::bind("127.0.0.1:0").expect("a free port"))
            .collect();
        let ports = free
            .iter()
            .map(|port| port.local_addr().expect("bound").port());
        ports.collect()
    };
    let tables: String = ports
        .iter()
        .map(|port| format!("[[machine]]\nport = {port}\n"))
        .collect();
    let file = lab.out.path().join("lab.toml");
    fs::write(&file, tables).expect("a file");
    let running = lab.start(&format!(
        "--count 1 --rates 2,2,2 --speed 60 --config {}",
        file.display()
    ));
    // Connect as fast as this thread can, from before the machines listen until they have started.
    let folder = |path: &std::path::PathBuf| path.is_dir();
    let started = || {
        let run = lab.runs().into_iter().find(folder);
        run.is_some_and(|run| {
            common::Trial {
                folder: run.join("trial-000"),
            }
            .saw(JournalKind::Started)
        })
    };
    let mut crowd = Vec::new();
    wait_until("the trial starts all the same", || {
        for port in &ports {
            crowd.extend(TcpStream::connect(("127.0.0.1", *port)).ok());
        }
        crowd.truncate(300);
        started()
    });
    let output = running.wait();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}
