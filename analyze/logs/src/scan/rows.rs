//! The rows of a trial: those of its logs one after another, with the lines that they stand on.
//!
//! **Invariant.** A row keeps the number of its line, however its log was read.

use std::path::PathBuf;

use events::schema;
use events::{Machine, Trial, TrialInfo};
use polars::prelude::{
    ChunkAgg as _, DataFrame, IntoColumn as _, NamedFrom as _, PolarsResult, Series, UInt32Chunked,
};

use super::batch::Piece;

/// The rows of a trial's logs so far, machine after machine.
#[derive(Default)]
pub(super) struct TrialRows {
    pieces: Vec<Piece>,
    lines: Vec<u32>,
    lengths: Vec<usize>,
}

impl TrialRows {
    /// Adds the rows of a log that is the header and nothing but rows.
    pub(super) fn add_whole(&mut self, pieces: Vec<Piece>) {
        let rows = pieces.iter().map(Piece::len).sum();
        self.lines.extend((2..=u32::MAX).take(rows));
        self.lengths.push(rows);
        self.pieces.extend(pieces);
    }

    /// Adds the rows of a log that stand on these lines.
    pub(super) fn add(&mut self, rows: DataFrame, lines: Vec<u32>) {
        self.lengths.push(rows.height());
        self.lines.extend(lines);
        if rows.height() > 0 {
            self.pieces.push(Piece::alone(rows));
        }
    }

    /// The trial of these logs, whose receives are matched with their sends.
    pub(super) fn trial(self, info: TrialInfo, files: Vec<PathBuf>) -> PolarsResult<Trial> {
        let frame = Piece::join(self.pieces)?;
        trial(info, files, frame, self.lines, self.lengths)
    }
}

/// The trial of the rows of its logs in one frame, machine after machine: `lengths` of each, on these lines. Its receives are
/// matched with their sends.
pub(super) fn trial(
    mut info: TrialInfo,
    files: Vec<PathBuf>,
    mut frame: DataFrame,
    lines: Vec<u32>,
    lengths: Vec<usize>,
) -> PolarsResult<Trial> {
    let lines = Series::new(schema::LINE.name.into(), lines);
    frame.insert_column(0, lines.into_column())?;
    let strangers = name_strangers(&mut frame, files.len())?;
    let machines = match &info.manifest {
        Some(manifest) => {
            let entries = manifest.machines.iter().zip(files);
            let machine = |(entry, file): (&event_log::MachineEntry, PathBuf)| Machine {
                schedule: manifest.schedule(entry),
                ..Machine::new(entry.name.clone(), Some(entry.rate.hz()), vec![file])
            };
            entries.map(machine).collect()
        }
        None => Vec::new(),
    };
    info.without_log = Some(strangers);
    let mut trial = Trial::new(info, machines, lengths, frame)?;
    trial.match_by_tick()?;
    Ok(trial)
}

/// Gives peers that are no machine of the trial positions behind the machines; their names by position. The ids of machines
/// are their positions.
fn name_strangers(frame: &mut DataFrame, machines: usize) -> PolarsResult<Vec<String>> {
    let peers = frame.column(schema::PEER.name)?.u32()?;
    let mut strangers: Vec<u32> = Vec::new();
    if peers.max().is_none_or(|peer| (peer as usize) < machines) {
        return Ok(Vec::new());
    }
    let position = |peer: u32| {
        if (peer as usize) < machines {
            return peer;
        }
        let known = strangers.iter().position(|&known| known == peer);
        let known = known.unwrap_or_else(|| {
            strangers.push(peer);
            strangers.len() - 1
        });
        (machines + known) as u32
    };
    let mut position = position;
    let peers = peers.iter().map(|peer| peer.map(&mut position));
    let mut peers: UInt32Chunked = peers.collect();
    peers.rename(schema::PEER.name.into());
    frame.with_column(peers.into_column())?;
    Ok(strangers.iter().map(u32::to_string).collect())
}
