//! The table of a trial from the history of another program's.

use events::{EventsBuilder, Machine, Trial, TrialInfo};
use polars::prelude::PolarsResult;

use crate::history::History;
use crate::history::matching::Matching;

/// The table of anybody's trial; `number` is the trial's among those that are read together.
///
/// # Errors
///
/// When polars cannot make the frame.
pub fn of_history(history: &History, matching: &Matching, number: u64) -> PolarsResult<Trial> {
    let mut builder = EventsBuilder::default();
    for (machine, of) in history.machines.iter().enumerate() {
        for event in &of.events {
            builder.push(machine, event.clone());
        }
    }
    let info = TrialInfo {
        run: history.group.clone(),
        name: history.trial.clone(),
        number,
        dir: history.dir.clone(),
        format: history.format.clone(),
        dialect: history.dialect.clone(),
        manifest: history.manifest.clone().map(Box::new),
        undelivered: 0,
        unconfirmed: 0,
        without_log: history.without_log.clone(),
        logs_missing: history.logs_missing,
    };
    let machines = history.machines.iter();
    let machines = machines.map(|of| Machine::new(of.name.clone(), of.rate_hz, of.files.clone()));
    let lengths = history.machines.iter().map(|of| of.events.len());
    let mut trial = Trial::new(info, machines.collect(), lengths, builder.finish()?)?;
    trial.set_matching(matching)?;
    Ok(trial)
}
