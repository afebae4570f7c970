//! What servers give up when they take over the log of others, and what they name of that (S13).
//!
//! **Invariant.** What a server has yet to name is what the judge has seen it lose in this life.

use event_log::chat::Property;
use replica::units::{Ballot, Mark, OpNumber, ReplicaId};

use super::finding::Finding;
use super::giving::GivenUp;
use super::servers::Servers;

impl Servers {
    /// A server has another log than before, when it was in a view: what it had committed and the log does not have, it gives up, and
    /// what it had beyond that.
    pub(super) fn give_up(&mut self, at: usize, (before, ballot): (Mark, Ballot), end: Mark) {
        let (track, oracle) = (&mut self.tracks[at], &self.oracle);
        let through = track.committed;
        let common = oracle.common(through, end);
        let lost = common.filter(|&after| after < through.op);
        track.given_up.extend(lost.map(|after| GivenUp {
            after,
            through,
            held: None,
        }));
        if !self.names_what_it_held {
            return;
        }
        let known = lost.map_or(OpNumber(0), |_| through.op);
        let after = oracle.common(before, end).map(|after| after.max(known));
        let view = self.holdings.view(ballot).cloned();
        let rest = after.filter(|after| *after < before.op);
        track.given_up.extend(rest.map(|after| GivenUp {
            after,
            through: before,
            held: view,
        }));
    }

    /// A server names what it gives up: just what the judge has seen it give up, or what it held in an earlier view (S13). Up to
    /// which place another server has it in its log: that one may go on in the end.
    pub(crate) fn gives_way(&mut self, at: usize, named: &GivenUp) -> Result<OpNumber, Finding> {
        let next = self.tracks[at].given_up.front();
        if next == Some(named) {
            self.tracks[at].given_up.pop_front();
            return Ok(self.kept(at, named.through));
        }
        let finding = match (&named.held, next) {
            (Some(view), _) => match self.refute(at, view.ballot, named) {
                None => return Ok(self.kept(at, named.through)),
                Some(why) => format!("it names {}, and {why}", sentence(named)),
            },
            (None, None) => format!("it names {}, and has it", sentence(named)),
            (None, Some(given_up)) => format!(
                "it names {}, and has given up {}",
                sentence(named),
                sentence(given_up)
            ),
        };
        Err(Finding::of(Property::S13, finding))
    }

    /// Why a server did not hold in a view what it says that it did, and gives up; none if it did and has.
    fn refute(&self, at: usize, ballot: Ballot, named: &GivenUp) -> Option<&'static str> {
        let id = ReplicaId(at as u32);
        if !self.holdings.has(&self.oracle, id, ballot, named.through) {
            return Some("never had it in that view");
        }
        let has_now = self.oracle.common(named.through, self.tracks[at].end);
        has_now
            .is_some_and(|op| op > named.after)
            .then_some("has it")
    }

    /// The last place up to which a server other than this one has a log that ends at a mark.
    fn kept(&self, at: usize, through: Mark) -> OpNumber {
        let others = self.tracks.iter().enumerate();
        let others = others.filter(|&(other, _)| other != at);
        let kept = others.filter_map(|(_, track)| self.oracle.common(through, track.end));
        kept.max().unwrap_or_default()
    }

    /// Servers have named all that they have given up (S13).
    pub(crate) fn all_is_named(&self) -> Result<(), Finding> {
        let tracks = self.tracks.iter().enumerate();
        let mut unnamed = tracks.filter_map(|(at, track)| Some((at, track.given_up.front()?)));
        match unnamed.next() {
            None => Ok(()),
            Some((at, given_up)) => Err(Finding::of(
                Property::S13,
                format!(
                    "server {at} has given up {}, and does not name it",
                    sentence(given_up)
                ),
            )),
        }
    }
}

fn sentence(of: &GivenUp) -> String {
    let GivenUp {
        after,
        through,
        held,
    } = of;
    match held {
        None => format!("as lost what is after {after}, through {through}"),
        Some(view) => {
            format!("as given up what it held in {view} after {after}, through {through}")
        }
    }
}
