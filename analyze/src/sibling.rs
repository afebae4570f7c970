//! The program `runner`, which makes logs: found beside this program, run as a program of its own.
//!
//! **Invariant.** Nothing is shared with it but options on its command line and the event log that it writes.

use std::path::{Path, PathBuf};
use std::process::Command;

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

/// Runs the runner with these arguments and `--out`; the folder of the one run that it made there.
///
/// # Errors
///
/// What went wrong in words, and what to do: it is not there, it failed, or it made something else than one run.
pub(crate) fn run(arguments: &[String], out: &Path) -> Result<PathBuf, String> {
    let mut command = Command::new(runner());
    let output = command.args(arguments).arg("--out").arg(out).output();
    let output = output.map_err(|error| {
        format!("runner: {error}; build it first: cargo build --release --bin runner")
    })?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let made = std::fs::read_dir(out).map_err(|error| format!("{}: {error}", out.display()))?;
    let mut made = made
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir());
    match (made.next(), made.next()) {
        (Some(run), None) => Ok(run),
        _ => Err(format!(
            "{}: expected one run, as the runner makes",
            out.display()
        )),
    }
}
