//! What comes to a node without a word in its log, counted.
//!
//! **Invariant.** What is counted here nobody but the judge reads.

use chat::answer::Answer;
use chat::refusal::Refusal;
use chat::wire::response::Response;
use cluster::message::Message;
use replica::message::Body;

/// What has come to a node, and its log does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Heard {
    /// Candidates that were refused a promise.
    pub(crate) view_refusals: u64,
    /// Sends that were too fast.
    pub(crate) rate_limits: u64,
    /// Snapshots of others that took the place of commands.
    pub(crate) snapshots: u64,
    /// Sends that had been settled before.
    pub(crate) repeats: u64,
}

impl Heard {
    pub(crate) fn hear(&mut self, message: &Message) {
        match message {
            Message::Peer { body, .. } => match &**body {
                Body::Refuse { .. } => self.view_refusals += 1,
                Body::Install { tail, .. } | Body::Supply { tail, .. } => {
                    self.snapshots += u64::from(tail.snapshot.is_some());
                }
                _ => {}
            },
            Message::ToClient(message) => match &message.response {
                Response::Refused(Refusal::RateLimited { .. }) => self.rate_limits += 1,
                Response::Answered(Answer::Sent {
                    is_repeated: true, ..
                }) => self.repeats += 1,
                _ => {}
            },
            Message::ToServer(_) => {}
        }
    }
}
