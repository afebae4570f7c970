//! Stamps: the clock that a message carries, as its send shows it and as its receive does.
//!
//! **Invariant.** A stamp that differs from the clock on the line of the send is inferred from all receives at once, and
//! only if it explains (nearly) all of them and the others do not.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::table::{SendAt, Table};
use crate::clock::Clock;
use crate::dialect::ReceiveClock;
use crate::kind::Kind;
use crate::rows::Rows;

/// Share of the receives that have a clock to go by and must agree with a reading before it is the only one.
pub(super) const NEARLY_ALL: f64 = 0.95;

/// A stamp as a key to look up; equal clocks have equal keys.
pub(super) fn key(clock: &Clock) -> u64 {
    match clock {
        Clock::Lamport(value) => value.cast_unsigned(),
        Clock::Fractional(value) => (value + 0.0).to_bits(),
        Clock::Vector(components) => {
            let mut hasher = DefaultHasher::new();
            components.hash(&mut hasher);
            hasher.finish()
        }
    }
}

/// The clock on a send's line less a shift, or the one that the line says its message carries.
pub(super) fn of_send(table: &Table, at: SendAt, shift: i64) -> Option<Clock> {
    let (rows, row) = table.send_row(at);
    rows.carried(row).or_else(|| {
        let clock = rows.clock(row)?;
        Some(less(&clock, at.0 as usize, shift))
    })
}

/// What the merge of a message leaves to see: the clock that its line says it carries, or the one on its line, less a shift.
/// A program that leaves something out of the merge shows a clock that is lower than Lamport's rule gives.
pub(super) fn merged(table: &Table, at: SendAt, shift: i64) -> Option<Clock> {
    let (rows, row) = table.send_row(at);
    let clock = rows.carried(row).or_else(|| rows.clock(row))?;
    Some(less(&clock, at.0 as usize, shift))
}

/// A clock so much lower; of a vector the component of its machine.
fn less(clock: &Clock, own: usize, shift: i64) -> Clock {
    match clock {
        Clock::Lamport(value) => Clock::Lamport(value.saturating_sub(shift)),
        Clock::Fractional(value) => Clock::Fractional(value - shift as f64),
        Clock::Vector(components) => {
            let mut components = components.clone();
            if let Some(component) = components.get_mut(own) {
                *component = component.saturating_add_signed(-shift);
            }
            Clock::Vector(components)
        }
    }
}

/// The clocks of a receive: before it, and after it.
pub(super) fn around(table: &Table, machine: usize, row: usize) -> Option<(Clock, Clock)> {
    let rows = table.rows(machine);
    let before = || {
        let previous = || rows.clock(row.checked_sub(1)?);
        rows.clock_before(row).or_else(previous)
    };
    let shown = table.trial.info.dialect.receive_clock;
    if let Some(shown @ (ReceiveClock::BeforeMerge | ReceiveClock::BeforeStep)) = shown {
        let next = (row + 1 < rows.len()).then_some(row + 1)?;
        let logged = || match shown {
            ReceiveClock::BeforeStep => rows.clock(next),
            _ => before_of_next(rows, next),
        };
        let after = rows.clock_before(next).or_else(logged)?;
        return Some((rows.clock(row)?, after));
    }
    let after = rows.clock(row)?;
    let zero = || match &after {
        Clock::Lamport(_) => Clock::Lamport(0),
        Clock::Fractional(_) => Clock::Fractional(0.0),
        Clock::Vector(components) => Clock::Vector(vec![0; components.len()]),
    };
    Some((before().unwrap_or_else(zero), after))
}

/// The clock before an event whose line has the clock after its own increment, or, if it is a receive, before it.
fn before_of_next(rows: &Rows, next: usize) -> Option<Clock> {
    match (rows.clock(next)?, rows.kind(next)) {
        (clock, Kind::Receive) => Some(clock),
        (Clock::Lamport(value), _) => Some(Clock::Lamport(value.saturating_sub(1))),
        _ => None,
    }
}

/// Whether the clock after a receive shows the message's: it grew by more than the receive itself, or of a vector a
/// component of another machine did.
pub(super) fn has_jumped(before: &Clock, after: &Clock, own: usize) -> bool {
    match (before, after) {
        (Clock::Lamport(before), Clock::Lamport(after)) => *after > before.saturating_add(1),
        (Clock::Fractional(before), Clock::Fractional(after)) => *after > before + 1.0,
        (Clock::Vector(before), Clock::Vector(after)) => {
            let peers = before.iter().zip(after).enumerate();
            peers
                .into_iter()
                .any(|(peer, (before, after))| peer != own && after > before)
        }
        _ => false,
    }
}

/// Keys of the stamps that may have made a clock jump. A Lamport clock is one more than the stamp; in a vector each
/// component that grew may be the sender's.
pub(super) fn merged_keys(before: &Clock, after: &Clock, own: usize) -> Vec<u64> {
    match (before, after) {
        (_, Clock::Lamport(after)) => vec![key(&Clock::Lamport(after.saturating_sub(1)))],
        (_, Clock::Fractional(after)) => vec![key(&Clock::Fractional(after - 1.0))],
        (Clock::Vector(before), Clock::Vector(after)) => {
            let peers = before.iter().zip(after).enumerate();
            let grown = peers.filter(|&(peer, (before, after))| peer != own && after > before);
            grown
                .map(|(peer, (_, after))| component_key(peer, *after))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a stamp makes the clock before a receive the one after it, the machine's own component aside.
pub(super) fn merges(before: &Clock, stamp: &Clock, after: &Clock, own: usize) -> bool {
    let (Clock::Vector(before), Clock::Vector(stamp), Clock::Vector(after)) =
        (before, stamp, after)
    else {
        return true;
    };
    let mut peers = before.iter().zip(stamp).zip(after).enumerate();
    peers.all(|(peer, ((before, stamp), after))| peer == own || before.max(stamp) == after)
}

/// Key of one machine's component.
pub(super) fn component_key(machine: usize, component: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (machine, component).hash(&mut hasher);
    hasher.finish()
}
