//! Every built-in format reads lines such as the ones at its top.

use regex::Regex;

use super::*;
use crate::spec::LineKind;
use events::Kind;

/// The rules for events of a format, compiled.
type Rules = Vec<(Kind, Regex)>;

/// Those of all formats, each compiled once: they are large.
static RULES: LazyLock<Vec<(&str, Rules)>> = LazyLock::new(|| {
    let rules = builtin().iter().map(|format| {
        let patterns = format
            .events
            .iter()
            .filter_map(|rule| Some((rule.kind, rule.pattern.as_deref()?)));
        let compiled =
            patterns.map(|(kind, pattern)| (kind, Regex::new(pattern).expect("a regex")));
        (&*format.name, compiled.collect())
    });
    rules.collect()
});

/// What the first rule that takes a record says: its kind, and groups with their values.
fn read(name: &str, record: &str) -> Option<(Kind, Vec<(String, String)>)> {
    let (_, rules) = RULES
        .iter()
        .find(|(format, _)| *format == name)
        .expect("a built-in format");
    rules.iter().find_map(|(kind, regex)| {
        let found = regex.captures(record)?;
        let groups = regex.capture_names().flatten();
        let said = groups
            .filter_map(|name| Some((name.to_owned(), found.name(name)?.as_str().to_owned())));
        Some((*kind, said.collect()))
    })
}

/// What a format reads in a line: `kind group=value …`, groups by name.
fn said(name: &str, record: &str) -> String {
    let Some((kind, mut said)) = read(name, record) else {
        return format!("nothing of {record}");
    };
    said.sort();
    let said = said
        .into_iter()
        .map(|(group, value)| format!(" {group}={value}"));
    format!(
        "{}{}",
        format!("{kind:?}").to_lowercase(),
        said.collect::<String>()
    )
}

#[test]
fn each_is_a_format_of_its_own_name_with_an_example() {
    let mut names: Vec<&str> = builtin().iter().map(|format| &*format.name).collect();
    assert_eq!(names.len(), TEXTS.len());
    for (format, text) in builtin().iter().zip(TEXTS) {
        assert_eq!(super::text(&format.name), Some(text));
        assert!(
            text.starts_with("# ") && !format.description.is_empty(),
            "{}",
            format.name
        );
        let again: Format =
            toml::from_str(&toml::to_string(format).expect("TOML")).expect("a format");
        assert_eq!(again, *format);
        if format.lines.kind == LineKind::Text && format.lines.record.is_none() {
            for line in text.lines().map_while(|line| line.strip_prefix("# ")) {
                let (_, said) =
                    read(&format.name, line).unwrap_or_else(|| panic!("{}: {line}", format.name));
                assert!(
                    said.iter().any(|(group, _)| group == "clock"),
                    "{}: {line}",
                    format.name
                );
            }
        }
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), TEXTS.len());
}

#[test]
fn sentences_of_many_programs_are_read() {
    for (line, expected) in [
        (
            "2024-02-26 10:00:03,512 - INFO - Machine 1: received a message from machine 2, queue length: 3, logical clock: 17",
            "receive clock=17 from=2 machine=1 queue=3 time=2024-02-26 10:00:03,512",
        ),
        (
            "INFO:root:Sent a message to machine 2. Logical clock time: 18",
            "send clock=18 to=2",
        ),
        (
            "2024-02-26T10:00:03Z RECV msg (clock 9) from 3 | new clock 17 | 3 messages left: 2",
            "receive clock=17 from=3 queue=2 time=2024-02-26T10:00:03Z",
        ),
        (
            "[2024-02-26 10:00:03.5] SENT TO BOTH - LC: 40",
            "broadcast clock=40 time=2024-02-26 10:00:03.5",
        ),
        (
            "2024-02-26 10:00:04,013 INFO Internal event, logical clock 19",
            "internal clock=19 time=2024-02-26 10:00:04,013",
        ),
    ] {
        assert_eq!(said("python-logging", line), expected);
    }
    for (name, line, expected) in [
        (
            "bracketed",
            "[2024-02-26 10:00:03.512345] [Machine 1] [RECEIVE] clock=17, queue=3, from=2",
            "receive clock=17 from=2 machine=1 queue=3 time=2024-02-26 10:00:03.512345",
        ),
        (
            "bracketed",
            "[2024-02-26T10:00:04.013] [M1] SEND to=2 clock=18",
            "send clock=18 machine=1 time=2024-02-26T10:00:04.013 to=2",
        ),
        (
            "epoch-sentences",
            "[1708941604.013] Machine 1 sent message to 2; logical clock 18",
            "send clock=18 machine=1 time=1708941604.013 to=2",
        ),
        (
            "clock-first",
            "17 - 1708941603.5: Received message: 16. Queue length: 3.",
            "receive clock=17 queue=3 time=1708941603.5",
        ),
        (
            "time-of-day",
            "Received message from 2 | System time: 10:00:03 | Queue: 3 | Logical clock time: 17",
            "receive clock=17 from=2 queue=3 time=10:00:03",
        ),
        (
            "elapsed",
            "[12.503s] VM 2: received message from 1 (queue: 3), clock = 17",
            "receive clock=17 from=1 machine=2 queue=3 time=12.503s",
        ),
        (
            "no-times",
            "internal event; clock is now 19",
            "internal clock=19",
        ),
        (
            "vector-sentences",
            "2024-02-26 10:00:03,512 RECEIVE from machine 2, vector clock: [3, 0, 2], queue: 1",
            "receive clock=[3, 0, 2] from=2 queue=1 time=2024-02-26 10:00:03,512",
        ),
        (
            "shiviz",
            "M1 {\"M1\":3,\"M2\":2}\nReceive from M2",
            "receive clock={\"M1\":3,\"M2\":2} machine=M1",
        ),
        (
            "govector",
            "1708941603512345678 M1 {\"M1\":3}\nINFO Sent",
            "send clock={\"M1\":3} machine=M1 time=1708941603512345678",
        ),
    ] {
        assert_eq!(said(name, line), expected);
    }
}
