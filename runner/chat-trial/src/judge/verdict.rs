//! What is looked at in the end: whether all is there, and mailboxes are empty; and the trial in numbers.
//!
//! **Invariant.** An acknowledged message is in the history that goes on, or counts as lost.

use chat::identity::AccountId;
use cluster::client::event::Verdict as Answered;
use event_log::chat::{Property, TrialSummary, Verdict, Violation};
use machine::process::units::{Peer, Time};
use replica::units::Mark;

use super::Judge;
use super::finding::{Finding, ordinal};
use crate::happened::{Happened, Happening};
use crate::logs::Logs;
use crate::node::{Node, serving};

impl Judge<'_> {
    /// From when on all that must go on after the calm can be judged; none without a calm.
    pub(crate) fn due(&self) -> Option<Time> {
        self.liveness.due()
    }

    /// Whether all users have what they wait for.
    pub(crate) fn is_quiet(&self, nodes: &[Option<&Node>]) -> bool {
        let primary = serving(nodes);
        let mail = &self.servers.oracle.lineages[self.winner(primary)].mail;
        let servers = nodes.iter().flatten().filter_map(|node| node.server());
        let committed: Vec<Mark> = servers.map(|server| server.replica().committed()).collect();
        let are_even = committed.len() == self.count as usize
            && committed.iter().all(|mark| *mark == committed[0]);
        let has_all = |account: AccountId| {
            let mut clients = self.ledger.clients.iter();
            clients.all(|client| {
                client.account() != Some(account) || client.shown(account) >= mail.end(account)
            })
        };
        let are_done = nodes
            .iter()
            .flatten()
            .filter_map(|node| node.client())
            .all(cluster::client::Client::is_done);
        are_even && primary.is_some() && are_done && mail.names.alive().into_iter().all(has_all)
    }

    /// Looks at the end of a trial. `is_drained` is whether it went on until all was quiet or for as long as it may.
    pub(crate) fn end(&mut self, now: Time, nodes: &[Option<&Node>], is_drained: bool) {
        for node in nodes.iter().flatten() {
            self.sights.hear(node);
        }
        if self.has_found() {
            return;
        }
        let found = self.check_states(nodes);
        self.check(now, None, found);
        let found = self.check_losses(nodes);
        self.check(now, None, found);
        if self.servers.have_parted() && self.sights.happened.count(Happening::Divergence) == 0 {
            // Nobody was there to see it: all of one side have begun again before they met the other.
            self.sights.happened.note(Happening::Divergence);
        }
        if !is_drained || self.is_halted {
            return;
        }
        let found = self.servers.all_is_named();
        self.check(now, None, found);
        for client in 0..self.ledger.clients.len() {
            let who = Peer(self.count + client as u32);
            let since = self.ledger.clients[client].wait.unanswered_since;
            let found = self.liveness.answer(now, since);
            self.check(now, Some(who), found);
        }
        let found = self.liveness.view(now);
        self.check(now, None, found);
        if self.liveness.is_due(now) {
            let found = self.check_members(nodes);
            self.check(now, None, found);
            let found = self.check_drained(serving(nodes));
            self.check(now, None, found);
        }
        let found = self.liveness.steady(now);
        self.check(now, None, found);
    }

    /// Servers that have committed as much have the same state (S3).
    fn check_states(&mut self, nodes: &[Option<&Node>]) -> Result<(), Finding> {
        for (at, node) in nodes.iter().enumerate() {
            let replica = node.and_then(Node::server).map(|server| server.replica());
            if let Some((replica, service)) = replica.and_then(|one| Some((one, one.state()?))) {
                let op = replica.committed().op;
                let sha256 = service.application().digest();
                let digest = cluster::service::Digest { op, sha256 };
                self.servers.digest(at, &digest)?;
            }
        }
        Ok(())
    }

    /// Every server is a member of the view that serves (L1).
    fn check_members(&self, nodes: &[Option<&Node>]) -> Result<(), Finding> {
        let replica = |at: usize| Some((*nodes.get(at)?)?.server()?.replica());
        let Some(primary) = serving(nodes).and_then(replica) else {
            let finding = "nobody serves at the end".to_owned();
            return Err(Finding::of(Property::L1, finding));
        };
        let view = &primary.disk().view;
        let is_member = |at: usize| {
            replica(at).is_some_and(|one| one.is_live() && one.disk().view.ballot == view.ballot)
        };
        match (0..self.count as usize).find(|&at| !is_member(at)) {
            None => Ok(()),
            Some(at) => Err(Finding::of(
                Property::L1,
                format!("server {at} is no member of view {view} at the end"),
            )),
        }
    }

    /// Every device that listens has its whole mailbox (L3).
    fn check_drained(&self, primary: Option<usize>) -> Result<(), Finding> {
        let mail = &self.servers.oracle.lineages[self.winner(primary)].mail;
        for (number, client) in self.ledger.clients.iter().enumerate() {
            let Some(account) = client.account() else {
                return Err(Finding::of(
                    Property::L3,
                    format!("client {number} is not logged in at the end"),
                ));
            };
            let (shown, end) = (client.shown(account), mail.end(account));
            if shown < end && mail.names.is_alive(account) {
                let finding = format!(
                    "client {number} has shown {} of the {} messages of account {}",
                    shown.0,
                    end.0,
                    ordinal(account.0)
                );
                return Err(Finding::of(Property::L3, finding));
            }
        }
        Ok(())
    }

    /// The trial in numbers, but for what the world knows. `struck` are the times at which faults struck processes.
    pub(crate) fn summarize(
        &self,
        now: Time,
        nodes: &[Option<&Node>],
        struck: &[(Time, Peer)],
        summary: &mut TrialSummary,
    ) {
        let count = |verdict: Answered| {
            let sends = self.ledger.sends.iter();
            sends.filter(|send| send.verdict == Some(verdict)).count() as u64
        };
        let counts = self.ledger.counts;
        summary.sent = self.ledger.sends.len() as u64;
        summary.acknowledged = count(Answered::Done);
        summary.failed = count(Answered::Failed);
        summary.unknown = summary.sent - summary.acknowledged - summary.failed;
        (summary.delivered, summary.duplicated) = (counts.delivered, counts.duplicated);
        summary.reordered = counts.reordered;
        summary.views = self.sights.views;
        self.count_losses(nodes, summary);
        let clients = self.ledger.clients.iter();
        let gaps = clients.map(|client| client.wait.gap_ns(now));
        summary.gap_ns = gaps.max().unwrap_or(0);
        summary.failover_ns = self.failover_ns(struck);
        summary.violations = self.violations.len() as u64;
        summary.property = self.violations.first().map(|violation| violation.property);
        summary.verdict = match () {
            () if self.has_found() => Verdict::Violated,
            () if summary.discarded > 0 || self.servers.have_parted() => Verdict::LostAsSaid,
            () => Verdict::Passed,
        };
    }

    /// The longest time without anything done that begins where a fault struck a primary, or within a moment after it: what was
    /// under way still arrives.
    fn failover_ns(&self, struck: &[(Time, Peer)]) -> Option<u64> {
        const MOMENT_NS: u64 = 50_000_000;
        let gap_ns = |&(time, _): &(Time, Peer)| {
            let from = self.done.partition_point(|&done| done <= time);
            let mut last = time;
            let mut longest_ns = 0;
            for &done in &self.done[from..] {
                longest_ns = longest_ns.max(done.since_ns(last));
                last = done;
                if done > time.after_ns(MOMENT_NS) {
                    break;
                }
            }
            longest_ns
        };
        let hits = struck.iter().filter(|&&(time, who)| self.served(time, who));
        hits.map(gap_ns).max()
    }

    /// Whether a server served right before a time.
    fn served(&self, time: Time, who: Peer) -> bool {
        let before = self.service.iter().rev();
        let mut before = before.filter(|&&(at, of, _)| of == who && at < time);
        before.next().is_some_and(|&(_, _, is_serving)| is_serving)
    }

    /// What happened, and the logs if they were asked for.
    pub(crate) fn into_parts(self) -> (Vec<Violation>, Happened, Option<Logs>) {
        let logs = self.scribe.map(|scribe| scribe.logs);
        (self.violations, self.sights.happened, logs)
    }
}
