//! What servers give up when they take over the log of others, and what they name of that (S13).
//!
//! **Invariant.** What a server has yet to name is what the judge has seen it lose in this life.

use event_log::chat::Property;
use replica::units::{Mark, OpNumber};

use super::finding::Finding;
use super::losses::Discarded;
use super::servers::Servers;

impl Servers {
    /// A server has another log than before: what it had committed and the log does not have, it gives up.
    pub(super) fn give_up(&mut self, at: usize, end: Mark) {
        let through = self.tracks[at].committed;
        let after = self.oracle.common(through, end);
        if let Some(after) = after.filter(|&after| after < through.op) {
            let given_up = &mut self.tracks[at].given_up;
            given_up.push_back(Discarded { after, through });
        }
    }

    /// A server gives way to others, and names what is lost by that: just what it has given up (S13). Up to which place another
    /// server has it in its log: that one may go on in the end.
    pub(crate) fn gives_way(&mut self, at: usize, named: Discarded) -> Result<OpNumber, Finding> {
        let sentence =
            |of: Discarded| format!("what is after {}, through {}", of.after, of.through);
        let finding = match self.tracks[at].given_up.pop_front() {
            Some(given_up) if given_up == named => return Ok(self.kept(at, named.through)),
            None => format!("it names {} as lost, and has it", sentence(named)),
            Some(given_up) => format!(
                "it names {} as lost, and has given up {}",
                sentence(named),
                sentence(given_up)
            ),
        };
        Err(Finding::of(Property::S13, finding))
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
            Some((at, Discarded { after, through })) => Err(Finding::of(
                Property::S13,
                format!(
                    "server {at} has given up what is after {after}, through {through}, and does not name it"
                ),
            )),
        }
    }
}
