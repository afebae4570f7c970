//! Runs `analyze` within limits of processor time and memory, and sees it through whatever it does.

use std::fs::{self, File};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Memory that a program may ask for, KiB of address space. At rest it takes less than a tenth of that, so this is nearly
/// the memory in use, and never less.
const MEMORY_KIB: u64 = 1024 * 1024;
/// A program that takes no processor time for so long, and waits for none, waits for something that never comes.
const ASLEEP: Duration = Duration::from_secs(10);
/// Where the system does not say what a program does: the whole time after which it is given up.
const GIVEN_UP: Duration = Duration::from_secs(300);

/// What became of a program.
pub(crate) struct Outcome {
    pub(crate) end: End,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    /// By itself, with an exit code.
    Code(i32),
    /// By a signal.
    Signal(i32),
    /// Not by itself: it slept, and was killed.
    Asleep,
}

/// A program, and the processor time that it may take, seconds; beyond it the system kills it.
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) processor_s: u64,
}

/// Runs a program in a folder; what it says goes through files in another, so that no full pipe can hold it up.
pub(crate) fn run(program: &Program, arguments: &[&str], folder: &Path, scratch: &Path) -> Outcome {
    let time = format!("ulimit -t {}", program.processor_s);
    let memory = format!("ulimit -v {MEMORY_KIB}");
    let limits = format!("{time}; {memory}; ulimit -c 0; exec \"$0\" \"$@\"");
    let (stdout, stderr) = (scratch.join("stdout"), scratch.join("stderr"));
    let file = |path| File::create(path).expect("a file can be made");
    let child = Command::new("sh")
        .args(["-c", &limits])
        .arg(&program.path)
        .args(arguments)
        .current_dir(folder)
        // What it leaves there goes with the case.
        .env("TMPDIR", scratch)
        .stdin(Stdio::null())
        .stdout(file(&stdout))
        .stderr(file(&stderr))
        .process_group(0)
        .spawn()
        .expect("a shell starts");
    let end = await_end(child);
    let read = |path| fs::read(path).expect("a file of ours");
    Outcome {
        end,
        stdout: read(&stdout),
        stderr: read(&stderr),
    }
}

fn await_end(mut child: Child) -> End {
    let started = Instant::now();
    let mut pause = Duration::from_millis(1);
    let mut seen = (Activity::default(), started);
    loop {
        if let Some(status) = child.try_wait().expect("a child of ours") {
            let end = end_of(status);
            if let End::Signal(_) = end {
                // It had no time to end what it had started.
                kill_group(child.id());
            }
            return end;
        }
        if pause >= Duration::from_millis(100) {
            let now = Activity::of_group(child.id());
            if !seen.0.is_known || now.awake || now.ticks != seen.0.ticks {
                seen = (now, Instant::now());
            }
        }
        let limit = match seen.0.is_known {
            true => ASLEEP,
            false => GIVEN_UP,
        };
        if seen.1.elapsed() > limit {
            kill_group(child.id());
            child.wait().expect("a child of ours");
            return End::Asleep;
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(100));
    }
}

fn end_of(status: ExitStatus) -> End {
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Code(code),
        (None, signal) => End::Signal(signal.unwrap_or(0)),
    }
}

fn kill_group(leader: u32) {
    let group = format!("-{leader}");
    // It may have ended in this moment.
    let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
}

/// What a group of processes does.
#[derive(Debug, Clone, Copy, Default)]
struct Activity {
    /// Whether the system says.
    is_known: bool,
    /// Whether one of them runs, wants to run, or waits for a disk.
    awake: bool,
    /// Processor time of all, in ticks of the system.
    ticks: u64,
}

impl Activity {
    /// From `/proc`, which only Linux has.
    fn of_group(leader: u32) -> Activity {
        let mut activity = Activity::default();
        let Ok(processes) = fs::read_dir("/proc") else {
            return activity;
        };
        for process in processes.flatten() {
            let Ok(stat) = fs::read_to_string(process.path().join("stat")) else {
                continue;
            };
            // Behind the name, which may hold anything: state, parent, group, …
            let Some((_, rest)) = stat.rsplit_once(") ") else {
                continue;
            };
            let fields: Vec<&str> = rest.split(' ').collect();
            let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
            if number(2) == Some(leader.into()) {
                activity.is_known = true;
                activity.awake |= matches!(fields[0], "R" | "D");
                activity.ticks += number(11).unwrap_or(0) + number(12).unwrap_or(0);
            }
        }
        activity
    }
}
