//! Whether the lines of sends name all who receive their messages.
//!
//! **Invariant.** Of logs whose receives do not say what their messages carried nothing is known here.

use events::{At, Match, Reach};

use crate::case::Case;
use crate::messages::reach;

/// Sends by the clock that their messages carry.
pub(super) struct Recipients {
    /// For each machine, what its sends carried and their rows, sorted.
    sends: Vec<Vec<(f64, usize)>>,
    /// Whether the message of a send to one machine was received by that machine and, it says, by another: then the line
    /// names only some of the recipients, or its reader took only some.
    pub(super) are_left_out: bool,
}

impl Recipients {
    pub(super) fn of(case: &Case<'_>) -> Recipients {
        let mut recipients = Recipients {
            sends: Vec::new(),
            are_left_out: false,
        };
        let machines = || 0..case.machines();
        let missing = |machine: usize| {
            let rows = case.rows(machine);
            let is_missing = move |at: &At| rows.matched(at.row) == Match::Missing;
            case.receives(machine).filter(is_missing)
        };
        if case.trial.is_own() || machines().all(|machine| missing(machine).next().is_none()) {
            return recipients;
        }
        for machine in machines() {
            let carried = |row: usize| {
                let logged = || case.rows(machine).clock_value(row);
                let carried = case.trial.carried(At { machine, row });
                Some((carried.or_else(logged)?, row))
            };
            let mut sends: Vec<(f64, usize)> =
                case.rows(machine).sends().filter_map(carried).collect();
            sends.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
            recipients.sends.push(sends);
        }
        let is_received = |sent: At| {
            let Reach::One(recipient) = reach(case.trial, sent) else {
                return false;
            };
            let channels = &case.channels;
            let place = channels.sends(sent.machine, recipient);
            let place = place.binary_search(&(sent.row as u32));
            let received = case.deliveries.received(channels, sent.machine, recipient);
            place.is_ok_and(|place| received[place])
        };
        recipients.are_left_out = machines().flat_map(missing).any(|at| {
            let sent = recipients.send_to_others(case, at);
            sent.is_some_and(is_received)
        });
        recipients
    }

    /// A send that carried what a receive says and that, as its line says, went to another machine.
    pub(super) fn send_to_others(&self, case: &Case<'_>, at: At) -> Option<At> {
        let rows = case.rows(at.machine);
        let told = rows.carried_value(at.row)?;
        let from = rows.sender(at.row);
        let mut senders = { 0..case.machines() }
            .filter(|&peer| peer != at.machine && from.is_none_or(|from| from == peer));
        senders.find_map(|machine| {
            let sends = self.sends.get(machine)?;
            let place = sends.partition_point(|&(carried, _)| carried < told);
            let &(_, row) = sends.get(place).filter(|&&(carried, _)| carried == told)?;
            Some(At { machine, row })
        })
    }
}
