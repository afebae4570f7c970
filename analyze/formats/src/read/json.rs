//! JSON objects: one a line, over several lines, or in an array that is the whole file.
//!
//! **Invariant.** A line that is no object costs itself alone.

use std::borrow::Cow;
use std::collections::HashMap;

use super::object::take_apart;
use super::reader::{Reader, Which};
use crate::compile::{Field, by_fields, words};
use crate::line_log::Class;
use crate::lines::{Line, Lines};

const NO_MATCH: &str = "no rule takes this object";
/// Why a line of nothing but brackets is left out.
const BRACKETS: &str = "brackets of a JSON array";
/// Longest object, in bytes.
const OBJECT_BYTES_MAX: usize = 256 * 1024;

/// Reads a text.
pub(super) fn read(reader: &mut Reader, text: &str) {
    let mut fields = Fields::new(reader.compiled.fields());
    let mut lines = Lines::new(text);
    while let Some(line) = lines.next() {
        if let Some(class) = reader.by_pattern(line.text, line.number, Which::NotIgnored) {
            reader.enter(&line, Some(class), NO_MATCH);
        } else if between(line.text).is_empty() && !line.text.trim().is_empty() {
            reader.enter(&line, Some(Class::Ignored(BRACKETS.to_owned())), NO_MATCH);
        } else if between(line.text).starts_with('{') {
            objects(reader, text, line, &mut lines, &mut fields);
        } else {
            let taken = reader.by_pattern(line.text, line.number, Which::Ignored);
            reader.enter(&line, taken, "it is no JSON object");
        }
    }
}

/// Which fields of the format an object's names are.
struct Fields<'c> {
    fields: &'c [Field],
    /// For names met before: numbers of fields, and which of the field's alternatives the name is.
    known: HashMap<String, Vec<(usize, usize)>>,
}

/// So many names are remembered; a file may have any number.
const KNOWN_MAX: usize = 1_000;

impl<'c> Fields<'c> {
    fn new(fields: &'c [Field]) -> Fields<'c> {
        Fields {
            fields,
            known: HashMap::new(),
        }
    }

    fn of(&mut self, path: &str) -> &[(usize, usize)] {
        if !self.known.contains_key(path) {
            if self.known.len() == KNOWN_MAX {
                self.known.clear();
            }
            let numbered = self.fields.iter().enumerate();
            let words = words(path);
            let of_path = numbered.filter_map(|(number, field)| {
                let rank = if field.name == path {
                    Some(0)
                } else if field.has_alternatives() {
                    let alike = |known: &String| !words.is_empty() && *known == words;
                    field.words.iter().position(alike)
                } else {
                    None
                };
                Some((number, rank?))
            });
            self.known.insert(path.to_owned(), of_path.collect());
        }
        self.known.get(path).map_or(&[], Vec::as_slice)
    }
}

/// What is left of a text after the signs that stand between objects.
fn between(text: &str) -> &str {
    text.trim_start_matches(|c: char| {
        c.is_whitespace() || matches!(c, '[' | ']' | ',' | ';' | '\0')
    })
}

/// Reads the objects that begin on a line, and those that begin where one of them ends.
fn objects<'t>(
    reader: &mut Reader,
    text: &'t str,
    mut line: Line<'t>,
    lines: &mut Lines<'t>,
    fields: &mut Fields,
) {
    let mut class: Option<Class> = None;
    let mut at = line.from;
    loop {
        let rest = between(&text[at..line.to]);
        if rest.is_empty() {
            break;
        }
        let from = line.to - rest.len();
        if !rest.starts_with('{') {
            let wrong =
                Class::Unexplained("an object, and after it something that is none".to_owned());
            class = Some(class.map_or(wrong.clone(), |class| class.or(wrong)));
            break;
        }
        let (found, length) = one(reader, &text[from..], &line, fields);
        at = from + length;
        // Each line but the last is entered here; the last may have the start of another object.
        while at > line.to {
            let Some(next) = lines.next() else { break };
            enter(
                reader,
                &line,
                class
                    .take()
                    .map_or(found.clone(), |class| class.or(found.clone())),
            );
            line = next;
        }
        class = Some(class.map_or(found.clone(), |class| class.or(found)));
    }
    if let Some(class) = class {
        enter(reader, &line, class);
    }
}

/// Enters a line of objects; what nothing explains may yet be left out by a rule.
fn enter(reader: &mut Reader, line: &Line, class: Class) {
    let class = match class {
        Class::Unexplained(why) => {
            match reader.by_pattern(line.text, line.number, Which::Ignored) {
                Some(ignored) => ignored,
                None => return reader.enter(line, None, &why),
            }
        }
        class => class,
    };
    reader.enter(line, Some(class), NO_MATCH);
}

/// What becomes of the object that a text begins with, and its length; of what is no object, the rest of the line.
fn one<'t>(reader: &mut Reader, text: &'t str, line: &Line, fields: &mut Fields) -> (Class, usize) {
    let mut end = text.len().min(OBJECT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut chosen: Vec<Option<Cow<'t, str>>> = vec![None; fields.fields.len()];
    let mut ranks = vec![usize::MAX; fields.fields.len()];
    let mut said = |path: &str, value: Cow<'t, str>| {
        // It says as little as a field that is not there.
        if value == "null" {
            return;
        }
        for &(number, rank) in fields.of(path) {
            if rank <= ranks[number] {
                ranks[number] = rank;
                chosen[number] = Some(value.clone());
            }
        }
    };
    match take_apart(&text[..end], &mut said) {
        Ok(length) => {
            let class = match by_fields(reader.compiled.rules(), &chosen) {
                Some((rule, values)) => reader.take(rule, &values, line.number),
                None => Class::Unexplained(NO_MATCH.to_owned()),
            };
            (class, length)
        }
        Err(wrong) => {
            let why = format!(
                "it is no JSON object: expected {} at its byte {}",
                wrong.expected,
                wrong.at + 1
            );
            let rest = text.find(['\n', '\r']).unwrap_or(text.len());
            (Class::Unexplained(why), rest)
        }
    }
}
