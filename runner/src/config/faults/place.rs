//! Where in a file of faults something stands, and what a misspelt word in it may mean.
//!
//! **Invariant.** A line is that of the key with which a problem begins, or of the table that it is about; it is never guessed.

use driver::faults::limits::Item;
use event_log::faults::{Fault, Storm};
use serde::de::DeserializeOwned;
use strsim::damerau_levenshtein;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Of a misspelt word one letter of this many may be wrong, and one in any case.
const LETTERS_FOR_ONE_WRONG: usize = 4;

/// The line, from 1, of what a problem with a part of a file is about.
pub(super) fn line(text: &str, item: Item, problem: &str) -> Option<usize> {
    let file = DeTable::parse(text).ok()?;
    let start = match item {
        Item::Settle => key(file.get_ref(), "settle")?,
        Item::Fault(place) => start(file.get_ref(), ("fault", place), problem)?,
        Item::Storm(place) => start(file.get_ref(), ("storm", place), problem)?,
    };
    Some(1 + text.get(..start)?.matches('\n').count())
}

/// Where in a file the key stands with which a problem with one of its tables begins, or else the table.
fn start(file: &DeTable<'_>, (name, place): (&str, usize), problem: &str) -> Option<usize> {
    let tables = file.iter().find(|(key, _)| key.get_ref() == name)?.1;
    let table: &Spanned<DeValue<'_>> = tables.get_ref().as_array()?.get(place)?;
    let name = problem.split([' ', ':']).next()?;
    key(table.get_ref().as_table()?, name).or(Some(table.span().start))
}

/// Where in a file a key of a table stands.
fn key(table: &DeTable<'_>, name: &str) -> Option<usize> {
    let mut keys = table.keys();
    let key = keys.find(|key| key.get_ref() == name)?;
    Some(key.span().start)
}

/// What is wrong with a file that is no schedule. Where a table as a whole is wrong the parser points to the first of its name.
pub(super) fn explain(text: &str, error: &toml::de::Error) -> String {
    let start = error.span().and_then(|span| text.get(span.start..));
    let of_table = start.filter(|start| start.starts_with("[["));
    let of_table = of_table.and_then(|_| {
        let tables = text.parse::<toml::Table>().ok()?;
        wrong_table::<Fault>(text, &tables, "fault", Item::Fault)
            .or_else(|| wrong_table::<Storm>(text, &tables, "storm", Item::Storm))
    });
    of_table.unwrap_or_else(|| with_meant(error.to_string().trim_end(), error.message()))
}

/// The first table of a name that is none of these, with the line of what is wrong with it.
fn wrong_table<T: DeserializeOwned>(
    text: &str,
    tables: &toml::Table,
    name: &str,
    item: fn(usize) -> Item,
) -> Option<String> {
    let tables = tables.get(name)?.as_array()?.iter().enumerate();
    let mut wrong = tables.filter_map(|(place, table)| {
        let error = table.clone().try_into::<T>().err()?;
        let line = line(text, item(place), error.message())?;
        Some(with_meant(
            &format!("line {line}: {}", error.message()),
            error.message(),
        ))
    });
    wrong.next()
}

/// A text about a problem, with the word that was meant if that is likely.
pub(super) fn with_meant(text: &str, problem: &str) -> String {
    match meant(problem) {
        Some(word) => format!("{text}; did you mean `{word}`?"),
        None => text.to_owned(),
    }
}

/// Of the words that a problem says were expected the one that is nearest to the word that was found.
fn meant(problem: &str) -> Option<&str> {
    let (found, expected) = problem.split_once("expected ")?;
    let quote = found.find(['`', '"'])?;
    let found = found[quote + 1..].split(['`', '"']).next()?;
    let expected = expected.split(", ").flat_map(|words| words.split(" or "));
    let words = expected.map(|word| word.trim_start_matches("one of ").trim_matches('`'));
    let near = words.filter_map(|word| {
        // Of `send:KIND` either part may be misspelt.
        let distances = found.split(':').map(|part| damerau_levenshtein(part, word));
        let distance = distances.min()?;
        let is_near = (1..=1.max(word.len() / LETTERS_FOR_ONE_WRONG)).contains(&distance);
        let is_word = !word.contains(|letter: char| letter.is_ascii_digit());
        (is_near && is_word).then_some((distance, word))
    });
    near.min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_is_near_to_one_that_was_expected() {
        for (problem, word) in [
            (
                "unknown field `tagret`, expected one of `at`, `target`, `for`",
                Some("target"),
            ),
            (
                "do = \"kil\": expected one of kill, power, pause",
                Some("kill"),
            ),
            ("`priamry`: expected primary, backup, any", Some("primary")),
            (
                "on: `send:instal`: there is no such kind: expected one of install, promise",
                Some("install"),
            ),
            (
                "`sned:install`: expected send, record or persist",
                Some("send"),
            ),
            ("`send`: expected send, record or persist", None),
            ("do = \"explode\": expected one of kill, power, pause", None),
            (
                "`20x`: expected a length of time with its unit, such as 20s, 0.5s or 100us",
                None,
            ),
            ("a storm does something", None),
        ] {
            assert_eq!(meant(problem), word, "{problem}");
        }
    }
}
