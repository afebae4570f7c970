//! The log of a run: what `runner` writes and `analyze` reads, and all that the two share.
//!
//! The manual of a run of the scale model follows; [`chat`] is that of the chat service.
//!
//! # Manual of a run directory (format version 1)
//!
//! ```text
//! logs/2026-11-21T021405Z-scale-model/   one run; its name is unique, nothing is ever overwritten
//!   run.json                [`RunManifest`]: tool, commit, seed, host, and the full validated configuration
//!   trial-000/
//!     trial.json            [`TrialManifest`]: condition, machines, start, status
//!     machine-0.csv         [`ClockEvent`] rows, one event each, header first
//!     journal.jsonl         [`JournalEntry`] lines: all that is not a tick
//!     faults.toml           [`Faults`]: what was to be done to this trial, nothing left to chance
//!     faults.jsonl          [`FaultEntry`] lines: what was done, when, and how that is known
//! ```
//!
//! `machine-*.csv` has the columns `tick,time_ns,event,clock,queue,peer,sent_tick,sent_clock`:
//!
//! | column | meaning |
//! |---|---|
//! | `tick` | number of the tick, from 0. With drain `one` each tick is one row; with drain `all` a tick that empties its queue writes one `receive` row for each message, all with the same tick; a row that takes a timekeeper's message shares the tick of the row after it |
//! | `time_ns` | system time of the event, nanoseconds since the Unix epoch, UTC (virtual time starts at [`VIRTUAL_EPOCH_NS`]) |
//! | `event` | `internal`, `send`, `broadcast` or `receive` |
//! | `clock` | the Lamport clock after the event |
//! | `queue` | messages left in the network queue after the event; a timekeeper's are never in it |
//! | `peer` | the recipient of a `send`, the sender of a `receive`; empty otherwise |
//! | `sent_tick`, `sent_clock` | on a `receive`: the sender's tick and the clock that the message carried, with stamp `before` one less than the clock of its send; empty otherwise |
//!
//! (`peer`, `sent_tick`) of a receive names the message, so every receive can be matched to its send.
//!
//! With the design `timekeeper` one machine, named in `trial.json`, sends its time to all others at every tick that finds
//! its queue empty (`broadcast`), and never rolls. The others keep its messages apart and at the start of each tick take
//! the newest, if one has come: a `receive` that costs no tick, the tick's own row follows. Messages replaced by a newer
//! one before any tick took them are dropped and leave no row. With a `tick_delay_ns` in the condition every tick is
//! performed that much after it is due; due times themselves do not change.
//!
//! With the design `hub` on sockets a communication server takes part that is no machine: it has no log, `trial.json`
//! says where it listened (`hub_address`), and the journal calls it `"hub"` where a machine has its number.
//!
//! A run that holds an experiment has trials of several conditions, each with its own in `trial.json`. Folders whose
//! names begin with a dot (`.trial-007.interrupted-1`) hold what was left of trials that were interrupted and run
//! again; readers pass them over.
//!
//! A run may be carried out in shards, by jobs that do not speak to each other: trial t by shard t mod n. Its folder then
//! has no time in its name, `run.json` describes the whole run, and beside it `shard-0-of-3.json` ([`ShardManifest`]) says
//! that shard 0 of 3 was begun, when and where. Folders of the shards of one run, copied over each other, are the run.
//!
//! `analyze` also reads `machine-0.parquet`, a table of the same columns, where there is no `machine-0.csv`.
//!
//! A run in virtual time may be packed (`"packed": true` in its configuration): instead of a folder for each trial it has
//! two files for each thousand, `trials-000000-000999.csv` and `.jsonl`; see [`pack`]. There are no journals then. Names
//! have as many digits as the number of trials needs, so that they sort.
//!
//! `complete` means that every machine performed all its ticks and every message arrived. A trial in which a machine was
//! lost, or messages were, or may have been, is `degraded`; the journal's `undelivered` and `unconfirmed` entries count them.
//!
//! A trial with faults (`faults` in its condition; [`faults`] is their manual) has the last two files. A machine that a fault
//! ended and that began again goes on in the same log: its ticks go on by their schedule, those that were due while it was away
//! never happen, and its clock begins at 0 again, with an empty queue. The journal says when each life ended (`exit`) and when
//! the next began (`restarted`, with the number of its first tick as `count`); rows of the machine with a smaller tick belong to
//! the lives before. A connection that a fault ended is `lost` at both ends,
//! then `reconnected`. Each message that did not arrive, or was not taken from the queue of a machine whose life ended, is in an
//! `undelivered` entry of its sender: one entry for each link and reason, with the time of the first as `since_ns`. Per link the
//! sends without a receive are those, and what waits at the end in the queue or under way. A trial with such an entry, with ticks
//! missing, or with a fault that did not take effect is `degraded`.
//!
//! Rows reach the file as they happen, so a killed process loses at most the row it was writing. A trial whose
//! status is still `running` was cut off: its coordinator was killed or its disk was full.
//!
//! # Map
//!
//! [`units`] ids, ticks, clocks, rates · [`clock`] the row of a clock event · [`record`] an event with its system
//! time, and rows to and from text · [`schedule`] when a tick is due · [`manifest`] `run.json` and `trial.json` ·
//! [`pack`] many trials in two files · [`stream`] a run without files · [`design`] variations on the scale model · [`party`] machines and hub · [`faults`] schedules of faults · [`chat`] the second system: its manifest, rows and summary · [`journal`] `journal.jsonl` · [`layout`] names
//! of files and folders.
//!
//! **Invariant.** This crate opens no file and reads no clock; it turns values into text and text into values, both
//! directions side by side, so that writer and reader cannot drift apart.

pub mod chat;
pub mod clock;
pub mod design;
pub mod faults;
pub mod journal;
pub mod layout;
pub mod manifest;
pub mod pack;
pub mod party;
pub mod record;
pub mod schedule;
pub mod stream;
pub mod units;

pub use clock::{ClockEvent, Event};
pub use design::{Design, Stamp};
pub use faults::{FaultEntry, Faults};
pub use journal::{JournalEntry, JournalKind};
pub use manifest::{
    Condition, Drain, Driver, FORMAT_VERSION, Latency, MachineEntry, ManifestHead, Odds,
    OnDisconnect, PhaseRule, RateRule, RunManifest, ShardManifest, Status, System, Tool,
    TrialManifest,
};
pub use party::Party;
pub use record::{Record, Row, RowError};
pub use schedule::Schedule;
pub use units::{LamportTime, MachineId, Rate, Tick};

/// Where virtual time starts: 10^9 seconds after the Unix epoch (2001-09-09T01:46:40Z), in nanoseconds.
///
/// A fixed instant, so that logs of virtual trials depend on seed and options alone; and plainly not today, so that
/// readers do not take them for a recording.
pub const VIRTUAL_EPOCH_NS: u64 = 1_000_000_000_000_000_000;
