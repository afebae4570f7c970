//! The program as it is typed: output, exit codes, files.

mod fixtures;

use assert_cmd::Command;
use fixtures::{Copy, two_machines};

struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn analyze(arguments: &[&std::ffi::OsStr]) -> Run {
    let mut command = Command::cargo_bin("analyze").expect("the program is built");
    let output = command.args(arguments).output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is text");
    Run {
        code: output.status.code(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

#[test]
fn sound_logs_give_tables_and_code_0() {
    let run = analyze(&[two_machines().as_os_str()]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(run.stdout.starts_with("Conditions\n"), "{}", run.stdout);
    assert!(run.stdout.contains("0 violations"), "{}", run.stdout);
    assert!(!run.stdout.contains('\u{1b}'), "escapes without a terminal");
}

#[test]
fn json_on_stdout_is_alone_there_and_notes_go_to_stderr() {
    let copy = Copy::new();
    let text = copy.read("trial-000/machine-0.csv");
    copy.write("trial-000/machine-0.csv", text.trim_end().as_bytes());
    let run = analyze(&[copy.run.as_os_str(), "--json".as_ref(), "-".as_ref()]);
    assert_eq!(run.code, Some(1));
    let json: serde_json::Value = serde_json::from_str(&run.stdout).expect("one JSON object");
    assert_eq!(json["trials"][0]["damaged"], true);
    assert!(run.stderr.contains("a truncated row"), "{}", run.stderr);
}

#[test]
fn a_broken_law_is_shown_with_its_lines_and_gives_code_1() {
    let copy = Copy::new();
    copy.replace(
        "trial-000/machine-0.csv",
        ",receive,4,0,1,1,3",
        ",receive,2,0,1,1,3",
    );
    for command in [
        &["check".as_ref(), copy.run.as_os_str()][..],
        &[copy.run.as_os_str()],
    ] {
        let run = analyze(command);
        assert_eq!(run.code, Some(1), "{}", run.stdout);
        assert!(run.stdout.contains("clock-condition"), "{}", run.stdout);
        assert!(run.stdout.contains("machine-0.csv:3"), "{}", run.stdout);
    }
}

#[test]
fn check_of_sound_logs_is_one_line() {
    let run = analyze(&["check".as_ref(), two_machines().as_os_str()]);
    assert_eq!(run.code, Some(0));
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
}

#[test]
fn nothing_to_read_gives_code_2() {
    let empty = tempfile::tempdir().expect("the system has a place for temporary files");
    let run = analyze(&[empty.path().as_os_str()]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert!(
        run.stderr.starts_with("error: no logs in "),
        "{}",
        run.stderr
    );
    let copy = Copy::new();
    copy.replace(
        "trial-000/trial.json",
        "\"format_version\": 1",
        "\"format_version\": 9",
    );
    let run = analyze(&[copy.file("trial-000").as_os_str()]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.contains("expected format version 1"),
        "{}",
        run.stderr
    );
    assert_eq!(analyze(&["--no-such-option".as_ref()]).code, Some(2));
}

#[test]
fn figures_and_json_go_where_they_are_told() {
    let dir = tempfile::tempdir().expect("the system has a place for temporary files");
    let (figures, json) = (dir.path().join("pictures"), dir.path().join("report.json"));
    let logs = two_machines();
    let run = analyze(&[
        logs.as_os_str(),
        "--figures".as_ref(),
        figures.as_os_str(),
        "--json".as_ref(),
        json.as_os_str(),
    ]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let drawn = std::fs::read_dir(&figures)
        .expect("the folder was made")
        .count();
    assert!(drawn > 0);
    assert!(run.stdout.contains("figures in "), "{}", run.stdout);
    let text = std::fs::read_to_string(&json).expect("the file was written");
    assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
}

#[test]
fn markdown_on_stdout_is_alone_there() {
    let logs = two_machines();
    let run = analyze(&[logs.as_os_str(), "--markdown".as_ref(), "-".as_ref()]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(run.stdout.starts_with("### Conditions\n"), "{}", run.stdout);
    assert!(!run.stdout.contains('═'), "{}", run.stdout);
    let both = analyze(&[
        logs.as_os_str(),
        "--markdown".as_ref(),
        "-".as_ref(),
        "--json".as_ref(),
        "-".as_ref(),
    ]);
    assert_eq!((both.code, both.stdout.as_str()), (Some(2), ""));
}
