//! What every command that writes files does when it cannot: on a full disk, when it is killed, and before its work.

mod programs;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// Every command that writes, with `LOGS`, `OTHER`, `THEIRS` and `BOOK` for what it reads, and `OUT` for a folder of what it
/// writes.
const COMMANDS: [&str; 22] = [
    "LOGS --json OUT/report.json",
    "LOGS --markdown OUT/report.md",
    "LOGS --summary OUT/summary.parquet",
    "LOGS --figures OUT/figures",
    "LOGS/trial-000 --json OUT/a.json --markdown OUT/b.md --summary OUT/c.parquet",
    "check LOGS --json OUT/check.json",
    "check LOGS --ordering --json OUT/orders.json",
    "check THEIRS --json OUT/check.json",
    "trace LOGS --json OUT/trace.json",
    "plan LOGS --metric queue_max --effect 20% --json OUT/plan.json",
    "coverage LOGS --json OUT/coverage.json --figures OUT",
    "gap LOGS OTHER --json OUT/gap.json",
    "grade LOGS OTHER --out OUT/reports --json OUT/grades.json --csv OUT/grades.csv --markdown OUT/grades.md",
    "guess THEIRS --out OUT/theirs.toml",
    "guess THEIRS --json OUT/guess.json",
    "export LOGS --to csv --out OUT/rows.csv --force",
    "export LOGS --to parquet --out OUT/rows.parquet --force",
    "export LOGS --to shiviz --out OUT/ --force",
    "export LOGS --to chrome-trace --out OUT/trace.json --force",
    "claims BOOK --json OUT/claims.json",
    "claims BOOK/claims.toml --record",
    "--notebook BOOK/01-page.md",
];

const LEDGER: &str = "alpha = 0.05\ntrials = 12\n\n[sources]\nsomebody = \"Somebody, a notebook\"\n\n\
[[claim]]\nid = \"slow-lags\"\nsentence = \"The slow machine stays *behind*.\"\nsource = \"somebody\"\nlogs = \"data\"\n\
machine = \"slowest\"\nmetric = \"clock_final\"\nthan = { machine = \"fastest\" }\nratio = { below = 0.8 }\n";
const PAGE: &str = "# Page\n\n<!-- analyze:page logs=\"data\" figures=\"figures\" -->\n\n\
<!-- analyze:begin logs --><!-- analyze:end -->\n\n<!-- analyze:begin figure name=clock --><!-- analyze:end -->\n";

/// Logs to read, and a place to write.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        let place = Place(TempDir::new().expect("a temporary folder"));
        let run = |seed: &str, out: &str| {
            let made = Command::new(programs::runner())
                .args(["trial", "--virtual", "--rates", "1,6", "--duration", "5s"])
                .args(["--count", "12", "--name", "x", "--seed", seed, "--out"])
                .arg(place.path(out))
                .output();
            let made = made.expect("the runner starts");
            assert!(
                made.status.success(),
                "{}",
                String::from_utf8_lossy(&made.stderr)
            );
            let mut runs = fs::read_dir(place.path(out)).expect("a folder");
            runs.next().expect("a run").expect("an entry").path()
        };
        fs::create_dir_all(place.path("book/data")).expect("a folder");
        fs::rename(run("1", "logs"), place.path("LOGS")).expect("renamed");
        fs::rename(run("2", "other"), place.path("OTHER")).expect("renamed");
        fs::rename(run("1", "logs"), place.path("book/data/run")).expect("renamed");
        place.theirs();
        place.renew();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Logs of another program.
    fn theirs(&self) {
        fs::create_dir(self.path("THEIRS")).expect("a folder");
        for machine in 0..2 {
            let lines = (1..40).map(|clock| {
                let second = clock % 60;
                format!("2026-01-01 00:00:{second:02} internal event, logical clock {clock}\n")
            });
            let file = self.path("THEIRS").join(format!("machine_{machine}.log"));
            fs::write(file, lines.collect::<String>()).expect("a file");
        }
    }

    /// What is by hand, as it was before any command.
    fn renew(&self) {
        fs::write(self.path("book/claims.toml"), LEDGER).expect("a file");
        fs::write(self.path("book/01-page.md"), PAGE).expect("a file");
    }

    fn arguments(&self, command: &str) -> Vec<String> {
        let words = command.split_whitespace();
        let full = |word: &str| match word.split_once('/') {
            Some((first @ ("LOGS" | "OUT" | "BOOK"), rest)) => {
                format!("{}/{rest}", self.path(place_of(first)).display())
            }
            None if ["LOGS", "OTHER", "THEIRS", "BOOK", "OUT"].contains(&word) => {
                self.path(place_of(word)).display().to_string()
            }
            _ => word.to_owned(),
        };
        words.map(full).collect()
    }

    /// Runs a command behind a line of the shell.
    fn run(&self, shell: &str, command: &str) -> Output {
        let line = format!("{shell} exec \"$0\" \"$@\"");
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &line, env!("CARGO_BIN_EXE_analyze")])
            .args(self.arguments(command))
            .stdin(Stdio::null());
        shell.output().expect("a shell")
    }

    /// Names and contents of what commands write.
    fn written(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.path("out"), self.path("book")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                match path.is_dir() {
                    true if path.ends_with("data") => {}
                    true => folders.push(path),
                    false => {
                        files.insert(path.clone(), fs::read(path).expect("a file"));
                    }
                }
            }
        }
        files
    }
}

fn place_of(word: &str) -> &str {
    match word {
        "OUT" => "out",
        "BOOK" => "book",
        word => word,
    }
}

fn said(output: &Output) -> String {
    let all = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8_lossy(&all).into_owned()
}

fn is_draft(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().starts_with(".driftlab-")
}

/// Runs a command with files that may be no longer than some sizes; `trap` says whether a longer one is an error or a kill.
fn at_every_size(place: &Place, command: &str, trap: &str) {
    let _ = fs::remove_dir_all(place.path("out"));
    fs::create_dir(place.path("out")).expect("a folder");
    place.renew();
    let before = place.written();
    let whole = place.run("", command);
    let whole_said = said(&whole);
    let after = place.written();
    let changed = after
        .iter()
        .filter(|(path, new)| before.get(*path) != Some(*new));
    let new: BTreeMap<&PathBuf, &Vec<u8>> = changed.collect();
    assert!(!new.is_empty(), "{command} wrote nothing: {whole_said}");
    // In blocks of 512 or 1024 bytes.
    for blocks in [0, 1, 3, 9] {
        let old = |path: &PathBuf| {
            before
                .get(path)
                .cloned()
                .unwrap_or_else(|| b"by hand".to_vec())
        };
        for path in new.keys() {
            fs::write(path, old(path)).expect("a file");
        }
        let output = place.run(&format!("{trap} ulimit -f {blocks};"), command);
        let context = || {
            format!(
                "{command}, {blocks} blocks: {:?} {}",
                output.status,
                said(&output)
            )
        };
        let mut is_whole = true;
        for (path, found) in place.written() {
            match new.get(&path) {
                Some(&new) if *new == found => {}
                Some(_) => {
                    is_whole = false;
                    assert_eq!(found, old(&path), "{} in {}", path.display(), context());
                }
                None if is_draft(&path) => {
                    assert!(trap.is_empty(), "a draft stayed: {}", context());
                    fs::remove_file(path).expect("a draft");
                }
                None => assert!(
                    before.contains_key(&path),
                    "{} in {}",
                    path.display(),
                    context()
                ),
            }
        }
        let expected = match (is_whole, trap) {
            (true, _) => whole.status.code(),
            (false, "") => None,
            (false, _) => Some(2),
        };
        assert_eq!(output.status.code(), expected, "{}", context());
        assert!(
            blocks > 0 || !is_whole,
            "nothing was limited: {}",
            context()
        );
    }
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_old_file_or_the_new_one() {
    let place = Place::new();
    for command in COMMANDS {
        at_every_size(&place, command, "trap '' XFSZ;");
    }
}

#[cfg(unix)]
#[test]
fn a_kill_at_a_write_leaves_the_old_file_or_the_new_one() {
    let place = Place::new();
    for command in COMMANDS {
        at_every_size(&place, command, "");
    }
}

#[test]
fn what_has_no_place_to_go_is_an_error_before_the_work() {
    let place = Place::new();
    fs::create_dir(place.path("out")).expect("a folder");
    fs::write(place.path("out/file"), "").expect("a file");
    // Logs that are not there, which the work would meet first.
    let commands = [
        "LOST --json OUT/lost/a --markdown OUT/lost/b --summary OUT/lost/c.parquet --figures OUT/file",
        "check LOST --json OUT/lost/a",
        "trace LOST --json OUT/lost/a",
        "plan LOST --metric queue_max --effect 20% --json OUT/lost/a --figures OUT/file",
        "coverage LOST --json OUT/lost/a --figures OUT/file",
        "gap LOST LOST --json OUT/lost/a",
        "grade LOST --out OUT/file --json OUT/lost/a --csv OUT/lost/b --markdown OUT/lost/c",
        "guess LOST --out OUT/lost/a",
        "guess LOST --json OUT/lost/a",
        "export LOST --to csv --out OUT/lost/a",
        "export LOST --to csv --out OUT/file",
        "claims LOST --json OUT/lost/a --record",
        "LOST --notebook OUT/file/01-page.md",
    ];
    for command in commands {
        let output = place.run("", command);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{command}: {said}");
        let targets = place.arguments(command);
        let out = place.path("out").display().to_string();
        let mut targets = targets.iter().filter(|word| word.starts_with(&out));
        assert!(
            targets.all(|target| said.contains(target.as_str())),
            "{command}: {said}"
        );
        assert!(!said.contains("LOST/"), "{command}: {said}");
    }
    // A folder in the place of the file, and one target for two outputs.
    let output = place.run("", "LOGS --json OUT/");
    assert!(
        said(&output).contains("it is a folder"),
        "{}",
        said(&output)
    );
    let output = place.run("", "grade LOGS --json - --csv -");
    assert!(
        said(&output).contains("name one target"),
        "{}",
        said(&output)
    );
    assert_eq!(
        place
            .written()
            .keys()
            .filter(|path| path.starts_with(place.path("out")))
            .count(),
        1
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_takes_no_files_is_known_before_the_work() {
    let place = Place::new();
    for command in [
        "LOGS --json /sys/report.json",
        "grade LOGS --out /sys/reports",
    ] {
        let output = place.run("", command);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(output.stdout.is_empty(), "{}", said(&output));
        assert!(
            said(&output).contains("cannot write /sys/"),
            "{}",
            said(&output)
        );
    }
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_changes_no_exit_code_and_says_nothing() {
    let place = Place::new();
    // A finding: no submission is perfect, and a trial lacks its end.
    let trial = place.path("LOGS").join("trial-003/machine-0.csv");
    let rows = fs::read_to_string(&trial).expect("rows");
    fs::write(&trial, &rows[..rows.len() / 2]).expect("a file");
    let made = Command::new("mkfifo").arg(place.path("gone")).status();
    assert!(made.expect("mkfifo starts").success());
    let commands = [
        "grade LOGS",
        "grade LOGS --csv -",
        "LOGS",
        "LOGS --json -",
        "check LOGS",
        "check LOGS --json -",
        "export LOGS --to csv --out -",
        "export LOGS --to parquet --out -",
        "export LOGS --to chrome-trace --out -",
        "trace LOGS --json -",
        "formats",
    ];
    for command in commands {
        let read = place.run("", command);
        // The reader is gone before the command writes: it waits until the named pipe, which the reader ends with, is read.
        let line = "exec 4>&1; { cat \"$GONE\"; \"$0\" \"$@\" 2>&4; echo \"code $?\" >&4; } | { exec <&-; echo > \"$GONE\"; }";
        let mut shell = Command::new("sh");
        shell
            .args(["-c", line, env!("CARGO_BIN_EXE_analyze")])
            .args(place.arguments(command))
            .env("GONE", place.path("gone"));
        let piped = shell.output().expect("a shell");
        let said_piped = said(&piped);
        let code = format!("code {}\n", read.status.code().expect("it ended"));
        assert!(said_piped.ends_with(&code), "{command}: {said_piped}");
        assert!(
            !said_piped.contains("roken pipe"),
            "{command}: {said_piped}"
        );
        // Nobody hears what is said on standard error.
        let deaf = place.run("exec 2>&-;", command);
        assert_eq!(deaf.status.code(), read.status.code(), "{command}");
        assert_eq!(deaf.stdout, read.stdout, "{command}");
    }
}
