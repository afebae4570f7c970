//! The events of a trial, of ours or of another program's log, as one table.
//!
//! ```text
//! logs of ours ───┐                               ┌→ metrics (series of polars)
//!                 ├→ frame ─→ Trial ─→ matching ──┼→ laws, chains of causes (rows)
//! others' logs ───┘  schema                       └→ exports
//! ```
//!
//! # Map
//!
//! [`schema`] the columns, their types and meanings, [`exported`] those of exported tables · [`Trial`] a trial and its frame · [`Rows`] the columns of one machine
//! as slices, [`mod@column`] one of them · [`EventsBuilder`] events to a frame, one [`Event`] at a time · [`Kind`] what
//! happened, [`Clock`] a clock's value, [`Dialect`] how lines are meant · `matching` which receive took which
//! message, `matcher` finds it, `sends` where lines name it, `match_columns` keep it · [`vector_time`] what each event can know of · [`Window`] some rows of a
//! long trial at a time.
//!
//! **Invariant.** Nothing here reads a file, knows a text format or judges. What a log does not record is missing.

mod builder;
mod clock;
pub mod column;
mod dialect;
mod event;
pub mod exported;
#[cfg(any(test, feature = "fixtures"))]
pub mod fixtures;
mod kind;
pub mod match_columns;
mod matcher;
mod matching;
mod rows;
pub mod schema;
mod sends;
mod trial;
pub mod vector_time;
mod window;

pub use builder::{EventsBuilder, kinds};
pub use clock::Clock;
pub use dialect::{
    BroadcastLines, ClockKind, Dialect, QueueCount, ReceiveClock, RecipientName, TickLines,
    TimeOrigin,
};
pub use event::Event;
pub use kind::Kind;
pub use matching::{Evidence, Inferred, Match, Matching, SentStamp};
pub use rows::{Reach, Rows};
pub use trial::{At, Machine, OWN_FORMAT, Trial, TrialInfo};
pub use window::{LogEnd, Moved, Window};
