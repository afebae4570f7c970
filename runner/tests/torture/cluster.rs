//! Servers as processes, and what can be done to them.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use chat_service::settings::ClusterFile;
use chat_service::status::{Asked, Role, ask_all, primary};
use chat_service::transport::{Connector, Purpose, Security};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::faults::{Fault, Kind, Target};
use super::{PATIENCE, wait_until};

/// A cluster of this host.
pub(crate) struct Cluster {
    folder: TempDir,
    pub(crate) file: ClusterFile,
    servers: Vec<Option<Server>>,
}

/// A server that runs; killed with the test, whatever the test's end.
struct Server {
    child: Child,
    /// Held, so that it can write.
    _output: Option<BufReader<ChildStdout>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn connector() -> Connector {
    let security = Security::bare(false);
    security.connector(Purpose::Clients).expect("no keys")
}

fn runner() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_runner"));
    command.env_remove("CARGO");
    command
}

impl Server {
    fn start(folder: &Path, number: usize) -> Server {
        let log = std::fs::OpenOptions::new();
        let mut log = log;
        let log = log.create(true).append(true);
        let log = log.open(folder.join(format!("server-{number}.log")));
        let mut child = runner()
            .args(["chat", "serve", "--config"])
            .arg(folder.join(format!("server-{number}.toml")))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log.expect("a log"))
            .spawn()
            .expect("runner starts");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        output.read_line(&mut line).expect("text");
        assert!(line.contains("listens"), "server {number} says: {line:?}");
        Server {
            child,
            _output: Some(output),
        }
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).expect("an id");
        let id = Pid::from_raw(id).expect("an id");
        kill_process(id, signal).expect("a process of ours");
    }

    /// Waits for its end, after a signal.
    fn wait(&mut self, signal: &str) {
        let begin = Instant::now();
        while self.child.try_wait().expect("a child").is_none() {
            assert!(
                begin.elapsed() < PATIENCE,
                "a server does not end after {signal}"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Cluster {
    /// Makes a folder, as `runner chat cluster` does, and ends the servers that it started.
    pub(crate) fn found(flags: &[&str]) -> Cluster {
        let folder = TempDir::new().expect("a temporary folder");
        let place = folder.path().join("chat");
        let mut child = runner()
            .args(["chat", "cluster", "--servers", "3", "--folder"])
            .arg(&place)
            .args(flags)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("runner starts");
        let mut output = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut server = Server {
            child,
            _output: None,
        };
        let mut listening = 0;
        while listening < 3 {
            let mut line = String::new();
            let count = output.read_line(&mut line).expect("text");
            assert!(count > 0, "the cluster did not begin");
            listening += usize::from(line.contains("listens"));
        }
        server.signal(Signal::TERM);
        server.wait("SIGTERM");
        let file = ClusterFile::read(&place).expect("the file of the cluster");
        Cluster {
            folder,
            servers: file.servers.iter().map(|_| None).collect(),
            file,
        }
    }

    fn place(&self) -> PathBuf {
        self.folder.path().join("chat")
    }

    pub(crate) fn start_all(&mut self) {
        for number in 0..self.servers.len() {
            self.start(number);
        }
    }

    fn start(&mut self, number: usize) {
        self.servers[number] = Some(Server::start(&self.place(), number));
    }

    /// Asks all to end, and waits for it.
    pub(crate) fn end_all(&mut self) {
        let all: Vec<usize> = (0..self.servers.len()).collect();
        self.stop(Kind::End, &all);
    }

    async fn ask(&self) -> Vec<Asked> {
        let servers = self.file.servers.iter();
        let servers = servers.map(|entry| (Some(entry.name.clone()), entry.client.clone()));
        ask_all(servers.collect(), &connector()).await
    }

    pub(crate) async fn wait_until_served(&self) {
        self.wait_for("somebody serves", |asked| primary(asked).is_some())
            .await;
    }

    /// Until all servers are in the view again.
    pub(crate) async fn wait_until_whole(&self) {
        self.wait_for("all are in the view", |asked| {
            primary(asked).is_some()
                && asked.iter().all(|one| {
                    let answer = one.answer.as_ref();
                    answer.is_ok_and(|answer| answer.role() != Role::Joining)
                })
        })
        .await;
    }

    async fn wait_for(&self, what: &str, is_so: impl Fn(&[Asked]) -> bool) {
        let begin = Instant::now();
        loop {
            let asked = self.ask().await;
            if is_so(&asked) {
                return;
            }
            assert!(
                begin.elapsed() < PATIENCE,
                "waited in vain: {what}: {asked:?}\n{}",
                self.logs()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The last lines of the servers.
    fn logs(&self) -> String {
        let ends = (0..self.servers.len()).map(|number| {
            let path = self.place().join(format!("server-{number}.log"));
            let text = std::fs::read_to_string(path).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            format!(
                "server {number}: {}\n",
                lines[lines.len().saturating_sub(8)..].join("\n")
            )
        });
        ends.collect()
    }

    async fn targets(&self, target: Target) -> Vec<usize> {
        let mut serving = None;
        let begin = Instant::now();
        while serving.is_none() {
            assert!(begin.elapsed() < PATIENCE, "nobody serves");
            let asked = self.ask().await;
            serving = primary(&asked).map(|answer| answer.status.standing.server.0 as usize);
        }
        let serving = serving.unwrap_or_default();
        let other = (serving + 1) % self.servers.len();
        match target {
            Target::Primary => vec![serving],
            Target::Backup => vec![other],
            Target::Two => vec![serving, other],
            Target::All => (0..self.servers.len()).collect(),
        }
    }

    fn stop(&mut self, kind: Kind, servers: &[usize]) {
        let signal = match kind {
            Kind::Kill => Signal::KILL,
            Kind::Pause => Signal::STOP,
            Kind::End => Signal::TERM,
        };
        let running = |server: &usize| self.servers[*server].as_ref();
        for server in servers.iter().filter_map(running) {
            server.signal(signal);
        }
        if kind != Kind::Pause {
            for &server in servers {
                if let Some(mut server) = self.servers[server].take() {
                    server.wait(&format!("{signal:?}"));
                }
            }
        }
    }

    /// Strikes, and undoes it after its time; the servers that were struck.
    pub(crate) async fn strike(&mut self, fault: &Fault) -> Vec<usize> {
        let servers = self.targets(fault.target).await;
        self.stop(fault.kind, &servers);
        tokio::time::sleep(fault.down).await;
        for &server in &servers {
            match &self.servers[server] {
                Some(running) => running.signal(Signal::CONT),
                None => self.start(server),
            }
        }
        wait_until("all run", || self.servers.iter().all(Option::is_some)).await;
        servers
    }
}
