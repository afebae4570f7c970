//! A line cut into words, numbers, times, lists and marks.
//!
//! **Invariant.** Tokens and the gaps before them, joined, are the line.

use std::sync::LazyLock;

use regex::Regex;

use super::meaning::Role;
use super::{durations, times, words};

/// A part of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    /// What it is.
    pub(super) class: Class,
    /// Its text.
    pub(super) text: &'a str,
    /// What stands between it and the token before: spaces, tabs and colour codes.
    pub(super) gap: &'a str,
}

/// What a part of a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Class {
    /// Letters.
    Word,
    /// A whole number or one with a fraction.
    Number,
    /// A time, with or without a date.
    Time,
    /// Several numbers in brackets, with or without names.
    List,
    /// Letters and digits mixed: an identifier, an address.
    Mixed,
    /// Anything else, one character at a time.
    Mark,
}

/// What stands between tokens.
pub(super) const GAP: &str = r"(?:[^\S\n]|\x1b\[[0-9;]*[A-Za-z])*";

static TOKEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let item = r#"(?:['"]?[\w.-]*[A-Za-z_][\w.-]*['"]?\s*[:=]\s*|['"]?\d+['"]?\s*[:=]\s*)?-?\d+(?:\.\d+)?"#;
    let items = format!(r"{item}(?:\s*[,;|]\s*{item}|\s+{item})+\s*,?\s*");
    let items_in_braces = format!(r"{item}(?:\s*[,;|]\s*{item}|\s+{item})*\s*,?\s*");
    let pattern = format!(
        r"(?<gap>{GAP})(?:(?<time>{time})|(?<list>\[\s*{items}\]|\(\s*{items}\)|\{{\s*{items_in_braces}\}}|<\s*{items}>)|(?<mixed>\d+\.\d+\.\d+\.\d+|[0-9a-fA-F]+(?:-[0-9a-fA-F]+){{3,}}|0x[0-9a-fA-F]+)|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<word>\p{{Alphabetic}}+(?:['’]\p{{Alphabetic}}+)?)|(?<mark>(?s:.)))",
        time = times::REGEX.as_str(),
    );
    Regex::new(&pattern).ok()
});

/// The parts of a line, and what stands after the last.
pub(super) fn tokens(line: &str) -> (Vec<Token<'_>>, &str) {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let Some(regex) = TOKEN.as_ref() else {
        return (tokens, line);
    };
    let mut end = 0;
    while let Some(found) = regex.captures_at(line, end) {
        let gap = found.name("gap").map_or("", |gap| gap.as_str());
        let classes = [
            ("time", Class::Time),
            ("list", Class::List),
            ("mixed", Class::Mixed),
            ("number", Class::Number),
            ("word", Class::Word),
            ("mark", Class::Mark),
        ];
        let part = classes
            .iter()
            .find_map(|(name, class)| Some((found.name(name)?, *class)));
        let Some((part, class)) = part else { break };
        let facts = class == Class::List && names_facts(part.as_str());
        let (class, text) = match part.as_str().chars().next() {
            Some(bracket) if facts => (Class::Mark, &part.as_str()[..bracket.len_utf8()]),
            _ => (class, part.as_str()),
        };
        // At the head of a line it is the time of the line; further on it may be a period or the length of a run.
        let at_head =
            class == Class::Number && tokens.iter().all(|token| token.class == Class::Mark);
        let duration = at_head.then(|| durations::at_start(&line[part.start()..]));
        let (class, text) = duration
            .flatten()
            .map_or((class, text), |text| (Class::Time, text));
        end = part.start() + text.len();
        if class == Class::Number
            && negative(&tokens, gap)
            && let Some(minus) = tokens.pop()
        {
            let start = part.start() - 1;
            tokens.push(Token {
                class,
                text: &line[start..end],
                gap: minus.gap,
            });
            continue;
        }
        tokens.push(Token { class, text, gap });
    }
    (mix(line, tokens), &line[end..])
}

/// Whether a list tells several things by their names and is no clock of several machines: `{id=1 rate=4}`.
pub(super) fn names_facts(list: &str) -> bool {
    let parts = list.split([',', ';', '|', ' ', '{', '(', '[', '<']);
    let names = parts.filter_map(|part| part.split_once([':', '=']));
    let roles = [
        Role::Rate,
        Role::Clock,
        Role::Queue,
        Role::Time,
        Role::From,
        Role::Carried,
    ];
    names.map(|(name, _)| name).any(|name| {
        let words = words::split(name);
        let says = |word: &String| {
            roles
                .iter()
                .any(|&role| words::role_weight(role, word) >= 2.0)
        };
        !name.bytes().any(|byte| byte.is_ascii_digit()) && words.iter().any(says)
    })
}

/// Whether the number that follows is below zero: a minus stands before it, and no number or word before that.
fn negative(tokens: &[Token<'_>], gap: &str) -> bool {
    let [before @ .., minus] = tokens else {
        return false;
    };
    let apart = !minus.gap.is_empty()
        || before
            .last()
            .is_none_or(|token| matches!(token.text, "=" | ":" | "," | "(" | "[" | "\""));
    gap.is_empty() && minus.text == "-" && apart
}

/// Joins what changes more than once between letters and digits without a gap: `a3f9`, not `VM2`.
fn mix<'a>(line: &'a str, tokens: Vec<Token<'a>>) -> Vec<Token<'a>> {
    let mut mixed: Vec<Token<'a>> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let glued = |token: &Token<'_>| {
            matches!(token.class, Class::Word)
                || (token.class == Class::Number
                    && token.text.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let mut end = at;
        while end < tokens.len() && glued(&tokens[end]) && (end == at || tokens[end].gap.is_empty())
        {
            end += 1;
        }
        if end - at >= 3 {
            let start = tokens[at].text.as_ptr() as usize - line.as_ptr() as usize;
            let last = &tokens[end - 1];
            let stop = last.text.as_ptr() as usize - line.as_ptr() as usize + last.text.len();
            mixed.push(Token {
                class: Class::Mixed,
                text: &line[start..stop],
                gap: tokens[at].gap,
            });
            at = end;
        } else {
            mixed.push(tokens[at]);
            at += 1;
        }
    }
    mixed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_falls_into_what_a_reader_would_see() {
        let line = "2023-03-07 20:38:18,148 INFO VM2 sent -1 to [1, 0, 2] {A: 1, B:2} id=3f9ac1 \x1b[32mok";
        let (parts, _) = tokens(line);
        let of = |class| {
            parts
                .iter()
                .filter(move |token| token.class == class)
                .map(|token| token.text)
                .collect::<Vec<_>>()
        };
        assert_eq!(of(Class::Time), ["2023-03-07 20:38:18,148"]);
        assert_eq!(of(Class::List), ["[1, 0, 2]", "{A: 1, B:2}"]);
        assert_eq!(of(Class::Number), ["2", "-1"]);
        assert_eq!(of(Class::Mixed), ["3f9ac1"]);
        assert_eq!(of(Class::Word), ["INFO", "VM", "sent", "to", "id", "ok"]);
    }

    proptest! {
        #[test]
        fn nothing_of_a_line_is_lost(line in "\\PC*") {
            let (parts, rest) = tokens(&line);
            let joined: String = parts.iter().flat_map(|token| [token.gap, token.text]).collect();
            prop_assert_eq!(joined + rest, line);
        }
    }
}
