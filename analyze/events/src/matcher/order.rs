//! What the order of messages in their channels decides.
//!
//! A recipient takes the messages of each channel in the order of sending, and skips none that was sent to it for
//! certain. So its receives are a path through how many messages of each channel were taken; keys, names, times and the
//! clock condition forbid steps. A receive that takes the same message on every path is matched.
//!
//! ```text
//! forwards: where a path can be after each receive ─→ one place only: ─→ backwards: which steps lead there
//! ```
//!
//! **Invariant.** Paths are never dropped: where they are too many, their receives stay ambiguous.

use std::collections::BTreeSet;

use super::keys::Claim;
use super::narrow::{self, Facts};
use super::stamp;
use super::table::{SendAt, Table};
use crate::clock::Clock;
use crate::matching::Evidence;

/// Places a path may be at after one receive.
const PLACES_MAX: usize = 256;
/// Channels into one recipient whose receives do not name their senders.
const CHANNELS_MAX: usize = 8;
/// Messages to someone that may lie between two receives of a channel.
const SKIPS_MAX: usize = 64;

/// How many messages of each channel were taken or skipped.
type Place = Vec<u32>;

/// A receive that the paths decide.
enum Found {
    One(SendAt),
    Several(u32),
}

/// Matches what order decides; says whether a receive was matched by it.
pub(super) fn order(table: &Table, facts: &Facts, claims: &mut [Vec<Claim>]) -> bool {
    let taken = narrow::taken(table, claims);
    let slack = clock_slack(table, claims);
    let mut matched = false;
    for (machine, claims) in claims.iter_mut().enumerate() {
        if !claims.iter().any(is_in_doubt) {
            continue;
        }
        let channel = |sender: usize| -> Vec<SendAt> {
            let sends = 0..table.sends[sender].len() as u32;
            let sends = sends.map(|at| (sender as u32, at));
            let open = |send: &SendAt| {
                table.reaches(*send, machine) && taken.get(send).is_none_or(|&by| by == machine)
            };
            sends.filter(open).collect()
        };
        let lattice = |channels: Vec<Vec<SendAt>>| Lattice {
            table,
            facts,
            slack,
            machine,
            claims,
            channels,
        };
        let mut found = Vec::new();
        for receives in parts(table, machine, claims) {
            let senders: Vec<usize> = match receives.sender {
                Some(sender) => vec![sender],
                None => (0..table.machines())
                    .filter(|&sender| sender != machine)
                    .collect(),
            };
            let channels: Vec<Vec<SendAt>> = senders.into_iter().map(channel).collect();
            let channels: Vec<Vec<SendAt>> = channels
                .into_iter()
                .filter(|sends| !sends.is_empty())
                .collect();
            if channels.len() <= CHANNELS_MAX {
                found.extend(lattice(channels).run(&receives.receives));
            }
        }
        for (at, found) in found {
            matched |= settle(&mut claims[at], &found);
        }
    }
    matched
}

fn settle(claim: &mut Claim, found: &Found) -> bool {
    match (&claim, found) {
        (Claim::Many(..) | Claim::Open(_), Found::One(send)) => {
            *claim = Claim::One(*send, Evidence::ChannelOrder);
            true
        }
        (Claim::Open(_), Found::Several(candidates)) => {
            *claim = Claim::Open(*candidates);
            false
        }
        _ => false,
    }
}

fn is_in_doubt(claim: &Claim) -> bool {
    matches!(claim, Claim::Many(..) | Claim::Open(_))
}

/// Receives whose order is decided together.
struct Part {
    /// Their sender, if each names it or was matched with it.
    sender: Option<usize>,
    /// Positions among the machine's receives.
    receives: Vec<usize>,
}

/// The receives of a machine, by sender if all senders are known. Receives without a send, or of a message that was
/// received before, take no part; where a send may be one that no log shows, order says nothing.
fn parts(table: &Table, machine: usize, claims: &[Claim]) -> Vec<Part> {
    let mut seen = BTreeSet::new();
    let mut kept = Vec::with_capacity(claims.len());
    for (at, claim) in claims.iter().enumerate() {
        let sender = match claim {
            Claim::Missing => continue,
            Claim::One(send, _) if !seen.insert(*send) => continue,
            Claim::One(send, _) | Claim::Maybe(send) => Some(send.0 as usize),
            Claim::Many(candidates, _) => {
                let sender = candidates[0].0;
                let same = candidates.iter().all(|send| send.0 == sender);
                same.then_some(sender as usize)
            }
            Claim::Open(_) => None,
        };
        kept.push((at, sender.or(table.receives[machine][at].from)));
    }
    if kept.iter().all(|(_, sender)| sender.is_some()) {
        let senders: BTreeSet<usize> = kept.iter().filter_map(|kept| kept.1).collect();
        let of = |sender| {
            kept.iter()
                .filter(move |kept| kept.1 == Some(sender))
                .map(|kept| kept.0)
        };
        let part = |sender| Part {
            sender: Some(sender),
            receives: of(sender).collect(),
        };
        let parts = senders.into_iter().map(part);
        return parts
            .filter(|part| part.receives.iter().any(|&at| is_in_doubt(&claims[at])))
            .collect();
    }
    if claims.iter().any(|claim| matches!(claim, Claim::Maybe(_))) {
        return Vec::new();
    }
    vec![Part {
        sender: None,
        receives: kept.into_iter().map(|kept| kept.0).collect(),
    }]
}

/// By how much, of all matches by keys, a receive's clock exceeds that of its send at least; none if one does not.
fn clock_slack(table: &Table, claims: &[Vec<Claim>]) -> Option<i64> {
    let mut slack = Some(1);
    for (machine, claims) in claims.iter().enumerate() {
        for (at, claim) in claims.iter().enumerate() {
            let Claim::One(send, _) = claim else { continue };
            if let Some(excess) = excess(table, *send, machine, at) {
                slack = slack
                    .filter(|_| excess >= 0)
                    .map(|slack: i64| slack.min(excess));
            }
        }
    }
    slack
}

/// By how much the Lamport clock of a receive exceeds that of a send.
fn excess(table: &Table, send: SendAt, machine: usize, at: usize) -> Option<i64> {
    let (_, row) = table.receive_row(machine, at);
    let (rows, sent) = table.send_row(send);
    match (stamp::around(table, machine, row)?.1, rows.clock(sent)?) {
        (Clock::Lamport(after), Clock::Lamport(sent)) => Some(after.saturating_sub(sent)),
        _ => None,
    }
}

struct Lattice<'a, 't> {
    table: &'a Table<'t>,
    facts: &'a Facts,
    slack: Option<i64>,
    machine: usize,
    claims: &'a [Claim],
    /// For each channel, its messages in the order of sending.
    channels: Vec<Vec<SendAt>>,
}

impl Lattice<'_, '_> {
    /// What the paths through these receives decide.
    fn run(&self, receives: &[usize]) -> Vec<(usize, Found)> {
        let mut found = Vec::new();
        let mut passed: Vec<(usize, Vec<Place>)> = Vec::new();
        let mut places = vec![vec![0; self.channels.len()]];
        let mut next = 0;
        while let Some(&at) = receives.get(next) {
            let onward = self.onward(&places, at);
            match onward {
                Some(onward) if !onward.is_empty() => {
                    passed.push((at, std::mem::replace(&mut places, onward)));
                    next += 1;
                    if places.len() == 1 {
                        self.look_back(&mut passed, &places, &mut found);
                    }
                }
                Some(_) if self.is_exhausted(&places, at) => break,
                _ => {
                    passed.clear();
                    let Some((resumed, place)) = self.resume(&receives[next..]) else {
                        return found;
                    };
                    next += resumed + 1;
                    places = vec![place];
                }
            }
        }
        self.look_back(&mut passed, &places, &mut found);
        found
    }

    /// Where paths can be after a receive; none if at too many places.
    fn onward(&self, places: &[Place], at: usize) -> Option<Vec<Place>> {
        let mut onward = BTreeSet::new();
        for place in places {
            for (channel, position) in self.steps(place, at)? {
                let mut place = place.clone();
                place[channel] = position + 1;
                onward.insert(place);
            }
            if onward.len() > PLACES_MAX {
                return None;
            }
        }
        Some(onward.into_iter().collect())
    }

    /// The messages that a receive can take at a place: `(channel, position)`; none if there are too many to look at.
    fn steps(&self, place: &Place, at: usize) -> Option<Vec<(usize, u32)>> {
        let mut steps = Vec::new();
        for (channel, sends) in self.channels.iter().enumerate() {
            let start = place[channel] as usize;
            for (position, &send) in sends.iter().enumerate().skip(start) {
                if position - start > SKIPS_MAX {
                    return None;
                }
                if self.allows(send, at) {
                    steps.push((channel, position as u32));
                }
                if self.table.must_reach(send, self.machine) {
                    break;
                }
            }
        }
        Some(steps)
    }

    fn allows(&self, send: SendAt, at: usize) -> bool {
        match &self.claims[at] {
            Claim::One(one, _) | Claim::Maybe(one) => *one == send,
            Claim::Many(candidates, _) => candidates.contains(&send),
            Claim::Missing => false,
            Claim::Open(_) => {
                let from = self.table.receives[self.machine][at].from;
                let excess = || excess(self.table, send, self.machine, at);
                from.is_none_or(|from| from == send.0 as usize)
                    && (!self.facts.time || narrow::in_time(self.table, send, self.machine, at))
                    && self
                        .slack
                        .is_none_or(|slack| excess().is_none_or(|excess| excess >= slack))
            }
        }
    }

    /// Whether a receive may have taken a message beyond the end of its sender's log.
    fn is_exhausted(&self, places: &[Place], at: usize) -> bool {
        let open = matches!(self.claims[at], Claim::Open(_));
        let ended = |place: &Place| {
            let mut channels = place.iter().zip(&self.channels);
            channels.any(|(&taken, sends)| taken as usize == sends.len())
        };
        open && places.iter().any(ended)
    }

    /// The first receive at which the place is known again, and the place behind it: with a single channel, the next
    /// that was matched by keys.
    fn resume(&self, receives: &[usize]) -> Option<(usize, Place)> {
        let [sends] = self.channels.as_slice() else {
            return None;
        };
        receives.iter().enumerate().find_map(|(ahead, &at)| {
            let Claim::One(send, _) = &self.claims[at] else {
                return None;
            };
            let position = sends.binary_search(send).ok()?;
            Some((ahead, vec![position as u32 + 1]))
        })
    }

    /// Walks back from where the paths are: what each receive passed took, on paths that lead here.
    fn look_back(
        &self,
        passed: &mut Vec<(usize, Vec<Place>)>,
        end: &[Place],
        found: &mut Vec<(usize, Found)>,
    ) {
        let mut alive: BTreeSet<Place> = end.iter().cloned().collect();
        for (at, places) in passed.drain(..).rev() {
            let mut before = BTreeSet::new();
            let mut took = BTreeSet::new();
            for place in places {
                for (channel, position) in self.steps(&place, at).unwrap_or_default() {
                    let mut onward = place.clone();
                    onward[channel] = position + 1;
                    if alive.contains(&onward) {
                        took.insert(self.channels[channel][position as usize]);
                        before.insert(place.clone());
                    }
                }
            }
            let one = took.first().copied().filter(|_| took.len() == 1);
            found.push((
                at,
                one.map_or(Found::Several(took.len() as u32), Found::One),
            ));
            alive = before;
        }
    }
}
