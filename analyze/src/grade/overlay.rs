//! One TOML file laid over another: values are replaced, names and types stay.

use toml::Table;
use toml::Value;
use toml::de::{DeTable, DeValue};

/// A line that cannot be laid over what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// From 1.
    pub(super) line: usize,
    pub(super) expected: String,
    pub(super) found: String,
}

/// Lays a text over a table.
///
/// # Errors
///
/// The first line that is no TOML, has a name that the table does not know, or a value of another type.
pub(super) fn lay(text: &str, over: &mut Table) -> Result<(), Fault> {
    let parsed = DeTable::parse(text).map_err(|error| Fault {
        line: line_at(text, error.span().map_or(0, |span| span.start)),
        expected: "TOML".to_owned(),
        found: error.message().to_owned(),
    })?;
    lay_table(text, parsed.get_ref(), over)
}

/// The line on which a table begins, from 1; the first where it does not.
pub(super) fn line_of_table(text: &str, name: &str) -> usize {
    let header = format!("[{name}]");
    let place = text.lines().position(|line| line.trim() == header);
    place.map_or(1, |at| at + 1)
}

fn lay_table(text: &str, from: &DeTable<'_>, over: &mut Table) -> Result<(), Fault> {
    for (key, value) in from {
        let known = || {
            let names: Vec<String> = over.keys().map(|name| format!("`{name}`")).collect();
            names.join(", ")
        };
        let name: &str = key.get_ref();
        let Some(place) = over.get(name) else {
            return Err(Fault {
                line: line_at(text, key.span().start),
                expected: format!("one of {}", known()),
                found: format!("`{name}`"),
            });
        };
        let refused = |expected: &str, found: String| Fault {
            line: line_at(text, value.span().start),
            expected: expected.to_owned(),
            found,
        };
        let raw = &text[value.span()];
        let laid = match (place, value.get_ref()) {
            (Value::Table(inner), DeValue::Table(theirs)) => {
                let mut inner = inner.clone();
                // Whether it is judged stands in no default table: it is.
                inner.entry("on").or_insert(Value::Boolean(true));
                lay_table(text, theirs, &mut inner)?;
                Value::Table(inner)
            }
            (Value::Table(_), _) => {
                return Err(refused("a table", raw.to_owned()));
            }
            (place, _) => {
                scalar(place, raw).map_err(|expected| refused(expected, raw.to_owned()))?
            }
        };
        over.insert(name.to_owned(), laid);
    }
    Ok(())
}

/// A value as its text says, of the type of the one in its place; otherwise what was expected.
fn scalar(place: &Value, raw: &str) -> Result<Value, &'static str> {
    let parsed: Value = raw.parse().map_err(|_| "a value")?;
    match (place, parsed) {
        (Value::String(_), value @ Value::String(_)) => Ok(value),
        (Value::String(_), _) => Err("a text"),
        (Value::Boolean(_), value @ Value::Boolean(_)) => Ok(value),
        (Value::Boolean(_), _) => Err("true or false"),
        (Value::Integer(_) | Value::Float(_), Value::Integer(number)) if number < 0 => {
            Err("0 or more")
        }
        (_, Value::Float(number)) if !(number >= 0.0 && number.is_finite()) => Err("0 or more"),
        (Value::Integer(_), value @ Value::Integer(_)) => Ok(value),
        (Value::Integer(_), _) => Err("a whole number"),
        (Value::Float(_), value @ Value::Float(_)) => Ok(value),
        (Value::Float(_), Value::Integer(number)) => Ok(Value::Float(number as f64)),
        _ => Err("a number"),
    }
}

fn line_at(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|&byte| byte == b'\n')
        .count()
        + 1
}
