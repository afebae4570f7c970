//! Packs: a thousand trials in two files, for runs with so many trials that folders would be most of the work.
//!
//! A pack holds the trials of one stretch of numbers, whole, in their order:
//!
//! - `trials-000000-000999.csv`: rows as of machine logs, with `trial` and `machine` in front; by trial, then machine,
//!   then as in the machine's own log, so that without these two columns each stretch is that log, byte for byte;
//! - `trials-000000-000999.jsonl`: a [`PackedTrial`] for each trial, one a line.
//!
//! **Invariant.** A pack that has its `.jsonl` is whole: both files get their names when all their trials are complete,
//! the manifests last.

use serde::{Deserialize, Serialize};

use crate::manifest::TrialManifest;
use crate::record::{Fields, Record, Row, RowError};
use crate::units::MachineId;

/// Trials of a pack; the last one of a run may have fewer.
pub const PACK_TRIALS: u64 = 1000;

/// A line of a pack's `.jsonl`: a trial's manifest, and where its rows are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PackedTrial {
    /// Where its rows begin in the `.csv`, bytes from the start of the file.
    pub rows_at: u64,
    /// How long its rows are together, bytes.
    pub rows_bytes: u64,
    /// System time of its last tick, nanoseconds since the Unix epoch; none if there was none.
    pub ended_ns: Option<u64>,
    /// What `trial.json` holds elsewhere.
    #[serde(flatten)]
    pub manifest: TrialManifest,
}

/// A row of a pack's `.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackedRow<E> {
    /// Number of the trial.
    pub trial: u64,
    /// The machine of the event.
    pub machine: MachineId,
    /// The event and its system time.
    pub record: Record<E>,
}

/// What stands before each row of a machine in a trial: `trial,machine,`.
pub fn row_prefix(trial: u64, machine: MachineId) -> String {
    format!("{trial},{machine},")
}

impl<E: Row> PackedRow<E> {
    /// The header line, without its line end.
    pub fn header() -> String {
        format!("trial,machine,{}", E::HEADER)
    }

    /// Appends the row and its line end.
    pub fn encode_line(&self, line: &mut Vec<u8>) {
        line.extend_from_slice(row_prefix(self.trial, self.machine).as_bytes());
        self.record.encode_line(line);
    }

    /// Reads a row from a line; see [`Row::decode`].
    ///
    /// # Errors
    ///
    /// As [`Row::decode`].
    pub fn decode_line(line: &str) -> Result<PackedRow<E>, RowError> {
        let mut fields = Fields::new(line);
        let trial = fields.number("trial")?;
        let machine = MachineId(fields.number("machine")?);
        let record = Record::decode_line(fields.rest().unwrap_or_default())?;
        Ok(PackedRow {
            trial,
            machine,
            record,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{ClockEvent, Event, LamportTime, Tick};

    proptest! {
        #[test]
        fn a_row_written_equals_the_row_read(trial: u64, machine: u32, time_ns: u64, clock: u64, to: u32) {
            let event = ClockEvent {
                tick: Tick(clock / 2),
                event: Event::Send { to: MachineId(to) },
                clock: LamportTime(clock),
                queue: 3,
            };
            let row = PackedRow { trial, machine: MachineId(machine), record: Record { time_ns, event } };
            let mut line = Vec::new();
            row.encode_line(&mut line);
            let text = String::from_utf8(line).expect("rows are ASCII");
            let header = PackedRow::<ClockEvent>::header();
            prop_assert_eq!(text.matches(',').count(), header.matches(',').count());
            prop_assert_eq!(PackedRow::decode_line(&text), Ok(row));
        }

        #[test]
        fn no_line_panics(line in "[0-9,a-z]{0,80}") {
            let _ = PackedRow::<ClockEvent>::decode_line(&line);
        }
    }

    #[test]
    fn a_line_without_its_trial_is_refused() {
        let error =
            PackedRow::<ClockEvent>::decode_line("x,0,0,1,internal,1,0,,,").expect_err("no number");
        assert!(error.to_string().contains("`trial`"), "{error}");
        let error = PackedRow::<ClockEvent>::decode_line("7,0").expect_err("no row");
        assert!(error.to_string().contains("`tick`"), "{error}");
    }

    #[test]
    fn a_manifest_written_equals_the_manifest_read() {
        let text = r#"{"rows_at":61,"rows_bytes":40,"ended_ns":1000000000900000000,"format_version":1,"trial":7,"seed":9,
            "condition":{"system":"scale-model","driver":"virtual","machines":2,"rates":{"range":[1,6]},
            "duration_ns":60000000000,"odds":{"sides":10},"drain":"one","phase":"random","speed":1.0},
            "started_ns":1000000000000000000,"status":"complete",
            "machines":[{"id":0,"name":"M0","log":"machine-0.csv","rate":2.5,"phase_ns":17}]}"#;
        let trial: PackedTrial = serde_json::from_str(text).expect("a packed trial");
        assert_eq!((trial.rows_at, trial.manifest.trial), (61, 7));
        let again = serde_json::to_string(&trial).expect("JSON");
        assert_eq!(
            serde_json::from_str::<PackedTrial>(&again).expect("a packed trial"),
            trial
        );
    }
}
