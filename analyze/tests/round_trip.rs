//! What `analyze export` writes reads back as the same trial: tables as CSV and Parquet, and logs for ShiViz.
//!
//! What a form has no room for: a trial without events has no rows; CSV shows control characters other than line ends and
//! tabs as `·`; of the paths of files, ShiViz's form has the last parts in the lines.

#[path = "common/chance.rs"]
mod chance;
#[path = "common/log.rs"]
mod log;
#[path = "common/simulate.rs"]
mod simulate;

use std::fs;
use std::path::{Path, PathBuf};

use analyze::export::{self, Exporter, csv::Csv, parquet::Parquet, shiviz::Shiviz};
use assert_cmd::Command;
use events::{
    Clock, ClockKind, Dialect, Event, Kind, Machine, ReceiveClock, TimeOrigin, Trial, TrialInfo,
    fixtures,
};
use formats::{Compiled, Inventory, exported, read_all};
use logs::origin::detect;
use polars::prelude::{Column, DataFrame, ParquetWriter};
use proptest::prelude::*;

/// Machines of a random trial.
const MACHINES: usize = 3;

fn clocks() -> impl Strategy<Value = Option<Clock>> {
    let clock = prop_oneof![
        any::<i64>().prop_map(Clock::Lamport),
        (0.0..1e6).prop_map(Clock::Fractional),
        (0u32..1000).prop_map(|value| Clock::Fractional(f64::from(value))),
        prop::collection::vec(0u64..1000, 1..5).prop_map(Clock::Vector),
    ];
    prop::option::of(clock)
}

/// An event as a reader of others' lines makes it.
fn events() -> impl Strategy<Value = Event> {
    let numbers = (any::<Option<i64>>(), any::<Option<u64>>(), any::<u64>());
    let places = (0u32..2, 1u32..99, any::<Option<u32>>());
    let named = (
        prop::option::of(0..MACHINES),
        prop::option::of(prop::collection::btree_set(0..MACHINES, 1..=MACHINES)),
        prop::option::of("[a-z ,:\"'=+@-]{0,12}"),
    );
    let clocks = (clocks(), clocks(), clocks());
    let kind = prop::sample::select(Kind::ALL.to_vec());
    (kind, numbers, places, named, clocks).prop_map(|(kind, numbers, places, named, clocks)| {
        let (time_ns, queue, tick) = numbers;
        let (file, line, position) = places;
        let (from, to, message) = named;
        let to = to.map(|to| to.into_iter().collect());
        Event {
            file,
            time_ns,
            clock: clocks.0,
            clock_before: clocks.1,
            queue,
            from: from.filter(|_| kind == Kind::Receive),
            to: to.filter(|_| kind.sends()),
            position: position.filter(|_| kind == Kind::Send),
            carried: clocks.2,
            message,
            ..Event::new(line, kind, tick)
        }
    })
}

prop_compose! {
    fn trials()(
        names in prop::collection::btree_set("[a-zA-Z =+,-]{1,8}", MACHINES),
        rates in prop::collection::vec(prop::option::of(0.1..9.0), MACHINES),
        events in prop::collection::vec(prop::collection::vec(events(), 0..9), MACHINES),
        origin in prop::sample::select(vec![None, Some(TimeOrigin::Epoch), Some(TimeOrigin::Trial), Some(TimeOrigin::Machine)]),
        after in any::<bool>(),
        strangers in prop::option::of(prop::collection::vec("[a-z]{1,3}", 0..3)),
        logs_missing in any::<bool>(),
        gaps in prop::collection::vec(prop::collection::btree_set(0u32..9, 0..3), MACHINES),
        name in "[a-z =+-]{0,6}",
    ) -> Trial {
        let info = TrialInfo {
            run: "run, 1".to_owned(),
            name,
            dir: PathBuf::from("logs"),
            format: "theirs".to_owned(),
            dialect: Dialect {
                clock: after.then_some(ClockKind::Lamport),
                receive_clock: after.then_some(ReceiveClock::AfterMerge),
                time: origin,
                ..Dialect::default()
            },
            without_log: strangers,
            logs_missing,
            ..TrialInfo::default()
        };
        let machines = names.into_iter().zip(rates).zip(gaps).map(|((name, rate_hz), gaps)| {
            let files = ["a", "b"].map(|file| PathBuf::from(format!("logs/{name}.{file}")));
            Machine {
                gaps: gaps.into_iter().collect(),
                ..Machine::new(name, rate_hz, files.to_vec())
            }
        });
        fixtures::of(info, machines.collect(), events).matched()
    }
}

/// What is read back of a file that these trials were exported to.
fn read_back(trials: &[Trial], form: export::Form) -> Vec<Trial> {
    let dir = tempfile::tempdir().expect("the system has a place for temporary files");
    let path = dir.path().join(format!("trials.{}", form.extension()));
    let to = fs::File::create(&path).expect("a file can be written");
    let mut exporter: Box<dyn Exporter> = match form {
        export::Form::Csv => Box::new(Csv::new(to).expect("it can be written")),
        export::Form::Parquet => Box::new(Parquet::new(to).expect("it can be written")),
        _ => Box::new(Shiviz::new(to)),
    };
    for trial in trials {
        let trial = export::Trial::of(trial.clone());
        exporter.add(&trial).expect("it can be written");
    }
    exporter.finish().expect("it can be written");
    let inventory = Inventory::of(&[path]).expect("a file");
    let found = detect(&inventory).expect("an export");
    assert_eq!(found.name, "exported");
    assert!(
        found.reading.account.unread_logs.is_empty(),
        "{:?}",
        found.reading.notes
    );
    found
        .reading
        .trials
        .into_iter()
        .map(Trial::matched)
        .collect()
}

const FORMS: [export::Form; 3] = [
    export::Form::Csv,
    export::Form::Parquet,
    export::Form::Shiviz,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_trial_of_others_reads_back_as_it_was(first in trials(), second in trials()) {
        let trials: Vec<Trial> = [first, second].into_iter().filter(|trial| !trial.is_empty()).collect();
        prop_assume!(!trials.is_empty());
        for form in [export::Form::Csv, export::Form::Parquet] {
            prop_assert_eq!(&read_back(&trials, form), &trials, "{:?}", form);
        }
        // A single trial has no label in ShiViz's form, and is called after the file.
        let mut read = read_back(&trials, export::Form::Shiviz);
        for (read, trial) in read.iter_mut().zip(&trials) {
            read.info.run.clone_from(&trial.info.run);
            read.info.name.clone_from(&trial.info.name);
        }
        prop_assert_eq!(&read, &trials);
    }

    #[test]
    fn a_trial_of_ours_reads_back_as_it_was(seed in any::<u64>()) {
        let trials: Vec<Trial> = (0..2).map(|at| simulate::trial(seed ^ at).table()).collect();
        prop_assume!(trials.iter().all(|trial| !trial.is_empty()));
        for form in FORMS {
            let mut read = read_back(&trials, form);
            if form == export::Form::Shiviz {
                for (read, trial) in read.iter_mut().zip(&trials) {
                    read.info.run.clone_from(&trial.info.run);
                    read.info.name.clone_from(&trial.info.name);
                }
            }
            prop_assert_eq!(&read, &trials, "{:?}", form);
        }
    }
}

/// What a command writes as JSON of a path.
fn json(dir: &Path, command: &[&str], path: &str) -> serde_json::Value {
    let mut analyze = Command::cargo_bin("analyze").expect("the program is built");
    let analyze = analyze.current_dir(dir).args(command).arg(path);
    let output = analyze
        .args(["--json", "-"])
        .output()
        .expect("the program runs");
    assert_ne!(
        output.status.code(),
        Some(2),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Three machines, messages that are named, and one receive that breaks the clock condition.
fn write_logs(dir: &Path) {
    let logs = [
        (
            "0",
            "100.5 internal clock=1 queue=0\n101.5 send clock=2 to=1\n102.5 send clock=3 to=1 and 2\n",
        ),
        (
            "1",
            "101.0 internal clock=1 queue=0\n102.0 receive clock=3 from=0 carried=2 queue=0\n103.0 receive clock=3 from=0 carried=3 queue=0\n",
        ),
        (
            "2",
            "100.0 internal clock=1 queue=0\n104.0 receive clock=4 from=0 carried=3 queue=0\n",
        ),
    ];
    fs::create_dir(dir.join("logs")).expect("a folder");
    for (machine, text) in logs {
        fs::write(dir.join(format!("logs/machine_{machine}.log")), text).expect("a file");
    }
}

#[test]
fn the_same_laws_are_found_broken_in_what_was_exported() {
    let dir = tempfile::tempdir().expect("the system has a place for temporary files");
    write_logs(dir.path());
    let before = json(dir.path(), &["check"], "logs");
    let violated = |verdicts: &serde_json::Value| -> Vec<serde_json::Value> {
        let laws = verdicts[0]["laws"].as_array().expect("laws").iter();
        laws.map(|law| serde_json::json!([law["law"], law["examined"], law["violated"]]))
            .collect()
    };
    assert!(violated(&before).iter().any(|law| law[2] != 0), "{before}");
    for form in ["csv", "parquet", "shiviz"] {
        let file = format!("exported.{form}");
        let mut analyze = Command::cargo_bin("analyze").expect("the program is built");
        let analyze = analyze.current_dir(dir.path());
        analyze
            .args(["export", "logs", "--to", form, "--out", &file])
            .assert()
            .success();
        let after = json(dir.path(), &["check"], &file);
        assert_eq!(violated(&after), violated(&before), "{form}");
    }
}

#[test]
fn an_export_that_is_cut_is_refused_with_its_line() {
    let dir = tempfile::tempdir().expect("the system has a place for temporary files");
    write_logs(dir.path());
    for (form, file) in [("csv", "cut.csv"), ("shiviz", "cut.shiviz.log")] {
        let mut analyze = Command::cargo_bin("analyze").expect("the program is built");
        let analyze = analyze.current_dir(dir.path());
        analyze
            .args(["export", "logs", "--to", form, "--out", file])
            .assert()
            .success();
        let path = dir.path().join(file);
        let whole = fs::read(&path).expect("the file was written");
        fs::write(&path, &whole[..whole.len() - 5]).expect("it can be written");
        let mut analyze = Command::cargo_bin("analyze").expect("the program is built");
        let output = analyze
            .current_dir(dir.path())
            .args(["check", file])
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(file) && said.contains("cut"), "{said}");
    }
}

#[test]
fn an_export_in_parquet_that_claims_more_than_it_holds_is_refused() {
    let dir = tempfile::tempdir().expect("the system has a place for temporary files");
    let path = dir.path().join("exported.parquet");
    let rows = 3_000_000;
    let marks = ["run", "machine", "line", "kind", "matched", "sent_event"];
    let known = events::exported::COLUMNS.iter();
    let known = known.filter(|column| marks.contains(&column.name));
    let columns = known.map(|column| {
        let zeros = Column::new_scalar(column.name.into(), 0i64.into(), rows);
        zeros.cast(&column.data_type()).expect("zeros of any type")
    });
    let mut frame = DataFrame::new(rows, columns.collect()).expect("a frame");
    let to = fs::File::create(&path).expect("a file can be written");
    ParquetWriter::new(to)
        .finish(&mut frame)
        .expect("it can be written");
    let said = match detect(&Inventory::of(&[path]).expect("a file")) {
        Ok(told) => format!("{:?}", told.reading.notes),
        Err(error) => error.to_string(),
    };
    assert!(said.contains("3000000 rows in a file of"), "{said}");
}

/// Any byte of a table may be another: it is read or refused, and nothing else.
#[test]
fn a_table_in_parquet_that_is_damaged_is_an_error() {
    let mut whole = Vec::new();
    let mut to = Box::new(Parquet::new(&mut whole).expect("it can be written"));
    let lines = "0 send 1 to=1 time=100\n1 receive 2 from=0 carried=1 queue=0";
    let trial = export::Trial::of(fixtures::trial(2, lines));
    to.add(&trial).expect("it can be written");
    to.finish().expect("it can be written");
    let dir = tempfile::tempdir().expect("the system has a place for temporary files");
    let path = dir.path().join("trials.parquet");
    let trials = |bytes: &[u8]| {
        fs::write(&path, bytes).expect("a file can be written");
        let inventory = Inventory::of(std::slice::from_ref(&path)).expect("a file");
        if !exported::are_exports(&inventory) {
            return None;
        }
        let format = Compiled::new(&exported::format()).expect("a format");
        let reading = read_all(&inventory, &format).expect("a plan");
        let refused = !reading.account.unread_logs.is_empty();
        (!refused).then_some(reading.trials.len())
    };
    assert_eq!(trials(&whole), Some(1));
    let mut refused = 0;
    // A prime step comes by pages, headers and footer alike.
    for at in (0..whole.len()).step_by(13) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0xff;
        refused += usize::from(trials(&damaged).is_none());
    }
    assert!(
        refused > whole.len() / 52,
        "{refused} of {}",
        whole.len() / 13
    );
}
