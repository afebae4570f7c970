//! What a row says of its message, as the laws take it.

use events::{At, Evidence, Kind, Match, Reach, Rows, Trial};

/// Who a send reaches. Where names of recipients can only be positions they say nothing of themselves.
#[inline]
pub(crate) fn reach(trial: &Trial, at: At) -> Reach<'_> {
    let rows = &trial.machines[at.machine].rows;
    match trial.reach(at) {
        Reach::One(_) | Reach::Several(_)
            if trial.inferred.names_are_positions && rows.kind(at.row) == Kind::Send =>
        {
            Reach::Unknown
        }
        reach => reach,
    }
}

/// Whether the receive of a row was matched by the order of its channel alone: then it decides nothing about that order.
pub(crate) fn by_order(rows: &Rows, row: usize) -> bool {
    rows.evidence(row) == Some(Evidence::ChannelOrder)
}

/// The send that a row took, if that is certain.
#[inline]
pub(crate) fn send(rows: &Rows, row: usize) -> Option<At> {
    match rows.matched(row) {
        Match::Sent { machine, event } => Some(At {
            machine,
            row: event,
        }),
        _ => None,
    }
}
