//! Where samples are made: the runner and `analyze` in a folder of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::log::TrialLog;
use logs::scan;
use tempfile::TempDir;

use crate::mutants::input::{Entry, Input};
use crate::programs::runner;

/// Where samples are made.
pub(super) struct Bench {
    analyze: PathBuf,
    folder: TempDir,
}

impl Bench {
    pub(super) fn new(analyze: &Path) -> Bench {
        Bench {
            analyze: analyze.to_owned(),
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// The files of a run in virtual time; it lies in the folder of this name.
    pub(super) fn run(&self, name: &str, arguments: &str) -> Input {
        let place = self.folder.path().join(name);
        if !place.exists() {
            let scratch = self.folder.path().join("made");
            let made = Command::new(runner())
                .args(arguments.split(' '))
                .args(["--virtual", "--seed", "5", "--out"])
                .arg(&scratch)
                .current_dir(self.folder.path())
                .output()
                .expect("the runner starts");
            assert!(made.status.success(), "{made:?}");
            let run = fs::read_dir(&scratch).expect("a folder").flatten().next();
            fs::rename(run.expect("a run").path(), &place).expect("a new name");
            without_origin(&place.join("run.json"));
        }
        Input::read(&place)
    }

    /// A small run of two trials, which most samples are made of.
    pub(super) fn small_run(&self) -> Input {
        self.run("run", "trial --count 2 --duration 8s --rates 1,3,6")
    }

    /// The small run in a summary.
    pub(super) fn summary(&self) -> Input {
        self.small_run();
        self.analyze("run --summary run.parquet");
        let bytes = fs::read(self.folder.path().join("run.parquet")).expect("a summary");
        Input([("run.parquet".into(), Entry::File(bytes))].into())
    }

    /// A notebook of one page about the small run, with a ledger of these claims, and the figures of the page.
    pub(super) fn notebook(&self, claims: &str) -> Input {
        let claims = Input::of(&[("claims.toml", claims)]);
        let notebook = self.small_run().below("data/run").with(claims);
        notebook.write(&self.folder.path().join("notebook"));
        self.analyze("--notebook notebook/01-page.md notebook/data/run");
        let read = |name: &str| Input::read(&self.folder.path().join(name)).below(name);
        read("notebook").with(read("figures"))
    }

    /// The same files, one of them compressed.
    pub(super) fn gzip(&self, mut input: Input, path: &str) -> Input {
        let Some(Entry::File(bytes)) = input.0.remove(Path::new(path)) else {
            panic!("{path}: no file of ours");
        };
        self.write(
            "plain",
            &String::from_utf8(bytes).expect("our logs are text"),
        );
        let made = Command::new("gzip")
            .args(["-n", "-c", "plain"])
            .current_dir(self.folder.path())
            .output()
            .expect("gzip starts");
        let compressed = Entry::File(made.stdout);
        input.0.insert(format!("{path}.gz").into(), compressed);
        input
    }

    fn analyze(&self, arguments: &str) {
        let done = Command::new(&self.analyze)
            .args(arguments.split(' '))
            .current_dir(self.folder.path())
            .output()
            .expect("analyze starts");
        assert!(done.status.success(), "{arguments}: {done:?}");
    }

    /// Puts a file beside what is made.
    pub(super) fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).expect("a file can be written");
    }

    /// The log that is told in other programs' shapes.
    pub(super) fn log(&self) -> TrialLog {
        self.small_run();
        let found = scan::find(&[self.folder.path().join("run")]).expect("the run is there");
        let loaded = scan::load(&found.places[0]).expect("a trial");
        assert!(loaded.notes.is_empty(), "{:?}", loaded.notes);
        TrialLog::of(&loaded.trial)
    }
}

/// Takes out of `run.json` what another host or another day would have written there.
fn without_origin(manifest: &Path) {
    let text = fs::read_to_string(manifest).expect("a manifest");
    let mut manifest_json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    manifest_json["created"] = "2026-11-21T00:00:00Z".into();
    manifest_json["host"] = "paper".into();
    manifest_json["tool"]["commit"] = "0000000".into();
    let text = serde_json::to_string_pretty(&manifest_json).expect("plain data");
    fs::write(manifest, text + "\n").expect("a file of ours");
}
