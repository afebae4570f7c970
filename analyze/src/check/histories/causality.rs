//! No event happens before itself: by messages, and by what vectors know.
//!
//! Each event depends on the one before it on its machine, a receive on its send, and a vector on the events that it
//! knows. Machines go on event by event as long as all that the next one depends on has happened; if some never end,
//! they wait for each other, and that is the cycle.
//!
//! **Invariant.** A match that rests on order or on the clocks of the receives alone makes no cycle.

use super::findings::{Findings, Place};
use super::law::HistoryLaw;
use super::vectors::{self, Done};
use crate::history::History;
use crate::history::matching::{Evidence, Matching};

/// Lines of a cycle that are shown.
const SHOWN: usize = 4;

/// Puts the law to the trial.
pub(super) fn check(history: &History, matching: &Matching, findings: &mut Findings) {
    let law = HistoryLaw::CausalOrder;
    let causes = Causes {
        history,
        matching,
        done: (super::has_vectors(history) && history.without_log.is_some())
            .then(|| Done::of(history, matching)),
    };
    let total: Vec<usize> = history
        .machines
        .iter()
        .map(|machine| machine.events.len())
        .collect();
    let mut done = vec![0; total.len()];
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); total.len()];
    let mut ready: Vec<usize> = (0..total.len()).collect();
    let mut depends = false;
    while let Some(machine) = ready.pop() {
        let start = done[machine];
        while done[machine] < total[machine] {
            let needed = causes.of((machine, done[machine]));
            depends |= !needed.is_empty();
            if let Some(&(peer, _)) = needed.iter().find(|&&(peer, event)| done[peer] <= event) {
                waiting[peer].push(machine);
                break;
            }
            done[machine] += 1;
        }
        if done[machine] > start {
            ready.append(&mut waiting[machine]);
        }
    }
    if !depends {
        return findings.idle(law, "no receive was matched by what identifies its message");
    }
    for _ in 0..done.iter().sum() {
        findings.examine(law);
    }
    if let Some(stuck) = (0..total.len()).find(|&machine| done[machine] < total[machine]) {
        let cycle = causes.cycle(&done, stuck);
        findings.examine(law);
        let cause = "a causal cycle: times or clocks were changed, or a receive names a message that was sent because of it";
        findings.violate(law, &cycle[..cycle.len().min(SHOWN)], cause, || {
            let machines = cycle
                .iter()
                .step_by(2)
                .map(|place| history.machines[place.0].name.as_str());
            let chain: Vec<&str> = machines.collect();
            (
                "an order in which the events can happen".to_owned(),
                format!("machines {} wait for each other", chain.join(", ")),
            )
        });
    }
}

struct Causes<'a> {
    history: &'a History,
    matching: &'a Matching,
    done: Option<Done>,
}

impl Causes<'_> {
    /// Events of other machines that must have happened before one.
    fn of(&self, place: Place) -> Vec<Place> {
        let (machine, event) = place;
        let strong = self
            .matching
            .evidence_of(machine, event)
            .is_some_and(|by| by <= Evidence::Clock);
        let send = self.matching.send_of(machine, event).filter(|_| strong);
        let mut needed: Vec<Place> = send.into_iter().collect();
        if let (Some(done), Some(found)) = (&self.done, vectors::vector(self.history, place)) {
            let before = event
                .checked_sub(1)
                .and_then(|before| vectors::vector(self.history, (machine, before)));
            for (peer, &known) in found.iter().enumerate().take(self.history.machines.len()) {
                let knew = before
                    .and_then(|before| before.get(peer))
                    .copied()
                    .unwrap_or(0);
                if peer != machine && known > knew {
                    needed.extend(done.event(peer, known).map(|event| (peer, event)));
                }
            }
        }
        needed
    }

    /// Follows the waits from a machine that is stuck: each event that waits, and the one that it waits for.
    fn cycle(&self, done: &[usize], stuck: usize) -> Vec<Place> {
        let mut chain: Vec<(Place, Place)> = Vec::new();
        let mut machine = stuck;
        loop {
            if let Some(start) = chain.iter().position(|(waiter, _)| waiter.0 == machine) {
                return chain[start..]
                    .iter()
                    .flat_map(|&(waiter, cause)| [waiter, cause])
                    .collect();
            }
            let waiter = (machine, done[machine]);
            let needed = self.of(waiter);
            let Some(&cause) = needed.iter().find(|&&(peer, event)| done[peer] <= event) else {
                return vec![waiter];
            };
            chain.push((waiter, cause));
            machine = cause.0;
        }
    }
}
