//! Which files of one layout are logs, and whether their lines are events or records of several lines are.
//!
//! **Invariant.** Files without events are left out only beside files with many.

use super::meaning::{Meaning, Role, Standing};
use super::sample::SampleFile;
use super::shape::Shape;
use super::tokens::Class;
use super::understand::Understood;
use super::{records, text, understand};

/// Records that are cut right have no more kinds than this many times those of their lines, and so many more.
const KINDS_OF_RECORDS: usize = 2;

const KINDS_MORE: usize = 20;

/// Text as lines; or, if many of them stay unexplained or have no time beside others that have, as records of several, if
/// those are explained better.
pub(super) fn lines_or_records(
    files: &[SampleFile],
    arranged: Option<&str>,
) -> (Vec<SampleFile>, Understood, Option<String>) {
    let lines = text::shapes(files);
    let kinds_max = KINDS_OF_RECORDS * lines.len() + KINDS_MORE;
    let (kept, understood) = claim(files, lines, arranged);
    let mut best = (kept, understood, None);
    let mut open = unexplained(&best.1) + parted(&best.1);
    // A host and its clock on every other line may look like a header of what follows.
    let hosts = records::host_and_clock(files);
    if open < 0.1 && hosts.is_none() {
        return best;
    }
    for beginning in records::beginnings(files) {
        let joined = records::joined(files, &beginning);
        let shapes = text::shapes(&joined);
        // Cut where no record ends, every number of lines between two beginnings is a kind of its own.
        if shapes.len() > kinds_max {
            continue;
        }
        let (kept, understood) = claim(&joined, shapes, arranged);
        let now = unexplained(&understood) + parted(&understood);
        let is_of_hosts = hosts.as_ref() == Some(&beginning);
        if now < open - 0.05
            || (is_of_hosts && now <= open && events(&understood) > events(&best.1))
        {
            open = now;
            best = (kept, understood, Some(beginning));
        }
    }
    best
}

/// Lines, or records, that are events.
fn events(understood: &Understood) -> usize {
    let of = understood.shapes.iter().zip(&understood.meanings);
    let of = of.filter(|(_, meaning)| meaning.kind().is_some());
    of.map(|(shape, _)| shape.rows.len()).sum()
}

/// Share of the lines that are neither events nor explained otherwise, as far as shapes tell; 1 without events.
fn unexplained(understood: &Understood) -> f64 {
    let rows = |is: &dyn Fn(&Meaning) -> bool| {
        let of = understood
            .shapes
            .iter()
            .zip(&understood.meanings)
            .filter(|(_, meaning)| is(meaning));
        of.map(|(shape, _)| shape.rows.len()).sum::<usize>() as f64
    };
    if rows(&|meaning| meaning.kind().is_some()) == 0.0 {
        return 1.0;
    }
    rows(&|meaning| meaning.standing == Standing::Unknown) / rows(&|_| true).max(1.0)
}

/// Share of the lines that are events without a time, or of those that have one, whichever is less: a record may have its
/// time on one line and what happened on the next.
fn parted(understood: &Understood) -> f64 {
    let (mut with, mut without, mut all) = (0, 0, 0);
    for (shape, meaning) in understood.shapes.iter().zip(&understood.meanings) {
        let is_event = meaning.kind().is_some();
        let written = shape.slots.iter().any(|slot| slot.class == Class::Time);
        all += shape.rows.len();
        if meaning.slot(Role::Time).is_some() || (written && !is_event) {
            with += shape.rows.len();
        } else if is_event {
            without += shape.rows.len();
        }
    }
    with.min(without) as f64 / all.max(1) as f64
}

/// Understands the shapes, leaving out files without events beside files with many.
pub(super) fn claim(
    files: &[SampleFile],
    shapes: Vec<Shape>,
    arranged: Option<&str>,
) -> (Vec<SampleFile>, Understood) {
    let mut understood = understand::understand(files, shapes, arranged);
    let events = |file: usize| {
        let of = understood
            .shapes
            .iter()
            .zip(&understood.meanings)
            .filter(|(_, meaning)| meaning.kind().is_some());
        of.flat_map(|(shape, _)| &shape.rows)
            .filter(|row| row.file == file)
            .count()
    };
    let facts = |file: usize| {
        let is_fact = |meaning: &Meaning| {
            matches!(
                meaning.standing,
                Standing::Header { .. } | Standing::Event(_)
            )
        };
        let of = understood
            .shapes
            .iter()
            .zip(&understood.meanings)
            .filter(|(_, meaning)| is_fact(meaning));
        of.flat_map(|(shape, _)| &shape.rows)
            .any(|row| row.file == file)
    };
    let lines = |file: usize| {
        files[file]
            .records
            .iter()
            .filter(|record| !record.text.trim().is_empty())
            .count()
    };
    let strange: Vec<usize> = (0..files.len())
        .filter(|&file| {
            if events(file) == 0 {
                !facts(file)
            } else {
                (events(file) as f64) < 0.2 * lines(file) as f64
            }
        })
        .collect();
    if strange.is_empty() || strange.len() == files.len() {
        return (files.to_vec(), understood);
    }
    let mut position = vec![None; files.len()];
    let mut kept = Vec::new();
    for (at, file) in files
        .iter()
        .enumerate()
        .filter(|(at, _)| !strange.contains(at))
    {
        position[at] = Some(kept.len());
        kept.push(file.clone());
    }
    let mut shapes = std::mem::take(&mut understood.shapes);
    for shape in &mut shapes {
        shape.rows.retain_mut(|row| match position[row.file] {
            Some(file) => {
                row.file = file;
                true
            }
            None => false,
        });
    }
    shapes.retain(|shape| !shape.rows.is_empty());
    let understood = understand::understand(&kept, shapes, arranged);
    (kept, understood)
}
