//! The end of all links: each end says that no message follows, hears that all have come, and reports what it does not
//! know by then.

use std::pin::pin;
use std::time::Duration;

use event_log::JournalKind;
use tokio::time::{Instant, timeout_at};

use super::Links;
use super::peer::Peer;

/// How long a party waits for its peers' last words. One that is silent, or not connected, is not waited for.
pub const SETTLE_TIME_MAX: Duration = Duration::from_secs(8);

impl Links {
    /// Says farewell to every peer, waits until each has said it too and confirmed all messages, and then until each has
    /// closed its end: one that is gone before its last words have arrived may take them along. Who passes on what comes
    /// from others hears all of it first.
    pub async fn settle(&self, hear_first: bool) {
        let deadline = Instant::now() + SETTLE_TIME_MAX;
        if hear_first {
            self.wait_until(deadline, Peer::has_finished).await;
        }
        self.shared.peers.values().for_each(Peer::say_farewell);
        self.wait_until(deadline, Peer::is_settled).await;
        self.shared.peers.values().for_each(Peer::close);
        self.wait_until(deadline, Peer::is_gone).await;
    }

    async fn wait_until(&self, deadline: Instant, is_so: fn(&Peer) -> bool) {
        loop {
            let mut changed = pin!(self.shared.changed.notified());
            // From here on no change is missed.
            changed.as_mut().enable();
            let all = self.shared.peers.values().all(is_so);
            if all || timeout_at(deadline, changed).await.is_err() {
                return;
            }
        }
    }

    /// Writes to the journal what it does not have yet: messages that did not reach a peer, and how much there was beyond
    /// what it lists one by one.
    pub fn report_rest(&self) {
        for (&party, peer) in &self.shared.peers {
            let rest = [
                (
                    JournalKind::Undelivered,
                    "messages to an absent peer, lost",
                    peer.report_undelivered(),
                ),
                (
                    JournalKind::Lost,
                    "further connections, counted only",
                    peer.connections.unlisted(),
                ),
                (
                    JournalKind::Silent,
                    "further silences, counted only",
                    peer.silences.unlisted(),
                ),
            ];
            for (kind, detail, count) in rest.into_iter().filter(|&(_, _, count)| count > 0) {
                self.report_count(kind, Some(party), detail, count);
            }
        }
        let unlisted = self.shared.refusals.unlisted();
        if unlisted > 0 {
            let detail = "further connections turned away";
            self.report_count(JournalKind::Refused, None, detail, unlisted);
        }
    }

    /// Writes to the journal which peers did not say their last words before all had ended: messages to them may have arrived,
    /// and theirs may not.
    pub fn report_unconfirmed(&self) {
        for (&party, peer) in &self.shared.peers {
            if let Some(count) = peer.unsettled() {
                let detail =
                    "its last report did not come: it may not have received these messages";
                self.report_count(JournalKind::Unconfirmed, Some(party), detail, count);
            }
        }
    }
}
