//! What shapes mean: which are events, whose machine and trial they name, and what their values are.
//!
//! Words come first; where they leave a kind of event out, clocks decide. A shape that proves to be several is divided and
//! all is understood anew.
//!
//! **Invariant.** Every shape has a meaning.

use std::collections::BTreeMap;

use super::answer::Doubt;
use super::meaning::{Meaning, Role};
use super::names::{self, Names};
use super::sample::SampleFile;
use super::shape::{Body, Shape};
use super::writers::Writers;
use super::{behaviour, broadcast_name, code, line_class, pairs, roles, vectors, writers};
use events::Kind;

/// What is read out of shapes.
pub(super) struct Understood {
    pub(super) shapes: Vec<Shape>,
    pub(super) meanings: Vec<Meaning>,
    pub(super) names: Names,
    pub(super) doubts: Vec<Doubt>,
}

/// What these shapes mean. `arranged` is a pattern of paths that was found to be right.
pub(super) fn understand(
    files: &[SampleFile],
    mut shapes: Vec<Shape>,
    arranged: Option<&str>,
) -> Understood {
    let paths: Vec<&str> = files.iter().map(|file| file.relative.as_str()).collect();
    let mut names = match arranged {
        Some(pattern) => names::by_pattern(&paths, pattern),
        None => names::read(&paths, false),
    };
    pairs::part(&mut shapes);
    join_vectors(&mut shapes, None);
    let trials = names::trials(&paths, &names);
    shapes = divided(shapes, &trials);
    let mut writers = writers::find(&shapes, &line_class::by_words(&shapes));
    if writers.is_some() && join_vectors(&mut shapes, writers.as_ref()) {
        // The slots are others now.
        writers = writers::find(&shapes, &line_class::by_words(&shapes));
    }
    if let Some(writers) = &writers {
        names.in_lines = writers.names.clone();
    }
    let (mut meanings, mut doubts) = mean(&shapes, &names, writers.as_ref(), &trials);
    if arranged.is_none() && interleaved(&shapes, &meanings) {
        names = Names {
            in_lines: names.in_lines,
            ..names::read(&paths, true)
        };
        (meanings, doubts) = mean(&shapes, &names, writers.as_ref(), &trials);
    }
    if let Some(apart) = broadcast_name::apart(&shapes, &meanings, &names, &trials) {
        shapes = apart;
        (meanings, doubts) = mean(&shapes, &names, writers.as_ref(), &trials);
    }
    doubts.extend(names.doubts.iter().cloned());
    Understood {
        shapes,
        meanings,
        names,
        doubts,
    }
}

/// The shapes, divided by a code if words tell too little of what happened.
fn divided(shapes: Vec<Shape>, trials: &[usize]) -> Vec<Shape> {
    let meanings = line_class::by_words(&shapes);
    let rows = |kinds: &[Kind]| {
        let of = shapes.iter().zip(&meanings);
        let of = of.filter(|(_, meaning)| meaning.kind().is_some_and(|kind| kinds.contains(&kind)));
        of.map(|(shape, _)| shape.rows.len()).sum::<usize>()
    };
    let told = rows(&[Kind::Internal]) > 0 && rows(&[Kind::Receive]) > 0;
    if told
        || matches!(
            shapes.first(),
            None | Some(Shape {
                body: Body::Fields(_),
                ..
            })
        )
    {
        return shapes;
    }
    code::divide(shapes, trials)
}

/// Joins numbers side by side that are one vector clock; whether there are any.
fn join_vectors(shapes: &mut [Shape], writers: Option<&Writers>) -> bool {
    let mut meanings = line_class::by_words(shapes);
    name_writers(shapes, &mut meanings, writers);
    let found = vectors::find(shapes, &meanings);
    if let Some(found) = &found {
        vectors::join(shapes, &meanings, found);
    }
    found.is_some()
}

/// The trial of each file, as far as paths tell: files whose paths differ in the machine alone are of one.
pub(super) fn trials(files: &[SampleFile]) -> Vec<usize> {
    let paths: Vec<&str> = files.iter().map(|file| file.relative.as_str()).collect();
    let names = names::read(&paths, false);
    names::trials(&paths, &names)
}

/// What these shapes mean, their slots as they are.
fn mean(
    shapes: &[Shape],
    names: &Names,
    writers: Option<&Writers>,
    trials: &[usize],
) -> (Vec<Meaning>, Vec<Doubt>) {
    let mut doubts = Vec::new();
    let mut meanings = line_class::by_words(shapes);
    name_writers(shapes, &mut meanings, writers);
    line_class::arrivals(shapes, &mut meanings, &mut doubts);
    let doubts_before = doubts.len();
    let before = meanings.clone();
    roles::assign(shapes, &mut meanings, names, &mut doubts);
    let rows = |is: &dyn Fn(&Meaning) -> bool| {
        shapes
            .iter()
            .zip(&meanings)
            .filter(|(_, meaning)| is(meaning))
            .map(|(shape, _)| shape.rows.len())
            .sum::<usize>()
    };
    let events = rows(&|meaning| meaning.kind().is_some() && meaning.slot(Role::Clock).is_some());
    let none = |kinds: &[Kind]| {
        rows(&|meaning| meaning.kind().is_some_and(|kind| kinds.contains(&kind))) == 0
    };
    let lacks =
        none(&[Kind::Internal]) || none(&[Kind::Receive]) || none(&[Kind::Send, Kind::Broadcast]);
    if events * 2 < rows(&|_| true) || lacks {
        meanings = before;
        doubts.truncate(doubts_before);
        let taken = line_class::provisional(shapes, &mut meanings);
        name_writers(shapes, &mut meanings, writers);
        roles::assign(shapes, &mut meanings, names, &mut Vec::new());
        behaviour::decide(shapes, &mut meanings, &taken, trials, &mut doubts);
        for meaning in &mut meanings {
            meaning.roles.fill(Role::None);
        }
        name_writers(shapes, &mut meanings, writers);
        roles::assign(shapes, &mut meanings, names, &mut doubts);
    }
    line_class::settle(shapes, &mut meanings, names, writers, &mut doubts);
    (meanings, doubts)
}

/// Notes the machine that lines name, of events.
fn name_writers(shapes: &[Shape], meanings: &mut [Meaning], writers: Option<&Writers>) {
    let Some(writers) = writers else { return };
    for (at, meaning) in meanings.iter_mut().enumerate() {
        if meaning.kind().is_some()
            && let Some(slot) = writers.slot(shapes, at)
        {
            meaning.roles[slot] = Role::Machine;
        }
    }
}

/// Whether lines name their machine, and some file has several.
fn interleaved(shapes: &[Shape], meanings: &[Meaning]) -> bool {
    let mut machine: BTreeMap<usize, &str> = BTreeMap::new();
    for (shape, meaning) in shapes
        .iter()
        .zip(meanings)
        .filter(|(_, meaning)| meaning.kind().is_some())
    {
        let Some(slot) = meaning.slot(Role::Machine) else {
            continue;
        };
        for row in &shape.rows {
            if *machine.entry(row.file).or_insert(&row.values[slot]) != row.values[slot] {
                return true;
            }
        }
    }
    false
}
