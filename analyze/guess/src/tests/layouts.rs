//! Lines and columns laid out as frameworks and spreadsheets do.

use super::lines::{all_are_read, by_kind, seconds, sentence};
use super::*;

fn kind(of: &Happened) -> &'static str {
    by_kind(of, ["local", "send", "send both", "receive"])
}

/// What happened, in words, with the recipients or the sender.
fn told(of: &Happened) -> String {
    sentence(of, "did local work", "peer ", " and ")
}

const LAYOUTS: &[Style] = &[
    Style {
        name: "columns with a count of rows first, names of machines in words, the rate in the file name",
        file: |trial, machine| {
            format!(
                "{trial}/node {machine} ({} ticks per s).csv",
                RATES[machine]
            )
        },
        head: |_| "#,At (s),Did,Lamport time,Backlog,Partner\n".to_owned(),
        line: |of| {
            let (first, second) = others(of.machine);
            let partner = match of.kind {
                Kind::Internal => String::new(),
                Kind::Broadcast => format!("Node {first} & Node {second}"),
                Kind::Send | Kind::Receive => format!("Node {}", of.peer),
            };
            let row = of.ms / 100;
            let (at, did) = (seconds(of), kind(of));
            format!("{row},{at},{did},{},{},{partner}\n", of.clock, of.queue)
        },
        says: "time clock queue from to rate",
    },
    Style {
        name: "seconds and microseconds apart, a queue that is counted before the receive",
        file: |trial, machine| format!("{trial}/vm{machine}.log"),
        head: |_| String::new(),
        line: |of| {
            let queue = match of.kind {
                Kind::Receive => format!("; queue length before receive: {}", of.queue),
                _ => String::new(),
            };
            let at = format!(
                "{} secs {} usecs",
                1_700_000_000 + of.ms / 1000,
                of.ms % 1000 * 1000
            );
            let what = told(of);
            format!("{at} {what}; clock after: {}{queue}\n", of.clock)
        },
        says: "time clock queue from to",
    },
    Style {
        name: "a place in the source code on each line",
        file: |trial, machine| format!("{trial}/worker{machine}.log"),
        head: |machine| {
            format!(
                "D 14:05:00.000 9{machine}7 worker.cpp:12] worker {machine} makes {} ticks per second\n",
                RATES[machine]
            )
        },
        line: |of| {
            let place = match of.kind {
                Kind::Internal => 61,
                Kind::Send => 74,
                Kind::Broadcast => 83,
                Kind::Receive => 98,
            };
            let (at, thread, what) = (day_time(of.ms), of.machine, told(of));
            format!(
                "D {at} 9{thread}7 worker.cpp:{place}] {what}; clock {}\n",
                of.clock
            )
        },
        says: "time clock from to rate",
    },
    Style {
        name: "the time and a class on one line, the event on the next",
        file: |trial, machine| format!("{trial}/node{machine}.log"),
        head: |_| String::new(),
        line: |of| {
            let second = of.ms / 1000;
            let at = format!("{}:{:02}", 5 + second / 60, second % 60);
            format!(
                "Feb 11, 2024 2:{at:0>5} AM org.lab7.clocks.Node step\nFINE: {}, clock {}\n",
                told(of),
                of.clock
            )
        },
        says: "time coarse clock from to",
    },
    Style {
        name: "rows without names, the first states the rate",
        file: |trial, machine| format!("{trial}/machine_{machine}.log"),
        head: |machine| {
            format!(
                "BEGIN,1700000000.000,0,0,tick_rate={};internal_odds=0.4\n",
                RATES[machine]
            )
        },
        line: |of| {
            let (first, second) = others(of.machine);
            let to = match of.kind {
                Kind::Send => format!(",to [{}]", of.peer),
                Kind::Broadcast => format!(",to [{first}, {second}]"),
                _ => String::new(),
            };
            let what = match of.kind {
                Kind::Internal => "INTERNAL",
                Kind::Receive => "RECEIVE",
                Kind::Send | Kind::Broadcast => "SEND",
            };
            format!("{what},{},{},{}{to}\n", seconds(of), of.queue, of.clock)
        },
        says: "time clock queue rate",
    },
    Style {
        name: "a line for the arrival of a message, another for taking it from the queue",
        file: |trial, machine| format!("{trial}/vm{machine}.log"),
        head: |_| String::new(),
        line: |of| {
            let at = seconds(of);
            match of.kind {
                Kind::Receive => format!(
                    "{at} message {} of vm {} has arrived\n{at} took it from vm {}, clock {}\n",
                    of.carried, of.peer, of.peer, of.clock
                ),
                _ => format!("{at} {}, clock {}\n", told(of), of.clock),
            }
        },
        says: "time clock from to",
    },
    Style {
        name: "words in quotes, and a column of row numbers without a name",
        file: |trial, machine| format!("{trial}/site{machine}.csv"),
        head: |_| "\"\",\"at\",\"did\",\"lamport\",\"sender\"\n".to_owned(),
        line: |of| {
            let sender = match of.kind {
                Kind::Receive => of.peer.to_string(),
                _ => "NA".to_owned(),
            };
            let (row, did) = (of.ms / 10, kind(of));
            format!(
                "\"{row}\",{},\"{did}\",{},{sender}\n",
                seconds(of),
                of.clock
            )
        },
        says: "time clock from",
    },
    Style {
        name: "values as Rust prints them: durations in units of their size, facts in braces",
        file: |trial, machine| format!("{trial}/site{machine}.log"),
        head: |machine| format!("<9.5µs> Site {{ number: {machine} }}\n"),
        line: |of| {
            let at = match of.ms {
                0..1000 => format!("{}.25ms", of.ms),
                ms => format!("{}.{:03}s", ms / 1000, ms % 1000),
            };
            let (first, second) = others(of.machine);
            let what = match of.kind {
                Kind::Internal => "Internal".to_owned(),
                Kind::Send => format!("Send {{ to: [{}] }}", of.peer),
                Kind::Broadcast => format!("Send {{ to: [{first}, {second}] }}"),
                Kind::Receive => format!("Receive {{ from: {}, stamp: {} }}", of.peer, of.carried),
            };
            format!("<{at}> Step {{ did: {what}, clock: {} }}\n", of.clock)
        },
        says: "time clock from to carried",
    },
    Style {
        name: "the length of a run in seconds, which is no number of a trial",
        file: |trial, machine| format!("take{trial}_site{machine}.log"),
        head: |machine| format!("Site {machine} starts its run of 60 seconds\n"),
        line: |of| format!("{} {}, clock {}\n", seconds(of), told(of), of.clock),
        says: "time clock from to",
    },
];

#[test]
fn layouts_of_frameworks_and_spreadsheets_are_read() {
    all_are_read(LAYOUTS);
}

#[test]
fn a_file_of_receives_alone_is_a_log_like_those_beside_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut written = 0;
    for machine in 0..3 {
        let mut log = String::new();
        for of in trial(1, 1).iter().filter(|of| of.machine == machine) {
            let (what, at) = (kind(of).replace(' ', "_"), seconds(of));
            match of.kind {
                Kind::Receive => writeln!(log, "{what},{at},{}", of.clock),
                _ if machine == 0 => continue,
                _ => writeln!(log, "{what},{at},{},peer(s) [{}]", of.clock, of.peer),
            }
            .expect("text");
            written += 1;
        }
        std::fs::write(dir.path().join(format!("vm{machine}.log")), log).expect("a file");
    }
    let guess = guess_below(dir.path().to_owned()).expect("a guess");
    assert_eq!(guess.machines, 3, "{:?}", guess.doubts);
    assert_eq!(guess.events.values().sum::<u64>(), written);
}
