//! Bad machine logs: which rows are kept, what is told, and that nothing is skipped in silence.

mod fixtures;

use files::note::Note;
use fixtures::{Copy, two_machines};
use logs::scan;

/// The notes on a copy of which one file was changed, without the folder's name, and how many rows machine 0 has.
fn notes_on(change: impl Fn(&Copy)) -> (Vec<String>, usize) {
    let copy = Copy::new();
    change(&copy);
    let found = scan::find(&[copy.file("trial-000")]).expect("the trial is there");
    let loaded = scan::load(&found.places[0]).expect("the manifest is sound");
    assert_eq!(loaded.damaged, !loaded.notes.is_empty());
    (
        texts(&copy, &loaded.notes),
        loaded.trial.machines[0].rows.len(),
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
    assert_eq!(found.notes(), []);
    let log = scan::load(&found.places[0])
        .expect("the manifest is sound")
        .trial;
    assert_eq!(log.info.run, "two-machines");
    assert_eq!(log.machines[0].rows.line.values(), [2, 3, 4, 5]);
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
        (
            ",receive,4,",
            ",receive,9007199254740992,",
            "an implausible one (column `clock`: expected a number below 2^53, found `9007199254740992`)",
        ),
        (
            ",receive,4,0,1,1,3",
            ",receive,4,0,1,18446744073709551615,3",
            "column `sent_tick`: expected a number below 2^53",
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
