//! One event as its record says it, before it is known which machines there are.
//!
//! **Invariant.** A row holds what was written: names by their text, clocks as they stand.

use super::names::{Name, Names};
use super::number::{self, RawClock};
use super::slot::{Slot, Values};
use super::time::TimeReader;
use events::Kind;

/// An event of a machine.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// Its file, by position among those of the trial.
    pub(crate) file: u32,
    /// Its first line, from 1.
    pub(crate) line: u32,
    pub(crate) kind: Kind,
    pub(crate) tick: Option<u64>,
    pub(crate) time_ns: Option<i64>,
    pub(crate) clock: Option<RawClock>,
    pub(crate) clock_before: Option<RawClock>,
    pub(crate) carried: Option<RawClock>,
    pub(crate) queue: Option<u64>,
    pub(crate) from: Option<Name>,
    pub(crate) to: Option<Name>,
    pub(crate) message: Option<Box<str>>,
}

impl Row {
    /// Reads what a record says; `vectors` says that clocks are vectors.
    ///
    /// # Errors
    /// The value that is not what its name promises.
    pub(crate) fn new(
        kind: Kind,
        values: &Values,
        vectors: bool,
        names: &mut Names,
        times: &mut TimeReader,
    ) -> Result<Row, String> {
        let clock = |slot, names: &mut Names| {
            let read = values
                .get(slot)
                .map(|text| number::clock(text, vectors, names));
            read.transpose().map_err(in_slot(slot))
        };
        let count = |slot| {
            values
                .get(slot)
                .map(number::count)
                .transpose()
                .map_err(in_slot(slot))
        };
        Ok(Row {
            file: 0,
            line: 0,
            kind,
            tick: count(Slot::Tick)?,
            clock: clock(Slot::Clock, names)?,
            clock_before: clock(Slot::ClockBefore, names)?,
            carried: clock(Slot::Carried, names)?,
            queue: count(Slot::Queue)?,
            from: values.get(Slot::From).map(|text| names.id(text)),
            to: values.get(Slot::To).map(|text| names.id(text)),
            message: values.get(Slot::Message).map(Box::from),
            // Last: a reader of times remembers what it read.
            time_ns: time(values, times)?,
        })
    }
}

/// The time that a record says.
pub(crate) fn time(values: &Values, times: &mut TimeReader) -> Result<Option<i64>, String> {
    let read = values.get(Slot::Time).map(|text| times.read(text));
    read.transpose().map_err(in_slot(Slot::Time))
}

/// The ticks per second that a record says.
pub(crate) fn rate_hz(values: &Values) -> Result<Option<f64>, String> {
    let rate = values
        .get(Slot::Rate)
        .map(|text| number::rate(text).map_err(in_slot(Slot::Rate)));
    let period = |slot, unit_s| {
        let read = values
            .get(slot)
            .map(|text| number::rate_of_period(text, unit_s));
        read.map(|read| read.map_err(in_slot(slot)))
    };
    rate.or_else(|| period(Slot::PeriodS, 1.0))
        .or_else(|| period(Slot::PeriodMs, 0.001))
        .transpose()
}

fn in_slot(slot: Slot) -> impl Fn(String) -> String {
    move |wrong| format!("{}: {wrong}", slot.name())
}
