//! Trials of the scale model in a world, with faults.
//!
//! Links are stream-like, as connections are. A machine keeps nothing on disk; what waits in its queue when its life ends is
//! lost and counted. Its later lives have dice of their own.
//!
//! `scribe` writes down what happens.
//!
//! **Invariant.** A trial depends on its manifest alone, and its account names every message that did not arrive.

mod scribe;

use std::sync::atomic::AtomicBool;

use event_log::faults::{Deed, FaultEntry, FaultStep, Faults};
use event_log::{
    ClockEvent, Condition, JournalEntry, JournalKind, Latency, MachineId, Tick, TrialManifest,
};
use machine::process::ticking::{Ticking, Ticks};
use machine::process::units::Time;
use machine::scale_model::{Message, ScaleModel};

use crate::engine::End;
use crate::faults::draw;
use crate::faults::limits::Limits;
use crate::faults::nemesis;
use crate::seat::{Seat, build_life};
use crate::sink::{GatheringSink, PackingSink, Sink};
use crate::storage::StorageError;
use crate::world::World;
use crate::world::actor::Actor;
use crate::world::setting::{LinkKind, Setting};
use scribe::{Halt, Scribe};

/// What faults can do to a trial of the scale model with this condition. Machines keep nothing on disk.
pub fn limits(condition: &Condition) -> Limits {
    Limits {
        of: "the scale model in virtual time",
        servers: condition.machines,
        clients: 0,
        has_roles: false,
        length_ns: condition.duration_ns,
        kinds: &["message", "internal", "send", "broadcast", "receive"],
        has_disks: false,
        has_calendar: false,
        has_sizes: false,
        has_packets: false,
    }
}

impl<B: Fn(Tick) -> ScaleModel> Actor for Ticking<ScaleModel, B> {
    const HEARS_LINKS: bool = false;

    fn message_kind(_: &Message) -> &'static str {
        "message"
    }

    fn event_kind(event: &ClockEvent) -> &'static str {
        event.event.name()
    }
}

/// What was done in a trial with faults, and what came of it.
#[derive(Debug)]
pub struct Account {
    /// How it ended.
    pub end: End,
    /// Ticks and arrivals of messages.
    pub events: u64,
    /// The schedule, with nothing left to chance.
    pub plain: Faults,
    /// What became of each fault.
    pub fault_log: Vec<FaultEntry>,
    /// Ends and beginnings of lives and connections, and messages that did not arrive, in the order of their times.
    pub journal: Vec<JournalEntry>,
    /// Why the trial is not complete; none if it is.
    pub shortfall: Option<String>,
}

/// Runs the machines of a trial with faults, each with its log in a file. The machines of the seats are not used: a world begins
/// lives of its own.
///
/// # Errors
///
/// [`StorageError`] when a log cannot be written; the trial ends there.
pub fn drive_to_files(
    manifest: &TrialManifest,
    faults: &Faults,
    seats: &mut [Seat<ScaleModel, GatheringSink>],
    stop: &AtomicBool,
) -> Result<Account, StorageError> {
    drive(manifest, faults, seats, stop)
}

/// As [`drive_to_files`], each with its log in memory.
///
/// # Errors
///
/// Never, in memory; the type is that of all drives.
pub fn drive_to_memory(
    manifest: &TrialManifest,
    faults: &Faults,
    seats: &mut [Seat<ScaleModel, PackingSink>],
    stop: &AtomicBool,
) -> Result<Account, StorageError> {
    drive(manifest, faults, seats, stop)
}

/// Runs the machines of a trial with faults; see [`drive_to_files`].
///
/// # Errors
///
/// [`StorageError`] when a log cannot be written; the trial ends there.
pub fn drive<S: Sink<ClockEvent>>(
    manifest: &TrialManifest,
    faults: &Faults,
    seats: &mut [Seat<ScaleModel, S>],
    stop: &AtomicBool,
) -> Result<Account, StorageError> {
    let limits = limits(&manifest.condition);
    let plain = draw::plain(faults, &limits, manifest.seed, manifest.trial);
    let setting = setting(manifest);
    let calm = (plain.settle.ns > 0).then(|| setting.start.after_ns(limits.calm_ns(&plain)));
    let ticks_meant: Vec<u64> = seats.iter().map(|seat| seat.beat.ticks).collect();
    let setups = seats.iter().zip(0..).map(|(seat, id)| Ticks {
        build: move |first| build_life(manifest, MachineId(id), first),
        schedule: seat.beat.schedule,
        ticks: seat.beat.ticks,
        tick_delay_ns: seat.beat.tick_delay_ns,
        machines: manifest.condition.machines,
    });
    let setups: Vec<_> = setups.collect();
    let sinks = seats.iter_mut().map(|seat| &mut seat.sink).collect();
    let scribe = Scribe::new(sinks, stop);
    let mut world = World::new(setting, manifest.condition.machines, setups, scribe);
    let mut fault_log = Vec::new();
    let run = world
        .begin_all()
        .and_then(|()| nemesis::run(&mut world, &plain, calm, None, &mut fault_log));
    let interrupted = match run {
        Ok(()) => false,
        Err(Halt::Stopped) => true,
        Err(Halt::Storage(error)) => return Err(error),
    };
    let (now, events) = (world.now(), world.events());
    let scribe = world.into_witness();
    let end = End {
        last_ns: scribe.last_ns,
        ticks: scribe.ticks.iter().sum(),
        interrupted,
    };
    let shortfall = shortfall(&scribe, &ticks_meant, &plain, &fault_log);
    let mut journal = scribe.into_journal(now);
    journal.extend(fault_log.iter().filter_map(ends_of_a_break).flatten());
    journal.sort_by_key(|entry| entry.time_ns);
    Ok(Account {
        end,
        events,
        plain,
        fault_log,
        journal,
        shortfall,
    })
}

fn setting(manifest: &TrialManifest) -> Setting {
    let nothing = Latency {
        min_ns: 0,
        max_ns: 0,
    };
    Setting {
        seed: manifest.seed,
        trial: manifest.trial,
        start: Time(manifest.started_ns.unwrap_or_default()),
        kind: LinkKind::Stream,
        delay: manifest.condition.latency.unwrap_or(nothing),
        flush: nothing,
        redial_ns: 0,
    }
}

/// What both ends say of a connection that a fault ended, or that is back.
fn ends_of_a_break(entry: &FaultEntry) -> Option<[JournalEntry; 2]> {
    let (one, other) = (entry.machine?, entry.peer?);
    let kind = match (entry.deed, entry.step) {
        (Deed::Break, FaultStep::Effect) => JournalKind::Lost,
        (Deed::Break, FaultStep::Undone) => JournalKind::Reconnected,
        _ => return None,
    };
    Some([(one, other), (other, one)].map(|(of, peer)| {
        let detail = format!("fault {}", entry.fault);
        JournalEntry::of_party(entry.time_ns, of, kind, detail).with_peer(peer)
    }))
}

/// Why a trial is not complete, in words.
fn shortfall<S>(
    scribe: &Scribe<'_, S>,
    ticks_meant: &[u64],
    plain: &Faults,
    fault_log: &[FaultEntry],
) -> Option<String> {
    let mut words = Vec::new();
    for (id, (ticks, meant)) in scribe.ticks.iter().zip(ticks_meant).enumerate() {
        if ticks < meant {
            let missed = match meant - ticks {
                1 => "a tick".to_owned(),
                several => format!("{several} ticks"),
            };
            words.push(format!("machine {id} missed {missed}"));
        }
    }
    let lost = scribe.lost();
    match lost {
        0 => {}
        1 => words.push("1 message was not delivered".to_owned()),
        _ => words.push(format!("{lost} messages were not delivered")),
    }
    for (number, fault) in (0..).zip(&plain.faults) {
        let took = |entry: &FaultEntry| entry.fault == number && entry.step == FaultStep::Effect;
        if !fault_log.iter().any(took) {
            let (deed, target) = (fault.deed, fault.target);
            words.push(format!(
                "fault {number} ({deed} {target}) did not take effect"
            ));
        }
    }
    (!words.is_empty()).then(|| words.join("; "))
}
