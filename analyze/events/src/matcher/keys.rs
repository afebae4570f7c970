//! Candidates of each receive, by what identifies its message.
//!
//! ```text
//! message id                      → sends of that id
//! carried clock                   → sends of that stamp ┐ under the shifts that
//! clock after the receive, if the → sends of that stamp ┘ explain (nearly) all
//! message and nothing else set it
//! ```
//!
//! **Invariant.** A receive with one candidate is claimed for it only if no log that could hold another is missing.

use super::stamp::{self, NEARLY_ALL};
use super::table::{SendAt, Table};
use crate::clock::Clock;
use crate::matching::{Evidence, Match};

/// More candidates than this are counted, not kept.
const CANDIDATES_MAX: usize = 16;
/// Shifts that are tried, see [`crate::matching::SentStamp`].
const SHIFTS: [i64; 3] = [0, 1, -1];
/// Receives, at least and as a share, by which a shift must explain fewer than the best before it is ruled out.
const WORSE_MIN: (usize, f64) = (3, 0.1);
/// Share of receives without any send beyond which there must be a sender whose log is not there.
const UNSEEN_MIN: f64 = 0.02;

/// What is known of the message of a receive.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Claim {
    /// This send.
    One(SendAt, Evidence),
    /// One of these; at least two.
    Many(Vec<SendAt>, Evidence),
    /// This send, or one that no log shows, or one that another receive took.
    Maybe(SendAt),
    /// Nothing but order decides; this number of sends could be it.
    Open(u32),
    /// None.
    Missing,
}

impl Claim {
    pub(super) fn to_match(&self, table: &Table) -> Match {
        match self {
            Claim::One(send, _) => Match::Sent {
                machine: send.0 as usize,
                event: table.send(*send).row,
            },
            Claim::Many(candidates, _) => Match::Ambiguous {
                candidates: candidates.len() as u32,
            },
            Claim::Maybe(_) => Match::Ambiguous { candidates: 1 },
            Claim::Open(0) | Claim::Missing => Match::Missing,
            Claim::Open(candidates) => Match::Ambiguous {
                candidates: *candidates,
            },
        }
    }
}

/// Sends by key.
struct Index<K>(Vec<(K, SendAt)>);

impl<K: Ord + Copy> Index<K> {
    fn new(table: &Table, key: impl Fn(SendAt) -> Option<K>) -> Index<K> {
        let mut entries = Vec::new();
        for (machine, sends) in table.sends.iter().enumerate() {
            let places = (0..sends.len()).map(|at| (machine as u32, at as u32));
            entries.extend(places.filter_map(|at| Some((key(at)?, at))));
        }
        entries.sort_unstable();
        Index(entries)
    }

    fn find(&self, key: K) -> impl Iterator<Item = SendAt> + '_ {
        let start = self.0.partition_point(|entry| entry.0 < key);
        let same = self.0[start..]
            .iter()
            .take_while(move |entry| entry.0 == key);
        same.map(|entry| entry.1)
    }
}

/// What receives show of their messages' stamps.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// The clock that the message carried.
    Carried,
    /// The clock after the receive.
    Merged,
}

/// How stamps are read: the shifts that explain what receives show, each with its index; none if no shift does.
struct Reading {
    shown: Shown,
    shifts: Vec<(i64, Index<u64>)>,
    /// Share of the receives without any send.
    missing: f64,
}

/// The claims of each machine's receives, by keys alone; and the shift of the stamps that receives name, if one is clear.
pub(super) fn claims(table: &Table) -> (Vec<Vec<Claim>>, Option<i64>) {
    let ids = ids(table);
    let carried = Reading::infer(table, Shown::Carried);
    let merged = Reading::infer(table, Shown::Merged);
    let shift = match carried.shifts.as_slice() {
        [(shift, _)] if !table.sends_are_told() => Some(*shift),
        _ => None,
    };
    let claims = table
        .receives
        .iter()
        .enumerate()
        .map(|(machine, receives)| {
            let one = |at| claim(table, ids.as_ref(), &[&carried, &merged], machine, at);
            (0..receives.len()).map(one).collect()
        });
    (claims.collect(), shift)
}

fn claim(
    table: &Table,
    ids: Option<&Index<&str>>,
    readings: &[&Reading],
    machine: usize,
    at: usize,
) -> Claim {
    let receive = &table.receives[machine][at];
    let (rows, row) = table.receive_row(machine, at);
    if let (Some(ids), Some(id)) = (ids, rows.message(row)) {
        let candidates = ids.find(id).filter(|&send| fits(table, send, machine, at));
        return choose(candidates.collect(), Evidence::Message);
    }
    for reading in readings {
        if reading.shifts.is_empty() || !reading.shows(table, machine, at) {
            continue;
        }
        let evidence = match (reading.shown, receive.from) {
            (Shown::Carried, Some(_)) => Evidence::SenderAndClock,
            (Shown::Carried, None) => Evidence::Clock,
            (Shown::Merged, _) => Evidence::Merge,
        };
        let claim = choose(reading.all_candidates(table, machine, at), evidence);
        return match claim {
            Claim::One(send, _)
                if receive.from.is_none() && reading.may_be_unseen(table, machine, at) =>
            {
                Claim::Maybe(send)
            }
            claim => claim,
        };
    }
    Claim::Open(u32::MAX)
}

fn choose(candidates: Vec<SendAt>, evidence: Evidence) -> Claim {
    match candidates.as_slice() {
        [] => Claim::Missing,
        [one] => Claim::One(*one, evidence),
        many if many.len() > CANDIDATES_MAX => Claim::Open(many.len() as u32),
        _ => Claim::Many(candidates, evidence),
    }
}

/// Whether names allow that a receive took the message of a send.
fn fits(table: &Table, send: SendAt, machine: usize, at: usize) -> bool {
    let from = table.receives[machine][at].from;
    from.is_none_or(|from| from == send.0 as usize) && table.reaches(send, machine)
}

/// Ids of messages, if sends and receives name the same.
fn ids<'a>(table: &Table<'a>) -> Option<Index<&'a str>> {
    let index = Index::new(table, |at| {
        let (rows, row) = table.send_row(at);
        rows.message(row)
    });
    let (mut named, mut found) = (0usize, 0usize);
    for (machine, receives) in table.receives.iter().enumerate() {
        for at in 0..receives.len() {
            let (rows, row) = table.receive_row(machine, at);
            if let Some(id) = rows.message(row) {
                named += 1;
                found += usize::from(index.find(id).next().is_some());
            }
        }
    }
    (found * 2 > named).then_some(index)
}

impl Reading {
    /// Tries all shifts, and keeps those that explain about as many receives as the best.
    fn infer(table: &Table, shown: Shown) -> Reading {
        let places = table.receives.iter().enumerate();
        let places =
            places.flat_map(|(machine, receives)| (0..receives.len()).map(move |at| (machine, at)));
        let mut reading = Reading {
            shown,
            shifts: Vec::new(),
            missing: 0.0,
        };
        let places: Vec<(usize, usize)> = places
            .filter(|&(machine, at)| reading.shows(table, machine, at))
            .collect();
        if places.is_empty() {
            return reading;
        }
        let mut tried: Vec<(usize, i64, Index<u64>)> = Vec::new();
        // What the lines of the sends say leaves no shift open.
        let is_settled = shown == Shown::Carried && table.sends_are_told();
        let shifts = if is_settled { &SHIFTS[..1] } else { &SHIFTS };
        for &shift in shifts {
            let index = reading.index(table, shift);
            let hit = |&&(machine, at): &&(usize, usize)| {
                reading
                    .candidates(table, (shift, &index), machine, at)
                    .next()
                    .is_some()
            };
            tried.push((places.iter().filter(hit).count(), shift, index));
        }
        tried.sort_by_key(|&(hits, shift, _)| (std::cmp::Reverse(hits), shift.abs()));
        let best = tried[0].0;
        let worse = WORSE_MIN
            .0
            .max((WORSE_MIN.1 * places.len() as f64) as usize);
        let rivals = tried
            .iter()
            .filter(|(hits, ..)| best - hits < worse)
            .count();
        let next = tried.get(rivals).map_or(0, |tried| tried.0);
        let explains = best as f64 >= NEARLY_ALL * places.len() as f64;
        if !explains && (rivals > 1 || best < 2 * next) {
            return reading;
        }
        reading.missing = 1.0 - best as f64 / places.len() as f64;
        reading.shifts = tried
            .into_iter()
            .take(rivals)
            .map(|(_, shift, index)| (shift, index))
            .collect();
        reading
    }

    /// Whether a receive shows a stamp. One whose message only confirmed what the machine knew shows none by its clock.
    fn shows(&self, table: &Table, machine: usize, at: usize) -> bool {
        let (rows, row) = table.receive_row(machine, at);
        let is_carried = rows.carried(row).is_some();
        match self.shown {
            Shown::Carried => is_carried,
            Shown::Merged => {
                !is_carried
                    && stamp::around(table, machine, row)
                        .is_some_and(|(before, after)| stamp::has_jumped(&before, &after, machine))
            }
        }
    }

    /// Sends by what receives show: the whole stamp, or of a vector that was merged the sender's component.
    fn index(&self, table: &Table, shift: i64) -> Index<u64> {
        Index::new(table, |at| {
            let stamp = match self.shown {
                Shown::Carried => stamp::of_send(table, at, shift)?,
                Shown::Merged => stamp::merged(table, at, shift)?,
            };
            match (self.shown, &stamp) {
                (Shown::Merged, Clock::Vector(components)) => {
                    let own = components.get(at.0 as usize)?;
                    Some(stamp::component_key(at.0 as usize, *own))
                }
                _ => Some(stamp::key(&stamp)),
            }
        })
    }

    fn all_candidates(&self, table: &Table, machine: usize, at: usize) -> Vec<SendAt> {
        let each = self.shifts.iter();
        let each =
            each.flat_map(|(shift, index)| self.candidates(table, (*shift, index), machine, at));
        let mut all: Vec<SendAt> = each.collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn candidates<'t>(
        &self,
        table: &'t Table,
        (shift, index): (i64, &'t Index<u64>),
        machine: usize,
        at: usize,
    ) -> impl Iterator<Item = SendAt> + use<'t> {
        let (rows, row) = table.receive_row(machine, at);
        let found: Vec<SendAt> = match self.shown {
            Shown::Carried => {
                let carried = rows.carried(row);
                let same = |send: &SendAt| stamp::of_send(table, *send, shift) == carried;
                let key = carried.as_ref().map(stamp::key);
                key.into_iter()
                    .flat_map(|key| index.find(key))
                    .filter(same)
                    .collect()
            }
            Shown::Merged => {
                let around = stamp::around(table, machine, row);
                let around = around.as_ref();
                let keys = around.map_or_else(Vec::new, |(before, after)| {
                    stamp::merged_keys(before, after, machine)
                });
                let agrees = |send: &SendAt| {
                    let stamp = stamp::merged(table, *send, shift);
                    stamp.zip(around).is_some_and(|(stamp, (before, after))| {
                        stamp::merges(before, &stamp, after, machine)
                    })
                };
                keys.into_iter()
                    .flat_map(|key| index.find(key))
                    .filter(agrees)
                    .collect()
            }
        };
        found
            .into_iter()
            .filter(move |&send| fits(table, send, machine, at))
    }

    /// Whether a send that no log shows may explain a receive as well.
    fn may_be_unseen(&self, table: &Table, machine: usize, at: usize) -> bool {
        self.missing > UNSEEN_MIN || table.may_hide_a_sender(machine, at)
    }
}
