//! No event happens before itself: by messages, and by what vectors know.
//!
//! Each event depends on the one before it on its machine, a receive on its send, and a vector on the events that it
//! knows. Machines go on event by event as long as all that the next one depends on has happened; if some never end,
//! they wait for each other, and that is the cycle.
//!
//! **Invariant.** A match that rests on order or on the clocks of the receives alone makes no cycle.

use events::{At, Evidence};

use super::no_knowledge_from_the_future::Done;
use crate::case::Case;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::messages::send;
use crate::rule::{Applies, Rule};

pub(super) const RULE: Rule = Rule {
    law: Law::CausalOrder,
    applies,
    check,
};

/// Lines of a cycle that are shown.
const SHOWN: usize = 4;

/// Where each receive names its send and every row has a clock, as in our own logs, a cycle shows in the clocks.
fn applies(case: &Case<'_>) -> Applies {
    if case.trial.is_own() {
        Applies::No
    } else {
        Applies::Yes
    }
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let law = Law::CausalOrder;
    let known = case.reading.vectors && case.trial.info.without_log.is_some();
    let causes = Causes {
        case,
        done: known.then(|| Done::of(case)),
    };
    let total: Vec<usize> = (0..case.machines())
        .map(|machine| case.rows(machine).len())
        .collect();
    let mut done = vec![0; total.len()];
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); total.len()];
    let mut ready: Vec<usize> = (0..total.len()).collect();
    let mut depends = false;
    while let Some(machine) = ready.pop() {
        let start = done[machine];
        while done[machine] < total[machine] {
            let needed = causes.of(At {
                machine,
                row: done[machine],
            });
            depends |= !needed.is_empty();
            if let Some(cause) = needed.iter().find(|cause| done[cause.machine] <= cause.row) {
                waiting[cause.machine].push(machine);
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
    findings.examine(law, done.iter().sum::<usize>() as u64);
    let Some(stuck) = (0..total.len()).find(|&machine| done[machine] < total[machine]) else {
        return;
    };
    let cycle = causes.cycle(&done, stuck);
    findings.examine(law, 1);
    let cause = "a causal cycle: times or clocks were changed, or a receive names a message that was sent because of it";
    findings.violate(law, cycle[0].machine, cause, || {
        let machines = cycle.iter().step_by(2);
        let chain: Vec<String> = machines.map(|at| case.name(at.machine)).collect();
        Proof::new(
            cycle.iter().copied().take(SHOWN),
            "an order in which the events can happen",
            format!("machines {} wait for each other", chain.join(", ")),
        )
    });
}

struct Causes<'a> {
    case: &'a Case<'a>,
    done: Option<Done>,
}

impl Causes<'_> {
    /// Events of other machines that must have happened before one.
    fn of(&self, at: At) -> Vec<At> {
        let rows = self.case.rows(at.machine);
        let strong = rows
            .evidence(at.row)
            .is_some_and(|by| by <= Evidence::Clock);
        let send = send(rows, at.row).filter(|_| strong);
        let mut needed: Vec<At> = send.into_iter().collect();
        if let (Some(done), Some(found)) = (&self.done, rows.clock_vector(at.row)) {
            let before = at.row.checked_sub(1).and_then(|row| rows.clock_vector(row));
            for (machine, &known) in found.iter().enumerate().take(self.case.machines()) {
                let knew = before.and_then(|before| before.get(machine));
                if machine != at.machine && known > knew.copied().unwrap_or(0) {
                    needed.extend(done.event(machine, known).map(|row| At { machine, row }));
                }
            }
        }
        needed
    }

    /// Follows the waits from a machine that is stuck: each event that waits, and the one that it waits for.
    fn cycle(&self, done: &[usize], stuck: usize) -> Vec<At> {
        let mut chain: Vec<[At; 2]> = Vec::new();
        let mut machine = stuck;
        loop {
            if let Some(start) = chain
                .iter()
                .position(|[waiter, _]| waiter.machine == machine)
            {
                return chain[start..].concat();
            }
            let waiter = At {
                machine,
                row: done[machine],
            };
            let needed = self.of(waiter);
            let Some(&cause) = needed.iter().find(|cause| done[cause.machine] <= cause.row) else {
                return vec![waiter];
            };
            chain.push([waiter, cause]);
            machine = cause.machine;
        }
    }
}
