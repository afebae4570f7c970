//! Runs of two trials as the runner made them, of which one is spoilt.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::log::{ClockRows, EventKind, TrialLog};
use event_log::{ClockEvent, Row as _};
use logs::scan;
use tempfile::TempDir;

use crate::programs::runner;

/// A run of two trials.
pub(crate) struct Base {
    folder: TempDir,
    /// The trial that is spoilt.
    pub(crate) log: TrialLog,
    /// Another trial of the same condition.
    pub(crate) other: TrialLog,
}

/// Options of runs that differ in what a check can know: delays, queues, channels.
const VIRTUAL: [&str; 8] = [
    "--rates 1,3,6",
    "--rates 2,3,5 --internal 0.3 --latency 20ms",
    "--rates 1,3,6 --drain all",
    "--rates 2,4,6 --latency 50us..300ms",
    "--rates 2,3,6 --design hub",
    "--rates 2,3,6 --design timekeeper",
    "--rates 3,3,3,3 --phase aligned",
    "--machines 5 --rate-range 1..6 --sides 6",
];
const SOCKETS: [&str; 4] = [
    "--rates 1,3,6 --speed 4",
    "--rates 2,3,5 --internal 0.3 --speed 4",
    "--rates 2,3,6 --design hub --speed 4",
    "--rates 2,3,6 --drain all --speed 4",
];

/// How often a run on sockets is begun again.
const ATTEMPTS: usize = 5;

impl Base {
    /// The first so many bases in virtual time.
    pub(crate) fn in_virtual_time(count: usize) -> Vec<Base> {
        let options = VIRTUAL.iter().take(count);
        options
            .map(|options| Base::new(&format!("{options} --virtual")))
            .collect()
    }

    /// The bases on sockets. A host that is busy for a moment makes ticks late, which `check` finds: then once more.
    pub(crate) fn on_sockets() -> Vec<Base> {
        let bases = SOCKETS.iter().map(|options| {
            let mut tries = (0..ATTEMPTS).map(|_| Base::new(options));
            let base = tries.find(|base| !base.is_caught(&base.log, false));
            base.unwrap_or_else(|| panic!("{options}: this host cannot hold these rates"))
        });
        bases.collect()
    }

    fn new(options: &str) -> Base {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let made = Command::new(runner())
            .args(["trial", "--count", "2", "--duration", "20s", "--seed", "7"])
            .args(options.split(' '))
            .arg("--out")
            .arg(folder.path())
            .output()
            .expect("the runner starts");
        assert!(made.status.success(), "{options}: {made:?}");
        let run = fs::read_dir(folder.path())
            .expect("a folder")
            .flatten()
            .next();
        fs::rename(run.expect("a run").path(), folder.path().join("run")).expect("a new name");
        let found = scan::find(&[folder.path().to_owned()]).expect("the run is there");
        let mut logs = found.places.iter().map(|place| {
            let loaded = scan::load(place).expect("a trial");
            assert!(!loaded.damaged, "{options}: {:?}", loaded.notes);
            TrialLog::of(&loaded.trial)
        });
        let (log, other) = (logs.next().expect("two"), logs.next().expect("two"));
        Base { folder, log, other }
    }

    /// Whether `analyze check` finds anything about the run with this log in the place of its first trial.
    pub(crate) fn is_caught(&self, log: &TrialLog, replay: bool) -> bool {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let run = scratch.path().join("run");
        self.write(log, &run);
        let output = Command::new(env!("CARGO_BIN_EXE_analyze"))
            .arg("check")
            .args(replay.then_some("--replay"))
            .arg(&run)
            .output()
            .expect("analyze starts");
        match output.status.code() {
            Some(0) => false,
            Some(1 | 2) => true,
            _ => panic!("{output:?}"),
        }
    }

    /// What `analyze check` says of the run with this log in the place of its first trial: when each trial is read whole, and
    /// when trials are read in windows of this number of bytes.
    pub(crate) fn whole_and_in_windows(&self, log: &TrialLog, bytes: u32) -> [String; 2] {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let run = scratch.path().join("run");
        self.write(log, &run);
        [None, Some(bytes)].map(|bytes| {
            let output = Command::new(env!("CARGO_BIN_EXE_analyze"))
                .arg("check")
                .arg(&run)
                .envs(bytes.map(|bytes| ("ANALYZE_WINDOW_BYTES", bytes.to_string())))
                .output()
                .expect("analyze starts");
            let text = [output.stdout, output.stderr].concat();
            format!("{}\n{}", output.status, String::from_utf8_lossy(&text))
        })
    }

    fn write(&self, log: &TrialLog, to: &Path) {
        copy(&self.folder.path().join("run"), to);
        let trial = to.join("trial-000");
        for machine in &log.machines {
            let file = trial.join(machine.file.file_name().expect("a log has a name"));
            fs::write(file, text(&machine.rows)).expect("a file can be written");
        }
        let manifest = serde_json::to_string_pretty(&log.manifest).expect("plain data");
        fs::write(trial.join("trial.json"), manifest + "\n").expect("a file can be written");
    }
}

/// Rows as the lines of a log.
fn text(rows: &ClockRows) -> String {
    let mut text = ClockEvent::HEADER.to_owned() + "\n";
    for row in 0..rows.len() {
        let (tick, time_ns, clock) = (rows.tick[row], rows.time_ns[row], rows.clock[row]);
        let event = format!("{:?}", rows.event[row]).to_lowercase();
        let queue = rows.queue[row];
        let peer = rows.peer[row].map_or(String::new(), |peer| peer.0.to_string());
        let message = match rows.event[row] {
            EventKind::Receive => format!("{},{}", rows.sent_tick[row], rows.sent_clock[row]),
            _ => ",".to_owned(),
        };
        text += &format!("{tick},{time_ns},{event},{clock},{queue},{peer},{message}\n");
    }
    text
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("entries have names"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("files can be copied");
        }
    }
}
