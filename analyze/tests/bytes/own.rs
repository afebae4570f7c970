//! The readers of our own runs: manifests, machines' logs, journals.

use std::fs;

use files::note::Note;
use logs::scan;
use proptest::prelude::*;

use tempfile::TempDir;

use super::samples::{any_bytes, changed, changes, long_line, monsters};

/// A run of one trial, and its files as they should be.
const FILES: [(&str, &str); 5] = [
    ("run.json", include_str!("../logs/two-machines/run.json")),
    (
        "trial-000/trial.json",
        include_str!("../logs/two-machines/trial-000/trial.json"),
    ),
    (
        "trial-000/machine-0.csv",
        include_str!("../logs/two-machines/trial-000/machine-0.csv"),
    ),
    (
        "trial-000/machine-1.csv",
        include_str!("../logs/two-machines/trial-000/machine-1.csv"),
    ),
    (
        "trial-000/journal.jsonl",
        include_str!("../logs/two-machines/trial-000/journal.jsonl"),
    ),
];

/// Notes on one file may be so many, and their texts so long.
const NOTES_MAX: usize = 20;
const TEXT_MAX: usize = 4_000;

/// Scans the run and loads its trial, with these bytes for one of its files.
fn read(file: &str, bytes: &[u8]) {
    let run = run_with(file, bytes);
    let lines = bytes.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let Ok(found) = scan::find(&[run.path().to_owned()]) else {
        return;
    };
    check(&found.notes());
    for place in &found.places {
        match scan::load(place) {
            Err(note) => check(&[*note]),
            Ok(loaded) => {
                check(&loaded.notes);
                // The sound files of the sample have fewer rows than this.
                let rows = loaded
                    .trial
                    .machines
                    .iter()
                    .map(|machine| machine.rows.len());
                assert!(rows.max() <= Some(lines.max(20)));
            }
        }
    }
}

fn run_with(file: &str, bytes: &[u8]) -> TempDir {
    let run = tempfile::tempdir().expect("the system has a place for temporary files");
    fs::create_dir(run.path().join("trial-000")).expect("a folder can be made");
    for (name, text) in FILES {
        let bytes = if name == file { bytes } else { text.as_bytes() };
        fs::write(run.path().join(name), bytes).expect("a file can be written");
    }
    run
}

fn check(notes: &[Note]) {
    assert!(notes.len() <= NOTES_MAX, "{} notes", notes.len());
    for note in notes {
        let length = note.to_string().len();
        assert!(
            length <= TEXT_MAX,
            "{length} bytes: {:.200}",
            note.to_string()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_bytes_are_read(bytes in any_bytes(), file in prop::sample::select(&FILES)) {
        read(file.0, &bytes);
    }

    #[test]
    fn changed_files_are_read(changes in changes(), file in prop::sample::select(&FILES)) {
        read(file.0, &changed(file.1.as_bytes(), &changes));
    }
}

#[test]
fn large_files_of_nonsense_are_read_and_told_in_few_words() {
    for (name, bytes) in monsters() {
        // The logs of both machines are read alike.
        for (file, _) in FILES.iter().filter(|(file, _)| !file.ends_with("1.csv")) {
            eprintln!("{name} as {file}");
            read(file, &bytes);
        }
    }
}

#[test]
fn large_logs_of_nonsense_below_a_sound_header_are_read_and_told_in_few_words() {
    let (log, text) = FILES[2];
    let header = text.lines().next().expect("a header");
    for (name, bytes) in monsters().into_iter().chain([("a long line", long_line())]) {
        eprintln!("{name}");
        read(log, &[header.as_bytes(), b"\n", &bytes, b"\n"].concat());
    }
}
