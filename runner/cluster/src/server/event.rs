//! What the log of a server says.
//!
//! **Invariant.** A reply or a push is said right before it leaves: once it is in the log, what it shows is committed and on the
//! disk of the server.

use chat::identity::{Offset, RequestId, Sequence, SessionId, View};
use machine::process::units::Peer;
use replica::units::OpNumber;

use crate::service::Digest;

/// An event of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerEvent {
    /// What its replica says.
    Replica(replica::message::Event),
    /// The state at a place: at each thousandth command, and at each snapshot.
    Digest(Digest),
    /// A response to a request leaves; only with detail.
    Replied {
        /// To whom.
        to: Peer,
        /// The request.
        request: RequestId,
        /// The view in which it is said.
        view: View,
        /// The word for its kind.
        kind: &'static str,
        /// The place of the command whose outcome it is; none for what needs no command.
        op: Option<OpNumber>,
    },
    /// A message of a mailbox leaves; only with detail.
    Pushed {
        /// To whom.
        to: Peer,
        /// The view in which it is said.
        view: View,
        /// Its place in the mailbox.
        offset: Offset,
        /// The session that sent it.
        session: SessionId,
        /// Its sequence there.
        sequence: Sequence,
        /// The place of the command that set it free: its own, a log-in, or an acknowledgement of those before.
        op: Option<OpNumber>,
    },
}

impl ServerEvent {
    /// The word for its kind, as in `record:KIND`.
    pub fn kind(&self) -> &'static str {
        use replica::message::Event;
        match self {
            ServerEvent::Digest(_) => "digest",
            ServerEvent::Replied { .. } => "reply",
            ServerEvent::Pushed { .. } => "push",
            ServerEvent::Replica(event) => match event {
                Event::Begun(_) => "begin",
                Event::EmptyDisk => "empty-disk",
                Event::Recovered { .. } => "recover",
                Event::Left(_) => "leave",
                Event::Stalled { .. } => "stall",
                Event::Suspected(_) => "suspect",
                Event::Campaigned(_) => "campaign",
                Event::Waiting { .. } => "wait",
                Event::Decided { .. } => "decide",
                Event::Serving { .. } => "serve",
                Event::SteppedDown(_) => "step-down",
                Event::Committed { .. } => "commit",
                Event::Staged(_) => "stage",
                Event::Compacted(_) => "snapshot",
                Event::Excluded { .. } => "exclude",
                Event::Diverged { .. } => "diverge",
                Event::Discarded { .. } => "discard",
                Event::Abandoned { .. } => "abandon",
            },
        }
    }
}
