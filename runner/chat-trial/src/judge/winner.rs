//! The history that goes on in the end, and what it lacks.
//!
//! **Invariant.** While a server that may come back has another history, nothing is lost, and nothing is asked.

use cluster::client::event::Verdict as Answered;
use event_log::chat::{Property, TrialSummary};
use replica::units::Mark;

use super::Judge;
use super::finding::{Finding, ordinal};
use super::losses::{compare, named};
use super::mail::MessageName;
use super::oracle::LineageId;
use crate::node::{Node, serving};

impl Judge<'_> {
    /// The history that goes on: that of the server which serves; without one, the longest.
    pub(super) fn winner(&self, primary: Option<usize>) -> LineageId {
        let tracks = &self.servers.tracks;
        let longest = (0..tracks.len()).max_by_key(|&at| tracks[at].committed);
        primary.or(longest).map_or(0, |at| tracks[at].lineage)
    }

    /// Whether all servers are there, one serves, and all follow its history.
    pub(super) fn are_together(&self, nodes: &[Option<&Node>]) -> bool {
        let Some(primary) = serving(nodes) else {
            return false;
        };
        let winner = &self.servers.oracle.lineages[self.winner(Some(primary))];
        let servers = nodes.iter().take(self.count as usize);
        let mut replicas = servers.map(|node| Some((*node)?.server()?.replica()));
        replicas.all(|replica| replica.is_some_and(|one| winner.has(one.committed())))
    }

    /// Acknowledged messages are there (S11); where a policy loses some, servers name just those that are lost (S13).
    pub(super) fn check_losses(&self, nodes: &[Option<&Node>]) -> Result<(), Finding> {
        let winner = self.winner(serving(nodes));
        let oracle = &self.servers.oracle;
        if self.may_part && oracle.lineages.len() > 1 {
            return match self.are_together(nodes) {
                true => compare(&self.servers, winner, &self.named),
                false => Ok(()),
            };
        }
        let primary = serving(nodes).and_then(|at| nodes[at]?.server());
        let state = primary.map(cluster::server::Server::application);
        let missing = self.missing(winner);
        match missing.first() {
            None => {
                let mail = &oracle.lineages[winner].mail;
                self.ledger.promised.hold(mail, state)
            }
            Some((session, sequence)) => Err(Finding::of(
                Property::S11,
                format!(
                    "{} acknowledged messages are gone, message {} of session {} the first",
                    missing.len(),
                    sequence.0,
                    ordinal(session.0)
                ),
            )),
        }
    }

    /// Acknowledged messages that the history which goes on does not have.
    fn missing(&self, winner: LineageId) -> Vec<MessageName> {
        let mail = &self.servers.oracle.lineages[winner].mail;
        let acknowledged = self.ledger.sends.iter();
        let acknowledged = acknowledged.filter(|send| send.verdict == Some(Answered::Done));
        acknowledged
            .filter_map(|send| send.name)
            .filter(|&name| mail.sent(name).is_none())
            .collect()
    }

    /// Counts acknowledged messages that are lost: those that servers name, and those that they do not.
    pub(super) fn count_losses(&self, nodes: &[Option<&Node>], summary: &mut TrialSummary) {
        if self.servers.have_parted() && !self.are_together(nodes) {
            return;
        }
        let oracle = &self.servers.oracle;
        let named = named(oracle, &self.named);
        for name in self.missing(self.winner(serving(nodes))) {
            let is_named = oracle.lineages.iter().any(|lineage| {
                let mark = lineage.mail.sent(name).and_then(|sent| {
                    let (op, ballot) = (sent.op, lineage.ballot(sent.op)?);
                    Some(Mark { op, ballot })
                });
                mark.is_some_and(|mark| named.contains_key(&mark))
            });
            match is_named {
                true => summary.discarded += 1,
                false => summary.lost += 1,
            }
        }
    }
}
