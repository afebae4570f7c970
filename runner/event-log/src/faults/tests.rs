use super::*;

/// JSON has what TOML has.
fn read(text: &str) -> Result<Faults, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

const ALL: &str = r#"{
    "settle": "15s",
    "fault": [
        { "at": "20s", "do": "kill", "target": "primary", "for": "8s" },
        { "on": { "after": "send:install", "by": "primary", "nth": 2 }, "do": "power", "target": "all", "for": "1s..3s" },
        { "on": { "before": "persist" }, "do": "slow-disk", "target": "server 1", "by": "200ms" },
        { "at": "1s", "do": "lose", "target": "link 0->any", "chance": 0.25 },
        { "on": { "before": "send", "by": "any client", "nth": 3, "from": "12s" }, "do": "clock", "target": "server 1", "by": "-10s" }
    ],
    "storm": [
        { "do": ["kill", "pause"], "target": "any", "every": "6s", "for": "0.5s..5s", "most": 2 },
        { "do": ["kill", "clock"], "target": ["any", "any client"], "on": ["send:install", "after persist"],
          "nth": "1..40", "count": 5, "by": "-10s..10s", "for": "1s" },
        { "do": ["slow"], "target": "link any client->0", "rate": "64 KiB/s", "every": "6s", "for": "1s" }
    ]
}"#;

#[test]
fn a_schedule_is_read_back() {
    let faults = read(ALL).expect("a schedule");
    assert_eq!((faults.faults.len(), faults.storms.len()), (5, 3));
    assert!(!faults.is_plain());
    let text = serde_json::to_string(&faults).expect("plain data");
    assert_eq!(read(&text), Ok(faults));
    assert!(!text.contains("null"), "{text}");
}

#[test]
fn chance_is_a_storm_a_range_or_any() {
    let one = |fault: &str| read(&format!(r#"{{ "fault": [{{ "at": "1s", {fault} }}] }}"#));
    for (fault, is_plain) in [
        (r#""do": "kill", "target": "primary", "for": "1s""#, true),
        (r#""do": "kill", "target": "any""#, false),
        (r#""do": "kill", "target": "any client""#, false),
        (r#""do": "clock", "target": "all", "by": "1s""#, true),
        (r#""do": "clock", "target": "all", "by": "0s..1s""#, false),
        (r#""do": "hold", "target": "link 0-all""#, true),
        (r#""do": "hold", "target": "link any->1""#, false),
        (
            r#""do": "pause", "target": "server 1", "for": "1s..2s""#,
            false,
        ),
    ] {
        assert_eq!(
            one(fault).map(|faults| faults.is_plain()),
            Ok(is_plain),
            "{fault}"
        );
    }
}

#[test]
fn what_no_driver_can_do_is_refused_in_words() {
    for (fault, words) in [
        (r#""do": "kill", "target": "any""#, "`at` a time or `on`"),
        (
            r#""at": "1s", "on": { "after": "send" }, "do": "kill", "target": "any""#,
            "give one of them",
        ),
        (
            r#""at": "1s", "do": "kill", "target": "link 0-1""#,
            "strikes a process",
        ),
        (
            r#""at": "1s", "do": "hold", "target": "any""#,
            "strikes a link",
        ),
        (
            r#""at": "1s", "do": "break", "target": "link 0->1""#,
            "both directions",
        ),
        (
            r#""at": "1s", "do": "delay", "target": "link 0-1""#,
            "by how much",
        ),
        (
            r#""at": "1s", "do": "lose", "target": "link 0-1""#,
            "it needs the chance",
        ),
        (
            r#""at": "1s", "do": "lose", "target": "link 0-1", "chance": 1.5"#,
            "at most 1",
        ),
        (
            r#""at": "1s", "do": "kill", "target": "any", "chance": 0.5"#,
            "drop it",
        ),
        (
            r#""at": "1s", "do": "kill", "target": "any", "by": "1s""#,
            "drop it",
        ),
        (
            r#""at": "1", "do": "kill", "target": "any""#,
            "with its unit",
        ),
        (r#""at": "1s", "do": "explode", "target": "any""#, "explode"),
        (
            r#""at": "1s", "do": "clock", "target": "any", "by": "0s""#,
            "forwards or back",
        ),
        (
            r#""at": "1s", "do": "delay", "target": "link 0-1", "by": "-1s""#,
            "more than nothing",
        ),
        (
            r#""at": "1s", "do": "slow", "target": "link 0-1""#,
            "rate = \"64 KiB/s\"",
        ),
        (
            r#""at": "1s", "do": "hold", "target": "link 0-1", "rate": "1 B/s""#,
            "rate: it is for slow: drop it",
        ),
        (
            r#""at": "1s", "do": "kill", "target": "any", "fro": "1s""#,
            "fro",
        ),
        (
            r#""on": { "after": "send", "before": "send" }, "do": "kill", "target": "any""#,
            "one of them",
        ),
        (
            r#""on": { "after": "send", "nth": 0 }, "do": "kill", "target": "any""#,
            "from 1",
        ),
        (
            r#""on": { "after": "send", "by": "all" }, "do": "kill", "target": "any""#,
            "whose effects",
        ),
        (
            r#""on": { "after": "think" }, "do": "kill", "target": "any""#,
            "send:KIND",
        ),
    ] {
        let error = read(&format!(r#"{{ "fault": [{{ {fault} }}] }}"#)).expect_err(fault);
        assert!(error.contains(words), "{fault}: {error}");
    }
}

#[test]
fn what_no_storm_can_be_is_refused_in_words() {
    for (storm, words) in [
        (r#""do": [], "every": "1s""#, "does something"),
        (r#""do": ["kill"], "every": "0s""#, "mean time"),
        (r#""do": ["kill"], "every": "1s", "most": 0"#, "nobody"),
        (r#""do": ["kill"]"#, "give one of the two"),
        (
            r#""do": ["kill"], "every": "1s", "count": 3, "on": ["persist"]"#,
            "give one of the two",
        ),
        (r#""do": ["kill"], "count": 3"#, "on = [\"persist\"]"),
        (
            r#""do": ["kill"], "every": "1s", "nth": 3"#,
            "on = [\"persist\"]",
        ),
        (r#""do": ["kill"], "count": 3, "on": []"#, "such as on ="),
        (
            r#""do": ["kill"], "count": 3, "on": ["during persist"]"#,
            "behind `before` or `after`",
        ),
        (
            r#""do": ["kill"], "count": 3, "on": ["persist"], "nth": "0..3""#,
            "from 1",
        ),
        (
            r#""do": ["kill"], "count": 3, "on": ["persist"], "most": 1"#,
            "who is down",
        ),
        (
            r#""do": ["hold", "kill"], "every": "1s""#,
            "a storm for each",
        ),
    ] {
        let text = format!(r#"{{ "storm": [{{ "target": "any", "for": "1s", {storm} }}] }}"#);
        let error = read(&text).expect_err(storm);
        assert!(error.contains(words), "{storm}: {error}");
    }
    for (target, words) in [
        ("[]", "strikes somebody"),
        (r#"["any", "king"]"#, "`king`"),
        (r#"["any", "link 0-1"]"#, "strikes a process"),
        ("3", "or a list"),
    ] {
        let text = format!(
            r#"{{ "storm": [{{ "target": {target}, "for": "1s", "do": ["kill"], "every": "1s" }}] }}"#
        );
        let error = read(&text).expect_err(target);
        assert!(error.contains(words), "{target}: {error}");
    }
}
