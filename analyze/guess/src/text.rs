//! Shapes of text lines.
//!
//! Lines whose tokens are the same but for numbers, times and lists have one shape; shapes that tell of the same event
//! and differ in a word or two that could be a name are joined, and that word varies.
//!
//! **Invariant.** A regex made of a shape's pieces matches all its lines.

use std::collections::{BTreeMap, BTreeSet};

use super::legend::Legend;
use super::meaning::{MACHINES_MAX, Role};
use super::sample::{Record, SampleFile};
use super::shape::{Body, Gap, Part, Piece, Row, Shape, Slot};
use super::tokens::{Class, tokens};
use super::words;
use events::Kind;

/// More shapes than this are no log; the rest of the lines stay unexplained.
const SHAPES_MAX: usize = 3000;
/// Words in which two shapes of one event may differ, beside those that are known to vary.
const NAMES_MAX: usize = 2;
/// Words of a shape that may vary.
const VARYING_MAX: usize = 3;
/// Lines of a shape that are looked at for names that take turns.
const TURNS: usize = 2000;

type Key = Vec<(Class, String)>;

struct Lines {
    gaps: Vec<Gap>,
    rows: Vec<Row>,
}

/// The shapes of all lines, the frequent first.
pub(super) fn shapes(files: &[SampleFile]) -> Vec<Shape> {
    let mut lines: BTreeMap<Key, Lines> = BTreeMap::new();
    let host = only_address(files);
    for (file, sample) in files.iter().enumerate() {
        for record in &sample.records {
            add(&mut lines, file, record, host.as_deref());
        }
    }
    let legend = Legend::of(files);
    let joined = by_names(join(lines, &legend));
    let mut shapes: Vec<Shape> = joined.into_iter().map(|of| shape(of, &legend)).collect();
    shapes.sort_by_key(|shape| std::cmp::Reverse(shape.rows.len()));
    shapes
}

/// The address that all lines with one have: it tells nobody from anybody, the port after it does.
fn only_address(files: &[SampleFile]) -> Option<String> {
    let mut only: Option<String> = None;
    for record in files.iter().flat_map(|file| &file.records) {
        let (parts, _) = tokens(&record.text);
        for part in parts.iter().filter(|part| part.class == Class::Mixed) {
            if part.text.parse::<std::net::Ipv4Addr>().is_err() {
                continue;
            }
            match &only {
                Some(known) if known != part.text => return None,
                Some(_) => {}
                None => only = Some(part.text.to_owned()),
            }
        }
    }
    only
}

fn add(lines: &mut BTreeMap<Key, Lines>, file: usize, record: &Record, host: Option<&str>) {
    let (mut parts, rest) = tokens(&record.text);
    if parts.is_empty() {
        return;
    }
    for part in parts.iter_mut().filter(|part| Some(part.text) == host) {
        part.class = Class::Mark;
    }
    let line = record.line;
    let varies = |class| !matches!(class, Class::Word | Class::Mark);
    let key: Key = parts
        .iter()
        .map(|token| {
            let text = if varies(token.class) {
                String::new()
            } else {
                token.text.to_owned()
            };
            (token.class, text)
        })
        .collect();
    let gaps: Vec<Gap> = parts
        .iter()
        .map(|token| token.gap)
        .chain([rest])
        .map(Gap::of)
        .collect();
    let values = parts.iter().map(|token| token.text.to_owned()).collect();
    let row = Row { file, line, values };
    let full = lines.len() >= SHAPES_MAX;
    match lines.get_mut(&key) {
        Some(known) => {
            for (known, seen) in known.gaps.iter_mut().zip(gaps) {
                known.widen(seen);
            }
            known.rows.push(row);
        }
        None if full => {}
        None => {
            lines.insert(
                key,
                Lines {
                    gaps,
                    rows: vec![row],
                },
            );
        }
    }
}

/// Shapes that are one but for names: tokens, which of them vary, and the lines with the texts of all tokens.
struct Joined {
    key: Key,
    varies: Vec<bool>,
    lines: Lines,
}

fn join(lines: BTreeMap<Key, Lines>, legend: &Legend) -> Vec<Joined> {
    let mut groups: BTreeMap<(Key, Option<Kind>), Vec<Joined>> = BTreeMap::new();
    for (key, lines) in lines {
        let words = words_of(&key, &[], legend);
        let kind = words::kind_of(&words).map(|(kind, _)| kind);
        let skeleton: Key = key
            .iter()
            .map(|(class, text)| match class {
                Class::Word => (*class, String::new()),
                class => (*class, text.clone()),
            })
            .collect();
        let varies = key
            .iter()
            .map(|(class, _)| !matches!(class, Class::Word | Class::Mark))
            .collect();
        let group = groups.entry((skeleton, kind)).or_default();
        let joined = Joined { key, varies, lines };
        match group
            .iter_mut()
            .find(|known| alike(known, &joined, kind.is_some(), legend))
        {
            Some(known) => known.take(joined),
            None => group.push(joined),
        }
    }
    groups.into_values().flatten().collect()
}

/// Whether two shapes differ only in what could be names.
fn alike(a: &Joined, b: &Joined, is_event: bool, legend: &Legend) -> bool {
    let (mut names, mut varying) = (0, 0);
    let known = a.key.iter().zip(&a.varies);
    varying += known
        .filter(|((class, _), varies)| *class == Class::Word && **varies)
        .count();
    for at in 0..a.key.len() {
        let ((class, one), (_, other)) = (&a.key[at], &b.key[at]);
        if *class != Class::Word || one == other {
            continue;
        }
        varying += usize::from(!a.varies[at]);
        let known =
            |word: &str| words::is_kind_word(word) || word.len() > 24 || legend.explains(word);
        let name = |word: &str| {
            let mut letters = word.chars();
            let single = letters.next().is_some_and(char::is_uppercase) && letters.next().is_none();
            single || is_event || a.varies[at]
        };
        if known(one) || known(other) || !name(one) || !name(other) {
            return false;
        }
        names += usize::from(!a.varies[at]);
    }
    names <= NAMES_MAX && varying <= VARYING_MAX
}

/// Lets the names of machines vary everywhere: words that take turns at one place and, two of them or more, at another.
fn by_names(joined: Vec<Joined>) -> Vec<Joined> {
    let mut turns: Vec<BTreeSet<&str>> = Vec::new();
    for of in &joined {
        let words = (0..of.key.len()).filter(|&at| of.key[at].0 == Class::Word && of.varies[at]);
        for at in words {
            let texts = of.lines.rows.iter().map(|row| row.values[at].as_str());
            let texts: BTreeSet<&str> = texts.take(TURNS).collect();
            if (2..=MACHINES_MAX).contains(&texts.len()) {
                turns.push(texts);
            }
        }
    }
    let again = |(at, texts): (usize, &BTreeSet<&str>)| {
        let mut others = turns.iter().enumerate().filter(|&(other, _)| other != at);
        others.any(|(_, others)| texts.intersection(others).count() > 1)
    };
    let places = turns
        .iter()
        .enumerate()
        .filter(|&(at, texts)| again((at, texts)));
    let names = places.flat_map(|(_, texts)| texts.iter().map(|&name| name.to_owned()));
    let names: BTreeSet<String> = names.collect();
    if names.is_empty() {
        return joined;
    }
    let mut merged: BTreeMap<Key, Joined> = BTreeMap::new();
    for mut of in joined {
        for at in 0..of.key.len() {
            of.varies[at] |= of.key[at].0 == Class::Word && names.contains(&of.key[at].1);
        }
        let fixed = |((class, text), varies): ((&Class, &String), &bool)| {
            (*class, if *varies { String::new() } else { text.clone() })
        };
        let key: Key = of
            .key
            .iter()
            .map(|(class, text)| (class, text))
            .zip(&of.varies)
            .map(fixed)
            .collect();
        match merged.get_mut(&key) {
            Some(known) => known.take(of),
            None => drop(merged.insert(key, of)),
        }
    }
    merged.into_values().collect()
}

impl Joined {
    fn take(&mut self, other: Joined) {
        for (at, (class, text)) in other.key.iter().enumerate() {
            if *class == Class::Word && *text != self.key[at].1 {
                self.varies[at] = true;
            }
        }
        for (known, seen) in self.lines.gaps.iter_mut().zip(other.lines.gaps) {
            known.widen(seen);
        }
        self.lines.rows.extend(other.lines.rows);
    }
}

fn words_of(key: &Key, varies: &[bool], legend: &Legend) -> Vec<String> {
    let literal = key.iter().enumerate().filter(|(at, (class, _))| {
        *class == Class::Word && !varies.get(*at).copied().unwrap_or(false)
    });
    let mut words: Vec<String> = literal
        .flat_map(|(_, (_, text))| words::split(text))
        .collect();
    let explained = key.iter().filter(|(class, _)| *class == Class::Word);
    let explained = explained.filter_map(|(_, text)| legend.plain(text));
    words.extend(explained.map(str::to_owned));
    if to_star(key) {
        words.push("everyone".to_owned());
    }
    words
}

/// Whether a line ends its name of a recipient with a star: `to *`, `peer=*`.
fn to_star(key: &Key) -> bool {
    let stars = (0..key.len()).filter(|&at| key[at].1 == "*");
    let named = |at: usize| {
        let mut before = key[..at].iter().rev();
        let word = before.find(|(class, text)| {
            *class == Class::Word
                || !matches!(
                    text.as_str(),
                    "=" | ":" | "'" | "\"" | "(" | "[" | ">" | "-"
                )
        });
        word.is_some_and(|(class, text)| {
            let weigh = |word: &String| words::role_weight(Role::To, word) > 0.0;
            *class == Class::Word && words::split(text).iter().any(weigh)
        })
    };
    stars.into_iter().any(named)
}

fn shape(joined: Joined, legend: &Legend) -> Shape {
    let Joined { key, varies, lines } = joined;
    let mut pieces = Vec::new();
    let mut slots = Vec::new();
    let mut at_slot = Vec::new();
    for (at, (class, text)) in key.iter().enumerate() {
        let part = if varies[at] {
            at_slot.push(at);
            let slot = Slot {
                class: *class,
                left: left(&key, &varies, &lines.gaps, at),
                right: right(&key, &varies, &lines.gaps, at),
                field: None,
            };
            slots.push(slot);
            Part::Slot(slots.len() - 1)
        } else {
            Part::Literal(text.clone())
        };
        pieces.push(Piece {
            gap: lines.gaps[at],
            part,
        });
    }
    pieces.push(Piece {
        gap: lines.gaps[key.len()],
        part: Part::End,
    });
    let mut rows: Vec<Row> = lines.rows;
    for row in &mut rows {
        let values = std::mem::take(&mut row.values);
        let mut values: Vec<Option<String>> = values.into_iter().map(Some).collect();
        row.values = at_slot
            .iter()
            .map(|&at| values[at].take().unwrap_or_default())
            .collect();
    }
    rows.sort_by_key(|row| (row.file, row.line));
    Shape {
        words: words_of(&key, &varies, legend),
        code: None,
        body: Body::Text(pieces),
        slots,
        rows,
    }
}

/// Marks that end what is said of a value.
fn breaks(key: &Key, gaps: &[Gap], at: usize) -> bool {
    let (class, text) = &key[at];
    if *class != Class::Mark {
        // `1 tick a second and a range of 11`: what stands before is said of the value before.
        return text == "and";
    }
    let spaced = gaps[at + 1].min > 0 || at + 1 == key.len();
    match text.as_str() {
        "," | ";" | "|" | "(" | ")" | "[" | "]" | "{" | "}" | "\n" | "!" | "?" | "—" | "–" => {
            true
        }
        "." => spaced,
        "-" => spaced && gaps[at].min > 0,
        _ => false,
    }
}

/// Words before a value, the nearest first, back to the value before it or to what ends a phrase.
fn left(key: &Key, varies: &[bool], gaps: &[Gap], at: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut before = at;
    let opens = |at: usize| matches!(key[at].1.as_str(), "(" | "[" | "{" | "<" | "\"" | "'");
    // `[:b]`, `(#3)`: what marks a name belongs to it.
    if before > 1
        && matches!(key[before - 1].1.as_str(), ":" | "#" | "@" | "$")
        && opens(before - 2)
    {
        before -= 1;
    }
    while before > 0 && opens(before - 1) {
        before -= 1;
    }
    // `Length - 3`: a dash right before a value parts it from its name, as a colon does.
    if before > 1
        && key[before - 1].1 == "-"
        && key[before - 2].0 != Class::Number
        && arrow(key, gaps, before - 1).is_none()
    {
        before -= 1;
    }
    if let Some(name) = bracketed(key, varies, before) {
        return name;
    }
    while before > 0 {
        before -= 1;
        if let Some((word, marks)) = arrow(key, gaps, before) {
            found.push(word.to_owned());
            before -= marks - 1;
            continue;
        }
        // `Receiver(s)` is one word.
        if before >= 2
            && key[before].1 == ")"
            && key[before - 1].1 == "s"
            && key[before - 2].1 == "("
        {
            before -= 2;
            continue;
        }
        if varies[before] || breaks(key, gaps, before) {
            break;
        }
        if key[before].0 == Class::Word {
            found.extend(words::split(&key[before].1).into_iter().rev());
        }
    }
    found
}

/// The words of a name in brackets that ends here: `[queue length] 3`.
fn bracketed(key: &Key, varies: &[bool], end: usize) -> Option<Vec<String>> {
    if end == 0 || key[end - 1].1 != "]" {
        return None;
    }
    let inside = key[..end - 1].iter().zip(varies).rev();
    let words = inside.take_while(|((class, _), varies)| *class == Class::Word && !**varies);
    let words: Vec<String> = words
        .flat_map(|((_, text), _)| words::split(text).into_iter().rev())
        .collect();
    (!words.is_empty()).then_some(words)
}

/// What an arrow that ends here says, and of how many marks it is.
fn arrow(key: &Key, gaps: &[Gap], at: usize) -> Option<(&'static str, usize)> {
    let mark = |at: usize| match &key[at] {
        (Class::Mark, text) => text.as_str(),
        _ => "",
    };
    match mark(at) {
        "→" | "⇒" | "➜" | "➡" => return Some(("to", 1)),
        "←" | "⇐" => return Some(("from", 1)),
        _ => {}
    }
    let glued = at > 0 && gaps[at].max == 0;
    match (glued.then(|| mark(at - 1)), mark(at)) {
        (Some("-" | "=" | ">"), ">") => Some(("to", 2)),
        (Some("<"), "-" | "=" | "<") => Some(("from", 2)),
        _ => None,
    }
}

/// Words after a value, up to what ends a phrase; none where they are said of the next value (`5 queue=3`).
fn right(key: &Key, varies: &[bool], gaps: &[Gap], at: usize) -> Vec<String> {
    let mut found = Vec::new();
    for after in at + 1..key.len() {
        if varies[after] {
            return Vec::new();
        }
        if breaks(key, gaps, after) {
            break;
        }
        if matches!(key[after].1.as_str(), ":" | "=") {
            return Vec::new();
        }
        if key[after].0 == Class::Word {
            found.extend(words::split(&key[after].1));
        }
    }
    found
}
