//! Everything of `analyze` on logs of another program: measured where they can be, and silent where they cannot.

use std::fs;
use std::path::{Path, PathBuf};

use analyze::analysis::{Analysis, Wanted, analyse_as};
use analyze::compare::compare;
use analyze::figures;
use analyze::markdown;
use assert_cmd::Command;
use formats::Compiled;
use formats::spec::Format;
use tempfile::TempDir;

const FORMAT: &str = r#"
name = "minutes"

[files]
include = ["**/*.log"]
path = '(?<trial>night-\d+)/(?<machine>[a-z]+)\.log$'

[time]
format = "epoch_s"

[[header]]
pattern = '^ticks (?<rate>\d+) times a second$'

[[event]]
kind = "receive"
pattern = '^(?<time>[\d.]+) took (?<carried>\d+) from (?<from>[a-z]+), (?<queue>\d+) left, now (?<clock>\d+)$'

[[event]]
kind = "send"
pattern = '^(?<time>[\d.]+) told (?<to>[a-z]+), now (?<clock>\d+)$'

[[event]]
kind = "internal"
pattern = '^(?<time>[\d.]+) idle, now (?<clock>\d+)$'
"#;

const HARE: &str = "ticks 2 times a second\n100.0 idle, now 1\n100.5 told slug, now 2\n101.0 idle, now 3\n101.5 idle, now 4\n";
const SLUG: &str =
    "ticks 1 times a second\n100.2 idle, now 1\n101.2 took 2 from hare, 0 left, now 3\n";

/// A folder of two nights, its format beside it.
struct Nights {
    folder: TempDir,
}

impl Nights {
    fn new() -> Nights {
        let nights = Nights {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        for night in ["night-1", "night-2"] {
            nights.write(&format!("theirs/{night}/hare.log"), HARE);
            nights.write(&format!("theirs/{night}/slug.log"), SLUG);
        }
        nights.write("minutes.toml", FORMAT);
        nights
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let file = self.path(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text).expect("a file");
    }

    fn analyse(&self) -> Analysis {
        let format = Format::from_toml(FORMAT, Path::new("minutes.toml")).expect("a format");
        let compiled = Compiled::new(&format).expect("patterns");
        let wanted = Wanted::Digests;
        analyse_as(&[self.path("theirs")], &compiled, wanted).expect("trials")
    }

    fn run(&self, options: &[&str]) -> (Option<i32>, String, String) {
        let mut command = Command::cargo_bin("analyze").expect("the program");
        let output = command
            .current_dir(self.folder.path())
            .args(options)
            .output()
            .expect("it starts");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    }
}

#[test]
fn a_foreign_trial_is_measured_as_ours_and_what_it_does_not_say_is_null() {
    let analysis = Nights::new().analyse();
    let report = serde_json::to_value(&analysis.report).expect("JSON");
    let trial = &report["trials"][0];
    assert_eq!(trial["name"], "night-1");
    assert_eq!(
        (&trial["seed"], &trial["driver"]),
        (&serde_json::Value::Null, &serde_json::Value::Null)
    );
    assert_eq!(trial["counted"], true);
    let (hare, slug) = (&trial["machines"][0], &trial["machines"][1]);
    assert_eq!(
        (&hare["name"], &slug["name"]),
        (&"hare".into(), &"slug".into())
    );
    assert_eq!(hare["rate"], 2.0);
    assert_eq!(hare["tick_rate"], 2.0);
    assert_eq!(hare["queue_max"], serde_json::Value::Null);
    assert_eq!(slug["queue_max"], 0);
    assert_eq!(hare["lateness_p50_ms"], serde_json::Value::Null);
    assert_eq!(slug["jump_max"], 2);
    assert_eq!(slug["inherited_from"]["0"], 1);
    let wait = slug["wait_mean_s"]
        .as_f64()
        .expect("the message was matched");
    assert!((wait - 0.7).abs() < 1e-6, "{wait}");
    let condition = &report["conditions"][0];
    assert_eq!(condition["trials"], 2);
    assert_eq!(condition["condition"]["format"], "minutes");
    assert_eq!(
        condition["condition"]["rates"]["fixed"],
        serde_json::json!([2.0, 1.0])
    );
    assert_eq!(condition["machines"][1]["name"], "slug");
    assert_eq!(
        condition["machines"][1]["predicted_arrival_rate"],
        serde_json::Value::Null
    );
    let files = report["account"]["files"].as_array().expect("files");
    assert_eq!(files.len(), 4);
    assert_eq!(
        (&files[0]["events"], &files[0]["headers"]),
        (&4.into(), &1.into())
    );
    let text = markdown::report(&analysis.report, true);
    assert!(
        text.contains("night-2") && text.contains("### Lines"),
        "{text}"
    );
}

#[test]
fn figures_are_drawn_of_what_there_is_and_none_of_lateness() {
    let nights = Nights::new();
    let analysis = nights.analyse();
    let drawn = figures::draw_all(
        &analysis.report,
        &analysis.digests,
        &nights.path("pictures"),
        false,
    );
    let drawn = drawn.expect("figures");
    let names: Vec<&str> = drawn.iter().map(|figure| figure.name).collect();
    assert!(
        names.contains(&"clock") && names.contains(&"space_time"),
        "{names:?}"
    );
    assert!(!names.contains(&"lateness"), "{names:?}");
    let clock = drawn.iter().find(|figure| figure.name == "clock");
    let svg = clock.map(|figure| fs::read_to_string(&figure.file).expect("an SVG"));
    assert!(svg.is_some_and(|svg| svg.contains("hare · 2 Hz")));
}

#[test]
fn a_line_that_nothing_explains_leaves_its_trial_out_and_is_told() {
    let nights = Nights::new();
    nights.write("theirs/night-2/slug.log", &format!("{SLUG}what is this\n"));
    let (code, json, said) = nights.run(&["theirs", "--log-format", "minutes.toml", "--json", "-"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("slug.log:4") && said.contains("what is this"),
        "{said}"
    );
    let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(report["trials"][1]["counted"], false);
    assert_eq!(report["trials"][1]["reason"], "unexplained lines");
    assert_eq!(report["conditions"][0]["left_out"]["unexplained lines"], 1);
}

#[test]
fn two_foreign_folders_compare_and_plans_are_made_of_them() {
    let nights = Nights::new();
    for night in ["night-1", "night-2", "night-3"] {
        let hare = HARE.replace("101.5 idle, now 4", "102.0 idle, now 4");
        nights.write(&format!("others/{night}/hare.log"), &hare);
        nights.write(&format!("others/{night}/slug.log"), SLUG);
    }
    let format = Format::from_toml(FORMAT, Path::new("minutes.toml")).expect("a format");
    let compiled = Compiled::new(&format).expect("patterns");
    let paths = [nights.path("theirs"), nights.path("others")];
    let report = analyse_as(&paths, &compiled, Wanted::default())
        .expect("trials")
        .report;
    assert_eq!(report.conditions.len(), 2);
    let metrics = ["duration_s".to_owned()];
    let compared = compare(&report, "1", "2", &metrics).expect("two conditions");
    assert!(!compared.paired && compared.pairing.contains("do not tell their dice"));
    let hare = &compared.groups[0].metrics["duration_s"];
    assert_eq!(hare.difference.mean, Some(0.5));
}

#[test]
fn a_format_that_is_none_is_refused_with_what_there_is() {
    let nights = Nights::new();
    let (code, _, said) = nights.run(&["theirs", "--log-format", "nonesuch"]);
    assert_eq!(code, Some(2));
    assert!(
        said.contains("nonesuch") && said.contains("json-lines"),
        "{said}"
    );
}

/// Two machines that tell each other the time, in words of their own: what each logs, without a format.
const NORTH: &str = "\
[1700000000.10] INTERNAL clock=1
[1700000000.60] SENT to south clock=2
[1700000001.10] INTERNAL clock=3
[1700000001.60] RECEIVED from south sent=4 queue=0 clock=5
[1700000002.10] INTERNAL clock=6
[1700000002.60] SENT to south clock=7
[1700000003.10] INTERNAL clock=8
";
const SOUTH: &str = "\
[1700000000.20] INTERNAL clock=1
[1700000000.90] RECEIVED from north sent=2 queue=0 clock=3
[1700000001.30] SENT to north clock=4
[1700000001.90] INTERNAL clock=5
[1700000002.90] RECEIVED from north sent=7 queue=0 clock=8
[1700000003.20] INTERNAL clock=9
";

/// A folder of one such trial, with what the south is said to have logged.
fn unknown(south: &str) -> Nights {
    let nights = Nights {
        folder: tempfile::tempdir().expect("a temporary folder"),
    };
    nights.write("unknown/trial-1/north.log", NORTH);
    nights.write("unknown/trial-1/south.log", south);
    nights
}

#[test]
fn logs_in_a_format_that_nobody_named_are_read_checked_and_exported() {
    let nights = unknown(SOUTH);
    let (code, json, said) = nights.run(&["unknown", "--json", "-"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("explains 100 % of 13 lines"), "{said}");
    let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let trial = &report["trials"][0];
    assert_eq!(
        (&trial["counted"], &trial["violations"]),
        (&true.into(), &0.into())
    );
    assert_eq!(trial["machines"][1]["clock_final"], 9);
    assert_eq!(trial["machines"][1]["receive"], 2);
    assert_eq!(report["check"]["messages"], 3);
    let (code, _, said) = nights.run(&["export", "unknown", "--to", "shiviz"]);
    assert_eq!(code, Some(0), "{said}");
    let exported = fs::read_to_string(nights.path("unknown.shiviz.log")).expect("the export");
    assert!(
        exported.contains(r#"{"south":5,"north":6}"#)
            || exported.contains(r#"{"north":6,"south":5}"#),
        "{exported}"
    );
}

#[test]
fn a_fault_in_logs_that_nobody_named_a_format_for_is_found_with_its_lines_and_cause() {
    let nights = unknown(&SOUTH.replace("sent=7 queue=0 clock=8", "sent=7 queue=0 clock=6"));
    let (code, said, errors) = nights.run(&["check", "unknown"]);
    assert_eq!(code, Some(1), "{errors}");
    assert!(
        said.contains("south.log:5") && said.contains("clock-condition: VIOLATED in 1 of 3"),
        "{said}"
    );
    assert!(said.contains("likely cause:"), "{said}");
    let (code, said, _) = nights.run(&["unknown"]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("south.log:5") && said.contains("clock-condition broken by 1 of 3"),
        "{said}"
    );
}

/// The same two machines, in a table each.
const NORTH_TABLE: &str = "\
seconds,what,with,queue,sent,clock
1700000000.10,INTERNAL,,,,1
1700000000.60,SEND,south,,,2
1700000001.10,INTERNAL,,,,3
1700000001.60,RECEIVE,south,0,4,5
1700000002.10,INTERNAL,,,,6
1700000002.60,SEND,south,,,7
1700000003.10,INTERNAL,,,,8
";
const SOUTH_TABLE: &str = "\
seconds,what,with,queue,sent,clock
1700000000.20,INTERNAL,,,,1
1700000000.90,RECEIVE,north,0,2,3
1700000001.30,SEND,north,,,4
1700000001.90,INTERNAL,,,,5
1700000002.90,RECEIVE,north,0,7,8
1700000003.20,INTERNAL,,,,9
";

#[test]
fn folders_in_different_formats_are_told_apart_and_none_is_passed_over() {
    let nights = unknown(SOUTH);
    nights.write("tables/trial-1/north.csv", NORTH_TABLE);
    nights.write("tables/trial-1/south.csv", SOUTH_TABLE);
    let (code, json, said) = nights.run(&["unknown", "tables", "--json", "-"]);
    assert_eq!(code, Some(0), "{said}");
    let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(report["conditions"].as_array().map(Vec::len), Some(2));
    assert_eq!(report["check"]["messages"], 6);
    for trial in 0..2 {
        assert_eq!(report["trials"][trial]["machines"][1]["clock_final"], 9);
    }
    // However a folder is named, its logs are found among those that were read.
    for paths in [
        &["./tables"][..],
        &["tables/../tables", "tables/trial-1/.."],
    ] {
        let (code, _, said) = nights.run(&[&["check"], paths].concat());
        assert_eq!(code, Some(0), "{said}");
    }
    let (code, verdicts, said) = nights.run(&["check", "tables", "unknown"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        verdicts.contains(" laws, 2 trials, ") && verdicts.contains(" 0 violations"),
        "{verdicts}"
    );
    let (code, _, said) = nights.run(&["export", "tables", "unknown", "--to", "csv"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("26 events of 2 trials"), "{said}");
}

#[test]
fn lines_that_no_format_explains_end_the_analysis_with_their_places() {
    let nights = unknown(SOUTH);
    let torn = format!("{SOUTH}[1700000003.70] INTERNAL clock=99999999999999999999999999\n");
    nights.write("unknown/trial-1/south.log", &torn);
    let (code, _, said) = nights.run(&["unknown"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("south.log:7") && said.contains("analyze guess unknown --out"),
        "{said}"
    );
}

#[test]
fn logs_of_ours_are_never_guessed() {
    let nights = unknown(SOUTH);
    nights.write("unknown/trial-1/trial.json", "{}");
    let (code, _, said) = nights.run(&["check", "unknown/trial-1/south.log"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("expected a folder, found a file"), "{said}");
}

#[test]
fn ours_and_others_stand_beside_each_other_in_one_report() {
    let nights = Nights::new();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/two-machines");
    let sample = sample.to_str().expect("a path in UTF-8");
    let words = ["--log-format", "minutes.toml", "--json", "-"];
    let options: Vec<&str> = [sample, "theirs"].into_iter().chain(words).collect();
    let (_, json, told) = nights.run(&options);
    let report: serde_json::Value = serde_json::from_str(&json).expect(&told);
    let trials = report["trials"].as_array().expect("trials");
    let formats: Vec<&serde_json::Value> = trials.iter().map(|trial| &trial["format"]).collect();
    assert!(
        formats.first().is_some_and(|format| format.is_null()),
        "{formats:?}"
    );
    assert_eq!(
        formats
            .iter()
            .filter(|format| ***format == "minutes")
            .count(),
        2
    );
    assert!(report["conditions"].as_array().expect("conditions").len() >= 2);
    let (code, said, told) =
        nights.run(&["check", sample, "theirs", "--log-format", "minutes.toml"]);
    assert_ne!(code, Some(2), "{told}");
    let (_, sum) = said.split_once("\ncheck: ").expect("one sum");
    assert!(
        said.contains("theirs") && sum.contains(" 4 trials,"),
        "{sum}"
    );
    let (code, table, told) = nights.run(&[
        "export",
        sample,
        "theirs",
        "--log-format",
        "minutes.toml",
        "--to",
        "csv",
        "--out",
        "-",
    ]);
    assert_ne!(code, Some(2), "{told}");
    assert!(
        table.contains(",driftlab,") && table.contains(",minutes,"),
        "{table}"
    );
}

#[test]
fn a_jump_of_another_program_is_traced_to_the_row_that_sent_it() {
    let nights = Nights::new();
    let options = [
        "trace",
        "theirs",
        "--log-format",
        "minutes.toml",
        "--json",
        "-",
    ];
    let (code, json, told) = nights.run(&options);
    assert_eq!(code, Some(0), "{told}");
    let traces: serde_json::Value = serde_json::from_str(&json).expect(&told);
    let jump = &traces["jumps"][0];
    assert_eq!((&jump["jump"], &jump["clock"]), (&2.into(), &3.into()));
    assert_eq!(jump["name"], "night-1");
    let hops = jump["hops"].as_array().expect("hops");
    assert_eq!(hops[0]["raised"]["carried"], 2);
    let minter = hops[1]["row"]["file"].as_str().expect("a file");
    assert!(minter.ends_with("hare.log"), "{minter}");
    assert_eq!(hops[1]["row"]["line"], 3);
    let (_, json, told) = nights.run(&[&options[..], &["--machine", "1", "--trial", "1"]].concat());
    let traces: serde_json::Value = serde_json::from_str(&json).expect(&told);
    assert_eq!(traces["jumps"][0]["name"], "night-2");
}

#[test]
fn logs_of_others_below_a_folder_with_ours_are_not_passed_over_in_silence() {
    let nights = Nights::new();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/two-machines/trial-000");
    for file in fs::read_dir(sample).expect("the sample") {
        let file = file.expect("an entry").path();
        let name = file.file_name().expect("a name").to_string_lossy();
        let text = fs::read_to_string(&file).expect("a file");
        nights.write(&format!("theirs/ours/trial-000/{name}"), &text);
    }
    let (_, _, told) = nights.run(&["theirs"]);
    assert!(
        told.contains("4 files that look like logs of another program"),
        "{told}"
    );
}
