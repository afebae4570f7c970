//! What is refused, in which words; and what is there to begin with.

use std::fs;
use std::path::Path;

use event_log::Faults;

use super::bench::{Bench, PARTITION, STORM};
use crate::common::{sorted_entries, text};

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
            "late.toml: line 2: at = \"90s\"",
        ),
        (
            "trial --virtual --faults nobody.toml",
            "nobody.toml: line 10: target = \"client 9\"",
        ),
        (
            "trial --virtual --json none/report.json",
            "--json none/report.json: cannot be written",
        ),
        (
            "trial --virtual --json storm.toml",
            "--json storm.toml: is there already, and nothing is overwritten",
        ),
        (
            "shrink --seed 7 --trial 3 --faults storm.toml --out storm.toml",
            "--out storm.toml: is there already",
        ),
        ("trial --virtual --duration 2h", "takes 3600s at most"),
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
    let storm = fs::read_to_string(bench.path("storm.toml")).expect("a file");
    assert_eq!(storm, STORM);
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
    let widest = list.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{list}");
}
