//! What happens on the way: counted, so that a campaign can say what it has tried.
//!
//! **Invariant.** Nothing here is judged.

use chat::answer::Answer;
use chat::wire::response::{Notice, Response};
use cluster::message::Message;
use driver::world::witness::{Changes, LifeEnd, Loss};
use machine::process::units::Time;
use replica::message::Event;
use replica::units::Ballot;

use crate::happened::{Happened, Happening};
use crate::node::Node;

/// Proposals that are no further apart meet: this is how long a candidate tries.
const ATTEMPT_NS: u64 = 1_500_000_000;

/// What was seen of a server.
#[derive(Debug, Clone, Copy, Default)]
struct Sight {
    is_up: bool,
    is_live: bool,
    proposed: Option<Time>,
    /// A view that it has decided on, and that does not serve yet.
    decided: Option<Ballot>,
}

/// What has happened so far.
#[derive(Debug)]
pub(crate) struct Sights {
    pub(crate) happened: Happened,
    servers: Vec<Sight>,
    /// Whether all were down, and nobody has served since.
    is_total: bool,
    latest: Ballot,
    /// Views that began to serve.
    pub(crate) views: u64,
}

impl Sights {
    pub(crate) fn new(servers: u32, happened: Happened) -> Sights {
        Sights {
            happened,
            servers: vec![Sight::default(); servers as usize],
            is_total: false,
            latest: Ballot::ZERO,
            views: 0,
        }
    }

    /// A server was called; whether it was live and is no more.
    pub(crate) fn called(&mut self, at: usize, is_live: bool) -> bool {
        std::mem::replace(&mut self.servers[at].is_live, is_live) && !is_live
    }

    pub(crate) fn begun(&mut self, at: usize) {
        self.servers[at].is_up = true;
    }

    pub(crate) fn ended(&mut self, at: usize, node: &Node, how: LifeEnd, changes: Changes) {
        if changes.kept > 0 {
            self.happened.note(Happening::PrefixKept);
        }
        if let Some(server) = node.server() {
            let replica = server.replica();
            let waits = replica.disk().log.end() > replica.committed();
            if replica.is_serving() && waits && how != LifeEnd::Stopped {
                self.happened.note(Happening::EndBeforeReply);
            }
            self.drop_decision(at);
            self.servers[at] = Sight::default();
            self.is_total |= self.servers.iter().all(|server| !server.is_up);
        }
        self.hear(node);
    }

    /// Takes over what a node has counted.
    pub(crate) fn hear(&mut self, node: &Node) {
        let heard = node.heard;
        self.happened
            .add(Happening::ViewRefusal, heard.view_refusals);
        self.happened
            .add(Happening::SnapshotInstalled, heard.snapshots);
        self.happened.add(Happening::RateLimit, heard.rate_limits);
        self.happened.add(Happening::Repeat, heard.repeats);
    }

    pub(crate) fn lost(&mut self, message: &Message, why: Loss) {
        let Message::ToClient(message) = message else {
            return;
        };
        match &message.response {
            Response::Answered(Answer::Sent { .. }) => self.happened.note(Happening::ReplyLost),
            Response::Noticed(Notice::Message { .. }) if why == Loss::Unsent => {
                self.happened.note(Happening::EndBeforePush);
            }
            _ => {}
        }
    }

    /// Whether some server is live.
    pub(crate) fn is_somebody_live(&self) -> bool {
        self.servers.iter().any(|server| server.is_live)
    }

    fn drop_decision(&mut self, at: usize) {
        if self.servers[at].decided.take().is_some() {
            self.happened.note(Happening::InstallInterrupted);
        }
    }

    /// What the replica of a server says. `is_mail_waiting` is whether there is mail for somebody who is away.
    pub(crate) fn recorded(
        &mut self,
        now: Time,
        at: usize,
        event: &Event,
        is_mail_waiting: impl FnOnce() -> bool,
    ) {
        let what = match event {
            Event::Campaigned(_) => {
                self.drop_decision(at);
                let others = self.servers.iter().enumerate();
                let mut others = others.filter(|&(other, _)| other != at);
                let is_duel = others.any(|(_, server)| {
                    server
                        .proposed
                        .is_some_and(|then| now.since_ns(then) < ATTEMPT_NS)
                });
                self.servers[at].proposed = Some(now);
                is_duel.then_some(Happening::Duel)
            }
            Event::Decided { view, .. } => {
                self.servers[at].decided = Some(view.ballot);
                None
            }
            Event::Serving { view, .. } => {
                self.views += 1;
                self.latest = self.latest.max(view.ballot);
                self.servers[at].decided = None;
                for server in &mut self.servers {
                    server.proposed = None;
                }
                if std::mem::take(&mut self.is_total) {
                    self.happened.note(Happening::TotalFailure);
                }
                if self.views > 1 && is_mail_waiting() {
                    self.happened.note(Happening::QueuedOverFailover);
                }
                (view.members.len() == 1).then_some(Happening::LoneView)
            }
            Event::Waiting { .. } => (!self.is_somebody_live()).then_some(Happening::LastToFail),
            Event::SteppedDown(ballot) => (*ballot < self.latest).then_some(Happening::OldPrimary),
            Event::Excluded { .. } => Some(Happening::OldPrimary),
            Event::Stalled { .. } => {
                self.drop_decision(at);
                Some(Happening::Stall)
            }
            Event::Staged(_) => Some(Happening::Rejoin),
            Event::Recovered { .. } => Some(Happening::Recovery),
            Event::Diverged { .. } => Some(Happening::Divergence),
            _ => None,
        };
        if let Some(what) = what {
            self.happened.note(what);
        }
    }
}
