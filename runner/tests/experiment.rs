//! Experiments: several conditions in one run, and what an interruption leaves of it.

mod common;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use common::{Lab, Running, signal, sorted_entries, text, wait_until};
use event_log::{Driver, Status, TrialManifest, layout};
use serde_json::Value;

const SWEEP: &str = "count = 5\nseed = 7\n[base]\nduration = '10s'\nrates = [1, 3, 6]\n\
    [grid]\ninternal = [0.1, 0.5]\ndrain = ['one', 'all']\n";
const SWEEP_TRIALS: usize = 20;

/// A place for an experiment's file and its runs.
struct Bench {
    lab: Lab,
    file: PathBuf,
    files: tempfile::TempDir,
}

impl Bench {
    fn new(experiment: &str) -> Bench {
        let files = tempfile::tempdir().expect("a temporary folder");
        let file = files.path().join("sweep.toml");
        fs::write(&file, experiment).expect("a file");
        Bench {
            lab: Lab::new(),
            file,
            files,
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_runner"));
        command
            .arg("experiment")
            .args(arguments)
            .env_remove("CARGO")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the file in a new run folder.
    fn fresh(&self, flags: &str) -> Command {
        let mut command = self.command(&[]);
        command
            .arg(&self.file)
            .args(flags.split_whitespace())
            .arg("--out")
            .arg(self.lab.out.path());
        command
    }

    /// Runs it to its end, which must be a good one; returns its folder.
    fn whole(&self, flags: &str) -> PathBuf {
        let known = self.lab.runs();
        let output = self.fresh(flags).output().expect("runner starts");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let mut new = self.lab.runs();
        new.retain(|run| !known.contains(run));
        assert_eq!(new.len(), 1, "one run, one folder");
        new.remove(0)
    }

    fn resume(&self, run: &Path, flags: &str) -> Output {
        let mut command = self.command(&["--resume"]);
        command.arg(run).args(flags.split_whitespace());
        command.output().expect("runner starts")
    }
}

/// Every file of the trials of a run, by its path in the run.
fn trial_files(run: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for folder in trial_folders(run) {
        for file in sorted_entries(&folder) {
            let name = file.strip_prefix(run).expect("below the run");
            files.insert(name.display().to_string(), fs::read(&file).expect("a file"));
        }
    }
    files
}

fn name(path: &Path) -> String {
    let name = path.file_name().expect("a name");
    name.to_string_lossy().into_owned()
}

fn trial_folders(run: &Path) -> Vec<PathBuf> {
    let mut folders = sorted_entries(run);
    folders.retain(|folder| layout::trial_number(&name(folder)).is_some());
    folders
}

/// Names of the folders that a resumption set aside.
fn set_aside(run: &Path) -> Vec<String> {
    let names = sorted_entries(run).into_iter().map(|path| name(&path));
    names.filter(|name| name.starts_with('.')).collect()
}

fn manifest(folder: &Path) -> TrialManifest {
    let text = fs::read_to_string(folder.join(layout::TRIAL_FILE)).expect("trial.json");
    serde_json::from_str(&text).expect("a manifest")
}

fn run_json(run: &Path) -> Value {
    let text = fs::read_to_string(run.join(layout::RUN_FILE)).expect("run.json");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn one_run_holds_all_conditions_interleaved() {
    let bench = Bench::new(SWEEP);
    let run = bench.whole("--virtual");
    assert!(name(&run).ends_with("-sweep"), "{}", run.display());
    assert_eq!(run_json(&run)["config"]["count"], SWEEP_TRIALS);
    let folders = trial_folders(&run);
    assert_eq!(folders.len(), SWEEP_TRIALS);
    let conditions: Vec<String> = folders
        .iter()
        .map(|folder| {
            let manifest = manifest(folder);
            assert_eq!(manifest.status, Status::Complete);
            serde_json::to_string(&manifest.condition).expect("plain data")
        })
        .collect();
    let mut orders = Vec::new();
    for block in conditions.chunks(4) {
        let mut sorted = block.to_vec();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), 4, "a block is one trial of each condition");
        orders.push(block);
    }
    orders.dedup();
    assert!(orders.len() > 1, "blocks differ in their order");
}

#[test]
fn virtual_trials_are_the_same_whatever_the_number_of_threads_and_from_the_record() {
    let bench = Bench::new(SWEEP);
    let first = bench.whole("--virtual --jobs 1");
    let expected = trial_files(&first);
    assert_eq!(expected.len(), SWEEP_TRIALS * 5);
    let second = bench.whole("--virtual --jobs 5");
    assert!(trial_files(&second) == expected);
    let refused = bench.lab.run(&format!(
        "--config {}",
        first.join(layout::RUN_FILE).display()
    ));
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("runner experiment"));
    let record = Bench {
        file: first.join(layout::RUN_FILE),
        lab: Lab::new(),
        files: tempfile::tempdir().expect("a temporary folder"),
    };
    let third = record.whole("");
    assert!(trial_files(&third) == expected);
    assert_eq!(run_json(&third)["config"]["name"], "sweep");
}

#[test]
fn a_resumed_run_is_the_uninterrupted_one() {
    let bench = Bench::new(SWEEP);
    let expected = trial_files(&bench.whole("--virtual"));
    let run = bench.whole("--virtual");
    let kept_time = fs::metadata(run.join("trial-000/machine-0.csv"))
        .and_then(|metadata| metadata.modified())
        .expect("a file");
    // What a killed process leaves: a trial under way, one without a manifest, one that lost a log, others not begun.
    let folders = trial_folders(&run);
    let file = folders[3].join(layout::TRIAL_FILE);
    let running = fs::read_to_string(&file)
        .expect("trial.json")
        .replace("\"complete\"", "\"running\"");
    fs::write(&file, running).expect("written");
    fs::remove_file(folders[5].join(layout::TRIAL_FILE)).expect("removed");
    fs::remove_file(folders[7].join("machine-1.csv")).expect("removed");
    for folder in &folders[12..] {
        fs::remove_dir_all(folder).expect("removed");
    }

    let output = bench.resume(&run, "--jobs 3 --format json");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(trial_files(&run) == expected, "{said}");
    let aside = [3, 5, 7].map(|trial| format!(".trial-{trial:03}.interrupted-1"));
    assert_eq!(set_aside(&run), aside);
    for folder in &aside {
        assert!(said.contains(folder), "`{folder}` in {said}");
        assert!(run.join(folder).join("machine-0.csv").is_file(), "kept");
    }
    let summary: Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert_eq!(summary["kept"], 9);
    assert_eq!(summary["count"], SWEEP_TRIALS);
    assert_eq!(summary["conditions"][3]["complete"], 5);
    let time = fs::metadata(run.join("trial-000/machine-0.csv"))
        .and_then(|metadata| metadata.modified())
        .expect("a file");
    assert_eq!(time, kept_time, "a finished trial is not repeated");

    // Once more, on a run that lacks nothing; and a second failure of the same trial gets its own name.
    let output = bench.resume(&run, "");
    assert!(text(&output.stdout).contains("20 of 20 trials complete, 20 of them kept"));
    fs::remove_file(run.join("trial-003/machine-2.csv")).expect("removed");
    let output = bench.resume(&run, "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(set_aside(&run)[1], ".trial-003.interrupted-2");
    assert!(trial_files(&run) == expected);
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_a_run_that_its_own_command_completes() {
    let bench = Bench::new(
        "count = 15\nseed = 3\n[base]\nrates = [1, 3, 6]\nduration = '15m'\n[grid]\nsides = [10, 30]\n",
    );
    let running = Running::start(&mut bench.fresh("--virtual --jobs 1"));
    wait_until("a trial is complete", || {
        bench.lab.runs().first().is_some_and(|run| {
            let file = run.join("trial-000").join(layout::TRIAL_FILE);
            fs::read_to_string(file).is_ok_and(|text| text.contains("\"complete\""))
        })
    });
    signal("INT", running.id());
    let output = running.wait();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let run = bench.lab.runs().remove(0);
    let folders = trial_folders(&run);
    assert!(folders.len() < 30, "it was interrupted");
    let said = text(&output.stdout);
    let line = format!("to go on: runner experiment --resume {}\n", run.display());
    assert!(said.contains(&line), "`{line}` in {said}");
    let complete = folders
        .iter()
        .filter(|folder| manifest(folder).status == Status::Complete)
        .count();
    let output = bench.resume(&run, "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let line = format!("30 of 30 trials complete, {complete} of them kept from before");
    let said = text(&output.stdout);
    assert!(said.contains(&line), "`{line}` in {said}");
    assert!(trial_files(&run) == trial_files(&bench.whole("--virtual")));
}

#[test]
fn both_drivers_share_one_run() {
    let bench = Bench::new(
        "count = 2\n[base]\nrates = [2, 4, 6]\nduration = '20s'\nspeed = 40\nlatency = '2ms'\n[grid]\ndesign = ['mesh', 'hub']\n",
    );
    let run = bench.whole("--both");
    let manifests: Vec<TrialManifest> = trial_folders(&run)
        .iter()
        .map(|folder| manifest(folder))
        .collect();
    assert_eq!(manifests.len(), 8);
    let on = |driver| {
        let on_driver = |manifest: &&TrialManifest| manifest.condition.driver == driver;
        manifests.iter().filter(on_driver).count()
    };
    assert_eq!((on(Driver::Sockets), on(Driver::Virtual)), (4, 4));
    assert_eq!(
        run_json(&run)["driver"],
        "sockets",
        "not repeatable as a whole"
    );

    // A trial on sockets that is lost is run again. Where the others listened, machines or hub, was no part of the plan.
    let lost = manifests
        .iter()
        .position(|manifest| manifest.condition.driver == Driver::Sockets)
        .expect("four of them");
    let folder = &trial_folders(&run)[lost];
    fs::remove_file(folder.join("machine-2.csv")).expect("removed");
    let output = bench.resume(&run, "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(set_aside(&run).len(), 1);
    assert!(folder.join("machine-2.csv").is_file());
}

#[test]
fn what_was_not_planned_is_not_resumed_and_nothing_is_renamed() {
    let bench = Bench::new(SWEEP);
    let run = bench.whole("--virtual");
    fs::remove_file(run.join("trial-001/machine-1.csv")).expect("removed");
    let trial = run.join("trial-004").join(layout::TRIAL_FILE);
    let original = fs::read_to_string(&trial).expect("trial.json");
    let refused = |expected: &[&str]| {
        let output = bench.resume(&run, "");
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stderr);
        for word in expected {
            assert!(said.contains(word), "`{word}` in {said}");
        }
        assert_eq!(set_aside(&run), Vec::<String>::new());
    };
    for (from, to) in [
        ("\"seed\": 7", "\"seed\": 8"),
        ("10000000000", "20000000000"),
    ] {
        let edited = original.replace(from, to);
        assert_ne!(edited, original);
        fs::write(&trial, edited).expect("written");
        refused(&["trial-004", "another condition"]);
    }
    fs::write(&trial, &original).expect("written");

    let stranger = run.join("trial-020");
    fs::create_dir(&stranger).expect("a folder");
    refused(&["trial-020", "20 trials"]);
    fs::remove_dir(&stranger).expect("removed");

    let held = File::open(run.join(layout::RUN_FILE)).expect("run.json");
    held.lock().expect("nobody else holds it");
    refused(&["another runner"]);
    drop(held);

    let record = run.join(layout::RUN_FILE);
    let original = fs::read_to_string(&record).expect("run.json");
    let edited = original.replace("\"count\": 20", "\"count\": 24");
    assert_ne!(edited, original);
    fs::write(&record, edited).expect("written");
    refused(&["run.json", "config.count", "24"]);
    fs::write(&record, original).expect("written");
    let output = bench.resume(&run, "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn wrong_files_and_folders_are_refused_before_anything_starts() {
    let bench = Bench::new("[grid]\ninternal = [0.5, 2]\n");
    let trial = bench.lab.run("--virtual --count 1 --duration 1s");
    assert!(trial.status.success(), "{}", text(&trial.stderr));
    let run = bench.lab.runs().remove(0);
    let record = run.join(layout::RUN_FILE);
    let missing = bench.files.path().join("nowhere.toml");
    let cases: [(Vec<&Path>, &str); 5] = [
        (vec![&bench.file], "internal 2"),
        (vec![&missing], "nowhere.toml"),
        (vec![&run], "--resume"),
        (vec![&record], "runner trial --config"),
        (vec![Path::new("--resume"), &run], "runner trial --config"),
    ];
    for (arguments, expected) in cases {
        let mut command = bench.command(&[]);
        let output = command.args(&arguments).output().expect("runner starts");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.contains(expected), "`{expected}` in {said}");
    }
    assert_eq!(bench.lab.runs(), [run], "nothing was begun");
}
