//! Trials of the chat service: what is typed, what is printed, what is left behind.

mod chat {
    pub(crate) mod bench;
    mod refusals;
}
mod common;

use std::fs;
use std::path::Path;

use chat::bench::{Bench, log, rows};
use common::{Running, signal, sorted_entries, text, wait_until};
use event_log::chat::{ChatTrialManifest, ClientRow, ServerRow, Verdict};
use event_log::{Faults, ManifestHead, System, layout};
use serde_json::Value;

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
    let late = bench.type_in(line);
    assert_eq!(late.status.code(), Some(2));
    assert!(text(&late.stderr).contains("--json report.json: is there already"));
    assert_eq!(bench.runs("logs").len(), 1, "nothing was begun");

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
    let conclusion = text(&lossy.stdout);
    assert!(conclusion.contains("a partition made two services"));
    assert!(conclusion.contains("not judged there from then on"));
    let rows_lossy = rows(&bench.summary("lossy"));
    assert!(rows_lossy.iter().all(|row| row.lost == 0));
    let loses = rows_lossy.iter().find(|row| row.discarded > 0);
    let loses = loses.expect("a partition that loses something");
    assert_eq!(loses.verdict, Verdict::LostAsSaid);
    let lost = rows_lossy.iter();
    let mut lost = lost.filter(|row| row.verdict == Verdict::LostAsSaid);
    let first = lost.next().expect("there is one").trial;
    let passed = 11 - lost.count();
    assert!(conclusion.contains(&format!("passed: {passed} trial")));
    assert!(conclusion.contains(&format!("--seed 5 --trial {first} ")));

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
    let twice = bench.type_in(&format!("runner chat shrink {folder}"));
    assert_eq!(twice.status.code(), Some(2));
    assert!(text(&twice.stderr).contains("nothing is overwritten"));
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
