//! `analyze grade` as it is typed, on trials of the runner and on folders that hold none.

mod programs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn grade(arguments: &[&str], folders: &[&Path]) -> Run {
    let mut command = assert_cmd::Command::cargo_bin("analyze").expect("the program is built");
    command.arg("grade").args(folders).args(arguments);
    let output = command.output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is text");
    Run {
        code: output.status.code(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

fn temporary() -> TempDir {
    tempfile::tempdir().expect("the system has a place for temporary files")
}

/// A run of virtual trials, in a folder of this name.
fn trials(dir: &Path, name: &str, options: &[&str]) -> PathBuf {
    let folder = dir.join(name);
    let mut command = Command::new(programs::runner());
    command
        .args(["trial", "--virtual", "--seed", "4", "--out"])
        .arg(&folder)
        .args(options);
    let output = command.output().expect("the runner starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    folder
}

#[test]
fn trials_of_the_runner_meet_everything() {
    let dir = temporary();
    let folder = trials(dir.path(), "ada", &[]);
    let run = grade(&["--json", "-"], &[&folder]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).expect("one JSON object");
    let row = &json["submissions"][0];
    assert_eq!(
        (json["grade_version"].as_u64(), row["submission"].as_str()),
        (Some(1), Some("ada"))
    );
    assert_eq!(
        (row["grade_percent"].as_f64(), row["trials"].as_u64()),
        (Some(100.0), Some(5))
    );
    let judgements = row["judgements"].as_array().expect("a list");
    assert_eq!(judgements.len(), 14);
    assert!(
        judgements.iter().all(|one| one["verdict"] == "met"),
        "{judgements:?}"
    );
}

#[test]
fn a_class_is_told_apart_and_an_unreadable_folder_is_a_row() {
    let dir = temporary();
    let right = trials(dir.path(), "ada", &[]);
    let short = trials(dir.path(), "bob", &["--duration", "45s", "--count", "4"]);
    let empty = dir.path().join("eve");
    fs::create_dir(&empty).expect("a folder can be made");
    let reports = dir.path().join("reports");
    let out = reports.to_str().expect("a temporary path is text");
    let run = grade(&["--out", out, "--csv", "-"], &[&right, &short, &empty]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{}", run.stdout);
    assert!(
        lines[0].starts_with("submission,folder,format,trials,grade_percent,"),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].starts_with("ada,") && lines[1].contains(",100,100,100,100,0,0,0,"),
        "{}",
        lines[1]
    );
    assert!(
        lines[2].starts_with("bob,") && lines[2].contains("partly,6.4,not_met,0,met,5"),
        "{}",
        lines[2]
    );
    assert!(lines[3].starts_with("eve,"), "{}", lines[3]);
    let report = fs::read_to_string(reports.join("bob.md")).expect("a report for each");
    assert!(
        report.contains("### Run length: not met (0 / 8)"),
        "{report}"
    );
    assert!(report.contains("machine-0.csv:"), "{report}");
    assert!(report.contains("## What is right"), "{report}");
    assert!(reports.join("eve.md").exists());
    let tables = grade(&[], &[&right, &short, &empty]);
    let place = |name: &str| {
        tables
            .stdout
            .find(&format!(" {name} "))
            .expect("a row for each")
    };
    assert!(
        place("eve") < place("bob") && place("bob") < place("ada"),
        "{}",
        tables.stdout
    );
    assert!(
        tables.stdout.contains("could not be read"),
        "{}",
        tables.stdout
    );
}

#[test]
fn a_rubric_of_ones_own_counts_and_its_errors_name_the_line() {
    let dir = temporary();
    let short = trials(dir.path(), "bob", &["--duration", "45s"]);
    let rubric = dir.path().join("mine.toml");
    let name = rubric.to_str().expect("a temporary path is text");
    fs::write(&rubric, "[run_length]\nat_least_s = 40\n").expect("a file can be written");
    let run = grade(&["--rubric", name], &[&short]);
    assert_eq!(run.code, Some(0), "{}", run.stdout);
    fs::write(&rubric, "[run_length]\nat_least = 40\n").expect("a file can be written");
    let run = grade(&["--rubric", name], &[&short]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.contains("mine.toml:2: expected one of"),
        "{}",
        run.stderr
    );
    let printed = grade(&["--print-rubric"], &[]);
    fs::write(&rubric, printed.stdout).expect("a file can be written");
    assert_eq!(grade(&["--rubric", name], &[&short]).code, Some(1));
}
