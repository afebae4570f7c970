//! Sound inputs, one or more for each reader, and the commands that read them.
//!
//! All are small: written here, or made by the runner in virtual time from a fixed seed, so that a mutant of one is the
//! same wherever it is made again. No command writes a file: a mutant may have a link where its output would go.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use analyze::parquet_file::{Field, Kind, TableWriter, Value};
use analyze::scan;
use analyze::trial_log::{EventKind, TrialLog};
use tempfile::TempDir;

use super::input::{Entry, Input};
use super::shapes;
use crate::programs::runner;

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

/// One sample for each reader.
pub(crate) fn all(analyze: &Path) -> Vec<Sample> {
    let bench = Bench::new(analyze);
    let mut samples = bench.own();
    samples.extend(bench.pages());
    samples.extend(foreign(&bench.log()));
    samples.extend(by_format(&bench.log()));
    samples
}

/// Where samples are made.
struct Bench {
    analyze: PathBuf,
    folder: TempDir,
}

impl Bench {
    fn new(analyze: &Path) -> Bench {
        Bench {
            analyze: analyze.to_owned(),
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// A run in virtual time, as the folder of this name.
    fn run(&self, name: &str, arguments: &str) -> Input {
        let place = self.folder.path().join(name);
        if !place.exists() {
            let scratch = self.folder.path().join("made");
            let made = Command::new(runner())
                .args(arguments.split_whitespace())
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
        Input::read(&place).below(name)
    }

    /// Runs `analyze` among what was made, and reads what it wrote.
    fn written(&self, arguments: &str, file: &str) -> Input {
        let done = Command::new(&self.analyze)
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .output()
            .expect("analyze starts");
        let path = self.folder.path().join(file);
        assert!(path.exists(), "{arguments}: {done:?}");
        match path.is_dir() {
            true => Input::read(&path).below(file),
            false => {
                let bytes = fs::read(&path).expect("a file of ours");
                Input([(file.into(), Entry::File(bytes))].into())
            }
        }
    }

    /// The log that is told in other programs' shapes.
    fn log(&self) -> TrialLog {
        self.run("run", "trial --count 2 --duration 8s --rates 1,3,6");
        let found = scan::find(&[self.folder.path().join("run")]).expect("the run is there");
        let loaded = scan::load(&found.places[0]).expect("a trial");
        assert!(loaded.notes.is_empty(), "{:?}", loaded.notes);
        loaded.log
    }

    fn own(&self) -> Vec<Sample> {
        let own = |reader, input| Sample {
            reader,
            input,
            commands: OWN.to_vec(),
        };
        let run = self.run("run", "trial --count 2 --duration 8s --rates 1,3,6");
        let rename = |input: Input, from: &str| {
            let entries = input.0.into_iter().map(|(path, entry)| {
                let rest = path.strip_prefix(from).expect("below the run").to_owned();
                (rest, entry)
            });
            Input(entries.collect()).below("run")
        };
        let timekeeper = "trial --count 1 --duration 8s --rates 2,3,6 --design timekeeper";
        let hub = "trial --count 1 --duration 8s --rates 2,3,6 --design hub --drain all";
        let pack = "trial --count 3 --duration 4s --rates 1,6 --packed";
        fs::write(self.folder.path().join("sweep.toml"), SWEEP).expect("a file");
        let parquet = parquet(&run, &self.log());
        vec![
            own("folders", run),
            own("sockets", sockets()),
            own("timekeeper", rename(self.run("keeper", timekeeper), "keeper")),
            own("hub", rename(self.run("hub", hub), "hub")),
            own("pack", rename(self.run("pack", pack), "pack")),
            own("parquet", parquet),
            Sample {
                reader: "experiment",
                input: self.run("sweep", "experiment sweep.toml"),
                commands: vec![
                    "sweep",
                    "check sweep",
                    "sweep --compare 1 2",
                    "plan sweep --condition 1 --metric queue_max --effect 20%",
                    "gap sweep sweep",
                    "trace sweep --json -",
                    "export sweep --to chrome-trace --out -",
                ],
            },
        ]
    }

    fn pages(&self) -> Vec<Sample> {
        let run = self.run("run", "trial --count 2 --duration 8s --rates 1,3,6");
        let rubric = Input::of(&[("rubric.toml", RUBRIC)]);
        let summary = self.written("run --summary run.parquet", "run.parquet");
        fs::create_dir_all(self.folder.path().join("notebook/data")).expect("a folder");
        let data = self.folder.path().join("notebook/data/run");
        run.write(self.folder.path().join("copy").as_path());
        fs::rename(self.folder.path().join("copy/run"), &data).expect("a new name");
        fs::write(self.folder.path().join("notebook/claims.toml"), CLAIMS).expect("a file");
        let page = "--notebook notebook/01-page.md notebook/data/run";
        let page = self.written(page, "notebook");
        let seed_only = |input: &Input| {
            let entries = input.0.iter();
            let kept = entries.filter(|(path, _)| !path.to_string_lossy().contains("trial-"));
            Input(
                kept.map(|(path, entry)| (path.clone(), entry.clone()))
                    .collect(),
            )
        };
        let figures = Input::read(&self.folder.path().join("figures")).below("figures");
        let notebook = |reader, input: Input, commands: &[&'static str]| Sample {
            reader,
            input,
            commands: commands.to_vec(),
        };
        vec![
            Sample {
                reader: "summary",
                input: summary,
                commands: vec!["run.parquet", "check run.parquet", "run.parquet --json -"],
            },
            Sample {
                reader: "rubric",
                input: run.with(rubric),
                commands: vec![
                    "grade run --rubric rubric.toml",
                    "grade run --rubric rubric.toml --json -",
                    "grade run run --rubric rubric.toml --csv -",
                ],
            },
            notebook(
                "page",
                page.clone().with(figures.clone()),
                &["verify notebook"],
            ),
            notebook(
                "page of a seed",
                seed_only(&page).with(figures),
                &["verify notebook"],
            ),
            notebook(
                "claims",
                page,
                &["claims notebook", "verify notebook"],
            ),
            notebook(
                "measurements",
                Input::of(&MEASUREMENTS),
                &["verify notebook"],
            ),
        ]
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
    Input::read(&run).with(journal).below("run")
}

/// A run whose logs are tables, as pandas or DuckDB would write them.
fn parquet(run: &Input, log: &TrialLog) -> Input {
    let is_log = |path: &Path| path.extension().is_some_and(|end| end == "csv");
    let first = |path: &Path| !path.starts_with("run/trial-001");
    let entries = run.0.iter();
    let kept = entries.filter(|(path, _)| !is_log(path) && first(path));
    let mut input = Input(
        kept.map(|(path, entry)| (path.clone(), entry.clone()))
            .collect(),
    );
    for machine in 0..log.machines.len() {
        let path = format!("run/trial-000/machine-{machine}.parquet");
        let table = Entry::File(table(log, machine));
        input.0.insert(path.into(), table);
    }
    input
}

fn table(log: &TrialLog, machine: usize) -> Vec<u8> {
    let columns = "tick,time_ns,event,clock,queue,peer,sent_tick,sent_clock";
    let fields = columns.split(',').map(|name| Field {
        name: name.to_owned(),
        kind: match name {
            "event" => Kind::Text,
            _ => Kind::Whole,
        },
        required: false,
    });
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let to = file.reopen().expect("the same file");
    let mut to = TableWriter::new(to, "log", fields.collect(), [], 16).expect("a table");
    let rows = &log.machines[machine].rows;
    for row in 0..rows.len() {
        let receives = rows.event[row] == EventKind::Receive;
        let whole = |value: u64| Value::Whole(i64::try_from(value).ok());
        let if_received = |value: u64| match receives {
            true => whole(value),
            false => Value::Whole(None),
        };
        let event = format!("{:?}", rows.event[row]).to_lowercase();
        to.add([
            whole(rows.tick[row]),
            whole(rows.time_ns[row]),
            Value::Text(Some(event)),
            whole(rows.clock[row]),
            whole(rows.queue[row]),
            Value::Whole(rows.peer[row].map(|peer| i64::from(peer.0))),
            if_received(rows.sent_tick[row]),
            if_received(rows.sent_clock[row]),
        ])
        .expect("a row");
    }
    to.finish().expect("a table");
    fs::read(file.path()).expect("a file of ours")
}

/// Logs of other programs, whose format is guessed.
fn foreign(log: &TrialLog) -> Vec<Sample> {
    let shapes: [(&'static str, Input); 7] = [
        ("sentences", shapes::sentences(log)),
        ("one file", shapes::one_file(log)),
        ("csv", shapes::csv(log)),
        ("tsv", shapes::tsv(log)),
        ("json lines", shapes::json_lines(log)),
        ("vectors", shapes::vectors(log)),
        ("govector", shapes::govector(log)),
    ];
    let samples = shapes.into_iter().map(|(reader, input)| Sample {
        reader,
        input: input.below("logs"),
        commands: FOREIGN.to_vec(),
    });
    samples.collect()
}

/// Logs of other programs with their formats, built in or in a file.
fn by_format(log: &TrialLog) -> Vec<Sample> {
    let format = |text: &str| Input::of(&[("format.toml", text)]);
    let by_file = vec![
        "logs --log-format format.toml",
        "check logs --log-format format.toml",
        "check logs --log-format format.toml --json -",
        "grade logs --log-format format.toml",
    ];
    vec![
        Sample {
            reader: "format of text",
            input: shapes::sentences(log).below("logs").with(format(TEXT_FORMAT)),
            commands: by_file.clone(),
        },
        Sample {
            reader: "format of JSON",
            input: shapes::json_lines(log)
                .below("logs")
                .with(format(JSON_FORMAT)),
            commands: by_file,
        },
        Sample {
            reader: "built-in text",
            input: shapes::sentences(log).below("logs"),
            commands: vec![
                "check logs --log-format python-logging",
                "logs --log-format python-logging",
            ],
        },
        Sample {
            reader: "built-in csv",
            input: shapes::csv(log).below("logs"),
            commands: vec!["check logs --log-format csv", "trace logs --log-format csv"],
        },
        Sample {
            reader: "built-in vectors",
            input: shapes::vectors(log).below("logs"),
            commands: vec![
                "check logs --log-format vector-sentences",
                "export logs --log-format vector-sentences --to shiviz --out -",
            ],
        },
    ]
}

const SWEEP: &str = "count = 3\n[base]\nrates = [1, 6]\nduration = \"6s\"\n[grid]\ninternal = [0.2, 0.7]\n";

const RUBRIC: &str = r#"name = "Mine"

[trials]
points = 3
at_least = 2

[run_length]
points = 8
at_least_s = 8.0
tolerance_s = 0.5

[rate_range]
points = 5
low_hz = 1.0
high_hz = 6.0
measured_tolerance = 0.1
"#;

const CLAIMS: &str = r#"alpha = 0.05
trials = 2

[sources]
somebody = "Somebody, a notebook"

[[claim]]
id = "slow-lags"
sentence = "The slow machine stays *behind*."
source = "somebody"
logs = "data/run"
machine = "slowest"
metric = "clock_final"
than = { machine = "fastest" }
ratio = { below = 0.8 }

[[claim]]
id = "fast-jumps"
sentence = "The fast machine jumps far."
source = "somebody"
page = "01-page"
logs = "data/run"
where = { sides = 10 }
machine = 1
metric = "jump_max"
mean = { within = [1, 10] }
"#;

const MEASUREMENTS: [(&str, &str); 4] = [
    (
        "notebook/performance/analyze.csv",
        "target,case,size,ours,peer,peer_name,unit,command\n\
         Sorting letters,paper,10,2000000,500000,by hand,letters/s,sort ten\n\
         Sorting letters,paper,1000,1500000,250000,by hand,letters/s,sort many\n\
         Posting,van,,4,8,bicycle,s,post\n",
    ),
    (
        "notebook/performance/goals.csv",
        "target,case,of,against,goal\nSorting letters,,ours,letters/s,1900000\n",
    ),
    ("notebook/performance/machine.json", "{\"desk\": \"oak\"}\n"),
    (
        "notebook/01-letters.md",
        "# Letters\n\n<!-- analyze:page measures=\"performance\" figures=\"../figures/letters\" -->\n\n\
         <!-- analyze:begin measurements --><!-- analyze:end -->\n\n\
         <!-- analyze:begin table name=sorting-letters case=paper by=size --><!-- analyze:end -->\n\n\
         <!-- analyze:begin figure name=sorting-letters --><!-- analyze:end -->\n\n\
         Posting is <!-- analyze:begin value at=/posting/van/-/bicycle/ratio --><!-- analyze:end --> times as fast.\n",
    ),
];

const TEXT_FORMAT: &str = r#"name = "mine"
description = "sentences of Python's logging"

[files]
include = ["**/machine_*.{log,txt}"]
exclude = ["**/old/**"]
path = 'machine_(?<machine>\d+)\.log$'

[lines]
kind = "text"

[time]
format = "strftime"
pattern = "%Y-%m-%d %H:%M:%S,%f"
zone = "Europe/Berlin"

[dialect]
clock = "lamport"
queue = "after_pop"
receive_clock = "after_merge"

[alias]
machine-0 = "0"

[[event]]
kind = "receive"
pattern = '^(?<time>[-\d]+ [\d:,]+) - INFO - .* from machine (?<from>\d+), queue length: (?<queue>\d+), logical clock: (?<clock>\d+)$'

[[event]]
kind = "broadcast"
pattern = '^(?<time>[-\d]+ [\d:,]+) - INFO - .* to all, queue length: (?<queue>\d+), logical clock: (?<clock>\d+)$'

[[event]]
kind = "send"
pattern = '^(?<time>[-\d]+ [\d:,]+) - INFO - .* to machine (?<to>\d+), queue length: (?<queue>\d+), logical clock: (?<clock>\d+)$'

[[event]]
kind = "internal"
pattern = '^(?<time>[-\d]+ [\d:,]+) - INFO - .*: Internal event, queue length: (?<queue>\d+), logical clock: (?<clock>\d+)$'

[[ignore]]
pattern = '^\s*$'
reason = "blank line"
"#;

const JSON_FORMAT: &str = r#"name = "objects"

[files]
include = ["*.jsonl"]

[lines]
kind = "json"

[time]
format = "epoch_s"

[[event]]
kind = "receive"
where = { event = "RECEIVE" }
[event.fields]
time = "timestamp|time"
clock = "logical_clock"
queue = "queue_length"
machine = "machine_id"
from = "peer"

[[event]]
kind = "send"
where = { event = "SEND" }
[event.fields]
time = "timestamp|time"
clock = "logical_clock"
machine = "machine_id"
to = "peer"

[[event]]
kind = "broadcast"
where = { event = "BROADCAST" }
[event.fields]
time = "timestamp|time"
clock = "logical_clock"
machine = "machine_id"

[[event]]
kind = "internal"
where = { event = "INTERNAL" }
[event.fields]
time = "timestamp|time"
clock = "logical_clock"
machine = "machine_id"
"#;
