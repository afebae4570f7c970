//! Jumps of a clock with the chain of messages behind them, row by row, back to the machine that minted the value.
//!
//! [`find`] the jumps that are asked for; [`crate::lineage`] follows a value back, and here its steps become rows with
//! files, lines and times. [`crate::table::chain`] writes them down.
//!
//! **Invariant.** The parts of a jump's clock sum to it: `clock = Σ hops.own + unknown = Σ minted_by + unknown`.

pub mod find;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::lineage::{At, Break, Hop, Lineage};
use crate::metrics::Timeline;
use crate::metrics::jumps::gain;
use crate::trial_log::EventKind;

/// A row of a log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Id of the machine whose log it is.
    pub machine: u32,
    /// The log.
    pub file: String,
    /// Line in it, from 1 (the header).
    pub line: u32,
    /// Number of the tick.
    pub tick: u64,
    /// `internal`, `send`, `broadcast` or `receive`.
    pub event: &'static str,
    /// System time, nanoseconds since the Unix epoch.
    pub time_ns: u64,
    /// Nominal seconds since the start of the trial.
    pub time_s: f64,
}

/// What a receive took over.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Raised {
    /// The receive.
    pub row: Row,
    /// The sender of its message, as the row names it.
    pub from: Option<u32>,
    /// The sender's tick, as the row names it.
    pub sent_tick: u64,
    /// The clock that the message carried.
    pub carried: u64,
}

/// One machine's part of a chain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TracedHop {
    /// The jump's row at first; after it the row that sent the message which the hop before received.
    pub row: Row,
    /// Nominal ticks per second of the machine.
    pub rate: f64,
    /// The clock at the jump, or that the message carried.
    pub clock: u64,
    /// The machine's own units in it: one for each row since `raised`, or since its first. 0 where the log cannot say.
    pub own: u64,
    /// The receive that last raised the machine's clock before; null if none did: the machine minted what is left.
    pub raised: Option<Raised>,
}

/// A jump and its chain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TracedJump {
    /// Name of the run.
    pub run: String,
    /// Number of the trial in it.
    pub trial: u64,
    /// The trial's folder.
    pub dir: String,
    /// Id of the machine that jumps.
    pub machine: u32,
    /// The clock before the row; 0 before the first.
    pub clock_before: u64,
    /// The clock after it.
    pub clock: u64,
    /// Their difference, units; 1 for an ordinary tick.
    pub jump: i64,
    /// The chain, from the jump backwards; the last hop is the minter unless the chain is broken.
    pub hops: Vec<TracedHop>,
    /// The units of `clock` by the machine whose ticks made them; machines without a share are left out.
    pub minted_by: BTreeMap<u32, u64>,
    /// Units that the logs cannot trace; 0 for a whole chain.
    pub unknown: u64,
    /// Why the chain ends before the minter; null for a whole one.
    pub broken: Option<Break>,
}

impl TracedJump {
    /// The jump that a machine makes at a row, which must be there.
    pub fn of(lineage: &Lineage<'_>, at: At) -> TracedJump {
        let log = lineage.log();
        let timeline = Timeline::of(log);
        let machine = &log.machines[at.machine];
        let clocks = &machine.rows.clock;
        let before = at.row.checked_sub(1).map_or(0, |before| clocks[before]);
        let chain = lineage.chain(at);
        let id = |position: usize| log.machines[position].entry.id.0;
        let minted = chain.minted().into_iter().filter(|&(_, units)| units > 0);
        TracedJump {
            run: log.run.clone(),
            trial: log.manifest.trial,
            dir: log.dir.display().to_string(),
            machine: machine.entry.id.0,
            clock_before: before,
            clock: clocks[at.row],
            jump: gain(before, clocks[at.row]),
            minted_by: minted
                .map(|(position, units)| (id(position), units))
                .collect(),
            unknown: chain.lost.map_or(0, |(units, _)| units),
            broken: chain.lost.map(|(_, why)| why),
            hops: chain
                .hops
                .iter()
                .map(|hop| traced(lineage, timeline, hop))
                .collect(),
        }
    }

    /// The jump's own row.
    pub fn row(&self) -> Option<&Row> {
        self.hops.first().map(|hop| &hop.row)
    }
}

fn traced(lineage: &Lineage<'_>, timeline: Timeline, hop: &Hop) -> TracedHop {
    let machine = &lineage.log().machines[hop.at.machine];
    let rows = &machine.rows;
    let row = |row: usize| described(lineage, timeline, At { row, ..hop.at });
    TracedHop {
        row: row(hop.sent.unwrap_or(hop.at.row)),
        rate: machine.entry.rate.hz(),
        clock: hop.value,
        own: hop.minted,
        raised: hop.raised.map(|raised| Raised {
            row: row(raised),
            from: rows.peer[raised].map(|peer| peer.0),
            sent_tick: rows.sent_tick[raised],
            carried: rows.sent_clock[raised],
        }),
    }
}

fn described(lineage: &Lineage<'_>, timeline: Timeline, at: At) -> Row {
    let machine = &lineage.log().machines[at.machine];
    let rows = &machine.rows;
    Row {
        machine: machine.entry.id.0,
        file: machine.file.display().to_string(),
        line: rows.line[at.row],
        tick: rows.tick[at.row],
        event: match rows.event[at.row] {
            EventKind::Internal => "internal",
            EventKind::Send => "send",
            EventKind::Broadcast => "broadcast",
            EventKind::Receive => "receive",
        },
        time_ns: rows.time_ns[at.row],
        time_s: timeline.seconds(rows.time_ns[at.row]),
    }
}
