//! Whether names of recipients and senders are names of machines.
//!
//! A machine that sends to itself shows that names are positions among its connections. Names that no machine has, ports
//! mostly, differ by the one that each machine never names: its own.
//!
//! **Invariant.** An alias is given only where all machines have one and each another.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::Doubt;
use super::meaning::{Meaning, Role};
use super::names::Names;
use super::peer_column::Called;
use super::shape::Shape;
use super::words;
use events::RecipientName;

/// What names of peers mean.
#[derive(Debug, Clone, Default)]
pub(super) struct Recipients {
    pub(super) meaning: Option<RecipientName>,
    pub(super) alias: BTreeMap<String, String>,
}

/// Whom each machine names.
#[derive(Default)]
struct Named {
    machines: BTreeSet<String>,
    sends: BTreeMap<String, BTreeMap<String, usize>>,
}

/// What names of recipients mean, by who names whom.
pub(super) fn of(
    shapes: &[Shape],
    meanings: &[Meaning],
    called: &[Option<Called>],
    names: &Names,
    doubts: &mut Vec<Doubt>,
) -> Recipients {
    let mut named = named(shapes, meanings, called, names);
    let fractions = fractions(shapes, meanings, &named.machines);
    for peers in named.sends.values_mut() {
        for (fraction, machine) in &fractions {
            if let Some(count) = peers.remove(fraction) {
                *peers.entry(machine.clone()).or_default() += count;
            }
        }
    }
    let strangers: BTreeSet<&String> = named
        .sends
        .values()
        .flat_map(BTreeMap::keys)
        .filter(|peer| !named.machines.contains(*peer))
        .collect();
    let total: usize = named.sends.values().flat_map(BTreeMap::values).sum();
    if total == 0 || named.machines.is_empty() {
        return Recipients {
            alias: fractions,
            ..Recipients::default()
        };
    }
    let own: usize = named
        .sends
        .iter()
        .filter_map(|(machine, peers)| peers.get(machine))
        .sum();
    let mut doubt = |why: String| {
        let evidence = named.sends.iter().map(|(machine, peers)| {
            format!(
                "{machine} names {}",
                peers.keys().cloned().collect::<Vec<_>>().join(", ")
            )
        });
        doubts.push(Doubt {
            what: "recipients".to_owned(),
            why,
            evidence: evidence.take(4).collect::<Vec<_>>().join("; "),
        });
    };
    if strangers.is_empty() && own == 0 {
        return Recipients {
            meaning: Some(RecipientName::Machine),
            alias: fractions,
        };
    }
    if strangers.is_empty() && own * 50 > total {
        doubt(format!(
            "{own} of {total} recipients are the sender itself, so they were taken for positions among its connections: who got a message is not known"
        ));
        return Recipients {
            meaning: Some(RecipientName::Position),
            alias: fractions,
        };
    }
    if let Some(alias) = alias(&named, &strangers) {
        let list: Vec<String> = alias
            .iter()
            .map(|(name, machine)| format!("{name} is {machine}"))
            .collect();
        doubt(format!(
            "recipients have other names than machines; {}, for that is the name each never sends to",
            list.join(", ")
        ));
        return Recipients {
            meaning: Some(RecipientName::Machine),
            alias,
        };
    }
    doubt(
        "some recipients are no machines of the logs, and nothing tells which they are".to_owned(),
    );
    Recipients {
        alias: fractions,
        ..Recipients::default()
    }
}

/// Names of machines that are written as numbers with a fraction, as columns with gaps are printed: `3.0` is machine 3.
fn fractions(
    shapes: &[Shape],
    meanings: &[Meaning],
    machines: &BTreeSet<String>,
) -> BTreeMap<String, String> {
    let mut fractions = BTreeMap::new();
    for (shape, meaning) in shapes.iter().zip(meanings) {
        let peers = (0..shape.slots.len())
            .filter(|&slot| matches!(meaning.roles[slot], Role::From | Role::To));
        for value in peers.flat_map(|slot| shape.column(slot)) {
            if let Some(whole) = value.strip_suffix(".0")
                && machines.contains(whole)
                && !fractions.contains_key(value)
            {
                fractions.insert(value.to_owned(), whole.to_owned());
            }
        }
    }
    fractions
}

fn named(
    shapes: &[Shape],
    meanings: &[Meaning],
    called: &[Option<Called>],
    names: &Names,
) -> Named {
    let mut named = Named::default();
    let mut by_header: BTreeMap<usize, &str> = BTreeMap::new();
    for (shape, meaning) in shapes.iter().zip(meanings) {
        if let (None, Some(slot)) = (meaning.kind(), meaning.slot(Role::Machine)) {
            by_header.extend(
                shape
                    .rows
                    .iter()
                    .map(|row| (row.file, row.values[slot].as_str())),
            );
        }
    }
    for ((shape, meaning), called) in shapes
        .iter()
        .zip(meanings)
        .zip(called)
        .filter(|((_, meaning), _)| meaning.kind().is_some())
    {
        let recipient = called.as_ref().filter(|called| called.role == Role::To);
        let machine = meaning.slot(Role::Machine);
        let recipients: Vec<usize> = (0..shape.slots.len())
            .filter(|&slot| meaning.roles[slot] == Role::To)
            .collect();
        for row in &shape.rows {
            let own = machine
                .map(|slot| row.values[slot].as_str())
                .or(names.machines[row.file].as_deref());
            let Some(own) = own.or_else(|| by_header.get(&row.file).copied()) else {
                continue;
            };
            named.machines.insert(own.to_owned());
            let peers = named.sends.entry(own.to_owned()).or_default();
            let values = recipients.iter().map(|&slot| row.values[slot].as_str());
            let values = values.chain(recipient.map(|called| called.name.as_str()));
            for peer in values
                .filter(|value| !words::means_all(value))
                .flat_map(list)
            {
                *peers.entry(peer).or_default() += 1;
            }
        }
    }
    named
}

/// The names in a text: numbers, and words beside which no number stands.
fn list(text: &str) -> Vec<String> {
    let parts =
        text.split(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-')));
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let has_digit = |part: &&&str| {
        part.bytes().any(|byte| byte.is_ascii_digit()) && part.matches('.').count() < 3
    };
    let numbers: Vec<String> = parts
        .iter()
        .filter(has_digit)
        .map(|part| (*part).to_owned())
        .collect();
    if numbers.is_empty() {
        parts
            .into_iter()
            .filter(|part| *part != "and")
            .map(str::to_owned)
            .collect()
    } else {
        numbers
    }
}

/// The machine of each unknown name: of all such names each machine leaves out one, its own.
fn alias(named: &Named, strangers: &BTreeSet<&String>) -> Option<BTreeMap<String, String>> {
    let everybody: BTreeSet<&String> = named.sends.values().flat_map(BTreeMap::keys).collect();
    if strangers.len() != named.machines.len()
        || everybody != *strangers
        || named.machines.len() < 2
    {
        return None;
    }
    let mut alias = BTreeMap::new();
    for machine in &named.machines {
        let peers = named.sends.get(machine)?;
        let mut absent = strangers.iter().filter(|name| !peers.contains_key(**name));
        let (own, other) = (absent.next()?, absent.next());
        if other.is_some() || alias.insert((*own).clone(), machine.clone()).is_some() {
            return None;
        }
    }
    Some(alias)
}
