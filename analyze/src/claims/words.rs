//! A claim in words: what is measured, and what is expected of it.

use super::claim::{Claim, Quantity, Relation};
use super::options;

/// What is measured, as half a sentence: `mean jump_max of the slowest machine, internal = 0.9`.
pub(super) fn statement(claim: &Claim) -> String {
    let this = quantity(&claim.quantity);
    let other = claim.than.as_ref().map(|than| other(&claim.quantity, than));
    let other = other.unwrap_or_default();
    let each = if claim.each {
        ", in each condition"
    } else {
        ""
    };
    match &claim.relation {
        Relation::Mean(_) => format!("mean {this}{each}"),
        Relation::Difference(_) => format!("{this}, less {other}{each}"),
        Relation::Ratio(_) => format!("{this}, divided by {other}{each}"),
        Relation::Trend {
            over, every_step, ..
        } => {
            let step = if *every_step { "every" } else { "a" };
            format!("change of {this} by {step} step of {over}")
        }
        Relation::Share { holds, block, .. } => {
            let trials = match block {
                1 => "share of trials".to_owned(),
                block => format!("share of blocks of {block} trials"),
            };
            let less = match claim.than {
                Some(_) => format!(", less {other},"),
                None => String::new(),
            };
            let all = if *block > 1 { "always " } else { "" };
            format!("{trials} with {this}{less} {all}{holds}{each}")
        }
    }
}

/// What is expected of it: `above 8`.
pub(super) fn expected(claim: &Claim) -> String {
    match &claim.relation {
        Relation::Mean(bound) | Relation::Difference(bound) | Relation::Ratio(bound) => {
            bound.to_string()
        }
        Relation::Trend { per_step, .. } => per_step.to_string(),
        Relation::Share { size, .. } => size.to_string(),
    }
}

/// The unit of the estimate; empty for a plain number.
pub(super) fn unit(claim: &Claim) -> &'static str {
    match &claim.relation {
        Relation::Mean(_) | Relation::Difference(_) | Relation::Trend { .. } => {
            claim.quantity.measure.unit
        }
        Relation::Ratio(_) | Relation::Share { .. } => "",
    }
}

fn quantity(quantity: &Quantity) -> String {
    match quantity.conditions.is_empty() {
        true => quantity.measure.to_string(),
        false => format!(
            "{} ({})",
            quantity.measure,
            options::words(&quantity.conditions)
        ),
    }
}

/// What a quantity is compared with, as far as it is another.
fn other(this: &Quantity, than: &Quantity) -> String {
    let same =
        |(name, value): &(&String, &serde_json::Value)| this.conditions.get(*name) == Some(*value);
    let mut differing = than.conditions.clone();
    differing.retain(|name, value| !same(&(name, value)));
    let measure = than.measure.to_string();
    match (measure == this.measure.to_string(), differing.is_empty()) {
        (_, true) => measure,
        (true, false) => format!("the same ({})", options::words(&differing)),
        (false, false) => format!("{measure} ({})", options::words(&differing)),
    }
}
