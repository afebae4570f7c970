//! Programs of the chat service, started in a folder of their own, and what they say.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

use crate::common::{signal, wait_until};

/// A folder in which commands are typed.
pub(crate) struct Bench {
    folder: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Bench {
        let folder = TempDir::new().expect("a temporary folder");
        Bench { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect(name)
    }

    fn command(&self, line: &str) -> Command {
        let words = line.strip_prefix("runner ").expect(line).split_whitespace();
        let mut command = Command::new(env!("CARGO_BIN_EXE_runner"));
        command
            .args(words)
            .current_dir(self.folder.path())
            .env("NO_COLOR", "1")
            .env("XDG_STATE_HOME", self.path("state"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command line as it is typed, with `runner` in front, until it ends.
    pub(crate) fn type_in(&self, line: &str) -> Output {
        self.command(line).output().expect("runner starts")
    }

    /// The same, with this on standard input.
    pub(crate) fn type_into(&self, line: &str, input: &str) -> Output {
        let mut command = self.command(line);
        let mut child = command
            .stdin(Stdio::piped())
            .spawn()
            .expect("runner starts");
        let mut pipe = child.stdin.take().expect("a pipe");
        // Whoever ends early reads no more.
        let _ = pipe.write_all(input.as_bytes());
        drop(pipe);
        child.wait_with_output().expect("runner ends")
    }

    /// Starts a program that runs on.
    pub(crate) fn start(&self, line: &str) -> Program {
        let mut child = self.command(line).spawn().expect("runner starts");
        let said = Arc::new(Mutex::new(String::new()));
        let output = child.stdout.take().expect("a pipe");
        listen(output, said.clone());
        listen(child.stderr.take().expect("a pipe"), said.clone());
        Program {
            line: line.to_owned(),
            child,
            said,
        }
    }

    /// Starts a cluster in the folder `chat`, and waits until it is served.
    pub(crate) fn start_cluster(&self, options: &str) -> Program {
        let program = self.start(&format!("runner chat cluster --folder chat {options}"));
        program.wait_for("runner chat client");
        self.wait_until_served();
        program
    }

    pub(crate) fn wait_until_served(&self) {
        wait_until("somebody serves", || self.status()["is_served"] == true);
    }

    /// What `status --json` says of the cluster in the folder `chat`.
    pub(crate) fn status(&self) -> Value {
        let output = self.type_in("runner chat status --folder chat --json");
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    /// The number of the server that serves.
    pub(crate) fn primary(&self) -> u64 {
        self.wait_until_served();
        let status = self.status();
        let servers = status["servers"].as_array().expect("servers");
        let primary = servers.iter().find(|server| server["role"] == "primary");
        primary.expect("a primary")["server"]
            .as_u64()
            .expect("a number")
    }
}

/// Collects what a program says.
fn listen(stream: impl Read + Send + 'static, said: Arc<Mutex<String>>) {
    thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            let Ok(line) = line else { return };
            let mut said = said.lock().expect("no listener panics");
            said.push_str(&line);
            said.push('\n');
        }
    });
}

/// A program that runs; it is killed with this value.
pub(crate) struct Program {
    line: String,
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Program {
    pub(crate) fn said(&self) -> String {
        self.said.lock().expect("no listener panics").clone()
    }

    /// Waits until it has said this.
    pub(crate) fn wait_for(&self, words: &str) {
        wait_until(&format!("`{}` says {words}", self.line), || {
            self.said().contains(words)
        });
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(name, self.child.id());
    }

    /// Waits until it ends.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let mut status = None;
        wait_until(&format!("`{}` ends", self.line), || {
            status = self.child.try_wait().expect("a child");
            status.is_some()
        });
        status.expect("it has ended")
    }

    /// The processes of a cluster's servers, as it named them last.
    pub(crate) fn server_process(&self, number: u64) -> u32 {
        let said = self.said();
        let line = said
            .lines()
            .rev()
            .find(|line| line.starts_with(&format!("server {number} (")));
        let words = line
            .expect("it listens")
            .split_once("process ")
            .expect("a process")
            .1;
        let digits: String = words.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().expect("a number")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("{} said:\n{}", self.line, self.said());
        }
    }
}

/// Replaces words of a file that must be there.
pub(crate) fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).expect("a file");
    assert!(text.contains(from), "{from} in {}", path.display());
    fs::write(path, text.replace(from, to)).expect("a file");
}
