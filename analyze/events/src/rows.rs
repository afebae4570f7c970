//! The rows of one machine: a view of the frame's columns.
//!
//! **Invariant.** All columns that are there have one length.

use std::ops::Range;

use polars::prelude::{DataFrame, PolarsResult};

use crate::clock::Clock;
use crate::column::{Column, Lists, Texts, chunk};
use crate::dialect::ClockKind;
use crate::event::Event;
use crate::kind::Kind;
use crate::matching::Match;
use crate::schema::{self, ColumnSchema};

/// The events of one machine, in file order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    length: usize,
    kind: Column<u8>,
    /// [`schema::FILE`].
    pub file: Option<Column<u32>>,
    /// [`schema::LINE`].
    pub line: Column<u32>,
    /// [`schema::TICK`].
    pub tick: Column<u64>,
    /// [`schema::TIME_NS`].
    pub time_ns: Column<i64>,
    /// [`schema::CLOCK`].
    pub clock: Column<i64>,
    /// [`schema::QUEUE`].
    pub queue: Column<u64>,
    /// [`schema::PEER`].
    pub peer: Column<u32>,
    /// [`schema::SENT_TICK`].
    pub sent_tick: Column<u64>,
    /// [`schema::CARRIED`].
    pub carried: Column<i64>,
    clock_fractional: Option<Column<f64>>,
    clock_vector: Option<Lists<u64>>,
    clock_before: Option<Column<i64>>,
    clock_before_fractional: Option<Column<f64>>,
    clock_before_vector: Option<Lists<u64>>,
    recipients: Option<Lists<u32>>,
    recipient_position: Option<Column<u32>>,
    carried_fractional: Option<Column<f64>>,
    carried_vector: Option<Lists<u64>>,
    message: Option<Texts>,
    matched: Option<Column<u8>>,
    sent_machine: Option<Column<u32>>,
    sent_row: Option<Column<u32>>,
    evidence: Option<Column<u8>>,
}

/// Who a send reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach<'a> {
    /// Nobody: the row sends nothing.
    Nobody,
    /// One machine.
    One(usize),
    /// These machines, by position.
    Several(&'a [u32]),
    /// Every other machine.
    All,
    /// Somebody: the log does not say who.
    Unknown,
}

impl Rows {
    /// All rows of a frame.
    ///
    /// # Errors
    ///
    /// When a required column is missing, or a column has another type than [`schema`] says, or more than one chunk.
    pub fn of(frame: &DataFrame) -> PolarsResult<Rows> {
        Ok(Rows {
            length: frame.height(),
            kind: kinds(frame)?,
            file: numbers(frame, &schema::FILE)?,
            line: required(frame, &schema::LINE)?,
            tick: required(frame, &schema::TICK)?,
            time_ns: numbers(frame, &schema::TIME_NS)?.unwrap_or_default(),
            clock: numbers(frame, &schema::CLOCK)?.unwrap_or_default(),
            queue: numbers(frame, &schema::QUEUE)?.unwrap_or_default(),
            peer: numbers(frame, &schema::PEER)?.unwrap_or_default(),
            sent_tick: numbers(frame, &schema::SENT_TICK)?.unwrap_or_default(),
            carried: numbers(frame, &schema::CARRIED)?.unwrap_or_default(),
            clock_fractional: numbers(frame, &schema::CLOCK_FRACTIONAL)?,
            clock_vector: lists(frame, &schema::CLOCK_VECTOR)?,
            clock_before: numbers(frame, &schema::CLOCK_BEFORE)?,
            clock_before_fractional: numbers(frame, &schema::CLOCK_BEFORE_FRACTIONAL)?,
            clock_before_vector: lists(frame, &schema::CLOCK_BEFORE_VECTOR)?,
            recipients: lists(frame, &schema::RECIPIENTS)?,
            recipient_position: numbers(frame, &schema::RECIPIENT_POSITION)?,
            carried_fractional: numbers(frame, &schema::CARRIED_FRACTIONAL)?,
            carried_vector: lists(frame, &schema::CARRIED_VECTOR)?,
            message: texts(frame, &schema::MESSAGE)?,
            matched: numbers(frame, &schema::MATCHED)?,
            sent_machine: numbers(frame, &schema::SENT_MACHINE)?,
            sent_row: numbers(frame, &schema::SENT_ROW)?,
            evidence: numbers(frame, &schema::EVIDENCE)?,
        })
    }

    /// Some of the rows, in no memory of their own.
    pub fn cut(&self, range: Range<usize>) -> Rows {
        let (start, length) = (range.start, range.len());
        fn some<T: polars_arrow::types::NativeType>(
            column: &Column<T>,
            (start, length): (usize, usize),
        ) -> Column<T> {
            if column.is_empty() {
                Column::default()
            } else {
                column.cut(start, length)
            }
        }
        let at = (start, length);
        Rows {
            length,
            kind: some(&self.kind, at),
            file: self.file.as_ref().map(|column| some(column, at)),
            line: some(&self.line, at),
            tick: some(&self.tick, at),
            time_ns: some(&self.time_ns, at),
            clock: some(&self.clock, at),
            queue: some(&self.queue, at),
            peer: some(&self.peer, at),
            sent_tick: some(&self.sent_tick, at),
            carried: some(&self.carried, at),
            clock_fractional: self.clock_fractional.as_ref().map(|c| some(c, at)),
            clock_vector: self.clock_vector.as_ref().map(|c| c.cut(start, length)),
            clock_before: self.clock_before.as_ref().map(|c| some(c, at)),
            clock_before_fractional: self.clock_before_fractional.as_ref().map(|c| some(c, at)),
            clock_before_vector: self
                .clock_before_vector
                .as_ref()
                .map(|c| c.cut(start, length)),
            recipients: self.recipients.as_ref().map(|c| c.cut(start, length)),
            recipient_position: self.recipient_position.as_ref().map(|c| some(c, at)),
            carried_fractional: self.carried_fractional.as_ref().map(|c| some(c, at)),
            carried_vector: self.carried_vector.as_ref().map(|c| c.cut(start, length)),
            message: self.message.as_ref().map(|c| c.cut(start, length)),
            matched: self.matched.as_ref().map(|c| some(c, at)),
            sent_machine: self.sent_machine.as_ref().map(|c| some(c, at)),
            sent_row: self.sent_row.as_ref().map(|c| some(c, at)),
            evidence: self.evidence.as_ref().map(|c| some(c, at)),
        }
    }

    /// Number of rows.
    #[inline]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// What happened in a row.
    #[inline]
    pub fn kind(&self, row: usize) -> Kind {
        Kind::of_code(self.kind.values()[row])
    }

    /// What happened, row by row.
    #[inline]
    pub fn kinds(&self) -> impl DoubleEndedIterator<Item = Kind> + ExactSizeIterator + Clone + '_ {
        self.kind.values().iter().map(|&code| Kind::of_code(code))
    }

    /// First line of a row in its file, from 1.
    #[inline]
    pub fn line(&self, row: usize) -> u32 {
        self.line.values()[row]
    }

    /// Number of a row's tick, from 0.
    #[inline]
    pub fn tick(&self, row: usize) -> u64 {
        self.tick.values()[row]
    }

    /// Position of a row's file among its machine's files.
    #[inline]
    pub fn file(&self, row: usize) -> usize {
        let file = self.file.as_ref().and_then(|files| files.get(row));
        file.unwrap_or_default() as usize
    }

    /// Whether two sends are known to go to the same machine, by name or by position among connections.
    pub fn are_to_the_same(&self, one: usize, other: usize) -> bool {
        let position = self.recipient_position(one);
        let reach = self.reach(one);
        (reach != Reach::Unknown && reach == self.reach(other))
            || (position.is_some() && position == self.recipient_position(other))
    }

    /// Whether two sends are known to go to different machines, by name or by position among connections.
    pub fn are_to_others(&self, one: usize, other: usize) -> bool {
        let positions = self
            .recipient_position(one)
            .zip(self.recipient_position(other));
        let named = |row| match self.reach(row) {
            Reach::Unknown => None,
            reach => Some(reach),
        };
        let names = named(one).zip(named(other));
        positions.is_some_and(|(one, other)| one != other)
            || names.is_some_and(|(one, other)| one != other)
    }

    /// The logical clock on a row; of a vector the machine's own component.
    #[inline]
    pub fn clock_value(&self, row: usize) -> Option<f64> {
        let fractional = || self.clock_fractional.as_ref()?.get(row);
        let whole = self.clock.get(row).map(|clock| clock as f64);
        whole.or_else(fractional)
    }

    /// The logical clock on a row, whatever its kind.
    pub fn clock(&self, row: usize) -> Option<Clock> {
        let vector = self.clock_vector.as_ref().and_then(|of| of.get(row));
        let fractional = self.clock_fractional.as_ref().and_then(|of| of.get(row));
        one(vector, self.clock.get(row), fractional)
    }

    /// The vector clock on a row.
    #[inline]
    pub fn clock_vector(&self, row: usize) -> Option<&[u64]> {
        self.clock_vector.as_ref()?.get(row)
    }

    /// The logical clock before the event of a row, where the line says it.
    pub fn clock_before(&self, row: usize) -> Option<Clock> {
        let vector = self.clock_before_vector.as_ref();
        let whole = self.clock_before.as_ref().and_then(|of| of.get(row));
        let fractional = self.clock_before_fractional.as_ref();
        one(
            vector.and_then(|of| of.get(row)),
            whole,
            fractional.and_then(|of| of.get(row)),
        )
    }

    /// The kind of the clocks on the rows: vectors, or numbers with fractions, if any row has one; `None` where no row has
    /// a clock.
    pub fn clock_kind(&self) -> Option<ClockKind> {
        if self.clock_vector.as_ref().is_some_and(Lists::is_any) {
            Some(ClockKind::Vector)
        } else if self.has_fractions() {
            Some(ClockKind::Fractional)
        } else {
            (self.clock.missing() < self.clock.len()).then_some(ClockKind::Lamport)
        }
    }

    /// Whether a clock has a fraction.
    pub fn has_fractions(&self) -> bool {
        let fractional = self.clock_fractional.as_ref();
        fractional.is_some_and(|of| of.missing() < of.len())
    }

    /// The clock that the message of a row carried, where the line says it; of a vector the component of the sender that
    /// the line names.
    #[inline]
    pub fn carried_value(&self, row: usize) -> Option<f64> {
        let fractional = || self.carried_fractional.as_ref()?.get(row);
        let whole = self.carried.get(row).map(|clock| clock as f64);
        whole.or_else(fractional)
    }

    /// The clock that the message of a row carried, where the line says it.
    pub fn carried(&self, row: usize) -> Option<Clock> {
        let vector = self.carried_vector.as_ref().and_then(|of| of.get(row));
        let fractional = self.carried_fractional.as_ref().and_then(|of| of.get(row));
        one(vector, self.carried.get(row), fractional)
    }

    /// The vector clock that the message of a row carried, where the line says it.
    #[inline]
    pub fn carried_vector(&self, row: usize) -> Option<&[u64]> {
        self.carried_vector.as_ref()?.get(row)
    }

    /// The clock before the event of a row, where the line says it; of a vector the machine's own component.
    #[inline]
    pub fn clock_before_value(&self, row: usize) -> Option<f64> {
        let whole = || {
            self.clock_before
                .as_ref()?
                .get(row)
                .map(|clock| clock as f64)
        };
        let fractional = || self.clock_before_fractional.as_ref()?.get(row);
        whole().or_else(fractional)
    }

    /// The sender that the line of a receive names.
    #[inline]
    pub fn sender(&self, row: usize) -> Option<usize> {
        let receives = self.kind(row) == Kind::Receive;
        self.peer
            .get(row)
            .filter(|_| receives)
            .map(|peer| peer as usize)
    }

    /// Who a row sends to, as far as its line says.
    #[inline]
    pub fn reach(&self, row: usize) -> Reach<'_> {
        let kind = self.kind(row);
        if !kind.sends() {
            return Reach::Nobody;
        }
        if let Some(peer) = self.peer.get(row) {
            return Reach::One(peer as usize);
        }
        match self.recipients.as_ref().and_then(|of| of.get(row)) {
            Some(several) => Reach::Several(several),
            None if kind == Kind::Broadcast => Reach::All,
            None => Reach::Unknown,
        }
    }

    /// The position among its connections by which a send names its recipient.
    pub fn recipient_position(&self, row: usize) -> Option<u32> {
        self.recipient_position.as_ref()?.get(row)
    }

    /// What identifies the message of a row.
    pub fn message(&self, row: usize) -> Option<&str> {
        self.message.as_ref()?.get(row)
    }

    /// What is known of the message of a row.
    #[inline]
    pub fn matched(&self, row: usize) -> Match {
        let code = self.matched.as_ref().and_then(|of| of.get(row));
        // Where a code is there, so is what it means.
        let number = |of: &Option<Column<u32>>| of.as_ref().map_or(0, |of| of.values()[row]);
        match code {
            None => Match::NoReceive,
            Some(crate::matching::SENT) => Match::Sent {
                machine: number(&self.sent_machine) as usize,
                event: number(&self.sent_row) as usize,
            },
            Some(crate::matching::AMBIGUOUS) => Match::Ambiguous {
                candidates: number(&self.sent_row),
            },
            Some(_) => Match::Missing,
        }
    }

    /// By what the receive of a row was matched; `None` where it was not.
    pub fn evidence(&self, row: usize) -> Option<crate::matching::Evidence> {
        match self.matched(row) {
            Match::Sent { .. } => match &self.evidence {
                Some(evidence) => crate::matching::Evidence::of_code(evidence.get(row)?),
                None => Some(crate::matching::Evidence::Message),
            },
            _ => None,
        }
    }

    /// The rows that send a message.
    #[inline]
    pub fn sends(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len()).filter(|&row| self.kind(row).sends())
    }

    /// A row as a value of its own.
    pub fn event(&self, row: usize) -> Event {
        let to = match self.reach(row) {
            Reach::One(to) => Some(vec![to]),
            Reach::Several(to) => Some(to.iter().map(|&to| to as usize).collect()),
            Reach::Nobody | Reach::All | Reach::Unknown => None,
        };
        Event {
            file: self.file(row) as u32,
            line: self.line(row),
            kind: self.kind(row),
            tick: self.tick(row),
            time_ns: self.time_ns.get(row),
            clock: self.clock(row),
            clock_before: self.clock_before(row),
            queue: self.queue.get(row),
            from: self.sender(row),
            to,
            position: self.recipient_position(row),
            sent_tick: self.sent_tick.get(row),
            carried: self.carried(row),
            message: self.message(row).map(str::to_owned),
        }
    }
}

fn one(vector: Option<&[u64]>, whole: Option<i64>, fractional: Option<f64>) -> Option<Clock> {
    if let Some(vector) = vector {
        return Some(Clock::Vector(vector.to_vec()));
    }
    let fractional = || fractional.map(Clock::Fractional);
    whole.map(Clock::Lamport).or_else(fractional)
}

fn kinds(frame: &DataFrame) -> PolarsResult<Column<u8>> {
    let column = frame.column(schema::KIND.name)?;
    chunk(column, &Kind::data_type())?;
    let codes = column.as_materialized_series().cat8()?.physical();
    let codes = codes.downcast_iter().next();
    Ok(codes
        .and_then(|codes| Column::of(codes))
        .unwrap_or_default())
}

fn numbers<T: polars_arrow::types::NativeType>(
    frame: &DataFrame,
    of: &ColumnSchema,
) -> PolarsResult<Option<Column<T>>> {
    let Ok(column) = frame.column(of.name) else {
        return Ok(None);
    };
    Ok(Column::of(chunk(column, &of.data_type())?))
}

fn required<T: polars_arrow::types::NativeType>(
    frame: &DataFrame,
    of: &ColumnSchema,
) -> PolarsResult<Column<T>> {
    let column = frame.column(of.name)?;
    Ok(Column::of(chunk(column, &of.data_type())?).unwrap_or_default())
}

fn lists<T: polars_arrow::types::NativeType>(
    frame: &DataFrame,
    of: &ColumnSchema,
) -> PolarsResult<Option<Lists<T>>> {
    let Ok(column) = frame.column(of.name) else {
        return Ok(None);
    };
    Ok(Lists::of(chunk(column, &of.data_type())?))
}

fn texts(frame: &DataFrame, of: &ColumnSchema) -> PolarsResult<Option<Texts>> {
    let Ok(column) = frame.column(of.name) else {
        return Ok(None);
    };
    Ok(Texts::of(chunk(column, &of.data_type())?))
}
