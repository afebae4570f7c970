//! The program `runner`, which makes logs: found beside this program, run as a program of its own.
//!
//! Its runs are scratch runs. The runner keeps the logs in a temporary folder for as long as this process holds the other
//! end of its standard input, and removes them when that closes: because a `ScratchRun` is dropped, or because this
//! process came to any end, even one at which it could do nothing any more.
//!
//! **Invariant.** Nothing is shared with it but options on its command line, the line in which it says where the run
//! lies, and the event log that it writes. It opens no sockets, and has no more events than the budget allows.

pub(crate) mod options;

use std::cell::Cell;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread::JoinHandle;

use serde::Deserialize;

/// How many events runs may have together. What asks for them may be the file of a stranger: a page, a manifest.
#[derive(Debug)]
pub struct EventBudget {
    max: u64,
    used: Cell<u64>,
}

impl EventBudget {
    /// What is allowed unless the user says otherwise: three times what the notebook of this project takes, and at most
    /// eight gigabytes of logs.
    pub const USUAL: u64 = 200_000_000;

    /// A budget of which nothing is used yet.
    pub fn new(max: u64) -> EventBudget {
        EventBudget {
            max,
            used: Cell::new(0),
        }
    }

    fn left(&self) -> u64 {
        self.max.saturating_sub(self.used.get())
    }

    /// Why a run that may have so many events is not made.
    fn exceeded(&self, events: u64) -> String {
        let used = self.used.get();
        let before = match used {
            0 => String::new(),
            used => format!(", of which the runs before it may use {used}"),
        };
        format!(
            "it may have {events} events, and {} are allowed{before}; if you want to run so many, say --events-max {}",
            self.max,
            used.saturating_add(events)
        )
    }

    fn spend(&self, events: u64) {
        self.used.set(self.used.get().saturating_add(events));
    }
}

impl Default for EventBudget {
    fn default() -> EventBudget {
        EventBudget::new(EventBudget::USUAL)
    }
}

/// A run that was made for this process; its logs are gone when the value is dropped.
#[derive(Debug)]
pub(crate) struct ScratchRun {
    folder: PathBuf,
    keeper: Keeper,
}

/// What the runner says of a run.
#[derive(Debug, Deserialize)]
struct Answer {
    /// Where it lies; none if it is too large to be made.
    folder: Option<PathBuf>,
    /// How many events it may have.
    events: u64,
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

/// Makes a run with these arguments of the runner: `trial` or `experiment`, and options other than `--out`.
///
/// # Errors
///
/// What went wrong in words, and what to do: the runner is not there, it failed, or the run is larger than the budget.
pub(crate) fn run(arguments: &[String], budget: &EventBudget) -> Result<ScratchRun, String> {
    let mut keeper = Keeper::start(arguments, budget.left())?;
    match keeper.answer()? {
        None => Err(keeper.end()),
        Some(Answer {
            folder: None,
            events,
        }) => Err(budget.exceeded(events)),
        Some(Answer {
            folder: Some(folder),
            events,
        }) => {
            budget.spend(events);
            Ok(ScratchRun { folder, keeper })
        }
    }
}

impl ScratchRun {
    /// The folder of the run.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Gives the folder of the run another name.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub(crate) fn rename(&mut self, name: &OsStr) -> std::io::Result<()> {
        let named = self.folder.with_file_name(name);
        std::fs::rename(&self.folder, &named)?;
        self.folder = named;
        Ok(())
    }
}

impl Drop for ScratchRun {
    fn drop(&mut self) {
        self.keeper.end();
        // The runner removed it, unless somebody ended the runner. Nobody is left to be told if this fails.
        if let Some(scratch) = self.folder.parent().filter(|folder| folder.exists()) {
            let _ = std::fs::remove_dir_all(scratch);
        }
    }
}

/// The running runner. Dropping its standard input ends it.
#[derive(Debug)]
struct Keeper {
    child: Child,
    errors: Option<JoinHandle<String>>,
}

impl Keeper {
    fn start(arguments: &[String], events_max: u64) -> Result<Keeper, String> {
        let mut command = Command::new(runner());
        command
            .args(arguments)
            .args(["--scratch", "--events-max", &events_max.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // Ctrl-C and what else a terminal sends are for this process: the runner sees it end, and tidies up.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(|error| {
            format!("runner: {error}; build it first: cargo build --release --bin runner")
        })?;
        let errors = child.stderr.take().map(in_the_background);
        Ok(Keeper { child, errors })
    }

    /// Waits until the run is made or refused; none if the runner ends without a word.
    fn answer(&mut self) -> Result<Option<Answer>, String> {
        let Some(stdout) = self.child.stdout.as_mut() else {
            return Ok(None);
        };
        let mut line = String::new();
        let read = BufReader::new(stdout).read_line(&mut line);
        read.map_err(|error| format!("runner: its answer cannot be read: {error}"))?;
        if line.is_empty() {
            return Ok(None);
        }
        let answer = serde_json::from_str(&line);
        answer.map(Some).map_err(|error| {
            format!("runner: expected the folder of a run, found `{}`: {error}; are both programs of one version?", line.trim_end())
        })
    }

    /// Ends the runner, and waits until it has tidied up; what it said on standard error.
    fn end(&mut self) -> String {
        drop(self.child.stdin.take());
        // An error means that there is no such process any more.
        let _ = self.child.wait();
        let said = self.errors.take().map(JoinHandle::join);
        let said = said.and_then(Result::ok).unwrap_or_default();
        said.trim().to_owned()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.end();
    }
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
