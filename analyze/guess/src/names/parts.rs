//! Names of files and paths taken apart, and put together again as patterns.
//!
//! **Invariant.** The parts of a name, joined, are the name.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::meaning::Role;

/// What a part of a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Time,
    Number,
    Word,
    Mark,
}

pub(crate) type Part<'a> = (Class, &'a str);

/// A name or a path, taken apart.
pub(crate) fn parts(name: &str) -> Vec<Part<'_>> {
    static PART: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?<time>\d{4}-\d{1,2}-\d{1,2}[ T_:-]*\d{1,2}[:._-]\d{1,2}[:._-]\d{1,2}(?:\.\d+)?|\d{4}-\d{2}-\d{2}|\d{8}[-_T]\d{6}|\d{9,10}\.\d+|\d{10,})|(?<number>\d+)|(?<word>\p{Alphabetic}+)|(?<mark>(?s:.))",
        )
        .ok()
    });
    let Some(regex) = PART.as_ref() else {
        return Vec::new();
    };
    let classes = [
        ("time", Class::Time),
        ("number", Class::Number),
        ("word", Class::Word),
        ("mark", Class::Mark),
    ];
    let part = |found: regex::Captures<'_>| {
        classes
            .iter()
            .find_map(|(group, class)| Some((*class, found.name(group)?.range())))
    };
    regex
        .captures_iter(name)
        .filter_map(part)
        .map(|(class, range)| (class, &name[range]))
        .collect()
}

/// The word before a part, with nothing but marks between them.
pub(crate) fn label(parts: &[Part<'_>], at: usize) -> Option<String> {
    let before = parts[..at].iter().rposition(|part| part.0 == Class::Word);
    before
        .filter(|&word| parts[word + 1..at].iter().all(|part| part.0 == Class::Mark))
        .map(|word| parts[word].1.to_lowercase())
}

/// A pattern of names with these roles.
pub(crate) fn pattern(group: &[(&str, &[Part<'_>])], roles: &[Role]) -> String {
    let first = group[0].1;
    let extension = first
        .iter()
        .rposition(|part| part.1 == ".")
        .unwrap_or(first.len());
    let mut pattern = "(?:^|/)".to_owned();
    for (at, &(class, text)) in first.iter().enumerate() {
        let varies = group.iter().any(|(_, parts)| parts[at].1 != text);
        let one = |class| match class {
            Class::Time => r"[\d.:T _-]+",
            Class::Number => r"\d+",
            Class::Word => "[A-Za-z]+",
            Class::Mark => "",
        };
        let regex = if class == Class::Number
            || class == Class::Time
            || (class == Class::Word && varies && at < extension)
        {
            one(class).to_owned()
        } else if varies {
            let texts: BTreeSet<&str> = group.iter().map(|(_, parts)| parts[at].1).collect();
            let texts: Vec<String> = texts.into_iter().map(regex::escape).collect();
            format!("(?:{})", texts.join("|"))
        } else {
            regex::escape(text)
        };
        match roles[at].name() {
            Some(role) => pattern.push_str(&format!("(?<{role}>{regex})")),
            None => pattern.push_str(&regex),
        }
    }
    pattern + "$"
}
