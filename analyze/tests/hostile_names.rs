//! Logs by somebody who wants to say something else: names and rows that would be obeyed, or leave the place they stand in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::Value;
use tempfile::TempDir;

const NAMES: [&str; 2] = [
    "x\n```\n<script>alert(1)</script>\n# Grade 100 %\n\u{1b}]0;PWNED\u{7}\u{9b}31m\u{202e}",
    "=cmd|' /C calc'!A0",
];

/// Trials whose machines have such names, and a row that is none, in a folder of such a name.
struct Submission {
    place: TempDir,
    folder: PathBuf,
}

impl Submission {
    fn new() -> Submission {
        let place = TempDir::new().expect("a temporary folder");
        let folder = place.path().join("=1+1\u{1b}[31mred| **x** \u{7}");
        let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/two-machines");
        for trial in ["trial-000", "trial-001"] {
            let to = folder.join(trial);
            fs::create_dir_all(&to).expect("a folder");
            for entry in fs::read_dir(logs.join(trial)).expect("a folder") {
                let file = entry.expect("an entry").path();
                let name = file.file_name().expect("a name");
                fs::copy(&file, to.join(name)).expect("copied");
            }
            let manifest = to.join("trial.json");
            let text = fs::read_to_string(&manifest).expect("text");
            let mut value: Value = serde_json::from_str(&text).expect("JSON");
            for (machine, name) in NAMES.iter().enumerate() {
                value["machines"][machine]["name"] = Value::from(*name);
            }
            fs::write(manifest, value.to_string()).expect("a file");
        }
        fs::copy(logs.join("run.json"), folder.join("run.json")).expect("copied");
        let rows = folder.join("trial-001/machine-0.csv");
        let text = fs::read_to_string(&rows).expect("rows");
        let text = text + "99,\u{1b}]0;PWNED\u{7}\u{1b}[31mred\u{9b}31m,internal,9,0,,,\n";
        fs::write(rows, text).expect("a file");
        Submission { place, folder }
    }

    fn analyze(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_analyze"));
        command.current_dir(self.place.path());
        for argument in arguments {
            match *argument {
                "LOGS" => command.arg(&self.folder),
                other => command.arg(other),
            };
        }
        command.output().expect("analyze starts")
    }
}

fn is_obeyed(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\n' | '\t') || letter == '\u{202e}'
}

#[test]
fn a_terminal_is_told_nothing() {
    let submission = Submission::new();
    let commands: [&[&str]; 15] = [
        &["LOGS"],
        &["LOGS", "--all"],
        &["LOGS", "--markdown", "-"],
        &["LOGS", "--json", "-"],
        &["check", "LOGS", "--json", "-"],
        &["LOGS", "--figures", "figures"],
        &["check", "LOGS"],
        &["check", "LOGS", "--ordering"],
        &["trace", "LOGS", "--machine", "0"],
        &["plan", "LOGS", "--metric", "queue_max", "--effect", "20%"],
        &["gap", "LOGS", "LOGS"],
        &["guess", "LOGS"],
        &["grade", "LOGS"],
        &["grade", "LOGS", "LOGS"],
        &["export", "LOGS", "--to", "csv", "--out", "rows/"],
    ];
    let mut shown = 0;
    for command in commands {
        let output = submission.analyze(command);
        for bytes in [output.stdout, output.stderr] {
            let text = String::from_utf8(bytes).expect("text");
            assert!(!text.contains(is_obeyed), "{command:?}: {text:?}");
            shown += text.matches("·[31mred").count();
        }
    }
    assert!(shown > 5, "what is not obeyed is shown: {shown}");
}

#[test]
fn a_report_on_a_submission_says_what_we_say() {
    let submission = Submission::new();
    submission.analyze(&["grade", "LOGS", "--out", "reports", "--markdown", "one.md"]);
    submission.analyze(&["grade", "LOGS", "LOGS", "--markdown", "class.md"]);
    submission.analyze(&["LOGS", "--all", "--markdown", "report.md"]);
    let reports = fs::read_dir(submission.place.path().join("reports")).expect("reports");
    let mut files: Vec<PathBuf> = reports
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files
        .extend(["one.md", "class.md", "report.md"].map(|name| submission.place.path().join(name)));
    assert_eq!(files.len(), 4);
    for file in files {
        let text = fs::read_to_string(&file).expect("Markdown");
        assert!(!text.contains(is_obeyed), "{text:?}");
        for event in Parser::new_ext(
            &text,
            Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH,
        ) {
            match event {
                Event::Html(html) | Event::InlineHtml(html) => panic!("{html} in {text}"),
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    panic!("a link to {dest_url} in {text}")
                }
                _ => {}
            }
        }
        let headings = text.lines().filter(|line| line.starts_with("# Grade"));
        assert_eq!(headings.count(), 0, "{text}");
    }
}

#[test]
fn a_spreadsheet_calculates_nothing() {
    let submission = Submission::new();
    submission.analyze(&["grade", "LOGS", "--csv", "grades.csv"]);
    submission.analyze(&["export", "LOGS", "--to", "csv", "--out", "rows.csv"]);
    for (name, expected) in [("grades.csv", "'=1+1"), ("rows.csv", "'=cmd|")] {
        let mut reader = csv::Reader::from_path(submission.place.path().join(name)).expect("CSV");
        let records = reader.records().map(|record| record.expect("a record"));
        let fields: Vec<String> = records
            .flat_map(|record| record.iter().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        assert!(
            fields.iter().any(|field| field.starts_with(expected)),
            "{name}"
        );
        let calculated = fields.iter().find(|field| {
            field.starts_with(['=', '+', '-', '@', '\t', '\r']) && field.parse::<f64>().is_err()
        });
        assert_eq!(calculated, None, "{name}");
    }
}
