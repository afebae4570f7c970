//! Exports of random correct trials, judged from the outside: vector clocks by who could know what, Parquet by its own
//! reader; and the command as it is typed.

#[path = "common/chance.rs"]
mod chance;
mod fixtures;
#[path = "common/log.rs"]
mod log;
#[path = "common/simulate.rs"]
mod simulate;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use analyze::export::csv::Csv;
use analyze::export::parquet::Parquet;
use analyze::export::shiviz::Shiviz;
use analyze::export::{Exporter, Trial};
use assert_cmd::Command;
use event_log::MachineId;
use fixtures::{Copy, two_machines};
use log::{EventKind, TrialLog};
use polars::prelude::{AnyValue, DataFrame, ParquetReader, SerReader as _};
use proptest::prelude::*;

/// An event: position of its machine, and its own among the machine's.
type At = (usize, usize);

/// What every event can know of, found by walking back from it over rows and messages.
fn knowledge(log: &TrialLog) -> BTreeMap<At, BTreeSet<At>> {
    let position = |id: MachineId| {
        log.machines
            .iter()
            .position(|machine| machine.entry.id == id)
    };
    let mut known = BTreeMap::new();
    for (machine, of) in log.machines.iter().enumerate() {
        for event in 0..of.rows.len() {
            let mut seen = BTreeSet::new();
            let mut open = vec![(machine, event)];
            while let Some((machine, event)) = open.pop() {
                if !seen.insert((machine, event)) {
                    continue;
                }
                open.extend(event.checked_sub(1).map(|before| (machine, before)));
                let rows = &log.machines[machine].rows;
                if rows.event[event] == EventKind::Receive {
                    let sender = rows.peer[event].and_then(position).expect("a sender");
                    let sends = &log.machines[sender].rows;
                    let is_send = |&at: &usize| {
                        sends.tick[at] == rows.sent_tick[event]
                            && matches!(sends.event[at], EventKind::Send | EventKind::Broadcast)
                    };
                    let send = (0..sends.len()).find(is_send).expect("a send");
                    open.push((sender, send));
                }
            }
            known.insert((machine, event), seen);
        }
    }
    known
}

/// The clocks of a ShiViz log: of each host, in the order of the file.
fn clocks(text: &str) -> BTreeMap<String, Vec<BTreeMap<String, u64>>> {
    let mut clocks: BTreeMap<String, Vec<BTreeMap<String, u64>>> = BTreeMap::new();
    let lines: Vec<&str> = text.lines().skip(2).collect();
    for event in lines.chunks(2) {
        let (host, clock) = event[0].split_once(' ').expect("a host and its clock");
        assert!(!event[1].is_empty(), "an event without a text");
        let clock = serde_json::from_str(clock).expect("a JSON object");
        clocks.entry(host.to_owned()).or_default().push(clock);
    }
    clocks
}

/// A trial as it is exported.
fn trial(log: &TrialLog) -> Trial {
    Trial::of(log.table())
}

/// What an exporter writes of some trials.
fn bytes_of<'a>(
    trials: &[Trial],
    exporter: impl FnOnce(&'a mut Vec<u8>) -> Box<dyn Exporter + 'a>,
    bytes: &'a mut Vec<u8>,
) {
    let mut to = exporter(bytes);
    for trial in trials {
        to.add(trial).expect("memory can be written");
    }
    to.finish().expect("memory can be written");
}

fn parquet(bytes: Vec<u8>) -> DataFrame {
    let reader = ParquetReader::new(std::io::Cursor::new(bytes));
    reader.finish().expect("Parquet")
}

fn written(trial: &Trial) -> String {
    let mut bytes = Vec::new();
    let mut to = Box::new(Shiviz::new(&mut bytes));
    to.add(trial).expect("memory can be written");
    to.finish().expect("memory can be written");
    String::from_utf8(bytes).expect("text")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn shiviz_clocks_say_who_could_know_what(seed in any::<u64>()) {
        let log = simulate::trial(seed);
        let clocks = clocks(&written(&trial(&log)));
        let names: Vec<&str> = log.machines.iter().map(|machine| machine.entry.name.as_str()).collect();
        for ((machine, event), known) in knowledge(&log) {
            let clock = &clocks[names[machine]][event];
            prop_assert_eq!(clock[names[machine]], event as u64 + 1);
            for (other, name) in names.iter().enumerate() {
                let of_other = known.iter().filter(|at| at.0 == other).count() as u64;
                prop_assert_eq!(clock.get(*name).copied().unwrap_or(0), of_other, "{} {}", machine, event);
            }
            prop_assert!(clock.values().all(|&known| known > 0));
        }
    }

    #[test]
    fn parquet_holds_what_csv_holds(seed in any::<u64>()) {
        let trials: Vec<Trial> = (0..2).map(|at| trial(&simulate::trial(seed ^ at))).collect();
        let (mut csv, mut columns) = (Vec::new(), Vec::new());
        bytes_of(&trials, |to| Box::new(Csv::new(to).expect("memory can be written")), &mut csv);
        bytes_of(&trials, |to| Box::new(Parquet::new(to).expect("memory can be written")), &mut columns);
        let mut reader = csv::Reader::from_reader(csv.as_slice());
        let header = reader.headers().expect("a header").clone();
        let records: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("CSV");
        let frame = parquet(columns);
        let names: Vec<&str> = frame.get_column_names().into_iter().map(|name| name.as_str()).collect();
        prop_assert_eq!(names, header.iter().collect::<Vec<_>>());
        for (position, column) in frame.columns().iter().enumerate() {
            for (row, record) in records.iter().enumerate() {
                let expected = &record[position];
                match column.get(row).expect("a row") {
                    AnyValue::Null => prop_assert_eq!(expected, ""),
                    AnyValue::String(text) => prop_assert_eq!(expected, text),
                    AnyValue::Float64(value) => prop_assert_eq!(expected.parse(), Ok(value)),
                    whole => prop_assert_eq!(expected, whole.to_string()),
                }
            }
        }
        let events: usize = trials.iter().map(|trial| trial.table.len()).sum();
        prop_assert_eq!((frame.height(), records.len()), (events, events));
    }
}

struct Run {
    code: Option<i32>,
    stdout: Vec<u8>,
    stderr: String,
}

fn export(folder: &Path, logs: &Path, arguments: &[&str]) -> Run {
    let mut command = Command::cargo_bin("analyze").expect("the program is built");
    let command = command.current_dir(folder).arg("export").arg(logs);
    let output = command.args(arguments).output().expect("the program runs");
    Run {
        code: output.status.code(),
        stdout: output.stdout,
        stderr: String::from_utf8(output.stderr).expect("text"),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_is_called_after_the_logs_and_never_lost() {
    let dir = tempfile::tempdir().expect("the system has a place for temporary files");
    let logs = two_machines();
    for (form, file) in [
        ("csv", "two-machines.csv"),
        ("parquet", "two-machines.parquet"),
        ("shiviz", "two-machines.shiviz.log"),
        ("chrome-trace", "two-machines.trace.json"),
    ] {
        let run = export(dir.path(), &logs, &["--to", form]);
        assert_eq!((run.code, run.stdout.len()), (Some(0), 0), "{}", run.stderr);
        assert!(run.stderr.contains(file), "{}", run.stderr);
        let before = std::fs::read(dir.path().join(file)).expect("the file was written");
        std::fs::write(dir.path().join(file), "mine").expect("it can be written");
        let again = export(dir.path(), &logs, &["--to", form]);
        assert_eq!(again.code, Some(2));
        assert!(again.stderr.contains("--force"), "{}", again.stderr);
        let text = std::fs::read(dir.path().join(file)).expect("the file is there");
        assert_eq!(text, b"mine");
        let forced = export(dir.path(), &logs, &["--to", form, "--force"]);
        assert_eq!(forced.code, Some(0), "{}", forced.stderr);
        let after = std::fs::read(dir.path().join(file)).expect("the file was written");
        assert_eq!(after, before);
    }
    assert_eq!(names(dir.path()).len(), 4, "nothing else is left");
}

#[test]
fn a_folder_has_a_file_for_each_trial_and_a_trial_can_be_chosen() {
    let dir = tempfile::tempdir().expect("the system has a place for temporary files");
    let run = export(
        dir.path(),
        &two_machines(),
        &["--to", "csv", "--out", "each/"],
    );
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(
        names(&dir.path().join("each")),
        ["two-machines-trial-000.csv", "two-machines-trial-001.csv"]
    );
    let one = export(
        dir.path(),
        &two_machines(),
        &["--to", "csv", "--trial", "1", "--out", "-"],
    );
    let file = std::fs::read(dir.path().join("each/two-machines-trial-001.csv"));
    assert_eq!(one.stdout, file.expect("the file was written"));
    let none = export(
        dir.path(),
        &two_machines(),
        &["--to", "csv", "--trial", "9"],
    );
    assert_eq!(none.code, Some(2));
    assert!(
        none.stderr.contains("trial-000, trial-001"),
        "{}",
        none.stderr
    );
}

#[test]
fn damaged_logs_are_exported_and_told() {
    let copy = Copy::new();
    copy.replace("trial-000/trial.json", "\"complete\"", "\"running\"");
    let text = copy.read("trial-000/machine-0.csv");
    copy.write("trial-000/machine-0.csv", text.trim_end().as_bytes());
    let dir = tempfile::tempdir().expect("the system has a place for temporary files");
    let run = export(dir.path(), &copy.run, &["--to", "parquet", "--out", "-"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("a truncated row"), "{}", run.stderr);
    assert!(run.stderr.contains("still running"), "{}", run.stderr);
    assert_eq!(run.stdout.get(..4), Some(&b"PAR1"[..]));
    assert_eq!(parquet(run.stdout).height(), 23);
}
