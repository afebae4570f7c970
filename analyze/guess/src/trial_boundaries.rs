//! Trials one after another in a file: a program that appends to its log begins anew each time it is started.
//!
//! A clock that falls back shows it. A line that stands at every such fall, and nowhere else among the events, begins a
//! trial; where there is none the fall itself does.
//!
//! **Invariant.** A rule begins a trial only where clocks were seen to begin anew.

use std::collections::BTreeMap;

use super::answer::Doubt;
use super::meaning::{Meaning, Role, Standing};
use super::shape::Shape;
use super::table::Table;
use formats::spec::NewTrial;

/// Falls of a clock are restarts as long as at least so many events stand between them, on the average.
const EVENTS_MIN: usize = 8;

/// The events of one machine in one file: line and clock.
struct Track<'a> {
    file: usize,
    machine: Option<&'a str>,
    clocks: Vec<(u32, f64)>,
}

impl Track<'_> {
    /// Where the clock falls: the line before and the line after.
    fn falls(&self) -> impl Iterator<Item = (u32, u32)> {
        let pairs = self.clocks.windows(2);
        let falls = pairs.filter(|pair| NewTrial::falls(pair[0].1, pair[1].1));
        falls.map(|pair| (pair[0].0, pair[1].0))
    }

    /// The clocks on both sides of a line.
    fn around(&self, line: u32) -> (Option<f64>, Option<f64>) {
        let after = self.clocks.partition_point(|&(of, _)| of < line);
        let before = after.checked_sub(1).map(|at| self.clocks[at].1);
        (before, self.clocks.get(after).map(|&(_, clock)| clock))
    }
}

/// Marks the line that begins another trial; or tells that the fall of a clock does.
pub(super) fn find(
    shapes: &[Shape],
    meanings: &mut [Meaning],
    doubts: &mut Vec<Doubt>,
) -> Option<NewTrial> {
    let tracks = tracks(shapes, meanings);
    let falls: usize = tracks.iter().map(|track| track.falls().count()).sum();
    let events: usize = tracks.iter().map(|track| track.clocks.len()).sum();
    let falling = tracks.iter().filter(|track| track.falls().next().is_some());
    let told = meanings.iter().any(|meaning| {
        meaning.slot(Role::Trial).is_some()
            || meaning.standing == Standing::Header { begins_trial: true }
    });
    let alike = falling.count() * 2 > tracks.len();
    if falls == 0 || told || !alike || events < EVENTS_MIN * falls {
        return None;
    }
    let counts: Vec<usize> = tracks.iter().map(|track| track.falls().count()).collect();
    let first = shapes
        .iter()
        .zip(&*meanings)
        .find(|(_, meaning)| meaning.kind().is_some());
    let evidence = first
        .map(|(shape, _)| super::shape::example(shape))
        .unwrap_or_default();
    let mut doubt = |why: String, evidence: String| {
        doubts.push(Doubt {
            what: "trials".to_owned(),
            why,
            evidence,
        });
    };
    if counts.iter().any(|&count| count != counts[0]) {
        doubt("machines were not started equally often: their first starts were taken for one trial, their second for another, which is wrong if one was started for nothing".to_owned(), evidence.clone());
    }
    let line = beginning(shapes, meanings, &tracks);
    let Some(at) = line else {
        doubt(
            format!(
                "clocks begin anew {falls} times within files: other trials were taken to begin there"
            ),
            evidence,
        );
        return Some(NewTrial::ClockFalls);
    };
    if !matches!(meanings[at].standing, Standing::Header { .. }) {
        meanings[at].roles.fill(Role::None);
    }
    meanings[at].standing = Standing::Header { begins_trial: true };
    doubt(
        "clocks begin anew after such lines: another trial was taken to begin with each".to_owned(),
        super::shape::example(&shapes[at]),
    );
    None
}

fn tracks<'a>(shapes: &'a [Shape], meanings: &[Meaning]) -> Vec<Track<'a>> {
    let table = Table::new(shapes, meanings);
    let track = |events: &Vec<(usize, usize)>| {
        let &(shape, row) = events.first()?;
        let machine = meanings[shape].slot(Role::Machine);
        let clock = |&(shape, row): &(usize, usize)| {
            let number = table.number(shape, meanings[shape].slot(Role::Clock)?, row)?;
            Some((shapes[shape].rows[row].line, number))
        };
        Some(Track {
            file: shapes[shape].rows[row].file,
            machine: machine.map(|slot| shapes[shape].rows[row].values[slot].as_str()),
            clocks: events.iter().filter_map(clock).collect(),
        })
    };
    table.tracks.iter().filter_map(track).collect()
}

/// The shape whose lines stand at every fall of a clock and, among events, nowhere else; one that states facts before
/// others, and the first of several.
fn beginning(shapes: &[Shape], meanings: &[Meaning], tracks: &[Track<'_>]) -> Option<usize> {
    let candidates = (0..shapes.len())
        .filter(|&at| meanings[at].kind().is_none() && fits(&shapes[at], &meanings[at], tracks));
    let rank = |&at: &usize| {
        let facts = matches!(meanings[at].standing, Standing::Header { .. });
        let first = shapes[at].rows.iter().map(|row| row.line).min();
        (!facts, first)
    };
    candidates.min_by_key(rank)
}

fn fits(shape: &Shape, meaning: &Meaning, tracks: &[Track<'_>]) -> bool {
    let machine = meaning.slot(Role::Machine);
    let mut lines: BTreeMap<usize, Vec<(u32, Option<&str>)>> = BTreeMap::new();
    for row in &shape.rows {
        let name = machine.map(|slot| row.values[slot].as_str());
        lines.entry(row.file).or_default().push((row.line, name));
    }
    let none = Vec::new();
    tracks.iter().all(|track| {
        let several = tracks
            .iter()
            .filter(|other| other.file == track.file)
            .count()
            > 1;
        let own: Vec<u32> = lines
            .get(&track.file)
            .unwrap_or(&none)
            .iter()
            // Of several machines in a file each has lines of its own, or one line is for all.
            .filter(|(_, name)| {
                !several || name.is_none() || track.machine.is_none() || *name == track.machine
            })
            .map(|&(line, _)| line)
            .collect();
        let covered = track.falls().all(|(before, after)| {
            own.iter()
                .filter(|&&line| before < line && line < after)
                .count()
                == 1
        });
        let nowhere_else = own.iter().all(|&line| match track.around(line) {
            (Some(before), Some(after)) => after < before,
            _ => true,
        });
        let first = track.clocks.first().map_or(0, |&(line, _)| line);
        let at_start = own.iter().filter(|&&line| line < first).count() <= 1;
        covered && nowhere_else && at_start
    })
}
