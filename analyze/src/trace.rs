//! Jumps of a clock with the chain of messages behind them, row by row, back to the machine that minted the value.
//!
//! [`find`] the jumps that are asked for, in the trials of [`logs::origin::Places`]; [`crate::causal_chain`] follows a value back, and here its steps become rows with
//! files, lines and times. [`crate::table::chain`] writes them down.
//!
//! **Invariant.** The parts of a jump's clock sum to it: `clock = Σ hops.own + unknown = Σ minted_by + unknown`.

pub mod find;

use std::collections::BTreeMap;

use events::{At, Trial};
use serde::Serialize;

use crate::causal_chain::{Break, Hop, Lineage, whole};
use crate::metrics::Timeline;
use crate::metrics::units::Units;

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
    /// System time, nanoseconds since the Unix epoch; null where the row carries none.
    pub time_ns: Option<i64>,
    /// Nominal seconds since the start of the trial; null where the row carries no time.
    pub time_s: Option<f64>,
}

/// What a receive took over.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Raised {
    /// The receive.
    pub row: Row,
    /// The sender of its message, as the row names it.
    pub from: Option<u32>,
    /// The sender's tick, as the row names it; null where it does not.
    pub sent_tick: Option<u64>,
    /// The clock that the message carried.
    pub carried: u64,
}

/// One machine's part of a chain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TracedHop {
    /// The jump's row at first; after it the row that sent the message which the hop before received.
    pub row: Row,
    /// Nominal ticks per second of the machine; null where they are not known.
    pub rate: Option<f64>,
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
    /// What its logs call it; absent for our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The trial's folder.
    pub dir: String,
    /// Id of the machine that jumps.
    pub machine: u32,
    /// The clock before the row; 0 before the first.
    pub clock_before: Units,
    /// The clock after it.
    pub clock: Units,
    /// Their difference, units; 1 for an ordinary tick.
    pub jump: Units,
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
        let trial = lineage.trial();
        let timeline = Timeline::of(trial);
        let machine = &trial.machines[at.machine];
        let clock = |row: usize| machine.rows.clock_value(row).unwrap_or_default();
        let before = at.row.checked_sub(1).map_or(0.0, clock);
        let chain = lineage.chain(at);
        let id = |position: usize| trial.machines[position].id.0;
        let minted = chain.minted().into_iter().filter(|&(_, units)| units > 0);
        TracedJump {
            run: trial.info.run.clone(),
            trial: trial.info.number,
            name: trial.label().map(str::to_owned),
            dir: trial.info.dir.display().to_string(),
            machine: machine.id.0,
            clock_before: Units(before),
            clock: Units(clock(at.row)),
            jump: Units(clock(at.row) - before),
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
    let trial = lineage.trial();
    let at = |row: usize| At { row, ..hop.at };
    let row = |row: usize| described(lineage, timeline, at(row));
    let raised = |raised: usize| {
        let sender = trial.sender(at(raised)).and_then(|of| trial.id_of(of));
        let carried = trial.carried(at(raised)).and_then(whole);
        Raised {
            row: row(raised),
            from: sender.map(|sender| sender.0),
            sent_tick: sent_tick(trial, at(raised)),
            carried: carried.unwrap_or_default(),
        }
    };
    TracedHop {
        row: row(hop.sent.unwrap_or(hop.at.row)),
        rate: trial.machines[hop.at.machine].rate_hz,
        clock: hop.value,
        own: hop.minted,
        raised: hop.raised.map(raised),
    }
}

/// The tick of the send of a receive: as the line names it, or that of the send that was found.
fn sent_tick(trial: &Trial, at: At) -> Option<u64> {
    let named = trial.machines[at.machine].rows.sent_tick.get(at.row);
    let found = || {
        let send = trial.send_of(at)?;
        Some(trial.machines[send.machine].rows.tick(send.row))
    };
    named.or_else(found)
}

fn described(lineage: &Lineage<'_>, timeline: Timeline, at: At) -> Row {
    let machine = &lineage.trial().machines[at.machine];
    let rows = &machine.rows;
    let time_ns = rows.time_ns.get(at.row);
    Row {
        machine: machine.id.0,
        file: machine.file(at.row).display().to_string(),
        line: rows.line(at.row),
        tick: rows.tick(at.row),
        event: rows.kind(at.row).word(),
        time_ns,
        time_s: time_ns.map(|time_ns| timeline.seconds(time_ns)),
    }
}
