//! What a clock is made of: own ticks, and what messages brought.
//!
//! Two splits of one number. By **sender**: who handed the units over, the machine whose message raised the clock. By
//! **minter**: whose ticks made them, traced back along the messages (see [`crate::causal_chain`]). A machine that only
//! passes on what it was told stands high in the first and low in the second.
//!
//! **Invariant.** Both splits are exact, machine by machine: `clock_final = own_ticks + Σ inherited_from + unexplained`
//! and `clock_final = Σ minted_by + minted_unknown`. Of whole logs that obey the rule of clocks the last terms are 0.

use std::collections::BTreeMap;

use events::{At, ClockKind, Trial};
use serde::{Deserialize, Deserializer, Serialize};

use crate::causal_chain::{Lineage, count};

/// What a machine's last clock is made of, in units of the logical clock.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AccountMetrics {
    /// One for each row: every event adds one unit of the machine's own.
    pub own_ticks: Option<u64>,
    /// Sum over the receives of max(0, clock carried − clock before): units taken over from others. The clock before
    /// the first row is 0.
    pub inherited: Option<u64>,
    /// The inherited units by the sender whose message brought them: every other machine of the trial, and whatever
    /// senders the log names beside.
    #[serde(deserialize_with = "by_id")]
    pub inherited_from: BTreeMap<u32, u64>,
    /// clock_final − own_ticks − the sum of inherited_from: what rows that are missing, or rows against the rule of clocks,
    /// did to the clock, and units of senders that the log does not tell. 0 in a whole log that obeys the rule and names
    /// senders.
    pub unexplained: Option<i64>,
    /// The units of the last clock by the machine whose ticks made them, the machine itself included: every machine of
    /// the trial.
    #[serde(deserialize_with = "by_id")]
    pub minted_by: BTreeMap<u32, u64>,
    /// Units whose minter the logs do not tell: a send's row is missing, or rows break the rule of clocks.
    pub minted_unknown: Option<u64>,
}

/// Counts by id. Where fields of parts stand side by side, the names in a JSON object are read as text alone.
fn by_id<'a, D: Deserializer<'a>>(from: D) -> Result<BTreeMap<u32, u64>, D::Error> {
    let by_name: BTreeMap<String, u64> = BTreeMap::deserialize(from)?;
    let by_id = by_name.into_iter().map(|(name, count)| {
        let id = name.parse().map_err(serde::de::Error::custom)?;
        Ok((id, count))
    });
    by_id.collect()
}

/// Accounts for the last clock of each machine.
///
/// Nothing of vector clocks and of clocks with fractions: they are no counts of events and of what messages brought.
pub fn measure(trial: &Trial) -> Vec<AccountMetrics> {
    let machines = trial.machines.len();
    if trial.clock_kind() != Some(ClockKind::Lamport) {
        return vec![AccountMetrics::default(); machines];
    }
    let lineage = Lineage::of(trial);
    (0..machines)
        .map(|machine| measure_one(&lineage, machine).unwrap_or_default())
        .collect()
}

/// None without rows, and where not every row carries a clock and every receive what its message carried, in whole units.
fn measure_one(lineage: &Lineage<'_>, machine: usize) -> Option<AccountMetrics> {
    let trial = lineage.trial();
    let rows = &trial.machines[machine].rows;
    let last = rows.len().checked_sub(1)?;
    let mut inherited_from = BTreeMap::new();
    let raising = lineage.raising(machine);
    if !raising.is_whole {
        return None;
    }
    let mut all = 0u64;
    for &(row, units) in &raising.rows {
        all = all.saturating_add(units);
        let at = At {
            machine,
            row: row as usize,
        };
        let sender = trial.sender(at).and_then(|sender| trial.id_of(sender));
        if let Some(sender) = sender {
            let from: &mut u64 = inherited_from.entry(sender.0).or_default();
            *from = from.saturating_add(units);
        }
    }
    let chain = lineage.chain(At { machine, row: last });
    let lost = chain.lost.map_or(0, |(units, _)| units);
    Some(of_sums(
        trial,
        machine,
        (last as u64 + 1, count(rows, last)?),
        (all, inherited_from),
        (chain.minted().into_iter(), lost),
    ))
}

/// The account of a machine by its sums: its rows and its last clock, the units that it inherited, from all and by the id of the
/// sender, and the units of the last clock by the position of the minter, and those whose minter is not known.
pub(super) fn of_sums(
    trial: &Trial,
    machine: usize,
    (own, clock): (u64, u64),
    (all, from): (u64, BTreeMap<u32, u64>),
    (minted, lost): (impl Iterator<Item = (usize, u64)>, u64),
) -> AccountMetrics {
    let id = |position: usize| trial.machines[position].id.0;
    let everybody = || trial.machines.iter().map(|of| (of.id.0, 0));
    let known = from
        .values()
        .fold(0u64, |sum, &units| sum.saturating_add(units));
    let explained = i128::from(known) + i128::from(own);
    let mut inherited_from: BTreeMap<u32, u64> = everybody().collect();
    inherited_from.remove(&id(machine));
    inherited_from.extend(from);
    let mut minted_by: BTreeMap<u32, u64> = everybody().collect();
    for (minter, units) in minted {
        *minted_by.entry(id(minter)).or_default() += units;
    }
    AccountMetrics {
        own_ticks: Some(own),
        inherited: Some(all),
        inherited_from,
        unexplained: Some(clamped(i128::from(clock) - explained)),
        minted_by,
        minted_unknown: Some(lost),
    }
}

/// Clocks further apart than an `i64` holds count as that far apart.
fn clamped(units: i128) -> i64 {
    i64::try_from(units).unwrap_or(if units < 0 { i64::MIN } else { i64::MAX })
}
