//! Exported tables, from their rows to trials.
//!
//! **Invariant.** A row is an event of the machine that it names, at the position that it names; what is computed is not
//! read.

use std::collections::HashMap;
use std::fmt::Display;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use events::schema::{self, ColumnSchema, Presence};
use events::{Clock, Dialect, Event, EventsBuilder, Kind, Machine, Trial, TrialInfo, exported};
use polars::prelude::{
    Column, CsvReadOptions, DataFrame, DataType, Float64Chunked, Int64Chunked, PolarsError,
    PolarsResult, Schema, SerReader as _, StringChunked, UInt32Chunked, UInt64Chunked,
};

use super::refusal::Refusal;
use crate::exchange::about::About;
use crate::exchange::cells::uncelled;
use crate::exchange::words::origin_of;
use files::parquet_file::{self, TableReader};

/// Columns by which a table is known.
const MARKS: [ColumnSchema; 6] = [
    exported::RUN,
    exported::MACHINE,
    schema::LINE,
    exported::KIND,
    exported::MATCHED,
    exported::SENT_EVENT,
];

/// Whether this is the first line of a table as CSV.
pub(super) fn is_header(line: &str) -> bool {
    let names: Vec<&str> = line.split(',').collect();
    MARKS.iter().all(|mark| names.contains(&mark.name))
}

/// Whether a file in Parquet has the columns of a table.
pub(super) fn is_table(path: &Path) -> bool {
    let is_in = |names: &[String], mark: &ColumnSchema| names.iter().any(|name| name == mark.name);
    let names = parquet_file::columns_of(path);
    names.is_ok_and(|names| MARKS.iter().all(|mark| is_in(&names, mark)))
}

/// The trials of a table in Parquet.
pub(super) fn parquet(bytes: &[u8]) -> Result<(Vec<Trial>, u64), Refusal> {
    let read = || {
        let reader = TableReader::of(bytes.into())?;
        let names = reader.columns()?;
        let known = exported::COLUMNS.iter().map(|column| column.name);
        let known: Vec<_> = known
            .filter(|&name| names.iter().any(|of| of == name))
            .collect();
        reader.frame(&known)
    };
    let frame = read().map_err(|error| unreadable(&error))?;
    Ok((trials(&Table::of(&frame, false)?)?, 0))
}

/// The trials of a table as CSV, and the number of its headers.
pub(super) fn csv(bytes: &[u8]) -> Result<(Vec<Trial>, u64), Refusal> {
    if !bytes.ends_with(b"\n") {
        let lines = bytes.iter().filter(|&&byte| byte == b'\n').count() + 1;
        return Err(
            Refusal::new("a line end after the last row", "a row that is cut").at_line(lines),
        );
    }
    let header = bytes
        .split(|&byte| byte == b'\n')
        .next()
        .unwrap_or_default();
    let header = String::from_utf8_lossy(header.strip_suffix(b"\r").unwrap_or(header));
    let known = exported::COLUMNS.iter();
    let known = known.filter(|column| header.split(',').any(|name| name == column.name));
    let schema: Schema = known.map(|of| (of.name.into(), of.data_type())).collect();
    let names: Vec<_> = schema.iter_names_cloned().collect();
    let options = CsvReadOptions::default()
        .with_has_header(true)
        .with_infer_schema_length(Some(0))
        .with_schema_overwrite(Some(Arc::new(schema)))
        .with_columns(Some(names.into()))
        .with_n_threads(Some(1));
    let reader = options.into_reader_with_file_handle(Cursor::new(bytes));
    let frame = reader.finish().map_err(|error| unreadable(&error))?;
    Ok((trials(&Table::of(&frame, true)?)?, 1))
}

fn unreadable(error: &impl Display) -> Refusal {
    Refusal::new("a table as `analyze export` writes it", error.to_string())
}

/// The columns of a table that are read.
struct Table {
    height: usize,
    /// Whether texts are marked as CSV marks them.
    is_csv: bool,
    run: StringChunked,
    trial: StringChunked,
    format: StringChunked,
    machine: UInt32Chunked,
    name: StringChunked,
    rate_hz: Float64Chunked,
    file: StringChunked,
    line: UInt32Chunked,
    event: UInt32Chunked,
    tick: UInt64Chunked,
    time_ns: Int64Chunked,
    time_origin: StringChunked,
    kind: StringChunked,
    clock: [Values; 3],
    queue: UInt64Chunked,
    sender: UInt32Chunked,
    recipients: StringChunked,
    recipient_position: UInt32Chunked,
    message: StringChunked,
    sent_tick: UInt64Chunked,
    about: StringChunked,
}

/// Clocks of one role: before, after, or carried.
struct Values {
    whole: Int64Chunked,
    fraction: Float64Chunked,
    vector: StringChunked,
}

impl Table {
    fn of(frame: &DataFrame, is_csv: bool) -> Result<Table, Refusal> {
        let columns = Columns(frame);
        let clock = |of: [&ColumnSchema; 3]| -> PolarsResult<Values> {
            Ok(Values {
                whole: columns.get(of[0])?.i64()?.clone(),
                fraction: columns.get(of[1])?.f64()?.clone(),
                vector: columns.get(of[2])?.str()?.clone(),
            })
        };
        for of in exported::COLUMNS
            .iter()
            .filter(|of| of.presence == Presence::Always)
        {
            columns.must_be_whole(of)?;
        }
        let text = |of: &ColumnSchema| Ok::<_, PolarsError>(columns.get(of)?.str()?.clone());
        let position = |of: &ColumnSchema| Ok::<_, PolarsError>(columns.get(of)?.u32()?.clone());
        let count = |of: &ColumnSchema| Ok::<_, PolarsError>(columns.get(of)?.u64()?.clone());
        let table = || -> PolarsResult<Table> {
            Ok(Table {
                height: frame.height(),
                is_csv,
                run: text(&exported::RUN)?,
                trial: text(&exported::TRIAL)?,
                format: text(&exported::FORMAT)?,
                machine: position(&exported::MACHINE)?,
                name: text(&exported::NAME)?,
                rate_hz: columns.get(&exported::RATE_HZ)?.f64()?.clone(),
                file: text(&exported::FILE)?,
                line: position(&schema::LINE)?,
                event: position(&exported::EVENT)?,
                tick: count(&schema::TICK)?,
                time_ns: columns.get(&schema::TIME_NS)?.i64()?.clone(),
                time_origin: text(&exported::TIME_ORIGIN)?,
                kind: text(&exported::KIND)?,
                clock: [
                    clock([
                        &schema::CLOCK,
                        &schema::CLOCK_FRACTIONAL,
                        &exported::CLOCK_VECTOR,
                    ])?,
                    clock([
                        &schema::CLOCK_BEFORE,
                        &schema::CLOCK_BEFORE_FRACTIONAL,
                        &exported::CLOCK_BEFORE_VECTOR,
                    ])?,
                    clock([
                        &exported::CARRIED,
                        &exported::CARRIED_FRACTION,
                        &exported::CARRIED_VECTOR,
                    ])?,
                ],
                queue: count(&schema::QUEUE)?,
                sender: position(&exported::SENDER)?,
                recipients: text(&exported::RECIPIENTS)?,
                recipient_position: position(&schema::RECIPIENT_POSITION)?,
                message: text(&schema::MESSAGE)?,
                sent_tick: count(&exported::SENT_TICK)?,
                about: text(&exported::ABOUT)?,
            })
        };
        table().map_err(|error| unreadable(&error))
    }

    /// A text as it was before it became a field.
    fn text<'t>(&self, of: &'t StringChunked, row: usize) -> Option<&'t str> {
        let text = of.get(row)?;
        Some(if self.is_csv { uncelled(text) } else { text })
    }

    fn owned(&self, of: &StringChunked, row: usize) -> String {
        self.text(of, row).unwrap_or_default().to_owned()
    }

    /// The event of a row; of our own trials without what an export adds to their lines.
    fn event(&self, row: usize, files: &[PathBuf], is_own: bool) -> Result<Event, Refusal> {
        let word = self.kind.get(row).unwrap_or_default();
        let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word);
        let kind = kind.ok_or_else(|| {
            self.refusal(row, "internal, send, broadcast or receive as kind", word)
        })?;
        let [clock, clock_before, carried] = [0, 1, 2].map(|role| self.clock(role, row));
        let recipients = self.recipients.get(row);
        let to = recipients.map(|list| self.list(row, list)).transpose()?;
        let file = self.text(&self.file, row);
        let file = file.and_then(|file| files.iter().position(|known| *known == Path::new(file)));
        let event = Event {
            file: file.unwrap_or_default() as u32,
            time_ns: self.time_ns.get(row),
            clock: clock?,
            clock_before: clock_before?,
            queue: self.queue.get(row),
            from: self.sender.get(row).map(|from| from as usize),
            to,
            position: self.recipient_position.get(row),
            sent_tick: self.sent_tick.get(row).filter(|_| is_own),
            carried: carried?,
            message: self.text(&self.message, row).map(str::to_owned),
            ..Event::new(
                self.line.get(row).unwrap_or_default(),
                kind,
                self.tick.get(row).unwrap_or_default(),
            )
        };
        Ok(match is_own {
            false => event,
            true => Event {
                to: event.to.filter(|_| kind == Kind::Send),
                carried: event.carried.filter(|_| kind == Kind::Receive),
                message: None,
                ..event
            },
        })
    }

    fn clock(&self, role: usize, row: usize) -> Result<Option<Clock>, Refusal> {
        let of = &self.clock[role];
        if let Some(vector) = of.vector.get(row) {
            return Ok(Some(Clock::Vector(self.list(row, vector)?)));
        }
        let fraction = || of.fraction.get(row).map(Clock::Fractional);
        Ok(of.whole.get(row).map(Clock::Lamport).or_else(fraction))
    }

    fn list<T: serde::de::DeserializeOwned>(
        &self,
        row: usize,
        text: &str,
    ) -> Result<Vec<T>, Refusal> {
        let list = serde_json::from_str(text);
        list.map_err(|_| self.refusal(row, "a JSON list of whole numbers", text))
    }

    fn refusal(&self, row: usize, expected: &str, found: &str) -> Refusal {
        let headers = usize::from(self.is_csv);
        Refusal::new(expected, found).at_line(row + 1 + headers)
    }
}

/// The columns of a frame by what they should be.
struct Columns<'f>(&'f DataFrame);

impl Columns<'_> {
    /// A column; nulls where the table has none.
    fn get(&self, of: &ColumnSchema) -> PolarsResult<Column> {
        match self.0.column(of.name) {
            Ok(column) if column.dtype() == &of.data_type() => Ok(column.clone()),
            Ok(column) => column.strict_cast(&of.data_type()),
            Err(_) => Ok(Column::full_null(
                of.name.into(),
                self.0.height(),
                &of.data_type(),
            )),
        }
    }

    /// Refuses a table in which a column that every row has lacks a value. An empty text is none in CSV.
    fn must_be_whole(&self, of: &ColumnSchema) -> Result<(), Refusal> {
        let expected = format!("a value of {} in every row", of.name);
        let column = self.0.column(of.name);
        let column = column.map_err(|_| Refusal::new(expected.clone(), "no such column"))?;
        if of.data_type() == DataType::String || column.null_count() == 0 {
            return Ok(());
        }
        Err(Refusal::new(
            expected,
            format!("none in {} rows", column.null_count()),
        ))
    }
}

/// The rows of one trial.
#[derive(Default)]
struct Group {
    about: Option<About>,
    rows: Vec<usize>,
}

fn trials(table: &Table) -> Result<Vec<Trial>, Refusal> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<(Option<&str>, Option<&str>), usize> = HashMap::new();
    for row in 0..table.height {
        let about = table.text(&table.about, row).map(|text| {
            let about = serde_json::from_str::<About>(text);
            about.map_err(|error| table.refusal(row, "a JSON object in about", &error.to_string()))
        });
        let about = about.transpose()?;
        let key = (table.run.get(row), table.trial.get(row));
        if about.is_some() || !known.contains_key(&key) {
            known.insert(key, groups.len());
            groups.push(Group {
                about,
                rows: Vec::new(),
            });
        }
        groups[known[&key]].rows.push(row);
    }
    groups
        .into_iter()
        .map(|group| trial(table, group))
        .collect()
}

fn trial(table: &Table, group: Group) -> Result<Trial, Refusal> {
    let rows = group.rows;
    let first = rows.first().copied().unwrap_or_default();
    let name = |of: &StringChunked| table.owned(of, first);
    let (run, trial, format) = (name(&table.run), name(&table.trial), name(&table.format));
    let (info, machines) = match group.about {
        Some(about) => about.into_trial(run, trial, format),
        None => {
            let info = TrialInfo {
                run,
                name: trial,
                format,
                dialect: Dialect {
                    time: table.time_origin.get(first).and_then(origin_of),
                    ..Dialect::default()
                },
                without_log: Some(Vec::new()),
                ..TrialInfo::default()
            };
            (info, machines_of(table, &rows))
        }
    };
    let mut events: Vec<Vec<(u32, Event)>> = vec![Vec::new(); machines.len()];
    for row in rows {
        let machine = table.machine.get(row).unwrap_or_default();
        let (Some(of), Some(events)) = (
            machines.get(machine as usize),
            events.get_mut(machine as usize),
        ) else {
            let expected = format!("a machine of the {} of its trial", machines.len());
            return Err(table.refusal(row, &expected, &machine.to_string()));
        };
        let event = table.event(row, &of.files, info.manifest.is_some())?;
        events.push((table.event.get(row).unwrap_or_default(), event));
    }
    let mut builder = EventsBuilder::default();
    let lengths: Vec<usize> = events.iter().map(Vec::len).collect();
    for (machine, mut events) in events.into_iter().enumerate() {
        // Somebody may have sorted the rows by time.
        events.sort_by_key(|(position, _)| *position);
        for (_, event) in events {
            builder.push(machine, event);
        }
    }
    let made = builder.finish();
    let made = made.and_then(|frame| Trial::new(info, machines, lengths, frame));
    made.map_err(|error| unreadable(&error))
}

/// The machines as rows name them, of a table that says nothing about its trials.
fn machines_of(table: &Table, rows: &[usize]) -> Vec<Machine> {
    let mut machines: Vec<Machine> = Vec::new();
    for &row in rows {
        let position = table.machine.get(row).unwrap_or_default() as usize;
        // Positions are no greater than rows are many, or are refused with the row.
        while machines.len() <= position && machines.len() < rows.len() {
            let name = machines.len().to_string();
            machines.push(Machine::new(name, None, Vec::new()));
        }
        let Some(machine) = machines.get_mut(position) else {
            continue;
        };
        machine.name = table.owned(&table.name, row);
        machine.rate_hz = table.rate_hz.get(row);
        let file = table.text(&table.file, row).map(PathBuf::from);
        if let Some(file) = file.filter(|file| !machine.files.contains(file)) {
            machine.files.push(file);
        }
    }
    machines
}
