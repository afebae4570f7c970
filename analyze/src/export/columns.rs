//! The columns of a table with a row for each event, whatever the format of the log.
//!
//! **Invariant.** What a log does not record is null, never a made-up value. Names and meanings of columns are the same in
//! every file; none is a reserved word of SQL.

use std::borrow::Cow;

use super::Trial;
use crate::history::matching::Match;
use crate::history::{Clock, Event, Kind, TimeOrigin};

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds, with its unit.
    pub meaning: &'static str,
    /// Whether every row has a value.
    pub required: bool,
    /// How to get it.
    pub of: Of,
}

/// The value of a column in a row, and its type.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    /// Text.
    Text(for<'a> fn(&Row<'a>) -> Option<Cow<'a, str>>),
    /// Whole numbers of 64 bits.
    Whole(fn(&Row<'_>) -> Option<i64>),
    /// Numbers with fractions.
    Real(fn(&Row<'_>) -> Option<f64>),
}

impl Of {
    /// The type's name.
    pub fn kind(&self) -> &'static str {
        match self {
            Of::Text(_) => "text",
            Of::Whole(_) => "whole number",
            Of::Real(_) => "number",
        }
    }
}

/// An event in its trial.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The trial.
    pub trial: &'a Trial,
    /// Position of the machine.
    pub machine: usize,
    /// Position of the event among the machine's.
    pub event: usize,
}

impl<'a> Row<'a> {
    fn event(&self) -> &'a Event {
        &self.trial.history.machines[self.machine].events[self.event]
    }

    /// The event that sent what this one received, where it is certain.
    fn send(&self) -> Option<(usize, usize)> {
        self.trial.matching.send_of(self.machine, self.event)
    }
}

/// All rows of a trial: machine after machine, in file order.
pub fn rows(trial: &Trial) -> impl Iterator<Item = Row<'_>> {
    let machines = trial.history.machines.iter().enumerate();
    machines.flat_map(move |(machine, of)| {
        (0..of.events.len()).map(move |event| Row {
            trial,
            machine,
            event,
        })
    })
}

macro_rules! columns {
    ($($name:literal $required:ident $type:ident $of:expr, $meaning:literal;)*) => {
        /// Every column, in order.
        pub const COLUMNS: &[Column] = &[$(Column {
            name: $name,
            meaning: $meaning,
            required: columns!(@ $required),
            of: Of::$type($of),
        }),*];
    };
    (@ always) => { true };
    (@ nullable) => { false };
}

columns! {
    "run" always Text |row| Some((&row.trial.history.group).into()),
        "what the trial belongs to: the folder of the run, or the folder that was read";
    "trial" always Text |row| Some((&row.trial.history.trial).into()),
        "name of the trial in it";
    "format" always Text |row| Some((&row.trial.history.format).into()),
        "name of the format that read the log; driftlab for our own";
    "machine" always Whole |row| whole(row.machine as u64),
        "position of the machine in its trial, from 0; sender, recipients and sent_machine name machines by it";
    "name" always Text |row| Some((&row.trial.history.machines[row.machine].name).into()),
        "what the log calls the machine";
    "rate_hz" nullable Real |row| row.trial.history.machines[row.machine].rate_hz,
        "nominal ticks per second";
    "file" nullable Text file,
        "the log file";
    "line" always Whole |row| whole(row.event().line.into()),
        "first line of the event in the file, from 1";
    "event" always Whole |row| whole(row.event as u64),
        "position of the event among those of its machine, from 0, in file order";
    "tick" nullable Whole |row| whole(row.event().tick),
        "number of the tick, from 0";
    "time_ns" nullable Whole |row| row.event().time_ns,
        "system time as logged, in nanoseconds; since when, time_origin says";
    "time_origin" nullable Text |row| row.trial.history.dialect.time.map(origin).map(Cow::Borrowed),
        "epoch (Unix, UTC), trial (start of the trial) or machine (start of each machine: times of two machines do not compare)";
    "elapsed_s" nullable Real |row| row.trial.elapsed_s(row.event().time_ns?),
        "seconds since the start of the trial, or its first event where no start is known";
    "kind" always Text |row| Some(kind(row.event().kind).into()),
        "internal, send, broadcast (a send to all, one event) or receive";
    "clock" nullable Whole |row| clock(row.event().clock.as_ref(), Some(row.machine)),
        "logical clock as logged; of a vector the machine's own component";
    "clock_fractional" nullable Real |row| fractional(row.event().clock.as_ref()),
        "logical clock as logged, of logs whose clocks have fractions; clock is null then";
    "clock_vector" nullable Text |row| logged_vector(row.event().clock.as_ref()).map(Cow::Owned),
        "vector clock as logged, a JSON list with a component for each machine by position";
    "clock_before" nullable Whole |row| clock(row.event().clock_before.as_ref(), Some(row.machine)),
        "clock before the event, where the line says it";
    "clock_before_fractional" nullable Real |row| fractional(row.event().clock_before.as_ref()),
        "the same of clocks with fractions";
    "queue" nullable Whole |row| whole(row.event().queue?),
        "length of the network queue as logged, in messages";
    "sender" nullable Whole |row| whole(row.event().from? as u64),
        "on a receive: the sender that the line names";
    "recipients" nullable Text |row| row.event().to.as_ref().map(|to| Cow::Owned(list(to))),
        "on a send or broadcast: the recipients that the line names, a JSON list of positions";
    "recipient_position" nullable Whole |row| whole(row.event().position?.into()),
        "on a send that names its recipient by a position among its connections: that position";
    "carried" nullable Whole |row| clock(row.event().carried.as_ref(), sender(row)),
        "clock that the message carried; of a vector the sender's component";
    "carried_fractional" nullable Real |row| fractional(row.event().carried.as_ref()),
        "the same of clocks with fractions";
    "message" nullable Text |row| row.event().message.as_deref().map(Cow::Borrowed),
        "what identifies the message; the same on its send and its receive";
    "matched" nullable Text |row| matched(row).map(Cow::Borrowed),
        "on a receive: sent (its send is certain, the next columns say which), ambiguous (several sends fit) or missing (none does)";
    "sent_machine" nullable Whole |row| whole(row.send()?.0 as u64),
        "machine that sent what this event received";
    "sent_event" nullable Whole |row| whole(row.send()?.1 as u64),
        "position of the send among that machine's events";
    "sent_tick" nullable Whole |row| whole(sent(row)?.tick),
        "tick of the send";
    "wait_s" nullable Real |row| row.trial.wait_s(row.event().time_ns?, sent(row)?.time_ns?),
        "seconds from send to receive, by the clocks of the two machines; null where these do not compare";
    "vector" nullable Text |row| vector(row).map(Cow::Owned),
        "happens-before: vector clock computed from the matched messages, a JSON list with a component for each machine by position; a lower bound after a receive whose send is not certain";
}

fn file<'a>(row: &Row<'a>) -> Option<Cow<'a, str>> {
    let machine = &row.trial.history.machines[row.machine];
    let file = machine.files.get(row.event().file as usize)?;
    Some(file.to_string_lossy())
}

fn whole(value: u64) -> Option<i64> {
    i64::try_from(value).ok()
}

/// A clock of whole numbers; of a vector the component of this machine, if it is known.
fn clock(clock: Option<&Clock>, of: Option<usize>) -> Option<i64> {
    match clock? {
        Clock::Lamport(value) => Some(*value),
        Clock::Vector(components) => whole(*components.get(of?)?),
        Clock::Fractional(_) => None,
    }
}

fn fractional(clock: Option<&Clock>) -> Option<f64> {
    match clock? {
        Clock::Fractional(value) => Some(*value),
        Clock::Lamport(_) | Clock::Vector(_) => None,
    }
}

fn logged_vector(clock: Option<&Clock>) -> Option<String> {
    match clock? {
        Clock::Vector(components) => Some(list(components)),
        Clock::Lamport(_) | Clock::Fractional(_) => None,
    }
}

/// Whose clock a message carries.
fn sender(row: &Row<'_>) -> Option<usize> {
    match row.event().kind {
        Kind::Receive => row.event().from.or(row.send().map(|(machine, _)| machine)),
        Kind::Send | Kind::Broadcast | Kind::Internal => Some(row.machine),
    }
}

fn sent<'a>(row: &Row<'a>) -> Option<&'a Event> {
    let (machine, event) = row.send()?;
    row.trial.history.machines[machine].events.get(event)
}

fn matched(row: &Row<'_>) -> Option<&'static str> {
    match row
        .trial
        .matching
        .receives
        .get(row.machine)?
        .get(row.event)?
    {
        Match::NoReceive => None,
        Match::Sent { .. } => Some("sent"),
        Match::Ambiguous { .. } => Some("ambiguous"),
        Match::Missing => Some("missing"),
    }
}

fn vector(row: &Row<'_>) -> Option<String> {
    let vectors = row.trial.vectors.as_ref()?;
    Some(list(vectors.of(row.machine, row.event)))
}

/// A JSON list.
fn list<T: ToString>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(T::to_string).collect();
    format!("[{}]", items.join(","))
}

/// The word for what happened.
pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Internal => "internal",
        Kind::Send => "send",
        Kind::Broadcast => "broadcast",
        Kind::Receive => "receive",
    }
}

/// The word for what times are counted from.
pub(super) fn origin(origin: TimeOrigin) -> &'static str {
    match origin {
        TimeOrigin::Epoch => "epoch",
        TimeOrigin::Trial => "trial",
        TimeOrigin::Machine => "machine",
    }
}
