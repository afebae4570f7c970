//! Running the real binary, and reading what it left.
#![allow(dead_code, reason = "each test program uses a part")]

pub(crate) mod node;
pub(crate) mod relay;
pub(crate) mod stand_in;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use event_log::{JournalEntry, JournalKind, MachineId, Party, TrialManifest, layout};
use tempfile::TempDir;

/// Long enough for the slowest host; reached only when something is broken.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder for runs, and runs in it.
pub(crate) struct Lab {
    pub(crate) out: TempDir,
}

impl Lab {
    pub(crate) fn new() -> Lab {
        Lab {
            out: TempDir::new().expect("a temporary folder"),
        }
    }

    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_runner"));
        command
            .arg("trial")
            .args(arguments.split_whitespace())
            .arg("--out")
            .arg(self.out.path())
            .env_remove("CARGO")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &str) -> Output {
        self.command(arguments).output().expect("runner starts")
    }

    pub(crate) fn start(&self, arguments: &str) -> Running {
        Running::start(&mut self.command(arguments))
    }

    /// Folders of runs, in the order of their names.
    pub(crate) fn runs(&self) -> Vec<PathBuf> {
        sorted_entries(self.out.path())
    }

    /// The only run's trial.
    pub(crate) fn trial(&self, trial: u64) -> Trial {
        Trial {
            folder: self.runs()[0].join(layout::trial_dir(trial, 1)),
        }
    }

    /// Waits until a trial of the first run has begun.
    pub(crate) fn wait_for_start(&self, trial: u64) -> Trial {
        wait_until("the trial starts", || {
            !self.runs().is_empty() && self.trial(trial).saw(JournalKind::Started)
        });
        self.trial(trial)
    }
}

/// A run under way; ended with the test, whatever the test's end.
pub(crate) struct Running {
    child: Option<Child>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Running {
        let child = command.spawn().expect("runner starts");
        Running { child: Some(child) }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.as_ref().expect("not yet waited for").id()
    }

    pub(crate) fn wait(mut self) -> Output {
        let child = self.child.take().expect("not yet waited for");
        child.wait_with_output().expect("runner ends")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A trial's folder.
pub(crate) struct Trial {
    pub(crate) folder: PathBuf,
}

impl Trial {
    pub(crate) fn manifest(&self) -> TrialManifest {
        let text = fs::read_to_string(self.folder.join(layout::TRIAL_FILE)).expect("trial.json");
        serde_json::from_str(&text).expect("a manifest")
    }

    /// Whole lines only: the last may be under way.
    pub(crate) fn journal(&self) -> Vec<JournalEntry> {
        let path = self.folder.join(layout::JOURNAL_FILE);
        let text = fs::read_to_string(path).unwrap_or_default();
        text.split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
            .map(|line| serde_json::from_str(line).expect("a journal entry"))
            .collect()
    }

    /// Connections in the journal, each by both its ends.
    pub(crate) fn connections(&self) -> u64 {
        let mut ends = BTreeSet::new();
        for entry in self.journal() {
            match (entry.kind, entry.machine.zip(entry.peer)) {
                (JournalKind::Connected, Some(end)) => drop(ends.insert(end)),
                (JournalKind::Lost, Some(end)) => drop(ends.remove(&end)),
                _ => {}
            }
        }
        let told_by_both = |(one, other): &(Party, Party)| ends.contains(&(*other, *one));
        assert!(ends.iter().all(told_by_both), "{ends:?}");
        ends.len() as u64 / 2
    }

    pub(crate) fn saw(&self, kind: JournalKind) -> bool {
        self.journal().iter().any(|entry| entry.kind == kind)
    }

    /// Rows of a machine's log, without the header.
    pub(crate) fn rows(&self, machine: u32) -> usize {
        let path = self.folder.join(format!("machine-{machine}.csv"));
        let text = fs::read_to_string(path).expect("a log");
        assert!(text.ends_with('\n'), "the last row is whole");
        text.lines().count() - 1
    }

    /// Rows of a machine's log by now.
    pub(crate) fn rows_so_far(&self, machine: u32) -> usize {
        let path = self.folder.join(format!("machine-{machine}.csv"));
        let text = fs::read_to_string(path).unwrap_or_default();
        text.matches('\n').count().saturating_sub(1)
    }

    /// Where a party listens, if it does, and its process, as the journal says.
    pub(crate) fn party(&self, party: Party) -> (Option<SocketAddr>, u32) {
        let there = [JournalKind::Listening, JournalKind::Ready];
        let journal = self.journal();
        let entry = journal
            .iter()
            .find(|entry| there.contains(&entry.kind) && entry.machine == Some(party))
            .expect("it is there");
        let (address, process) = entry.detail.rsplit_once("process ").expect("its form");
        let address = address.trim_end_matches(", ");
        (
            (!address.is_empty()).then(|| address.parse().expect("an address")),
            process.parse().expect("a process id"),
        )
    }

    /// Where a machine listens, and its process.
    pub(crate) fn machine(&self, id: u32) -> (SocketAddr, u32) {
        let (address, process) = self.party(Party::Machine(MachineId(id)));
        (address.expect("it listens"), process)
    }
}

pub(crate) fn sorted_entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    entries
}

/// Polls until it is so.
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "gave up waiting until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Sends a signal to a process.
pub(crate) fn signal(name: &str, process: u32) {
    let status = Command::new("kill")
        .args(["-s", name, &process.to_string()])
        .status()
        .expect("kill exists");
    assert!(status.success(), "signal {name} to {process}");
}

/// A process that is stopped until this is dropped, whatever the test's end.
pub(crate) struct Stopped(u32);

impl Stopped {
    pub(crate) fn new(process: u32) -> Stopped {
        signal("STOP", process);
        Stopped(process)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        // It may have been killed since.
        let _ = Command::new("kill")
            .args(["-s", "CONT", &self.0.to_string()])
            .stderr(Stdio::null())
            .status();
    }
}

/// Whether a process still runs; one that is dead but not yet reaped does not.
pub(crate) fn runs(process: u32) -> bool {
    match fs::read_to_string(format!("/proc/{process}/stat")) {
        Ok(stat) => !stat
            .rsplit(')')
            .next()
            .unwrap_or("")
            .trim_start()
            .starts_with('Z'),
        Err(_) => false,
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A well-formed hello for the right addressee, and the rest of the handshake, from one who cannot know the secret; what is
/// said to that. Parties by their numbers on the wire.
pub(crate) fn impostor(address: SocketAddr, claimed: u32, addressee: u32) -> Vec<u8> {
    let mut impostor = TcpStream::connect(address).expect("it listens");
    let mut hello = vec![0, 0, 0, 38, 2, 1];
    hello.extend([0; 8]);
    hello.extend(claimed.to_be_bytes());
    hello.extend(addressee.to_be_bytes());
    hello.extend([7; 16]);
    hello.extend([0; 4]);
    impostor.write_all(&hello).expect("sent");
    let mut challenge = [0; 4 + 2 + 16 + 32];
    impostor.read_exact(&mut challenge).expect("a challenge");
    let mut proof = vec![0, 0, 0, 34, 2, 3];
    proof.extend([0; 32]);
    impostor.write_all(&proof).expect("sent");
    let mut rest = Vec::new();
    impostor.read_to_end(&mut rest).unwrap_or_default();
    rest
}
