//! Rows of a table that state facts in a phrase: `CREATE,(pid: 812) - (speed: 4)` among rows of events.
//!
//! No field holds the fact alone, so such rows are read as text.
//!
//! **Invariant.** Only rows that are neither events nor headers by their fields are looked at.

use super::answer::Doubt;
use super::meaning::{Meaning, Role, Standing};
use super::names::Names;
use super::sample::SampleFile;
use super::shape::example;
use super::shape::{Body, Shape};
use super::{line_class, rates, rules, text};
use formats::spec::{Format, Header};

/// Adds headers for rows that state a rate, and takes back what was said of them.
pub(super) fn add(
    format: &mut Format,
    files: &[SampleFile],
    (shapes, meanings): (&[Shape], &[Meaning]),
    names: &Names,
    doubts: &mut Vec<Doubt>,
) {
    let lines = rates::lines(shapes, meanings);
    for (shape, meaning) in shapes.iter().zip(meanings) {
        let open = matches!(
            meaning.standing,
            Standing::Unknown | Standing::Ignored(_) | Standing::Hole(_)
        );
        if !open || !matches!(shape.body, Body::Fields(_)) {
            continue;
        }
        let mut found = false;
        for remark in text::shapes(&rows_of(files, shape)) {
            let mut meaning = Meaning {
                standing: Standing::Unknown,
                roles: vec![Role::None; remark.slots.len()],
            };
            line_class::facts(
                &remark,
                &mut meaning,
                names,
                (None, &lines),
                &mut Vec::new(),
            );
            let Body::Text(pieces) = &remark.body else {
                continue;
            };
            if !matches!(meaning.standing, Standing::Header { .. })
                || meaning.slot(Role::Rate).is_none()
            {
                continue;
            }
            found = true;
            format.headers.push(Header {
                pattern: Some(rules::pattern(&remark, pieces, &meaning, None)),
                ..Header::default()
            });
        }
        if found {
            let said = example(shape);
            doubts.retain(|doubt| doubt.evidence != said);
        }
    }
}

/// The files with the rows of a shape alone, as lines of text.
fn rows_of(files: &[SampleFile], shape: &Shape) -> Vec<SampleFile> {
    let of_file = |(at, file): (usize, &SampleFile)| {
        let lines: Vec<u32> = shape
            .rows
            .iter()
            .filter(|row| row.file == at)
            .map(|row| row.line)
            .collect();
        let mut file = file.clone();
        file.records.retain(|record| lines.contains(&record.line));
        file
    };
    files.iter().enumerate().map(of_file).collect()
}
