//! Files, machines and trials that belong together.

use super::*;

const FORMAT: &str = r#"
name = "x"
[time]
format = "epoch_s"
[[header]]
pattern = '^trial (?<trial>\w+)$'
[[header]]
pattern = '^begin(?: (?<machine>\w+))?(?: rate (?<rate>\d+))?$'
begins_trial = true
[[header]]
pattern = '^I am (?<machine>[\w ]+), rate (?<rate>\d+)$'
[[event]]
kind = "internal"
pattern = '^(?:(?<machine>\w+): )?(?<clock>\d+)(?: at (?<time>\d+))?$'
"#;

/// Trials with their machines and number of events.
fn trials(loaded: &Loaded) -> Vec<(String, Vec<(String, usize)>)> {
    let machines = |trial: &events::Trial| {
        let machines = trial.machines.iter();
        machines
            .map(|machine| (machine.name.clone(), machine.rows.len()))
            .collect()
    };
    let trials = loaded.trials.iter();
    trials
        .map(|trial| (trial.info.name.clone(), machines(trial)))
        .collect()
}

fn expected(trials: &[(&str, &[(&str, usize)])]) -> Vec<(String, Vec<(String, usize)>)> {
    let machines = |machines: &[(&str, usize)]| {
        machines
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count))
            .collect()
    };
    trials
        .iter()
        .map(|(trial, of)| ((*trial).to_owned(), machines(of)))
        .collect()
}

#[test]
fn a_list_of_rates_is_of_the_machines_in_their_order() {
    let format = compiled(&FORMAT.replace("^trial (?<trial>\\w+)$", "^speeds (?<rates>.+)$"));
    let rates = |list: &str| {
        let files = [("10.txt", "1\n"), ("9.txt", "1\n"), ("setup.txt", list)];
        let files = files.map(|(name, text)| (name, text.as_bytes()));
        let loaded = loaded_files(&format, &files);
        let machines = loaded.trials[0].machines.iter();
        let rates: Vec<_> = machines
            .map(|machine| (machine.name.clone(), machine.rate_hz))
            .collect();
        (rates, told(&loaded, "a rate for each machine"))
    };
    let named = |rates: [Option<f64>; 2]| -> Vec<_> {
        let names = ["9", "10"].map(str::to_owned);
        names.into_iter().zip(rates).collect()
    };
    assert_eq!(
        rates("speeds [2, 5]\n"),
        (named([Some(2.0), Some(5.0)]), false)
    );
    assert_eq!(rates("speeds 2 5 5\n"), (named([None, None]), true));
}

#[test]
fn machines_of_several_files_stand_in_natural_order() {
    let format = compiled(FORMAT);
    let files: [(&str, &[u8]); 3] = [
        ("log_10.txt", b"1\n2\n"),
        ("log_2.txt", b"1\n"),
        ("x.txt", b"I am VM 1, rate 3\n1\n"),
    ];
    let loaded = loaded_files(&format, &files);
    assert_eq!(
        trials(&loaded),
        expected(&[("", &[("VM 1", 1), ("log_2", 1), ("log_10", 2)])])
    );
    assert_eq!(loaded.trials[0].machines[0].rate_hz, Some(3.0));
}

#[test]
fn machines_may_be_interleaved_in_one_file() {
    let loaded = loaded(FORMAT, "B: 1\nA: 1\nB: 2\nA: 2\nA: 3\n");
    assert_eq!(trials(&loaded), expected(&[("", &[("A", 3), ("B", 2)])]));
    assert_eq!(events(&loaded, 1)[1].line, 3);
}

#[test]
fn trials_may_stand_one_after_another() {
    let loaded = loaded(FORMAT, "begin\n1\n2\nbegin\n1\n");
    assert_eq!(
        trials(&loaded),
        expected(&[("part-1", &[("m", 2)]), ("part-2", &[("m", 1)])])
    );
    let early = super::loaded(FORMAT, "1\nbegin\n1\n2\n");
    assert_eq!(
        trials(&early),
        expected(&[("part-1", &[("m", 1)]), ("part-2", &[("m", 2)])])
    );
    let machines = super::loaded(
        FORMAT,
        "begin A rate 2\nbegin B rate 3\nA: 1\nB: 1\nbegin A rate 4\nbegin B rate 5\nB: 1\n",
    );
    assert_eq!(
        trials(&machines),
        expected(&[
            ("part-1", &[("A", 1), ("B", 1)]),
            ("part-2", &[("A", 0), ("B", 1)])
        ])
    );
    assert_eq!(machines.trials[1].machines[0].rate_hz, Some(4.0));
}

#[test]
fn trials_may_have_labels() {
    let format = compiled(FORMAT);
    let files: [(&str, &[u8]); 2] = [
        ("a.log", b"trial x\n1\ntrial y\n1\n2\n"),
        ("b.log", b"trial y\n1\ntrial x\n1\n"),
    ];
    let loaded = loaded_files(&format, &files);
    assert_eq!(
        trials(&loaded),
        expected(&[("x", &[("a", 1), ("b", 1)]), ("y", &[("a", 2), ("b", 1)])])
    );
}

#[test]
fn a_header_after_events_is_told() {
    let loaded = loaded(FORMAT, "I am A, rate 3\n1\n2\nI am A, rate 2\n1\n");
    assert_eq!(events(&loaded, 0).len(), 3);
    assert!(told(
        &loaded,
        "m.log:4: expected headers before the events of a machine"
    ));
    assert!(told(&loaded, "expected one rate of a machine"));
}

#[test]
fn files_of_one_machine_stand_in_the_order_of_their_times() {
    let format = compiled(FORMAT);
    let files: [(&str, &[u8]); 2] = [
        ("a.log", b"A: 3 at 30\n"),
        ("a.log.1", b"A: 1 at 10\nA: 2 at 20\n"),
    ];
    let loaded = loaded_files(&format, &files);
    let lines: Vec<_> = events(&loaded, 0)
        .iter()
        .map(|event| (event.file, event.line))
        .collect();
    assert_eq!(lines, [(0, 1), (0, 2), (1, 1)]);
    assert_eq!(
        loaded.trials[0].machines[0].files[0],
        PathBuf::from("a.log.1")
    );
}

#[test]
fn a_machine_with_a_name_is_there_without_events() {
    let format = compiled(FORMAT);
    let loaded = loaded_files(
        &format,
        &[
            ("A.log", b"1\n"),
            ("b.log", b"I am B, rate 2\n"),
            ("c.log", b""),
        ],
    );
    assert_eq!(trials(&loaded), expected(&[("", &[("A", 1), ("B", 0)])]));
}

#[test]
fn a_line_that_nothing_explains_is_a_hole_in_its_trial() {
    let dir = tempfile::tempdir().expect("a folder");
    let holes = |text: &str| {
        let path = dir.path().join("a.txt");
        std::fs::write(&path, text).expect("a file");
        let trial = TrialFiles {
            group: String::new(),
            trial: String::new(),
            dir: dir.path().to_owned(),
            files: vec![LogFile {
                path,
                ..LogFile::default()
            }],
            logs_missing: false,
        };
        crate::load(&trial, &compiled(FORMAT)).trials[0]
            .info
            .logs_missing
    };
    assert!(!holes("1 at 5\n2 at 6\n"));
    assert!(holes("1 at 5\n2 at\n3 at 7\n"));
}
