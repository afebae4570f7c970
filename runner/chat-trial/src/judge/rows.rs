//! Events as rows.
//!
//! **Invariant.** A row says no more than its event.

use chat::answer::Answer;
use chat::client::operation::{Operation, Settlement};
use chat::identity::{AccountId, SessionId};
use cluster::client::event::{Verdict, verdict};
use event_log::chat::{ClientRow, ClientStep, OperationKind, ServerRow, ServerStep, view_number};
use replica::message::Event;
use replica::units::Ballot;

use super::finding::ordinal;

pub(super) fn operation_of(kind: &str) -> Option<OperationKind> {
    Some(match kind {
        "list" => OperationKind::List,
        "create" => OperationKind::Create,
        "log-in" => OperationKind::LogIn,
        "log-out" => OperationKind::LogOut,
        "delete" => OperationKind::Delete,
        "send" => OperationKind::Send,
        "deliver" => OperationKind::Deliver,
        "acknowledge" => OperationKind::Acknowledge,
        "history" => OperationKind::History,
        "who" => OperationKind::Who,
        "status" => OperationKind::Status,
        _ => return None,
    })
}

pub(super) fn of_operation(operation: &Operation) -> OperationKind {
    match operation {
        Operation::Create { .. } => OperationKind::Create,
        Operation::LogIn { .. } => OperationKind::LogIn,
        Operation::LogOut => OperationKind::LogOut,
        Operation::Delete => OperationKind::Delete,
        Operation::Send { .. } => OperationKind::Send,
        Operation::List { .. } => OperationKind::List,
        Operation::History { .. } => OperationKind::History,
        Operation::Who { .. } => OperationKind::Who,
        Operation::Status => OperationKind::Status,
    }
}

pub(super) fn account(id: AccountId) -> Option<u64> {
    Some(ordinal(id.0))
}

pub(super) fn session(id: SessionId) -> Option<u64> {
    Some(ordinal(id.0))
}

pub(super) fn settled(row: &mut ClientRow, settlement: &Settlement) -> ClientStep {
    if let Settlement::Done(Answer::Sent {
        placement: Some(placement),
        ..
    }) = settlement
    {
        (row.mailbox, row.offset) = (account(placement.to), Some(placement.offset.0));
    }
    match verdict(settlement) {
        Verdict::Done => ClientStep::Ok,
        Verdict::Failed => ClientStep::Fail,
        Verdict::Unknown => ClientStep::Unknown,
    }
}

/// Fills the row of what a replica says, in a group of `servers`.
pub(super) fn of_replica(event: &Event, servers: u32, row: &mut ServerRow) {
    let number = |ballot: Ballot| Some(view_number(ballot.number, ballot.proposer.0, servers));
    row.step = match event {
        Event::Begun(incarnation) => {
            let disk = u64::from(incarnation.disk) << 32;
            row.count = Some(disk | u64::from(incarnation.life));
            ServerStep::Begin
        }
        Event::EmptyDisk => ServerStep::EmptyDisk,
        Event::Recovered { promised } => {
            row.view = number(*promised);
            ServerStep::Recovered
        }
        Event::Stalled { gap_ns } => {
            row.took_ns = Some(*gap_ns);
            ServerStep::Stall
        }
        Event::Suspected(peer) => {
            row.peer = Some(peer.0);
            ServerStep::Suspect
        }
        Event::Left(_) => ServerStep::Leave,
        Event::Campaigned(ballot) => {
            row.view = number(*ballot);
            ServerStep::Campaign
        }
        Event::Waiting { .. } => ServerStep::Wait,
        Event::Decided { view, end } => {
            (row.view, row.op) = (number(view.ballot), Some(end.op.0));
            row.count = Some(view.members.len() as u64);
            ServerStep::Install
        }
        Event::Serving { view, end } => {
            (row.view, row.op) = (number(view.ballot), Some(end.op.0));
            ServerStep::Active
        }
        Event::SteppedDown(ballot) => {
            row.view = number(*ballot);
            ServerStep::StepDown
        }
        Event::Committed { ballot, through } => {
            (row.view, row.op) = (number(*ballot), Some(through.0));
            ServerStep::Commit
        }
        Event::Staged(mark) => {
            (row.view, row.op) = (number(mark.ballot), Some(mark.op.0));
            ServerStep::Stage
        }
        Event::Compacted(op) => {
            row.op = Some(op.0);
            ServerStep::Snapshot
        }
        Event::Excluded { view } => {
            row.view = number(view.ballot);
            ServerStep::Exclude
        }
        Event::Diverged { view } => {
            row.view = number(view.ballot);
            ServerStep::Diverge
        }
        Event::Abandoned {
            view,
            after,
            through,
        } => {
            (row.view, row.op) = (number(view.ballot), Some(through.op.0));
            row.count = Some(through.op.0.saturating_sub(after.0));
            ServerStep::Abandon
        }
        Event::Discarded { after, through } => {
            (row.view, row.op) = (number(through.ballot), Some(through.op.0));
            row.count = Some(through.op.0.saturating_sub(after.0));
            ServerStep::Discard
        }
    };
}
