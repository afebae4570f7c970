//! The frame of an exported table: the columns of the trial's own frame, and what is derived from them.
//!
//! Its columns are those of [`events::exported`], in that order.
//!
//! **Invariant.** What a log does not record is null, never a made-up value.

use events::schema::{self, ColumnSchema};
use events::{At, Clock, Event, Match, exported};
use polars::prelude::{Column, DataFrame, IntoColumn, NamedFrom, PolarsResult, Schema, Series};

use super::trial::Trial;
use formats::exchange::about::About;
use formats::exchange::words::origin;

/// The types of the columns, by name.
pub(super) fn schema() -> Schema {
    let columns = exported::COLUMNS.iter();
    columns
        .map(|column| (column.name.into(), column.data_type()))
        .collect()
}

/// The rows of a trial, machine after machine and in file order, in frames of `rows_max` rows at most.
pub(super) fn frames(
    trial: &Trial,
    rows_max: usize,
) -> impl Iterator<Item = PolarsResult<DataFrame>> {
    let starts = (0..trial.table.len()).step_by(rows_max.max(1));
    starts.map(move |start| {
        let rows = Rows::of(trial, start, rows_max);
        let columns = exported::COLUMNS.iter().map(|column| rows.column(column));
        DataFrame::new(rows.at.len(), columns.collect::<PolarsResult<_>>()?)
    })
}

/// Some rows of a trial, each as a value of its own.
struct Rows<'a> {
    trial: &'a Trial,
    start: usize,
    at: Vec<At>,
    events: Vec<Event>,
}

impl<'a> Rows<'a> {
    fn of(trial: &'a Trial, start: usize, length: usize) -> Rows<'a> {
        let machines = trial.table.machines.iter().enumerate();
        let all = machines
            .flat_map(|(machine, of)| (0..of.rows.len()).map(move |row| At { machine, row }));
        let at: Vec<At> = all.skip(start).take(length).collect();
        Rows {
            trial,
            start,
            events: at.iter().map(|&at| trial.table.event(at)).collect(),
            at,
        }
    }

    fn column(&self, of: &ColumnSchema) -> PolarsResult<Column> {
        let derived = self
            .of_trial(of)
            .or_else(|| self.of_event(of))
            .or_else(|| self.of_message(of));
        match derived {
            Some(column) => Ok(column),
            None => self.stored(of),
        }
    }

    /// A column that says which trial and which machine a row is of.
    fn of_trial(&self, of: &ColumnSchema) -> Option<Column> {
        let table = &self.trial.table;
        let info = &table.info;
        let machine = |at: At| &table.machines[at.machine];
        let is = |column: &ColumnSchema| column.name == of.name;
        Some(if is(&exported::RUN) {
            self.text(of, |_, _| Some(info.run.clone()))
        } else if is(&exported::TRIAL) {
            self.text(of, |_, _| Some(info.name.clone()))
        } else if is(&exported::FORMAT) {
            self.text(of, |_, _| Some(info.format.clone()))
        } else if is(&exported::MACHINE) {
            self.each(of, |at, _| Some(at.machine as u32))
        } else if is(&exported::NAME) {
            self.text(of, |at, _| Some(machine(at).name.clone()))
        } else if is(&exported::RATE_HZ) {
            self.each(of, |at, _| machine(at).rate_hz)
        } else if is(&exported::FILE) {
            self.text(of, |at, event| {
                let file = machine(at).files.get(event.file as usize)?;
                Some(file.to_string_lossy().into_owned())
            })
        } else if is(&exported::TIME_ORIGIN) {
            self.text(of, |_, _| Some(origin(info.dialect.time?).to_owned()))
        } else if is(&exported::ABOUT) {
            let first = self.start == 0;
            let mut about = first.then(|| About::of(table).to_json());
            self.text(of, move |_, _| about.take())
        } else {
            return None;
        })
    }

    /// A column that says what a row's line does.
    fn of_event(&self, of: &ColumnSchema) -> Option<Column> {
        let is = |column: &ColumnSchema| column.name == of.name;
        Some(if is(&exported::EVENT) {
            self.each(of, |at, _| Some(at.row as u32))
        } else if is(&exported::KIND) {
            self.text(of, |_, event| Some(event.kind.word().to_owned()))
        } else if is(&exported::ELAPSED_S) {
            self.each(of, |_, event| self.trial.elapsed_s(event.time_ns?))
        } else if is(&exported::CLOCK_VECTOR) {
            self.text(of, |_, event| vector(&event.clock))
        } else if is(&exported::CLOCK_BEFORE_VECTOR) {
            self.text(of, |_, event| vector(&event.clock_before))
        } else if is(&exported::SENDER) {
            self.each(of, |_, event| event.from.map(|from| from as u32))
        } else if is(&exported::RECIPIENTS) {
            self.text(of, |_, event| event.to.as_ref().map(|to| list(to)))
        } else if is(&exported::CARRIED) {
            self.each(of, |at, event| self.carried(at, event))
        } else if is(&exported::CARRIED_FRACTION) {
            self.each(of, |_, event| match event.carried {
                Some(Clock::Fractional(value)) => Some(value),
                _ => None,
            })
        } else if is(&exported::CARRIED_VECTOR) {
            self.text(of, |_, event| vector(&event.carried))
        } else if is(&schema::MESSAGE) {
            self.text(of, |_, event| event.message.clone())
        } else {
            return None;
        })
    }

    /// A column that says which send a receive took.
    fn of_message(&self, of: &ColumnSchema) -> Option<Column> {
        let table = &self.trial.table;
        let rows = |at: At| &table.machines[at.machine].rows;
        let is = |column: &ColumnSchema| column.name == of.name;
        Some(if is(&exported::MATCHED) {
            self.text(of, |at, _| {
                Some(matched(rows(at).matched(at.row))?.to_owned())
            })
        } else if is(&exported::SENT_EVENT) {
            self.each(of, |at, _| Some(table.send_of(at)?.row as u32))
        } else if is(&exported::SENT_TICK) {
            self.each(of, |at, event| {
                let found = || table.send_of(at).map(|send| rows(send).tick(send.row));
                event.sent_tick.or_else(found)
            })
        } else if is(&exported::WAIT_S) {
            self.each(of, |at, event| {
                let send = table.send_of(at)?;
                let sent_ns = rows(send).time_ns.get(send.row)?;
                self.trial.wait_s(event.time_ns?, sent_ns)
            })
        } else if is(&exported::VECTOR) {
            self.text(of, |at, _| {
                let vectors = self.trial.vectors.as_ref()?;
                Some(list(vectors.of(at.machine, at.row)))
            })
        } else {
            return None;
        })
    }

    /// A column of the trial's own frame.
    fn stored(&self, of: &ColumnSchema) -> PolarsResult<Column> {
        let (name, height) = (of.name.into(), self.at.len());
        Ok(match self.trial.table.frame().column(of.name) {
            Ok(column) => column.slice(self.start as i64, height),
            Err(_) => Column::full_null(name, height, &of.data_type()),
        })
    }

    fn text(
        &self,
        of: &ColumnSchema,
        mut value: impl FnMut(At, &Event) -> Option<String>,
    ) -> Column {
        let rows = self.at.iter().zip(&self.events);
        let values: Vec<Option<String>> = rows.map(|(&at, event)| value(at, event)).collect();
        Series::new(of.name.into(), values).into_column()
    }

    fn each<T>(&self, of: &ColumnSchema, value: impl Fn(At, &Event) -> Option<T>) -> Column
    where
        Series: NamedFrom<Vec<Option<T>>, [Option<T>]>,
    {
        let rows = self.at.iter().zip(&self.events);
        let values: Vec<Option<T>> = rows.map(|(&at, event)| value(at, event)).collect();
        Series::new(of.name.into(), values).into_column()
    }

    /// The clock that a message carried; of a vector the sender's component.
    fn carried(&self, at: At, event: &Event) -> Option<i64> {
        match event.carried.as_ref()? {
            Clock::Lamport(value) => Some(*value),
            Clock::Fractional(_) => None,
            Clock::Vector(components) => {
                let sender = match event.kind.sends() {
                    true => at.machine,
                    false => self.trial.table.sender(at)?,
                };
                i64::try_from(*components.get(sender)?).ok()
            }
        }
    }
}

fn vector(clock: &Option<Clock>) -> Option<String> {
    match clock {
        Some(Clock::Vector(components)) => Some(list(components)),
        _ => None,
    }
}

fn matched(found: Match) -> Option<&'static str> {
    match found {
        Match::NoReceive => None,
        Match::Sent { .. } => Some("sent"),
        Match::Ambiguous { .. } => Some("ambiguous"),
        Match::Missing => Some("missing"),
    }
}

/// A JSON list.
fn list<T: ToString>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(T::to_string).collect();
    format!("[{}]", items.join(","))
}
