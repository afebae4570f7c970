//! The table of a trial, from the rows of our own logs and from the histories of others.

use events::{Event, EventsBuilder, Machine, Trial, TrialInfo};
use polars::prelude::PolarsResult;

use crate::history::matching::Matching;
use crate::history::{History, own};
use crate::trial_log::{MachineLog, TrialLog};

/// The table of one of our own trials.
///
/// # Errors
///
/// When polars cannot make the frame.
pub fn of_own(log: &TrialLog) -> PolarsResult<Trial> {
    let folder = log.dir.file_name().unwrap_or_default().to_string_lossy();
    let mut without_log: Vec<String> = Vec::new();
    let mut builder = EventsBuilder::default();
    for (machine, of) in log.machines.iter().enumerate() {
        for row in 0..of.rows.len() {
            builder.push(machine, event(log, of, row, &mut without_log));
        }
    }
    let info = TrialInfo {
        run: log.run.clone(),
        name: folder.into_owned(),
        number: log.manifest.trial,
        dir: log.dir.clone(),
        format: events::OWN_FORMAT.to_owned(),
        dialect: own::dialect(),
        manifest: Some(Box::new(log.manifest.clone())),
        undelivered: log.undelivered,
        unconfirmed: log.unconfirmed,
        without_log: Some(without_log),
        logs_missing: false,
    };
    let machines = log.machines.iter().map(|of| Machine {
        schedule: log.manifest.schedule(&of.entry),
        ..Machine::new(
            of.entry.name.clone(),
            Some(of.entry.rate.hz()),
            vec![of.file.clone()],
        )
    });
    let lengths = log.machines.iter().map(|of| of.rows.len());
    let mut trial = Trial::new(info, machines.collect(), lengths, builder.finish()?)?;
    trial.match_by_tick()?;
    Ok(trial)
}

fn event(log: &TrialLog, of: &MachineLog, row: usize, without_log: &mut Vec<String>) -> Event {
    let rows = &of.rows;
    let peer = rows.peer[row].map(|id| {
        let position = log.machines.iter().position(|peer| peer.entry.id == id);
        position.unwrap_or_else(|| {
            let name = id.to_string();
            let known = without_log.iter().position(|known| *known == name);
            log.machines.len()
                + known.unwrap_or_else(|| {
                    without_log.push(name);
                    without_log.len() - 1
                })
        })
    });
    let kind = rows.event[row];
    let receives = kind == events::Kind::Receive;
    let lamport = |value: u64| i64::try_from(value).ok().map(events::Clock::Lamport);
    Event {
        time_ns: i64::try_from(rows.time_ns[row]).ok(),
        clock: lamport(rows.clock[row]),
        queue: Some(rows.queue[row]),
        from: peer.filter(|_| receives),
        to: peer.filter(|_| !receives).map(|to| vec![to]),
        sent_tick: receives.then(|| rows.sent_tick[row]),
        carried: lamport(rows.sent_clock[row]).filter(|_| receives),
        ..Event::new(rows.line[row], kind, rows.tick[row])
    }
}

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
