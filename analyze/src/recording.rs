//! What metrics, chains and figures read of a trial, whoever's log it was: columns in which anything may be missing.
//!
//! ```text
//! Trial (ours, exact)    ──→ own ──┐
//!                                  ├→ Recording → metrics · lineage · digest · trace
//! History + Matching ──→ lower ────┘
//! ```
//!
//! A [`Trial`](events::Trial) of ours holds rows as they were written, for the check; a
//! [`History`](crate::history::History) holds anybody's lines as they mean them. Definitions stand once, on this type.
//!
//! A trial is in memory as a whole, so a row takes little room: [`column`](mod@column) and [`takes`] hold what an `Option`
//! or an enum of pointers would hold in twice as much.
//!
//! **Invariant.** The columns of [`Rows`] have one length, and rows stand in file order. What was not recorded is `None`.

pub mod column;
pub mod lower;
pub mod own;
pub mod places;
pub mod row_set;
pub mod takes;

use std::path::{Path, PathBuf};

use event_log::{MachineId, Schedule};

use crate::history::matching::Match;
use column::Column;
pub use events::Kind as EventKind;
use takes::Takes;

/// A row of a trial: the machine's position in the trial, and the row's in its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// Position of the machine in [`Recording::machines`].
    pub machine: usize,
    /// Position of the row in its [`Rows`].
    pub row: usize,
}

/// One trial.
#[derive(Debug, Clone)]
pub struct Recording {
    /// Name of the run, or of the folder that its trial belongs to.
    pub run: String,
    /// Number of the trial in its run; others' trials are numbered in the order of reading.
    pub trial: u64,
    /// What its logs or folders call it, where it is not one of ours.
    pub name: Option<String>,
    /// The folder of its files.
    pub dir: PathBuf,
    /// Common start, nanoseconds in the times of the rows; `None` where it is not known.
    pub started_ns: Option<i64>,
    /// Nominal seconds in a second of system time.
    pub speed: f64,
    /// Position of the machine that keeps time, if one does.
    pub timekeeper: Option<usize>,
    /// Nominal length in seconds of a trial that is known to be complete.
    pub lasted_s: Option<f64>,
    /// Connections that the trial holds, where its design is known.
    pub connections: Option<u64>,
    /// Whether times of different machines are of one clock, so that they can be subtracted.
    pub one_time: bool,
    /// Whether a clock is the machine's own count of events and of what it was told: not so of vector clocks and of
    /// clocks with fractions, whose units nobody can account for.
    pub additive: bool,
    /// Its machines.
    pub machines: Vec<Track>,
}

/// The log of one machine.
#[derive(Debug, Clone)]
pub struct Track {
    /// Its id: of others' machines the number that is its name, or its position where names are no numbers.
    pub id: MachineId,
    /// What its logs call it, where that is not its id.
    pub name: Option<String>,
    /// Nominal ticks per second.
    pub rate_hz: Option<f64>,
    /// When its ticks were due.
    pub schedule: Option<Schedule>,
    /// Its files.
    pub files: Vec<PathBuf>,
    /// Whether its log is known to be there and to record no event; an empty log of our own may have been lost.
    pub silent: bool,
    /// Its rows.
    pub rows: Rows,
}

/// Who a send reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nobody: the row sends nothing.
    Nobody,
    /// One machine, by its id.
    One(MachineId),
    /// The machines of the group at this place of [`Rows::groups`].
    Several(u32),
    /// Every other machine.
    All,
    /// Somebody; the log does not tell whom.
    Unknown,
}

/// Rows in columns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// Line of the row in its file, from 1.
    pub line: Vec<u32>,
    /// The row's file, by position in [`Track::files`]; empty where all are of the first.
    pub file: Vec<u32>,
    /// Number of the tick.
    pub tick: Vec<u64>,
    /// System time, nanoseconds.
    pub time_ns: Column<i64>,
    /// What happened.
    pub event: Vec<EventKind>,
    /// The logical clock on the row, units.
    pub clock: Column<f64>,
    /// Messages in the queue on the row.
    pub queue: Column<u64>,
    /// On a receive: the sender, as the row names it or as its message was found.
    pub from: Column<MachineId>,
    /// On a send: who it reaches.
    pub to: Vec<Reach>,
    /// Machines, by their positions, that a send reaches together.
    pub groups: Vec<Vec<usize>>,
    /// On a receive: the sender's tick.
    pub sent_tick: Column<u64>,
    /// On a send and on a receive: the clock that the message carried.
    pub carried: Column<f64>,
    /// On a receive: its send.
    pub took: Takes,
}

impl Recording {
    /// Whether a row takes a time message: a receive from the trial's timekeeper. Such messages are kept apart from the
    /// queue, and taking one costs no tick: the row shares its tick with the event after it.
    #[inline]
    pub fn takes_time(&self, machine: usize, row: usize) -> bool {
        let Some(timekeeper) = self.timekeeper else {
            return false;
        };
        let rows = &self.machines[machine].rows;
        machine != timekeeper
            && rows.event[row] == EventKind::Receive
            && rows.from.get(row) == Some(self.machines[timekeeper].id)
    }

    /// Position of the machine with this id.
    #[inline]
    pub fn position(&self, id: MachineId) -> Option<usize> {
        self.machines.iter().position(|machine| machine.id == id)
    }

    /// Whether a row sends to a machine; `None` where the log does not tell.
    #[inline]
    pub fn reaches(&self, at: At, to: usize) -> Option<bool> {
        let rows = &self.machines[at.machine].rows;
        match rows.to[at.row] {
            Reach::Nobody => Some(false),
            Reach::One(id) => Some(id == self.machines[to].id),
            Reach::Several(group) => Some(rows.groups[group as usize].contains(&to)),
            Reach::All => Some(at.machine != to),
            Reach::Unknown if at.machine == to => Some(false),
            Reach::Unknown => None,
        }
    }
}

impl Track {
    /// The file of a row.
    pub fn file(&self, row: usize) -> &Path {
        let file = self.rows.file.get(row).copied().unwrap_or_default();
        let file = self.files.get(file as usize).or(self.files.first());
        file.map_or(Path::new(""), PathBuf::as_path)
    }
}

impl Rows {
    /// How many rows.
    #[inline]
    pub fn len(&self) -> usize {
        self.tick.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tick.is_empty()
    }

    /// The send that a receive took, if that is certain.
    #[inline]
    pub fn send_of(&self, row: usize) -> Option<At> {
        match self.took.get(row) {
            Match::Sent { machine, event } => Some(At {
                machine,
                row: event,
            }),
            _ => None,
        }
    }

    /// The rows that send a message.
    #[inline]
    pub fn sends(&self) -> impl Iterator<Item = usize> {
        (0..self.len()).filter(|&row| self.to[row] != Reach::Nobody)
    }

    /// The clock on a row, if it is a whole number that a Lamport clock can show.
    #[inline]
    pub fn count(&self, row: usize) -> Option<u64> {
        whole(self.clock.get(row)?)
    }
}

/// A value as the whole number that it is; `None` of fractions and of negative numbers.
#[inline]
pub fn whole(value: f64) -> Option<u64> {
    let count = value as u64;
    (count as f64 == value).then_some(count)
}
