//! What a clock is made of: own ticks, and what messages brought.
//!
//! Two splits of one number. By **sender**: who handed the units over, the machine whose message raised the clock. By
//! **minter**: whose ticks made them, traced back along the messages (see [`crate::lineage`]). A machine that only
//! passes on what it was told stands high in the first and low in the second.
//!
//! **Invariant.** Both splits are exact, machine by machine: `clock_final = own_ticks + Σ inherited_from + unexplained`
//! and `clock_final = Σ minted_by + minted_unknown`. Of whole logs that obey the rule of clocks the last terms are 0.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::lineage::{Lineage, inherited};
use crate::recording::{At, Recording};

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
pub fn measure(recording: &Recording) -> Vec<AccountMetrics> {
    let lineage = Lineage::of(recording);
    (0..recording.machines.len())
        .map(|machine| measure_one(&lineage, machine).unwrap_or_default())
        .collect()
}

/// None without rows, and where not every row carries a clock and every receive what its message carried, in whole units.
fn measure_one(lineage: &Lineage<'_>, machine: usize) -> Option<AccountMetrics> {
    let recording = lineage.recording();
    let rows = &recording.machines[machine].rows;
    let row = rows.len().checked_sub(1)?;
    let id = |position: usize| recording.machines[position].id.0;
    let everybody = || (0..recording.machines.len()).map(|position| (id(position), 0));
    let mut inherited_from: BTreeMap<u32, u64> = everybody().collect();
    inherited_from.remove(&id(machine));
    let (mut all, mut known) = (0u64, 0u64);
    for row in 0..rows.len() {
        rows.count(row).filter(|_| recording.additive)?;
        let units = inherited(rows, row)?;
        all = all.saturating_add(units);
        if let Some(sender) = rows.from.get(row).filter(|_| units > 0) {
            let from = inherited_from.entry(sender.0).or_default();
            *from = from.saturating_add(units);
            known = known.saturating_add(units);
        }
    }
    let explained = i128::from(known) + row as i128 + 1;
    let chain = lineage.chain(At { machine, row });
    let mut minted_by: BTreeMap<u32, u64> = everybody().collect();
    for (minter, units) in chain.minted() {
        *minted_by.entry(id(minter)).or_default() += units;
    }
    Some(AccountMetrics {
        own_ticks: Some(row as u64 + 1),
        inherited: Some(all),
        inherited_from,
        unexplained: Some(clamped(i128::from(rows.count(row)?) - explained)),
        minted_by,
        minted_unknown: Some(chain.lost.map_or(0, |(units, _)| units)),
    })
}

/// Clocks further apart than an `i64` holds count as that far apart.
fn clamped(units: i128) -> i64 {
    i64::try_from(units).unwrap_or(if units < 0 { i64::MIN } else { i64::MAX })
}
