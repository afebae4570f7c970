//! Logs of many hands: one small trial, written in many styles, must be read back as it was.

mod behaviour;
mod doubts;
mod evidence;
mod layouts;
mod lines;
mod speeds;
mod structure;
mod styles;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use events::{Clock, Event, Kind};
use formats::compile::Compiled;
use formats::inventory::Inventory;
use formats::load::read_all;
use formats::spec::Format;
use styles::STYLES;

/// What happened, as a style writes it.
#[derive(Debug, Clone)]
struct Happened {
    machine: usize,
    kind: Kind,
    ms: u64,
    clock: i64,
    queue: u64,
    /// The recipient of a send, the sender of a receive.
    peer: usize,
    carried: i64,
    vector: [u64; 3],
    /// The vector clock of the message that a receive took.
    brought: [u64; 3],
}

/// Rates of the machines.
const RATES: [u64; 3] = [2, 3, 5];

/// From the start of one trial to that of the next.
const BETWEEN_TRIALS_MS: u64 = 400_000;

/// A trial of three machines, by the rules of the assignment; `merged` is what a merge adds: 1 if it is right.
/// What lies in a folder.
fn inventory(folder: PathBuf) -> Inventory {
    Inventory::of(&[folder]).expect("a folder")
}

/// What is guessed of a folder.
fn guess_below(folder: PathBuf) -> Result<Guess, GuessError> {
    guess(&inventory(folder))
}

fn trial(seed: u64, merged: i64) -> Vec<Happened> {
    let mut chance = seed.wrapping_mul(2).wrapping_add(1);
    let mut roll = || {
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) % 6
    };
    let mut clocks = [0_i64; 3];
    let mut vectors = [[0_u64; 3]; 3];
    let mut queues: [Vec<(usize, i64, [u64; 3])>; 3] = Default::default();
    let mut happened = Vec::new();
    let mut due: Vec<(u64, usize)> = (0..3)
        .flat_map(|machine| {
            (1..=RATES[machine] * 9)
                .map(move |tick| (tick * 1000 / RATES[machine] + 7 * machine as u64, machine))
        })
        .collect();
    due.sort_unstable();
    for (ms, machine) in due {
        vectors[machine][machine] += 1;
        let mut of = Happened {
            machine,
            kind: Kind::Internal,
            ms,
            clock: 0,
            queue: 0,
            peer: 0,
            carried: 0,
            vector: [0; 3],
            brought: [0; 3],
        };
        if queues[machine].is_empty() {
            clocks[machine] += 1;
            let die = roll();
            let to: &[usize] = match die {
                0 => &[1],
                1 => &[2],
                2 => &[1, 2],
                _ => &[],
            };
            for step in to {
                queues[(machine + step) % 3].push((machine, clocks[machine], vectors[machine]));
            }
            of.kind = [Kind::Internal, Kind::Send, Kind::Broadcast][to.len()];
            of.peer = (machine + to.first().copied().unwrap_or(0)) % 3;
        } else {
            let (from, sent, vector) = queues[machine].remove(0);
            of.brought = vector;
            clocks[machine] = clocks[machine].max(sent) + merged;
            for (own, other) in vectors[machine].iter_mut().zip(vector) {
                *own = (*own).max(other);
            }
            (of.kind, of.peer, of.carried, of.queue) =
                (Kind::Receive, from, sent, queues[machine].len() as u64);
        }
        (of.clock, of.vector) = (clocks[machine], vectors[machine]);
        happened.push(of);
    }
    happened
}

/// One way to write a log.
struct Style {
    name: &'static str,
    /// Name of the file of a machine of a trial; the same name for all puts all into one file.
    file: fn(usize, usize) -> String,
    /// First lines of a file.
    head: fn(usize) -> String,
    line: fn(&Happened) -> String,
    /// What lines say beside the kind: any of `time clock vector queue from to carried brought rate`.
    says: &'static str,
}

fn day_time(ms: u64) -> String {
    format!(
        "14:{:02}:{:02}.{:03}",
        5 + ms / 60_000,
        ms / 1000 % 60,
        ms % 1000
    )
}

fn others(machine: usize) -> (usize, usize) {
    ((machine + 1) % 3, (machine + 2) % 3)
}

/// Writes two trials in a style, the second after the first where it has the same files, and gives what happened in each file's order of machines.
fn write(style: &Style, dir: &std::path::Path, merged: i64) -> Vec<Vec<Happened>> {
    let mut trials: Vec<Vec<Happened>> = (1..=2).map(|seed| trial(seed, merged)).collect();
    for of in &mut trials[1] {
        of.ms += BETWEEN_TRIALS_MS;
    }
    for (at, trial) in trials.iter().enumerate() {
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        for machine in 0..3 {
            let text = files.entry((style.file)(at + 1, machine)).or_default();
            text.push_str(&(style.head)(machine));
        }
        for of in trial {
            let text = files.entry((style.file)(at + 1, of.machine)).or_default();
            write!(text, "{}", (style.line)(of)).expect("text");
        }
        for (name, text) in files {
            let path = dir.join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            let before = std::fs::read_to_string(&path).unwrap_or_default();
            std::fs::write(path, before + &text).expect("a file");
        }
    }
    trials
}

/// What is wrong with an event as it was read; empty when nothing is.
fn wrong(of: &Happened, event: &Event, says: &str) -> String {
    let mut wrong = String::new();
    let mut check = |field: &str, right: bool| {
        if says.split(' ').any(|said| said == field) && !right {
            wrong.push_str(field);
            wrong.push(' ');
        }
    };
    check("clock", event.clock == Some(Clock::Lamport(of.clock)));
    check(
        "vector",
        event.clock == Some(Clock::Vector(of.vector.to_vec())),
    );
    let (first, second) = others(of.machine);
    match of.kind {
        Kind::Receive => {
            check("queue", event.queue == Some(of.queue));
            check("from", event.from == Some(of.peer));
            check("carried", event.carried == Some(Clock::Lamport(of.carried)));
            check(
                "brought",
                event.carried == Some(Clock::Vector(of.brought.to_vec())),
            );
        }
        Kind::Send => check("to", event.to.as_deref() == Some(&[of.peer])),
        Kind::Broadcast => check(
            "to",
            event
                .to
                .as_ref()
                .is_none_or(|to| to.contains(&first) && to.contains(&second)),
        ),
        Kind::Internal => {}
    }
    check(
        "time",
        event.time_ns.is_some_and(|time| {
            time % 1_000_000_000 / 1_000_000 == (of.ms % 1000) as i64
                || time % 1_000_000 == 0 && says.contains("coarse")
        }),
    );
    if event.kind != of.kind {
        wrong.push_str("kind ");
    }
    wrong
}

/// What is wrong with a style as it was read.
fn faults(style: &Style) -> Vec<String> {
    let dir = tempfile::tempdir().expect("a folder");
    let trials = write(style, dir.path(), 1);
    faults_of(style, dir.path(), &trials)
}

/// What is wrong with these trials, written in a style, as they were read.
fn faults_of(style: &Style, dir: &std::path::Path, trials: &[Vec<Happened>]) -> Vec<String> {
    match guess_below(dir.to_owned()) {
        Ok(guess) => faults_of_guess(&guess, style, dir, trials),
        Err(error) => vec![error.to_string()],
    }
}

/// What is wrong with these trials, read with a guess.
fn faults_of_guess(
    guess: &Guess,
    style: &Style,
    dir: &std::path::Path,
    trials: &[Vec<Happened>],
) -> Vec<String> {
    let mut faults = Vec::new();
    if guess.share_explained < 1.0 {
        faults.push(format!("explains {}", guess.share_explained));
    }
    let compiled = Compiled::new(&guess.format).expect("a format");
    let read = read_all(&inventory(dir.to_owned()), &compiled)
        .expect("files")
        .trials;
    if read.len() != 2 || read.iter().any(|of| of.machines.len() != 3) {
        let found: Vec<_> = read
            .iter()
            .map(|of| {
                (
                    of.info.name.clone(),
                    of.machines
                        .iter()
                        .map(|machine| machine.name.clone())
                        .collect::<Vec<_>>(),
                )
            })
            .collect();
        return vec![format!("trials and machines {found:?}")];
    }
    for (of, trial) in read.iter().zip(trials) {
        for (at, machine) in of.machines.iter().enumerate() {
            let rate = machine.rate_hz.is_some_and(|rate| rate == RATES[at] as f64);
            if style.says.contains("rate") && !rate {
                faults.push(format!("rate {:?}", machine.rate_hz));
            }
            let happened: Vec<&Happened> = trial.iter().filter(|of| of.machine == at).collect();
            if happened.len() != machine.rows.len() {
                faults.push(format!(
                    "{} events, not {}",
                    machine.rows.len(),
                    happened.len()
                ));
            }
            let wrong = happened
                .iter()
                .enumerate()
                .map(|(row, of)| wrong(of, &machine.rows.event(row), style.says));
            faults.extend(wrong.filter(|wrong| !wrong.is_empty()).take(2));
        }
    }
    faults
}

/// What was guessed of logs in a style, and what was wrong with them as they were read.
struct Sample {
    style: &'static Style,
    guess: Guess,
    faults: Vec<String>,
}

/// Logs in all styles, guessed at once for all tests.
static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let sample = |style: &'static Style| {
        let dir = tempfile::tempdir().expect("a folder");
        let trials = write(style, dir.path(), 1);
        let guess = guess_below(dir.path().to_owned()).expect("a format");
        let faults = faults_of_guess(&guess, style, dir.path(), &trials);
        Sample {
            style,
            guess,
            faults,
        }
    };
    STYLES.iter().map(sample).collect()
});

#[test]
fn a_trial_is_read_back_as_it_was_whoever_wrote_it() {
    let mut faulty = String::new();
    for Sample { style, faults, .. } in SAMPLES.iter() {
        for fault in faults {
            writeln!(faulty, "{}: {fault}", style.name).expect("text");
        }
    }
    assert!(faulty.is_empty(), "{faulty}");
}

/// What is written can be read and is the same format.
#[test]
fn the_toml_of_a_guess_is_the_format_with_comments() {
    for Sample { style, guess, .. } in SAMPLES.iter() {
        let text = toml(guess).expect("TOML");
        let again: Format = ::toml::from_str(&text).expect("a format");
        assert_eq!(again, guess.format, "{}", style.name);
        assert!(text.contains("\n# "), "{}", style.name);
    }
}

/// A merge that forgets to add one is a fault of the log; a guess does not explain it away.
#[test]
fn a_fault_is_no_dialect() {
    let dialect = |merged| {
        let dir = tempfile::tempdir().expect("a folder");
        write(&STYLES[1], dir.path(), merged);
        guess_below(dir.path().to_owned())
            .expect("a format")
            .format
            .dialect
    };
    assert_eq!(dialect(0), dialect(1));
    assert_eq!(
        dialect(1).receive_clock,
        Some(events::ReceiveClock::AfterMerge)
    );
}

#[test]
fn no_log_is_no_format() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("numbers.txt"), "1\n2\n3\n").expect("a file");
    std::fs::write(dir.path().join("README.md"), "# Sends and receives\n").expect("a file");
    assert!(matches!(
        guess_below(dir.path().to_owned()),
        Err(GuessError::Nothing { .. })
    ));
}

/// The guess on one file.
fn guess_of(name: &str, text: &str) -> Guess {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join(name), text).expect("a file");
    guess_below(dir.path().to_owned()).expect("a format")
}

#[test]
fn a_host_and_its_clock_begin_a_record_though_no_word_names_most_events() {
    let text = "node-1 {\"node-1\":1}\nstarted\nnode-2 {\"node-2\":1}\nstarted\nnode-1 {\"node-1\":2}\n\
        Sending hello to node-2\nnode-2 {\"node-1\":2,\"node-2\":2}\nRegister client\n\
        node-2 {\"node-1\":2,\"node-2\":3}\nslept\n";
    let guess = guess_of("all.log", text);
    assert_eq!((guess.machines, guess.share_explained), (2, 1.0));
    let events = [("internal", 3), ("receive", 1), ("send", 1)];
    let events = events.map(|(kind, count)| (kind.to_owned(), count));
    assert_eq!(guess.events, BTreeMap::from(events));
}

#[test]
fn an_object_by_the_names_of_machines_is_a_vector_clock() {
    let line = |host: &str, kind: &str, clock: &str| {
        format!("{{\"host\": \"{host}\", \"kind\": \"{kind}\", \"vc\": {{{clock}}}}}\n")
    };
    let rounds = (1..8).map(|round| {
        let (own, sent) = (2 * round, 2 * round);
        [
            line("pike", "internal", &format!("\"pike\": {}", own - 1)),
            line("pike", "send", &format!("\"pike\": {own}")),
            line(
                "otter",
                "receive",
                &format!("\"otter\": {round}, \"pike\": {sent}"),
            ),
        ]
        .concat()
    });
    let guess = guess_of("trace.ndjson", &rounds.collect::<String>());
    let dialect = guess.format.dialect;
    assert_eq!(dialect.clock, Some(events::ClockKind::Vector));
    assert_eq!(guess.machines, 2);
}

#[test]
fn two_lines_without_a_line_end_between_them_are_left_out_as_a_hole() {
    let line = |at: u32| format!("2026-03-14 09:00:{at:02}.501633 internal event, clock {at}");
    let mut text: String = (1..30).map(|at| line(at) + "\n").collect();
    text += &format!("{}{}\n\n", line(30), line(31));
    let guess = guess_of("node.log", &text);
    let holes = guess
        .format
        .ignored
        .iter()
        .filter(|rule| rule.may_hold_events);
    assert_eq!(holes.count(), 1, "{:#?}", guess.format);
    assert_eq!(guess.events.values().sum::<u64>(), 29);
    assert!(
        guess
            .doubts
            .iter()
            .any(|doubt| doubt.why.contains("may hold events"))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_bytes_are_guessed_at_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join("x.log"), bytes).expect("a file");
        if let Ok(guess) = guess_below(dir.path().to_owned()) {
            prop_assert!(Compiled::new(&guess.format).is_ok());
        }
    }

    #[test]
    fn lines_like_logs_give_a_format_that_compiles(lines in proptest::collection::vec("(sent|received|internal|[a-z]{1,4}|\\[|\\]|\\(|\\{|\\*|\\?|\\\\|#|\"|'|[0-9]{1,4}|12:0[0-9]:11|,|:| ){1,12}", 1..30)) {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join("a1.log"), lines.join("\n")).expect("a file");
        match guess_below(dir.path().to_owned()) {
            Ok(guess) => {
                let text = toml(&guess).expect("TOML");
                prop_assert_eq!(&::toml::from_str::<Format>(&text).expect("a format"), &guess.format);
            }
            Err(error) => prop_assert!(matches!(error, GuessError::Nothing { .. }), "{}", error),
        }
    }
}
