//! The columns of the table: the one place where their names, types and meanings stand.
//!
//! A row is an event. The rows of a trial stand machine after machine, each machine's in file order; which rows are whose,
//! [`crate::Machine::rows`] says. Machines are named by their positions in [`crate::Trial::machines`]; a position behind
//! the last is one of [`crate::TrialInfo::without_log`].
//!
//! **Invariant.** A column that is not [`Presence::Always`] and has no value in a trial may be absent from its frame.

use polars::prelude::DataType;

use crate::kind::Kind;

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct ColumnSchema {
    /// Its name, the same in memory and in files.
    pub name: &'static str,
    /// Its type.
    pub of: ColumnType,
    /// When it has values.
    pub presence: Presence,
    /// What it holds, with its unit, and when it is null.
    pub meaning: &'static str,
}

/// The type of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// A [`Kind`], as a category.
    Kind,
    /// A small code.
    Code,
    /// A position or a line number.
    Position,
    /// A count.
    Count,
    /// A number that may be negative.
    Whole,
    /// A number with a fraction.
    Real,
    /// Text.
    Text,
    /// A list of positions.
    Positions,
    /// A list of counts.
    Counts,
}

/// When a column has values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// In every row.
    Always,
    /// Where the log records it.
    Logged,
    /// Once the receives of the trial are matched with their sends.
    Matched,
}

impl ColumnType {
    /// Its name for people.
    pub fn word(self) -> &'static str {
        match self {
            ColumnType::Kind | ColumnType::Text => "text",
            ColumnType::Code | ColumnType::Position | ColumnType::Count | ColumnType::Whole => {
                "whole number"
            }
            ColumnType::Real => "number",
            ColumnType::Positions | ColumnType::Counts => "list of whole numbers",
        }
    }
}

impl ColumnSchema {
    /// The type in polars.
    pub fn data_type(&self) -> DataType {
        match self.of {
            ColumnType::Kind => Kind::data_type(),
            ColumnType::Code => DataType::UInt8,
            ColumnType::Position => DataType::UInt32,
            ColumnType::Count => DataType::UInt64,
            ColumnType::Whole => DataType::Int64,
            ColumnType::Real => DataType::Float64,
            ColumnType::Text => DataType::String,
            ColumnType::Positions => DataType::List(Box::new(DataType::UInt32)),
            ColumnType::Counts => DataType::List(Box::new(DataType::UInt64)),
        }
    }
}

/// Columns as constants that their meanings document; behind `NAME:` also all of them, in order, under that name.
macro_rules! columns {
    ($all:ident: $($constant:ident $name:literal $of:ident $presence:ident $meaning:literal;)*) => {
        columns! { $($constant $name $of $presence $meaning;)* }
        /// Every column, in order.
        pub const $all: &[ColumnSchema] = &[$($constant),*];
    };
    ($($constant:ident $name:literal $of:ident $presence:ident $meaning:literal;)*) => {
        $(
            #[doc = $meaning]
            pub const $constant: ColumnSchema = ColumnSchema {
                name: $name,
                of: ColumnType::$of,
                presence: Presence::$presence,
                meaning: $meaning,
            };
        )*
    };
}

pub(crate) use columns;

columns! {
    COLUMNS:
    FILE "file" Position Logged
        "position of the event's file among its machine's files; absent where every machine has one";
    LINE "line" Position Always
        "first line of the event in its file, from 1";
    TICK "tick" Count Always
        "number of the tick, from 0; several events share one where the dialect says so";
    TIME_NS "time_ns" Whole Logged
        "system time as logged, in nanoseconds, never corrected; since when, the dialect says";
    KIND "event" Kind Always
        "internal, send, broadcast (a send to all, one event) or receive";
    CLOCK "clock" Whole Logged
        "logical clock as logged; of a vector clock the machine's own component";
    CLOCK_FRACTIONAL "clock_fractional" Real Logged
        "logical clock as logged, where it has a fraction; clock is null then";
    CLOCK_VECTOR "clock_vector" Counts Logged
        "vector clock as logged: a component for each machine by position, then for each machine without a log";
    CLOCK_BEFORE "clock_before" Whole Logged
        "clock before the event, where the line says it";
    CLOCK_BEFORE_FRACTIONAL "clock_before_fractional" Real Logged
        "clock before the event, where it has a fraction";
    CLOCK_BEFORE_VECTOR "clock_before_vector" Counts Logged
        "vector clock before the event";
    QUEUE "queue" Count Logged
        "length of the network queue as logged, in messages; what is counted, the dialect says";
    PEER "peer" Position Logged
        "on a send to one machine: the recipient; on a receive: the sender; null where the line names none";
    RECIPIENTS "recipients" Positions Logged
        "on a send or broadcast that names several recipients: all of them";
    RECIPIENT_POSITION "recipient_position" Position Logged
        "on a send that names its recipient by a position among its connections: that position";
    SENT_TICK "sent_tick" Count Logged
        "on a receive: the sender's tick that the line names";
    CARRIED "sent_clock" Whole Logged
        "clock that the message carried, as the line says it; of a vector the sender's component";
    CARRIED_FRACTIONAL "sent_clock_fractional" Real Logged
        "clock that the message carried, where it has a fraction";
    CARRIED_VECTOR "sent_clock_vector" Counts Logged
        "vector clock that the message carried";
    MESSAGE "message" Text Logged
        "what identifies the message; the same on its send and its receive";
    MATCHED "matched" Code Matched
        "on a receive: 0 its send is certain, 1 several sends fit, 2 none does";
    SENT_MACHINE "sent_machine" Position Matched
        "on a receive with a certain send: the machine that sent it";
    SENT_ROW "sent_row" Position Matched
        "on a receive with a certain send: the row of the send among that machine's rows; where several fit: their number";
    EVIDENCE "evidence" Code Matched
        "on a receive with a certain send: by what it was matched, the strongest first; absent where every line names its message";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::COLUMNS;

    #[test]
    fn names_are_different() {
        let names: BTreeSet<&str> = COLUMNS.iter().map(|column| column.name).collect();
        assert_eq!(names.len(), COLUMNS.len());
    }
}
