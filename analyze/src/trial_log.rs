//! A trial's logs in memory: manifest, and the rows of each machine in columns.
//!
//! Filled by [`crate::scan`], which is the only reader of files; read by metrics, checks and digests.
//!
//! **Invariant.** The columns of a [`ClockRows`] have one length, and rows stand in file order.

use std::path::PathBuf;

pub use events::Kind as EventKind;

use event_log::{
    ClockEvent, Event, LamportTime, MachineEntry, MachineId, Row as _, Tick, TrialManifest,
};

/// One trial.
#[derive(Debug, Clone)]
pub struct TrialLog {
    /// Name of the run it belongs to: the name of the run's folder.
    pub run: String,
    /// The trial's folder.
    pub dir: PathBuf,
    /// `trial.json`.
    pub manifest: TrialManifest,
    /// The machines' logs, in the order of the manifest's machines.
    pub machines: Vec<MachineLog>,
    /// Messages that the journal says did not reach a peer.
    pub undelivered: u64,
    /// Messages of which the journal says that nobody knows whether they did.
    pub unconfirmed: u64,
}

impl TrialLog {
    /// Whether a row takes a time message: a receive from the trial's timekeeper. Such messages are kept apart from the
    /// queue, and taking one costs no tick: the row shares its tick with the event after it.
    #[inline]
    pub fn takes_time(&self, machine: usize, row: usize) -> bool {
        let Some(timekeeper) = self.manifest.timekeeper else {
            return false;
        };
        let MachineLog { entry, rows, .. } = &self.machines[machine];
        entry.id != timekeeper
            && rows.event[row] == EventKind::Receive
            && rows.peer[row] == Some(timekeeper)
    }
}

/// The log of one machine.
#[derive(Debug, Clone)]
pub struct MachineLog {
    /// What the manifest says of the machine.
    pub entry: MachineEntry,
    /// The file.
    pub file: PathBuf,
    /// Its rows; none if the file is missing or empty (the scan's notes then say so).
    pub rows: ClockRows,
}

/// Rows in columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClockRows {
    /// Line of the row in its file, from 1 (the header).
    pub line: Vec<u32>,
    /// Number of the tick.
    pub tick: Vec<u64>,
    /// System time, nanoseconds since the Unix epoch.
    pub time_ns: Vec<u64>,
    /// What happened.
    pub event: Vec<EventKind>,
    /// Lamport clock after the event.
    pub clock: Vec<u64>,
    /// Messages in the queue after the event.
    pub queue: Vec<u64>,
    /// Recipient of a send, sender of a receive.
    pub peer: Vec<Option<MachineId>>,
    /// On a receive: the sender's tick; 0 otherwise.
    pub sent_tick: Vec<u64>,
    /// On a receive: the clock the message carried; 0 otherwise.
    pub sent_clock: Vec<u64>,
}

impl ClockRows {
    /// Room for so many rows.
    pub fn with_capacity(rows: usize) -> ClockRows {
        ClockRows {
            line: Vec::with_capacity(rows),
            tick: Vec::with_capacity(rows),
            time_ns: Vec::with_capacity(rows),
            event: Vec::with_capacity(rows),
            clock: Vec::with_capacity(rows),
            queue: Vec::with_capacity(rows),
            peer: Vec::with_capacity(rows),
            sent_tick: Vec::with_capacity(rows),
            sent_clock: Vec::with_capacity(rows),
        }
    }

    /// How many rows.
    #[inline]
    pub fn len(&self) -> usize {
        self.tick.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tick.is_empty()
    }

    /// What happened in a row; none if it lacks the peer that its kind needs, as a log made elsewhere may.
    pub fn happened(&self, row: usize) -> Option<Event> {
        Some(match self.event[row] {
            EventKind::Internal => Event::Internal,
            EventKind::Broadcast => Event::Broadcast,
            EventKind::Send => Event::Send {
                to: self.peer[row]?,
            },
            EventKind::Receive => Event::Receive {
                from: self.peer[row]?,
                sent_tick: Tick(self.sent_tick[row]),
                sent_clock: LamportTime(self.sent_clock[row]),
            },
        })
    }

    /// A row as it stands in its file.
    pub fn text(&self, row: usize) -> String {
        let Some(event) = self.happened(row) else {
            return format!("tick {} without a peer", self.tick[row]);
        };
        let event = ClockEvent {
            tick: Tick(self.tick[row]),
            event,
            clock: LamportTime(self.clock[row]),
            queue: self.queue[row],
        };
        let mut line = Vec::new();
        event.encode(self.time_ns[row], &mut line);
        String::from_utf8_lossy(&line).into_owned()
    }
}
