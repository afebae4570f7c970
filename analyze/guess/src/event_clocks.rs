//! The clocks of all events: which leap, and whose clocks they met.
//!
//! **Invariant.** Machines of one trial alone meet.

use std::collections::{BTreeMap, BTreeSet};

use super::meaning::{Meaning, Role};
use super::shape::Shape;
use super::table::Table;
use events::Kind;

/// Leaps from which the lines of a log prove who sends.
const LEAPS_MIN: usize = 10;
/// Share of the leaps that senders must explain.
const EXPLAINED: f64 = 0.95;
/// Share of a clock's steps that must leap, of lines that receive.
const LEAPING: f64 = 0.03;

/// The clocks of all events.
pub(super) struct EventClocks {
    /// Events of each machine of each trial.
    tracks: Vec<Track>,
}

/// A trial, and how often a clock of its file began anew before.
type Trial = (usize, usize);

/// A clock of a trial.
type Moment = (Trial, i64);

struct Track {
    trial: Trial,
    /// Shape and clock of each event.
    events: Vec<(usize, i64)>,
}

/// Lines that send.
pub(super) struct Senders {
    /// By shape: share of its received events that two machines receive.
    pub(super) reach: BTreeMap<usize, f64>,
    /// Share of the events that do not receive that these are; the less, the more it proves.
    pub(super) share: f64,
}

impl EventClocks {
    /// Of all shapes that are events and have a clock.
    pub(super) fn new(shapes: &[Shape], meanings: &[Meaning], trials: &[usize]) -> EventClocks {
        let table = Table::new(shapes, meanings);
        let mut tracks: Vec<Track> = Vec::new();
        for track in &table.tracks {
            let Some(&(shape, row)) = track.first() else {
                continue;
            };
            let file = shapes[shape].rows[row].file;
            let trial = trials.get(file).copied().unwrap_or(file);
            let mut part = Track {
                trial: (trial, 0),
                events: Vec::new(),
            };
            for &(shape, row) in track {
                let slot = meanings[shape].slot(Role::Clock);
                let Some(clock) = slot.and_then(|slot| table.number(shape, slot, row)) else {
                    continue;
                };
                let clock = clock as i64;
                let anew = part
                    .events
                    .last()
                    .is_some_and(|&(_, last)| clock < last / 2 - 1);
                if anew {
                    let trial = (part.trial.0, part.trial.1 + 1);
                    tracks.push(std::mem::replace(
                        &mut part,
                        Track {
                            trial,
                            events: Vec::new(),
                        },
                    ));
                }
                part.events.push((shape, clock));
            }
            tracks.push(part);
        }
        EventClocks { tracks }
    }

    /// Events whose clock goes up by more than one: track, shape, clock.
    fn leaps(&self) -> impl Iterator<Item = (usize, usize, i64)> {
        let pairs = self.tracks.iter().enumerate().flat_map(|(track, of)| {
            of.events
                .windows(2)
                .map(move |pair| (track, pair[0], pair[1]))
        });
        pairs
            .filter(|(_, (_, before), (_, after))| *after > before.saturating_add(1))
            .map(|(track, _, (shape, clock))| (track, shape, clock))
    }

    /// By shape: steps of the clock to its events, and how many leap.
    pub(super) fn steps(&self) -> BTreeMap<usize, (usize, usize)> {
        let mut steps: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for pair in self.tracks.iter().flat_map(|track| track.events.windows(2)) {
            let of = steps.entry(pair[1].0).or_default();
            of.0 += 1;
            of.1 += usize::from(pair[1].1 > pair[0].1 + 1);
        }
        steps
    }

    /// Of the open shapes those that receive: their clock leaps, and that of other events does not.
    pub(super) fn receives(&self, open: &[usize], meanings: &[Meaning]) -> BTreeSet<usize> {
        let steps = self.steps();
        let leaps = |at: &usize| {
            let (all, leaps) = steps.get(at).copied().unwrap_or_default();
            leaps >= 2 && leaps as f64 >= LEAPING * all as f64
        };
        let found: BTreeSet<usize> = open.iter().copied().filter(leaps).collect();
        // A clock that leaps on all lines says nothing of receives.
        let others = steps
            .keys()
            .any(|at| !found.contains(at) && meanings[*at].kind() != Some(Kind::Receive));
        if others { found } else { BTreeSet::new() }
    }

    /// Which of the lines that do not receive send: the fewest that have the clocks which receives met; `None` if the
    /// clocks do not prove it.
    pub(super) fn senders(&self, meanings: &[Meaning]) -> Option<Senders> {
        let receives = |shape: usize| meanings[shape].kind() == Some(Kind::Receive);
        // A merge adds one; some forget to, or stamp messages before they count the send.
        let found = [1, 0, 2]
            .into_iter()
            .filter_map(|ahead| self.senders_at(ahead, &receives));
        let best = found.min_by(|a, b| a.share.total_cmp(&b.share))?;
        (best.share <= 0.6).then_some(best)
    }

    /// Who sends, if clocks of receives are so far ahead of the message's.
    fn senders_at(&self, ahead: i64, receives: &dyn Fn(usize) -> bool) -> Option<Senders> {
        let mut sources: BTreeMap<Moment, Vec<(usize, usize)>> = BTreeMap::new();
        let mut lines: BTreeMap<usize, usize> = BTreeMap::new();
        for (track, of) in self.tracks.iter().enumerate() {
            for &(shape, clock) in of.events.iter().filter(|(shape, _)| !receives(*shape)) {
                let at = sources.entry((of.trial, clock)).or_default();
                at.push((track, shape));
                *lines.entry(shape).or_default() += 1;
            }
        }
        // The shapes that each leap may have met, and the machines that may have received an event.
        let mut met: Vec<BTreeSet<usize>> = Vec::new();
        let mut readers: BTreeMap<(usize, i64), BTreeSet<usize>> = BTreeMap::new();
        for (track, _, clock) in self.leaps().filter(|(_, shape, _)| receives(*shape)) {
            let sent = clock.saturating_sub(ahead);
            let of = sources.get(&(self.tracks[track].trial, sent));
            let others = of
                .into_iter()
                .flatten()
                .filter(|(other, _)| *other != track);
            met.push(others.clone().map(|&(_, shape)| shape).collect());
            for &(other, _) in others {
                readers.entry((other, sent)).or_default().insert(track);
            }
        }
        if met.len() < LEAPS_MIN {
            return None;
        }
        let chosen = cover(&met, &lines)?;
        let all: usize = lines.values().sum();
        let share = chosen.iter().map(|at| lines[at]).sum::<usize>() as f64 / all.max(1) as f64;
        let reach = chosen.into_iter().map(|at| (at, self.reach(at, &readers)));
        Some(Senders {
            reach: reach.collect(),
            share,
        })
    }

    /// Of the events of a shape that somebody received, the share that two machines did.
    fn reach(&self, at: usize, readers: &BTreeMap<(usize, i64), BTreeSet<usize>>) -> f64 {
        let (mut once, mut twice) = (0_usize, 0_usize);
        for (track, of) in self.tracks.iter().enumerate() {
            for &(_, clock) in of.events.iter().filter(|(shape, _)| *shape == at) {
                let readers = readers.get(&(track, clock)).map_or(0, BTreeSet::len);
                once += usize::from(readers > 0);
                twice += usize::from(readers > 1);
            }
        }
        twice as f64 / once.max(1) as f64
    }
}

/// The fewest lines that explain nearly all leaps, one shape after another by how much a line of it explains.
fn cover(met: &[BTreeSet<usize>], lines: &BTreeMap<usize, usize>) -> Option<BTreeSet<usize>> {
    let mut chosen: BTreeSet<usize> = BTreeSet::new();
    loop {
        let open: Vec<_> = met
            .iter()
            .filter(|leap| leap.is_disjoint(&chosen))
            .collect();
        if open.len() as f64 <= (1.0 - EXPLAINED) * met.len() as f64 {
            return Some(chosen);
        }
        let gain = |at: usize| {
            let explained = open.iter().filter(|leap| leap.contains(&at)).count();
            explained as f64 / lines[&at] as f64
        };
        let rest = lines.keys().copied().filter(|at| !chosen.contains(at));
        let (best, at) = rest
            .map(|at| (gain(at), at))
            .max_by(|a, b| a.0.total_cmp(&b.0))?;
        if best <= 0.0 {
            return None;
        }
        chosen.insert(at);
    }
}
