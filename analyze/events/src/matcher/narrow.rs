//! Candidates that other matches rule out.
//!
//! A message has one recipient; a channel keeps its order; nothing is received before it was sent. The last two are used
//! only if no match by keys contradicts them.
//!
//! **Invariant.** Narrowing never leaves a receive without a candidate: where it would, nothing is ruled out.

use std::collections::{HashMap, HashSet};

use super::keys::Claim;
use super::table::{SendAt, Table};
use crate::matching::Evidence;
use crate::rows::Rows;

/// What matches by keys say of the trial.
pub(super) struct Facts {
    /// Whether every channel keeps its order.
    pub(super) fifo: bool,
    /// Whether no message is received before it was sent, by comparable times.
    pub(super) time: bool,
}

impl Facts {
    pub(super) fn of(table: &Table, claims: &[Vec<Claim>]) -> Facts {
        let mut facts = Facts {
            fifo: true,
            time: table.common_time(),
        };
        for (machine, claims) in claims.iter().enumerate() {
            let mut newest = vec![0; table.machines()];
            for (at, claim) in claims.iter().enumerate() {
                let Claim::One(send, _) = claim else { continue };
                let newest = &mut newest[send.0 as usize];
                facts.fifo &= send.1 >= *newest;
                facts.time &= in_time(table, *send, machine, at);
                *newest = send.1;
            }
        }
        facts
    }
}

/// Whether times do not forbid that a receive took the message of a send.
pub(super) fn in_time(table: &Table, send: SendAt, machine: usize, at: usize) -> bool {
    let time_ns = |(rows, row): (&Rows, usize)| rows.time_ns.get(row);
    let sent_ns = time_ns(table.send_row(send));
    let received_ns = time_ns(table.receive_row(machine, at));
    sent_ns
        .zip(received_ns)
        .is_none_or(|(sent_ns, received_ns)| sent_ns <= received_ns)
}

/// Sends to someone that are taken, and by whom.
pub(super) fn taken(table: &Table, claims: &[Vec<Claim>]) -> HashMap<SendAt, usize> {
    let mut taken = HashMap::new();
    for (machine, claims) in claims.iter().enumerate() {
        for claim in claims {
            if let Claim::One(send, _) = claim
                && table.goes_to_someone(*send)
            {
                taken.insert(*send, machine);
            }
        }
    }
    taken
}

/// Rules candidates out; says whether a receive was matched by it.
pub(super) fn narrow(table: &Table, facts: &Facts, claims: &mut [Vec<Claim>]) -> bool {
    dispute(table, claims);
    let taken = taken(table, claims);
    let mut matched = false;
    for (machine, claims) in claims.iter_mut().enumerate() {
        let mut own: HashSet<SendAt> = claims.iter().filter_map(certain).collect();
        let mut newest: Vec<Option<u32>> = vec![None; table.machines()];
        let ahead = oldest_ahead(table, claims);
        let mut ahead = ahead.into_iter();
        for (at, claim) in claims.iter_mut().enumerate() {
            let ahead = ahead.next().flatten();
            if let Some(send) = certain(claim) {
                newest[send.0 as usize] = Some(send.1);
            }
            let Claim::Many(candidates, evidence) = claim else {
                continue;
            };
            let possible = |&send: &SendAt| {
                let after = newest[send.0 as usize].is_none_or(|newest| send.1 > newest);
                let before = ahead
                    .as_ref()
                    .is_none_or(|ahead: &Vec<u32>| send.1 < ahead[send.0 as usize]);
                (!facts.fifo || (after && before))
                    && (!facts.time || in_time(table, send, machine, at))
                    && taken.get(&send).is_none_or(|&by| by == machine)
                    && !own.contains(&send)
            };
            let left: Vec<SendAt> = candidates.iter().copied().filter(possible).collect();
            match left.as_slice() {
                [] => {}
                [one] => {
                    newest[one.0 as usize] = Some(one.1);
                    own.insert(*one);
                    *claim = Claim::One(*one, *evidence);
                    matched = true;
                }
                _ => *candidates = left,
            }
        }
    }
    matched
}

/// Beside each receive that is in doubt, for each sender the oldest of its sends that a later receive took.
fn oldest_ahead(table: &Table, claims: &[Claim]) -> Vec<Option<Vec<u32>>> {
    let mut oldest = vec![u32::MAX; table.machines()];
    let mut ahead = vec![None; claims.len()];
    for (at, claim) in claims.iter().enumerate().rev() {
        match claim {
            Claim::One(send, _) => oldest[send.0 as usize] = send.1,
            Claim::Many(..) => ahead[at] = Some(oldest.clone()),
            Claim::Maybe(_) | Claim::Open(_) | Claim::Missing => {}
        }
    }
    ahead
}

/// A send to someone that two machines claim to have received, by its clock alone: neither is certain.
fn dispute(table: &Table, claims: &mut [Vec<Claim>]) {
    let mut by: HashMap<SendAt, usize> = HashMap::new();
    let mut disputed: HashSet<SendAt> = HashSet::new();
    for (machine, claims) in claims.iter().enumerate() {
        for send in claims.iter().filter_map(certain) {
            if table.goes_to_someone(send) && *by.entry(send).or_insert(machine) != machine {
                disputed.insert(send);
            }
        }
    }
    for claim in claims.iter_mut().flatten() {
        if let Claim::One(send, evidence) = claim
            && *evidence > Evidence::SenderAndClock
            && disputed.contains(send)
        {
            *claim = Claim::Maybe(*send);
        }
    }
}

fn certain(claim: &Claim) -> Option<SendAt> {
    match claim {
        Claim::One(send, _) => Some(*send),
        _ => None,
    }
}

/// How many sends the receives in doubt that nothing else counted may have taken, at most.
pub(super) fn count(table: &Table, claims: &mut [Vec<Claim>]) {
    for (machine, claims) in claims.iter_mut().enumerate() {
        if !claims.contains(&Claim::Open(u32::MAX)) {
            continue;
        }
        let reach = |sender: usize| {
            let sends = 0..table.sends[sender].len() as u32;
            let reach = sends.filter(|&at| table.reaches((sender as u32, at), machine));
            reach.count() as u32
        };
        let reach: Vec<u32> = (0..table.machines()).map(reach).collect();
        for (at, claim) in claims.iter_mut().enumerate() {
            if *claim == Claim::Open(u32::MAX) {
                let from = table.receives[machine][at].from;
                *claim = Claim::Open(from.map_or_else(|| reach.iter().sum(), |from| reach[from]));
            }
        }
    }
}
