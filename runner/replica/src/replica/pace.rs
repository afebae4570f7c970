//! How long answers take, and how long a candidate waits for them.
//!
//! A candidate decides without those who have not answered in a while. Whoever needs longer, though nothing is wrong, would be
//! left out, ask to join, and be left out again, for ever. So the while is learned: from each promise, also one that comes
//! after the decision, for it says how long it took. It never exceeds the suspicion: whoever needs longer than that is dead, as
//! far as anybody can know.
//!
//! **Invariant.** No rule of safety depends on these spans. A candidate that hears nobody is as patient as [`Timing`] says.

use std::collections::{BTreeMap, VecDeque};

use machine::process::units::Time;

use crate::timing::Timing;
use crate::units::{Ballot, ReplicaId};

/// Campaigns whose late answers still count.
const CAMPAIGNS_MAX: usize = 8;

/// What a replica knows of the time that answers take.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// When it proposed its last views.
    campaigns: VecDeque<(Ballot, Time)>,
    /// How long each other one took to answer, nanoseconds: a longer answer counts at once, a shorter one little by little.
    answers_ns: BTreeMap<ReplicaId, u64>,
}

impl Pace {
    /// A view is proposed.
    pub(super) fn ask(&mut self, ballot: Ballot, now: Time) {
        self.campaigns.push_back((ballot, now));
        if self.campaigns.len() > CAMPAIGNS_MAX {
            self.campaigns.pop_front();
        }
    }

    /// An answer has come, in time or late.
    pub(super) fn hear(&mut self, from: ReplicaId, to: Ballot, now: Time) {
        let mut campaigns = self.campaigns.iter();
        if let Some((_, asked)) = campaigns.find(|(ballot, _)| *ballot == to) {
            let answer_ns = self.answers_ns.entry(from).or_default();
            let remembered_ns = *answer_ns - *answer_ns / 8;
            *answer_ns = remembered_ns.max(now.since_ns(*asked));
        }
    }

    /// How long to wait for the answers of these: half as long again as they took.
    pub(super) fn wait_ns(&self, timing: &Timing, whom: impl Iterator<Item = ReplicaId>) -> u64 {
        let answers_ns = whom.filter_map(|id| self.answers_ns.get(&id).copied());
        let slowest_ns = answers_ns.max().unwrap_or_default();
        let wait_ns = slowest_ns.saturating_add(slowest_ns / 2);
        wait_ns
            .min(timing.gathering_max_ns)
            .max(timing.gathering_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn late_answers_count_and_slowness_is_forgotten_little_by_little() {
        let timing = Timing::default();
        let (peer, ballot) = (ReplicaId(1), Ballot::ZERO.next_of(ReplicaId(0)));
        let mut pace = Pace::default();
        let wait = |pace: &Pace| pace.wait_ns(&timing, std::iter::once(peer)) / MS;
        assert_eq!(wait(&pace), 200);
        pace.ask(ballot, Time(0));
        pace.hear(peer, ballot, Time(800 * MS));
        assert_eq!(wait(&pace), 1_200);
        pace.hear(peer, ballot, Time(8 * MS));
        assert_eq!(wait(&pace), 1_050);
        for _ in 0..40 {
            pace.hear(peer, ballot, Time(8 * MS));
        }
        assert_eq!(wait(&pace), 200);
        // Of nobody else, of no campaign that is forgotten, and never for longer than a suspicion.
        pace.hear(peer, ballot, Time(60_000 * MS));
        assert_eq!(wait(&pace), 3_000);
        assert_eq!(pace.wait_ns(&timing, std::iter::empty()) / MS, 200);
        let mut pace = Pace::default();
        pace.ask(ballot, Time(0));
        for number in 0..CAMPAIGNS_MAX as u64 {
            let proposer = ReplicaId(0);
            let number = number + 2;
            pace.ask(Ballot { number, proposer }, Time(number));
        }
        pace.hear(peer, ballot, Time(800 * MS));
        assert_eq!(wait(&pace), 200);
    }
}
