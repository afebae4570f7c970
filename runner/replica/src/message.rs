//! What replicas and clients say to each other, and what a replica's log says.
//!
//! **Invariant.** Every message may be lost, come twice or come late; none is believed for more than it says of its sender
//! when it was sent.

use machine::process::units::Peer;

use crate::application::Application;
use crate::log::{Entry, Tail};
use crate::units::{Ballot, Incarnation, Mark, OpNumber, ReplicaId};
use crate::view::View;

/// A message of the service. What is large is in a box: messages are moved often, and read once.
#[derive(Debug, Clone)]
pub enum Message<A: Application> {
    /// From replica to replica.
    Peer {
        /// The life of the sender.
        incarnation: Incarnation,
        /// What it says.
        body: Box<Body<A>>,
    },
    /// From a client: a command.
    Request {
        /// The client's number of the request, returned with the answer.
        number: u64,
        /// The highest view that the client has seen.
        view: Ballot,
        /// The command.
        command: A::Command,
    },
    /// To a client: what came of its command, which is committed.
    Answer {
        /// The number of the request.
        number: u64,
        /// The view in which it was served.
        view: Ballot,
        /// What came of it.
        output: Box<A::Output>,
    },
    /// To a client: not here, or not now. Nothing was done.
    Redirect {
        /// The number of the request.
        number: u64,
        /// The view that the replica is in.
        view: Ballot,
        /// Who serves, as far as it knows.
        primary: Option<Peer>,
    },
}

/// What a replica says to another.
#[derive(Debug, Clone)]
pub enum Body<A: Application> {
    /// I run.
    Heartbeat {
        /// The view that the sender installed last.
        view: View,
        /// What it has promised.
        promised: Ballot,
        /// Whether it serves in its view.
        is_serving: bool,
        /// How far it knows the log to be committed.
        committed: OpNumber,
    },
    /// This life does nothing any more: it stores, promises and acknowledges nothing after this.
    Farewell,
    /// Promise me to wait for this view.
    PrepareView {
        /// The view to come.
        ballot: Ballot,
        /// What the proposer has of logs.
        marks: Vec<Mark>,
    },
    /// I am still at this view, which you have promised: answers take long here.
    Gathering {
        /// The view to come.
        ballot: Ballot,
    },
    /// I wait for it, and this is where I stand.
    Promise {
        /// The view to come.
        ballot: Ballot,
        /// The view that the sender installed last.
        view: View,
        /// The end of its log.
        end: Mark,
        /// What it has of logs.
        marks: Vec<Mark>,
        /// What the proposer lacks of its log.
        tail: Box<Tail<A>>,
    },
    /// I have promised a later view.
    Refuse {
        /// Which.
        promised: Ballot,
    },
    /// Enter this view.
    Install {
        /// The view.
        view: View,
        /// The end of its log.
        tail: Box<Tail<A>>,
    },
    /// I am in it.
    Installed {
        /// The view.
        ballot: Ballot,
    },
    /// I would be, but lack what comes before that end of the log.
    Lack {
        /// The view.
        ballot: Ballot,
    },
    /// Store these commands.
    Prepare {
        /// The view.
        ballot: Ballot,
        /// What they follow.
        after: OpNumber,
        /// The commands.
        entries: Vec<Entry<A::Command>>,
        /// How far the log is committed.
        committed: OpNumber,
    },
    /// I have stored all up to here.
    PrepareOk {
        /// The view.
        ballot: Ballot,
        /// The last of them.
        through: OpNumber,
    },
    /// Send me what I lack; I am no member of your view.
    Fetch {
        /// What the sender has of logs.
        marks: Vec<Mark>,
    },
    /// This, or the next part of it.
    Supply {
        /// The view.
        ballot: Ballot,
        /// The end of its log, or the beginning of that end.
        tail: Box<Tail<A>>,
    },
    /// My disk was lost. What have you promised, and which lives of mine do you know?
    Recover {
        /// Which attempt this is, returned with the answer.
        attempt: u64,
    },
    /// This.
    Recall {
        /// The attempt.
        attempt: u64,
        /// What the sender has promised.
        promised: Ballot,
        /// The latest life of the other that it has heard of.
        known: Incarnation,
    },
}

impl<A: Application> Message<A> {
    /// Its name, for logs and faults.
    pub fn name(&self) -> &'static str {
        match self {
            Message::Peer { body, .. } => body.name(),
            Message::Request { .. } => "request",
            Message::Answer { .. } => "answer",
            Message::Redirect { .. } => "redirect",
        }
    }
}

impl<A: Application> Body<A> {
    /// Its name, for logs and faults.
    pub fn name(&self) -> &'static str {
        match self {
            Body::Heartbeat { .. } => "heartbeat",
            Body::Farewell => "farewell",
            Body::PrepareView { .. } => "prepare-view",
            Body::Gathering { .. } => "gathering",
            Body::Promise { .. } => "promise",
            Body::Refuse { .. } => "refuse",
            Body::Install { .. } => "install",
            Body::Installed { .. } => "installed",
            Body::Lack { .. } => "lack",
            Body::Prepare { .. } => "prepare",
            Body::PrepareOk { .. } => "prepare-ok",
            Body::Fetch { .. } => "fetch",
            Body::Supply { .. } => "supply",
            Body::Recover { .. } => "recover",
            Body::Recall { .. } => "recall",
        }
    }
}

/// What the log of a replica says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A life begins.
    Begun(Incarnation),
    /// The disk is empty, and the replica was not asked to recover: it does nothing.
    EmptyDisk,
    /// The disk was empty, and everybody else has said what they promised.
    Recovered {
        /// The highest promise of all.
        promised: Ballot,
    },
    /// The replica did not run for longer than the stall limit: this life has ended.
    Stalled {
        /// For how long, nanoseconds.
        gap_ns: u64,
    },
    /// The replica has taken its leave: it does nothing more in this life.
    Left(Incarnation),
    /// A member of its view is silent, back in a new life, or has taken its leave.
    Suspected(ReplicaId),
    /// The replica proposes a view.
    Campaigned(Ballot),
    /// It has too few answers to decide: these must come first.
    Waiting {
        /// The view to come.
        ballot: Ballot,
        /// Who must answer.
        missing: Vec<ReplicaId>,
    },
    /// It has decided who is in the view, and which log it starts from.
    Decided {
        /// The view.
        view: View,
        /// Where its log ends.
        end: Mark,
    },
    /// All members have installed the view: the replica serves, and the log up to its end is committed.
    Serving {
        /// The view.
        view: View,
        /// Where its log ends.
        end: Mark,
    },
    /// It serves no more.
    SteppedDown(Ballot),
    /// The log is committed up to here. Only the primary says so.
    Committed {
        /// The view.
        ballot: Ballot,
        /// The last command.
        through: OpNumber,
    },
    /// It has fetched the log up to here.
    Staged(Mark),
    /// A snapshot has taken the place of the log up to here.
    Compacted(OpNumber),
    /// It is left out of a later view, and begins a new life.
    Excluded {
        /// The view.
        view: View,
    },
    /// Two groups have gone their own ways, and this replica gives way to the other.
    Diverged {
        /// The view of the other.
        view: View,
    },
    /// Commands that this replica knew to be committed are not in the log that it takes over: they are lost, after the
    /// first place and up to the last mark.
    Discarded {
        /// The last place at which both logs are the same.
        after: OpNumber,
        /// The last of the lost commands.
        through: Mark,
    },
    /// Commands that this replica held as a member of a view are not in the log that it takes over, and it does not know whether
    /// they were committed. They were if all members held them: once all of these have given a command up, it is lost.
    Abandoned {
        /// The view.
        view: View,
        /// The last place before them.
        after: OpNumber,
        /// The last of them.
        through: Mark,
    },
}
