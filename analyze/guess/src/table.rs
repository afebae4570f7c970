//! The numbers of all events, in the order in which each machine wrote them.
//!
//! **Invariant.** A track holds the events of one machine of one file, in file order.

use super::meaning::{Meaning, Role};
use super::shape::Shape;
use events::Kind;

/// Places of a line that are tried for all shapes at once.
const PLACES: usize = 8;

/// The numbers of shapes that are events.
pub(super) struct Table<'a> {
    /// The shapes.
    pub(super) shapes: &'a [Shape],
    /// By shape, slot and row; `NaN` where there is no number.
    numbers: Vec<Vec<Vec<f64>>>,
    /// Events of each machine of each file: shape and row.
    pub(super) tracks: Vec<Vec<(usize, usize)>>,
}

/// How a series of values of one slot for each shape goes up.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Climb {
    /// Pairs of neighbours.
    pub(super) pairs: f64,
    /// Share of them that grow.
    pub(super) grow: f64,
    /// Share of them that do not fall.
    pub(super) hold: f64,
    /// Share of growth by one, where nothing is received.
    pub(super) by_one: f64,
    /// Share of growth by more than one, where nothing is received.
    pub(super) skips: f64,
    /// Share of growth by more than one, where something is received.
    pub(super) leaps: f64,
}

/// How a series of values goes up and down.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Steps {
    /// Share of the steps that do not fall by more than one.
    pub(super) gentle: f64,
    /// Share of the steps that go up or down; 0 if none goes down, or none up.
    pub(super) moves: f64,
}

impl<'a> Table<'a> {
    /// Of those shapes that are events.
    pub(super) fn new(shapes: &'a [Shape], meanings: &[Meaning]) -> Table<'a> {
        let mut rows = Vec::new();
        for (at, (shape, meaning)) in shapes.iter().zip(meanings).enumerate() {
            if meaning.kind().is_none() {
                continue;
            }
            let machine = meaning.slot(Role::Machine);
            for (row, of) in shape.rows.iter().enumerate() {
                let name = machine.map_or("", |slot| of.values[slot].as_str());
                rows.push(((of.file, name, of.line), (at, row)));
            }
        }
        rows.sort_unstable();
        let mut tracks: Vec<Vec<(usize, usize)>> = Vec::new();
        let mut last = None;
        for ((file, name, _), event) in rows {
            if last != Some((file, name)) {
                tracks.push(Vec::new());
                last = Some((file, name));
            }
            if let Some(track) = tracks.last_mut() {
                track.push(event);
            }
        }
        let numbers = shapes.iter().map(|shape| {
            let column = |slot| {
                (0..shape.rows.len())
                    .map(|row| shape.number(row, slot).unwrap_or(f64::NAN))
                    .collect()
            };
            (0..shape.slots.len()).map(column).collect()
        });
        Table {
            shapes,
            numbers: numbers.collect(),
            tracks,
        }
    }

    /// A number; `None` where there is none.
    pub(super) fn number(&self, shape: usize, slot: usize, row: usize) -> Option<f64> {
        Some(self.numbers[shape][slot][row]).filter(|number| !number.is_nan())
    }

    /// The numbers of a slot that are there.
    pub(super) fn column(&self, shape: usize, slot: usize) -> impl Iterator<Item = f64> {
        self.numbers[shape][slot]
            .iter()
            .copied()
            .filter(|number| !number.is_nan())
    }

    /// How the chosen slots, one of each shape or none, go up together; of one shape's rows alone if asked.
    pub(super) fn climb(
        &self,
        chosen: &[Option<usize>],
        meanings: &[Meaning],
        only: Option<usize>,
    ) -> Climb {
        let mut climb = Climb::default();
        let (mut own, mut receives) = (0.0, 0.0);
        for track in &self.tracks {
            let mut before = None;
            for &(shape, row) in track {
                let Some(value) = chosen[shape].and_then(|slot| self.number(shape, slot, row))
                else {
                    continue;
                };
                let Some(last) = before.replace(value) else {
                    continue;
                };
                if only.is_some_and(|only| only != shape) {
                    continue;
                }
                let share = |is: bool| f64::from(u8::from(is));
                climb.pairs += 1.0;
                climb.grow += share(value > last);
                climb.hold += share(value >= last);
                if meanings[shape].kind() == Some(Kind::Receive) {
                    receives += 1.0;
                    climb.leaps += share(value > last + 1.0);
                } else {
                    own += 1.0;
                    climb.by_one += share(value == last + 1.0);
                    climb.skips += share(value > last + 1.0);
                }
            }
        }
        let of = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        Climb {
            pairs: climb.pairs,
            grow: of(climb.grow, climb.pairs),
            hold: of(climb.hold, climb.pairs),
            by_one: of(climb.by_one, own),
            skips: of(climb.skips, own),
            leaps: of(climb.leaps, receives),
        }
    }

    /// How the chosen slots, one of each shape or none, go up and down together.
    pub(super) fn steps(&self, chosen: &[Option<usize>]) -> Steps {
        let (mut all, mut up, mut down, mut falls) = (0.0, 0.0, 0.0, 0.0);
        let share = |is: bool| f64::from(u8::from(is));
        for track in &self.tracks {
            let values = track
                .iter()
                .filter_map(|&(shape, row)| self.number(shape, chosen[shape]?, row));
            let values: Vec<f64> = values.collect();
            for pair in values.windows(2) {
                all += 1.0;
                up += share(pair[1] > pair[0]);
                down += share(pair[1] < pair[0]);
                falls += share(pair[1] < pair[0] - 1.0);
            }
        }
        let of = |part: f64| if all > 0.0 { part / all } else { 0.0 };
        Steps {
            gentle: 1.0 - of(falls),
            moves: if up > 0.0 && down > 0.0 {
                of(up + down)
            } else {
                0.0
            },
        }
    }

    /// Improves a choice of one slot for each shape, one shape at a time, until nothing gets better.
    pub(super) fn ascend(
        &self,
        candidates: &[Vec<usize>],
        score: impl Fn(&[Option<usize>]) -> f64,
    ) -> Vec<Option<usize>> {
        // Lines mostly say the same things at the same places: the best of these is the start, for one shape alone may be
        // no better with the right number while the others have a wrong one.
        let places = candidates.iter().map(Vec::len).max().unwrap_or(0);
        let at_place = |place: usize| -> Vec<Option<usize>> {
            let of = |slots: &Vec<usize>| slots.get(place.min(slots.len().max(1) - 1)).copied();
            candidates.iter().map(of).collect()
        };
        let mut chosen = at_place(0);
        let mut best = score(&chosen);
        for place in 1..places.min(PLACES) {
            let start = at_place(place);
            let now = score(&start);
            if now > best + 1e-9 {
                (best, chosen) = (now, start);
            }
        }
        for _ in 0..3 {
            let before = best;
            for shape in 0..candidates.len() {
                for &slot in &candidates[shape] {
                    let known = chosen[shape].replace(slot);
                    let now = score(&chosen);
                    if now > best + 1e-9 {
                        best = now;
                    } else {
                        chosen[shape] = known;
                    }
                }
            }
            if best <= before {
                break;
            }
        }
        chosen
    }
}
