//! Runs that are made again for a page: they end with the program that asked for them, and are no larger than allowed.

mod programs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Long enough for the slowest host; reached only when something is broken.
const PATIENCE: Duration = Duration::from_secs(120);

/// A notebook of one page, whose logs are a run of which only the manifest is kept.
struct Notebook(TempDir);

impl Notebook {
    fn new(driver: &str, config: Value) -> Notebook {
        let folder = TempDir::new().expect("a folder");
        let run = folder.path().join("data/2026-01-01T000000Z-scale-model");
        fs::create_dir_all(&run).expect("a folder");
        fs::create_dir(folder.path().join("scratch")).expect("a folder");
        let manifest = json!({
            "format_version": 1,
            "tool": {"name": "runner", "version": "0.1.0", "commit": null},
            "created": "2026-01-01T00:00:00Z",
            "host": "a stranger's",
            "driver": driver,
            "seed": 1,
            "config": config,
        });
        fs::write(run.join("run.json"), manifest.to_string()).expect("a file");
        let page = "# Page\n\n<!-- analyze:page logs=\"data\" figures=\"figures\" -->\n\n\
                    <!-- analyze:begin logs -->\n<!-- analyze:end -->\n";
        fs::write(folder.path().join("01-page.md"), page).expect("a file");
        Notebook(folder)
    }

    fn scratch(&self) -> PathBuf {
        self.0.path().join("scratch")
    }

    fn analyze(&self) -> Command {
        // It lies beside analyze.
        programs::runner();
        let mut command = Command::new(env!("CARGO_BIN_EXE_analyze"));
        command
            .env("TMPDIR", self.scratch())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn verify(&self) -> Command {
        let mut command = self.analyze();
        command.arg("verify").arg(self.0.path());
        command
    }

    fn verified(&self, options: &[&str]) -> (Output, String) {
        let output = self.verify().args(options).output();
        let output = output.expect("analyze starts");
        let said = [&output.stdout[..], &output.stderr].concat();
        (output, String::from_utf8_lossy(&said).into_owned())
    }
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.flatten().map(|entry| entry.path()).collect()
}

/// Whether a process runs; one that is over and has not been asked for yet does not.
#[cfg(target_os = "linux")]
fn runs(process: &str) -> bool {
    let state = fs::read_to_string(format!("/proc/{process}/stat"));
    state.is_ok_and(|state| !state.contains(") Z "))
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_analyze_leaves_neither_its_runner_nor_the_logs() {
    let notebook = Notebook::new("virtual", json!({"virtual": true, "count": 100_000}));
    let mut analyze = notebook.verify().spawn().expect("analyze starts");
    let child = || {
        let tasks = entries(Path::new(&format!("/proc/{}/task", analyze.id())));
        let children = tasks
            .iter()
            .map(|task| fs::read_to_string(task.join("children")));
        let children: Vec<String> = children.flatten().collect();
        children.concat().trim().to_owned()
    };
    until("a runner", || !child().is_empty());
    let runner = child();
    assert!(runs(&runner), "the runner is `{runner}`");
    analyze.kill().expect("it runs");
    analyze.wait().expect("it is over");
    until("no runner", || !runs(&runner));
    assert!(entries(&notebook.scratch()).is_empty());
}

#[test]
fn a_run_has_no_more_events_than_the_user_allows() {
    // 10 ticks a second for a minute, 0.4 messages a roll: 840 in each trial.
    let config = json!({"virtual": true, "count": 10_000_000, "rates": [1.0, 3.0, 6.0]});
    let notebook = Notebook::new("virtual", config);
    let (output, said) = notebook.verified(&[]);
    assert_eq!(output.status.code(), Some(2), "{said}");
    for part in [
        "2026-01-01T000000Z-scale-model",
        "8400000000 events",
        "--events-max 8400000000",
    ] {
        assert!(said.contains(part), "no `{part}`: {said}");
    }
    assert!(entries(&notebook.scratch()).is_empty());

    let config = json!({"virtual": true, "count": 10, "rates": [1.0, 3.0, 6.0]});
    let notebook = Notebook::new("virtual", config);
    let (output, said) = notebook.verified(&["--events-max", "8399"]);
    assert_eq!(output.status.code(), Some(2), "{said}");
    // The page is stale, which can be said once the run is made.
    let (output, said) = notebook.verified(&["--events-max", "8400"]);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(entries(&notebook.scratch()).is_empty());
}

#[test]
fn a_manifest_that_calls_sockets_virtual_opens_none() {
    let machines = json!([{"host": "0.0.0.0", "port": 7811}, {"host": "0.0.0.0", "port": 7812}]);
    let config = json!({"count": 1, "duration": "1s", "machine": machines});
    let notebook = Notebook::new("virtual", config.clone());
    let page = notebook.0.path().join("01-page.md");
    let mut refresh = notebook.analyze();
    let output = refresh.arg("--notebook").arg(&page).output();
    let output = output.expect("analyze starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let page = fs::read_to_string(page).expect("the page");
    assert!(page.contains("| virtual time |"), "{page}");

    let config = json!({
        "count": 1, "count_per_condition": 1, "name": "x", "seed": 1, "out": "logs",
        "conditions": [{"label": "theirs", "options": config}],
    });
    let notebook = Notebook::new("virtual", config);
    let (output, said) = notebook.verified(&[]);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("on sockets"), "{said}");
}
