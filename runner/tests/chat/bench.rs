//! A folder in which commands are typed, and what they leave there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use event_log::chat::TrialSummary;
use event_log::{Record, Row, layout};
use tempfile::TempDir;

use crate::common::sorted_entries;

pub(crate) const STORM: &str = "\
[[storm]]
do = [\"kill\", \"pause\"]
target = \"any\"
every = \"4s\"
for = \"0.5s..3s\"
most = 2
";

/// One server is cut off for longer than a suspicion while clients go on.
pub(crate) const PARTITION: &str = "\
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
pub(crate) struct Bench {
    folder: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Bench {
        let folder = TempDir::new().expect("a temporary folder");
        fs::write(folder.path().join("storm.toml"), STORM).expect("a file");
        fs::write(folder.path().join("partition.toml"), PARTITION).expect("a file");
        Bench { folder }
    }

    /// Runs a command line as it is typed, with `runner` in front.
    pub(crate) fn type_in(&self, line: &str) -> Output {
        self.command(line).output().expect("runner starts")
    }

    pub(crate) fn command(&self, line: &str) -> Command {
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

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Folders of runs, the oldest first.
    pub(crate) fn runs(&self, out: &str) -> Vec<PathBuf> {
        sorted_entries(&self.path(out))
    }

    pub(crate) fn summary(&self, out: &str) -> String {
        let run = self.runs(out).pop().expect("a run");
        fs::read_to_string(run.join(layout::SUMMARY_FILE)).expect("a summary")
    }
}

pub(crate) fn rows(summary: &str) -> Vec<TrialSummary> {
    let mut lines = summary.lines();
    assert_eq!(lines.next(), Some(TrialSummary::HEADER));
    lines
        .map(|line| TrialSummary::decode_line(line).expect(line))
        .collect()
}

/// Rows of a log, which has some.
pub(crate) fn log<E: Row>(path: &Path) -> usize {
    let text = fs::read_to_string(path).expect("a log");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(E::HEADER));
    let rows = lines.map(|line| Record::<E>::decode_line(line).expect(line));
    rows.count()
}
