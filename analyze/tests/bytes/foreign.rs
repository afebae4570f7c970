//! The readers of other programs' logs, by every built-in format and by formats of any text.

use std::fs;
use std::path::Path;

use formats::builtin::{self, builtin};
use formats::line_stats::UNEXPLAINED_SHOWN;
use formats::spec::Format;
use formats::{self, Compiled};
use proptest::prelude::*;

use super::samples::{any_bytes, changed, changes, monsters};

/// Formats of every kind of lines: compiling all the built-in ones takes long.
const NAMES: [&str; 4] = ["shiviz", "csv", "tsv", "json-lines"];

const SAMPLE: &str = "time,event,clock,queue,sender\n1708941603.5,RECEIVE,17,3,2\nM1 {\"M1\":3,\"M2\":2}\nReceive from M2\n\
    {\"timestamp\": 1708941603.5, \"machine_id\": 1, \"event\": \"SEND\", \"lc\": 17, \"to\": [2, 3]}\n";

fn compiled() -> Vec<Compiled> {
    let formats = builtin()
        .iter()
        .filter(|format| NAMES.contains(&&*format.name));
    formats
        .map(|format| Compiled::new(format).expect("a built-in format"))
        .collect()
}

/// Reads the bytes as a log; every line is in the account, and nothing is larger than the lines are many.
fn read(formats: &[Compiled], bytes: &[u8]) {
    let dir = tempfile::tempdir().expect("the system has a place for temporary files");
    fs::write(dir.path().join("m.log"), bytes).expect("a file can be written");
    for compiled in formats {
        let reading = {
            let inventory = formats::Inventory::of(&[dir.path().to_owned()]).expect("a folder");
            formats::read_all(&inventory, compiled).expect("a folder")
        };
        assert!(reading.notes.len() <= 40, "{} notes", reading.notes.len());
        let events: usize = reading
            .trials
            .iter()
            .flat_map(|history| &history.machines)
            .map(|machine| machine.rows.len())
            .sum();
        let mut lines = 0;
        for file in &reading.account.files {
            let ignored: u64 = file.ignored.values().sum();
            assert_eq!(
                file.events + file.headers + ignored + file.unexplained,
                file.lines
            );
            assert!(file.lines <= bytes.len() as u64);
            assert!(file.examples.len() <= UNEXPLAINED_SHOWN);
            assert!(
                file.examples
                    .iter()
                    .all(|example| example.text.len() + example.why.len() < 4_000)
            );
            lines += file.lines;
        }
        // A line of JSON may hold several objects, each of two bytes or more.
        assert!(events as u64 <= lines.max(bytes.len() as u64 / 2));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_bytes_and_changed_samples_are_read(bytes in any_bytes(), changes in changes()) {
        thread_local! {
            static FORMATS: Vec<Compiled> = compiled();
        }
        FORMATS.with(|formats| {
            read(formats, &bytes);
            read(formats, &changed(SAMPLE.as_bytes(), &changes));
        });
    }

    #[test]
    fn formats_of_any_text_are_formats_or_refused(changes in changes(), text in "\\PC{0,200}") {
        let sample = builtin::text("csv").expect("a built-in format").as_bytes();
        let spoilt = String::from_utf8_lossy(&changed(sample, &changes)).into_owned();
        for text in [spoilt, text] {
            if let Ok(format) = Format::from_toml(&text, Path::new("any.toml"))
                && let Err(error) = Compiled::new(&format)
            {
                prop_assert!(error.to_string().contains("any.toml") || !error.place.is_empty());
            }
        }
    }
}

/// How much of a large file every format has to read.
const LARGE_BYTES: usize = 20_000;

#[test]
fn large_files_of_nonsense_are_read() {
    let formats = compiled();
    let long_line = vec![b'7'; 1_000_000];
    for (name, bytes) in monsters().into_iter().chain([("a long line", long_line)]) {
        eprintln!("{name}");
        // Many formats take turns at each line until one explains it: a sample of the lines is enough.
        read(&formats, &bytes[..bytes.len().min(LARGE_BYTES)]);
    }
}

#[test]
fn regexes_that_would_fill_the_memory_are_refused() {
    let event = |pattern: &str| {
        Format::from_toml(
            &format!("name = 'bomb'\n[[event]]\nkind = 'send'\npattern = '{pattern}'\n"),
            Path::new("bomb.toml"),
        )
    };
    for pattern in [
        "(?<clock>(a{1000}){1000})",
        "((((((a{100}){100}){100}){100}){100}){100})",
        &"(".repeat(100_000),
    ] {
        let format = event(pattern).expect("it is TOML");
        let refused = Compiled::new(&format).expect_err("no regex to work with");
        assert!(
            refused.to_string().contains("[[event]] 1"),
            "{refused:.300}"
        );
    }
    // What backtracking readers never finish is read in a time that grows with the line alone.
    let hard = Compiled::new(&event("^(a|aa)+(?<clock>[0-9])$").expect("TOML")).expect("a format");
    read(&[hard], &b"a".repeat(100_000));
}

#[test]
fn deeply_nested_toml_is_refused() {
    let deep = 100_000;
    for nested in [
        format!("name = {}", "[".repeat(deep)),
        format!("name = {}", "{a=".repeat(deep)),
        format!("name = {}1{}", "[".repeat(deep), "]".repeat(deep)),
        format!("name{} = 1", ".a".repeat(deep)),
        format!("[alias{}]\nb = 1", ".a".repeat(deep)),
    ] {
        assert!(Format::from_toml(&nested, Path::new("nested.toml")).is_err());
    }
}
