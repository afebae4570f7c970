//! Servers as processes, killed, paused and ended while people talk: nothing that was acknowledged is lost, comes twice or out
//! of order.
//!
//! [`cluster`](torture::cluster) processes and signals · [`faults`](torture::faults) what is done to them · [`people`](torture::people) clients ·
//! [`ledger`](torture::ledger) what they saw.
//!
//! **Invariant.** A fault is struck only while messages are acknowledged, so that each of them is one that people could notice.
#![cfg(unix)]

mod torture;

use std::time::Duration;

use torture::faults::{Fault, Kind, Target, random};
use torture::{Torture, torture};

/// Three servers, each killed, paused and ended once as primary and as backup, then all at once, twice.
#[test]
fn nothing_is_lost_whatever_is_done_to_servers() {
    let kinds = [Kind::Kill, Kind::End, Kind::Pause];
    let each = kinds.into_iter().flat_map(|kind| {
        [Target::Primary, Target::Backup].map(|target| Fault {
            kind,
            target,
            down: Duration::from_millis(1_200),
        })
    });
    let all = [Kind::Kill, Kind::End].map(|kind| Fault {
        kind,
        target: Target::All,
        down: Duration::from_millis(300),
    });
    let report = torture(&Torture {
        clients: 4,
        sends_per_second: 8.0,
        heartbeat: "100ms",
        suspect: "500ms",
        tolerate: "crashes",
        faults: each.chain(all).collect(),
    });
    println!("{report}");
    report.ledger.check();
}

/// `cargo test --release -p runner --test chat_torture two_hundred -- --ignored --nocapture`
#[test]
#[ignore = "two hundred faults take about ten minutes"]
fn two_hundred_random_faults() {
    for (tolerate, heartbeat, suspect, count) in [
        ("crashes", "100ms", "500ms", 120),
        ("partitions", "100ms", "500ms", 40),
        ("crashes", "1s", "3s", 40),
    ] {
        let report = torture(&Torture {
            clients: 8,
            sends_per_second: 8.0,
            heartbeat,
            suspect,
            tolerate,
            faults: random(7, count, tolerate == "partitions"),
        });
        println!("{report}");
        report.ledger.check();
    }
}
