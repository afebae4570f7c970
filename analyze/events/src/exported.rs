//! The columns of an exported table: those of the table in memory, and what is derived from them.
//!
//! A row is an event, whatever the format of its log. Lists are text, because CSV has no other; kinds are words.
//!
//! **Invariant.** What a log does not record is null. Names and meanings are the same in every file; none is a reserved word
//! of SQL.

use crate::schema::{
    CLOCK, CLOCK_BEFORE, CLOCK_BEFORE_FRACTIONAL, CLOCK_FRACTIONAL, ColumnSchema, ColumnType, LINE,
    MESSAGE, Presence, QUEUE, RECIPIENT_POSITION, SENT_MACHINE, TICK, TIME_NS, columns,
};

columns! {
    RUN "run" Text Always
        "what the trial belongs to: the folder of the run, or the folder that was read";
    TRIAL "trial" Text Always
        "name of the trial in it";
    FORMAT "format" Text Always
        "name of the format that read the log; driftlab for our own";
    MACHINE "machine" Position Always
        "position of the machine in its trial, from 0; sender, recipients and sent_machine name machines by it";
    NAME "name" Text Always
        "what the log calls the machine";
    RATE_HZ "rate_hz" Real Logged
        "nominal ticks per second";
    FILE "file" Text Logged
        "the log file";
    EVENT "event" Position Always
        "position of the event among those of its machine, from 0, in file order";
    TIME_ORIGIN "time_origin" Text Logged
        "epoch (Unix, UTC), trial (start of the trial) or machine (start of each machine: times of two machines do not compare)";
    ELAPSED_S "elapsed_s" Real Logged
        "seconds since the start of the trial, or its first event where no start is known";
    KIND "kind" Text Always
        "internal, send, broadcast (a send to all, one event) or receive";
    CLOCK_VECTOR "clock_vector" Text Logged
        "vector clock as logged, a JSON list with a component for each machine by position, then for each machine without a log";
    CLOCK_BEFORE_VECTOR "clock_before_vector" Text Logged
        "vector clock before the event, a JSON list, where the line says it";
    SENDER "sender" Position Logged
        "on a receive: the sender that the line names";
    RECIPIENTS "recipients" Text Logged
        "on a send or broadcast: the recipients that the line names, a JSON list of positions";
    CARRIED "carried" Whole Logged
        "clock that the message carried; of a vector the sender's component";
    CARRIED_FRACTION "carried_fractional" Real Logged
        "clock that the message carried, where it has a fraction; carried is null then";
    CARRIED_VECTOR "carried_vector" Text Logged
        "vector clock that the message carried, a JSON list";
    MATCHED "matched" Text Matched
        "on a receive: sent (its send is certain, the next columns say which), ambiguous (several sends fit) or missing (none does)";
    SENT_EVENT "sent_event" Position Matched
        "on a receive with a certain send: the position of the send among that machine's events";
    SENT_TICK "sent_tick" Count Logged
        "on a receive: tick of the send, as the line names it or as the send was found";
    WAIT_S "wait_s" Real Matched
        "seconds from send to receive, by the clocks of the two machines; null where these do not compare";
    VECTOR "vector" Text Matched
        "happens-before: vector clock computed from the matched messages, a JSON list with a component for each machine by position; a lower bound after a receive whose send is not certain";
    ABOUT "about" Text Logged
        "on the first row of a trial: what its rows cannot say, a JSON object: the dialect, the machines with their files, machines without logs, and the manifest of our own trials";
}

/// Every column, in order.
pub const COLUMNS: &[ColumnSchema] = &[
    RUN,
    TRIAL,
    FORMAT,
    MACHINE,
    NAME,
    RATE_HZ,
    FILE,
    LINE,
    EVENT,
    TICK,
    TIME_NS,
    TIME_ORIGIN,
    ELAPSED_S,
    KIND,
    CLOCK,
    CLOCK_FRACTIONAL,
    CLOCK_VECTOR,
    CLOCK_BEFORE,
    CLOCK_BEFORE_FRACTIONAL,
    CLOCK_BEFORE_VECTOR,
    QUEUE,
    SENDER,
    RECIPIENTS,
    RECIPIENT_POSITION,
    CARRIED,
    CARRIED_FRACTION,
    CARRIED_VECTOR,
    MESSAGE,
    MATCHED,
    SENT_MACHINE,
    SENT_EVENT,
    SENT_TICK,
    WAIT_S,
    VECTOR,
    ABOUT,
];

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
