//! From a sample to a format.
//!
//! **Invariant.** Files of one layout are claimed; all others are named, with a doubt.

use std::collections::BTreeMap;

use super::layout::{self, Layout};
use super::meaning::{Meaning, Role, Standing};
use super::names::{self, Names};
use super::sample::{Sample, SampleFile};
use super::shape::{Body, Shape};
use super::when::{self, When};
use super::writers::Writers;
use super::{
    Doubt, Found, behaviour, code, everybody, fields, globs, recipients, records, restarts, roles,
    rules, standing, suspect, text, vectors, writers,
};
use crate::formats::spec::{Format, LineKind, Lines};
use crate::history::{ClockKind, Dialect, Kind};

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

/// What is read out of shapes.
struct Understood {
    shapes: Vec<Shape>,
    meanings: Vec<Meaning>,
    names: Names,
    doubts: Vec<Doubt>,
}

/// The format of most events in a sample; `None` when no line is an event.
///
/// `arranged` is a pattern of paths that was found to be right.
pub(super) fn infer(sample: &Sample, arranged: Option<&str>) -> Option<Proposal> {
    let mut groups: BTreeMap<Layout, Vec<usize>> = BTreeMap::new();
    for (at, file) in sample.files.iter().enumerate() {
        groups.entry(layout::of(file)).or_default().push(at);
    }
    let proposals = groups.iter().filter_map(|(&layout, members)| {
        let files: Vec<SampleFile> = members.iter().map(|&at| sample.files[at].clone()).collect();
        propose(sample, &files, layout, arranged)
    });
    proposals.max_by_key(|proposal| proposal.events)
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
        Layout::Json => fields::shapes(files, layout, &trials(files)),
        // A clock of several columns is better read as text: a rule takes one field for it.
        Layout::Separated { .. } => fields::shapes(files, layout, &trials(files))
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

/// Text as lines; or, if many of them stay unexplained, as records of several, if those are explained better.
fn lines_or_records(
    files: &[SampleFile],
    arranged: Option<&str>,
) -> (Vec<SampleFile>, Understood, Option<String>) {
    let (kept, understood) = claim(files, text::shapes(files), arranged);
    let mut best = (kept, understood, None);
    let mut open = unexplained(&best.1);
    if open < 0.1 {
        return best;
    }
    for beginning in records::beginnings(files) {
        let joined = records::joined(files, &beginning);
        let (kept, understood) = claim(&joined, text::shapes(&joined), arranged);
        let now = unexplained(&understood);
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

/// Understands the shapes, leaving out files without events beside files with many.
fn claim(
    files: &[SampleFile],
    shapes: Vec<Shape>,
    arranged: Option<&str>,
) -> (Vec<SampleFile>, Understood) {
    let mut understood = understand(files, shapes, arranged);
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
    let understood = understand(&kept, shapes, arranged);
    (kept, understood)
}

fn understand(files: &[SampleFile], mut shapes: Vec<Shape>, arranged: Option<&str>) -> Understood {
    let paths: Vec<&str> = files.iter().map(|file| file.relative.as_str()).collect();
    let mut names = match arranged {
        Some(pattern) => names::by_pattern(&paths, pattern),
        None => names::read(&paths, false),
    };
    join_vectors(&mut shapes, None);
    let trials = names::trials(&paths, &names);
    shapes = divided(shapes, &trials);
    let mut writers = writers::find(&shapes, &standing::by_words(&shapes));
    if writers.is_some() && join_vectors(&mut shapes, writers.as_ref()) {
        // The slots are others now.
        writers = writers::find(&shapes, &standing::by_words(&shapes));
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
    if let Some(apart) = everybody::apart(&shapes, &meanings, &names, &trials) {
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
    let meanings = standing::by_words(&shapes);
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
    let mut meanings = standing::by_words(shapes);
    name_writers(shapes, &mut meanings, writers);
    let found = vectors::find(shapes, &meanings);
    if let Some(found) = &found {
        vectors::join(shapes, found);
    }
    found.is_some()
}

/// The trial of each file, as far as paths tell: files whose paths differ in the machine alone are of one.
fn trials(files: &[SampleFile]) -> Vec<usize> {
    let paths: Vec<&str> = files.iter().map(|file| file.relative.as_str()).collect();
    let names = names::read(&paths, false);
    names::trials(&paths, &names)
}

fn mean(
    shapes: &[Shape],
    names: &Names,
    writers: Option<&Writers>,
    trials: &[usize],
) -> (Vec<Meaning>, Vec<Doubt>) {
    let mut doubts = Vec::new();
    let mut meanings = standing::by_words(shapes);
    name_writers(shapes, &mut meanings, writers);
    standing::arrivals(shapes, &mut meanings, &mut doubts);
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
        let taken = standing::provisional(shapes, &mut meanings);
        name_writers(shapes, &mut meanings, writers);
        roles::assign(shapes, &mut meanings, names, &mut Vec::new());
        behaviour::decide(shapes, &mut meanings, &taken, trials, &mut doubts);
        for meaning in &mut meanings {
            meaning.roles.fill(Role::None);
        }
        name_writers(shapes, &mut meanings, writers);
        roles::assign(shapes, &mut meanings, names, &mut doubts);
    }
    standing::settle(shapes, &mut meanings, names, writers, &mut doubts);
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
    format.files = globs::files(&claimed, &beside, names.pattern.clone());
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
    rules::add(&mut format, &shapes, &meanings, regex.as_deref());
    let peers = recipients::of(&shapes, &meanings, &names, &mut doubts);
    format.dialect.recipient = peers.meaning;
    format.alias = peers.alias;
    let found = found(files, &shapes, &meanings);
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
        let of = if shape.slots[slot].class == super::tokens::Class::List {
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

/// What each kind of line says, events first.
fn found(files: &[SampleFile], shapes: &[Shape], meanings: &[Meaning]) -> Vec<Found> {
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
        Standing::Ignored(reason) => format!("ignored: {reason}"),
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
