//! What lies in a folder and is not read is named with its reason, in every command and in its JSON; nothing hangs.

mod answers;
mod fixtures;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use answers::answer;
use fixtures::Copy;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tempfile::TempDir;

/// Lines of three machines that hear of each other.
const LOGS: [(&str, &str); 3] = [
    (
        "m0.log",
        "1.0 internal clock=1\n1.5 sent to=m1 clock=2\n2.0 internal clock=3\n2.5 received from=m2 carried=2 clock=4\n",
    ),
    (
        "m1.log",
        "1.0 internal clock=1\n2.1 received from=m0 carried=2 clock=3\n2.6 sent to=m2 clock=4\n3.0 internal clock=5\n",
    ),
    (
        "m2.log",
        "1.2 internal clock=1\n1.7 sent to=m0 clock=2\n3.1 received from=m1 carried=4 clock=5\n3.5 internal clock=6\n",
    ),
];

const FORMAT: &str = r#"
name = "words"
[files]
include = ["**/*.log"]
path = '(?<machine>m\d)\.log$'
[time]
format = "elapsed"
[[event]]
kind = "internal"
pattern = '^(?<time>[\d.]+) internal clock=(?<clock>\d+)$'
[[event]]
kind = "send"
pattern = '^(?<time>[\d.]+) sent to=(?<to>\w+) clock=(?<clock>\d+)$'
[[event]]
kind = "receive"
pattern = '^(?<time>[\d.]+) received from=(?<from>\w+) carried=(?<carried>\d+) clock=(?<clock>\d+)$'
"#;

/// A folder of the three logs, and their format beside it.
struct Theirs(TempDir);

impl Theirs {
    fn new() -> Theirs {
        let theirs = Theirs(tempfile::tempdir().expect("a temporary folder"));
        fs::create_dir(theirs.path("theirs")).expect("a folder");
        for (name, text) in LOGS {
            theirs.write(name, text.as_bytes());
        }
        fs::write(theirs.path("words.toml"), FORMAT).expect("a format");
        theirs
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The file of this name among the logs.
    fn log(&self, name: &str) -> PathBuf {
        self.path("theirs").join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.log(name), bytes).expect("a file");
    }

    /// What a command says of the logs in their format.
    fn said(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let (code, answer, said) = answer(self.0.path(), arguments);
        (code, answer + &said)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let (_, json, said) = answer(self.0.path(), arguments);
        serde_json::from_str(&json).expect(&said)
    }

    /// Fails unless every command names the file with the reason, and none says that all is well.
    fn is_named(&self, file: &str, reason: &str) {
        for arguments in [
            &["check", "theirs", "--log-format", "words.toml"][..],
            &["theirs", "--log-format", "words.toml"],
            &["grade", "theirs", "--log-format", "words.toml"],
            &["check", "theirs"],
            &["guess", "theirs"],
        ] {
            let (code, said) = self.said(arguments);
            assert_eq!(code, Some(1), "{arguments:?}: {said}");
            // A report in Markdown escapes what it quotes.
            let said = said.replace('\\', "");
            assert!(
                said.contains(file) && said.contains(reason),
                "{arguments:?}: {said}"
            );
            assert!(!said.contains("explains 100 %"), "{arguments:?}: {said}");
        }
        let format = ["--log-format", "words.toml", "--json", "-"];
        let report = self.json(&[&["theirs"][..], &format].concat());
        let check = self.json(&[&["check", "theirs"][..], &format].concat());
        let grade = self.json(&[&["grade", "theirs"][..], &format].concat());
        let guess = self.json(&["guess", "theirs", "--json", "-"]);
        for unread in [
            &report["account"]["unread_logs"],
            &check[0]["unread_logs"],
            &grade["submissions"][0]["unread_logs"],
            &guess["account"]["unread_logs"],
        ] {
            let name = unread[0]["file"].as_str().expect("an unread log");
            let why = unread[0]["reason"].as_str().expect("a reason");
            assert!(name.ends_with(file) && why.contains(reason), "{unread}");
        }
    }
}

#[test]
fn logs_that_are_all_there_are_read_whole() {
    let theirs = Theirs::new();
    theirs.write("plot.png", b"\x89PNG");
    let (code, said) = theirs.said(&["check", "theirs"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("explains 100 % of 12 lines in 3 files"),
        "{said}"
    );
    assert!(
        said.contains("1 file was not read: 1 a picture by its name"),
        "{said}"
    );
}

#[test]
fn a_log_whose_lines_the_format_takes_and_whose_name_it_does_not_is_named() {
    let theirs = Theirs::new();
    theirs.write("last.txt", LOGS[0].1.as_bytes());
    theirs.write(
        "words.txt",
        b"1.0 internal clock=1 is what a line looks like\nand nothing else\nhere is one\n",
    );
    let (code, said) = theirs.said(&["check", "theirs", "--log-format", "words.toml"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("last.txt: ")
            && said.contains("4 of the 4 lines at its beginning are events"),
        "{said}"
    );
    assert!(!said.contains("words.txt: "), "{said}");
    assert!(
        said.contains("2 no file pattern of the format matches"),
        "{said}"
    );
}

#[test]
fn an_empty_log_is_named() {
    let theirs = Theirs::new();
    theirs.write("m1.log", b"");
    theirs.is_named("m1.log", "an empty file");
}

#[test]
fn a_log_that_is_no_text_is_named() {
    let theirs = Theirs::new();
    theirs.write("m1.log", b"\x7fELF\x01\x02\x03\0\0\0\x01\x02");
    theirs.is_named("m1.log", "not text");
}

#[test]
fn a_log_that_is_compressed_otherwise_is_named() {
    let theirs = Theirs::new();
    fs::rename(theirs.log("m1.log"), theirs.log("m1.log.xz")).expect("a file");
    theirs.is_named("m1.log.xz", "compressed, and not by gzip");
}

#[cfg(unix)]
#[test]
fn links_and_pipes_are_named_and_nothing_waits_for_them() {
    let theirs = Theirs::new();
    fs::rename(theirs.log("m1.log"), theirs.path("elsewhere.log")).expect("a file");
    std::os::unix::fs::symlink("../elsewhere.log", theirs.log("m1.log")).expect("a link");
    theirs.is_named("m1.log", "a symbolic link");
    fs::remove_file(theirs.log("m1.log")).expect("a link");
    make_pipe(&theirs.log("m1.log"));
    theirs.is_named("m1.log", "a FIFO");
}

#[cfg(unix)]
#[cfg(target_os = "linux")]
#[test]
fn logs_whose_names_are_no_text_are_logs_of_their_own() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let folder = TempDir::new().expect("a folder");
    for byte in [0xfe, 0xff] {
        let name = [b"node-", &[byte][..], b".log"].concat();
        let file = folder.path().join(OsStr::from_bytes(&name));
        fs::write(file, LOGS[0].1).expect("written");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_analyze"));
    let output = command
        .args(["guess", "--json", "-"])
        .arg(folder.path())
        .output();
    let output = output.expect("analyze starts");
    let guess: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        guess["account"]["unread_logs"],
        serde_json::json!([]),
        "{guess}"
    );
    let files = guess["account"]["files"].as_array();
    assert_eq!(files.map(Vec::len), Some(2), "{guess}");
}

fn make_pipe(path: &Path) {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a FIFO");
}

#[test]
fn one_log_in_whatever_encoding_gives_one_verdict() {
    let plain = Theirs::new().said(&["check", "theirs"]);
    let verdict = |said: &str| {
        said.lines()
            .find(|line| line.starts_with("check:"))
            .map(str::to_owned)
    };
    let machine = LOGS[1].1;
    let utf16 =
        |unit: fn(u16) -> [u8; 2]| machine.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(machine.as_bytes()).expect("memory");
    let inner = machine.replacen("internal", "inter\0\0nal", 1);
    for (name, bytes) in [
        ("m1.log", [machine.as_bytes(), b"\0"].concat()),
        ("m1.log", [machine.as_bytes(), &[0; 5000]].concat()),
        ("m1.log", inner.into_bytes()),
        ("m1.log", utf16(u16::to_le_bytes)),
        (
            "m1.log",
            [b"\xfe\xff".to_vec(), utf16(u16::to_be_bytes)].concat(),
        ),
        ("m1.log", [b"\xef\xbb\xbf", machine.as_bytes()].concat()),
        ("m1.log", machine.replace('\n', "\r\n").into_bytes()),
        ("m1.log", machine.replace('\n', "\r").into_bytes()),
        ("m1.log.gz", packed.finish().expect("memory")),
    ] {
        let theirs = Theirs::new();
        fs::remove_file(theirs.log("m1.log")).expect("a file");
        theirs.write(name, &bytes);
        for arguments in [
            &["check", "theirs"][..],
            &["check", "theirs", "--log-format", "words.toml"],
        ] {
            let (code, said) = theirs.said(arguments);
            assert_eq!(
                (code, verdict(&said)),
                (plain.0, verdict(&plain.1)),
                "{name} {arguments:?}: {said}"
            );
        }
        let report = theirs.json(&["theirs", "--log-format", "words.toml", "--json", "-"]);
        assert_eq!(
            report["trials"][0]["machines"][1]["clock_final"], 5,
            "{name}"
        );
        assert_eq!(report["trials"][0]["counted"], true, "{name}");
    }
}

#[test]
fn proofs_show_the_lines_of_compressed_and_of_utf16_logs() {
    let theirs = Theirs::new();
    let broken = LOGS[1].1.replace("clock=5", "clock=4");
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(broken.as_bytes()).expect("memory");
    let utf16: Vec<u8> = broken.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::remove_file(theirs.log("m1.log")).expect("a file");
    for (name, bytes) in [
        ("m1.log.gz", packed.finish().expect("memory")),
        ("m1.log", utf16),
    ] {
        theirs.write(name, &bytes);
        let (code, said) = theirs.said(&["check", "theirs", "--log-format", "words.toml"]);
        assert_eq!(code, Some(1), "{said}");
        assert!(
            said.contains(&format!("{name}:4   3.0 internal clock=4")),
            "{said}"
        );
        fs::remove_file(theirs.log(name)).expect("a file");
    }
}

#[test]
fn a_line_of_megabytes_makes_no_message_of_megabytes() {
    let theirs = Theirs::new();
    let long = format!("{}{}\n", LOGS[1].1, "x".repeat(3 << 20));
    theirs.write("m1.log", long.as_bytes());
    for arguments in [
        &["check", "theirs"][..],
        &["guess", "theirs"],
        &["theirs", "--log-format", "words.toml"],
    ] {
        let (_, said) = theirs.said(arguments);
        assert!(said.len() < 20_000, "{arguments:?}: {} bytes", said.len());
        assert!(said.contains("m1.log:5"), "{arguments:?}: {said}");
    }
}

#[cfg(unix)]
#[test]
fn what_never_ends_ends_no_command_on_logs_of_ours() {
    for (file, what) in [
        ("trial-000/trial.json", "a readable manifest"),
        ("trial-000/machine-0.csv", "the log of a machine"),
        ("trial-000/journal.jsonl", "a readable journal"),
        ("run.json", "the manifest of a run"),
    ] {
        for endless in ["pipe", "link"] {
            let copy = Copy::new();
            let path = copy.file(file);
            let _ = fs::remove_file(&path);
            match endless {
                "pipe" => make_pipe(&path),
                _ => std::os::unix::fs::symlink("/dev/zero", &path).expect("a link"),
            }
            let folder = copy.run.parent().expect("a folder");
            let (code, _, said) = answer(folder, &["check", "two-machines"]);
            assert_eq!(code, Some(1), "{file}: {said}");
            assert!(said.contains(what), "{file}: {said}");
            assert!(
                said.contains("a FIFO") || said.contains("a symbolic link"),
                "{file}: {said}"
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn no_message_quotes_what_is_no_log() {
    let copy = Copy::new();
    let folder = copy.run.parent().expect("a folder").to_owned();
    let secret = "root-secret-line hunter2\nmore\n";
    fs::write(folder.join("private"), secret).expect("a file");
    let said = |copy: &Copy| {
        let (code, answer, said) = answer(&folder, &["check", "two-machines"]);
        assert_eq!(code, Some(1), "{said}");
        assert!(
            !said.contains("hunter2") && !answer.contains("hunter2"),
            "{said}"
        );
        let _ = fs::remove_file(copy.file("trial-000/machine-0.csv"));
        said
    };
    copy.write("trial-000/machine-0.csv", secret.as_bytes());
    assert!(said(&copy).contains("another first line, of 24 bytes"));
    copy.write("trial-000/machine-0.csv", b"root-secret hunter2");
    assert!(said(&copy).contains("another first line, of 19 bytes without a line end"));
    std::os::unix::fs::symlink("../../private", copy.file("trial-000/machine-0.csv"))
        .expect("a link");
    assert!(said(&copy).contains("a symbolic link"));
}

#[test]
fn our_logs_are_read_as_a_shell_or_an_archive_leaves_them() {
    let plain = Copy::new().read("trial-000/machine-0.csv");
    let utf16: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(plain.as_bytes()).expect("memory");
    let verdict = |copy: &Copy| {
        let folder = copy.run.parent().expect("a folder");
        answer(folder, &["check", "two-machines"]).1
    };
    let expected = verdict(&Copy::new());
    for (name, bytes) in [
        (
            "machine-0.csv",
            [b"\xef\xbb\xbf", plain.as_bytes()].concat(),
        ),
        ("machine-0.csv", plain.replace('\n', "\r\n").into_bytes()),
        (
            "machine-0.csv",
            [b"\xff\xfe".to_vec(), utf16.clone()].concat(),
        ),
        ("machine-0.csv", utf16),
        ("machine-0.csv.gz", packed.finish().expect("memory")),
    ] {
        let copy = Copy::new();
        fs::remove_file(copy.file("trial-000/machine-0.csv")).expect("a file");
        copy.write(&format!("trial-000/{name}"), &bytes);
        assert_eq!(verdict(&copy), expected, "{name}");
    }
}

#[test]
fn a_log_that_the_manifest_does_not_name_is_told() {
    let copy = Copy::new();
    copy.replace("trial-000/trial.json", "machine-1.csv", "machine-9.csv");
    let folder = copy.run.parent().expect("a folder");
    let (code, _, said) = answer(folder, &["check", "two-machines"]);
    assert_eq!(code, Some(1), "{said}");
    let told = "machine-1.csv: expected the logs that trial.json names, found another";
    assert!(said.contains(told), "{said}");
}

#[test]
fn logs_of_another_program_beside_ours_are_a_warning_and_tables_are_not() {
    let copy = Copy::new();
    let folder = copy.run.parent().expect("a folder");
    copy.write("results.csv", b"group,mean\na,1.5\nb,2.5\n");
    let (code, _, said) = answer(folder, &["check", "two-machines"]);
    assert_eq!(code, Some(0), "{said}");
    copy.write("theirs.log", LOGS[0].1.as_bytes());
    let (code, _, said) = answer(folder, &["check", "two-machines"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("theirs.log") && said.contains("a log of another program"),
        "{said}"
    );
    let (code, json, said) = answer(folder, &["grade", "two-machines", "--json", "-"]);
    assert_eq!(code, Some(1), "{said}");
    let grade: Value = serde_json::from_str(&json).expect("JSON");
    let unread = &grade["submissions"][0]["unread_logs"][0];
    let file = unread["file"].as_str().expect("a file");
    assert!(file.ends_with("theirs.log"), "{unread}");
}
