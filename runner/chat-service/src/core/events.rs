//! What the log of a server says: what changed, and what that means.
//!
//! **Invariant.** Each change of the view and each loss is a line; a command that goes well is none.

use cluster::server::event::ServerEvent;
use replica::message::Event;
use replica::view::View;
use tracing::{debug, error, info, warn};

/// Writes an event.
pub(super) fn write(event: &ServerEvent) {
    match event {
        ServerEvent::Replica(event) => of_replica(event),
        ServerEvent::Digest(digest) => debug!(op = digest.op.0, "digest"),
        ServerEvent::Replied { .. } | ServerEvent::Pushed { .. } => {}
    }
}

fn of_replica(event: &Event) {
    match event {
        Event::Begun(life) => info!(life = %life, "a life begins"),
        Event::EmptyDisk => error!(
            "the folder has no state: this server does nothing. If its disk was lost, start it with --empty-disk; if not, \
             find the right folder"
        ),
        Event::Recovered { promised } => {
            info!(%promised, "all other servers have said what they promised: the empty disk is filled")
        }
        Event::Stalled { gap_ns } => warn!(
            gap_ms = gap_ns / 1_000_000,
            "this server did not run for too long: the others may have gone on without it, so it begins a new life and \
             joins again. Slow disk, suspended host, or no processor?"
        ),
        Event::Left(life) => info!(%life, "this server has handed over"),
        Event::Suspected(server) => warn!(
            server = server.0,
            "a member of the view is silent, or came back in a new life: the view goes on without it"
        ),
        Event::Campaigned(ballot) => info!(view = %ballot, "this server proposes a view"),
        Event::Waiting { ballot, missing } => {
            let missing: Vec<u32> = missing.iter().map(|id| id.0).collect();
            warn!(view = %ballot, ?missing, "nobody can serve before these servers are back: they may know what nobody \
             else does");
        }
        Event::Decided { view, end } => debug!(view = %view.ballot, end = end.op.0, "decided"),
        Event::Serving { view, end } => {
            info!(view = %view.ballot, members = ?members(view), committed = end.op.0, "this server serves");
        }
        Event::SteppedDown(ballot) => info!(view = %ballot, "this server serves no more"),
        Event::Committed { .. } => {}
        Event::Staged(mark) => debug!(through = mark.op.0, "fetched"),
        Event::Compacted(op) => info!(
            op = op.0,
            "a snapshot takes the place of the log up to here"
        ),
        Event::Excluded { view } => warn!(
            view = %view.ballot,
            members = ?members(view),
            "the others went on without this server: it begins a new life and joins again"
        ),
        Event::Diverged { view } => error!(
            view = %view.ballot,
            members = ?members(view),
            "two groups of servers went their own ways while they were cut off from each other: this one gives way, and \
             what it acknowledged meanwhile is lost"
        ),
        Event::Discarded { after, through } => error!(
            first = after.0 + 1,
            last = through.op.0,
            view = %through.ballot,
            "acknowledged operations are lost: those of this server's log from `first` through `last`"
        ),
        Event::Abandoned {
            view,
            after,
            through,
        } => error!(
            first = after.0 + 1,
            last = through.op.0,
            view = %view.ballot,
            members = ?members(view),
            "this server gives up operations that may have been acknowledged: those that all these members give up are lost"
        ),
    }
}

fn members(view: &View) -> Vec<u32> {
    view.members.keys().map(|id| id.0).collect()
}
