//! Clocks taken apart across the trials of a condition: own ticks, and units from each source.
//!
//! Machines are grouped as everywhere: by id where the condition fixes the rates, else by rate. Sources follow: other
//! machines by id, or by rate. Where that would be more than [`SOURCES`], a source is all peers that are slower, as
//! fast, or faster. Machines of one group are averaged inside each trial; intervals are across trials.
//!
//! **Invariant.** The means of one group sum to the mean of its last clocks: a source that a trial does not have gave
//! 0 units in it, and units that the logs cannot tell are a source of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Serialize, Serializer};
use statistics::{Estimate, mean};

use crate::metrics::aggregate;
use crate::metrics::clock_sources::AccountMetrics;

/// How many machines, or rates, are sources by themselves.
pub const SOURCES: usize = 8;

/// Where units come from. In JSON a word: `own`, `M2`, `6Hz`, `slower`, `equal`, `faster`, `unknown`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The machine's own ticks.
    Own,
    /// The peer of this id.
    Machine(u32),
    /// All peers of this rate, in thousandths of a tick per second.
    Rate(u64),
    /// All peers with fewer ticks per second.
    Slower,
    /// All peers with as many.
    Equal,
    /// All peers with more.
    Faster,
    /// What the logs cannot tell.
    Unknown,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Own => f.write_str("own"),
            Source::Machine(id) => write!(f, "M{id}"),
            Source::Rate(millihertz) => write!(f, "{}Hz", *millihertz as f64 / 1000.0),
            Source::Slower => f.write_str("slower"),
            Source::Equal => f.write_str("equal"),
            Source::Faster => f.write_str("faster"),
            Source::Unknown => f.write_str("unknown"),
        }
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What the last clock of a group of machines is made of, in units, across trials. The means of each split sum to the
/// mean of `clock_final`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Accounts {
    /// Own ticks, and units inherited by the sender whose message brought them.
    pub sender: BTreeMap<Source, Estimate>,
    /// Units by the machine whose ticks made them.
    pub minter: BTreeMap<Source, Estimate>,
}

/// One machine of a trial, to be accounted for.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// Its id.
    pub machine: u32,
    /// Nominal ticks per second, where they are known.
    pub rate: Option<f64>,
    /// What is known of its clock.
    pub account: &'a AccountMetrics,
}

/// What members are grouped by: the id, where the condition fixes the rates, and the rate, where it is known.
pub type GroupKey = (Option<u32>, Option<f64>);

/// The accounts of each group over these trials. A trial counts for a group if it has a machine of it with any rows.
pub fn across(trials: &[Vec<Member<'_>>], groups: &[GroupKey]) -> Vec<Accounts> {
    let naming = Naming::of(groups);
    let split = |group: &GroupKey, part: Part| {
        let of_trial = |trial: &Vec<Member<'_>>| averaged(trial, group, naming, part);
        estimates(&trials.iter().filter_map(of_trial).collect::<Vec<_>>())
    };
    let accounts = groups.iter().map(|group| Accounts {
        sender: split(group, by_sender),
        minter: split(group, by_minter),
    });
    accounts.collect()
}

type Units = BTreeMap<Source, f64>;
type Part = fn(&Member<'_>, &dyn Fn(u32) -> Source) -> Units;

/// What sources are called.
#[derive(Debug, Clone, Copy)]
enum Naming {
    Machine,
    Rate,
    Order,
}

impl Naming {
    fn of(groups: &[GroupKey]) -> Naming {
        let by_rate = groups.iter().any(|(machine, _)| machine.is_none());
        match (groups.len() <= SOURCES, by_rate) {
            (false, _) => Naming::Order,
            (true, true) => Naming::Rate,
            (true, false) => Naming::Machine,
        }
    }

    fn name(self, trial: &[Member<'_>], member: &Member<'_>, peer: u32) -> Source {
        let rate = trial.iter().find(|other| other.machine == peer);
        match (self, rate.map(|other| (other.rate, member.rate))) {
            _ if peer == member.machine => Source::Own,
            (_, None) => Source::Unknown,
            (Naming::Machine, _) => Source::Machine(peer),
            (_, Some((None, _) | (_, None))) => Source::Unknown,
            (Naming::Rate, Some((Some(rate), _))) => Source::Rate((rate * 1000.0).round() as u64),
            (Naming::Order, Some((Some(rate), Some(own)))) if rate < own => Source::Slower,
            (Naming::Order, Some((Some(rate), Some(own)))) if rate > own => Source::Faster,
            (Naming::Order, Some(_)) => Source::Equal,
        }
    }
}

fn by_sender(member: &Member<'_>, name: &dyn Fn(u32) -> Source) -> Units {
    let account = member.account;
    let mut units = Units::from([(Source::Own, account.own_ticks.unwrap_or_default() as f64)]);
    for (&sender, &inherited) in &account.inherited_from {
        *units.entry(name(sender)).or_default() += inherited as f64;
    }
    unknown(&mut units, account.unexplained.unwrap_or_default() as f64);
    units
}

fn by_minter(member: &Member<'_>, name: &dyn Fn(u32) -> Source) -> Units {
    let mut units = Units::new();
    for (&minter, &minted) in &member.account.minted_by {
        *units.entry(name(minter)).or_default() += minted as f64;
    }
    let lost = member.account.minted_unknown.unwrap_or_default();
    unknown(&mut units, lost as f64);
    units
}

/// Units that the logs cannot tell are worth a word only where there are any.
fn unknown(units: &mut Units, lost: f64) {
    if lost != 0.0 {
        *units.entry(Source::Unknown).or_default() += lost;
    }
}

/// The group's units in one trial, averaged over its machines; none if the trial has none of them, or no rows of them.
fn averaged(trial: &[Member<'_>], group: &GroupKey, naming: Naming, part: Part) -> Option<Units> {
    let members = trial.iter().filter(|member| {
        let by_id = group.0.is_none_or(|machine| machine == member.machine);
        by_id
            && group.1.is_none_or(|rate| member.rate == Some(rate))
            && member.account.own_ticks.is_some()
    });
    let all: Vec<Units> = members
        .map(|member| part(member, &|peer| naming.name(trial, member, peer)))
        .collect();
    (!all.is_empty()).then(|| {
        let averages = columns(&all).into_iter();
        averages
            .filter_map(|(source, values)| Some((source, mean(&values)?)))
            .collect()
    })
}

fn estimates(trials: &[Units]) -> BTreeMap<Source, Estimate> {
    let columns = columns(trials).into_iter();
    columns
        .map(|(source, values)| (source, aggregate::estimate(values.into_iter())))
        .collect()
}

/// For each source that any of them has, what each of them has of it.
fn columns(all: &[Units]) -> BTreeMap<Source, Vec<f64>> {
    let sources: BTreeSet<Source> = all.iter().flat_map(|units| units.keys().copied()).collect();
    let column = |source: &Source| {
        all.iter()
            .map(|units| units.get(source).copied().unwrap_or(0.0))
            .collect()
    };
    sources
        .iter()
        .map(|source| (*source, column(source)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(own: u64, from: &[(u32, u64)]) -> AccountMetrics {
        AccountMetrics {
            own_ticks: Some(own),
            inherited: Some(from.iter().map(|(_, units)| units).sum()),
            inherited_from: from.iter().copied().collect(),
            unexplained: Some(0),
            minted_by: from.iter().copied().collect(),
            minted_unknown: Some(own),
        }
    }

    fn words(split: &BTreeMap<Source, Estimate>) -> Vec<(String, f64)> {
        let known = split
            .iter()
            .filter_map(|(source, found)| Some((source.to_string(), found.mean?)));
        known.collect()
    }

    #[test]
    fn sources_are_machines_rates_or_the_order_of_rates() {
        let accounts: Vec<AccountMetrics> = (0..9u32)
            .map(|machine| {
                let peers: Vec<(u32, u64)> = (0..9)
                    .filter(|&peer| peer != machine)
                    .map(|peer| (peer, 1))
                    .collect();
                account(10, &peers)
            })
            .collect();
        let trial = |count: usize, rate: fn(u32) -> f64| -> Vec<Member<'_>> {
            (0..count as u32)
                .zip(&accounts)
                .map(|(machine, account)| Member {
                    machine,
                    rate: Some(rate(machine)),
                    account,
                })
                .collect()
        };
        let nine = trial(9, |machine| f64::from(machine + 1));
        let groups: Vec<GroupKey> = nine.iter().map(|m| (Some(m.machine), m.rate)).collect();
        let found = across(&[nine], &groups);
        let own = |text: &str| (text.to_owned(), 10.0);
        assert_eq!(
            words(&found[2].sender),
            [
                own("own"),
                ("slower".to_owned(), 2.0),
                ("faster".to_owned(), 6.0)
            ]
        );
        // Peers beyond those of the trial are unknown: three machines here, accounts that name nine.
        let three = trial(3, |machine| f64::from(machine.min(1) + 1));
        let found = across(&[three], &[(None, Some(1.0)), (None, Some(2.0))]);
        assert_eq!(
            words(&found[1].sender),
            [
                own("own"),
                ("1Hz".to_owned(), 1.0),
                ("2Hz".to_owned(), 1.0),
                ("unknown".to_owned(), 6.0)
            ]
        );
    }

    #[test]
    fn machines_of_a_group_are_averaged_and_trials_are_the_unit() {
        let (slow, fast) = (account(10, &[(1, 4)]), account(30, &[(0, 0)]));
        let trial = |first: f64| {
            vec![
                Member {
                    machine: 0,
                    rate: Some(first),
                    account: &slow,
                },
                Member {
                    machine: 1,
                    rate: Some(3.0),
                    account: &fast,
                },
            ]
        };
        let found = across(
            &[trial(3.0), trial(1.0)],
            &[(None, Some(1.0)), (None, Some(3.0))],
        );
        assert_eq!(
            words(&found[0].sender),
            [("own".to_owned(), 10.0), ("3Hz".to_owned(), 4.0)]
        );
        // In the first trial both machines: (10 + 30) / 2 own; in the second one of them: 30.
        let own = found[1].sender[&Source::Own];
        assert_eq!((own.trials, own.mean), (2, Some(25.0)));
        let from_peers: f64 = words(&found[1].sender)[1..]
            .iter()
            .map(|(_, units)| units)
            .sum();
        assert_eq!(from_peers, 1.0, "2 in the first trial, 0 in the second");
    }
}
