//! The chat service on hosts of its own: three servers and two clients in network namespaces, with TLS between all, a partition
//! and its end.
//!
//! The steps are in `namespaces/lab.sh`. Where the system has no namespaces for ordinary users, the test says so and does
//! nothing.
//!
//! **Invariant.** Nothing of it is seen outside: network, mounts and processes are the namespaces' own, and end with it.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const NAMESPACES: [&str; 6] = [
    "--user",
    "--map-root-user",
    "--net",
    "--mount",
    "--pid",
    "--fork",
];

fn unshare(command: &[&str]) -> std::io::Result<Output> {
    Command::new("unshare")
        .args(NAMESPACES)
        .arg("--kill-child")
        .args(command)
        .env_remove("CARGO")
        .output()
}

/// Why there can be no namespaces here.
fn lacking() -> Option<String> {
    // What the script needs first: a mount of its own, and a bridge.
    let probe =
        "mount -t tmpfs none /run && ip link add bridge type bridge && ip netns 2>/dev/null";
    match unshare(&["sh", "-c", probe]) {
        Err(error) => Some(format!("unshare: {error}")),
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

#[test]
fn servers_and_clients_on_hosts_of_their_own_survive_a_partition() {
    if let Some(why) = lacking() {
        println!("skipped: this system has no network namespaces for this user: {why}");
        return;
    }
    let folder = TempDir::new().expect("a temporary folder");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/namespaces/lab.sh");
    let script = script.to_str().expect("text");
    let place = folder.path().to_str().expect("text");
    let output = unshare(&["bash", script, env!("CARGO_BIN_EXE_runner"), place]);
    let output = output.expect("unshare starts");
    let steps = String::from_utf8_lossy(&output.stdout);
    println!("{steps}");
    let logs = (0..3).map(|server| {
        let log = std::fs::read_to_string(folder.path().join(format!("log-{server}")));
        log.unwrap_or_default()
    });
    let logs: Vec<String> = logs.collect();
    assert!(
        output.status.success(),
        "{steps}\n{}\n{}",
        String::from_utf8_lossy(&output.stderr),
        logs.join("\n")
    );
    assert!(steps.contains("bob has both messages, in order, once"));
}
