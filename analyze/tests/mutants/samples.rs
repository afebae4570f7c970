//! Sound inputs, one or more for each reader, and the commands that read them.
//!
//! All are small: written here, or made by the runner in virtual time from a fixed seed, so that a mutant of one is the
//! same wherever it is made again. No command writes a file: a mutant may have a link where its output would go.

mod bench;
mod table;
mod texts;

use std::path::Path;

use crate::log::TrialLog;

use self::bench::Bench;
use super::input::Input;
use super::shapes;

/// A sound input.
pub(crate) struct Sample {
    /// The reader that it is for.
    pub(crate) reader: &'static str,
    /// Its files.
    pub(crate) input: Input,
    /// Command lines that read it, in the folder above it.
    pub(crate) commands: Vec<&'static str>,
}

/// What can be asked of logs of our own in `run`.
const OWN: [&str; 9] = [
    "run",
    "run --json -",
    "check run",
    "check run --json -",
    "guess run",
    "grade run",
    "trace run",
    "export run --to csv --out -",
    "export run --to shiviz --out -",
];

/// What can be asked of anybody's logs in `logs`.
const FOREIGN: [&str; 8] = [
    "logs",
    "check logs",
    "check logs --json -",
    "guess logs",
    "guess logs --json -",
    "grade logs logs",
    "trace logs",
    "export logs --to csv --out -",
];

/// What can be asked of an experiment in `sweep`.
const SWEEP: [&str; 7] = [
    "sweep",
    "check sweep",
    "sweep --compare 1 2",
    "plan sweep --condition 1 --metric queue_max --effect 20%",
    "gap sweep sweep",
    "trace sweep --json -",
    "export sweep --to chrome-trace --out -",
];

/// One sample for each reader, at least.
pub(crate) fn all(analyze: &Path) -> Vec<Sample> {
    let bench = Bench::new(analyze);
    let log = bench.log();
    let samples = [
        own(&bench),
        pages(&bench),
        foreign(&bench, &log),
        by_format(&log),
    ];
    samples.into_iter().flatten().collect()
}

fn sample(reader: &'static str, input: Input, commands: &[&'static str]) -> Sample {
    Sample {
        reader,
        input,
        commands: commands.to_vec(),
    }
}

/// Logs of our own, in every form.
fn own(bench: &Bench) -> Vec<Sample> {
    let timekeeper = "trial --count 1 --duration 8s --rates 2,3,6 --design timekeeper";
    let hub = "trial --count 1 --duration 8s --rates 2,3,6 --design hub --drain all";
    let pack = "trial --count 3 --duration 4s --rates 1,6 --packed";
    bench.write("sweep.toml", texts::SWEEP);
    let sweep = bench.run("sweep", "experiment sweep.toml");
    let forms = [
        ("folders", bench.small_run()),
        ("sockets", sockets()),
        ("timekeeper", bench.run("timekeeper", timekeeper)),
        ("hub", bench.run("hub", hub)),
        ("pack", bench.run("pack", pack)),
        ("parquet", parquet(bench)),
        (
            "gzip",
            bench.gzip(bench.small_run(), "trial-000/machine-1.csv"),
        ),
    ];
    let forms = forms.into_iter();
    let mut samples: Vec<Sample> = forms
        .map(|(reader, input)| sample(reader, input.below("run"), &OWN))
        .collect();
    samples.push(sample("experiment", sweep.below("sweep"), &SWEEP));
    samples
}

/// A run whose logs are tables.
fn parquet(bench: &Bench) -> Input {
    let log = bench.log();
    let mut input = bench
        .small_run()
        .only(|path| !path.ends_with(".csv") && !path.starts_with("trial-001"));
    for machine in 0..log.machines.len() {
        let path = format!("trial-000/machine-{machine}.parquet");
        input.0.insert(path.into(), table::of(&log, machine));
    }
    input
}

/// What is written about logs, and what they are judged by.
fn pages(bench: &Bench) -> Vec<Sample> {
    let rubric = Input::of(&[("rubric.toml", texts::RUBRIC)]);
    let judged = bench.small_run().below("run").with(rubric);
    let notebook = bench.notebook(texts::CLAIMS);
    let of_a_seed = notebook.clone().only(|path| !path.contains("trial-0"));
    vec![
        sample(
            "summary",
            bench.summary(),
            &["run.parquet", "check run.parquet", "run.parquet --json -"],
        ),
        sample(
            "rubric",
            judged,
            &[
                "grade run --rubric rubric.toml",
                "grade run --rubric rubric.toml --json -",
                "grade run run --rubric rubric.toml --csv -",
            ],
        ),
        sample("page", notebook.clone(), &["verify notebook"]),
        sample("page of a seed", of_a_seed, &["verify notebook"]),
        sample("claims", notebook, &["claims notebook", "verify notebook"]),
    ]
}

/// The trial by hand, with the journal that sockets would have left.
fn sockets() -> Input {
    let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/two-machines");
    let journal = [
        r#"{"time_ns":999999999000000000,"kind":"listening","machine":0,"detail":"127.0.0.1:4000"}"#,
        r#"{"time_ns":999999999500000000,"kind":"connected","machine":0,"peer":1}"#,
        r#"{"time_ns":1000000000000000000,"kind":"started"}"#,
        r#"{"time_ns":1000000001000000000,"kind":"lost","machine":0,"peer":1,"detail":"broken pipe"}"#,
        r#"{"time_ns":1000000001000000000,"kind":"undelivered","machine":0,"peer":1,"count":3}"#,
        r#"{"time_ns":1000000004000000000,"kind":"finished","machine":0,"count":4}"#,
        r#"{"time_ns":1000000004000000000,"kind":"exit","machine":0,"detail":"code 0"}"#,
    ];
    let journal = journal.map(|line| line.to_owned() + "\n").concat();
    let journal = Input::of(&[("trial-001/journal.jsonl", &journal)]);
    Input::read(&run).with(journal)
}

/// Logs of other programs, whose format is guessed.
fn foreign(bench: &Bench, log: &TrialLog) -> Vec<Sample> {
    let shapes = [
        ("sentences", shapes::sentences(log)),
        (
            "gzip of others",
            bench.gzip(shapes::sentences(log), "machine_1.log"),
        ),
        ("one file", shapes::one_file(log)),
        ("csv", shapes::csv(log)),
        ("tsv", shapes::tsv(log)),
        ("json lines", shapes::json_lines(log)),
        ("vectors", shapes::vectors(log)),
        ("govector", shapes::govector(log)),
    ];
    let shapes = shapes.into_iter();
    shapes
        .map(|(reader, input)| sample(reader, input.below("logs"), &FOREIGN))
        .collect()
}

/// Logs of other programs with their formats, built in or in a file.
fn by_format(log: &TrialLog) -> Vec<Sample> {
    let with_format = |input: Input, text: &str| {
        let format = Input::of(&[("format.toml", text)]);
        input.below("logs").with(format)
    };
    let by_file = [
        "logs --log-format format.toml",
        "check logs --log-format format.toml",
        "check logs --log-format format.toml --json -",
        "grade logs --log-format format.toml",
    ];
    let text = with_format(shapes::sentences(log), texts::TEXT_FORMAT);
    let json = with_format(shapes::json_lines(log), texts::JSON_FORMAT);
    vec![
        sample("format of text", text, &by_file),
        sample("format of JSON", json, &by_file),
        sample(
            "built-in text",
            shapes::sentences(log).below("logs"),
            &[
                "check logs --log-format python-logging",
                "logs --log-format python-logging",
            ],
        ),
        sample(
            "built-in csv",
            shapes::csv(log).below("logs"),
            &["check logs --log-format csv", "trace logs --log-format csv"],
        ),
        sample(
            "built-in vectors",
            shapes::vectors(log).below("logs"),
            &[
                "check logs --log-format vector-sentences",
                "export logs --log-format vector-sentences --to shiviz --out -",
            ],
        ),
    ]
}
