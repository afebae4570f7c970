//! Vector clocks that no brackets hold together: `1,0,3` or `1 0 3` between other numbers.
//!
//! Numbers side by side are one clock if they keep the law of vector clocks: none falls; the writer's own goes up with
//! every event; the others stay but where something is received; and different writers own different ones.
//!
//! **Invariant.** Numbers are joined only where the law was seen to hold; the rows of a shape stay as many.

mod join;
mod runs;

use std::collections::BTreeSet;

use super::meaning::Meaning;
use super::shape::Shape;
use super::table::Table;
use events::Kind;
pub(super) use join::{join, regex};
pub(super) use runs::Found;
use runs::runs;

/// Components at most.
const COMPONENTS_MAX: usize = 16;
/// Share of the events that must have such numbers, and of the pairs of neighbours that must keep the law.
const MOST: f64 = 0.95;
/// Pairs of neighbours from which the law is proved.
const PAIRS_MIN: f64 = 8.0;

/// Numbers of these shapes, side by side, that keep the law of vector clocks; the longest of several.
pub(super) fn find(shapes: &[Shape], meanings: &[Meaning]) -> Option<Found> {
    let runs: Vec<Vec<Vec<usize>>> = shapes
        .iter()
        .zip(meanings)
        .map(|(shape, meaning)| match meaning.kind() {
            Some(_) => runs(shape, meaning),
            None => Vec::new(),
        })
        .collect();
    let longest = runs.iter().flatten().map(Vec::len).max()?;
    let events = |is: &dyn Fn(usize) -> bool| {
        let of = (0..shapes.len()).filter(|&at| meanings[at].kind().is_some() && is(at));
        of.map(|at| shapes[at].rows.len()).sum::<usize>() as f64
    };
    let table = Table::new(shapes, meanings);
    (2..=longest.min(COMPONENTS_MAX))
        .rev()
        .find_map(|components| {
            let windows = |runs: &Vec<Vec<usize>>| -> Vec<usize> {
                let windows = runs.iter().flat_map(|run| run.windows(components));
                windows.map(|window| window[0]).collect()
            };
            let candidates: Vec<Vec<usize>> = runs.iter().map(windows).collect();
            if events(&|at| !candidates[at].is_empty()) < MOST * events(&|_| true) {
                return None;
            }
            let law = |first: &[Option<usize>]| Law::of(&table, meanings, first, components);
            // One shape alone changes nothing for the better: all begin at the same window, and then at the next.
            let most = candidates.iter().map(Vec::len).max().unwrap_or(0);
            let from = |window: usize| {
                let rotated = candidates.iter().map(|of| {
                    let at = window.min(of.len().saturating_sub(1));
                    [&of[at..], &of[..at]].concat()
                });
                table.ascend(&rotated.collect::<Vec<_>>(), |first| law(first).share())
            };
            let best = (0..most).map(from).find(|first| law(first).proved());
            best.map(|first| Found { first, components })
        })
}

/// How the pairs of neighbours keep the law.
#[derive(Debug, Default)]
struct Law {
    pairs: f64,
    kept: f64,
    /// Pairs in which something of another was learnt.
    learnt: f64,
    /// Pairs in which the writer's own went up by one, or not at all.
    single: f64,
    /// The component that each writer owns.
    own: BTreeSet<usize>,
    writers: usize,
    /// By component, how often it falls and how often it grows.
    steps: Vec<(u32, u32)>,
}

impl Law {
    fn of(
        table: &Table<'_>,
        meanings: &[Meaning],
        first: &[Option<usize>],
        components: usize,
    ) -> Law {
        let mut law = Law::default();
        for track in &table.tracks {
            let clock = |&(shape, row): &(usize, usize)| -> Option<(Kind, Vec<f64>)> {
                let first = first[shape]?;
                let numbers =
                    (first..first + components).map(|slot| table.number(shape, slot, row));
                Some((meanings[shape].kind()?, numbers.collect::<Option<_>>()?))
            };
            let clocks: Vec<(Kind, Vec<f64>)> = track.iter().filter_map(clock).collect();
            law.track(&clocks, components);
        }
        law
    }

    fn track(&mut self, clocks: &[(Kind, Vec<f64>)], components: usize) {
        let grown = |of: usize| {
            clocks
                .windows(2)
                .filter(|pair| pair[0].1[of] < pair[1].1[of])
                .count()
        };
        let Some(own) = (0..components).max_by_key(|&of| grown(of)) else {
            return;
        };
        if clocks.len() < 2 {
            return;
        }
        self.own.insert(own);
        self.writers += 1;
        self.steps.resize(components, (0, 0));
        for pair in clocks.windows(2) {
            let ((before_kind, before), (kind, after)) = (&pair[0], &pair[1]);
            let holds = before
                .iter()
                .zip(after)
                .all(|(before, after)| before <= after);
            let others = (0..components).filter(|&of| of != own);
            let learns = others.into_iter().any(|of| before[of] < after[of]);
            // What a receive brought may show on the event after it.
            let may_learn = *kind == Kind::Receive || *before_kind == Kind::Receive;
            // A send to all may be written once for each recipient.
            let twin = *kind == Kind::Send && *before_kind == Kind::Send && before == after;
            for ((falls, grows), (before, after)) in
                self.steps.iter_mut().zip(before.iter().zip(after))
            {
                *falls += u32::from(after < before);
                *grows += u32::from(after > before);
            }
            self.pairs += 1.0;
            self.learnt += f64::from(u8::from(learns));
            self.single += f64::from(u8::from(after[own] <= before[own] + 1.0));
            let keeps = holds && (before[own] < after[own] || twin) && (!learns || may_learn);
            self.kept += f64::from(u8::from(keeps));
        }
    }

    fn share(&self) -> f64 {
        if self.pairs > 0.0 {
            self.kept / self.pairs
        } else {
            0.0
        }
    }

    /// A Lamport clock beside a count keeps much of the law, too; but then all writers own the same component, or it leaps.
    fn proved(&self) -> bool {
        const SINGLE: f64 = 0.8;
        let components = self.steps.len();
        let owned = match self.writers {
            1 => components > 2,
            writers => self.own.len() >= components.min(writers),
        };
        // What never changes stands beside the clock.
        let goes_up = |&(falls, grows): &(u32, u32)| grows > 0 && falls * 10 <= grows;
        self.pairs >= PAIRS_MIN
            && self.share() >= MOST
            && self.single >= SINGLE * self.pairs
            && self.learnt > 0.0
            && owned
            && self.steps.iter().all(goes_up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{Record, SampleFile};
    use crate::{line_class, text};

    /// How many components are found in files of these lines.
    fn components(files: &[Vec<String>]) -> Option<usize> {
        let file = |(number, lines): (usize, &Vec<String>)| SampleFile {
            relative: format!("{number}.log"),
            records: (1..)
                .zip(lines)
                .map(|(line, text)| Record {
                    line,
                    text: text.clone(),
                })
                .collect(),
        };
        let files: Vec<SampleFile> = files.iter().enumerate().map(file).collect();
        let shapes = text::shapes(&files);
        Some(find(&shapes, &line_class::by_words(&shapes))?.components)
    }

    #[test]
    fn each_writer_owns_another_component() {
        let of = |own: usize| -> Vec<String> {
            let line = |step: usize| {
                let mut clock = [step / 3; 3];
                clock[own] = step;
                let what = if step.is_multiple_of(3) {
                    "received"
                } else {
                    "sent"
                };
                format!("{what} 7 {} {} {} 12", clock[0], clock[1], clock[2])
            };
            (1..40).map(line).collect()
        };
        assert_eq!(components(&[of(0), of(1), of(2)]), Some(3));
        assert_eq!(components(&[of(0), of(0), of(0)]), None);
    }

    #[test]
    fn a_clock_beside_a_growing_queue_is_no_vector() {
        let slow = (1..40).map(|step| format!("received {} {}", step * 5, step * 4));
        let fast = (1..40).map(|step| match step % 4 {
            0 => format!("received {} {}", step + 3, step / 30),
            _ => format!("sent {} {}", step + 3, step / 30),
        });
        assert_eq!(components(&[slow.collect(), fast.collect()]), None);
    }
}
