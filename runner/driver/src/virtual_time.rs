//! Trials of the scale model in virtual time.
//!
//! The [`engine`](crate::engine) is generic in machines and logs, and generic code is compiled where it is used. That is
//! here: a crate of its own, compiled in one piece, so that the whole path of an event ends up in one loop.
//!
//! **Invariant.** A trial depends on its manifest alone.

use std::sync::atomic::AtomicBool;

use event_log::{Latency, MachineEntry, TrialManifest};
use machine::chance::{Purpose, Stream};
use machine::scale_model::ScaleModel;

use crate::engine::{End, Network, drive};
use crate::seat::{Beat, Seat, build_machine};
use crate::sink::{GatheringSink, PackingSink};
use crate::storage::StorageError;

/// Runs the machines of a trial, each with its log in a file; see [`drive`].
///
/// # Errors
///
/// [`StorageError`] when a log cannot be written; the drive ends there.
pub fn drive_to_files(
    manifest: &TrialManifest,
    seats: &mut [Seat<ScaleModel, GatheringSink>],
    stop: &AtomicBool,
) -> Result<End, StorageError> {
    drive(seats, &mut network(manifest), stop)
}

/// Runs the machines of a trial, each with its log in memory; see [`drive`].
///
/// # Errors
///
/// Never, in memory; the type is that of all drives.
pub fn drive_to_memory(
    manifest: &TrialManifest,
    seats: &mut [Seat<ScaleModel, PackingSink>],
    stop: &AtomicBool,
) -> Result<End, StorageError> {
    drive(seats, &mut network(manifest), stop)
}

/// The machines of a trial, each with a log of its own; none before it has a start.
pub fn seats<S>(
    manifest: &TrialManifest,
    mut sink: impl FnMut(&MachineEntry) -> S,
) -> Vec<Seat<ScaleModel, S>> {
    let machines = manifest.machines.iter();
    machines
        .filter_map(|entry| {
            Some(Seat {
                machine: build_machine(manifest, entry.id),
                beat: Beat::of(manifest, entry)?,
                sink: sink(entry),
            })
        })
        .collect()
}

/// The network of a trial, before its first message: the delays of its condition, drawn from a stream of its own.
pub fn network(manifest: &TrialManifest) -> Network {
    let latency = manifest.condition.latency.unwrap_or(Latency {
        min_ns: 0,
        max_ns: 0,
    });
    let stream = Stream::new(manifest.seed, manifest.trial, Purpose::Network);
    let machines = manifest.machines.len();
    Network::new(manifest.condition.design, machines, latency, stream)
}
