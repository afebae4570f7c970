//! Trials of the chat service: what is typed, what is printed, what is left behind.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use common::{Running, signal, sorted_entries, text, wait_until};
use event_log::chat::{ChatTrialManifest, ClientRow, ServerRow, TrialSummary, Verdict};
use event_log::{Faults, ManifestHead, Record, Row, System, layout};
use serde_json::Value;
use tempfile::TempDir;

const STORM: &str = "\
[[storm]]
do = [\"kill\", \"pause\"]
target = \"any\"
every = \"4s\"
for = \"0.5s..3s\"
most = 2
";

/// One server is cut off for longer than a suspicion while clients go on.
const PARTITION: &str = "\
[[fault]]
at = \"4s\"
do = \"hold\"
target = \"link 0-all\"
for = \"8s\"

[[fault]]
at = \"6s\"
do = \"pause\"
target = \"client 1\"
for = \"1s\"
";

/// A folder for runs, which are started in it.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Bench {
        let folder = TempDir::new().expect("a temporary folder");
        fs::write(folder.path().join("storm.toml"), STORM).expect("a file");
        fs::write(folder.path().join("partition.toml"), PARTITION).expect("a file");
        Bench { folder }
    }

    /// Runs a command line as it is typed, with `runner` in front.
    fn type_in(&self, line: &str) -> Output {
        self.command(line).output().expect("runner starts")
    }

    fn command(&self, line: &str) -> Command {
        let words = line.strip_prefix("runner ").expect(line).split_whitespace();
        let mut command = Command::new(env!("CARGO_BIN_EXE_runner"));
        command
            .args(words)
            .current_dir(self.folder.path())
            .env_remove("CARGO")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Folders of runs, the oldest first.
    fn runs(&self, out: &str) -> Vec<PathBuf> {
        sorted_entries(&self.path(out))
    }

    fn summary(&self, out: &str) -> String {
        let run = self.runs(out).pop().expect("a run");
        fs::read_to_string(run.join(layout::SUMMARY_FILE)).expect("a summary")
    }
}

fn rows(summary: &str) -> Vec<TrialSummary> {
    let mut lines = summary.lines();
    assert_eq!(lines.next(), Some(TrialSummary::HEADER));
    lines
        .map(|line| TrialSummary::decode_line(line).expect(line))
        .collect()
}

/// Rows of a log, which has some.
fn log<E: Row>(path: &Path) -> usize {
    let text = fs::read_to_string(path).expect("a log");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(E::HEADER));
    let rows = lines.map(|line| Record::<E>::decode_line(line).expect(line));
    rows.count()
}

#[test]
fn trials_are_the_same_whatever_the_number_of_threads() {
    let bench = Bench::new();
    let options = "--virtual --seed 7 --count 50 --clients 4 --duration 8s --faults storm.toml";
    for (out, jobs) in [("one", 1), ("two", 2)] {
        let line = format!("runner chat trial {options} --keep-going --jobs {jobs} --out {out}");
        let output = bench.type_in(&line);
        assert_ne!(output.status.code(), Some(2), "{}", text(&output.stderr));
    }
    let summary = bench.summary("one");
    assert_eq!(summary, bench.summary("two"));
    let rows = rows(&summary);
    assert_eq!(rows.len(), 50);
    assert!(
        rows.iter()
            .all(|row| row.lost + row.duplicated + row.reordered == 0)
    );
    assert!(rows.iter().map(|row| row.acknowledged).sum::<u64>() > 1000);
    assert!(rows.iter().map(|row| row.faults).sum::<u64>() > 50);
}

#[test]
fn a_run_says_what_became_of_messages_in_a_table_and_in_json() {
    let bench = Bench::new();
    let line = "runner chat trial --virtual --seed 3 --count 2 --clients 3 --duration 20s --tolerate partitions --json report.json";
    let output = bench.type_in(line);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let table = text(&output.stdout);
    for words in [
        "acknowledged",
        "lost though",
        "passed: 2 trials",
        "longest wait",
    ] {
        assert!(table.contains(words), "{words}: {table}");
    }
    let report = fs::read_to_string(bench.path("report.json")).expect("a report");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["format_version"], 1);
    assert_eq!(report["verdict"], "passed");
    assert_eq!(report["condition"]["tolerate"], "partitions");
    let rows = rows(&bench.summary("logs"));
    let acknowledged: u64 = rows.iter().map(|row| row.acknowledged).sum();
    assert!(acknowledged > 50, "{acknowledged}");
    assert_eq!(report["ledger"]["acknowledged"], acknowledged);
    assert_eq!(report["ledger"]["lost"], 0);
    assert_eq!(report["failures"], Value::Array(Vec::new()));

    let again = bench.type_in(&format!(
        "{} -",
        line.strip_suffix(" report.json").expect("a file")
    ));
    let printed: Value = serde_json::from_slice(&again.stdout).expect("JSON alone");
    assert_eq!(printed["ledger"], report["ledger"]);
    assert!(text(&again.stderr).contains("passed: 2 trials"));

    let run = bench.runs("logs").remove(0);
    let manifest = fs::read_to_string(run.join(layout::RUN_FILE)).expect("a manifest");
    let head: ManifestHead = serde_json::from_str(&manifest).expect("a head");
    assert_eq!((head.format_version, head.system), (2, System::Chat));
    assert_eq!(
        sorted_entries(&run).len(),
        2,
        "trials that pass leave their row alone"
    );
}

#[test]
fn one_trial_of_a_run_leaves_all_its_logs_and_its_own_schedule_repeats_it() {
    let bench = Bench::new();
    let options = "--virtual --seed 7 --clients 4 --duration 20s";
    let all =
        format!("runner chat trial {options} --count 4 --faults storm.toml --keep-going --out all");
    assert_ne!(bench.type_in(&all).status.code(), Some(2));
    let expected = rows(&bench.summary("all")).remove(3);
    assert!(expected.faults > 0);

    let one =
        format!("runner chat trial {options} --trial 3 --faults storm.toml --out one --detail");
    assert_ne!(bench.type_in(&one).status.code(), Some(2));
    assert_eq!(rows(&bench.summary("one")), std::slice::from_ref(&expected));
    let folder = bench.runs("one")[0].join("trial-003");
    let manifest = fs::read_to_string(folder.join(layout::TRIAL_FILE)).expect("a manifest");
    let manifest: ChatTrialManifest = serde_json::from_str(&manifest).expect("a manifest");
    assert_eq!((manifest.trial, manifest.seed), (3, 7));
    assert_eq!(manifest.summary, expected);
    for server in &manifest.servers {
        assert!(
            log::<ServerRow>(&folder.join(&server.log)) > 20,
            "{}",
            server.name
        );
    }
    for client in &manifest.clients {
        assert!(
            log::<ClientRow>(&folder.join(&client.log)) > 20,
            "{}",
            client.name
        );
    }
    let plain = fs::read_to_string(folder.join(layout::FAULTS_FILE)).expect("a schedule");
    let schedule: Faults = toml::from_str(&plain).expect("a schedule");
    assert!(schedule.is_plain());
    let done = fs::read_to_string(folder.join(layout::FAULT_LOG_FILE)).expect("a log");
    assert!(done.lines().count() as u64 >= expected.faults, "{done}");

    let file = folder.join(layout::FAULTS_FILE);
    let again = format!(
        "runner chat trial {options} --trial 3 --faults {} --out again --detail",
        file.display()
    );
    assert_ne!(bench.type_in(&again).status.code(), Some(2));
    assert_eq!(bench.summary("again"), bench.summary("one"));
    let again = bench.runs("again")[0].join("trial-003");
    for log in sorted_entries(&folder) {
        let name = log.file_name().expect("a name");
        // The manifest has the schedule that was asked for, which is another one.
        if name != layout::TRIAL_FILE {
            let other = fs::read(again.join(name)).expect("the same files");
            assert!(
                fs::read(&log).expect("a file") == other,
                "{}",
                log.display()
            );
        }
    }

    let drawn = bench
        .type_in("runner chat faults storm.toml --seed 7 --trial 3 --clients 4 --duration 20s");
    assert_eq!(drawn.status.code(), Some(0), "{}", text(&drawn.stderr));
    let drawn: Faults = toml::from_str(&text(&drawn.stdout)).expect("a schedule");
    assert_eq!(drawn, schedule);
}

#[test]
fn what_a_policy_loses_is_said_and_a_smaller_trial_loses_it_too() {
    let bench = Bench::new();
    let options = "--virtual --seed 5 --clients 4 --duration 20s --faults partition.toml";
    let line = format!("runner chat trial {options} --count 12");
    let safe = bench.type_in(&format!("{line} --tolerate partitions --out safe"));
    assert_ne!(safe.status.code(), Some(2), "{}", text(&safe.stderr));
    for row in rows(&bench.summary("safe")) {
        assert_eq!((row.verdict, row.discarded), (Verdict::Passed, 0));
    }
    let lossy = bench.type_in(&format!("{line} --out lossy"));
    assert_ne!(lossy.status.code(), Some(2), "{}", text(&lossy.stderr));
    assert!(text(&lossy.stdout).contains("a partition made two services"));
    let rows_lossy = rows(&bench.summary("lossy"));
    assert!(rows_lossy.iter().all(|row| row.lost == 0));
    let loses = rows_lossy.iter().find(|row| row.discarded > 0);
    let loses = loses.expect("a partition that loses something");
    assert_eq!(loses.verdict, Verdict::LostAsSaid);

    let trial = loses.trial;
    let one = bench.type_in(&format!(
        "runner chat trial {options} --trial {trial} --out one"
    ));
    assert_eq!(one.status.code(), Some(0), "{}", text(&one.stderr));
    let folder = format!("{}/trial-{trial:03}", bench.runs("one")[0].display());
    let shrunk = bench.type_in(&format!("runner chat shrink {folder}"));
    assert_eq!(shrunk.status.code(), Some(0), "{}", text(&shrunk.stderr));
    let said = text(&shrunk.stdout);
    assert!(said.contains("2 faults before, 1 after"), "{said}");
    let minimum = Path::new(&folder).join(layout::FAULTS_MIN_FILE);
    let minimum = fs::read_to_string(minimum).expect("a schedule");
    let mut lines = said.lines();
    let command = lines.find_map(|line| line.strip_prefix("again: "));
    let command = command.expect("a command");
    assert!(minimum.contains(command), "{minimum}");
    let again = bench.type_in(&format!("{command} --out again"));
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
    assert!(rows(&bench.summary("again"))[0].discarded > 0);

    let safe =
        format!("runner chat trial {options} --trial {trial} --tolerate partitions --out calm");
    assert_eq!(bench.type_in(&safe).status.code(), Some(0));
    let safe = bench.runs("calm")[0].join(format!("trial-{trial:03}"));
    let nothing = bench.type_in(&format!("runner chat shrink {}", safe.display()));
    assert_eq!(nothing.status.code(), Some(1));
    assert!(text(&nothing.stderr).contains("finds nothing"));
    assert!(!safe.join(layout::FAULTS_MIN_FILE).exists());
}

#[test]
fn whoever_has_seen_enough_keeps_what_there_is() {
    let bench = Bench::new();
    let line = "runner chat trial --virtual --seed 7 --count 1000000 --duration 5s";
    let running = Running::start(&mut bench.command(line));
    let has_rows = || {
        let run = bench.path("logs").exists().then(|| bench.runs("logs"));
        let file = run.and_then(|runs| Some(runs.first()?.join(layout::SUMMARY_FILE)));
        let text = file.and_then(|file| fs::read_to_string(file).ok());
        text.is_some_and(|text| text.lines().count() > 3)
    };
    wait_until("trials have ended", has_rows);
    signal("INT", running.id());
    let output = running.wait();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains("interrupted after"),
        "{}",
        text(&output.stdout)
    );
    let summary = bench.summary("logs");
    assert!(summary.ends_with('\n'));
    for (number, row) in (0..).zip(rows(&summary)) {
        assert_eq!((row.trial, row.verdict), (number, Verdict::Passed));
    }
}

#[test]
fn what_cannot_be_done_is_refused_with_what_to_do() {
    let bench = Bench::new();
    let wrong = STORM.replace("\"pause\"", "\"explode\"");
    fs::write(bench.path("wrong.toml"), wrong).expect("a file");
    fs::write(bench.path("late.toml"), PARTITION.replace("4s", "90s")).expect("a file");
    fs::write(
        bench.path("nobody.toml"),
        PARTITION.replace("client 1", "client 9"),
    )
    .expect("a file");
    for (line, words) in [
        ("trial", "add --virtual"),
        ("trial --virtual --count 0", "a run takes 1 to"),
        ("trial --virtual --suspect 2s", "give 3s or more"),
        ("trial --virtual --trial 3", "--seed <S>"),
        (
            "trial --virtual --tolerate both",
            "expected crashes or partitions",
        ),
        (
            "trial --virtual --faults none.toml",
            "none.toml: cannot be read",
        ),
        (
            "trial --virtual --faults wrong.toml",
            "wrong.toml: TOML parse error at line 2",
        ),
        (
            "trial --virtual --faults late.toml",
            "late.toml: line 1: at = \"90s\"",
        ),
        (
            "trial --virtual --faults nobody.toml",
            "nobody.toml: line 7",
        ),
        (
            "trial --virtual --json none/report.json",
            "--json none/report.json: cannot be written",
        ),
        ("faults storm.toml", "--seed <S>"),
        ("faults", "--list"),
        ("shrink none", "expected the folder of a trial"),
        ("shrink", "--faults"),
    ] {
        let output = bench.type_in(&format!("runner chat {line}"));
        assert_eq!(output.status.code(), Some(2), "{line}");
        let error = text(&output.stderr);
        assert!(error.contains(words), "{line}: {error}");
        assert!(
            !bench.path("logs").exists(),
            "{line}: nothing is left behind"
        );
    }
    let run = bench.type_in("runner trial --virtual --count 1 --duration 1s");
    assert!(run.status.success());
    let trial = bench.runs("logs")[0].join("trial-000");
    for (folder, words) in [
        (bench.runs("logs")[0].as_path(), "a run, not a trial"),
        (&trial, "a trial of the scale-model"),
    ] {
        let output = bench.type_in(&format!("runner chat shrink {}", folder.display()));
        assert_eq!(output.status.code(), Some(2));
        assert!(
            text(&output.stderr).contains(words),
            "{}",
            text(&output.stderr)
        );
    }
}

#[test]
fn faults_that_are_ready_are_in_the_help_and_every_policy_can_have_them() {
    let bench = Bench::new();
    let help = text(&bench.type_in("runner chat trial --help").stdout);
    let ready = Path::new(env!("CARGO_MANIFEST_DIR")).join("../notebook/experiments/chat");
    let files = sorted_entries(&ready);
    assert!(files.len() >= 6);
    for file in files {
        let name = file.file_name().expect("a name").to_string_lossy();
        assert!(help.contains(&format!("  {name} ")), "{name}");
        for policy in ["crashes", "partitions"] {
            let line = format!(
                "runner chat faults {} --seed 7 --trial 1 --tolerate {policy}",
                file.display()
            );
            let output = bench.type_in(&line);
            assert_eq!(
                output.status.code(),
                Some(0),
                "{name}: {}",
                text(&output.stderr)
            );
            let plain: Faults = toml::from_str(&text(&output.stdout)).expect("a schedule");
            assert!(plain.is_plain() && !plain.faults.is_empty(), "{name}");
        }
    }
    let list = bench.type_in("runner chat faults --list");
    assert_eq!(list.status.code(), Some(0));
    let list = text(&list.stdout);
    for word in ["kill", "slow-disk", "by = ", "wipe"] {
        assert!(list.contains(word), "{word}: {list}");
    }
}
