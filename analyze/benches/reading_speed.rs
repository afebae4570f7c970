//! How fast a format of regexes is read, against the same patterns in a Python script, in one run.
//!
//! `cargo bench -p analyze --bench reading_speed [-- MEGABYTES]` writes a log of that size, reads it on one processor
//! with [`formats::load`] and with `reading_speed.py`, and fails unless both find the same events. Needs `python3`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use formats::spec::Format;
use formats::{self, Compiled};
use serde::Deserialize;
use statistics::chance::Chance;

const MEGABYTES: u64 = 100;
const MACHINES: u64 = 3;

/// What one reader found, and how long it took.
#[derive(Debug, Deserialize)]
struct Outcome {
    seconds: f64,
    counts: BTreeMap<String, u64>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let megabytes = std::env::args().find_map(|argument| argument.parse().ok());
    let size = megabytes.unwrap_or(MEGABYTES) * 1_000_000;
    let benches = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches");
    let format_file = benches.join("reading_speed.toml");
    let dir = tempfile::tempdir()?;
    let logs: Vec<PathBuf> = (0..MACHINES)
        .map(|machine| dir.path().join(format!("vm_{machine}.log")))
        .collect();
    for (machine, log) in (0..MACHINES).zip(&logs) {
        write_log(log, machine, size / MACHINES)?;
    }
    let bytes = logs
        .iter()
        .map(|log| Ok(fs::metadata(log)?.len()))
        .sum::<Result<u64, std::io::Error>>()?;
    let format = Format::from_toml(&fs::read_to_string(&format_file)?, &format_file)?;
    let ours = read(dir.path(), &format)?;
    let script = Command::new("python3")
        .arg(benches.join("reading_speed.py"))
        .arg(&format_file)
        .args(&logs)
        .output()?;
    let theirs: Outcome = serde_json::from_slice(&script.stdout)
        .map_err(|error| format!("{error}: {}", String::from_utf8_lossy(&script.stderr)))?;
    if ours.counts != theirs.counts {
        return Err(format!(
            "analyze found {:?}, the script {:?}",
            ours.counts, theirs.counts
        )
        .into());
    }
    let speed = |outcome: &Outcome| bytes as f64 / 1e6 / outcome.seconds;
    let events: u64 = ours.counts.values().sum();
    println!(
        "{:.1} MB, {events} events, found by both",
        bytes as f64 / 1e6
    );
    println!("analyze      {:8.1} MB/s", speed(&ours));
    println!("Python's re  {:8.1} MB/s", speed(&theirs));
    println!("ratio        {:8.1}", speed(&ours) / speed(&theirs));
    Ok(())
}

/// Reads the folder with a format.
fn read(dir: &Path, format: &Format) -> Result<Outcome, Box<dyn Error>> {
    let compiled = Compiled::new(format)?;
    let started = Instant::now();
    let plan = formats::plan(&formats::Inventory::of(&[dir.to_owned()])?, &compiled)?;
    let kinds = ["internal", "send", "broadcast", "receive"];
    let mut counts: BTreeMap<String, u64> = kinds.map(|kind| (kind.to_owned(), 0)).into();
    for trial in &plan.trials {
        let loaded = formats::load(trial, &compiled);
        let machines = loaded.trials.iter().flat_map(|trial| &trial.machines);
        for kind in machines.flat_map(|machine| machine.rows.kinds()) {
            *counts.entry(kind.word().to_owned()).or_default() += 1;
        }
    }
    Ok(Outcome {
        seconds: started.elapsed().as_secs_f64(),
        counts,
    })
}

/// Writes about this many bytes of a machine's log, the same every time.
fn write_log(path: &Path, machine: u64, size: u64) -> std::io::Result<()> {
    let mut to = BufWriter::new(File::create(path)?);
    let (mut written, mut clock, mut tick, mut dice) = (0, 0, 0_u64, Chance::new(machine));
    while written < size {
        let die = dice.bits() >> 33;
        tick += 1;
        clock += 1 + die % 3;
        let (seconds, micros) = (1_708_941_603 + tick / 6, tick % 6 * 166_667 + die % 1000);
        let peer = (machine + 1 + die % 2) % MACHINES;
        let what = match die / 8 % 10 {
            0..4 => format!("recv from {peer} | lc {clock} | queue {}", die % 7),
            4 | 5 => format!("send to {peer} | lc {clock}"),
            6 => format!("send to all | lc {clock}"),
            _ => format!("internal | lc {clock}"),
        };
        let line = format!("[{seconds}.{micros:06}] vm {machine} | {what}\n");
        to.write_all(line.as_bytes())?;
        written += line.len() as u64;
    }
    to.flush()
}
