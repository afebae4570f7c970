//! One server as a process of this host.
//!
//! **Invariant.** Its standard input is a pipe that is held as long as it is to run. It does not hear Ctrl-C of the terminal, so
//! that one order ends all.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{ChildStdin, Command};
use tokio::sync::{mpsc, oneshot};

/// What is heard of a server.
#[derive(Debug)]
pub(super) enum Word {
    /// It says that it listens.
    Line(String),
    /// It has ended, and how.
    Ended(String),
}

/// One server.
#[derive(Debug)]
pub(super) struct Child {
    /// Its settings.
    pub(super) config: PathBuf,
    /// What it says.
    pub(super) log: PathBuf,
    input: Option<ChildStdin>,
    kill: Option<oneshot::Sender<()>>,
    has_ended: Arc<AtomicBool>,
}

impl Child {
    /// Starts the server with this number.
    pub(super) fn start(
        executable: &Path,
        folder: &Path,
        number: usize,
        words: mpsc::UnboundedSender<(usize, Word)>,
    ) -> anyhow::Result<Child> {
        let config = folder.join(format!("server-{number}.toml"));
        let log = folder.join(format!("server-{number}.log"));
        let file: File = (OpenOptions::new().create(true).append(true).open(&log))
            .with_context(|| format!("{} cannot be written", log.display()))?;
        let mut command = Command::new(executable);
        command
            .args(["chat", "serve", "--until-input-ends", "--config"])
            .arg(&config);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(file)
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let mut process = command
            .spawn()
            .with_context(|| format!("{} cannot be started", executable.display()))?;
        let input = process.stdin.take();
        let output = process.stdout.take().context("a pipe")?;
        let (kill, mut killed) = oneshot::channel();
        let has_ended = Arc::new(AtomicBool::new(false));
        let ended = has_ended.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(output).lines();
            let mut is_open = true;
            let status = loop {
                tokio::select! {
                    line = lines.next_line(), if is_open => match line {
                        Ok(Some(line)) => drop(words.send((number, Word::Line(line)))),
                        _ => is_open = false,
                    },
                    status = process.wait() => break status,
                    // A dropped handle is no order: the watcher may have gone.
                    Ok(()) = &mut killed => drop(process.start_kill()),
                }
            };
            ended.store(true, Ordering::SeqCst);
            let how = status.map_or_else(|error| error.to_string(), in_words);
            // Who watches may have gone.
            let _ = words.send((number, Word::Ended(how)));
        });
        Ok(Child {
            config,
            log,
            input,
            kill: Some(kill),
            has_ended,
        })
    }

    /// Asks it to end in order.
    pub(super) fn ask_to_end(&mut self) {
        self.input = None;
    }

    /// Ends it at once.
    pub(super) fn kill(&mut self) {
        if let Some(kill) = self.kill.take() {
            // It may have ended.
            let _ = kill.send(());
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.has_ended.load(Ordering::SeqCst)
    }

    /// The end of its log.
    pub(super) fn last_lines(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(5)..].join("\n")
    }
}

/// How a process has ended.
fn in_words(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("killed by signal {signal}");
    }
    match status.code() {
        Some(code) => format!("exit code {code}"),
        None => status.to_string(),
    }
}
