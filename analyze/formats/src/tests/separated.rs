//! Separated fields and JSON.

use super::*;
use events::Clock;

const CSV: &str = r#"
name = "table"
[lines]
kind = "csv"
[time]
format = "epoch_ms"
[[header]]
pattern = '^# rate: (?<rate>\d+)$'
[[event]]
kind = "internal"
where = { event = "(?i)internal" }
fields = { time = "at", clock = "clock", machine = "who" }
[[event]]
kind = "receive"
where = { event = "receive" }
fields = { time = "at", clock = "clock", machine = "who", from = "peer", queue = "queue" }
[[event]]
kind = "send"
where = { event = "send" }
fields = { time = "at", clock = "clock", machine = "who", to = "peer" }
[[ignore]]
pattern = 'heartbeat'
reason = "heartbeats"
"#;

const TABLE: &str = "# rate: 4\nat,who,event,clock,peer,queue\n1000,A,INTERNAL,1,,\n1250,B,send,1,\"A, C\",\n\n1500,A,receive,2,B,0\n9,,heartbeat,,,\n";

#[test]
fn fields_are_read_by_the_names_of_their_columns() {
    let loaded = loaded(CSV, TABLE);
    assert_eq!(classes(&loaded.account), (3, 2, 2, 0));
    assert_eq!(kinds(&events(&loaded, 0)), [Kind::Internal, Kind::Receive]);
    let receive = &events(&loaded, 0)[1];
    assert_eq!(
        (receive.time_ns, receive.queue, receive.from),
        (Some(1_500_000_000), Some(0), Some(1))
    );
    assert_eq!(events(&loaded, 0)[0].queue, None);
    let send = &events(&loaded, 1)[0];
    assert_eq!(
        (send.kind, send.to.clone()),
        (Kind::Broadcast, Some(vec![0]))
    );
    assert!(told(&loaded, "names without one: C"));
}

#[test]
fn a_mark_at_the_start_repeated_names_and_ragged_rows_are_read() {
    let table = format!(
        "\u{feff}{}{}1600,A,internal,3\n1700,A,internal,4,,,,\n",
        &TABLE[10..],
        &TABLE[10..]
    );
    let loaded = loaded(CSV, &table);
    assert_eq!(classes(&loaded.account), (8, 2, 4, 0));
    assert!(told(&loaded, "m.log:13: expected 6 fields in each row"));
}

#[test]
fn a_quoted_field_may_hold_line_ends_and_an_open_quote_costs_its_line() {
    let table = "at,who,event,clock,peer,queue\n1,A,internal,1,\"x\ny\",\n2,A,internal,2,\"z,\n3,A,internal,3,,\n";
    let loaded = loaded(CSV, table);
    let account = account_of(&loaded);
    assert_eq!((account.lines, account.headers, account.events), (5, 1, 4));
    let clocks: Vec<_> = events(&loaded, 0)
        .iter()
        .map(|event| event.clock.clone())
        .collect();
    assert_eq!(
        clocks,
        [
            Some(Clock::Lamport(1)),
            Some(Clock::Lamport(2)),
            Some(Clock::Lamport(3))
        ]
    );
}

#[test]
fn columns_without_names_are_numbered() {
    let format = "name = 'x'\n[lines]\nkind = 'csv'\nheader = false\ndelimiter = ';'\n\
        [[header]]\nwhere = { 1 = 'INIT' }\nfields = { machine = '2', rate = '3' }\n\
        [[event]]\nkind = 'internal'\nwhere = { 1 = 'I' }\nfields = { clock = '2' }\n\
        [[event]]\nkind = 'receive'\nwhere = { 1 = 'R' }\nfields = { clock = '3', from = '2' }\n";
    let loaded = loaded(format, "INIT;A;3\nI;1\nR;B;4\nX;1\n");
    assert_eq!(classes(&loaded.account), (2, 1, 0, 1));
    let machine = &loaded.trials[0].machines[0];
    assert_eq!((machine.name.as_str(), machine.rate_hz), ("A", Some(3.0)));
    assert_eq!(machine.rows.event(1).clock, Some(Clock::Lamport(4)));
}

#[test]
fn a_column_that_is_not_there_is_told() {
    let loaded = loaded(CSV, "at,event,clock\n1,internal,1\n");
    assert_eq!(classes(&loaded.account), (1, 1, 0, 0));
    assert!(told(
        &loaded,
        "expected columns named who, peer, queue, found at, event, clock"
    ));
    assert_eq!(loaded.trials[0].machines[0].name, "m");
}

#[test]
fn tabs_separate() {
    let format = "name = 'x'\n[lines]\nkind = 'tsv'\n[[event]]\nkind = 'internal'\nfields = { clock = 'c', date = 'd' }\n";
    let loaded = loaded(format, "c\tx\n1\t2\n2\n");
    assert_eq!(classes(&loaded.account), (2, 1, 0, 0));
}

const JSON: &str = r#"
name = "objects"
alias = { 5001 = "1", 5002 = "2" }
[lines]
kind = "json"
[time]
format = "epoch_s"
[[header]]
where = { event = "START" }
fields = { machine = "who.id", rate = "rate" }
[[event]]
kind = "send"
where = { event = "SEND" }
fields = { time = "at", clock = "clock", machine = "who.id", to = "to" }
[[event]]
kind = "receive"
where = { event = "RECEIVE", reason = "" }
fields = { time = "at", clock = "clock", machine = "who.id", queue = "queue" }
[[ignore]]
pattern = '"END"'
reason = "the end"
"#;

const OBJECTS: [&str; 4] = [
    r#"{"event": "START", "who": {"id": 1}, "rate": 6}"#,
    r#"{"event": "SEND", "at": 1700000000.123456789, "who": {"id": 1}, "clock": 2, "to": [["localhost", 5002]]}"#,
    r#"{"event": "RECEIVE", "at": 1700000001, "who": {"id": 2}, "clock": 3.0, "queue": null}"#,
    r#"{"event": "END"}"#,
];

#[test]
fn objects_are_read_one_a_line() {
    let loaded = loaded(JSON, &format!("{}\nnoise\n", OBJECTS.join("\n")));
    assert_eq!(classes(&loaded.account), (2, 1, 1, 1));
    let send = &events(&loaded, 0)[0];
    assert_eq!(
        (send.time_ns, send.to.clone()),
        (Some(1_700_000_000_123_456_789), Some(vec![1]))
    );
    let receive = &events(&loaded, 1)[0];
    assert_eq!(
        (receive.clock.clone(), receive.queue),
        (Some(Clock::Lamport(3)), None)
    );
}

#[test]
fn objects_in_an_array_or_over_several_lines_are_the_same() {
    let plain = loaded(JSON, &OBJECTS[..3].join("\n"));
    let broken = |text: &str| text.replace(", ", ",\n  ");
    let array = format!("[\n{}\n]\n", OBJECTS[..3].join(",\n"));
    let pretty = format!("[\n{}\n]\n", broken(&OBJECTS[..3].join(",\n")));
    let egyptian = format!(
        "[{}]",
        broken(&OBJECTS[..3].join(", ")).replace(",\n  {\"event", ", {\"event")
    );
    let one_line = format!("[{}]", OBJECTS[..3].join(", "));
    for (text, unread) in [(array, 2), (pretty, 2), (egyptian, 0), (one_line, 0)] {
        let read = loaded(JSON, &text);
        let (_, _, ignored, unexplained) = classes(&read.account);
        assert_eq!((ignored, unexplained), (unread, 0), "{text}");
        let clocks = |loaded: &Loaded| {
            let machines = loaded.trials[0].machines.iter();
            machines
                .map(|machine| {
                    (
                        machine.name.clone(),
                        machine.rate_hz,
                        (0..machine.rows.len())
                            .map(|row| machine.rows.clock(row))
                            .collect::<Vec<_>>(),
                    )
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(clocks(&read), clocks(&plain), "{text}");
    }
}

#[test]
fn what_is_no_object_costs_its_line() {
    let loaded = loaded(
        JSON,
        &format!(
            "{{\"event\": \n{}\n{{\"event\": \"SEND\", \"at\"",
            OBJECTS[1]
        ),
    );
    assert_eq!(classes(&loaded.account), (1, 0, 0, 2));
    let examples = &account_of(&loaded).examples;
    assert!(examples[0].why.contains("expected"), "{examples:?}");
    assert!(examples[1].why.starts_with("truncated"), "{examples:?}");
}

#[test]
fn a_line_before_the_names_is_no_line_of_names() {
    let table = "log of A\nat,who,event,clock,peer,queue\n1, A , internal ,1,,\n";
    let named = loaded(CSV, table);
    assert_eq!(classes(&named.account), (1, 1, 0, 1));
    assert!(account_of(&named).examples[0].why.contains("line of names"));
    let nameless = loaded(CSV, "1,A,internal,1,,\n2,A,internal,2,,\n");
    assert_eq!(classes(&nameless.account), (0, 0, 0, 2));
}
