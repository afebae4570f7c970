//! What an event costs in virtual time, beside what it cannot cost less than.
//!
//! - `machine_alone`: the limit. The order of ticks is known beforehand and messages arrive at once, so only the machine
//!   works: its dice, its clock, its queue.
//! - `driver`: the event queue as well; nothing is written.
//! - `world`, `world_varying_latency`: the same trials in a world, without faults; `world_events` counts wakes and arrivals
//!   of messages instead of rows. `world_with_faults` has them, at times and at points, and counts rows.
//! - `driver_with_logs`: every row goes to its machine's CSV file.
//! - `plain_writing`: the very bytes of those files, written from memory in larger pieces than the driver's, 256 KiB.
//! - `empty_files`: as many files, created and left empty: what of that is the file system's book-keeping.
//! - `whole_trials`: trials of a minute as `runner trial --virtual` runs them on one processor: folders, manifests,
//!   journals and logs.
//!
//! An event is a row: one tick of one machine. Run with `cargo bench -p driver`; each run prints items (events) per
//! second, so that what is compared is from one run on one host.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use driver::engine::drive;
use driver::seat::build_machine;
use driver::sink::GatheringSink;
use driver::virtual_time::{drive_to_files, network, seats};
use driver::world_trial::{self, Account};
use driver::{Seat, Sink, StorageError};
use event_log::faults::{Deed, Moments, Pace, Severity, Span, SpanRange, Storm};
use event_log::{
    ClockEvent, Faults, Latency, MachineId, Rate, Tick, TrialManifest, VIRTUAL_EPOCH_NS,
};
use machine::scale_model::ScaleModel;
use machine::{Effect, Machine};
use runner::config::Config;
use runner::interrupt::Interrupt;
use runner::options::TrialOptions;
use runner::plan::plan_trial;
use runner::progress::Progress;
use runner::run;

/// Machines of a trial, small to large.
const MACHINES: [u32; 4] = [3, 30, 300, 1000];
/// Events of one measured drive, about.
const EVENTS: u64 = 200_000;
/// Trials of one measured run.
const TRIALS: u64 = 100;

fn main() {
    divan::main();
}

/// Counts rows and forgets them.
struct Nowhere(u64);

impl Sink<ClockEvent> for Nowhere {
    fn record(&mut self, _: u64, event: &ClockEvent) -> Result<(), StorageError> {
        self.0 += u64::from(black_box(event).tick >= Tick(0));
        Ok(())
    }
}

/// The configuration of `runner trial --virtual --seed 7` with this many machines and this duration.
fn config(machines: u32, duration_s: u64, count: u64, out: &Path) -> Config {
    let options = TrialOptions {
        count: Some(count),
        machines: Some(machines),
        duration: Some(format!("{duration_s}s")),
        seed: Some(7),
        jobs: Some(1),
        virtual_time: Some(true),
        out: Some(out.to_owned()),
        ..TrialOptions::default()
    };
    Config::new(options, 7, 1).expect("valid options")
}

/// A trial of about [`EVENTS`] events.
fn planned(machines: u32) -> TrialManifest {
    let mean_hz = 3.5;
    let duration_s = (EVENTS as f64 / (f64::from(machines) * mean_hz)).ceil() as u64;
    let mut manifest = plan_trial(&config(machines, duration_s, 1, Path::new("logs")), 0);
    // The mean rate itself, whatever this seed draws for few machines.
    for (entry, rate) in manifest.machines.iter_mut().zip((1..=6).cycle()) {
        entry.rate = Rate::from_hz(rate);
        entry.phase_ns %= entry.rate.period_ns();
    }
    manifest.started_ns = Some(VIRTUAL_EPOCH_NS);
    manifest
}

fn events(manifest: &TrialManifest) -> u64 {
    let machines = manifest.machines.iter();
    machines.map(|entry| manifest.ticks_expected(entry)).sum()
}

/// Which machine ticks when, in the order of due times.
fn order(manifest: &TrialManifest) -> Vec<u32> {
    let mut due: Vec<(u64, u32)> = manifest
        .machines
        .iter()
        .flat_map(|entry| {
            let ticks = 0..manifest.ticks_expected(entry);
            ticks.filter_map(|tick| Some((manifest.due_ns(entry, Tick(tick))?, entry.id.0)))
        })
        .collect();
    due.sort_unstable();
    due.into_iter().map(|(_, machine)| machine).collect()
}

#[divan::bench(args = MACHINES)]
fn machine_alone(bencher: Bencher<'_, '_>, machines: u32) {
    let manifest = planned(machines);
    let order = order(&manifest);
    bencher
        .counter(ItemsCount::new(order.len()))
        .with_inputs(|| -> Vec<ScaleModel> {
            let ids = manifest.machines.iter().map(|entry| entry.id);
            ids.map(|id| build_machine(&manifest, id)).collect()
        })
        .bench_local_refs(|machines| {
            let mut effects = Vec::new();
            for &id in &order {
                machines[id as usize].tick(&mut effects);
                for effect in effects.drain(..) {
                    match effect {
                        Effect::Record(event) => {
                            black_box(&event);
                        }
                        Effect::Send { to, message } => {
                            machines[to.index()].receive(MachineId(id), message);
                        }
                        Effect::SendToAll { message } => {
                            for to in (0..machines.len()).filter(|&to| to != id as usize) {
                                machines[to].receive(MachineId(id), message);
                            }
                        }
                    }
                }
            }
        });
}

#[divan::bench(args = MACHINES)]
fn driver(bencher: Bencher<'_, '_>, machines: u32) {
    let manifest = planned(machines);
    bencher
        .counter(ItemsCount::new(events(&manifest)))
        .with_inputs(|| (seats(&manifest, |_| Nowhere(0)), network(&manifest)))
        .bench_local_refs(|(seats, network)| {
            drive(seats, network, &AtomicBool::new(false)).expect("nothing is written")
        });
}

/// As `driver`, with delays that vary, so that messages overtake each other between links.
#[divan::bench(args = MACHINES)]
fn driver_varying_latency(bencher: Bencher<'_, '_>, machines: u32) {
    let mut manifest = planned(machines);
    manifest.condition.latency = Some(Latency {
        min_ns: 50_000,
        max_ns: 5_000_000,
    });
    bencher
        .counter(ItemsCount::new(events(&manifest)))
        .with_inputs(|| (seats(&manifest, |_| Nowhere(0)), network(&manifest)))
        .bench_local_refs(|(seats, network)| {
            drive(seats, network, &AtomicBool::new(false)).expect("nothing is written")
        });
}

/// A trial in a world; how many things happened in it.
fn in_world(manifest: &TrialManifest, seats: &mut [Seat<ScaleModel, Nowhere>]) -> u64 {
    in_world_with(manifest, &Faults::default(), seats).events
}

fn in_world_with(
    manifest: &TrialManifest,
    faults: &Faults,
    seats: &mut [Seat<ScaleModel, Nowhere>],
) -> Account {
    let stop = AtomicBool::new(false);
    let account = world_trial::drive(manifest, faults, seats, &stop);
    account.expect("nothing is written")
}

/// About forty faults in a trial, two thirds of them at times and a third at points, each for a hundredth of it.
fn storms(manifest: &TrialManifest) -> Faults {
    let length_ns = manifest.condition.duration_ns;
    let storm = |deeds: &[Deed], target: &str, moments| Storm {
        deeds: deeds.to_vec(),
        targets: vec![target.parse().expect(target)],
        pace: Pace::Every(Span { ns: length_ns / 13 }),
        moments,
        lasts: SpanRange::exactly(Span {
            ns: length_ns / 100,
        }),
        most: None,
        severity: Severity::default(),
    };
    let moments = Moments {
        kinds: vec!["send".parse().expect("a kind")],
        nth: "1..20".parse().expect("a range"),
    };
    Faults {
        storms: vec![
            storm(&[Deed::Kill, Deed::Pause], "any", None),
            storm(&[Deed::Hold, Deed::Break], "link any-any", None),
            storm(&[Deed::Power], "any", Some(moments)),
        ],
        ..Faults::default()
    }
}

#[divan::bench(args = MACHINES)]
fn world(bencher: Bencher<'_, '_>, machines: u32) {
    let manifest = planned(machines);
    bencher
        .counter(ItemsCount::new(events(&manifest)))
        .with_inputs(|| seats(&manifest, |_| Nowhere(0)))
        .bench_local_refs(|seats| in_world(&manifest, seats));
}

#[divan::bench(args = MACHINES)]
fn world_events(bencher: Bencher<'_, '_>, machines: u32) {
    let manifest = planned(machines);
    let events = in_world(&manifest, &mut seats(&manifest, |_| Nowhere(0)));
    bencher
        .counter(ItemsCount::new(events))
        .with_inputs(|| seats(&manifest, |_| Nowhere(0)))
        .bench_local_refs(|seats| in_world(&manifest, seats));
}

/// As `world`, with faults; rows are those of machines that are there.
#[divan::bench(args = MACHINES)]
fn world_with_faults(bencher: Bencher<'_, '_>, machines: u32) {
    let manifest = planned(machines);
    let faults = storms(&manifest);
    let account = in_world_with(&manifest, &faults, &mut seats(&manifest, |_| Nowhere(0)));
    bencher
        .counter(ItemsCount::new(account.end.ticks))
        .with_inputs(|| seats(&manifest, |_| Nowhere(0)))
        .bench_local_refs(|seats| in_world_with(&manifest, &faults, seats).events);
}

/// As `world`, with delays that are drawn for each message.
#[divan::bench(args = MACHINES)]
fn world_varying_latency(bencher: Bencher<'_, '_>, machines: u32) {
    let mut manifest = planned(machines);
    manifest.condition.latency = Some(Latency {
        min_ns: 50_000,
        max_ns: 5_000_000,
    });
    bencher
        .counter(ItemsCount::new(events(&manifest)))
        .with_inputs(|| seats(&manifest, |_| Nowhere(0)))
        .bench_local_refs(|seats| in_world(&manifest, seats));
}

/// Drives a trial into CSV files in a folder; returns how many bytes it left.
fn log_trial(manifest: &TrialManifest, folder: &Path) -> u64 {
    let file = |id| folder.join(event_log::layout::machine_file(id));
    let mut seats = seats(manifest, |entry| {
        GatheringSink::new::<ClockEvent>(file(entry.id), manifest.ticks_expected(entry))
    });
    drive_to_files(manifest, &mut seats, &AtomicBool::new(false)).expect("room for logs");
    for seat in &mut seats {
        seat.sink.flush().expect("room for logs");
    }
    let size = |entry: fs::DirEntry| entry.metadata().map_or(0, |metadata| metadata.len());
    let entries = fs::read_dir(folder).expect("the folder").flatten();
    entries.map(size).sum()
}

#[divan::bench(args = MACHINES, sample_count = 20)]
fn driver_with_logs(bencher: Bencher<'_, '_>, machines: u32) {
    let manifest = planned(machines);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bytes = log_trial(&manifest, folder.path());
    bencher
        .counter(ItemsCount::new(events(&manifest)))
        .counter(BytesCount::new(bytes))
        .with_inputs(|| tempfile::tempdir().expect("a temporary folder"))
        .bench_local_refs(|folder| log_trial(&manifest, folder.path()));
}

#[divan::bench(args = MACHINES, sample_count = 20)]
fn plain_writing(bencher: Bencher<'_, '_>, machines: u32) {
    let manifest = planned(machines);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bytes = log_trial(&manifest, folder.path());
    let entries = fs::read_dir(folder.path()).expect("the folder").flatten();
    let files: Vec<_> = entries
        .map(|entry| {
            (
                entry.file_name(),
                fs::read(entry.path()).expect("a log just written"),
            )
        })
        .collect();
    bencher
        .counter(ItemsCount::new(events(&manifest)))
        .counter(BytesCount::new(bytes))
        .with_inputs(|| tempfile::tempdir().expect("a temporary folder"))
        .bench_local_refs(|folder| {
            for (name, bytes) in &files {
                let mut file = File::create(folder.path().join(name)).expect("room");
                for piece in bytes.chunks(256 * 1024) {
                    file.write_all(piece).expect("room");
                }
            }
        });
}

#[divan::bench(args = MACHINES, sample_count = 20)]
fn empty_files(bencher: Bencher<'_, '_>, machines: u32) {
    bencher
        .counter(ItemsCount::new(machines))
        .with_inputs(|| tempfile::tempdir().expect("a temporary folder"))
        .bench_local_refs(|folder| {
            for id in 0..machines {
                let name = event_log::layout::machine_file(MachineId(id));
                File::create(folder.path().join(name)).expect("room");
            }
        });
}

#[divan::bench(sample_count = 20)]
fn whole_trials(bencher: Bencher<'_, '_>) {
    let ticks = |config: &Config| -> u64 {
        let trials = (0..config.count).map(|trial| events(&plan_trial(config, trial)));
        trials.sum()
    };
    let events = ticks(&config(3, 60, TRIALS, Path::new("logs")));
    let interrupt = Interrupt::default();
    let progress = Progress::on_stderr();
    bencher
        .counter(ItemsCount::new(events))
        .with_inputs(|| tempfile::tempdir().expect("a temporary folder"))
        .bench_local_refs(|folder| {
            let config = config(3, 60, TRIALS, folder.path());
            let driver = config.condition.driver;
            let tasks: Vec<_> = (0..config.count)
                .map(|trial| runner::plan::TrialTask {
                    trial,
                    config: &config,
                })
                .collect();
            let run = runner::outcome::RunFolder {
                path: folder.path().to_owned(),
                count: config.count,
            };
            progress.batch_started(driver, config.count, None);
            run::run_trials(driver, &tasks, &run, &progress, &interrupt).expect("trials")
        });
}
