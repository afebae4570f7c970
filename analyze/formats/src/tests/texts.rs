//! Lines of text: what becomes of each.

use super::*;
use events::{Clock, TimeOrigin};

const FORMAT: &str = r#"
name = "sample"
[time]
format = "epoch_s"
[[header]]
pattern = '^# machine (?<machine>\w+) at (?<rate>[\d.]+) Hz$'
[[event]]
kind = "internal"
pattern = '^(?<time>[\d.]+) (?<clock>\S+) works$'
[[event]]
kind = "receive"
pattern = '^(?<time>[\d.]+) (?<clock>\S+) hears (?<from>\w+): (?<carried>\d+), (?<queue>\S+) wait$'
[[event]]
kind = "send"
pattern = '^(?<time>[\d.]+) (?<clock>\S+) tells (?<to>.+)$'
[[ignore]]
pattern = '^DEBUG'
reason = "debugging"
"#;

const LOG: &str = "# machine A at 2.5 Hz\n1700000000.25 1 works\n\nDEBUG x\n1700000000.75 5 hears B: 4, 2 wait\nhello\n";

#[test]
fn every_line_has_its_class() {
    let loaded = loaded(FORMAT, LOG);
    assert_eq!(classes(&loaded.account), (2, 1, 2, 1));
    let account = account_of(&loaded);
    assert_eq!(account.ignored["debugging"], 1);
    assert_eq!(account.ignored["blank line"], 1);
    let example = &account.examples[0];
    assert_eq!(
        (example.line, example.text.as_str(), example.why.as_str()),
        (6, "hello", "no pattern matches")
    );
    let machine = &loaded.trials[0].machines[0];
    assert_eq!((machine.name.as_str(), machine.rate_hz), ("A", Some(2.5)));
    let receive = &machine.rows.event(1);
    assert_eq!(
        (receive.line, receive.kind, receive.tick),
        (5, Kind::Receive, 1)
    );
    assert_eq!(receive.time_ns, Some(1_700_000_000_750_000_000));
    assert_eq!(receive.clock, Some(Clock::Lamport(5)));
    assert_eq!(receive.carried, Some(Clock::Lamport(4)));
    assert_eq!(receive.queue, Some(2));
    assert_eq!(loaded.trials[0].info.dialect.time, Some(TimeOrigin::Epoch));
}

#[test]
fn line_ends_of_every_system_are_read() {
    let plain = loaded(FORMAT, LOG);
    for log in [
        LOG.replace('\n', "\r\n"),
        LOG.replace('\n', "\r"),
        LOG.trim_end().to_owned(),
    ] {
        let other = loaded(FORMAT, &log);
        assert_eq!(other.trials, plain.trials);
        assert_eq!(classes(&other.account), classes(&plain.account));
    }
}

#[test]
fn empty_files_have_no_lines() {
    let loaded = loaded(FORMAT, "");
    assert_eq!(account_of(&loaded).lines, 0);
    assert!(loaded.trials.is_empty());
}

#[test]
fn a_value_that_is_none_is_unexplained_and_says_which() {
    let loaded = loaded(
        FORMAT,
        "1.5 one works\n1.x.2 1 works\n1.5 7 hears B: 4, many wait\n1.5 8 hears B: 9, None wait\n",
    );
    assert_eq!(classes(&loaded.account), (1, 0, 0, 3));
    let why: Vec<&str> = account_of(&loaded)
        .examples
        .iter()
        .map(|example| example.why.as_str())
        .collect();
    assert_eq!(
        why[0],
        "[[event]] 1 (internal) takes it, but clock: expected a clock: a number or several, found `one`"
    );
    assert_eq!(why[1], "no pattern matches");
    assert_eq!(
        why[2],
        "[[event]] 2 (receive) takes it, but queue: expected a whole number, found `many`"
    );
    assert_eq!(events(&loaded, 0)[0].queue, None);
}

#[test]
fn a_last_line_without_end_is_read_or_told_as_truncated() {
    let whole = loaded(FORMAT, "1.5 1 works\n1.75 2 works");
    assert_eq!(events(&whole, 0).len(), 2);
    assert!(told(&whole, "m.log:2: expected a line end"));
    let cut = loaded(FORMAT, "1.5 1 works\n1.75 2 wor");
    assert_eq!(classes(&cut.account), (1, 0, 0, 1));
    assert!(account_of(&cut).examples[0].why.starts_with("truncated"));
}

#[test]
fn bytes_of_other_encodings_are_read_and_told() {
    let format = compiled(FORMAT);
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend(LOG.encode_utf16().flat_map(u16::to_le_bytes));
    let plain = loaded(FORMAT, LOG);
    let read = loaded_files(&format, &[("m.log", &utf16)]);
    assert_eq!(read.trials, plain.trials);
    assert!(told(&read, "UTF-16"));
    let latin = loaded_files(
        &format,
        &[("m.log", b"1.5 1 works\n1.5 2 tells caf\xe9\n\xff\n")],
    );
    assert_eq!(classes(&latin.account), (2, 0, 0, 1));
    assert_eq!(account_of(&latin).examples[0].text, "\\xff");
    assert!(told(&latin, "m.log:2: expected UTF-8"));
}

#[test]
fn colours_and_nul_bytes_are_left_out_and_told() {
    let loaded = loaded(
        FORMAT,
        "\x1b[32m1.5 1 works\x1b[0m\n\0\0\x001.75 2 works\n\0\0\0\0",
    );
    assert_eq!(classes(&loaded.account), (2, 0, 1, 0));
    assert_eq!(
        account_of(&loaded).ignored["NUL bytes only, as a crash leaves them"],
        1
    );
    assert!(told(&loaded, "terminal"));
    assert!(told(&loaded, "m.log:2: expected text, found NUL bytes"));
}

const RECORDS: &str = r#"
name = "records"
[lines]
record = '^\w+ \{'
[[header]]
pattern = '^run (?<trial>\w+)$'
[[event]]
kind = "send"
pattern = '^(?<machine>\w+) (?<clock>\{[^}]*\})\nsend to (?<to>\w+)(?:\n  note: .*)?$'
[[event]]
kind = "internal"
pattern = '^(?<machine>\w+) (?<clock>\{[^}]*\})\nwork$'
"#;

#[test]
fn a_record_has_several_lines_and_what_follows_it_has_not() {
    let log = "run x\nalpha {\"alpha\":1}\nwork\nbeta {\"beta\":1}\nsend to alpha\n  note: hi\n\nbye\nbeta {\"beta\":2}\nodd\n";
    let loaded = loaded(RECORDS, log);
    assert_eq!(classes(&loaded.account), (5, 1, 1, 3));
    let trial = &loaded.trials[0];
    assert_eq!(trial.info.name, "x");
    assert_eq!(
        trial.machines[0].rows.event(0).clock,
        Some(Clock::Vector(vec![1, 0]))
    );
    assert_eq!(
        trial.machines[1].rows.event(0).clock,
        Some(Clock::Vector(vec![0, 1]))
    );
    assert_eq!(trial.machines[1].rows.event(0).to, Some(vec![0]));
    assert_eq!(trial.machines[1].rows.event(0).line, 4);
}

#[test]
fn a_record_that_never_ends_is_cut() {
    let mut log = "alpha {\"alpha\":1}\n".to_owned();
    log.push_str(&"more\n".repeat(5000));
    log.push_str("alpha {\"alpha\":2}\nwork\n");
    let loaded = loaded(RECORDS, &log);
    assert_eq!(classes(&loaded.account), (2, 0, 0, 5001));
}
