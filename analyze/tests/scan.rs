//! Folders and manifests: what is found, in which order, and what is told when something is not as it should be.

mod fixtures;

use files::note::{Note, Severity};
use fixtures::{Copy, two_machines};
use logs::scan::{self, Loaded, ScanError};

fn load(copy: &Copy) -> Result<Loaded, Box<Note>> {
    let found = scan::find(&[copy.file("trial-000")]).expect("the trial is there");
    scan::load(&found.places[0])
}

fn texts(copy: &Copy, notes: &[Note]) -> Vec<String> {
    let folder = format!("{}/", copy.run.display());
    notes
        .iter()
        .map(|note| note.to_string().replace(&folder, ""))
        .collect()
}

#[track_caller]
fn assert_one(notes: &[String], parts: &[&str]) {
    let [note] = notes else {
        panic!("expected one note, found {notes:#?}");
    };
    for part in parts {
        assert!(note.contains(part), "no `{part}` in: {note}");
    }
}

#[test]
fn manifests_that_cannot_be_used_refuse_the_trial() {
    for (from, to, part) in [
        (
            "\"format_version\": 1",
            "\"format_version\": 2",
            "expected format version 1, the one that this program reads",
        ),
        ("\"format_version\": 1,", "", "found format version null"),
        ("\"trial\": 0", "\"trial\": nought", "trial.json:3:"),
        (
            "\"speed\": 1.0",
            "\"speed\": 0.0",
            "expected a speed from 0.000001 to 1000000, found 0",
        ),
        (
            "\"speed\": 1.0",
            "\"speed\": 1e300",
            "expected a speed from 0.000001 to 1000000, found 1",
        ),
        (
            "\"id\": 1",
            "\"id\": 0",
            "ids 0, 1, 2, … in this order, so here 1, found 0",
        ),
        (
            "\"phase\": \"random\"",
            "\"phase\": \"random\", \"design\": \"timekeeper\"",
            "expected machine 1, the fastest, as the timekeeper of the design `timekeeper`, found none",
        ),
        (
            "\"trial\": 0",
            "\"trial\": 0, \"timekeeper\": 1",
            "expected no timekeeper in the design `mesh`, found machine 1",
        ),
        (
            "\"machines\": 2",
            "\"machines\": 3",
            "found 2 machines for a condition of 3",
        ),
        ("\"rate\": 2.0", "\"rate\": 0.0", "a rate of 0"),
        (
            "\"rate\": 2.0",
            "\"rate\": 3.0",
            "trial.json: expected rate 2 for machine 1, as in the condition, found rate 3",
        ),
        (
            "\"fixed\": [\n        1.0,\n        2.0\n      ]",
            "\"fixed\": [1.0]",
            "expected a rate of the condition for each of 2 machines, found 1 rates",
        ),
        (
            "\"fixed\": [\n        1.0,\n        2.0\n      ]",
            "\"range\": [2, 6]",
            "expected rates from 2 to 6, as in the condition, found rate 1 for machine 0",
        ),
        (
            "\"id\": 1",
            "\"id\": 7",
            "in this order, so here 1, found 7",
        ),
        (
            "\"started_ns\": 1000000000000000000",
            "\"started_ns\": null",
            "expected `started_ns`, because the trial is marked complete, found none",
        ),
        (
            "\"machine-1.csv\"",
            "\"../trial-001/machine-1.csv\"",
            "expected a log that is a plain file name in the trial's folder, found `../trial-001",
        ),
        ("\"machine-1.csv\"", "\"..\"", "found `..` for machine 1"),
        (
            "\"machine-1.csv\"",
            "\"/dev/null\"",
            "found `/dev/null` for machine 1",
        ),
        ("\"machine-1.csv\"", "\"\"", "found `` for machine 1"),
        (
            "\"machine-1.csv\"",
            "\"machine-0.csv\"",
            "expected a different log for each machine, found `machine-0.csv` for machine 1",
        ),
    ] {
        let copy = Copy::new();
        copy.replace("trial-000/trial.json", from, to);
        let note = load(&copy).expect_err("the manifest is unsound");
        assert_eq!(note.severity, Severity::Error);
        assert!(note.to_string().contains(part), "no `{part}` in: {note}");
    }
}

#[test]
fn a_trial_of_more_machines_than_any_is_refused() {
    let copy = Copy::new();
    let text = copy.read("trial-000/trial.json");
    let mut manifest: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    manifest["condition"]["machines"] = 1001.into();
    let machine = manifest["machines"][0].clone();
    manifest["machines"] = vec![machine; 1001].into();
    copy.write("trial-000/trial.json", manifest.to_string().as_bytes());
    let note = load(&copy).expect_err("the manifest is unsound");
    assert!(
        note.to_string()
            .contains("at most 1000 machines, found 1001"),
        "{note}"
    );
}

#[test]
fn a_folder_of_another_number_than_its_trial_is_told() {
    let copy = Copy::new();
    copy.replace("trial-000/trial.json", "\"trial\": 0", "\"trial\": 5");
    let loaded = load(&copy).expect("the manifest is sound");
    assert_one(
        &texts(&copy, &loaded.notes),
        &[
            "warning: trial-000/trial.json: expected the manifest of trial 0",
            "found trial 5",
        ],
    );
    assert!(!loaded.damaged);
}

#[test]
fn a_trial_that_did_not_complete_is_told_with_its_reason() {
    for (status, part) in [
        (
            "\"aborted\", \"reason\": \"machine 1 was lost\"",
            "found aborted: machine 1 was lost",
        ),
        ("\"degraded\"", "found degraded: no reason given"),
        ("\"running\"", "cut off when its coordinator was killed"),
    ] {
        let copy = Copy::new();
        copy.replace("trial-000/trial.json", "\"complete\"", status);
        let loaded = load(&copy).expect("the manifest is sound");
        assert_one(
            &texts(&copy, &loaded.notes),
            &["warning: ", "expected a complete trial", part],
        );
    }
}

#[test]
fn the_journal_counts_what_was_not_delivered() {
    let copy = Copy::new();
    let journal = "{\"time_ns\":1,\"kind\":\"undelivered\",\"count\":3}\nnonsense\n{\"time_ns\":2,\"kind\":\"undelivered\",\"count\":4}\n{\"time";
    copy.write("trial-000/journal.jsonl", journal.as_bytes());
    let loaded = load(&copy).expect("the manifest is sound");
    assert_eq!(loaded.trial.info.undelivered, 7);
    let notes = texts(&copy, &loaded.notes);
    assert_eq!(notes.len(), 3, "{notes:#?}");
    assert!(
        notes[0].contains("journal.jsonl:2: expected a journal entry"),
        "{}",
        notes[0]
    );
    assert!(
        notes[1].contains("journal.jsonl:4:") && notes[1].contains("truncated"),
        "{}",
        notes[1]
    );
    assert!(notes[2].contains("7 undelivered"), "{}", notes[2]);
    assert!(!loaded.damaged);
}

#[test]
fn missing_trials_and_manifests_are_told() {
    let copy = Copy::new();
    copy.replace("run.json", "\"count\": 2", "\"count\": 5");
    std::fs::remove_file(copy.file("trial-001/trial.json")).expect("it is there");
    let found = scan::find(std::slice::from_ref(&copy.run)).expect("the run is there");
    assert_eq!(found.places.len(), 1);
    let notes = texts(&copy, &found.notes());
    assert_eq!(notes.len(), 2, "{notes:#?}");
    assert!(
        notes[0].contains("expected 5 trials, found 2; 3 missing, first trial 2"),
        "{}",
        notes[0]
    );
    assert!(
        notes[1].contains("trial-001: expected trial.json, found 2 machine logs"),
        "{}",
        notes[1]
    );
}

#[test]
fn a_spoilt_run_manifest_is_told_and_its_trials_are_read() {
    let copy = Copy::new();
    copy.write("run.json", b"{");
    let found = scan::find(std::slice::from_ref(&copy.run)).expect("the run is there");
    assert_eq!(found.places.len(), 2);
    assert_one(&texts(&copy, &found.notes()), &["the manifest of a run"]);
}

#[test]
fn a_run_of_another_version_is_told_as_a_trial_is() {
    let copy = Copy::new();
    let (from, to) = ("\"format_version\": 1", "\"format_version\": 7");
    copy.replace("run.json", from, to);
    let found = scan::find(std::slice::from_ref(&copy.run)).expect("the run is there");
    assert_one(
        &texts(&copy, &found.notes()),
        &[
            "run.json: expected format version 1, the one that this program reads, found format version 7",
            "use the `analyze` that came with its `runner`",
        ],
    );
}

#[test]
fn trials_without_the_manifest_of_their_run_are_told() {
    let copy = Copy::new();
    std::fs::remove_file(copy.file("run.json")).expect("it is there");
    let found = scan::find(std::slice::from_ref(&copy.run)).expect("the trials are there");
    assert_eq!(found.places.len(), 2);
    assert_eq!(found.notes()[0].severity, Severity::Info);
    assert_one(
        &texts(&copy, &found.notes()),
        &["found 2 trials without it", "whether trials are missing"],
    );
}

#[cfg(unix)]
#[test]
fn links_are_no_logs() {
    let empty = tempfile::tempdir().expect("the system has a place for temporary files");
    std::os::unix::fs::symlink(two_machines(), empty.path().join("link")).expect("can be made");
    let error = scan::find(&[empty.path().to_owned()]).expect_err("a link is not followed");
    assert!(error.to_string().starts_with("no logs in "), "{error}");
}

#[test]
fn folders_are_searched_in_order_and_each_trial_is_found_once() {
    let copy = Copy::new();
    let above = copy.run.parent().expect("a folder above").to_owned();
    for hidden in [".hidden", "target"] {
        let from = copy.file("trial-000");
        std::fs::create_dir_all(above.join(hidden)).expect("can be made");
        std::fs::copy(
            from.join("trial.json"),
            above.join(hidden).join("trial.json"),
        )
        .expect("can be copied");
    }
    let found = scan::find(&[above, copy.file("trial-001")]).expect("the run is there");
    let trials: Vec<_> = found
        .places
        .iter()
        .map(|place| place.dir.file_name().expect("a name"))
        .collect();
    assert_eq!(trials, ["trial-000", "trial-001"]);
}

#[test]
fn nothing_to_read_is_an_error_that_says_what_was_looked_for() {
    let empty = tempfile::tempdir().expect("the system has a place for temporary files");
    let error = scan::find(&[empty.path().to_owned()]).expect_err("there is nothing");
    assert!(matches!(error, ScanError::Nothing { .. }));
    assert!(
        error
            .to_string()
            .contains("looked for folders with trial.json"),
        "{error}"
    );
    let error = scan::find(&[empty.path().join("absent")]).expect_err("there is no such folder");
    assert!(matches!(error, ScanError::Path { .. }));
    let error = scan::find(&[two_machines().join("run.json")]).expect_err("a file is no folder");
    assert!(
        error.to_string().contains("pass the folder it is in"),
        "{error}"
    );
}
