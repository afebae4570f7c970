//! A trial of ours whose rows tests can change, one field at a time: the table's columns cannot be changed in place.

// Not every test that makes trials reads or spoils them.
#![allow(dead_code)]

use std::path::PathBuf;

use event_log::{MachineEntry, MachineId, TrialManifest};
pub(crate) use events::Kind as EventKind;
use events::{Clock, Event, EventsBuilder, Machine, Trial, TrialInfo};
use logs::scan::{self, line};

/// One trial.
#[derive(Debug, Clone)]
pub(crate) struct TrialLog {
    pub(crate) run: String,
    pub(crate) dir: PathBuf,
    pub(crate) manifest: TrialManifest,
    pub(crate) machines: Vec<MachineLog>,
}

/// The log of one machine.
#[derive(Debug, Clone)]
pub(crate) struct MachineLog {
    pub(crate) entry: MachineEntry,
    pub(crate) file: PathBuf,
    pub(crate) rows: ClockRows,
}

/// Rows in columns. What a row does not have is 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ClockRows {
    pub(crate) line: Vec<u32>,
    pub(crate) tick: Vec<u64>,
    pub(crate) time_ns: Vec<u64>,
    pub(crate) event: Vec<EventKind>,
    pub(crate) clock: Vec<u64>,
    pub(crate) queue: Vec<u64>,
    pub(crate) peer: Vec<Option<MachineId>>,
    pub(crate) sent_tick: Vec<u64>,
    pub(crate) sent_clock: Vec<u64>,
}

impl ClockRows {
    pub(crate) fn len(&self) -> usize {
        self.tick.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl TrialLog {
    /// Of a table.
    pub(crate) fn of(trial: &Trial) -> TrialLog {
        let manifest = trial.info.manifest.as_deref().expect("one of ours");
        let machines = trial.machines.iter().zip(&manifest.machines);
        let machines = machines.map(|(of, entry)| {
            let rows = &of.rows;
            let all = || 0..rows.len();
            let whole = |value: Option<i64>| value.map_or(0, i64::cast_unsigned);
            let peer = |row| Some(line::id(trial, rows.peer.get(row)? as usize));
            MachineLog {
                entry: entry.clone(),
                file: of.file(0).to_owned(),
                rows: ClockRows {
                    line: all().map(|row| rows.line(row)).collect(),
                    tick: all().map(|row| rows.tick(row)).collect(),
                    time_ns: all().map(|row| whole(rows.time_ns.get(row))).collect(),
                    event: rows.kinds().collect(),
                    clock: all().map(|row| whole(rows.clock.get(row))).collect(),
                    queue: all().map(|row| rows.queue.get(row).unwrap_or(0)).collect(),
                    peer: all().map(peer).collect(),
                    sent_tick: all()
                        .map(|row| rows.sent_tick.get(row).unwrap_or(0))
                        .collect(),
                    sent_clock: all().map(|row| whole(rows.carried.get(row))).collect(),
                },
            }
        });
        TrialLog {
            run: trial.info.run.clone(),
            dir: trial.info.dir.clone(),
            machines: machines.collect(),
            manifest: manifest.clone(),
        }
    }

    /// As a table.
    pub(crate) fn table(&self) -> Trial {
        let mut strangers: Vec<String> = Vec::new();
        let mut builder = EventsBuilder::default();
        for (machine, of) in self.machines.iter().enumerate() {
            for row in 0..of.rows.len() {
                builder.push(machine, self.event(&of.rows, row, &mut strangers));
            }
        }
        let info = TrialInfo {
            run: self.run.clone(),
            name: "trial-000".to_owned(),
            number: self.manifest.trial,
            dir: self.dir.clone(),
            format: events::OWN_FORMAT.to_owned(),
            dialect: scan::dialect(),
            manifest: Some(Box::new(self.manifest.clone())),
            without_log: Some(strangers),
            ..TrialInfo::default()
        };
        let machines = self.machines.iter().map(|of| Machine {
            schedule: self.manifest.schedule(&of.entry),
            ..Machine::new(
                of.entry.name.clone(),
                Some(of.entry.rate.hz()),
                vec![of.file.clone()],
            )
        });
        let lengths = self.machines.iter().map(|of| of.rows.len());
        let frame = builder.finish().expect("a frame");
        let trial = Trial::new(info, machines.collect(), lengths, frame);
        let mut trial = trial.expect("a trial");
        trial.match_by_tick().expect("a match for each row");
        trial
    }

    fn event(&self, rows: &ClockRows, row: usize, strangers: &mut Vec<String>) -> Event {
        let peer = rows.peer[row].map(|id| {
            let known = self.machines.iter().position(|of| of.entry.id == id);
            known.unwrap_or_else(|| {
                let name = id.to_string();
                let stranger = strangers.iter().position(|known| *known == name);
                let stranger = stranger.unwrap_or_else(|| {
                    strangers.push(name);
                    strangers.len() - 1
                });
                self.machines.len() + stranger
            })
        });
        let kind = rows.event[row];
        let receives = kind == EventKind::Receive;
        let lamport = |value: u64| i64::try_from(value).ok().map(Clock::Lamport);
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
