//! One trial: what it is, and its events in one frame.
//!
//! `info` what it is beside its events · `machine` a machine and a place among its rows · `messages` who sent what to whom,
//! and the clock it carried · `time` what its times and clocks are.
//!
//! **Invariant.** The rows of the machines are views of the frame, machine after machine; together they are all its rows.

mod info;
mod machine;
mod messages;
mod time;

use std::ops::Range;

use event_log::MachineId;
use polars::prelude::{Column, DataFrame, PolarsResult, Series};

pub use info::{OWN_FORMAT, TrialInfo};
use machine::numbers;
pub use machine::{At, Machine};

use crate::match_columns::MatchColumns;
use crate::matching::{Evidence, Inferred, Match, Matching};
use crate::rows::Rows;

/// One trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// What it is.
    pub info: TrialInfo,
    /// Its machines; rows name them by their position here.
    pub machines: Vec<Machine>,
    /// What the matching inferred of the log.
    pub inferred: Inferred,
    frame: DataFrame,
}

impl Trial {
    /// A trial of machines whose rows stand one after another in a frame, `rows` of each.
    ///
    /// # Errors
    ///
    /// When the frame has not the columns of [`crate::schema`], each in one chunk.
    pub fn new(
        info: TrialInfo,
        mut machines: Vec<Machine>,
        rows: impl IntoIterator<Item = usize>,
        frame: DataFrame,
    ) -> PolarsResult<Trial> {
        let numbers = match &info.manifest {
            Some(manifest) => manifest.machines.iter().map(|of| of.id).collect(),
            None => numbers(&machines),
        };
        for (machine, id) in machines.iter_mut().zip(numbers) {
            machine.id = id;
        }
        let mut trial = Trial {
            info,
            machines,
            inferred: Inferred::default(),
            frame,
        };
        trial.view(rows)?;
        Ok(trial)
    }

    fn view(&mut self, lengths: impl IntoIterator<Item = usize>) -> PolarsResult<()> {
        let all = Rows::of(&self.frame)?;
        let mut start = 0;
        for (machine, length) in self.machines.iter_mut().zip(lengths) {
            let end = (start + length).min(all.len());
            machine.rows = all.cut(start..end);
            start = end;
        }
        Ok(())
    }

    /// All its events; [`Trial::rows_of`] says which are whose.
    pub fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// Where the rows of a machine stand in the frame.
    pub fn rows_of(&self, machine: usize) -> Range<usize> {
        let before = self.machines[..machine].iter();
        let start = before.map(|of| of.rows.len()).sum();
        start..start + self.machines[machine].rows.len()
    }

    /// A column of one machine's rows, for polars; `None` where the log does not record it.
    pub fn series(&self, machine: usize, column: &str) -> Option<Series> {
        let rows = self.rows_of(machine);
        let column = self.frame.column(column).ok()?;
        Some(
            column
                .as_materialized_series()
                .slice(rows.start as i64, rows.len()),
        )
    }

    /// Adds what is known of the trial's messages.
    ///
    /// # Errors
    ///
    /// When the matching is not one of the trial's rows.
    pub fn set_matching(&mut self, matching: &Matching) -> PolarsResult<()> {
        let mut columns = MatchColumns::with_capacity(self.len());
        for (machine, of) in self.machines.iter().enumerate() {
            for row in 0..of.rows.len() {
                let of_machine = matching.receives.get(machine);
                let of = of_machine.and_then(|all| all.get(row)).copied();
                columns.push(of.unwrap_or_default(), matching.evidence_of(machine, row));
            }
        }
        self.inferred = matching.inferred.clone();
        self.add(columns.finish())
    }

    pub(crate) fn add(&mut self, columns: Vec<Column>) -> PolarsResult<()> {
        for column in columns {
            self.frame.with_column(column)?;
        }
        let lengths: Vec<usize> = self.machines.iter().map(|of| of.rows.len()).collect();
        self.view(lengths)
    }

    /// Adds what is known of the messages of each machine's rows, where a line names its message on every receive.
    ///
    /// # Errors
    ///
    /// When there is not one match for each row.
    pub fn set_matches(&mut self, matches: Vec<Vec<Match>>) -> PolarsResult<()> {
        let mut columns = MatchColumns::with_capacity(self.len());
        for of in matches.into_iter().flatten() {
            let evidence = matches!(of, Match::Sent { .. }).then_some(Evidence::Message);
            columns.push(of, evidence);
        }
        self.add(columns.finish())
    }

    /// What is known of its messages, as a value of its own.
    pub fn matching(&self) -> Matching {
        let machines = self.machines.iter().map(|machine| &machine.rows);
        let receives = machines
            .clone()
            .map(|rows| (0..rows.len()).map(|row| rows.matched(row)).collect());
        let evidence = machines.map(|rows| (0..rows.len()).map(|row| rows.evidence(row)).collect());
        Matching {
            receives: receives.collect(),
            evidence: evidence.collect(),
            inferred: self.inferred.clone(),
        }
    }

    /// Whether the trial is one of ours.
    pub fn is_own(&self) -> bool {
        self.info.manifest.is_some()
    }

    /// Number of events.
    pub fn len(&self) -> usize {
        self.frame.height()
    }

    /// Whether there is no event.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Position of the machine with an id.
    #[inline]
    pub fn position(&self, id: MachineId) -> Option<usize> {
        let guess = id.0 as usize;
        match self.machines.get(guess) {
            Some(machine) if machine.id == id => Some(guess),
            _ => self.machines.iter().position(|machine| machine.id == id),
        }
    }

    /// What its logs call it; `None` of ours, and where they call it nothing.
    pub fn label(&self) -> Option<&str> {
        let name = Some(self.info.name.as_str());
        name.filter(|name| !self.is_own() && !name.is_empty())
    }

    /// What its logs call a machine, where that is not its id; `None` of ours.
    pub fn machine_label(&self, machine: usize) -> Option<&str> {
        let label = self.machines[machine].label();
        label.filter(|_| !self.is_own())
    }

    /// Whether the log of a machine is known to record no event. An empty log of ours may have been lost; a log of others
    /// that states the rate and nothing else was begun.
    pub fn is_silent(&self, machine: usize) -> bool {
        let machine = &self.machines[machine];
        !self.is_own() && machine.rows.is_empty() && machine.rate_hz.is_some()
    }

    /// The id of the machine at a position; of one without a log only in trials of ours, where names are ids.
    pub fn id_of(&self, position: usize) -> Option<MachineId> {
        match self.machines.get(position) {
            Some(machine) => Some(machine.id),
            None if self.is_own() => self.name_of(position).parse().ok().map(MachineId),
            None => None,
        }
    }

    /// What the machine at a position is called, whether it has a log or not.
    pub fn name_of(&self, position: usize) -> &str {
        if let Some(machine) = self.machines.get(position) {
            return &machine.name;
        }
        let absent = position - self.machines.len();
        let names = self.info.without_log.as_ref();
        let name = names.and_then(|names| names.get(absent));
        name.map_or("a machine without a log", String::as_str)
    }
}
