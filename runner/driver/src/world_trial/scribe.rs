//! Who writes down what happens in a trial of the scale model.
//!
//! **Invariant.** Every message that is in the log of its sender and never reaches the log of its recipient is counted, unless it
//! waits at the end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use event_log::{ClockEvent, Event, JournalEntry, JournalKind, MachineId, Tick};
use machine::process::ticking::Ticking;
use machine::process::units::{Peer, Time};
use machine::scale_model::{Message, ScaleModel};

use crate::sink::Sink;
use crate::storage::StorageError;
use crate::world::witness::{Changes, LifeEnd, Loss, Witness};

/// How many rows may pass between two looks at whether to stop.
const STOP_LOOK_ROWS: u64 = 4096;

/// Why a world stops before its end.
pub(super) enum Halt {
    Storage(StorageError),
    Stopped,
}

/// Messages of one link that were lost for one reason.
struct Losses {
    count: u64,
    since: Time,
}

/// Who writes down what happens.
pub(super) struct Scribe<'a, S> {
    sinks: Vec<&'a mut S>,
    /// Ticks performed, by machine.
    pub(super) ticks: Vec<u64>,
    last_tick: Vec<Option<Tick>>,
    pub(super) last_ns: Option<u64>,
    rows: u64,
    losses: BTreeMap<(Peer, Peer, Loss), Losses>,
    journal: Vec<JournalEntry>,
    stop: &'a AtomicBool,
}

impl<'a, S> Scribe<'a, S> {
    /// A scribe with a log for each machine.
    pub(super) fn new(sinks: Vec<&'a mut S>, stop: &'a AtomicBool) -> Scribe<'a, S> {
        let machines = sinks.len();
        Scribe {
            sinks,
            ticks: vec![0; machines],
            last_tick: vec![None; machines],
            last_ns: None,
            rows: 0,
            losses: BTreeMap::new(),
            journal: Vec::new(),
            stop,
        }
    }

    /// How many messages did not arrive.
    pub(super) fn lost(&self) -> u64 {
        self.losses.values().map(|losses| losses.count).sum()
    }

    fn note_loss(&mut self, now: Time, from: Peer, to: Peer, why: Loss) {
        let losses = self.losses.entry((from, to, why)).or_insert(Losses {
            count: 0,
            since: now,
        });
        losses.count += 1;
    }

    /// What happened to lives, then what was lost on each link and why.
    pub(super) fn into_journal(self, now: Time) -> Vec<JournalEntry> {
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

    fn unrecorded(&mut self, now: Time, who: Peer, event: &ClockEvent) {
        // The message was taken from the queue, and no log knows of it.
        if let Event::Receive { from, .. } = event.event {
            self.note_loss(now, Peer(from.0), who, Loss::Down);
        }
    }

    fn lost(&mut self, now: Time, from: Peer, to: Peer, message: &Message, why: Loss) {
        // A send that did not reach the log was never made.
        let is_in_log = self.last_tick[from.0 as usize] == Some(message.sent_tick);
        if why != Loss::Unsent || is_in_log {
            self.note_loss(now, from, to, why);
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
            self.note_loss(now, Peer(from.0), who, Loss::Down);
        }
        let id = MachineId(who.0);
        let entry = JournalEntry::of_party(now.0, id, JournalKind::Exit, how.phrase());
        self.journal.push(entry);
    }
}
