use super::super::sample;
use super::*;

fn exported(trials: &[Trial]) -> (String, Vec<String>) {
    let mut bytes = Vec::new();
    let mut to = Box::new(Shiviz::new(&mut bytes));
    for trial in trials {
        to.add(trial).expect("memory can be written");
    }
    let remarks = to.finish().expect("memory can be written");
    (String::from_utf8(bytes).expect("text"), remarks)
}

#[test]
fn two_lines_an_event_and_no_edge_that_is_not_certain() {
    let (text, remarks) = exported(&[sample::trial()]);
    let expected = r#"(?<host>\S*) (?<clock>{.*})\n(?<event>.*)

a_1 {"a_1":1}
send to M1: clock 1, message 1, queue 0, tick 1, 0.000 s, a 1.log:1
M1 {"M1":1}
internal: tick 7, 1.log:7
a_1 {"a_1":2}
send to M1: clock 2, message 2, queue 0, tick 2, 1.000 s, a 1.log:2
M1 {"a_1":1,"M1":2}
receive from a_1: clock 2, before 0.5, message 1, queue 1, tick 8, 0.500000001 s, 1.log:8
a_1 {"a_1":3}
send to M1: clock 2, message 2, queue 0, tick 3, 1.000 s, a 1.log:3
M1 {"a_1":1,"M1":3}
receive: clock 3, message 2, queue 1, tick 9, 1.500 s, 1.log:9
a_1 {"a_1":4}
receive: clock 99, message 98, queue 1, tick 4, 2.000 s, a 1.log:4
"#;
    let (said, about) = text.split_once(ABOUT).expect("what the trial is");
    let (about, rest) = about.split_once('\n').expect("the end of the first event");
    assert_eq!(format!("{said}\n{rest}"), expected);
    let trial = sample::trial();
    let about: ShivizAbout = serde_json::from_str(about).expect("a JSON object");
    assert_eq!(about, ShivizAbout::of(&trial.table, trial.start_ns));
    assert!(remarks.is_empty(), "{remarks:?}");
}

#[test]
fn several_trials_stand_behind_labels_of_their_own() {
    let (text, remarks) = exported(&[sample::trial(), sample::trial()]);
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(PARSER));
    assert_eq!(lines.next(), Some(DELIMITER));
    let labels: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("=== "))
        .collect();
    assert_eq!(
        labels,
        ["=== theirs/night, 1 ===", "=== theirs/night, 1 (2) ==="]
    );
    assert_eq!(remarks.len(), 1);
}

#[test]
fn names_are_plain_and_differ() {
    let names = ["a b", "a\tb", "toString", "7", "M7"];
    let mut table = sample::trial().table;
    table.machines = names
        .map(|name| events::Machine::new(name.to_owned(), None, Vec::new()))
        .to_vec();
    assert_eq!(hosts_of(&table), ["a_b", "a_b*", "MtoString", "M7", "M7*"]);
}

#[test]
fn lawful_vectors_of_a_log_are_kept() {
    let trial = sample::vectors([&[1, 0], &[2, 0]], [&[2, 1], &[2, 2]]);
    let (text, remarks) = exported(&[trial]);
    assert!(text.contains("M1 {\"a_1\":2,\"M1\":1}\n"), "{text}");
    assert_eq!(remarks, ["1 trials with the vector clocks of their logs"]);
}

#[test]
fn unlawful_vectors_of_a_log_are_computed_anew_and_told() {
    // By turns: not from 1; forgets; knows the future; a component too many.
    type Clocks<'a> = [&'a [u64]; 2];
    let cases: [(Clocks, Clocks, &str); 4] = [
        (
            [&[0, 0], &[1, 0]],
            [&[1, 1], &[1, 2]],
            "a 1.log:1: own component 0",
        ),
        (
            [&[1, 0], &[2, 0]],
            [&[2, 1], &[1, 2]],
            "1.log:2: [1, 2] knows of event 1",
        ),
        (
            [&[1, 0], &[2, 0]],
            [&[3, 1], &[3, 2]],
            "1.log:1: it knows of event 3",
        ),
        (
            [&[1, 0, 0], &[2, 0, 0]],
            [&[2, 1], &[2, 2]],
            "3 components for 2 machines",
        ),
    ];
    for (first, second, why) in cases {
        let (text, remarks) = exported(&[sample::vectors(first, second)]);
        assert!(text.contains("a_1 {\"a_1\":2}\n"), "{text}");
        assert_eq!(remarks.len(), 1);
        assert!(remarks[0].contains("computed ones"), "{remarks:?}");
        assert!(remarks[0].contains(why), "{why}: {remarks:?}");
    }
}
