//! Bad input: what is told, what is kept, and that nothing is skipped in silence.

mod fixtures;

use analyze::note::{Note, Severity};
use analyze::scan::{self, Loaded, ScanError};
use fixtures::{Copy, two_machines};

fn load(copy: &Copy) -> Result<Loaded, Box<Note>> {
    let found = scan::find(&[copy.file("trial-000")]).expect("the trial is there");
    scan::load(&found.places[0])
}

/// The notes on a copy of which one file was changed, without the folder's name, and how many rows machine 0 has.
fn notes_on(change: impl Fn(&Copy)) -> (Vec<String>, usize) {
    let copy = Copy::new();
    change(&copy);
    let loaded = load(&copy).expect("the manifest is sound");
    assert_eq!(loaded.damaged, !loaded.notes.is_empty());
    (
        texts(&copy, &loaded.notes),
        loaded.log.machines[0].rows.len(),
    )
}

fn texts(copy: &Copy, notes: &[Note]) -> Vec<String> {
    let folder = format!("{}/", copy.run.display());
    notes
        .iter()
        .map(|note| note.to_string().replace(&folder, ""))
        .collect()
}

const LOG: &str = "trial-000/machine-0.csv";

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
fn sound_logs_have_no_notes_and_true_line_numbers() {
    let (notes, rows) = notes_on(|_| {});
    assert_eq!((notes, rows), (Vec::new(), 4));
    let found = scan::find(&[two_machines()]).expect("the run is there");
    assert_eq!(found.places.len(), 2);
    assert_eq!(found.notes, []);
    let log = scan::load(&found.places[0])
        .expect("the manifest is sound")
        .log;
    assert_eq!(log.run, "two-machines");
    assert_eq!(log.machines[0].rows.line, [2, 3, 4, 5]);
}

#[test]
fn a_last_line_without_line_end_is_dropped_even_if_it_parses() {
    let (notes, rows) = notes_on(|copy| {
        let text = copy.read(LOG);
        copy.write(LOG, text.trim_end().as_bytes());
    });
    assert_eq!(rows, 3);
    assert_one(
        &notes,
        &["warning: trial-000/machine-0.csv:5:", "a truncated row `3,"],
    );
}

#[test]
fn an_empty_file_is_told() {
    let (notes, rows) = notes_on(|copy| copy.write(LOG, b""));
    assert_eq!(rows, 0);
    assert_one(
        &notes,
        &["machine-0.csv: expected the header", "found an empty file"],
    );
}

#[test]
fn a_header_without_rows_is_told() {
    let (notes, rows) = notes_on(|copy| {
        let header = copy
            .read(LOG)
            .lines()
            .take(1)
            .map(|line| format!("{line}\n"))
            .collect::<String>();
        copy.write(LOG, header.as_bytes());
    });
    assert_eq!(rows, 0);
    assert_one(
        &notes,
        &["expected rows after the header, found the header only"],
    );
}

#[test]
fn a_missing_log_is_told() {
    let (notes, rows) = notes_on(|copy| std::fs::remove_file(copy.file(LOG)).expect("it is there"));
    assert_eq!(rows, 0);
    assert_one(
        &notes,
        &[
            "error: trial-000/machine-0.csv:",
            "found no such file",
            "restore",
        ],
    );
}

#[test]
fn another_programs_header_is_refused() {
    let (notes, rows) = notes_on(|copy| copy.replace(LOG, "tick,time_ns", "time,tick"));
    assert_eq!(rows, 0);
    assert_one(
        &notes,
        &[
            "machine-0.csv:1: expected the header `tick,",
            "found `time,tick,",
        ],
    );
}

#[test]
fn rows_without_a_header_are_read_and_told() {
    let (notes, rows) = notes_on(|copy| {
        let rows: String = copy
            .read(LOG)
            .lines()
            .skip(1)
            .map(|line| format!("{line}\n"))
            .collect();
        copy.write(LOG, rows.as_bytes());
    });
    assert_eq!(rows, 4);
    assert_one(
        &notes,
        &["machine-0.csv:1: expected the header", "found a row"],
    );
}

#[test]
fn a_corrupt_row_is_left_out_and_told() {
    for (from, to, found) in [
        (
            ",send,1",
            ",sent,1",
            "column `event`: expected internal, send, broadcast or receive, found `sent`",
        ),
        (
            ",receive,4,",
            ",receive,four,",
            "column `clock`: expected a whole number, found `four`",
        ),
        (",receive,4,", ",receive,-4,", "found `-4`"),
        (",receive,4,", ",receive, 4,", "found ` 4`"),
        (",receive,4,", ",receive,,", "column `clock`"),
        (
            ",receive,4,0,1,1,3",
            ",receive,4,0,1,1",
            "column `sent_clock`",
        ),
        (
            ",receive,4,0,1,1,3",
            ",receive,4,0,1,1,3,9",
            "after the last column, found `9`",
        ),
        (
            ",receive,4,0,1,1,3",
            ",internal,4,0,1,1,3",
            "nothing for this kind of event",
        ),
        (
            "1,1000000001000000000,receive,4,0,1,1,3",
            "",
            "an empty line",
        ),
        (
            "1,1000000001000000000",
            "\"1\",1000000001000000000",
            "column `tick`",
        ),
        (
            ",receive,4,0,1,1,3",
            ",receive,99999999999999999999,0,1,1,3",
            "column `clock`",
        ),
    ] {
        let (notes, rows) = notes_on(|copy| copy.replace(LOG, from, to));
        assert_eq!(rows, 3, "{to}");
        assert_one(
            &notes,
            &["warning: trial-000/machine-0.csv:", "expected a row", found],
        );
    }
}

#[test]
fn rows_that_cancel_out_in_number_of_fields_are_both_told() {
    let (notes, rows) = notes_on(|copy| {
        copy.replace(LOG, ",receive,4,0,1,1,3", ",receive,4,0,1,1,3,9");
        copy.replace(LOG, ",receive,5,1,1,2,4", ",receive,5,1,1,2");
    });
    assert_eq!((notes.len(), rows), (2, 2));
}

#[test]
fn bytes_that_are_no_text_are_told() {
    let (notes, rows) = notes_on(|copy| {
        let mut bytes = copy.read(LOG).into_bytes();
        let at = bytes
            .iter()
            .position(|&byte| byte == b's')
            .expect("`sent_tick` has one");
        let line = bytes
            .iter()
            .skip(at)
            .position(|&byte| byte == b'\n')
            .expect("lines end")
            + at;
        bytes[line + 1] = 0xff;
        copy.write(LOG, &bytes);
    });
    assert_eq!(rows, 3);
    assert_one(&notes, &["machine-0.csv:2:", "not UTF-8"]);
}

#[test]
fn windows_line_ends_are_read() {
    let (notes, rows) = notes_on(|copy| {
        let text = copy.read(LOG).replace('\n', "\r\n");
        copy.write(LOG, text.as_bytes());
    });
    assert_eq!((notes, rows), (Vec::new(), 4));
}

#[test]
fn many_bad_rows_are_counted() {
    let (notes, rows) = notes_on(|copy| {
        let text = copy.read(LOG) + &"nonsense\n".repeat(100);
        copy.write(LOG, text.as_bytes());
    });
    assert_eq!((notes.len(), rows), (6, 4));
    assert!(
        notes[5].contains("95 more bad lines, the last at 105"),
        "{}",
        notes[5]
    );
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
            "expected a speed above 0",
        ),
        ("\"id\": 1", "\"id\": 0", "a different id for each machine"),
        (
            "\"machines\": 2",
            "\"machines\": 3",
            "found 2 machines for a condition of 3",
        ),
        ("\"rate\": 2.0", "\"rate\": 0.0", "a rate of 0"),
    ] {
        let copy = Copy::new();
        copy.replace("trial-000/trial.json", from, to);
        let note = load(&copy).expect_err("the manifest is unsound");
        assert_eq!(note.severity, Severity::Error);
        assert!(note.to_string().contains(part), "no `{part}` in: {note}");
    }
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
    assert_eq!(loaded.log.undelivered, 7);
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
    let notes = texts(&copy, &found.notes);
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
    assert_one(&texts(&copy, &found.notes), &["the manifest of a run"]);
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
