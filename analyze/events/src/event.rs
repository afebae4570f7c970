//! One event as a value of its own: what a reader of lines fills in, and what one who looks at single rows reads.

use crate::clock::Clock;
use crate::kind::Kind;

/// What one line, or one record of several lines, says.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its file, by position in [`crate::Machine::files`].
    pub file: u32,
    /// Its first line, from 1.
    pub line: u32,
    /// What happened.
    pub kind: Kind,
    /// Number of its tick, from 0. Several events may share one where the dialect says so.
    pub tick: u64,
    /// System time in nanoseconds as logged, never corrected: since the Unix epoch, or as [`crate::TimeOrigin`] says.
    pub time_ns: Option<i64>,
    /// The logical clock as logged; what it stands for on a receive, [`crate::ReceiveClock`] says.
    pub clock: Option<Clock>,
    /// The logical clock that the line says the machine had before the event.
    pub clock_before: Option<Clock>,
    /// Length of the network queue as logged; what was counted, [`crate::QueueCount`] says.
    pub queue: Option<u64>,
    /// On a receive: position of the sender; `None` where it is not named.
    pub from: Option<usize>,
    /// On a send or broadcast: positions of the recipients; `None` where they are not named.
    pub to: Option<Vec<usize>>,
    /// On a send whose recipient is named by a position among the sender's connections
    /// ([`crate::RecipientName::Position`]): that position, as logged.
    pub position: Option<u32>,
    /// On a receive: the sender's tick, where the line names it.
    pub sent_tick: Option<u64>,
    /// The clock that the message carried, as the sender's or the recipient's line says it.
    pub carried: Option<Clock>,
    /// What identifies the message, where the log says so; the same on the send and on its receive.
    pub message: Option<String>,
}

impl Event {
    /// An event with nothing else recorded: in its machine's first file, at this line (from 1), of this tick.
    pub fn new(line: u32, kind: Kind, tick: u64) -> Event {
        Event {
            file: 0,
            line,
            kind,
            tick,
            time_ns: None,
            clock: None,
            clock_before: None,
            queue: None,
            from: None,
            to: None,
            position: None,
            sent_tick: None,
            carried: None,
            message: None,
        }
    }
}
