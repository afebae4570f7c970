//! From a sample to a format.
//!
//! **Invariant.** Files of one layout are claimed; all others are named, with a doubt.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{Doubt, Found};
use super::layout::{self, Layout};
use super::meaning::{Meaning, Role};
use super::sample::{Sample, SampleFile};
use super::shape::Shape;
use super::tokens::Class;
use super::understand::Understood;
use super::when::{self, When};
use super::{
    examples, fields, globs, line_class, log_files, peer_column, peer_names, plausibility, rates,
    rates_in_paths, records, remarks, rules, trial_boundaries, understand, vectors,
};
use events::{ClockKind, Dialect};
use formats::spec::{Format, LineKind, Lines};

/// A format, and what is not certain of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Proposal {
    pub(super) format: Format,
    pub(super) doubts: Vec<Doubt>,
    /// Sampled lines that are events.
    pub(super) events: usize,
    /// Kinds of lines, with examples.
    pub(super) found: Vec<Found>,
}

/// The format of most events in a sample; `None` when no line is an event.
///
/// `arranged` is a pattern of paths that was found to be right.
pub(super) fn infer(sample: &Sample, arranged: Option<&str>) -> Option<Proposal> {
    let mut groups: BTreeMap<Layout, Vec<usize>> = BTreeMap::new();
    for (at, file) in sample.files.iter().enumerate() {
        groups.entry(layout::of(file)).or_default().push(at);
    }
    join_text(sample, &mut groups);
    let proposals = groups.iter().filter_map(|(&layout, members)| {
        let files: Vec<SampleFile> = members.iter().map(|&at| sample.files[at].clone()).collect();
        propose(sample, &files, layout, arranged)
    });
    proposals.max_by_key(|proposal| proposal.events)
}

/// Takes files that could be columns without names for text, if most files are text and their lines begin as those do: a
/// file with one kind of event only may lack the lines that are no columns.
fn join_text(sample: &Sample, groups: &mut BTreeMap<Layout, Vec<usize>>) {
    let Some(text) = groups.get(&Layout::Text) else {
        return;
    };
    let lines = |at: usize| {
        let records = sample.files[at].records.iter();
        records.filter(|record| !record.text.trim().is_empty())
    };
    let begins: BTreeSet<String> = text
        .iter()
        .flat_map(|&at| lines(at))
        .filter_map(|record| records::beginning(&record.text))
        .collect();
    let alike = |at: usize| {
        let known = |beginning: String| {
            beginning
                .trim_start_matches('^')
                .starts_with(char::is_alphabetic)
                && begins.contains(&beginning)
        };
        let same = lines(at).filter(|record| records::beginning(&record.text).is_some_and(known));
        same.count() * 10 >= lines(at).count() * 9
    };
    let most = text.len();
    let mut joining = Vec::new();
    for (layout, members) in groups.iter_mut() {
        if matches!(layout, Layout::Separated { header: false, .. }) && members.len() <= most {
            joining.extend(members.extract_if(.., |at| alike(*at)));
        }
    }
    if let Some(text) = groups.get_mut(&Layout::Text) {
        text.extend(joining);
        text.sort_unstable();
    }
    groups.retain(|_, members| !members.is_empty());
}

fn propose(
    sample: &Sample,
    files: &[SampleFile],
    layout: Layout,
    arranged: Option<&str>,
) -> Option<Proposal> {
    let by_fields = match layout {
        Layout::Numbers | Layout::Empty => return None,
        Layout::Text => None,
        Layout::Json => fields::shapes(files, layout, &understand::trials(files)),
        // A clock of several columns is better read as text: a rule takes one field for it.
        Layout::Separated { .. } => fields::shapes(files, layout, &understand::trials(files))
            .filter(|shapes| vectors::find(shapes, &line_class::by_words(shapes)).is_none()),
    };
    let kind = match (&by_fields, layout) {
        (Some(_), Layout::Json) => LineKind::Json,
        (
            Some(_),
            Layout::Separated {
                delimiter: '\t', ..
            },
        ) => LineKind::Tsv,
        (Some(_), Layout::Separated { .. }) => LineKind::Csv,
        _ => LineKind::Text,
    };
    let mut format = Format {
        name: "guessed".to_owned(),
        ..Format::default()
    };
    let (files, understood) = match by_fields {
        Some(shapes) => log_files::claim(files, shapes, arranged),
        None => {
            let (files, understood, record) = log_files::lines_or_records(files, arranged);
            format.lines.record = record;
            (files, understood)
        }
    };
    if let (LineKind::Csv | LineKind::Tsv, Layout::Separated { delimiter, header }) = (kind, layout)
    {
        let delimiter = (!matches!(delimiter, ',' | '\t')).then_some(delimiter);
        format.lines = Lines {
            delimiter,
            header: Some(header),
            ..Lines::default()
        };
    }
    format.lines.kind = kind;
    finish(sample, &files, understood, format)
}

fn finish(
    sample: &Sample,
    files: &[SampleFile],
    understood: Understood,
    mut format: Format,
) -> Option<Proposal> {
    let Understood {
        shapes,
        mut meanings,
        names,
        mut doubts,
    } = understood;
    format.lines.new_trial = trial_boundaries::find(&shapes, &mut meanings, &mut doubts);
    plausibility::left_out(&shapes, &mut meanings, &mut doubts);
    let is_event = |(_, meaning): &(&Shape, &Meaning)| meaning.kind().is_some();
    let events: usize = shapes
        .iter()
        .zip(&meanings)
        .filter(is_event)
        .map(|(shape, _)| shape.rows.len())
        .sum();
    if events == 0 {
        return None;
    }
    let When {
        time,
        regex,
        origin,
    } = when::of(&shapes, &meanings, &mut doubts);
    format.time = time;
    let claimed: Vec<String> = files.iter().map(|file| file.relative.clone()).collect();
    let sampled: Vec<&String> = sample.files.iter().map(|file| &file.relative).collect();
    let others: Vec<String> = sampled
        .iter()
        .filter(|path| !claimed.contains(path))
        .map(|path| (*path).clone())
        .collect();
    let beside: Vec<String> = others.iter().chain(&sample.left_out).cloned().collect();
    let in_paths = if rates_in_paths::rates_told(&meanings) {
        None
    } else {
        rates_in_paths::in_paths(&claimed, &names, &rates::lines(&shapes, &meanings))
    };
    let pattern = in_paths.or_else(|| names.pattern.clone());
    let stating = rates_in_paths::beside(&claimed, &names, &shapes, &meanings);
    let pattern = pattern.map(|pattern| rates_in_paths::or_files(pattern, &stating));
    format.files = globs::files(&claimed, &beside, pattern);
    if !others.is_empty() {
        doubts.push(Doubt {
            what: "files".to_owned(),
            why: format!(
                "{} files were left out: their lines are not of the shape of the logs beside them",
                others.len()
            ),
            evidence: others.join(", "),
        });
    }
    format.dialect = Dialect {
        clock: clock_kind(&shapes, &meanings),
        time: origin,
        ..Dialect::default()
    };
    let called = peer_column::peers(&shapes, &meanings, &names);
    rules::add(&mut format, &shapes, &meanings, &called, regex.as_deref());
    let read = (shapes.as_slice(), meanings.as_slice());
    remarks::add(&mut format, files, read, &names, &mut doubts);
    let peers = peer_names::of(&shapes, &meanings, &called, &names, &mut doubts);
    format.dialect.recipient = peers.meaning;
    format.alias = peers.alias;
    let found = examples::found(files, &shapes, &meanings);
    Some(Proposal {
        format,
        doubts,
        events,
        found,
    })
}

fn clock_kind(shapes: &[Shape], meanings: &[Meaning]) -> Option<ClockKind> {
    let mut kind = None;
    for (shape, meaning) in shapes
        .iter()
        .zip(meanings)
        .filter(|(_, meaning)| meaning.kind().is_some())
    {
        let Some(slot) = meaning.slot(Role::Clock) else {
            continue;
        };
        let of = if shape.slots[slot].class == Class::List {
            ClockKind::Vector
        } else if shape
            .column(slot)
            .any(|value| value.parse().is_ok_and(|value: f64| value.fract() != 0.0))
        {
            ClockKind::Fractional
        } else {
            ClockKind::Lamport
        };
        kind = match (kind, of) {
            (None | Some(ClockKind::Lamport), of) => Some(of),
            (known, _) => known,
        };
    }
    kind
}
