//! Bridges between the table of a trial and what still reads something else.

use events::{
    At, BroadcastLines, ClockKind, Dialect, Event, EventsBuilder, Machine, Matching, QueueCount,
    ReceiveClock, RecipientName, TickLines, TimeOrigin, Trial, TrialInfo,
};
use polars::prelude::PolarsResult;

use crate::history::{History, MachineHistory};
use crate::trial_log::{MachineLog, TrialLog};

/// The table of one of our own trials.
// Bridge: until our own logs are read into a table.
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
        dialect: dialect(),
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

/// How our own lines are meant.
pub fn dialect() -> Dialect {
    Dialect {
        clock: Some(ClockKind::Lamport),
        receive_clock: Some(ReceiveClock::AfterMerge),
        queue: Some(QueueCount::AfterPop),
        broadcast: Some(BroadcastLines::One),
        tick: Some(TickLines::One),
        recipient: Some(RecipientName::Machine),
        time: Some(TimeOrigin::Epoch),
    }
}

/// The history of a trial, and its matching.
// Bridge: until no law and no figure reads histories.
pub fn history_of(trial: &Trial) -> (History, Matching) {
    let machines = trial.machines.iter().enumerate();
    let machines = machines.map(|(machine, of)| MachineHistory {
        name: of.name.clone(),
        rate_hz: of.rate_hz,
        files: of.files.clone(),
        events: (0..of.rows.len())
            .map(|row| {
                let mut event = trial.event(At { machine, row });
                let known = |machine: &usize| *machine < trial.machines.len();
                event.from = event.from.filter(known);
                event.to = event.to.filter(|to| to.iter().all(known));
                event
            })
            .collect(),
    });
    let info = &trial.info;
    let history = History {
        group: info.run.clone(),
        trial: info.name.clone(),
        dir: info.dir.clone(),
        format: info.format.clone(),
        dialect: info.dialect.clone(),
        machines: machines.collect(),
        without_log: info.without_log.clone(),
        logs_missing: info.logs_missing,
        manifest: info.manifest.as_deref().cloned(),
    };
    (history, trial.matching())
}
