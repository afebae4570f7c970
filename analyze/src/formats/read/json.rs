//! JSON objects: one a line, over several lines, or in an array that is the whole file.
//!
//! **Invariant.** A line that is no object costs itself alone.

use std::borrow::Cow;
use std::collections::HashMap;

use super::object::take_apart;
use super::{Reader, Which};
use crate::formats::compile::by_fields;
use crate::formats::ledger::Class;
use crate::formats::lines::{Line, Lines};

const NO_MATCH: &str = "no rule takes this object";
/// Why a line of nothing but brackets is left out.
const BRACKETS: &str = "brackets of a JSON array";
/// Longest object, in bytes.
const OBJECT_BYTES_MAX: usize = 256 * 1024;

/// Reads a text.
pub(super) fn read(reader: &mut Reader, text: &str) {
    let names = reader.compiled.fields().iter().enumerate();
    let fields: HashMap<&str, usize> = names
        .map(|(number, name)| (name.as_str(), number))
        .collect();
    let mut lines = Lines::new(text);
    while let Some(line) = lines.next() {
        if let Some(class) = reader.by_pattern(line.text, line.number, Which::NotIgnored) {
            reader.enter(&line, Some(class), NO_MATCH);
        } else if between(line.text).is_empty() && !line.text.trim().is_empty() {
            reader.enter(&line, Some(Class::Ignored(BRACKETS.to_owned())), NO_MATCH);
        } else if between(line.text).starts_with('{') {
            objects(reader, text, line, &mut lines, &fields);
        } else {
            let taken = reader.by_pattern(line.text, line.number, Which::Ignored);
            reader.enter(&line, taken, "it is no JSON object");
        }
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
    fields: &HashMap<&str, usize>,
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
fn one(
    reader: &mut Reader,
    text: &str,
    line: &Line,
    fields: &HashMap<&str, usize>,
) -> (Class, usize) {
    let mut end = text.len().min(OBJECT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut chosen: Vec<Option<Cow<str>>> = vec![None; fields.len()];
    let mut said = |path: &str, value| {
        if let Some(&number) = fields.get(path) {
            chosen[number] = Some(value);
        }
    };
    match take_apart(&text[..end], &mut said) {
        Ok(length) => {
            // `null` says as little as a field that is not there.
            chosen.iter_mut().for_each(|value| {
                if value.as_deref() == Some("null") {
                    *value = None;
                }
            });
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
