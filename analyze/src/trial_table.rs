//! Bridges between the table of a trial and what still reads something else.

use events::{At, Matching, Trial};

use crate::history::{History, MachineHistory};

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
