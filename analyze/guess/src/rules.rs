//! Shapes and their meaning as the rules of a format.
//!
//! **Invariant.** The rule of a shape takes all lines of that shape.

use super::meaning::{Meaning, Role, Standing};
use super::peer_column::Called;
use super::shape::{Body, Part, Piece, Shape};
use super::times;
use super::tokens::Class;
use super::vectors;
use formats::spec::{EventRule, Format, Header, Ignore};

/// Adds rules for all shapes; those with fewer names in them come first.
pub(super) fn add(
    format: &mut Format,
    shapes: &[Shape],
    meanings: &[Meaning],
    called: &[Option<Called>],
    time_regex: Option<&str>,
) {
    let mut order: Vec<usize> = (0..shapes.len()).collect();
    let names = |at: &usize| {
        shapes[*at]
            .slots
            .iter()
            .filter(|slot| slot.class == Class::Word)
            .count()
    };
    // What is the same in all lines of a shape may be a value of another: `to 3` and `to \d+`.
    let particular = |at: &usize| {
        let shape = &shapes[*at];
        (shape.code.is_none(), std::cmp::Reverse(conditions(shape)))
    };
    order.sort_by_key(|at| (names(at), particular(at)));
    for at in order {
        let (shape, meaning) = (&shapes[at], &meanings[at]);
        let pattern = |meaning: &Meaning| match &shape.body {
            Body::Text(pieces) => Some(pattern(shape, pieces, meaning, time_regex)),
            Body::Fields(_) => None,
        };
        let (conditions, fields) = match &shape.body {
            Body::Text(_) => Default::default(),
            Body::Fields(conditions) => {
                let whole = conditions
                    .iter()
                    .map(|(field, value)| (field.clone(), regex::escape(value)));
                let named = shape.slots.iter().zip(&meaning.roles);
                let fields = named.filter_map(|(slot, role)| {
                    Some((role.name()?.to_owned(), slot.field.clone()?))
                });
                let peer = called[at].as_ref();
                let peer = peer.and_then(|of| Some((of.role.name()?.to_owned(), of.field.clone())));
                (whole.collect(), fields.chain(peer).collect())
            }
        };
        match &meaning.standing {
            Standing::Event(kind) => format.events.push(EventRule {
                kind: *kind,
                pattern: pattern(meaning),
                conditions,
                fields,
            }),
            Standing::Header { begins_trial } => format.headers.push(Header {
                pattern: pattern(meaning),
                conditions,
                fields,
                begins_trial: *begins_trial,
            }),
            Standing::Ignored(reason) | Standing::Hole(reason) => {
                let pattern = match &shape.body {
                    Body::Text(_) => pattern(&Meaning {
                        roles: vec![Role::None; shape.slots.len()],
                        ..Meaning::default()
                    }),
                    Body::Fields(conditions) => field_line(conditions),
                };
                let Some(pattern) = pattern else { continue };
                if format.ignored.iter().all(|known| known.pattern != pattern) {
                    format.ignored.push(Ignore {
                        pattern,
                        reason: reason.clone(),
                        may_hold_events: matches!(meaning.standing, Standing::Hole(_)),
                    });
                }
            }
            Standing::Unknown => {}
        }
    }
    let blank = Ignore {
        pattern: r"^\s*$".to_owned(),
        reason: "blank line".to_owned(),
        may_hold_events: false,
    };
    format.ignored.insert(0, blank);
}

fn conditions(shape: &Shape) -> usize {
    shape.conditions().len()
}

/// A regex on the whole line of a record whose fields have these values; `None` when the value is empty.
fn field_line(conditions: &[(String, String)]) -> Option<String> {
    let (_, value) = conditions.iter().find(|(_, value)| !value.is_empty())?;
    let word = |letter: Option<char>| {
        if letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_') {
            r"\b"
        } else {
            ""
        }
    };
    Some(format!(
        "{}{}{}",
        word(value.chars().next()),
        regex::escape(value),
        word(value.chars().last())
    ))
}

/// The pattern of a text line.
pub(super) fn pattern(
    shape: &Shape,
    pieces: &[Piece],
    meaning: &Meaning,
    time_regex: Option<&str>,
) -> String {
    let is_to =
        |piece: &Piece| matches!(piece.part, Part::Slot(slot) if meaning.roles[slot] == Role::To);
    let (first_to, last_to) = (
        pieces.iter().position(is_to),
        pieces.iter().rposition(is_to),
    );
    let mut pattern = "^".to_owned();
    for (at, piece) in pieces.iter().enumerate() {
        let gap = match (at, &piece.part) {
            (0, Part::Literal(_) | Part::Slot(_)) if piece.gap.max == 0 => "",
            (_, Part::End) if piece.gap.colour => piece.gap.regex(),
            (_, Part::End) => r"\s*",
            _ => piece.gap.regex(),
        };
        pattern.push_str(gap);
        match &piece.part {
            Part::End => {}
            Part::Literal(text) => pattern.push_str(&literal(text)),
            Part::Slot(slot) => {
                let role = meaning.roles[*slot];
                let regex = match (role, time_regex) {
                    (Role::Time, Some(time)) if shape.slots[*slot].class == Class::Time => {
                        time.to_owned()
                    }
                    _ => value(shape, *slot),
                };
                match role {
                    Role::To => {
                        pattern.push_str(if first_to == Some(at) { "(?<to>" } else { "" });
                        pattern.push_str(&regex);
                        pattern.push_str(if last_to == Some(at) { ")" } else { "" });
                    }
                    role => match role.name() {
                        Some(name) => pattern.push_str(&format!("(?<{name}>{regex})")),
                        None => pattern.push_str(&regex),
                    },
                }
            }
        }
    }
    pattern + "$"
}

/// Escapes no more than need be, so that patterns stay readable.
fn literal(text: &str) -> String {
    match text {
        "\n" => r"\n".to_owned(),
        "#" | "-" | "&" | "~" => text.to_owned(),
        text => regex::escape(text),
    }
}

/// A regex for the values of a slot and their likes.
fn value(shape: &Shape, slot: usize) -> String {
    let all = |is: &dyn Fn(&str) -> bool| shape.column(slot).all(is);
    match shape.slots[slot].class {
        Class::Number => {
            let sign = if all(&|value| !value.starts_with('-')) {
                ""
            } else {
                "-?"
            };
            if all(&|value| {
                value
                    .trim_start_matches('-')
                    .bytes()
                    .all(|byte| byte.is_ascii_digit())
            }) {
                format!(r"{sign}\d+")
            } else if all(&|value| !value.contains(['e', 'E'])) {
                format!(r"{sign}\d+(?:\.\d+)?")
            } else {
                format!(r"{sign}\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
            }
        }
        Class::Time => {
            let mut examples: Vec<&str> = shape.column(slot).collect();
            examples.sort_unstable();
            examples.dedup();
            times::describe(&examples)
                .map_or_else(|| r"\S+(?: \S+)*?".to_owned(), |written| written.regex)
        }
        Class::List => list(shape, slot),
        Class::Word if all(&|value| value.chars().all(char::is_alphabetic)) => r"\w+".to_owned(),
        Class::Word => r"[\w'’]+".to_owned(),
        Class::Mixed => r"[\w.:-]+".to_owned(),
        Class::Mark => ".".to_owned(),
    }
}

fn list(shape: &Shape, slot: usize) -> String {
    let first = shape.column(slot).next().unwrap_or_default();
    let regex = match first.chars().next() {
        Some('[') => r"\[[^\]]*\]",
        Some('(') => r"\([^)]*\)",
        Some('{') => r"\{[^}]*\}",
        Some('0'..='9') => return vectors::regex(first),
        _ => "<[^>]*>",
    };
    regex.to_owned()
}
