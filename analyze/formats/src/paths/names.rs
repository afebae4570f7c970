//! What names of files say: words, numbers and times, and which of them names the machine.

use std::sync::LazyLock;

use regex::Regex;

/// A part of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) text: String,
}

/// What a part of a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum TokenKind {
    Word,
    Number,
    Time,
}

/// What a word says of the number beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Machine,
    Trial,
    Rate,
}

/// Words before numbers of machines.
const MACHINE_WORDS: [&str; 27] = [
    "machine", "machines", "mach", "m", "vm", "vms", "process", "proc", "p", "pid", "node", "n",
    "server", "srv", "host", "client", "port", "peer", "worker", "replica", "agent", "actor", "id",
    "computer", "model", "instance", "member",
];
/// Words before numbers of trials.
const TRIAL_WORDS: [&str; 27] = [
    "trial",
    "trials",
    "t",
    "experiment",
    "experiments",
    "exp",
    "expt",
    "run",
    "runs",
    "test",
    "attempt",
    "round",
    "iter",
    "iteration",
    "sim",
    "simulation",
    "session",
    "try",
    "part",
    "case",
    "scenario",
    "config",
    "variation",
    "rep",
    "repetition",
    "sample",
    "set",
];
/// Words before rates.
const RATE_WORDS: [&str; 8] = [
    "rate",
    "speed",
    "hz",
    "clockrate",
    "clockspeed",
    "tickrate",
    "freq",
    "frequency",
];

static TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let date_and_time = r"\d{4}[-_.]\d{1,2}[-_.]\d{1,2}(?:[T _-]+\d{1,2}[-:_.h]\d{2}(?:[-:_.m]\d{2}(?:[.,]\d+)?)?)?";
    let american =
        r"\d{1,2}-\d{1,2}-\d{4}(?:[T _-]+\d{1,2}[-:_.]\d{2}(?:[-:_.]\d{2}(?:[.,]\d+)?)?)?";
    let compact = r"(?:19|20)\d{6}[-_T]?\d{6}|(?:19|20)\d{2}[01]\d[0-3]\d";
    let epoch = r"1\d{9}[.]\d+|1\d{12}|1\d{9}";
    Regex::new(&format!(
        "^(?:{date_and_time}|{american}|{compact}|{epoch})"
    ))
    .ok()
});

/// Takes a name apart. Marks between its parts are not kept.
pub(super) fn tokens(name: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let (kind, length) = if first.is_ascii_digit() {
            number_or_time(rest)
        } else if first.is_alphabetic() {
            (Some(TokenKind::Word), word_length(rest))
        } else {
            (None, first.len_utf8())
        };
        let (text, after) = rest.split_at(length);
        if let Some(kind) = kind {
            tokens.push(Token {
                kind,
                text: text.to_owned(),
            });
        }
        rest = after;
    }
    tokens
}

fn number_or_time(text: &str) -> (Option<TokenKind>, usize) {
    let time = TIME.as_ref().and_then(|time| time.find(text));
    if let Some(time) = time
        && !text[time.end()..].starts_with(|next: char| next.is_ascii_digit())
    {
        return (Some(TokenKind::Time), time.end());
    }
    let end = text.find(|next: char| !next.is_ascii_digit());
    (Some(TokenKind::Number), end.unwrap_or(text.len()))
}

/// Up to the next character that is no letter, or to a capital after a small letter: `machineA` is two words.
fn word_length(text: &str) -> usize {
    let mut before_is_small = false;
    for (at, next) in text.char_indices() {
        if !next.is_alphabetic() || (before_is_small && next.is_uppercase()) {
            return at;
        }
        before_is_small = next.is_lowercase();
    }
    text.len()
}

/// What a word says of the number after it.
pub(super) fn role(word: &str) -> Option<Role> {
    let word = word.to_lowercase();
    let is_in = |words: &[&str]| words.contains(&word.as_str());
    if is_in(&MACHINE_WORDS) {
        Some(Role::Machine)
    } else if is_in(&TRIAL_WORDS) {
        Some(Role::Trial)
    } else if is_in(&RATE_WORDS) {
        Some(Role::Rate)
    } else {
        None
    }
}

/// The name of the machine that a folder is called after: `1` of `machine_1`.
pub(super) fn machine_of_folder(name: &str) -> Option<String> {
    match &tokens(name)[..] {
        [word, id] if role(&word.text) == Some(Role::Machine) && id.kind != TokenKind::Time => {
            let named = id.kind == TokenKind::Number || id.text.chars().count() == 1;
            named.then(|| id.text.clone())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_words_numbers_and_times() {
        let texts = |name: &str| -> Vec<String> {
            let parts = tokens(name)
                .into_iter()
                .map(|token| format!("{:?} {}", token.kind, token.text));
            parts.collect()
        };
        assert_eq!(
            texts("exp10_machineB"),
            ["Word exp", "Number 10", "Word machine", "Word B"]
        );
        assert_eq!(
            texts("Process1_2023-03-01 21:40:37.591435"),
            [
                "Word Process",
                "Number 1",
                "Time 2023-03-01 21:40:37.591435"
            ]
        );
        assert_eq!(
            texts("1678239498.147712_vm_0"),
            ["Time 1678239498.147712", "Word vm", "Number 0"]
        );
        assert_eq!(texts("20230301-214037"), ["Time 20230301-214037"]);
        assert_eq!(
            texts("12345678901234567890"),
            ["Number 12345678901234567890"]
        );
        assert_eq!(texts("VM1 (2)"), ["Word VM", "Number 1", "Number 2"]);
        assert_eq!(texts("é1"), ["Word é", "Number 1"]);
    }

    #[test]
    fn folders_are_called_after_machines() {
        assert_eq!(machine_of_folder("machine_1").as_deref(), Some("1"));
        assert_eq!(machine_of_folder("vmA").as_deref(), Some("A"));
        assert_eq!(machine_of_folder("trial1"), None);
        assert_eq!(machine_of_folder("machines"), None);
        assert_eq!(machine_of_folder("model logs"), None);
    }
}
