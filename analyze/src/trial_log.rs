//! A trial of ours as the check and the recordings still read it: manifest, and the rows of each machine in columns.
//!
// Bridge: goes with the laws, the recordings and the histories that read it.
//!
//! **Invariant.** The columns of a [`ClockRows`] have one length, and rows stand in file order.

use std::path::PathBuf;

pub(crate) use events::Kind as EventKind;

use event_log::{
    ClockEvent, Event, LamportTime, MachineEntry, MachineId, Row as _, Tick, TrialManifest,
};

/// A trial of ours in these columns. A time that is not recorded is the last that there is.
///
/// # Panics
///
/// Of a trial of another program, which has no manifest.
pub(crate) fn of(trial: &events::Trial) -> TrialLog {
    let manifest = trial.info.manifest.as_deref();
    let manifest = manifest.expect("a trial of ours has a manifest").clone();
    let machines = trial.machines.iter().enumerate().map(|(machine, of)| {
        let rows = &of.rows;
        let peer = |row| Some(crate::scan::line::id(trial, rows.peer.get(row)? as usize));
        let whole = |value: Option<i64>| value.map_or(0, i64::cast_unsigned);
        MachineLog {
            entry: manifest.machines[machine].clone(),
            file: of.file(0).to_owned(),
            rows: ClockRows {
                line: rows.line.values().to_vec(),
                tick: rows.tick.values().to_vec(),
                time_ns: rows
                    .time_ns
                    .iter()
                    .map(|time| time.map_or(u64::MAX, i64::cast_unsigned))
                    .collect(),
                event: rows.kinds().collect(),
                clock: rows.clock.iter().map(whole).collect(),
                queue: rows.queue.values().to_vec(),
                peer: (0..rows.len()).map(peer).collect(),
                sent_tick: (0..rows.len())
                    .map(|row| rows.sent_tick.get(row).unwrap_or(0))
                    .collect(),
                sent_clock: (0..rows.len())
                    .map(|row| whole(rows.carried.get(row)))
                    .collect(),
            },
        }
    });
    TrialLog {
        run: trial.info.run.clone(),
        dir: trial.info.dir.clone(),
        machines: machines.collect(),
        undelivered: trial.info.undelivered,
        unconfirmed: trial.info.unconfirmed,
        manifest,
    }
}

/// One trial.
#[derive(Debug, Clone)]
pub(crate) struct TrialLog {
    /// Name of the run it belongs to: the name of the run's folder.
    pub(crate) run: String,
    /// The trial's folder.
    pub(crate) dir: PathBuf,
    /// `trial.json`.
    pub(crate) manifest: TrialManifest,
    /// The machines' logs, in the order of the manifest's machines.
    pub(crate) machines: Vec<MachineLog>,
    /// Messages that the journal says did not reach a peer.
    pub(crate) undelivered: u64,
    /// Messages of which the journal says that nobody knows whether they did.
    pub(crate) unconfirmed: u64,
}

impl TrialLog {
    /// Whether a row takes a time message: a receive from the trial's timekeeper. Such messages are kept apart from the
    /// queue, and taking one costs no tick: the row shares its tick with the event after it.
    #[inline]
    pub(crate) fn takes_time(&self, machine: usize, row: usize) -> bool {
        let Some(timekeeper) = self.manifest.timekeeper else {
            return false;
        };
        let MachineLog { entry, rows, .. } = &self.machines[machine];
        entry.id != timekeeper
            && rows.event[row] == EventKind::Receive
            && rows.peer[row] == Some(timekeeper)
    }
}

/// The log of one machine.
#[derive(Debug, Clone)]
pub(crate) struct MachineLog {
    /// What the manifest says of the machine.
    pub(crate) entry: MachineEntry,
    /// The file.
    pub(crate) file: PathBuf,
    /// Its rows; none if the file is missing or empty (the scan's notes then say so).
    pub(crate) rows: ClockRows,
}

/// Rows in columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ClockRows {
    /// Line of the row in its file, from 1 (the header).
    pub(crate) line: Vec<u32>,
    /// Number of the tick.
    pub(crate) tick: Vec<u64>,
    /// System time, nanoseconds since the Unix epoch.
    pub(crate) time_ns: Vec<u64>,
    /// What happened.
    pub(crate) event: Vec<EventKind>,
    /// Lamport clock after the event.
    pub(crate) clock: Vec<u64>,
    /// Messages in the queue after the event.
    pub(crate) queue: Vec<u64>,
    /// Recipient of a send, sender of a receive.
    pub(crate) peer: Vec<Option<MachineId>>,
    /// On a receive: the sender's tick; 0 otherwise.
    pub(crate) sent_tick: Vec<u64>,
    /// On a receive: the clock the message carried; 0 otherwise.
    pub(crate) sent_clock: Vec<u64>,
}

impl ClockRows {
    /// How many rows.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.tick.len()
    }

    /// What happened in a row; none if it lacks the peer that its kind needs, as a log made elsewhere may.
    pub(crate) fn happened(&self, row: usize) -> Option<Event> {
        Some(match self.event[row] {
            EventKind::Internal => Event::Internal,
            EventKind::Broadcast => Event::Broadcast,
            EventKind::Send => Event::Send {
                to: self.peer[row]?,
            },
            EventKind::Receive => Event::Receive {
                from: self.peer[row]?,
                sent_tick: Tick(self.sent_tick[row]),
                sent_clock: LamportTime(self.sent_clock[row]),
            },
        })
    }

    /// A row as it stands in its file.
    pub(crate) fn text(&self, row: usize) -> String {
        let Some(event) = self.happened(row) else {
            return format!("tick {} without a peer", self.tick[row]);
        };
        let event = ClockEvent {
            tick: Tick(self.tick[row]),
            event,
            clock: LamportTime(self.clock[row]),
            queue: self.queue[row],
        };
        let mut line = Vec::new();
        event.encode(self.time_ns[row], &mut line);
        String::from_utf8_lossy(&line).into_owned()
    }
}

#[cfg(test)]
mod table {
    //! The table of rows that tests make up.

    use events::{Event, EventsBuilder, Machine, Trial, TrialInfo};

    use super::{MachineLog, TrialLog};

    impl TrialLog {
        /// The table of these rows.
        pub(crate) fn table(&self) -> Trial {
            table(self).expect("rows are a table")
        }
    }

    /// The table of one of our own trials.
    fn table(log: &TrialLog) -> polars::prelude::PolarsResult<Trial> {
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
            dialect: crate::scan::dialect(),
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
}
