//! Which jumps are asked for: the largest of each machine, or the one of a tick.
//!
//! **Invariant.** Trials are read twice, once to find the jumps and once to trace those that are wanted, so that memory
//! does not grow with their number; of equal jumps the first counts.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use events::{At, Trial};
use serde::Serialize;
use thiserror::Error;

use super::TracedJump;
use crate::causal_chain::Lineage;
use crate::metrics::jumps::jumps;
use crate::metrics::units::Units;
use crate::remarks::remarks;
use files::note::Note;
use files::parallel;
use logs::origin::{Places, Read};

/// Version of [`Traces`].
pub const TRACE_VERSION: u32 = 1;

/// What is to be traced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// The machine with this id; all of them if none is given.
    pub machine: Option<u32>,
    /// The trials of this number; all of them if none is given.
    pub trial: Option<u64>,
    /// The row of this tick of that machine, of the only trial that matches, whatever its jump; says nothing without
    /// `machine`.
    pub tick: Option<u64>,
    /// How many jumps of each machine, the largest first.
    pub top: usize,
}

/// What was traced.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Traces {
    /// [`TRACE_VERSION`].
    pub format_version: u32,
    /// By machine, the largest jump of each first.
    pub jumps: Vec<TracedJump>,
    /// Ids of the machines that were asked for and whose clock nothing ever raised: all their jumps are ordinary ticks.
    pub never_raised: Vec<u32>,
    /// What is wrong with the logs.
    #[serde(skip)]
    pub notes: Vec<Note>,
}

/// Why there is nothing to trace.
#[derive(Debug, Error)]
pub enum TraceError {
    /// A trial that is to be traced can no longer be read.
    #[error("{0}")]
    Trial(Box<Note>),
    /// A place that was read has fewer trials when it is read again.
    #[error("the logs changed while they were read; try again when nobody writes to them")]
    Gone,
    /// No trial has this number.
    #[error("no trial {trial} that can be read: there are {known}")]
    NoTrial {
        /// The number asked for.
        trial: u64,
        /// Those there are, in words.
        known: String,
    },
    /// No trial has such a machine.
    #[error("no machine {machine} in these trials: there are {known}")]
    NoMachine {
        /// The id asked for.
        machine: u32,
        /// Those there are, in words.
        known: String,
    },
    /// A tick names a row only in one trial.
    #[error(
        "a tick is one row of one trial, and {trials} trials match: add --trial N, or pass the folder of one trial"
    )]
    ManyTrials {
        /// How many match.
        trials: usize,
    },
    /// The machine's log has no such tick.
    #[error("no tick {tick} in {known}")]
    NoTick {
        /// The tick asked for.
        tick: u64,
        /// The log, and those there are, in words.
        known: String,
    },
}

/// A row worth tracing.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    machine: u32,
    jump: Units,
    trial: Position,
    at: At,
}

/// Where a trial is: its place, and its position in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    place: usize,
    part: usize,
}

/// What is known of a trial once it was looked through.
struct Looked {
    position: Position,
    trial: u64,
    machines: Vec<u32>,
    candidates: Vec<Candidate>,
    notes: Vec<Note>,
}

/// Finds and traces the jumps of these trials. Trials without numbers of their own are numbered from 0, in order.
///
/// # Errors
///
/// [`TraceError`] when there is not the trial, machine or tick that the question names.
pub fn trace(places: &Places, question: &Question) -> Result<Traces, TraceError> {
    let mut notes = places.notes().to_vec();
    let (trials, unread) = look_through(places, question);
    notes.extend(unread);
    let numbers: BTreeMap<Position, u64> = trials
        .iter()
        .map(|looked| (looked.position, looked.trial))
        .collect();
    let asked = matching(trials, question)?;
    for trial in &asked {
        notes.extend(trial.notes.iter().cloned());
    }
    let (jumps, never_raised) = match (question.machine, question.tick) {
        (Some(machine), Some(tick)) => {
            let [trial] = asked.as_slice() else {
                let trials = asked.len();
                return Err(TraceError::ManyTrials { trials });
            };
            let log = again(places, trial.position, trial.trial)?;
            (vec![at_tick(&log, machine, tick)?], Vec::new())
        }
        _ => {
            let chosen = largest(&asked, question.top);
            let raised: BTreeSet<u32> = chosen.iter().map(|candidate| candidate.machine).collect();
            let never = ids(&asked).into_iter().filter(|id| {
                let is_asked = question.machine.is_none_or(|machine| machine == *id);
                is_asked && !raised.contains(id)
            });
            (traced(places, &numbers, &chosen)?, never.collect())
        }
    };
    Ok(Traces {
        format_version: TRACE_VERSION,
        jumps,
        never_raised,
        notes,
    })
}

/// All trials in order with the candidates of each, and the notes on places that cannot be read.
fn look_through(places: &Places, question: &Question) -> (Vec<Looked>, Vec<Note>) {
    let indices: Vec<usize> = (0..places.len()).collect();
    let mut trials: Vec<Looked> = Vec::new();
    let mut unread = Vec::new();
    for looked in parallel::map(&indices, |&place| look(places, place, question)) {
        match looked {
            Ok(looked) => trials.extend(looked),
            Err(note) => unread.push(*note),
        }
    }
    if !places.are_numbered() {
        for (number, looked) in trials.iter_mut().enumerate() {
            looked.trial = number as u64;
        }
    }
    (trials, unread)
}

/// A trial that was read before.
fn again(places: &Places, at: Position, number: u64) -> Result<Trial, TraceError> {
    let read = places.read(at.place).map_err(TraceError::Trial)?;
    let mut trial = read
        .trials
        .into_iter()
        .nth(at.part)
        .ok_or(TraceError::Gone)?;
    trial.info.number = number;
    Ok(trial)
}

/// The largest jump of a trial, or of one machine of it; none if nothing jumped.
pub fn of_trial(trial: &Trial, machine: Option<u32>) -> Option<TracedJump> {
    let mut candidates = candidates(trial, Position { place: 0, part: 0 }, machine, 1);
    candidates.sort_by_key(|candidate| Reverse(candidate.jump));
    let lineage = Lineage::of(trial);
    let first = candidates.first();
    first.map(|candidate| TracedJump::of(&lineage, candidate.at))
}

fn look(places: &Places, place: usize, question: &Question) -> Result<Vec<Looked>, Box<Note>> {
    let Read { trials, notes } = places.read(place)?;
    let mut of_place = notes;
    let looked = trials.into_iter().enumerate().map(|(part, trial)| {
        let position = Position { place, part };
        let mut notes = std::mem::take(&mut of_place);
        if !trial.is_own() {
            notes.extend(remarks(&trial));
        }
        Looked {
            position,
            trial: trial.info.number,
            machines: trial.machines.iter().map(|of| of.id.0).collect(),
            candidates: candidates(&trial, position, question.machine, question.top),
            notes,
        }
    });
    Ok(looked.collect())
}

/// The largest jumps above 1 of each machine that is asked for.
fn candidates(of: &Trial, trial: Position, asked: Option<u32>, top: usize) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (machine, of) in of.machines.iter().enumerate() {
        let id = of.id.0;
        if asked.is_some_and(|asked| asked != id) {
            continue;
        }
        let mut above_one: Vec<(Units, usize)> = jumps(&of.rows)
            .filter(|(_, jump)| *jump > 1.0)
            .map(|(row, jump)| (Units(jump), row))
            .collect();
        above_one.sort_by_key(|&(jump, row)| (Reverse(jump), row));
        let largest = above_one.into_iter().take(top);
        candidates.extend(largest.map(|(jump, row)| Candidate {
            machine: id,
            jump,
            trial,
            at: At { machine, row },
        }));
    }
    candidates
}

/// The trials that the question is about.
fn matching(trials: Vec<Looked>, question: &Question) -> Result<Vec<Looked>, TraceError> {
    let known = || {
        let numbers: BTreeSet<u64> = trials.iter().map(|looked| looked.trial).collect();
        in_words(&numbers.into_iter().collect::<Vec<_>>(), "")
    };
    let is_asked = |looked: &Looked| question.trial.is_none_or(|trial| trial == looked.trial);
    if let Some(trial) = question.trial.filter(|_| !trials.iter().any(is_asked)) {
        let known = known();
        return Err(TraceError::NoTrial { trial, known });
    }
    let asked: Vec<Looked> = trials.into_iter().filter(is_asked).collect();
    let ids = ids(&asked);
    match question.machine.filter(|machine| !ids.contains(machine)) {
        None => Ok(asked),
        Some(machine) => Err(TraceError::NoMachine {
            machine,
            known: in_words(&ids.into_iter().map(u64::from).collect::<Vec<_>>(), "M"),
        }),
    }
}

fn ids(trials: &[Looked]) -> BTreeSet<u32> {
    let ids = trials.iter().flat_map(|looked| &looked.machines);
    ids.copied().collect()
}

/// The largest jumps of each machine over all trials; by machine, the largest first, of equals the first.
fn largest(trials: &[Looked], top: usize) -> Vec<Candidate> {
    let all = trials.iter().flat_map(|looked| &looked.candidates);
    let mut all: Vec<Candidate> = all.copied().collect();
    all.sort_by_key(|candidate| (candidate.machine, Reverse(candidate.jump)));
    let by_machine = all.chunk_by(|a, b| a.machine == b.machine);
    by_machine
        .flat_map(|machine| machine.iter().take(top))
        .copied()
        .collect()
}

/// Traces the candidates, in their order, each trial read once.
fn traced(
    places: &Places,
    numbers: &BTreeMap<Position, u64>,
    chosen: &[Candidate],
) -> Result<Vec<TracedJump>, TraceError> {
    let mut by_trial: BTreeMap<Position, Vec<usize>> = BTreeMap::new();
    for (position, candidate) in chosen.iter().enumerate() {
        by_trial.entry(candidate.trial).or_default().push(position);
    }
    let mut jumps = Vec::new();
    for (trial, positions) in by_trial {
        let number = numbers.get(&trial).copied().unwrap_or_default();
        let log = again(places, trial, number)?;
        let lineage = Lineage::of(&log);
        let of = |position: usize| TracedJump::of(&lineage, chosen[position].at);
        jumps.extend(
            positions
                .into_iter()
                .map(|position| (position, of(position))),
        );
    }
    jumps.sort_by_key(|(position, _)| *position);
    Ok(jumps.into_iter().map(|(_, jump)| jump).collect())
}

/// The jump of a machine at a tick; where receives share the tick (drain `all`), the largest.
fn at_tick(trial: &Trial, machine: u32, tick: u64) -> Result<TracedJump, TraceError> {
    let lineage = Lineage::of(trial);
    let mut rows = Vec::new();
    let mut known = String::new();
    for (position, of) in trial.machines.iter().enumerate() {
        if of.id.0 == machine {
            let ticks = of.rows.tick.values();
            rows.extend(
                (0..ticks.len())
                    .filter(|&row| ticks[row] == tick)
                    .map(|row| At {
                        machine: position,
                        row,
                    }),
            );
            known = format!(
                "{}: its rows are of ticks {}",
                of.file(0).display(),
                in_words(ticks, "")
            );
        }
    }
    let jumps = rows.into_iter().map(|at| TracedJump::of(&lineage, at));
    let largest = jumps.min_by_key(|jump| Reverse(jump.jump));
    largest.ok_or(TraceError::NoTick { tick, known })
}

/// `3`, `0, 1, 4` or, of more than ten, `0 to 39`; `none` of none.
fn in_words(ascending: &[u64], letter: &str) -> String {
    match ascending {
        [] => "none".to_owned(),
        [first, .., last] if ascending.len() > 10 => format!("{letter}{first} to {letter}{last}"),
        few => {
            let words: Vec<String> = few
                .iter()
                .map(|number| format!("{letter}{number}"))
                .collect();
            words.join(", ")
        }
    }
}
