//! What positions among a sender's connections stand for.
//!
//! **Invariant.** A position stands for a machine only if every certain match agrees, and no other position of the same
//! sender stands for it too.

use std::collections::{BTreeMap, BTreeSet};

use super::keys::Claim;
use super::table::Table;

/// Matches that a position needs before it stands for a machine: one could be chance.
const MATCHES_MIN: u32 = 2;

/// For each sender, the machine behind each position.
pub(super) fn infer(table: &Table, claims: &[Vec<Claim>]) -> Vec<BTreeMap<u32, usize>> {
    let mut seen: Vec<BTreeMap<u32, BTreeMap<usize, u32>>> =
        vec![BTreeMap::new(); table.machines()];
    for (recipient, claims) in claims.iter().enumerate() {
        for claim in claims {
            let Claim::One(send, _) = claim else { continue };
            if let Some(position) = table.send(*send).position {
                let machines = seen[send.0 as usize].entry(position).or_default();
                *machines.entry(recipient).or_default() += 1;
            }
        }
    }
    seen.iter().map(only_reading).collect()
}

fn only_reading(seen: &BTreeMap<u32, BTreeMap<usize, u32>>) -> BTreeMap<u32, usize> {
    let single = |(&position, machines): (&u32, &BTreeMap<usize, u32>)| {
        let (&machine, &matches) = machines.first_key_value()?;
        (machines.len() == 1 && matches >= MATCHES_MIN).then_some((position, machine))
    };
    let known: BTreeMap<u32, usize> = seen.iter().filter_map(single).collect();
    let machines: BTreeSet<usize> = known.values().copied().collect();
    // Two positions of one machine, or a position of two machines: then this is not what positions mean.
    let contradicted = seen.values().any(|machines| machines.len() > 1);
    if machines.len() < known.len() || contradicted {
        return BTreeMap::new();
    }
    known
}
