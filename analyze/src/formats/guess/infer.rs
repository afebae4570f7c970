//! From a sample to a format.
//!
//! **Invariant.** Files of one layout are claimed; all others are named, with a doubt.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{self, Layout};
use super::meaning::{Meaning, Role, Standing};
use super::sample::{Sample, SampleFile};
use super::shape::Shape;
use super::tokens::Class;
use super::understand::Understood;
use super::when::{self, When};
use super::{
    Doubt, Found, called, fields, found, globs, rates, recipients, records, remarks, restarts,
    rules, standing, stated, suspect, text, understand, vectors,
};
use crate::formats::spec::{Format, LineKind, Lines};
use crate::history::{ClockKind, Dialect};

/// Records that are cut right have no more kinds than this many times those of their lines, and so many more.
const KINDS_OF_RECORDS: usize = 2;
const KINDS_MORE: usize = 20;

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
            .filter(|shapes| vectors::find(shapes, &standing::by_words(shapes)).is_none()),
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
        Some(shapes) => claim(files, shapes, arranged),
        None => {
            let (files, understood, record) = lines_or_records(files, arranged);
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

/// Text as lines; or, if many of them stay unexplained or have no time beside others that have, as records of several, if
/// those are explained better.
fn lines_or_records(
    files: &[SampleFile],
    arranged: Option<&str>,
) -> (Vec<SampleFile>, Understood, Option<String>) {
    let lines = text::shapes(files);
    let kinds_max = KINDS_OF_RECORDS * lines.len() + KINDS_MORE;
    let (kept, understood) = claim(files, lines, arranged);
    let mut best = (kept, understood, None);
    let mut open = unexplained(&best.1) + parted(&best.1);
    if open < 0.1 {
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
        if now < open - 0.05 {
            open = now;
            best = (kept, understood, Some(beginning));
        }
    }
    best
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
fn claim(
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
    format.lines.new_trial = restarts::find(&shapes, &mut meanings, &mut doubts);
    suspect::left_out(&shapes, &mut meanings, &mut doubts);
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
    let beside: Vec<String> = others
        .iter()
        .chain(sample.left_out.values().flatten())
        .cloned()
        .collect();
    let in_paths = if stated::rates_told(&meanings) {
        None
    } else {
        stated::in_paths(&claimed, &names, &rates::lines(&shapes, &meanings))
    };
    let pattern = in_paths.or_else(|| names.pattern.clone());
    let stating = stated::beside(&claimed, &names, &shapes, &meanings);
    let pattern = pattern.map(|pattern| stated::or_files(pattern, &stating));
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
    let called = called::peers(&shapes, &meanings, &names);
    rules::add(&mut format, &shapes, &meanings, &called, regex.as_deref());
    let read = (shapes.as_slice(), meanings.as_slice());
    remarks::add(&mut format, files, read, &names, &mut doubts);
    let peers = recipients::of(&shapes, &meanings, &called, &names, &mut doubts);
    format.dialect.recipient = peers.meaning;
    format.alias = peers.alias;
    let found = found::found(files, &shapes, &meanings);
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
