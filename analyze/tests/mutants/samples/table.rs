//! Logs in Parquet, which the runner does not write.

use std::fs;

use analyze::parquet_file::{Field, Kind, TableWriter, Value};
use analyze::trial_log::{EventKind, TrialLog};

use crate::mutants::input::Entry;

/// A log as pandas or DuckDB would write it.
pub(super) fn of(log: &TrialLog, machine: usize) -> Entry {
    let columns = "tick,time_ns,event,clock,queue,peer,sent_tick,sent_clock";
    let fields = columns.split(',').map(|name| Field {
        name: name.to_owned(),
        kind: match name {
            "event" => Kind::Text,
            _ => Kind::Whole,
        },
        required: false,
    });
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let to = file.reopen().expect("the same file");
    let mut to = TableWriter::new(to, "log", fields.collect(), [], 16).expect("a table");
    let rows = &log.machines[machine].rows;
    for row in 0..rows.len() {
        let receives = rows.event[row] == EventKind::Receive;
        let whole = |value: u64| Value::Whole(i64::try_from(value).ok());
        let if_received = |value: u64| match receives {
            true => whole(value),
            false => Value::Whole(None),
        };
        let event = format!("{:?}", rows.event[row]).to_lowercase();
        to.add([
            whole(rows.tick[row]),
            whole(rows.time_ns[row]),
            Value::Text(Some(event)),
            whole(rows.clock[row]),
            whole(rows.queue[row]),
            Value::Whole(rows.peer[row].map(|peer| i64::from(peer.0))),
            if_received(rows.sent_tick[row]),
            if_received(rows.sent_clock[row]),
        ])
        .expect("a row");
    }
    to.finish().expect("a table");
    Entry::File(fs::read(file.path()).expect("a file of ours"))
}
