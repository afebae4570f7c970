//! Logs of many hands: one small trial, written in many styles, must be read back as it was.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::formats::compile::Compiled;
use crate::formats::load::read_all;
use crate::formats::spec::Format;
use crate::history::{Clock, Event};

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
}

/// Rates of the machines.
const RATES: [u64; 3] = [2, 3, 5];

/// A trial of three machines, by the rules of the assignment; `merged` is what a merge adds: 1 if it is right.
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
    /// What lines say beside the kind: any of `time clock queue from to carried`.
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

const STYLES: &[Style] = &[
    Style {
        name: "root logger of Python",
        file: |trial, machine| format!("run{trial}/vm_{machine}.log"),
        head: |machine| {
            format!(
                "INFO:root:VM {machine} initialised, tick rate = {} Hz\n",
                RATES[machine]
            )
        },
        line: |of| {
            let what = match of.kind {
                Kind::Internal => "internal event".to_owned(),
                Kind::Send => format!("sent to VM {}", of.peer),
                Kind::Broadcast => "sent to all".to_owned(),
                Kind::Receive => format!("received from VM {}, queue length {}", of.peer, of.queue),
            };
            format!(
                "INFO:root:{}.{:03} | {what} | logical clock = {}\n",
                1_700_000_000 + of.ms / 1000,
                of.ms % 1000,
                of.clock
            )
        },
        says: "time clock queue from to",
    },
    Style {
        name: "brackets",
        file: |trial, machine| format!("trial{trial}_machine{}.log", machine + 1),
        head: |_| String::new(),
        line: |of| {
            let what = match of.kind {
                Kind::Internal => "Internal".to_owned(),
                Kind::Send => format!("Send -> VM{}", of.peer + 1),
                Kind::Broadcast => "Broadcast".to_owned(),
                Kind::Receive => format!(
                    "Recv <- VM{} (ts={}) [{} left]",
                    of.peer + 1,
                    of.carried,
                    of.queue
                ),
            };
            format!(
                "[{}] VM{} LC={} {what}\n",
                day_time(of.ms),
                of.machine + 1,
                of.clock
            )
        },
        says: "time clock queue from to carried",
    },
    Style {
        name: "java.util.logging in two lines",
        file: |trial, machine| format!("exp_{trial}/process{machine}.txt"),
        head: |_| String::new(),
        line: |of| {
            let what = match of.kind {
                Kind::Internal => "Internal event.".to_owned(),
                Kind::Send => format!("Message sent to process {}.", of.peer),
                Kind::Broadcast => "Message sent to both processes.".to_owned(),
                Kind::Receive => format!(
                    "Message received from process {}. Messages remaining: {}.",
                    of.peer, of.queue
                ),
            };
            format!(
                "Mar 07, 2023 8:{:02}:{:02} PM lab.Clock log\nINFO: {what} Lamport time: {}\n",
                38 + of.ms / 60_000,
                of.ms / 1000 % 60,
                of.clock
            )
        },
        says: "clock queue from to",
    },
    Style {
        name: "log of Go",
        file: |trial, machine| format!("{trial}/node-{}.log", [8081, 8082, 8083][machine]),
        head: |machine| {
            format!(
                "2023/03/07 12:00:00 listening on :{}\n2023/03/07 12:00:00 clock speed: {} ticks per second\n",
                8081 + machine,
                RATES[machine]
            )
        },
        line: |of| {
            let what = match of.kind {
                Kind::Internal => "INTERNAL".to_owned(),
                Kind::Send => format!("SEND to={}", 8081 + of.peer),
                Kind::Broadcast => "SEND to=all".to_owned(),
                Kind::Receive => format!(
                    "RECV from={} msgclock={} qlen={}",
                    8081 + of.peer,
                    of.carried,
                    of.queue
                ),
            };
            format!(
                "2023/03/07 12:{:02}:{:02}.{:06} {what} clock={}\n",
                of.ms / 60_000,
                of.ms / 1000 % 60,
                of.ms % 1000 * 1000,
                of.clock
            )
        },
        says: "time clock queue from to carried",
    },
    Style {
        name: "JSON lines",
        file: |trial, machine| format!("out/t{trial}/m{machine}.jsonl"),
        head: |machine| {
            format!(
                "{{\"type\":\"init\",\"node\":{machine},\"hz\":{}}}\n",
                RATES[machine]
            )
        },
        line: |of| {
            let (type_, more) = match of.kind {
                Kind::Internal => ("local_event", String::new()),
                Kind::Send => ("message_sent", format!(",\"dest\":{}", of.peer)),
                Kind::Broadcast => ("message_sent", ",\"dest\":\"all\"".to_owned()),
                Kind::Receive => (
                    "message_received",
                    format!(
                        ",\"src\":{},\"backlog\":{},\"msg_time\":{}",
                        of.peer, of.queue, of.carried
                    ),
                ),
            };
            format!(
                "{{\"ts\":{},\"type\":\"{type_}\",\"node\":{},\"lamport\":{}{more}}}\n",
                1_700_000_000_000 + of.ms,
                of.machine,
                of.clock
            )
        },
        says: "time clock queue from to carried",
    },
    Style {
        name: "CSV with a header in other words",
        file: |trial, machine| format!("trial-{trial}/machine-{machine}-log.csv"),
        head: |_| "WallTime,LogicalTime,EventType,Destination,Source,PendingMessages\n".to_owned(),
        line: |of| {
            let (kind, to, from, queue) = match of.kind {
                Kind::Internal => ("Internal", String::new(), String::new(), String::new()),
                Kind::Send => ("Send", of.peer.to_string(), String::new(), String::new()),
                Kind::Broadcast => ("SendAll", String::new(), String::new(), String::new()),
                Kind::Receive => (
                    "Receive",
                    String::new(),
                    of.peer.to_string(),
                    of.queue.to_string(),
                ),
            };
            format!(
                "2023-03-07T20:{:02}:{:02}.{:03}Z,{},{kind},{to},{from},{queue}\n",
                of.ms / 60_000,
                of.ms / 1000 % 60,
                of.ms % 1000,
                of.clock
            )
        },
        says: "time clock queue from to",
    },
    Style {
        name: "CSV without a header",
        file: |trial, machine| format!("{}{trial}.csv", ["X", "Y", "Z"][machine]),
        head: |_| String::new(),
        line: |of| {
            let kind = ["INTERNAL", "SEND", "SEND_BOTH", "RECEIVE"][of.kind as usize];
            format!(
                "{kind},{}.{:03},{}\n",
                1_700_000_000 + of.ms / 1000,
                of.ms % 1000,
                of.clock
            )
        },
        says: "time clock",
    },
    Style {
        name: "tabs",
        file: |trial, machine| format!("r{trial}/p{machine}.tsv"),
        head: |_| "event\tsystem time (s)\tlogical clock\tqueue length\n".to_owned(),
        line: |of| {
            let kind = ["internal", "sent one", "sent two", "received"][of.kind as usize];
            format!(
                "{kind}\t{}.{:03}\t{}\t{}\n",
                of.ms / 1000,
                of.ms % 1000,
                of.clock,
                of.queue
            )
        },
        says: "time clock queue",
    },
    Style {
        name: "keys and values",
        file: |trial, machine| format!("logs/{trial}/{machine}.logfmt"),
        head: |_| String::new(),
        line: |of| {
            let what = match of.kind {
                Kind::Internal => "event=internal".to_owned(),
                Kind::Send => format!("event=send to={}", of.peer),
                Kind::Broadcast => "event=broadcast".to_owned(),
                Kind::Receive => format!(
                    "event=receive from={} sent_clock={} queue={}",
                    of.peer, of.carried, of.queue
                ),
            };
            format!(
                "time=2023-03-07T20:{:02}:{:02}.{:03}+01:00 level=info machine={} {what} clock={}\n",
                of.ms / 60_000,
                of.ms / 1000 % 60,
                of.ms % 1000,
                of.machine,
                of.clock
            )
        },
        says: "time clock queue from to carried",
    },
    Style {
        name: "records with separators",
        file: |trial, machine| format!("trial{trial}/Machine {machine}.txt"),
        head: |machine| {
            format!(
                "Machine {machine}\nClock rate: {}\n==========\n",
                RATES[machine]
            )
        },
        line: |of| {
            let kind = ["Internal", "Send", "Broadcast", "Receive"][of.kind as usize];
            let queue = if of.kind == Kind::Receive {
                format!("Queue length: {}\n", of.queue)
            } else {
                String::new()
            };
            format!(
                "Event: {kind}\nSystem time: {}.{:03}\nLogical clock: {}\n{queue}----------\n",
                1_700_000_000 + of.ms / 1000,
                of.ms % 1000,
                of.clock
            )
        },
        says: "time clock queue",
    },
    Style {
        name: "named vectors",
        file: |trial, machine| format!("{trial}/{}.log", ["A", "B", "C"][machine]),
        head: |_| String::new(),
        line: |of| {
            let name = |machine: usize| ["A", "B", "C"][machine];
            let what = match of.kind {
                Kind::Internal => "internal event".to_owned(),
                Kind::Send => format!("send to {}", name(of.peer)),
                Kind::Broadcast => "broadcast".to_owned(),
                Kind::Receive => format!("receive from {}", name(of.peer)),
            };
            let [a, b, c] = of.vector;
            format!(
                "{} {} {what} {{A:{a}, B:{b}, C:{c}}}\n",
                day_time(of.ms),
                name(of.machine)
            )
        },
        says: "time vector from to",
    },
    Style {
        name: "colours and pictures",
        file: |trial, machine| format!("{trial}/vm{machine}.out"),
        head: |machine| {
            format!(
                "🚀 VM {machine} starting at {} ticks/sec\n\n",
                RATES[machine]
            )
        },
        line: |of| {
            let what = match of.kind {
                Kind::Internal => "\x1b[33m⚙ INTERNAL\x1b[0m".to_owned(),
                Kind::Send => format!("\x1b[32m📤 SENT\x1b[0m to VM {}", of.peer),
                Kind::Broadcast => "\x1b[32m📢 BROADCAST\x1b[0m".to_owned(),
                Kind::Receive => format!(
                    "\x1b[34m📥 RECEIVED\x1b[0m from VM {} (queue: {})",
                    of.peer, of.queue
                ),
            };
            format!("{} {what} clock: {}\n", day_time(of.ms), of.clock)
        },
        says: "time clock queue from to",
    },
    Style {
        name: "all machines in one file",
        file: |trial, _| format!("run_{trial}.log"),
        head: |_| String::new(),
        line: |of| {
            let name = |machine: usize| ["Alpha", "Beta", "Gamma"][machine];
            let what = match of.kind {
                Kind::Internal => "did an internal event".to_owned(),
                Kind::Send => format!("sent a message to {}", name(of.peer)),
                Kind::Broadcast => "sent a message to everyone".to_owned(),
                Kind::Receive => format!(
                    "got a message from {}; {} still in queue",
                    name(of.peer),
                    of.queue
                ),
            };
            format!(
                "{}.{:03}s {}: {what}; its logical clock is {}\n",
                of.ms / 1000,
                of.ms % 1000,
                name(of.machine),
                of.clock
            )
        },
        says: "time clock queue from to",
    },
    Style {
        name: "elapsed milliseconds first",
        file: |trial, machine| {
            format!(
                "trial_{trial}_rate_{}_machine_{machine}.txt",
                RATES[machine]
            )
        },
        head: |_| "elapsed_ms lamport what\n".to_owned(),
        line: |of| {
            let what = match of.kind {
                Kind::Internal => "I did something by myself: internal".to_owned(),
                Kind::Send => format!("I sent to machine {}", of.peer),
                Kind::Broadcast => "I sent to both others".to_owned(),
                Kind::Receive => format!(
                    "I received from machine {}, {} messages pending",
                    of.peer, of.queue
                ),
            };
            format!("elapsed {} ms, lamport {}: {what}\n", of.ms, of.clock)
        },
        says: "time clock queue from to",
    },
    Style {
        name: "old and new clock",
        file: |trial, machine| format!("T{trial}/server_{machine}.log"),
        head: |_| String::new(),
        line: |of| {
            let what = ["Internal", "Sent", "Sent to both", "Received"][of.kind as usize];
            format!(
                "03/17/2023 02:{:02}:{:02} PM - {what}: updated clock {} (queue size {})\n",
                of.ms / 60_000,
                of.ms / 1000 % 60,
                of.clock,
                of.queue
            )
        },
        says: "clock queue",
    },
    Style {
        name: "several recipients by name",
        file: |trial, machine| format!("t{trial}/port_{}.log", 5000 + machine),
        head: |_| String::new(),
        line: |of| {
            let (a, b) = others(of.machine);
            let what = match of.kind {
                Kind::Internal => "Internal event".to_owned(),
                Kind::Send => format!("Sent message to [{}]", 5000 + of.peer),
                Kind::Broadcast => format!("Sent message to [{}, {}]", 5000 + a, 5000 + b),
                Kind::Receive => {
                    format!("Received message from {}: {}", 5000 + of.peer, of.carried)
                }
            };
            format!(
                "{}.{:06},{:>5}, {what}\n",
                1_700_000_000 + of.ms / 1000,
                of.ms % 1000 * 1000,
                of.clock
            )
        },
        says: "time clock from to carried",
    },
];

/// Writes two trials in a style, and gives what happened in each file's order of machines.
fn write(style: &Style, dir: &std::path::Path, merged: i64) -> Vec<Vec<Happened>> {
    let trials: Vec<Vec<Happened>> = (1..=2).map(|seed| trial(seed, merged)).collect();
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
            std::fs::write(path, text).expect("a file");
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
    let guess = match guess(&[dir.path().to_owned()]) {
        Ok(guess) => guess,
        Err(error) => return vec![error.to_string()],
    };
    let mut faults = Vec::new();
    if guess.share_explained < 1.0 {
        faults.push(format!("explains {}", guess.share_explained));
    }
    let compiled = Compiled::new(&guess.format).expect("a format");
    let read = read_all(&[dir.path().to_owned()], &compiled)
        .expect("files")
        .histories;
    if read.len() != 2 || read.iter().any(|history| history.machines.len() != 3) {
        let found: Vec<_> = read
            .iter()
            .map(|history| {
                (
                    history.trial.clone(),
                    history
                        .machines
                        .iter()
                        .map(|machine| machine.name.clone())
                        .collect::<Vec<_>>(),
                )
            })
            .collect();
        return vec![format!("trials and machines {found:?}")];
    }
    for (history, trial) in read.iter().zip(&trials) {
        for (at, machine) in history.machines.iter().enumerate() {
            let happened: Vec<&Happened> = trial.iter().filter(|of| of.machine == at).collect();
            if happened.len() != machine.events.len() {
                faults.push(format!(
                    "{} events, not {}",
                    machine.events.len(),
                    happened.len()
                ));
            }
            let wrong = happened
                .iter()
                .zip(&machine.events)
                .map(|(of, event)| wrong(of, event, style.says));
            faults.extend(wrong.filter(|wrong| !wrong.is_empty()).take(2));
        }
    }
    faults
}

#[test]
fn a_trial_is_read_back_as_it_was_whoever_wrote_it() {
    let mut faulty = String::new();
    for style in STYLES {
        for fault in faults(style) {
            writeln!(faulty, "{}: {fault}", style.name).expect("text");
        }
    }
    assert!(faulty.is_empty(), "{faulty}");
}

/// What is written can be read and is the same format.
#[test]
fn the_toml_of_a_guess_is_the_format_with_comments() {
    for style in STYLES {
        let dir = tempfile::tempdir().expect("a folder");
        write(style, dir.path(), 1);
        let guess = guess(&[dir.path().to_owned()]).expect("a format");
        let text = toml(&guess).expect("TOML");
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
        guess(&[dir.path().to_owned()])
            .expect("a format")
            .format
            .dialect
    };
    assert_eq!(dialect(0), dialect(1));
    assert_eq!(
        dialect(1).receive_clock,
        Some(crate::history::ReceiveClock::AfterMerge)
    );
}

#[test]
fn no_log_is_no_format() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("numbers.txt"), "1\n2\n3\n").expect("a file");
    std::fs::write(dir.path().join("README.md"), "# Sends and receives\n").expect("a file");
    assert!(matches!(
        guess(&[dir.path().to_owned()]),
        Err(GuessError::Nothing { .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_bytes_are_guessed_at_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join("x.log"), bytes).expect("a file");
        if let Ok(guess) = guess(&[dir.path().to_owned()]) {
            prop_assert!(Compiled::new(&guess.format).is_ok());
        }
    }

    #[test]
    fn lines_like_logs_give_a_format_that_compiles(lines in proptest::collection::vec("(sent|received|internal|[a-z]{1,4}|\\[|\\]|\\(|\\{|\\*|\\?|\\\\|#|\"|'|[0-9]{1,4}|12:0[0-9]:11|,|:| ){1,12}", 1..30)) {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join("a1.log"), lines.join("\n")).expect("a file");
        match guess(&[dir.path().to_owned()]) {
            Ok(guess) => {
                let text = toml(&guess).expect("TOML");
                prop_assert_eq!(&::toml::from_str::<Format>(&text).expect("a format"), &guess.format);
            }
            Err(error) => prop_assert!(matches!(error, GuessError::Nothing { .. }), "{}", error),
        }
    }
}
