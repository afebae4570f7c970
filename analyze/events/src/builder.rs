//! Events one by one into a frame.
//!
//! **Invariant.** The frame has the columns that some event has a value for, and those that every frame has.

use polars::prelude::{
    Categorical8Type, CategoricalChunked, ChunkedArray, Column, DataFrame, IntoColumn, IntoSeries,
    ListBuilderTrait, ListPrimitiveChunkedBuilder, NamedFrom, PolarsNumericType, PolarsResult,
    Series, UInt8Type, UInt32Type, UInt64Type,
};

use crate::clock::Clock;
use crate::event::Event;
use crate::kind::Kind;
use crate::schema::{self, ColumnSchema};

/// The columns of the events so far.
#[derive(Debug, Clone, Default)]
pub struct EventsBuilder {
    file: Vec<u32>,
    line: Vec<u32>,
    tick: Vec<u64>,
    time_ns: Vec<Option<i64>>,
    kind: Vec<u8>,
    clock: Clocks,
    clock_before: Clocks,
    queue: Vec<Option<u64>>,
    peer: Vec<Option<u32>>,
    recipients: Vec<Option<Vec<u32>>>,
    recipient_position: Vec<Option<u32>>,
    sent_tick: Vec<Option<u64>>,
    carried: Clocks,
    message: Vec<Option<String>>,
}

/// Clocks of one role, by kind of clock.
#[derive(Debug, Clone, Default)]
struct Clocks {
    whole: Vec<Option<i64>>,
    fractional: Vec<Option<f64>>,
    vector: Vec<Option<Vec<u64>>>,
}

impl Clocks {
    /// Adds a clock; of a vector the component of `own` stands for it.
    fn push(&mut self, clock: Option<Clock>, own: Option<usize>) {
        let (mut whole, mut fractional, mut vector) = (None, None, None);
        match clock {
            Some(Clock::Lamport(value)) => whole = Some(value),
            Some(Clock::Fractional(value)) => fractional = Some(value),
            Some(Clock::Vector(components)) => {
                let component = own.and_then(|own| components.get(own));
                whole = component.and_then(|&value| i64::try_from(value).ok());
                vector = Some(components);
            }
            None => {}
        }
        self.whole.push(whole);
        self.fractional.push(fractional);
        self.vector.push(vector);
    }
}

impl EventsBuilder {
    /// Number of events so far.
    pub fn len(&self) -> usize {
        self.line.len()
    }

    /// Whether there is none yet.
    pub fn is_empty(&self) -> bool {
        self.line.is_empty()
    }

    /// Adds an event of the machine at a position.
    pub fn push(&mut self, machine: usize, event: Event) {
        let recipients = event.to.map(|to| to.into_iter().map(|to| to as u32));
        let recipients: Option<Vec<u32>> = recipients.map(Iterator::collect);
        let (one, several) = match recipients.as_deref() {
            Some(&[to]) => (Some(to), None),
            _ => (None, recipients),
        };
        let from = event.from.map(|from| from as u32);
        let receives = event.kind == Kind::Receive;
        let carrier = if receives { event.from } else { Some(machine) };
        self.file.push(event.file);
        self.line.push(event.line);
        self.tick.push(event.tick);
        self.time_ns.push(event.time_ns);
        self.kind.push(event.kind.code());
        self.clock.push(event.clock, Some(machine));
        self.clock_before.push(event.clock_before, Some(machine));
        self.queue.push(event.queue);
        self.peer.push(if receives { from } else { one });
        self.recipients.push(several);
        self.recipient_position.push(event.position);
        self.sent_tick.push(event.sent_tick);
        self.carried.push(event.carried, carrier);
        self.message.push(event.message);
    }

    /// The frame.
    ///
    /// # Errors
    ///
    /// When polars cannot make it.
    pub fn finish(self) -> PolarsResult<DataFrame> {
        let height = self.len();
        let mut columns = Vec::new();
        if self.file.iter().any(|&file| file != 0) {
            columns.push(column(&schema::FILE, self.file));
        }
        columns.push(column(&schema::LINE, self.line));
        columns.push(column(&schema::TICK, self.tick));
        numbers(&mut columns, &schema::TIME_NS, self.time_ns);
        columns.push(kinds(self.kind));
        let of_clock = [
            schema::CLOCK,
            schema::CLOCK_FRACTIONAL,
            schema::CLOCK_VECTOR,
        ];
        clocks(&mut columns, &of_clock, self.clock);
        let before = [
            schema::CLOCK_BEFORE,
            schema::CLOCK_BEFORE_FRACTIONAL,
            schema::CLOCK_BEFORE_VECTOR,
        ];
        clocks(&mut columns, &before, self.clock_before);
        numbers(&mut columns, &schema::QUEUE, self.queue);
        numbers(&mut columns, &schema::PEER, self.peer);
        lists::<UInt32Type>(&mut columns, &schema::RECIPIENTS, &self.recipients);
        numbers(
            &mut columns,
            &schema::RECIPIENT_POSITION,
            self.recipient_position,
        );
        numbers(&mut columns, &schema::SENT_TICK, self.sent_tick);
        let carried = [
            schema::CARRIED,
            schema::CARRIED_FRACTIONAL,
            schema::CARRIED_VECTOR,
        ];
        clocks(&mut columns, &carried, self.carried);
        numbers(&mut columns, &schema::MESSAGE, self.message);
        DataFrame::new(height, columns)
    }
}

/// A column of kinds by their codes.
pub fn kinds(codes: Vec<u8>) -> Column {
    let codes = ChunkedArray::<UInt8Type>::from_vec(schema::KIND.name.into(), codes);
    let kinds =
        CategoricalChunked::<Categorical8Type>::from_cats_and_dtype(codes, Kind::data_type());
    kinds.into_series().into_column()
}

fn column<T>(of: &ColumnSchema, values: Vec<T>) -> Column
where
    Series: NamedFrom<Vec<T>, [T]>,
{
    Series::new(of.name.into(), values).into_column()
}

/// Adds the column if any value is there.
fn numbers<T>(columns: &mut Vec<Column>, of: &ColumnSchema, values: Vec<Option<T>>)
where
    Series: NamedFrom<Vec<Option<T>>, [Option<T>]>,
{
    if values.iter().any(Option::is_some) {
        columns.push(Series::new(of.name.into(), values).into_column());
    }
}

fn lists<T: PolarsNumericType>(
    columns: &mut Vec<Column>,
    of: &ColumnSchema,
    values: &[Option<Vec<T::Native>>],
) {
    let items: usize = values.iter().flatten().map(Vec::len).sum();
    if values.iter().all(Option::is_none) {
        return;
    }
    let name = of.name.into();
    let mut lists =
        ListPrimitiveChunkedBuilder::<T>::new(name, values.len(), items, T::get_static_dtype());
    for list in values {
        lists.append_opt_slice(list.as_deref());
    }
    columns.push(lists.finish().into_column());
}

fn clocks(columns: &mut Vec<Column>, of: &[ColumnSchema; 3], clocks: Clocks) {
    numbers(columns, &of[0], clocks.whole);
    numbers(columns, &of[1], clocks.fractional);
    lists::<UInt64Type>(columns, &of[2], &clocks.vector);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::EventsBuilder;
    use crate::clock::Clock;
    use crate::event::Event;
    use crate::kind::Kind;
    use crate::trial::{Machine, Trial, TrialInfo};

    fn clocks() -> impl Strategy<Value = Option<Clock>> {
        let clock = prop_oneof![
            any::<i64>().prop_map(Clock::Lamport),
            (0.0..1e6).prop_map(|value: f64| Clock::Fractional(value + 0.5)),
            prop::collection::vec(0u64..1000, 3).prop_map(Clock::Vector),
        ];
        prop::option::of(clock)
    }

    /// An event as a reader makes it: a receive names a sender, a send recipients.
    fn events() -> impl Strategy<Value = Event> {
        let logged = (
            any::<Option<i64>>(),
            any::<Option<u64>>(),
            any::<Option<u64>>(),
        );
        let named = (
            prop::option::of(0usize..3),
            prop::option::of(prop::collection::vec(0usize..3, 1..3)),
            any::<Option<u32>>(),
            prop::option::of("[a-z]{0,20}"),
        );
        let clocks = (clocks(), clocks(), clocks());
        (
            0u8..4,
            0u32..3,
            1u32..9,
            any::<u64>(),
            logged,
            named,
            clocks,
        )
            .prop_map(
                |(code, file, line, tick, (time_ns, queue, sent_tick), named, clocks)| {
                    let kind = Kind::of_code(code);
                    let (from, to, position, message) = named;
                    Event {
                        file,
                        time_ns,
                        clock: clocks.0,
                        clock_before: clocks.1,
                        queue,
                        from: from.filter(|_| kind == Kind::Receive),
                        to: to.filter(|_| kind.sends()),
                        position,
                        sent_tick,
                        carried: clocks.2,
                        message,
                        ..Event::new(line, kind, tick)
                    }
                },
            )
    }

    proptest! {
        /// The rows of a machine are the events that were put in, whatever the log records and leaves out.
        #[test]
        fn what_is_read_is_what_was_put_in(first in prop::collection::vec(events(), 0..9), second in prop::collection::vec(events(), 0..9)) {
            let mut builder = EventsBuilder::default();
            for (machine, events) in [&first, &second].into_iter().enumerate() {
                for event in events {
                    builder.push(machine, event.clone());
                }
            }
            let machines = ["a", "b"].map(|name| Machine::new(name.to_owned(), None, Vec::new()));
            let frame = builder.finish().expect("a frame");
            let lengths = [first.len(), second.len()];
            let trial = Trial::new(TrialInfo::default(), machines.to_vec(), lengths, frame);
            let trial = trial.expect("a trial");
            for (machine, events) in trial.machines.iter().zip([first, second]) {
                let read: Vec<Event> = (0..machine.rows.len()).map(|row| machine.rows.event(row)).collect();
                prop_assert_eq!(read, events);
            }
        }
    }
}
