//! What deeds need beside a target.
//!
//! **Invariant.** What is given and not needed is refused: it would be overlooked.

use super::deed::{Deed, Sphere};
use super::span::Span;
use super::target::Target;

/// What deeds need beside their target, as given; or what is wrong with it.
pub(super) fn needs(
    deeds: &[Deed],
    target: Target,
    by: Option<Span>,
    chance: Option<f64>,
) -> Result<(Span, f64), String> {
    for &deed in deeds {
        let (struck, example) = match deed.sphere() {
            Sphere::Link => ("a link", "link 0-1"),
            Sphere::Process => ("a process", "any"),
        };
        if (deed.sphere() == Sphere::Link) != matches!(target, Target::Link { .. }) {
            return Err(format!(
                "{deed} strikes {struck}, target = \"{target}\" is none: write for example \"{example}\""
            ));
        }
        let one_way = matches!(target, Target::Link { both_ways, .. } if !both_ways);
        if deed == Deed::Break && one_way {
            return Err(format!(
                "a connection ends for both directions, target = \"{target}\" names one: write - for ->, or hold one direction"
            ));
        }
        if deed.needs_by() && by.is_none_or(|by| by.ns == 0) {
            return Err(format!("{deed} needs by how much: by = \"200ms\""));
        }
        if deed.needs_chance() && chance.is_none() {
            return Err(format!(
                "{deed} needs the chance of each message: chance = 0.1"
            ));
        }
    }
    if by.is_some() && !deeds.iter().any(|deed| deed.needs_by()) {
        return Err("`by` is for delay and slow-disk: drop it".to_owned());
    }
    if chance.is_some() && !deeds.iter().any(|deed| deed.needs_chance()) {
        return Err("`chance` is for lose and duplicate: drop it".to_owned());
    }
    match chance {
        Some(chance) if !(chance > 0.0 && chance <= 1.0) => Err(format!(
            "chance = {chance}: expected a number above 0, at most 1"
        )),
        chance => Ok((by.unwrap_or_default(), chance.unwrap_or(1.0))),
    }
}
