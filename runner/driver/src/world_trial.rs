//! Trials of the scale model in a world, with faults.
//!
//! Links are stream-like, as connections are. A machine keeps nothing on disk; what waits in its queue when its life ends is
//! lost and counted. Its later lives have dice of their own.
//!
//! **Invariant.** A trial depends on its manifest alone, and its account names every message that did not arrive.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use event_log::faults::{Deed, FaultEntry, FaultStep, Faults};
use event_log::{
    ClockEvent, Condition, JournalEntry, JournalKind, Latency, MachineId, Tick, TrialManifest,
};
use machine::process::ticking::{Ticking, Ticks};
use machine::process::units::{Peer, Time};
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
use crate::world::witness::{Changes, LifeEnd, Loss, Witness};

/// How many rows may pass between two looks at whether to stop.
const STOP_LOOK_ROWS: u64 = 4096;

/// What can be done to machines of the scale model in virtual time. They keep nothing on disk, and connections repeat no message.
const DEEDS: [Deed; 8] = [
    Deed::Kill,
    Deed::Power,
    Deed::Pause,
    Deed::Stop,
    Deed::Hold,
    Deed::Break,
    Deed::Delay,
    Deed::Lose,
];

/// What faults can do to a trial of the scale model with this condition.
pub fn limits(condition: &Condition) -> Limits {
    Limits {
        of: "the scale model in virtual time",
        servers: condition.machines,
        clients: 0,
        has_roles: false,
        length_ns: condition.duration_ns,
        deeds: &DEEDS,
        kinds: &["message", "internal", "send", "broadcast", "receive"],
        has_disks: false,
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
    /// The schedule, with nothing left to chance.
    pub plain: Faults,
    /// What became of each fault.
    pub fault_log: Vec<FaultEntry>,
    /// Ends and beginnings of lives, and messages that did not arrive.
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
    let scribe = Scribe {
        sinks: seats.iter_mut().map(|seat| &mut seat.sink).collect(),
        ticks: vec![0; ticks_meant.len()],
        last_tick: vec![None; ticks_meant.len()],
        last_ns: None,
        rows: 0,
        losses: BTreeMap::new(),
        journal: Vec::new(),
        stop,
    };
    let mut world = World::new(setting, manifest.condition.machines, setups, scribe);
    let run = world
        .begin_all()
        .and_then(|()| nemesis::run(&mut world, &plain, calm, None));
    let (fault_log, interrupted) = match run {
        Ok(fault_log) => (fault_log, false),
        Err(Halt::Stopped) => (Vec::new(), true),
        Err(Halt::Storage(error)) => return Err(error),
    };
    let now = world.now();
    let scribe = world.into_witness();
    let end = End {
        last_ns: scribe.last_ns,
        ticks: scribe.ticks.iter().sum(),
        interrupted,
    };
    let shortfall = shortfall(&scribe, &ticks_meant, &plain, &fault_log);
    Ok(Account {
        end,
        plain,
        fault_log,
        journal: scribe.into_journal(now),
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
            words.push(format!("machine {id} missed {} ticks", meant - ticks));
        }
    }
    let lost: u64 = scribe.losses.values().map(|losses| losses.count).sum();
    if lost > 0 {
        words.push(format!("{lost} messages were not delivered"));
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

/// Why a world stops before its end.
enum Halt {
    Storage(StorageError),
    Stopped,
}

/// Messages of one link that were lost for one reason.
struct Losses {
    count: u64,
    since: Time,
}

/// Who writes down what happens.
struct Scribe<'a, S> {
    sinks: Vec<&'a mut S>,
    /// Ticks performed, by machine.
    ticks: Vec<u64>,
    last_tick: Vec<Option<Tick>>,
    last_ns: Option<u64>,
    rows: u64,
    losses: BTreeMap<(Peer, Peer, Loss), Losses>,
    journal: Vec<JournalEntry>,
    stop: &'a AtomicBool,
}

impl<S> Scribe<'_, S> {
    fn lose(&mut self, now: Time, from: Peer, to: Peer, why: Loss) {
        let losses = self.losses.entry((from, to, why)).or_insert(Losses {
            count: 0,
            since: now,
        });
        losses.count += 1;
    }

    /// What happened to lives, then what was lost on each link and why.
    fn into_journal(self, now: Time) -> Vec<JournalEntry> {
        let mut journal = self.journal;
        journal.extend(self.losses.iter().map(|(&(from, to, why), losses)| {
            JournalEntry::of_party(
                now.0,
                MachineId(from.0),
                JournalKind::Undelivered,
                why.phrase(),
            )
            .with_peer(MachineId(to.0))
            .with_count(losses.count)
            .with_since(losses.since.0)
        }));
        journal
    }
}

impl<S, B> Witness<Ticking<ScaleModel, B>> for Scribe<'_, S>
where
    S: Sink<ClockEvent>,
    B: Fn(Tick) -> ScaleModel,
{
    type Error = Halt;

    fn recorded(&mut self, now: Time, who: Peer, event: ClockEvent) -> Result<(), Halt> {
        let at = who.0 as usize;
        self.sinks[at]
            .record(now.0, &event)
            .map_err(Halt::Storage)?;
        // With several rows to a tick, the first counts.
        if self.last_tick[at] != Some(event.tick) {
            self.last_tick[at] = Some(event.tick);
            self.ticks[at] += 1;
        }
        self.last_ns = Some(now.0);
        self.rows += 1;
        match self.rows.is_multiple_of(STOP_LOOK_ROWS) && self.stop.load(Ordering::Relaxed) {
            true => Err(Halt::Stopped),
            false => Ok(()),
        }
    }

    fn lost(&mut self, now: Time, from: Peer, to: Peer, message: &Message, why: Loss) {
        // A send that did not reach the log was never made.
        let is_in_log = self.last_tick[from.0 as usize] == Some(message.sent_tick);
        if why != Loss::Unsent || is_in_log {
            self.lose(now, from, to, why);
        }
    }

    fn begun(&mut self, now: Time, who: Peer, life: u32, process: &Ticking<ScaleModel, B>) {
        if life > 1 {
            let first = process.machine().next_tick().0;
            let detail = format!("life {life}: its clock is 0 again");
            let id = MachineId(who.0);
            let entry = JournalEntry::of_party(now.0, id, JournalKind::Restarted, detail);
            self.journal.push(entry.with_count(first));
        }
    }

    fn ended(
        &mut self,
        now: Time,
        who: Peer,
        process: &Ticking<ScaleModel, B>,
        how: LifeEnd,
        _: Changes,
    ) {
        for from in process.machine().waiting_senders() {
            self.lose(now, Peer(from.0), who, Loss::Down);
        }
        let id = MachineId(who.0);
        let entry = JournalEntry::of_party(now.0, id, JournalKind::Exit, how.phrase());
        self.journal.push(entry);
    }
}
