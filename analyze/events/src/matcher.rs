//! Which receive took which message.
//!
//! ```text
//! table (sends and receives of the trial) ─→ stamp (which clock messages carry)
//!       └─→ keys: candidates of each receive by what identifies its message
//!             └─→ narrow (channel order, time, one message one recipient) ⇄ order (what channel order alone decides)
//!                   └─→ positions (connections whose machine this tells), and once more
//! ```
//!
//! Evidence, the strongest first: [`Evidence`]. That channels keep their order and lose nothing, and that no message is
//! received before it was sent, is assumed where nothing stronger decides, and only as long as no stronger match
//! contradicts it.
//!
//! **Invariant.** A match is certain, or says that it is not: where two sends explain a receive, none is chosen.

mod keys;
mod narrow;
mod order;
mod positions;
mod stamp;
mod table;

use std::collections::BTreeMap;

use polars::prelude::PolarsResult;

use crate::matching::{Evidence, Inferred, Match, Matching, SentStamp};
use crate::sends;
use crate::trial::Trial;
use keys::Claim;
use table::Table;

/// Rounds of narrowing and order: each needs a match that the round before found, and few do.
const ROUNDS: usize = 6;

/// Matches receives with sends. Takes time in proportion to the events, beside the sorting of stamps.
fn find(trial: &Trial) -> Matching {
    let mut table = Table::new(trial);
    let names_are_positions = table.distrust_names();
    let (mut claims, mut shift) = solve(&table);
    let known = positions::infer(&table, &claims);
    if known.iter().any(|of_sender| !of_sender.is_empty()) {
        table.place(&known);
        (claims, shift) = solve(&table);
    }
    let mut inferred = Inferred {
        stamp: shift.map(SentStamp::of_shift),
        names_are_positions,
        positions: known,
        evidence: BTreeMap::new(),
    };
    let machines = trial.machines.iter();
    let mut receives: Vec<Vec<Match>> = machines
        .map(|machine| vec![Match::NoReceive; machine.rows.len()])
        .collect();
    let mut evidences: Vec<Vec<Option<Evidence>>> = receives
        .iter()
        .map(|receives| vec![None; receives.len()])
        .collect();
    for (machine, claims) in claims.iter().enumerate() {
        for (receive, claim) in table.receives[machine].iter().zip(claims) {
            receives[machine][receive.row] = claim.to_match(&table);
            if let Claim::One(_, evidence) = claim {
                evidences[machine][receive.row] = Some(*evidence);
                *inferred.evidence.entry(*evidence).or_default() += 1;
            }
        }
    }
    Matching {
        receives,
        evidence: evidences,
        inferred,
    }
}

/// The claims of each machine's receives, and the shift of the stamps that they name.
fn solve(table: &Table) -> (Vec<Vec<Claim>>, Option<i64>) {
    let (mut claims, shift) = keys::claims(table);
    let facts = narrow::Facts::of(table, &claims);
    for _ in 0..ROUNDS {
        let narrowed = narrow::narrow(table, &facts, &mut claims);
        let ordered = facts.fifo && order::order(table, &facts, &mut claims);
        if !narrowed && !ordered {
            break;
        }
    }
    narrow::count(table, &mut claims);
    (claims, shift)
}

impl Trial {
    /// Finds which receive took which message. Where receives name the sender and its tick, that decides; elsewhere
    /// this module does.
    ///
    /// # Errors
    ///
    /// When polars cannot add the columns.
    pub fn match_messages(&mut self) -> PolarsResult<()> {
        if self.is_own() {
            return self.match_by_tick();
        }
        let found = find(self);
        self.set_matching(&found)
    }

    /// The trial with its messages matched.
    ///
    /// # Panics
    ///
    /// Never: the matching has a match for each row.
    #[must_use]
    pub fn matched(mut self) -> Trial {
        let added = self.match_messages();
        added.expect("a match for each row is a column of the frame");
        self
    }

    /// Matches each receive by the sender and the tick that its line names.
    ///
    /// # Errors
    ///
    /// When polars cannot add the columns.
    pub fn match_by_tick(&mut self) -> PolarsResult<()> {
        let columns = sends::find(self).finish();
        self.add(columns)
    }
}

#[cfg(test)]
mod tests;
