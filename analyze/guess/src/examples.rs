//! What each kind of line says, with an example.
//!
//! **Invariant.** Examples are lines of the sample, as they stand.

use std::collections::BTreeMap;

use super::answer::Found;
use super::meaning::{Meaning, Standing};
use super::sample::SampleFile;
use super::shape::Shape;

/// What each kind of line says, events first.
pub(super) fn found(files: &[SampleFile], shapes: &[Shape], meanings: &[Meaning]) -> Vec<Found> {
    let mut found: Vec<Found> = shapes
        .iter()
        .zip(meanings)
        .filter_map(|(shape, meaning)| one(files, shape, meaning))
        .collect();
    found.sort_by_key(|found| {
        (
            found.kind.is_none(),
            found.kind,
            std::cmp::Reverse(found.lines),
        )
    });
    found
}

fn one(files: &[SampleFile], shape: &Shape, meaning: &Meaning) -> Option<Found> {
    let what = match &meaning.standing {
        Standing::Event(kind) => format!("{kind:?}").to_lowercase(),
        Standing::Header { begins_trial: true } => "header, begins a trial".to_owned(),
        Standing::Header {
            begins_trial: false,
        } => "header".to_owned(),
        Standing::Ignored(reason) | Standing::Hole(reason) => format!("ignored: {reason}"),
        Standing::Unknown => return None,
    };
    let row = shape.rows.first()?;
    let file = files.get(row.file)?;
    let example = file.records.iter().find(|record| record.line == row.line)?;
    let mut says = BTreeMap::new();
    for (value, role) in row
        .values
        .iter()
        .zip(&meaning.roles)
        .filter(|(value, _)| !value.is_empty())
    {
        let Some(role) = role.name() else { continue };
        let said: &mut String = says.entry(role.to_owned()).or_default();
        said.push_str(if said.is_empty() { "" } else { ", " });
        said.push_str(value);
    }
    Some(Found {
        what,
        kind: meaning.kind(),
        lines: shape.rows.len(),
        at: format!("{}:{}", file.relative, row.line),
        example: example.text.clone(),
        says,
    })
}
