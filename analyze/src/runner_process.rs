//! The program `runner`, which makes logs: found beside this program, run as a program of its own.
//!
//! Its trials come as a stream: one at a time is in memory here, and no log is on a disk. The runner ends when this process
//! drops the stream, or comes to any end, even one at which it could do nothing any more: the kernel closes its pipes.
//!
//! **Invariant.** Nothing is shared with it but options on its command line, a file of faults while it runs, and the event log
//! that it writes. It opens no sockets, and has no more events than the budget allows. A stream that is cut off is an error, never a shorter run.

mod budget;
mod options;

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

use event_log::stream::{StreamStart, StreamedTrial};
use event_log::{Condition, Faults};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

pub use budget::EventBudget;

use files::input::DOCUMENT_BYTES_MAX;
use logs::scan::MadeTrial;

/// No row is longer, bytes: eight fields, seven of them numbers of at most twenty digits.
const ROW_BYTES_MAX: u64 = 160;

/// How a run is made.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// What the run is called.
    pub name: String,
    /// Arguments of the runner: `trial` or `experiment`, and options other than `--out` and `--faults`.
    pub arguments: Vec<String>,
    /// What is done to its machines and links, beside what the arguments say.
    pub faults: Option<Faults>,
}

/// The trials of a run, while they are made.
#[derive(Debug)]
pub struct Stream {
    /// What the run is called.
    pub(crate) name: String,
    /// Number of trials in it.
    pub(crate) trials: u64,
    /// Most bytes that the logs of a trial can have.
    log_bytes_max: u64,
    left: u64,
    hash: Sha256,
    process: Process,
}

impl Recipe {
    /// Trials of a condition in virtual time, with its faults. Of a condition on sockets the delay of messages is not known: it
    /// is what the runner takes for usual. `name` is that of the run.
    pub(crate) fn of(condition: &Condition, name: &str, trials: u64, seed: u64) -> Recipe {
        Recipe {
            name: name.to_owned(),
            arguments: options::of(condition, name, trials, seed),
            faults: condition.faults.clone(),
        }
    }

    /// Begins to make the run.
    ///
    /// # Errors
    ///
    /// What went wrong in words, and what to do: the runner is not there, it failed, or the run is larger than the budget.
    pub fn start(&self, budget: &EventBudget) -> Result<Stream, String> {
        self.start_with(&[], budget)
    }

    /// Makes one trial of the run.
    ///
    /// # Errors
    ///
    /// As [`Recipe::start`]; also when the run has no such trial.
    pub(crate) fn one(&self, trial: u64, budget: &EventBudget) -> Result<MadeTrial, String> {
        // No other trial belongs to this shard of as many as there can be.
        let shard = format!("{trial}/{}", u64::MAX);
        let mut stream = self.start_with(&["--shard", &shard], budget)?;
        let made = stream.next();
        made.unwrap_or_else(|| Err(format!("the run has no trial {trial}")))
    }

    fn start_with(&self, options: &[&str], budget: &EventBudget) -> Result<Stream, String> {
        let mut process = Process::start(self, options, budget.left())?;
        let start: StreamStart = match process.line("the start of a stream")? {
            Some(start) => start,
            None => return Err(process.end()),
        };
        let Some(trials) = start.trials else {
            return Err(budget.exceeded(start.events));
        };
        budget.spend(start.events);
        Ok(Stream {
            name: self.name.clone(),
            trials,
            log_bytes_max: start.events.saturating_add(1).saturating_mul(ROW_BYTES_MAX),
            left: trials,
            hash: Sha256::new(),
            process,
        })
    }
}

impl Stream {
    /// The fingerprint of the trials so far: SHA-256 over their manifests and logs, in their order.
    pub(crate) fn fingerprint(self) -> [u8; 32] {
        self.hash.finalize().into()
    }

    fn read(&mut self) -> Result<MadeTrial, String> {
        let streamed: Option<StreamedTrial> = self.process.line("a trial")?;
        let Some(StreamedTrial {
            log_bytes,
            journal,
            manifest,
        }) = streamed
        else {
            let said = self.process.end();
            let problem = format!("runner: it ended {} trials too early", self.left);
            return Err(if said.is_empty() { problem } else { said });
        };
        let headers = manifest.machines.len() as u64 * ROW_BYTES_MAX;
        let bytes = log_bytes
            .iter()
            .fold(0, |sum: u64, &of| sum.saturating_add(of));
        if bytes > self.log_bytes_max.saturating_add(headers)
            || log_bytes.len() != manifest.machines.len()
        {
            let trial = manifest.trial;
            return Err(format!(
                "runner: trial {trial}: expected logs of its {} machines, found {} with {bytes} bytes; are both programs of one version?",
                manifest.machines.len(),
                log_bytes.len()
            ));
        }
        let known = serde_json::to_vec(&manifest).map_err(|error| error.to_string())?;
        self.hash.update(known);
        let mut logs = Vec::with_capacity(log_bytes.len());
        for bytes in log_bytes {
            let log = self.process.log(bytes)?;
            self.hash.update(&log);
            logs.push(log);
        }
        Ok(MadeTrial {
            manifest,
            logs,
            journal,
        })
    }
}

impl Iterator for Stream {
    type Item = Result<MadeTrial, String>;

    /// The next trial; after an error none.
    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        let read = self.read();
        self.left = if read.is_ok() { self.left - 1 } else { 0 };
        Some(read)
    }
}

/// The runner that was built beside this program, or else the one on the path.
fn runner() -> PathBuf {
    let name = format!("runner{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe()
        .ok()
        .and_then(|program| Some(program.parent()?.join(&name)));
    beside
        .filter(|path| path.exists())
        .unwrap_or_else(|| PathBuf::from(name))
}

/// The running runner.
#[derive(Debug)]
struct Process {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
    errors: Option<JoinHandle<String>>,
    /// What it reads; it is gone with the process.
    _faults: Option<NamedTempFile>,
}

impl Process {
    fn start(recipe: &Recipe, options: &[&str], events_max: u64) -> Result<Process, String> {
        let faults = recipe.faults.as_ref().map(faults_file).transpose()?;
        let mut command = Command::new(runner());
        command.args(&recipe.arguments);
        if let Some(file) = &faults {
            command.arg("--faults").arg(file.path());
        }
        command
            .args(options)
            .args(["--stream", "--events-max", &events_max.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // Ctrl-C and what else a terminal sends are for this process: the runner sees it end, and ends.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(|error| {
            format!("runner: {error}; build it first: cargo build --release --bin runner")
        })?;
        let errors = child.stderr.take().map(in_the_background);
        let stdout = child.stdout.take();
        Ok(Process {
            stdout: stdout.map(|stdout| BufReader::with_capacity(1 << 16, stdout)),
            child,
            errors,
            _faults: faults,
        })
    }

    /// The next line as what it is; none at the end of the stream.
    fn line<T: DeserializeOwned>(&mut self, what: &str) -> Result<Option<T>, String> {
        let Some(stdout) = self.stdout.as_mut() else {
            return Ok(None);
        };
        let mut line = Vec::new();
        let read = stdout.take(DOCUMENT_BYTES_MAX).read_until(b'\n', &mut line);
        read.map_err(|error| format!("runner: its stream cannot be read: {error}"))?;
        if line.is_empty() {
            return Ok(None);
        }
        let parsed = serde_json::from_slice(&line);
        parsed.map(Some).map_err(|error| {
            let start = &line[..line.len().min(200)];
            let found = String::from_utf8_lossy(start);
            format!(
                "runner: expected {what}, found `{}`: {error}; are both programs of one version?",
                found.trim_end()
            )
        })
    }

    fn log(&mut self, bytes: u64) -> Result<Vec<u8>, String> {
        let fail = |problem: String| format!("runner: a log of {bytes} bytes: {problem}");
        let mut log = Vec::new();
        let room = usize::try_from(bytes).unwrap_or(usize::MAX);
        let reserved = log.try_reserve_exact(room);
        reserved.map_err(|error| fail(error.to_string()))?;
        if let Some(stdout) = self.stdout.as_mut() {
            let read = stdout.take(bytes).read_to_end(&mut log);
            read.map_err(|error| fail(error.to_string()))?;
        }
        if log.len() as u64 == bytes {
            Ok(log)
        } else {
            Err(fail(format!("it was cut off; {}", self.end())))
        }
    }

    /// Ends the runner and waits for its end; what it said on standard error.
    fn end(&mut self) -> String {
        drop(self.child.stdin.take());
        // A runner that waits for room in the pipe goes on, and finds it closed.
        drop(self.stdout.take());
        // An error means that there is no such process any more.
        let _ = self.child.wait();
        let said = self.errors.take().map(JoinHandle::join);
        let said = said.and_then(Result::ok).unwrap_or_default();
        said.trim().to_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// Faults as a file that the runner reads.
fn faults_file(faults: &Faults) -> Result<NamedTempFile, String> {
    let text = toml::to_string(faults).map_err(|error| format!("its faults: {error}"))?;
    let written = NamedTempFile::new().and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        Ok(file)
    });
    written.map_err(|error| {
        format!(
            "its faults cannot be written for the runner, to {}: {error}",
            std::env::temp_dir().display()
        )
    })
}

/// Reads all that is said, so that nobody waits for room in the pipe.
fn in_the_background(mut errors: ChildStderr) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut said = Vec::new();
        // What could be read is shown.
        let _ = errors.read_to_end(&mut said);
        String::from_utf8_lossy(&said).into_owned()
    })
}
